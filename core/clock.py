"""The one source of 'now': a clock that is passed in, so that tests and the demonstration can move it."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that tells the time; services read it once and store what they read."""

    def now(self) -> datetime:
        """The current instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock; the only clock in production."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests and for playing the demonstration."""

    def __init__(self, at: datetime) -> None:
        self._now = _aware(at)

    def now(self) -> datetime:
        return self._now

    def move_to(self, at: datetime) -> None:
        """Set the clock; it never runs backwards, as real time does not."""
        at = _aware(at)
        if at < self._now:
            raise ValueError(f"a clock does not run backwards: {self._now.isoformat()} → {at.isoformat()}")
        self._now = at

    def advance(self, **delta: float) -> None:
        """Move on by a timedelta given as keyword arguments (days=1, minutes=30)."""
        self.move_to(self._now + timedelta(**delta))


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a timezone: {at.isoformat()}")
    return at.astimezone(UTC)


def beijing(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant given in Beijing time, returned in UTC."""
    return datetime(year, month, day, hour, minute, second, tzinfo=BEIJING).astimezone(UTC)


def local_date(at: datetime) -> date:
    """The calendar day in Beijing of an instant."""
    return _aware(at).astimezone(BEIJING).date()


def local_time(at: datetime) -> datetime:
    """An instant as Beijing wall-clock time."""
    return _aware(at).astimezone(BEIJING)
