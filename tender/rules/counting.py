"""One time limit counted: the first day left out, days off passed over, the last day, and whether a day keeps it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.calendar import WorkingCalendar
from core.policy.procurement import Bound, LimitUnit, TimeLimit, cite

#: Days off that are no public holidays: only the holidays themselves carry a last day over by 87 art. 85.
_PLAIN_DAYS_OFF = ("周六", "周日", "调休放假")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Counted:
    """A limit counted from `start`, which is not counted itself.

    day: where the plain count ends; skipped: the days off passed over; off: what `day` is called where nobody works;
    lawful: the day that binds: carried over where a public holiday ends a period in favour of suppliers;
    rolled: the first working day from `day`, the careful reading of such a period (a weekend counts as a holiday);
    do_by: the working day on or before `day`, because the purchaser does not rely on being carried over.
    """

    start: date
    number: int
    unit: LimitUnit
    day: date
    provisional: bool
    skipped: tuple[tuple[date, str], ...]
    off: str | None
    lawful: date
    rolled: date
    do_by: date
    rolls: str


class Keeps(StrEnum):
    """Whether a day keeps a limit."""

    EARLY = "early"
    KEPT = "kept"
    LATE = "late"


def count(limit: TimeLimit, start: date, calendar: WorkingCalendar) -> Counted:
    """Count a limit from a day on, or back from it. Raises ValueError for a rule without a number."""
    if limit.unit is None or (limit.number is None and limit.unit is not LimitUnit.INSTANT):
        raise ValueError(f"{limit.id} has no number to count")
    number = -(limit.number or 0) if limit.backwards else (limit.number or 0)
    day, provisional = _end(start, number, limit.unit, calendar)
    off = None if calendar.is_working_day(day) else (calendar.name_of(day) or "")
    rolled = calendar.roll(day).date if limit.rolls else day
    holiday = off is not None and off not in _PLAIN_DAYS_OFF
    return Counted(
        start=start,
        number=number,
        unit=limit.unit,
        day=day,
        provisional=provisional,
        skipped=_skipped(start, day, limit.unit, calendar),
        off=off,
        lawful=rolled if holiday else day,
        rolled=rolled,
        do_by=day if off is None else calendar.add(day, -1).date,
        rolls="；".join(cite(article) for article in limit.rolls),
    )


def _end(start: date, number: int, unit: LimitUnit, calendar: WorkingCalendar) -> tuple[date, bool]:
    if unit is LimitUnit.YEAR:
        return years_later(start, number), False
    result = calendar.add(start, number, "workday" if unit is LimitUnit.WORKDAY else "day")
    return result.date, result.provisional


def years_later(start: date, years: int) -> date:
    """The same day so many years later; what begins on 29 February ends on 1 March where there is none."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 3, 1)


def _skipped(start: date, end: date, unit: LimitUnit, calendar: WorkingCalendar) -> tuple[tuple[date, str], ...]:
    if unit is not LimitUnit.WORKDAY:
        return ()
    first, last = (start + _ONE_DAY, end) if end > start else (end, start - _ONE_DAY)
    days = (first + offset * _ONE_DAY for offset in range((last - first).days + 1))
    return tuple((day, calendar.name_of(day) or "") for day in days if not calendar.is_working_day(day))


def keeps(limit: TimeLimit, start: date, day: date, calendar: WorkingCalendar) -> Keeps:
    """Whether what is done on `day` keeps a limit counted from `start`.

    At most: until the last day. At least: not before it; counted back, not after it. Exactly: on that very day.
    """
    counted = count(limit, start, calendar)
    if limit.backwards:
        return Keeps.KEPT if day <= counted.day else Keeps.LATE
    if limit.bound is Bound.AT_MOST:
        return Keeps.KEPT if day <= counted.lawful else Keeps.LATE
    if day < counted.lawful:
        return Keeps.EARLY
    return Keeps.LATE if limit.bound is Bound.EXACTLY and day > counted.lawful else Keeps.KEPT
