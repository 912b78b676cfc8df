"""Whole-area runs: every contract year by itself, compared with the run before, drafted and issued from one choice."""

from pathlib import Path

import pytest
from sqlmodel import Session, select

from core import audit
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Forbidden, Invalid, Refused
from core.house import House
from core.identity import approvals
from core.identity.actor import SYSTEM
from core.identity.models import Approval
from core.tasks.work import run_waiting
from settlement import services
from settlement.jobs.runs import carry_out
from settlement.models import (
    LedgerEntry,
    Outcome,
    RunItem,
    RunKind,
    Settlement,
    SettlementLine,
    SettlementRun,
    TransferOrder,
)
from settlement.rules.runs import RunStage
from settlement.services import runs
from tests.factories import contracts
from tests.factories import settlement as make
from tests.factories.papers import jilin_with


def dry(session: Session, clock: FixedClock, season: make.Season) -> list[RunItem]:
    """A dry run of 2017, carried out; its contract years in the order of their numbers."""
    with transaction(session):
        run_id = runs.ask_dry_run(session, season.case.handler, clock, year=2017, queue=False).id or 0
    carry_out(session, season.case.handler, clock, run_id)
    return runs.items_of(session, run_id)


def of(items: list[RunItem], season: make.Season) -> RunItem:
    return next(item for item in items if item.contract_id == season.contract_id)


def waiting(session: Session) -> int:
    found = session.exec(select(Approval).where(Approval.decided_at.is_(None))).one().id or 0  # type: ignore[union-attr]
    session.rollback()
    return found


def test_a_dry_run_calculates_what_it_can_says_why_not_otherwise_and_binds_nobody(
    session: Session, clock: FixedClock
) -> None:
    good, loss, empty = (make.ready(session, clock, "1200000.00"), make.ready(session, clock, "-1800000.00"),
                         make.signed(session, clock))  # fmt: skip
    items = dry(session, clock, good)
    found = [(str(item.balance), item.outcome, str(item.fund_part), item.refusal) for item in
             (of(items, good), of(items, loss), of(items, empty))]  # fmt: skip
    assert found == [
        ("1200000.00", Outcome.SHARED, "840000.00", None),
        ("-1800000.00", Outcome.PROVISIONAL, "-750000.00", None),
        ("None", None, "None",
         "Settlement needs confirmed annual figures, an accepted claim file and a cleared head count"),
    ]  # fmt: skip
    for model in (Settlement, SettlementLine, LedgerEntry, TransferOrder):
        assert session.exec(select(model)).all() == [], model
    run = session.exec(select(SettlementRun)).one()
    standing = runs.run_standing(session, run)
    assert (standing.stage, standing.total, standing.done, standing.refused) == (RunStage.FINISHED, 3, 3, 1)
    assert list(audit.verify(session)) == []


