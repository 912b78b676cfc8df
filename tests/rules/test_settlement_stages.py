"""Where a contract year stands, for every combination of facts that the pages meet."""

from datetime import date

import pytest

from settlement.rules.stages import YearFacts, YearStage, stage

CUTOFF, AFTER = date(2018, 3, 31), date(2018, 4, 10)


@pytest.mark.parametrize(
    ("facts", "today", "expected"),
    [
        (YearFacts(CUTOFF, False), CUTOFF, YearStage.RUNNING),
        (YearFacts(CUTOFF, True), CUTOFF, YearStage.RUNNING),
        (YearFacts(CUTOFF, False), AFTER, YearStage.COLLECTING),
        (YearFacts(CUTOFF, True), AFTER, YearStage.READY),
        (YearFacts(CUTOFF, True, awaited=True), CUTOFF, YearStage.RUNNING),
        (YearFacts(CUTOFF, False, awaited=True), AFTER, YearStage.COLLECTING),
        (YearFacts(CUTOFF, True, awaited=True), AFTER, YearStage.AWAITING),
        (YearFacts(CUTOFF, True, awaited=True, drafted=True), AFTER, YearStage.WITH_INSURER),
        (YearFacts(CUTOFF, True, drafted=True), AFTER, YearStage.WITH_INSURER),
        (YearFacts(CUTOFF, True, drafted=True, disputed=True, confirmed=True), AFTER, YearStage.DISPUTED),
        (YearFacts(CUTOFF, True, drafted=True, needs_decision=True, confirmed=True), AFTER, YearStage.DECISION),
        (YearFacts(CUTOFF, True, drafted=True, confirmed=True), AFTER, YearStage.TO_ISSUE),
        (YearFacts(CUTOFF, True, drafted=True, issued=True, transfer_open=True), AFTER, YearStage.TRANSFER),
        (YearFacts(CUTOFF, True, drafted=True, issued=True), AFTER, YearStage.SETTLED),
    ],
)
def test_stage_follows_from_facts(facts: YearFacts, today: date, expected: YearStage) -> None:
    assert stage(facts, today) is expected
