"""Every time limit T01–T31 on its boundary day, the day before and the day after, as a table a department can check.

The first day is never counted (87 art. 85; 94 art. 42). Vectors: regulation A.2. What has no number is tested by its
rule below the table.
"""

from datetime import date

import pytest

from core.calendar import china
from core.clock import beijing
from core.policy.procurement import limits, open_tender
from tender.rules.counting import Keeps, count, keeps, years_later
from tender.rules.publication import too_few_takers
from tender.rules.stages import in_time
from tender.rules.timetable import Anchors, plan

EARLY, KEPT, LATE = Keeps.EARLY, Keeps.KEPT, Keeps.LATE

#: Limit, the day it is counted from, its boundary day, and how the day before, that day and the day after keep it.
BOUNDARIES = [
    # Notice and documents: 30 April 2026 is followed by the May holiday and 9 May is worked.
    ("T01", "2026-04-30", "2026-05-11", EARLY, KEPT, LATE),  # the notice period: five working days, no more, no less
    ("T02", "2026-04-30", "2026-05-11", EARLY, KEPT, KEPT),  # documents: at least five working days
    ("T02", "2016-09-28", "2016-10-10", EARLY, KEPT, KEPT),  # over the National Day; 8 and 9 October are worked
    ("T04", "2026-04-30", "2026-05-20", EARLY, KEPT, KEPT),  # at least twenty calendar days to the deadline
    ("T04", "2016-09-28", "2016-10-18", EARLY, KEPT, KEPT),
    ("T04", "2026-11-23", "2026-12-13", EARLY, KEPT, KEPT),  # a Sunday is no public holiday: lawful, with a warning
    ("T04", "2026-09-12", "2026-10-08", EARLY, KEPT, KEPT),  # the 2nd of October is one: carried over to the 8th
    ("T05", "2026-12-20", "2026-12-05", KEPT, KEPT, LATE),  # a change that affects bids: fifteen days before
    ("T06", "2026-12-20", "2026-12-17", KEPT, KEPT, LATE),  # the same before a prequalification closes: three days
    # Securities.
    ("T07", "2026-04-30", "2026-05-11", KEPT, KEPT, LATE),  # cancelled: five working days
    ("T08", "2026-11-23", "2026-11-30", KEPT, KEPT, LATE),  # withdrawn: five working days
    ("T14", "2026-11-23", "2026-11-30", KEPT, KEPT, LATE),  # losers, from the award notice
    ("T16", "2026-11-23", "2026-11-30", KEPT, KEPT, LATE),  # winners, from the contract
    # Evaluation and award.
    ("T09", "2026-12-14", "2026-12-14", EARLY, KEPT, LATE),  # the opening, on the day and instant of the deadline
    ("T10", "2026-04-30", "2026-05-07", KEPT, KEPT, LATE),  # the agency's report: two working days
    ("T11", "2016-09-28", "2016-10-10", KEPT, KEPT, LATE),  # the winner is fixed: five working days
    ("T12", "2016-09-28", "2016-09-30", KEPT, KEPT, LATE),  # award notice and letter: two working days
    ("T13", "2026-11-27", "2026-11-30", EARLY, KEPT, LATE),  # the award is public for one working day
    ("T15", "2026-11-23", "2026-12-23", KEPT, KEPT, LATE),  # the contract: thirty calendar days
    ("T15", "2026-09-05", "2026-10-05", KEPT, KEPT, LATE),  # ends in the holiday: not carried over for the purchaser
    ("T17", "2026-11-23", "2026-11-25", KEPT, KEPT, LATE),  # the contract notice
    ("T18", "2016-09-28", "2016-10-12", KEPT, KEPT, LATE),  # the copy filed
    # Inquiries, queries and complaints.
    ("T19", "2026-11-23", "2026-11-26", KEPT, KEPT, LATE),
    ("T20", "2026-04-30", "2026-05-13", KEPT, KEPT, LATE),
    ("T20", "2026-11-23", "2026-12-02", KEPT, KEPT, LATE),
    ("T21", "2016-09-28", "2016-10-12", KEPT, KEPT, LATE),
    ("T22", "2026-11-23", "2026-12-14", KEPT, KEPT, LATE),
    ("T22", "2016-09-28", "2016-10-24", KEPT, KEPT, LATE),
    ("T23", "2026-11-23", "2026-11-30", KEPT, KEPT, LATE),
    ("T24", "2026-11-23", "2026-11-30", KEPT, KEPT, LATE),
    ("T25", "2026-09-01", "2026-10-19", KEPT, KEPT, LATE),  # thirty working days over two holidays
    ("T26", "2026-11-23", "2026-12-23", KEPT, KEPT, LATE),  # the suspension: thirty calendar days at most
    # Afterwards.
    ("T27", "2026-12-23", "2041-12-23", EARLY, KEPT, KEPT),  # kept at least fifteen years
    ("T28", "2026-11-23", "2026-11-30", EARLY, KEPT, KEPT),  # a single source is public at least five working days
    ("T30", "2026-11-23", "2026-12-23", KEPT, KEPT, LATE),  # paid within thirty days of the invoice
    ("T31", "2026-11-27", "2026-11-30", KEPT, KEPT, LATE),  # the medium publishes on the next working day
]


