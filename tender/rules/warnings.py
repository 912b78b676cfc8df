"""When bidders are warned that a bid is uploaded and not submitted: fixed times before the deadline, each once."""

from datetime import datetime, timedelta

#: Before the deadline (security A, S22): the day before, while the authorised person is in the office, at the last.
BEFORE = (timedelta(hours=24), timedelta(hours=2), timedelta(minutes=30))


def warning_due(deadline: datetime, now: datetime) -> timedelta | None:
    """Which warning is due at `now`: the latest whose time has come, so that a system that was away sends one, not
    three. None before the first and from the deadline on, when a warning could only hurt."""
    if now >= deadline:
        return None
    return min((before for before in BEFORE if deadline - before <= now), default=None)


def is_unsent(uploads: tuple[datetime, ...], submitted_at: datetime | None, withdrawn_at: datetime | None) -> bool:
    """Whether a bid has sealed files that no submission covers: newer than the last one, and not taken back since."""
    newest = max(uploads, default=None)
    if newest is None:
        return False
    if withdrawn_at is not None:
        return newest > withdrawn_at
    return submitted_at is None or newest > submitted_at
