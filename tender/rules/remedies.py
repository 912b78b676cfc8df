"""Clocks of queries and complaints (T20–T26), when signing is suspended, and which act each outcome leads to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from core.calendar import WorkingCalendar
from core.errors import N_
from core.policy.procurement import LimitUnit, TimeLimit
from tender.rules.words import ComplaintOutcome, QueryAbout, QueryOutcome, RemedyRoute


@dataclass(frozen=True)
class QueryFacts:
    """What of a query suspends signing. lots: the positions it still touches, none for the whole tender."""

    about: QueryAbout
    outcome: QueryOutcome | None
    carried_out: bool
    lots: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ComplaintFacts:
    """What of a complaint suspends signing. suspended_on: the day of the written notice, if there is one."""

    suspended_on: date | None
    outcome: ComplaintOutcome | None
    carried_out: bool
    lots: frozenset[int] = frozenset()


def last_day(step: str, start: date, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar) -> date:
    """The last lawful day of a step counted from `start`, which is not counted itself."""
    limit = limits[step]
    unit = "workday" if limit.unit is LimitUnit.WORKDAY else "day"
    return calendar.add(start, limit.number or 0, unit).date  # type: ignore[arg-type]


def suspends(
    queries: Sequence[QueryFacts], complaints: Sequence[ComplaintFacts], today: date,
    limits: Mapping[str, TimeLimit], calendar: WorkingCalendar, lot: int | None = None,
) -> bool:  # fmt: skip
    """Whether signing waits (REG art. 54; GPL art. 57), for one lot or, without one, for any.

    An open query on process or result may affect the result; a founded one waits until its outcome is carried out.
    A complaint waits while its written suspension runs, at most 30 days, and once founded until it is carried out.
    """
    for query in queries:
        if not touches(query.lots, lot):
            continue
        waiting = query.outcome is None and query.about is not QueryAbout.DOCUMENT
        if waiting or (query.outcome is QueryOutcome.AFFECTS and not query.carried_out):
            return True
    for complaint in complaints:
        if not touches(complaint.lots, lot):
            continue
        if complaint.outcome is ComplaintOutcome.FOUNDED and not complaint.carried_out:
            return True
        began = complaint.suspended_on
        if complaint.outcome is None and began and began <= today <= last_day("T26", began, limits, calendar):
            return True
    return False


def touches(lots: Collection[int], lot: int | None) -> bool:
    """Whether something about these lots (none: the whole tender) touches this one; without a lot, anything does."""
    return lot is None or not lots or lot in lots


def left_open(lots: Collection[int], settled: Collection[int]) -> frozenset[int]:
    """The named lots whose outcome is not carried out yet; none for the whole tender, which is settled at once."""
    return frozenset(lots) - frozenset(settled)


def lodged_in_time(posted_on: date | None, received_on: date, last: date) -> bool:
    """Whether a letter is in time: the time in transit does not count, so the day of posting decides (94 art. 42)."""
    return (posted_on or received_on) <= last


@dataclass(frozen=True)
class Clock:
    """One limit of a query or complaint: its step (T20 …), last day and article; provisional as the calendar."""

    step: str
    day: date
    clause: str
    provisional: bool


def clocks(
    received_on: date, notified_on: date | None, complained_on: date | None, suspended_on: date | None,
    limits: Mapping[str, TimeLimit], calendar: WorkingCalendar,
) -> tuple[Clock, ...]:  # fmt: skip
    """Every limit that runs after a query was received (T21, T22) and after a complaint (T23–T26), in order.

    complained_on: the day the finance department received the complaint; notified_on: the copy reached the purchaser;
    a limit that the law of those days does not have is left out.
    """
    reply = _clock("T21", received_on, limits, calendar)
    found = [reply, _clock("T22", reply.day, limits, calendar) if reply else None]
    for step, start in (("T23", complained_on), ("T24", notified_on), ("T25", complained_on), ("T26", suspended_on)):
        found.append(_clock(step, start, limits, calendar) if start else None)
    return tuple(clock for clock in found if clock is not None)


def _clock(step: str, start: date, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar) -> Clock | None:
    limit = limits.get(step)
    if limit is None:
        return None
    counted = calendar.add(start, limit.number or 0, "workday" if limit.unit is LimitUnit.WORKDAY else "day")
    return Clock(step, counted.date, str(limit.clause), counted.provisional)


class Standing(Enum):
    """How far the procurement is when an outcome is carried out: that decides what can still be done."""

    BIDDING = "bidding"  # before the deadline
    UNDECIDED = "undecided"  # bids are in, no winner is fixed
    AWARDED = "awarded"  # the winner is fixed, no contract is signed
    SIGNED = "signed"  # the contract is signed and not performed
    PERFORMED = "performed"


#: Suppliers that must be left for another candidate to be fixed (94 art. 16; GPL art. 36: three).
LEGAL_NUMBER = 3


@dataclass(frozen=True)
class Remedy:
    """What must be done and the article that says so."""

    route: RemedyRoute
    clause: str


def remedies(about: QueryAbout, standing: Standing, complaint: bool, qualified_left: int) -> tuple[Remedy, ...]:
    """The acts that a founded query (94 art. 16) or complaint (art. 31, 32) leaves open; one of them is carried out.

    qualified_left: bidders of the lot in the ranking besides the winner whose award falls. Before the deadline a
    faulty document is corrected, or, where that is not enough, corrected and the tender begun again.
    """
    clause = ("94号令第31条" if about is QueryAbout.DOCUMENT else "94号令第32条") if complaint else "94号令第16条"
    if standing is Standing.PERFORMED:
        return (Remedy(RemedyRoute.DAMAGES, clause),)
    if standing in (Standing.AWARDED, Standing.SIGNED) and about is not QueryAbout.DOCUMENT:
        another = qualified_left >= LEGAL_NUMBER
        return (Remedy(RemedyRoute.NEXT if another else RemedyRoute.RESTART, clause),)
    if standing is Standing.BIDDING and about is QueryAbout.DOCUMENT:
        return (Remedy(RemedyRoute.CORRECT, clause), Remedy(RemedyRoute.RESTART, clause))
    return (Remedy(RemedyRoute.RESTART, clause),)


#: What follows, by subject and outcome of a query (94 art. 16).
GOES_ON = N_("The tender goes on.")
CORRECT = N_("Correct the document by a corrigendum; after the deadline the tender is declared failed and begun again.")
ANOTHER = N_("If enough qualified bidders are left, another candidate is fixed; else the tender is begun again.")


def consequence(about: QueryAbout, outcome: QueryOutcome) -> str:
    """What a reply leads to, as a message id."""
    if outcome is not QueryOutcome.AFFECTS:
        return GOES_ON
    return CORRECT if about is QueryAbout.DOCUMENT else ANOTHER
