"""Pure rules of identity: which roles exclude each other, how long a login lasts, how failures slow down."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: MLPS level 3 (GB/T 22239-2019): system, security and audit administration exclude each other.
EXCLUSIVE_ROLES = frozenset({"system_admin", "security_admin", "audit_admin"})

#: A login ends after this long without a request, and after this long in any case.
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
#: What binds others asks for a proof of identity not older than this.
FRESH = timedelta(minutes=10)

#: Failures that cost nothing; each further one doubles the pause, from one second up to the longest.
FREE_FAILURES, FIRST_PAUSE, LONGEST_PAUSE = 5, timedelta(seconds=1), timedelta(minutes=15)
#: Failures are forgotten after a day without a further one, so nobody stays locked out.
FORGET_FAILURES = timedelta(days=1)


def pause_after(failures: int) -> timedelta:
    """How long the next attempt must wait after this many failures in a row."""
    beyond = failures - FREE_FAILURES
    if beyond <= 0:
        return timedelta(0)
    doublings = min(beyond - 1, 20)  # far beyond the longest pause, and no overflow after a million failures
    return min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """The facts of one login that decide whether it still opens the house."""

    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None


def login_is_live(facts: LoginFacts, now: datetime) -> bool:
    """Whether the login still counts: not ended, used within the last 30 minutes, begun within the last 12 hours."""
    return facts.ended_at is None and now - facts.last_seen_at < IDLE and now - facts.created_at < ABSOLUTE


def is_fresh(proved_at: datetime, now: datetime) -> bool:
    """Whether the last proof of identity is recent enough for an act that binds others."""
    return now - proved_at < FRESH


def clashing_roles(held: frozenset[str], role: str) -> frozenset[str]:
    """The administration roles already held that exclude this one; empty when it may be added."""
    return (held & EXCLUSIVE_ROLES) - {role} if role in EXCLUSIVE_ROLES else frozenset()
