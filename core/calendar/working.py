"""Working days of the People's Republic: which day is worked, and the last day of a time limit.

The first day is not counted (Order 87 art. 85, Order 94 art. 42). Every date that rests on a year not yet published
is marked provisional.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Literal

import holidays

from core.calendar.published import PublishedYear, published_years
from core.errors import Invalid, N_

Unit = Literal["workday", "day"]
_ONE_DAY = timedelta(days=1)
#: How the library names a day off that was swapped for a worked weekend day; such swaps are only known when published.
_SWAPPED = "休息日"


@dataclass(frozen=True)
class DayResult:
    """A counted day. provisional: it rests on a year whose holidays are not yet published."""

    date: date
    provisional: bool


@dataclass(frozen=True)
class Remaining:
    """What is left until a last day: calendar days and working days, negative when it has passed."""

    days: int
    working_days: int
    provisional: bool


class WorkingCalendar:
    """Days off and worked days. published: the years that a notice of the State Council fixes, with corrections."""

    def __init__(self, published: Mapping[int, PublishedYear]) -> None:
        self._published = dict(published)

    @cached_property
    def _library(self) -> holidays.HolidayBase:
        # All years at once: the library fills a year on first use, which two threads must not do at the same time.
        return holidays.country_holidays("CN", years=range(2000, 2061), language="zh_CN")

    def is_published(self, year: int) -> bool:
        """Whether the State Council's notice for the year is on file."""
        return year in self._published

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked: a weekday that is no holiday, or a weekend day worked to make up for one."""
        published = self._published.get(day.year)
        if published is not None and day in published.overrides:
            return not published.overrides[day].off
        return bool(self._library.is_working_day(day))

    def name_of(self, day: date) -> str | None:
        """What the day is called where it is no plain weekday: the holiday, 调休上班, 周六 or 周日; else None."""
        published = self._published.get(day.year)
        if published is not None and day in published.overrides:
            return published.overrides[day].name
        name = self._library.get(day)
        if name is not None:
            return "调休放假" if name.startswith(_SWAPPED) else str(name)
        if day.weekday() < 5:
            return None
        return "调休上班" if self.is_working_day(day) else ("周六", "周日")[day.weekday() - 5]

    def add(self, start: date, number: int, unit: Unit = "workday") -> DayResult:
        """The last day of a limit of `number` days from `start`, which is not counted; a negative number counts back.

        The result is not rolled over when it falls on a day off; see `roll`. Raises Invalid beyond the calendar's end.
        """
        step, day, left = (_ONE_DAY if number >= 0 else -_ONE_DAY), start, abs(number)
        try:
            if unit == "day":
                return self._result(start, start + number * _ONE_DAY)
            while left:
                day += step
                left -= self.is_working_day(day)
        except OverflowError:
            raise Invalid(N_("%(number)s days from %(start)s lie outside every calendar"), number=number,
                          start=start.isoformat()) from None  # fmt: skip
        return self._result(start, day)

    def roll(self, day: date) -> DayResult:
        """The day itself when it is worked, else the first working day after it (Order 87 art. 85, Order 94 art. 42).

        For limits in favour of suppliers; limits on the purchaser do not rely on it (regulation A.2).
        """
        return self._result(day, day if self.is_working_day(day) else self.add(day, 1).date)

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` lies before `start`."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working_day(start + number * _ONE_DAY) for number in range(1, (end - start).days + 1))

    def remaining(self, today: date, last_day: date) -> Remaining:
        """What is left of a limit on `today`."""
        result = self._result(today, last_day)
        return Remaining((last_day - today).days, self.between(today, last_day), result.provisional)

    def _result(self, start: date, end: date) -> DayResult:
        """The end of a count is provisional when a day of it lies in a year that is not published."""
        first, last = sorted((start + _ONE_DAY if end > start else start, end))
        unknown = any(not self.is_published(year) for year in range(first.year, last.year + 1))
        return DayResult(end, unknown)


@cache
def china() -> WorkingCalendar:
    """The calendar of policies/holidays. Raises FileInvalid when a file there cannot be used."""
    return WorkingCalendar(published_years())


def add_working_days(start: date, number: int) -> DayResult:
    """The last of `number` working days after `start`, by the calendar of policies/holidays."""
    return china().add(start, number, "workday")
