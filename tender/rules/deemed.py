"""Silence after the evaluation report: when the purchaser lets its days pass, the first-ranked are the winners."""

from dataclasses import dataclass
from datetime import date

from core.calendar import WorkingCalendar
from core.policy.procurement import TimeLimit


@dataclass(frozen=True)
class Silence:
    """The last day for fixing the winners, and whether it has passed without a word (REG art. 43, 87 art. 68)."""

    last_day: date
    deemed: bool
    provisional: bool
    clause: str


def silence(received: date, today: date, limit: TimeLimit, calendar: WorkingCalendar) -> Silence:
    """Where the purchaser stands with the report it received: on the day after the last one silence decides."""
    counted = calendar.add(received, limit.number or 0)
    return Silence(counted.date, today > counted.date, counted.provisional, limit.clause)