@pytest.mark.parametrize(("step", "start", "boundary", "before", "on", "after"), BOUNDARIES)
def test_a_limit_is_kept_on_its_boundary_day(
    step: str, start: str, boundary: str, before: Keeps, on: Keeps, after: Keeps
) -> None:
    began, last = date.fromisoformat(start), date.fromisoformat(boundary)
    limit = open_tender().limits[step] if step not in limits(began) else limits(began)[step]
    found = [keeps(limit, began, date.fromordinal(last.toordinal() + offset), china()) for offset in (-1, 0, 1)]
    assert found == [before, on, after]


def test_every_limit_has_its_case() -> None:
    by_rule = {"T03", "T29"}  # tested below: they have no number of days
    assert {case[0] for case in BOUNDARIES} | by_rule == set(open_tender().limits)


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2016-09-28", ("2016-09-30", "2016-10-10", "2016-10-12", "2016-10-24", "2016-10-18", "2016-10-28")),
        ("2026-04-30", ("2026-05-07", "2026-05-11", "2026-05-13", "2026-05-25", "2026-05-20", "2026-05-30")),
        ("2026-11-23", ("2026-11-25", "2026-11-30", "2026-12-02", "2026-12-14", "2026-12-13", "2026-12-23")),
    ],
)
def test_the_vectors_of_regulation_a2(start: str, ends: tuple[str, ...]) -> None:
    """T12, T11, T20, T22, T04 and T15 count 2, 5, 7 and 15 working days, 20 and 30 calendar days."""
    began = date.fromisoformat(start)
    steps = ("T12", "T11", "T20", "T22", "T04", "T15")
    assert tuple(count(limits(began)[step], began, china()).day.isoformat() for step in steps) == ends


@pytest.mark.parametrize(("takers", "extended"), [(0, True), (2, True), (3, False), (4, False)])
def test_t03_fewer_than_three_takers_let_the_documents_period_be_extended(takers: int, extended: bool) -> None:
    assert too_few_takers(takers, limits(date(2018, 6, 1))) is extended
    assert not too_few_takers(takers, limits(date(2016, 9, 1)))  # the law of 2016 does not know it


def test_t09_the_opening_is_at_the_instant_of_the_deadline() -> None:
    deadline = beijing(2026, 12, 14, 9, 30)
    assert in_time(deadline, beijing(2026, 12, 14, 9, 29))
    assert not in_time(deadline, deadline)


def test_t29_names_the_rate_of_late_refunds() -> None:
    assert "上浮20%" in (open_tender().limits["T29"].note or "")


