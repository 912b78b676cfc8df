"""What a room knows that a readable backup would tell: it registers a guard, and plain backups wait."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from core.errors import Refused

#: Given a session and the time, why a plain backup must not be made now, or None.
Guard = Callable[[Session, datetime], Refused | None]
_guards: dict[str, Guard] = {}


def plain_backup_guard(name: str) -> Callable[[Guard], Guard]:
    """Register a room's guard ('room.matter'): whatever it returns is raised instead of writing a plain backup."""

    def keep(guard: Guard) -> Guard:
        _guards[name] = guard
        return guard

    return keep


def ask_guards(session: Session, now: datetime) -> None:
    """Raise the first refusal of a room."""
    for guard in _guards.values():
        refusal = guard(session, now)
        if refusal is not None:
            raise refusal
