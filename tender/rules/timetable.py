"""The timetable planner: from the day of the notice and the deadline, every lawful date T01–T31 with its article."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from core.calendar import WorkingCalendar
from core.errors import N_
from core.policy.procurement import LimitUnit, TimeLimit
from tender.rules.counting import Counted, count
from tender.rules.words import QueryAbout


@dataclass(frozen=True)
class Entry:
    """One date of the plan. bound: 'on', 'not_before', 'not_after'; provisional: it rests on an unpublished year.

    step: the limit, with a letter where it has several starts; since: the milestone it is counted from, '' for a
    chosen day; counted: the arithmetic; about: what a query is about (94 art. 11).
    """

    step: str
    title: str
    day: date
    bound: str
    clause: str
    provisional: bool
    since: str = ""
    counted: Counted | None = None
    about: QueryAbout | None = None


@dataclass(frozen=True)
class OpenLimit:
    """A limit without a date yet. why: 'unknown' (it starts from a fact to come), 'rule' (it has no number) or the
    way of procurement it belongs to, which this is not.
    """

    limit: TimeLimit
    why: str


@dataclass(frozen=True)
class TimetableFault:
    """A limit that a chosen date breaks: a message id with its values, the article and the field to change."""

    message: str
    params: Mapping[str, str]
    clause: str
    field: str


@dataclass(frozen=True)
class Timetable:
    """The plan, what is wrong with it, what to look out for, and the limits that have no date yet."""

    entries: tuple[Entry, ...]
    faults: tuple[TimetableFault, ...]
    warnings: tuple[TimetableFault, ...] = ()
    open: tuple[OpenLimit, ...] = ()

    @property
    def provisional(self) -> bool:
        """Whether any date rests on a year that is not published."""
        return any(entry.provisional for entry in self.entries)

    def day(self, step: str) -> date:
        """The date of a step. Raises KeyError for a step the law of the day does not know."""
        for entry in self.entries:
            if entry.step == step:
                return entry.day
        raise KeyError(step)


#: The milestones after the opening that may be chosen, in order; each is a field of the planner.
LATER = ("evaluated_on", "decided_on", "award_on", "signed_on")


@dataclass(frozen=True)
class Anchors:
    """The chosen dates; what is not chosen follows: the shortest documents period, the last lawful day of the rest."""

    notice_on: date
    deadline_on: date
    documents_until: date | None = None
    clarification_on: date | None = None
    evaluated_on: date | None = None
    decided_on: date | None = None
    award_on: date | None = None
    signed_on: date | None = None


#: Which milestone a limit is counted from, and how its date binds. What is missing starts from a fact to come.
_COUNTED = (
    ("T01", "notice_on", "on"),
    ("T02", "notice_on", "not_before"),
    ("T04", "notice_on", "not_before"),
    ("T05", "deadline_on", "not_after"),
    ("T09", "deadline_on", "on"),
    ("T10", "evaluated_on", "not_after"),
    ("T11", "evaluated_on", "not_after"),
    ("T12", "decided_on", "not_after"),
    ("T13", "award_on", "on"),
    ("T14", "award_on", "not_after"),
    ("T15", "award_on", "not_after"),
    ("T16", "signed_on", "not_after"),
    ("T17", "signed_on", "not_after"),
    ("T18", "signed_on", "not_after"),
    ("T27", "signed_on", "not_before"),
)
#: The milestone that a limit's last day stands in for while it is not chosen.
_STANDS_FOR = {"T02": "documents_until", "T11": "decided_on", "T12": "award_on", "T15": "signed_on"}
#: The same step begins on another day for each kind of query (94 art. 11; REG art. 53).
_QUERIES = (
    ("T20a", QueryAbout.DOCUMENT, "T01", "documents_until"),
    ("T20b", QueryAbout.PROCESS, "T09", "deadline_on"),
    ("T20c", QueryAbout.RESULT, "T13", "award_on"),
)


def plan(
    anchors: Anchors, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar, ways: frozenset[str] = frozenset()
) -> Timetable:
    """Every date that follows from the anchors under the limits in force; the latest lawful day of each later step.

    ways: what else the procurement is ('agency', 'prequalification', 'single_source'), for limits that ask for it.
    A limit the law of the day does not know is left out (T01 and T13 exist from Order 87 on).
    """
    days = {name: day for name in Anchors.__dataclass_fields__ if (day := getattr(anchors, name)) is not None}
    days.setdefault("evaluated_on", anchors.deadline_on)
    entries: dict[str, Entry] = {}
    for step, since, bound in _COUNTED:
        if step not in limits or limits[step].only not in (None, *ways):
            continue
        entries[step] = _entry(step, limits[step], days[since], since, bound, calendar)
        if step in _STANDS_FOR:
            days.setdefault(_STANDS_FOR[step], entries[step].day)
    _add_without_number(entries, limits, days)
    _add_queries(entries, limits, days, calendar)
    ordered = tuple(entries[step] for step in sorted(entries))
    return Timetable(
        ordered,
        tuple(_faults(anchors, entries, days)),
        tuple(_warnings(anchors, ordered, calendar)),
        tuple(_open(entries, limits, ways)),
    )


def _entry(step: str, limit: TimeLimit, start: date, since: str, bound: str, calendar: WorkingCalendar) -> Entry:
    counted = count(limit, start, calendar)
    known = limit.unit is not LimitUnit.INSTANT or calendar.is_published(counted.day.year)
    return Entry(
        step, limit.step, counted.lawful, bound, limit.clause, counted.provisional or not known, since, counted
    )


def _add_without_number(
    entries: dict[str, Entry], limits: Mapping[str, TimeLimit], days: Mapping[str, date]
) -> None:
    """T03 has no number, but its day is known: it is looked at when the documents period ends."""
    if "T03" in limits and "documents_until" in days:
        limit, day = limits["T03"], days["documents_until"]
        provisional = entries["T02"].provisional if "T02" in entries else False
        entries["T03"] = Entry("T03", limit.step, day, "on", limit.clause, provisional, "documents_until")


def _add_queries(
    entries: dict[str, Entry], limits: Mapping[str, TimeLimit], days: Mapping[str, date], calendar: WorkingCalendar
) -> None:
    for step, about, after, otherwise in _QUERIES:
        start = entries[after].day if after in entries else days.get(otherwise)
        if "T20" in limits and start is not None:
            since = after if after in entries else otherwise
            counted = count(limits["T20"], start, calendar)
            entries[step] = Entry(
                step, limits["T20"].step, counted.lawful, "not_after", limits["T20"].clause, counted.provisional,
                since, counted, about,
            )  # fmt: skip


def _open(
    entries: Mapping[str, Entry], limits: Mapping[str, TimeLimit], ways: frozenset[str]
) -> Iterator[OpenLimit]:
    dated = {step[:3] for step in entries}
    for step, limit in limits.items():
        if limit.only not in (None, *ways):
            yield OpenLimit(limit, limit.only or "")
        elif step not in dated:
            yield OpenLimit(limit, "rule" if limit.number is None else "unknown")


TOO_EARLY = N_("The deadline %(day)s is too early: bidders need %(number)s days from the notice, until %(least)s")
DOCUMENTS_SHORT = N_(
    "The documents are provided until %(day)s only: %(number)s working days last until %(least)s"
)
QUESTIONS_LATE = N_("Questions are taken until %(day)s: an answer after %(least)s would move the deadline")
DOCUMENTS_LONG = N_("The documents are provided until %(day)s: that is after the bids close on %(least)s")


def _faults(anchors: Anchors, entries: Mapping[str, Entry], days: Mapping[str, date]) -> Iterator[TimetableFault]:
    deadline = anchors.deadline_on
    if "T04" in entries and deadline < entries["T04"].day:
        yield _fault(TOO_EARLY, deadline, entries["T04"], "deadline")
    if "T02" in entries and anchors.documents_until:
        if anchors.documents_until < entries["T02"].day:
            yield _fault(DOCUMENTS_SHORT, anchors.documents_until, entries["T02"], "documents_until")
        if anchors.documents_until > deadline:
            values = {"day": anchors.documents_until.isoformat(), "least": deadline.isoformat()}
            yield TimetableFault(DOCUMENTS_LONG, values, entries["T02"].clause, "documents_until")
    if "T05" in entries and anchors.clarification_on and anchors.clarification_on > entries["T05"].day:
        yield _fault(QUESTIONS_LATE, anchors.clarification_on, entries["T05"], "clarification_until")
    yield from _later_faults(anchors, entries, days)


#: Each later milestone: the one before it, and the limit it keeps (none for the end of the evaluation).
_CHAIN = (
    ("evaluated_on", "deadline_on", "T09"),
    ("decided_on", "evaluated_on", "T11"),
    ("award_on", "decided_on", "T12"),
    ("signed_on", "award_on", "T15"),
)
OUT_OF_ORDER = N_("%(day)s comes before the step it follows, which is on %(least)s")
TOO_LATE = N_("%(day)s is after the last lawful day %(least)s, %(number)s from %(start)s")


def _later_faults(
    anchors: Anchors, entries: Mapping[str, Entry], days: Mapping[str, date]
) -> Iterator[TimetableFault]:
    for name, before, step in _CHAIN:
        chosen: date | None = getattr(anchors, name)
        entry = entries.get(step)
        if chosen is None or entry is None:
            continue
        if chosen < days[before]:
            values = {"day": chosen.isoformat(), "least": days[before].isoformat()}
            yield TimetableFault(OUT_OF_ORDER, values, entry.clause, name)
        elif step != "T09" and chosen > entry.day:
            yield _fault(TOO_LATE, chosen, entry, name)


def _fault(message: str, day: date, entry: Entry, field: str) -> TimetableFault:
    values = {"day": day.isoformat(), "least": entry.day.isoformat()}
    if entry.counted is not None:
        values |= {"number": str(abs(entry.counted.number)), "start": entry.counted.start.isoformat()}
    return TimetableFault(message, values, entry.clause, field)


DAY_OFF = N_("%(day)s is a day off (%(name)s): nobody is there to publish or to receive")
CAREFUL = N_(
    "The %(number)s days end on %(day)s (%(name)s); in favour of bidders the deadline should not be before %(least)s"
)
ACT_BEFORE = N_(
    "%(step)s: the last day %(day)s is a day off (%(name)s); act by %(least)s, the limit is not carried over"
)


def _warnings(
    anchors: Anchors, entries: tuple[Entry, ...], calendar: WorkingCalendar
) -> Iterator[TimetableFault]:
    for name, field in (("notice_on", "notice_on"), ("deadline_on", "deadline")):
        day: date = getattr(anchors, name)
        if not calendar.is_working_day(day):
            values = {"day": day.isoformat(), "name": calendar.name_of(day) or ""}
            yield TimetableFault(DAY_OFF, values, "", field)
    for entry in entries:
        counted = entry.counted
        if counted is None or counted.off is None or counted.unit is not LimitUnit.DAY:
            continue
        values = {
            "day": counted.day.isoformat(), "name": counted.off, "number": str(abs(counted.number)),
            "step": entry.title, "limit": entry.step,
        }  # fmt: skip
        if entry.step == "T04" and entry.day <= anchors.deadline_on < counted.rolled:
            yield TimetableFault(CAREFUL, values | {"least": counted.rolled.isoformat()}, counted.rolls, "deadline")
        elif entry.bound == "not_after" and not counted.rolls:
            values |= {"least": counted.do_by.isoformat()}
            yield TimetableFault(ACT_BEFORE, values, entry.clause, "deadline")