@pytest.mark.parametrize(
    ("step", "start", "day", "off", "rolled", "do_by"),
    [
        # In favour of bidders the careful reading carries over; for the purchaser the last working day before counts.
        ("T04", "2026-11-23", "2026-12-13", "周日", "2026-12-14", "2026-12-11"),
        ("T15", "2026-11-20", "2026-12-20", "周日", "2026-12-20", "2026-12-18"),
        ("T15", "2026-11-23", "2026-12-23", None, "2026-12-23", "2026-12-23"),
    ],
)
def test_a_last_day_off_is_carried_over_for_bidders_only(
    step: str, start: str, day: str, off: str | None, rolled: str, do_by: str
) -> None:
    found = count(limits(date.fromisoformat(start))[step], date.fromisoformat(start), china())
    assert (found.day.isoformat(), found.off) == (day, off)
    assert (found.rolled.isoformat(), found.do_by.isoformat()) == (rolled, do_by)


def test_fifteen_years_from_a_leap_day_end_on_the_first_of_march() -> None:
    assert years_later(date(2028, 2, 29), 15) == date(2043, 3, 1)


def planned(notice: str, deadline: str, **chosen: str):  # type: ignore[no-untyped-def]
    began = date.fromisoformat(notice)
    days = {name: date.fromisoformat(day) for name, day in chosen.items()}
    return plan(Anchors(began, date.fromisoformat(deadline), **days), limits(began), china())


def test_two_dates_give_a_row_for_every_limit() -> None:
    found = planned("2026-11-23", "2026-12-14")
    rows = {entry.step[:3] for entry in found.entries} | {row.limit.id for row in found.open}
    assert rows == set(open_tender().limits)
    why = {row.limit.id: row.why for row in found.open}
    assert (why["T06"], why["T10"], why["T28"]) == ("prequalification", "agency", "single_source")
    assert (why["T21"], why["T29"]) == ("unknown", "rule")
    # A date after the new year rests on a calendar that is not published yet.
    assert {entry.step for entry in found.entries if entry.provisional} == {"T15", "T16", "T17", "T18", "T20c"}


def test_moving_one_date_moves_the_rest() -> None:
    before, after = planned("2026-11-23", "2026-12-14"), planned("2026-11-30", "2026-12-21")
    moved = {entry.step for entry in before.entries if after.day(entry.step) != entry.day}
    assert moved == {entry.step for entry in before.entries}
    early = planned("2026-11-23", "2026-12-14", decided_on="2026-12-15")
    assert early.day("T12").isoformat() == "2026-12-17"  # counted from the chosen day, not from the last lawful one


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"deadline": "2026-12-12"}, "deadline"),
        ({"documents_until": "2026-11-27"}, "documents_until"),
        ({"documents_until": "2026-12-15"}, "documents_until"),
        ({"clarification_on": "2026-11-30"}, "clarification_until"),
        ({"evaluated_on": "2026-12-13"}, "evaluated_on"),
        ({"decided_on": "2026-12-22"}, "decided_on"),
        ({"decided_on": "2026-12-21"}, None),
        ({"decided_on": "2026-12-21", "award_on": "2026-12-24"}, "award_on"),
        ({"decided_on": "2026-12-21", "award_on": "2026-12-23"}, None),
        ({"award_on": "2026-12-23", "signed_on": "2027-01-23"}, "signed_on"),
        ({"award_on": "2026-12-23", "signed_on": "2026-12-22"}, "signed_on"),
    ],
)
def test_a_chosen_date_that_breaks_a_limit_is_named(chosen: dict[str, str], field: str | None) -> None:
    days = {"deadline": "2026-12-14", **chosen}
    found = planned("2026-11-23", days.pop("deadline"), **days)
    assert [fault.field for fault in found.faults] == ([field] if field else [])
    assert all(fault.clause for fault in found.faults)


@pytest.mark.parametrize(
    ("notice", "deadline", "fields"),
    [
        ("2026-11-23", "2026-12-14", ["deadline"]),  # T05 falls on a Sunday
        ("2026-11-22", "2026-12-15", ["notice_on"]),  # a Sunday is no day for a notice
        ("2026-11-23", "2026-12-13", ["deadline", "deadline"]),  # a Sunday, and the careful reading of twenty days
    ],
)
def test_a_day_off_is_warned_about_and_does_not_block(notice: str, deadline: str, fields: list[str]) -> None:
    found = planned(notice, deadline)
    assert found.faults == ()
    assert [warning.field for warning in found.warnings][: len(fields)] == fields
