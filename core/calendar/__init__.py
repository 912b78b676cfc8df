"""The working calendar: State Council holidays with make-up workdays, and counting days as procurement law does."""

from core.calendar.published import PublishedYear, published_years
from core.calendar.working import DayResult, Remaining, WorkingCalendar, add_working_days, china

__all__ = [
    "DayResult",
    "PublishedYear",
    "Remaining",
    "WorkingCalendar",
    "add_working_days",
    "china",
    "published_years",
]
