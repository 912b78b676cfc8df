"""What can be queued and what is swept: rooms register it in their `jobs.py`, which wsgi imports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from core.clock import local_time
from core.house import House

if TYPE_CHECKING:
    from core.tasks.work import Work

Handler = Callable[..., dict[str, Any] | None]
Run = Callable[[House, Session], int]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Something looked after at regular times. `run` does what is due now and says how many things it did."""

    name: str
    every: timedelta
    run: Run

    def due(self, now: datetime) -> datetime:
        """The latest due time not after `now`: multiples of `every` counted from midnight in Beijing."""
        local = local_time(now)
        origin = local.replace(year=2000, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
        return (origin + (local - origin) // self.every * self.every).astimezone(UTC)


_handlers: dict[str, Handler] = {}
_sweeps: dict[str, Sweep] = {}


def task(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does queued work of this kind: called as `handler(work, **args)`."""

    def register(handler: Handler) -> Handler:
        if kind in _handlers and _handlers[kind].__qualname__ != handler.__qualname__:
            raise ValueError(f"two handlers for tasks of kind {kind}")
        _handlers[kind] = handler
        return handler

    return register


def sweep(name: str, *, every: timedelta) -> Callable[[Run], Run]:
    """Register a sweep; it runs at every multiple of `every`, and once for those missed while nothing ran."""

    def register(run: Run) -> Run:
        if name in _sweeps and _sweeps[name].run.__qualname__ != run.__qualname__:
            raise ValueError(f"two sweeps named {name}")
        _sweeps[name] = Sweep(name, every, run)
        return run

    return register


def handler_of(kind: str) -> "Callable[[Work], dict[str, Any] | None] | Handler":
    """The registered handler. Raises KeyError for a kind nobody registered."""
    return _handlers[kind]


def sweeps() -> list[Sweep]:
    """Every registered sweep, by name."""
    return [_sweeps[name] for name in sorted(_sweeps)]
