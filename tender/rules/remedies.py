"""Clocks of queries and complaints (T20–T26), when signing is suspended, and what each outcome leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.calendar import WorkingCalendar
from core.errors import N_
from core.policy.procurement import LimitUnit, TimeLimit
from tender.rules.words import ComplaintOutcome, QueryAbout, QueryOutcome


@dataclass(frozen=True)
class QueryFacts:
    """What of a query suspends signing."""

    about: QueryAbout
    outcome: QueryOutcome | None
    carried_out: bool


@dataclass(frozen=True)
class ComplaintFacts:
    """What of a complaint suspends signing. suspended_on: the day of the written notice, if there is one."""

    suspended_on: date | None
    outcome: ComplaintOutcome | None
    carried_out: bool


def last_day(step: str, start: date, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar) -> date:
    """The last lawful day of a step counted from `start`, which is not counted itself."""
    limit = limits[step]
    unit = "workday" if limit.unit is LimitUnit.WORKDAY else "day"
    return calendar.add(start, limit.number or 0, unit).date  # type: ignore[arg-type]


def suspends(
    queries: Sequence[QueryFacts], complaints: Sequence[ComplaintFacts], today: date,
    limits: Mapping[str, TimeLimit], calendar: WorkingCalendar,
) -> bool:  # fmt: skip
    """Whether signing waits (REG art. 54; GPL art. 57).

    An open query on process or result may affect the result; a founded one waits until its outcome is carried out.
    A complaint waits while its written suspension runs, at most 30 days, and once founded until it is carried out.
    """
    for query in queries:
        waiting = query.outcome is None and query.about is not QueryAbout.DOCUMENT
        if waiting or (query.outcome is QueryOutcome.AFFECTS and not query.carried_out):
            return True
    for complaint in complaints:
        if complaint.outcome is ComplaintOutcome.FOUNDED and not complaint.carried_out:
            return True
        began = complaint.suspended_on
        if complaint.outcome is None and began and began <= today <= last_day("T26", began, limits, calendar):
            return True
    return False


#: What follows, by subject and outcome of a query (94 art. 16).
GOES_ON = N_("The tender goes on.")
CORRECT = N_("Correct the document by a corrigendum; after the deadline the tender is declared failed and begun again.")
ANOTHER = N_("If enough qualified bidders are left, another candidate is fixed; else the tender is begun again.")


def consequence(about: QueryAbout, outcome: QueryOutcome) -> str:
    """What a reply leads to, as a message id."""
    if outcome is not QueryOutcome.AFFECTS:
        return GOES_ON
    return CORRECT if about is QueryAbout.DOCUMENT else ANOTHER
