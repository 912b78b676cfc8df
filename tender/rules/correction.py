"""What the law lets a purchaser change between notice and deadline: a change late in the day moves the deadline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.calendar import WorkingCalendar
from core.clock import local_date
from core.errors import N_
from core.policy.procurement import TimeLimit
from tender.rules.timetable import TimetableFault


@dataclass(frozen=True)
class CorrectionFacts:
    """A planned correction. affects_bids: it may influence how bids are written (87 art. 27), so T05 applies."""

    today: date
    deadline_before: datetime
    deadline_after: datetime
    documents_before: date | None
    documents_after: date | None
    affects_bids: bool


def least_deadline(today: date, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar) -> date:
    """The first day on which bids may close after a change of today that may affect them (T05: 15 days)."""
    return calendar.add(today, limits["T05"].number or 0, "day").date


def correction_faults(
    facts: CorrectionFacts, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar
) -> tuple[TimetableFault, ...]:
    """What forbids a correction: a deadline or a document period that gets shorter, a late change without a move."""
    found = []
    after = local_date(facts.deadline_after)
    if facts.deadline_after < facts.deadline_before:
        before = local_date(facts.deadline_before).isoformat()
        text = N_("The deadline only moves forward: %(day)s is before %(least)s")
        days = {"day": after.isoformat(), "least": before}
        found.append(TimetableFault(text, days, limits["T05"].clause, "deadline"))
    if facts.documents_before and facts.documents_after and facts.documents_after < facts.documents_before:
        text = N_("The documents were promised until %(least)s: the period cannot end on %(day)s")
        days = {"day": facts.documents_after.isoformat(), "least": facts.documents_before.isoformat()}
        found.append(TimetableFault(text, days, limits["T02"].clause, "documents_until"))
    least = least_deadline(facts.today, limits, calendar)
    if facts.affects_bids and after < least:
        text = N_(
            "The change may affect the bids and comes less than %(number)s days before the deadline of %(day)s: "
            "move the deadline to %(least)s or later"
        )
        days = {
            "day": after.isoformat(), "least": least.isoformat(), "number": str(limits["T05"].number or 0)
        }  # fmt: skip
        found.append(TimetableFault(text, days, limits["T05"].clause, "deadline"))
    return tuple(found)
