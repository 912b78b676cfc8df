"""The timetable planner: from the day of the notice and the deadline, every lawful date with its article."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.calendar import DayResult, WorkingCalendar
from core.errors import N_
from core.policy.procurement import LimitUnit, TimeLimit


@dataclass(frozen=True)
class Entry:
    """One date of the plan. bound: 'on', 'not_before', 'not_after'; provisional: it rests on an unpublished year."""

    step: str
    title: str
    day: date
    bound: str
    clause: str
    provisional: bool


@dataclass(frozen=True)
class TimetableFault:
    """A limit that a chosen date breaks: a message id with its values, the article and the field to change."""

    message: str
    params: Mapping[str, str]
    clause: str
    field: str


@dataclass(frozen=True)
class Timetable:
    """The plan and what is wrong with it; `provisional` when any date is."""

    entries: tuple[Entry, ...]
    faults: tuple[TimetableFault, ...]

    @property
    def provisional(self) -> bool:
        return any(entry.provisional for entry in self.entries)

    def day(self, step: str) -> date:
        """The date of a step. Raises KeyError for a step the law of the day does not know."""
        for entry in self.entries:
            if entry.step == step:
                return entry.day
        raise KeyError(step)


@dataclass(frozen=True)
class Anchors:
    """The chosen dates: the notice and the deadline, and the last day of the documents where it is not the shortest."""

    notice_on: date
    deadline_on: date
    documents_until: date | None = None
    clarification_on: date | None = None


#: Steps that follow each other after the opening, each counted from the last day of the one before it.
_AFTER = (("T10", "T09"), ("T11", "T10"), ("T12", "T11"), ("T13", "T12"), ("T14", "T12"), ("T15", "T12"))


def plan(anchors: Anchors, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar) -> Timetable:
    """Every date that follows from the anchors under the limits in force; the latest lawful day of each later step.

    A limit the law of the day does not know is left out (T01 and T13 exist from Order 87 on).
    """
    entries = {entry.step: entry for entry in _before_opening(anchors, limits, calendar)}
    for step, after in _AFTER:
        if step in limits and after in entries:
            entries[step] = _counted(step, limits[step], entries[after].day, "not_after", calendar)
    if "T20" in limits:
        start = entries.get("T13") or entries.get("T12")
        if start is not None:
            entries["T20"] = _counted("T20", limits["T20"], start.day, "not_after", calendar)
    return Timetable(tuple(entries.values()), tuple(_faults(anchors, entries, limits)))


def _before_opening(
    anchors: Anchors, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar
) -> list[Entry]:
    found = [
        _counted(step, limits[step], anchors.notice_on, bound, calendar)
        for step, bound in (("T01", "on"), ("T02", "not_before"), ("T04", "not_before"))
        if step in limits
    ]
    if "T05" in limits:
        before = limits["T05"]
        day = calendar.add(anchors.deadline_on, -(before.number or 0), "day")
        found.append(Entry("T05", before.step, day.date, "not_after", before.clause, day.provisional))
    if "T09" in limits:
        opening = limits["T09"]
        known = calendar.is_published(anchors.deadline_on.year)
        found.append(Entry("T09", opening.step, anchors.deadline_on, "on", opening.clause, not known))
    return found


def _counted(step: str, limit: TimeLimit, start: date, bound: str, calendar: WorkingCalendar) -> Entry:
    unit = "workday" if limit.unit is LimitUnit.WORKDAY else "day"
    day: DayResult = calendar.add(start, limit.number or 0, unit)  # type: ignore[arg-type]
    return Entry(step, limit.step, day.date, bound, limit.clause, day.provisional)


def _faults(
    anchors: Anchors, entries: Mapping[str, Entry], limits: Mapping[str, TimeLimit]
) -> list[TimetableFault]:
    found = []
    if "T04" in entries and anchors.deadline_on < entries["T04"].day:
        text = N_("The deadline %(day)s is too early: bidders need 20 days from the notice, until %(least)s")
        found.append(_fault(text, anchors.deadline_on, entries["T04"], "deadline"))
    if "T02" in entries and anchors.documents_until and anchors.documents_until < entries["T02"].day:
        text = N_("The documents are provided until %(day)s only: five working days last until %(least)s")
        found.append(_fault(text, anchors.documents_until, entries["T02"], "documents_until"))
    if "T05" in entries and anchors.clarification_on and anchors.clarification_on > entries["T05"].day:
        text = N_("Questions are taken until %(day)s: an answer after %(least)s would move the deadline")
        found.append(_fault(text, anchors.clarification_on, entries["T05"], "clarification_until"))
    return found


def _fault(message: str, day: date, entry: Entry, field: str) -> TimetableFault:
    return TimetableFault(message, {"day": day.isoformat(), "least": entry.day.isoformat()}, entry.clause, field)
