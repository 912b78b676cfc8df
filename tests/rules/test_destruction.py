"""Until when a result can be objected to, on its boundary days: only then is superseded ciphertext destroyed."""

from datetime import date, timedelta

import pytest

from core.calendar import china
from core.policy.procurement import limits
from tender.rules.destruction import ON_THE_WAY, Objections, OpenComplaint, OpenQuery, Reason, objections
from tender.rules.words import ComplaintOutcome, QueryOutcome

LAW = limits(date(2026, 3, 2))
NOTICE = date(2026, 3, 3)  # the last day of the award's publication
OPEN = OpenQuery(date(2026, 3, 5), None, False)
UNFOUNDED = OpenQuery(date(2026, 3, 5), QueryOutcome.UNFOUNDED, False)
AFFECTS = OpenQuery(date(2026, 3, 5), QueryOutcome.AFFECTS, False)
DONE = OpenQuery(date(2026, 3, 5), QueryOutcome.AFFECTS, True)

CASES = [
    # what happened                             queries        complaints                                     until
    ("no notice of a result", [], [], [], Reason.NO_RESULT),
    ("nobody queried: 7 + 8 working days", [NOTICE], [], [], date(2026, 3, 24)),
    ("the later of two notices counts", [date(2026, 2, 2), NOTICE], [], [], date(2026, 3, 24)),
    ("a query is open", [NOTICE], [OPEN], [], Reason.QUERY),
    ("a query is founded, not carried out", [NOTICE], [AFFECTS], [], Reason.QUERY),
    ("answered: 7 + 15 + 8 from its receipt", [NOTICE], [UNFOUNDED], [], date(2026, 4, 17)),
    ("founded and carried out", [NOTICE], [DONE], [], date(2026, 4, 17)),
    ("a complaint is open", [NOTICE], [UNFOUNDED], [OpenComplaint(None, False)], Reason.COMPLAINT),
    ("a complaint is founded", [NOTICE], [UNFOUNDED], [OpenComplaint(ComplaintOutcome.FOUNDED, False)],
     Reason.COMPLAINT),
    ("a complaint is rejected", [NOTICE], [UNFOUNDED], [OpenComplaint(ComplaintOutcome.REJECTED, False)],
     date(2026, 4, 17)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_the_period_ends_with_the_last_possible_objection(case: tuple) -> None:
    _what, notices, queries, complaints, expected = case
    found = objections(notices, queries, complaints, LAW, china())
    assert found == (Objections(None, expected) if isinstance(expected, Reason) else Objections(expected))


def test_the_last_day_itself_still_belongs_to_the_period() -> None:
    period = objections([NOTICE], [], [], LAW, china())
    assert period.until is not None
    assert not period.over(period.until)
    assert period.over(period.until + timedelta(days=1))
    assert not Objections(None, Reason.QUERY).over(date(2099, 1, 1))


def test_the_houses_own_number_is_the_only_one_besides_the_law() -> None:
    assert ON_THE_WAY == 8
    assert (LAW["T20"].number, LAW["T21"].number, LAW["T22"].number) == (7, 7, 15)
