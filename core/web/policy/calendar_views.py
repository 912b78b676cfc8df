"""The working calendar on a page: a year with its holidays and make-up workdays, and counting a time limit."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date

from babel.dates import get_month_names
from flask import render_template, request
from flask_babel import get_locale, gettext, lazy_gettext

from core.calendar import DayResult, china, published_years
from core.clock import local_date
from core.web.access import allow
from core.web.context import now
from core.web.policy.views import asked_day, bp, layout

#: The years that the holiday library can compute.
FIRST_YEAR, LAST_YEAR = 2010, 2060
#: A time limit longer than this is no time limit of the law.
MOST_DAYS = 1000
WEEKDAYS = (
    lazy_gettext("Mon"),
    lazy_gettext("Tue"),
    lazy_gettext("Wed"),
    lazy_gettext("Thu"),
    lazy_gettext("Fri"),
    lazy_gettext("Sat"),
    lazy_gettext("Sun"),
)


@dataclass(frozen=True)
class Cell:
    """A day of the drawn month. kind: '' a plain workday, 'off', 'holiday' or 'makeup'; name: the calendar's."""

    day: date
    kind: str
    name: str


@bp.get("/calendar")
@allow("policy:view")
def calendar() -> str:
    """A year of working days, and the last day of a limit (`start`, `days`, `unit`)."""
    today = local_date(now())
    given = request.args.get("year", "")
    year = int(given) if given.isdecimal() and FIRST_YEAR <= int(given) <= LAST_YEAR else today.year
    known = published_years().get(year)
    return render_template(
        "policy/calendar.html",
        layout=layout(),
        year=year,
        first=FIRST_YEAR,
        last=LAST_YEAR,
        published=known,
        months=[(month, month_of(year, month)) for month in range(1, 13)],
        weekdays=WEEKDAYS,
        month_names=get_month_names("wide", locale=get_locale()),
        named=days_with_names(year),
        today=today,
        **counted(today),
    )


def month_of(year: int, month: int) -> list[list[Cell | None]]:
    """The weeks of a month, Monday first; None outside the month."""
    weeks = Calendar().monthdatescalendar(year, month)
    return [[cell(day) if day.month == month else None for day in week] for week in weeks]


def cell(day: date) -> Cell:
    """One day as it is drawn."""
    worked, name = china().is_working_day(day), china().name_of(day) or ""
    if worked:
        return Cell(day, "makeup" if day.weekday() >= 5 else "", name)
    plain = day.weekday() >= 5 and name in ("周六", "周日")
    return Cell(day, "off" if plain else "holiday", "" if plain else name)


def days_with_names(year: int) -> list[Cell]:
    """Holidays and make-up workdays of the year, in order; for the list beneath the drawing."""
    cells = [
        cell(date.fromordinal(number))
        for number in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
    ]
    return [each for each in cells if each.kind in ("holiday", "makeup")]


def counted(today: date) -> dict[str, object]:
    """What the calculator shows: the given numbers, the result, or why there is none."""
    start, unit = asked_day("start", today), request.args.get("unit", "workday")
    unit = unit if unit in ("workday", "day") else "workday"
    text, result, fault = request.args.get("days", "").strip(), None, ""
    if text:
        number = int(text) if text.lstrip("-").isdecimal() and len(text) < 6 else None
        if number is None or abs(number) > MOST_DAYS:
            fault = gettext("Give a whole number of days between −%(most)s and %(most)s", most=MOST_DAYS)
        elif not FIRST_YEAR <= start.year <= LAST_YEAR - 5:
            fault = gettext("Give a day between %(first)s and %(last)s", first=FIRST_YEAR, last=LAST_YEAR - 5)
        else:
            result = china().add(start, number, "workday" if unit == "workday" else "day")
    return {"start": start, "unit": unit, "days": text, "result": result, "fault": fault, "roll": rolled(result)}


def rolled(result: DayResult | None) -> DayResult | None:
    """The next working day, when the counted day is none; limits in favour of suppliers move there."""
    if result is None or china().is_working_day(result.date):
        return None
    return china().roll(result.date)