def test_a_dry_run_has_the_rows_and_readings_that_the_sheet_will_have(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1500000.01")
    item = of(dry(session, clock, season), season)
    rows, readings = runs.values_of(item), item.readings
    sheet = session.get_one(Settlement, make.drafted(session, clock, season))
    lines = session.exec(select(SettlementLine).where(SettlementLine.settlement_id == sheet.id)).all()
    assert {line.row: line.value for line in lines if not line.row.startswith("S")} == rows
    assert sheet.readings == readings


def test_two_runs_are_compared_by_contract_and_row(session: Session, clock: FixedClock) -> None:
    season, other = make.ready(session, clock, "1200000.00"), make.ready(session, clock, "0.00")
    first = {item.contract_id: item.model_copy() for item in dry(session, clock, season)}
    make.with_figures(session, clock, season, "1000000.00")
    second = dry(session, clock, season)
    before = runs.baseline(session, session.get_one(SettlementRun, second[0].run_id))
    assert before is not None
    assert before.id == second[0].run_id - 1
    differing = {item.contract_id: runs.row_changes(first[item.contract_id], item) for item in second}
    assert differing[other.contract_id] == ()
    found = runs.changes_between(session, before.id, second[0].run_id)
    assert found == {key: rows for key, rows in differing.items() if rows}  # as the database compares them
    changed = {change.row: (change.before, change.after) for change in differing[season.contract_id]}
    assert changed == {
        "9.2": ("28789715.00", "28989715.00"),
        "17": ("1200000.00", "1000000.00"),
        "18": ("+4.0000%", "+3.3333%"),
        "20": ("360000.00", "300000.00"),
        "21": ("840000.00", "700000.00"),
    }


def test_the_chosen_are_drafted_each_by_itself(house: House, session: Session, clock: FixedClock) -> None:
    good, changed, left = (make.ready(session, clock, balance) for balance in ("1200000.00", "0.00", "900000.00"))
    items = dry(session, clock, good)
    chosen = [of(items, season).id or 0 for season in (good, changed)]
    dry_id = items[0].run_id
    make.with_figures(session, clock, changed, "100000.00")
    with transaction(session):
        run_id = runs.ask_to_draft(session, good.case.handler, clock, dry_id, chosen).id or 0
    assert run_waiting(house) == 1
    results = {item.contract_id: item.refusal for item in runs.items_of(session, run_id)}
    assert results[good.contract_id] is None
    assert "run it again" in (results[changed.contract_id] or "")
    assert [sheet.contract_id for sheet in session.exec(select(Settlement))] == [good.contract_id]
    assert left.contract_id not in results


def test_one_approval_issues_each_sheet_by_itself_and_a_failure_stops_no_other(
    house: House, session: Session, clock: FixedClock
) -> None:
    seasons = [make.ready(session, clock, balance) for balance in ("1200000.00", "-1200000.00", "0.00", "600000.00")]
    case = seasons[0].case
    items = dry(session, clock, seasons[0])
    sheets = [make.confirmed(session, clock, season) for season in seasons[:3]]
    make.drafted(session, clock, seasons[3])  # not confirmed by its insurer
    chosen, dry_id = [item.id or 0 for item in items], items[0].run_id
    with transaction(session):
        asked = runs.ask_to_issue(session, case.handler, clock, dry_id, chosen).id or 0
        run_id = session.exec(select(SettlementRun.id).where(SettlementRun.kind == RunKind.ISSUE)).one() or 0
    assert [item.settlement_id for item in runs.items_of(session, run_id)] == sheets
    with transaction(session):  # between request and approval an insurer changes its mind
        services.raise_dispute(session, seasons[1].case.signer, clock, sheets[1], "8", "少计")
    with pytest.raises(Refused, match="Two people"), transaction(session):
        approvals.approve(session, case.handler, clock, asked)
    with transaction(session):
        approvals.approve(session, case.approver, clock, asked)
    assert run_waiting(house) == 1
    results = [(item.settlement_id, item.refusal) for item in runs.items_of(session, run_id)]
    assert results == [(sheets[0], None), (sheets[1], "Disputed lines are still open"), (sheets[2], None)]
    assert [session.get_one(Settlement, key).issued_by for key in sheets] == [case.approver.user_id, None] + [
        case.approver.user_id
    ]
    posted = {entry.settlement_id for entry in session.exec(select(LedgerEntry))}
    assert posted == {sheets[0], sheets[2]}


def test_a_run_whose_process_died_goes_on_where_it_stood(session: Session, clock: FixedClock) -> None:
    seasons = [make.ready(session, clock, balance) for balance in ("1200000.00", "0.00")]
    case = seasons[0].case
    with transaction(session):
        run_id = runs.ask_dry_run(session, case.handler, clock, year=2017, queue=False).id or 0
    first = runs.calculate_item(session, clock, run_id, seasons[0].contract_id)
    session.rollback()
    with transaction(session):
        runs.keep_items(session, case.handler, [first])
    seen: list[tuple[int, int]] = []
    carry_out(session, case.handler, clock, run_id, lambda done, total: seen.append((done, total)))
    assert seen == [(2, 2)]
    assert sorted(item.contract_id for item in runs.items_of(session, run_id)) == [one.contract_id for one in seasons]
    carry_out(session, case.handler, clock, run_id, lambda done, total: seen.append((done, total)))
    assert seen == [(2, 2)], "a finished run is left as it is"


def test_an_unexpected_fault_in_one_contract_year_stops_no_other(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, broken = make.ready(session, clock, "1200000.00"), make.ready(session, clock, "0.00")
    whole = runs.doing.rows_of

    def rows_of(own: Session, contract: object, *rest: object) -> object:
        if contract.id == broken.contract_id:  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return whole(own, contract, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(runs.doing, "rows_of", rows_of)
    items = dry(session, clock, good)
    assert of(items, good).refusal is None
    assert "incident" in of(items, broken).refusal_params


def test_a_pool_is_calculated_and_what_it_lacks_is_said(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with jilin_with(monkeypatch, tmp_path, scope="scheme"):
        first = make.ready(session, clock, "2700000.00")
        second = make.signed(session, clock, contracts.others(session, clock, first.case))
        item = of(dry(session, clock, first), first)
        assert item.refusal_params == {"number": second.number}
        make.with_file(session, clock, second)
        make.with_figures(session, clock, second, "-300000.00")
        items = dry(session, clock, first)
        assert [str(of(items, season).insurer_part) for season in (first, second)] == ["360000.00", "360000.00"]
        assert {row["row"] for row in of(items, first).rows} >= {"26", "26a", "26c.2"}


def test_runs_are_refused_where_they_make_no_sense(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "0.00")
    case = season.case
    with pytest.raises(Invalid, match="no signed contract of 2031"), transaction(session):
        runs.ask_dry_run(session, case.handler, clock, year=2031)
    with pytest.raises(Forbidden), transaction(session):
        runs.ask_dry_run(session, case.signer, clock, year=2017)
    items = dry(session, clock, season)
    with pytest.raises(Invalid, match="at least one"), transaction(session):
        runs.ask_to_issue(session, case.handler, clock, items[0].run_id, [items[0].id or 0])
    with transaction(session):
        unfinished = runs.ask_dry_run(session, SYSTEM, clock, year=2017, queue=False).id or 0
    with pytest.raises(Refused, match="not ended"), transaction(session):
        runs.ask_to_draft(session, case.handler, clock, unfinished, [1])


def test_before_the_cut_off_day_the_run_says_so(session: Session, clock: FixedClock) -> None:
    case = contracts.agreed(session, clock)
    contract = contracts.contracted(session, clock, case)
    clock.move_to(beijing(2018, 3, 31, 23))
    item = dry(session, clock, make.Season(case, contract.id or 0, contract.number))[0]
    assert (item.refusal, item.refusal_params) == (
        "Claims of the year still count until %(day)s", {"day": "2018-03-31"},
    )  # fmt: skip
