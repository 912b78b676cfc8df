"""Coming in and staying in: throttled proofs of identity, server-side sessions, and their end."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import N_, NotFound, Refused
from core.identity import passwords
from core.identity.actor import GUEST, Actor
from core.identity.models import LoginThrottle, User, UserSession
from core.identity.rules import FORGET_FAILURES, LoginFacts, is_fresh, login_is_live, pause_after

#: How old `last_seen_at` may be before a request writes it again: fine enough for 30 idle minutes, not a write a click.
SEEN_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attempt comes from, as keyed hashes: the account name typed, and the network address."""

    login: str
    address: str


class TooManyFailures(Refused):
    """Too many failed proofs under this account or address; nothing was checked. Says when to come back."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(N_("Too many failed attempts. Try again in %(seconds)d seconds"), seconds=seconds)


def begin_attempt(session: Session, clock: Clock, place: Place, *, known_device: bool = False) -> None:
    """Count an attempt before it is checked, so that parallel guesses cannot outrun the count.

    known_device: the account logged in from this address before. Such an attempt has a count of its own, so strangers
    who fail on purpose never lock the owner out. Raises TooManyFailures while a pause lasts; then nothing is counted.
    """
    now = clock.now()
    rows = [_locked_throttle(session, key, now) for key in _keys(place, known_device)]
    blocked = max((row.blocked_until for row in rows if row.blocked_until), default=now)
    if blocked > now:
        raise TooManyFailures(int((blocked - now).total_seconds()) + 1)
    for row in rows:
        if now - row.last_failed_at > FORGET_FAILURES:
            row.failures = 0
        row.failures, row.last_failed_at = row.failures + 1, now
        pause = pause_after(row.failures)
        row.blocked_until = now + pause if pause else None
        if pause and not pause_after(row.failures - 1):
            audit.record(session, now, GUEST, "identity:login:pause", ("login", place.login), address=place.address)


def attempt_succeeded(session: Session, place: Place, *, known_device: bool = False) -> None:
    """Forget the failures under this account (or device); the address keeps its own, minus this attempt."""
    for key in _keys(place, known_device):
        row = session.get(LoginThrottle, key, with_for_update=True, populate_existing=True)
        if row is None:
            continue
        row.failures = max(row.failures - 1, 0) if key.startswith("address:") else 0
        row.blocked_until = None


def attempt_failed(session: Session, clock: Clock, place: Place, factor: str) -> None:
    """Record a failed proof (factor: 'password', 'code' or 'recovery_code') in the audit log, with no name in clear."""
    subject = ("login", place.login)
    audit.record(session, clock.now(), GUEST, "identity:login:fail", subject, factor=factor, address=place.address)


def forget_failures(session: Session, clock: Clock) -> int:
    """Delete the counts that nobody added to for a day; returns how many."""
    stale = select(LoginThrottle).where(col(LoginThrottle.last_failed_at) < clock.now() - FORGET_FAILURES)
    rows = session.scalars(stale.with_for_update(skip_locked=True)).all()
    for row in rows:
        session.delete(row)
    return len(rows)


def record_denial(session: Session, actor: Actor, clock: Clock, endpoint: str) -> None:
    """Record that a person was refused a page or an act."""
    audit.record(session, clock.now(), actor, "identity:access:deny", ("endpoint", endpoint))


def check_password(session: Session, login: str, password: str) -> User | None:
    """The active account with this login name and password, or None; equally slow for every reason to say None."""
    user = session.scalars(select(User).where(col(User.login) == login.strip().lower())).one_or_none()
    right = passwords.verify(user.password if user else None, password)
    return user if user is not None and right and user.active else None


def renew_hash(session: Session, user_id: int, password: str) -> None:
    """Store a stronger hash of the password just proved, where the stored one is outdated."""
    user = locked(session, User, user_id)
    if passwords.is_outdated(user.password) and not user.organisation.demonstration:
        user.password = passwords.hash_password(password)


def start_session(session: Session, actor: Actor, clock: Clock, *, address: str, agent: str, place: Place) -> str:
    """Open a session for a person who has just proved who they are; returns the token for the cookie, kept nowhere."""
    now = clock.now()
    token = secrets.token_urlsafe(32)
    row = UserSession(
        user_id=actor.user_id,
        token_hash=_hash(token),
        created_at=now,
        proved_at=now,
        last_seen_at=now,
        address=address,
        agent_hash=_hash(agent),
    )
    session.add(row)
    audit.record(session, now, actor, "identity:session:start", row, address=place.address)
    return token


def live_session(session: Session, clock: Clock, token: str) -> UserSession | None:
    """The session this token opens, or None when there is none, it ended, or it stood idle or open too long."""
    row = session.scalars(select(UserSession).where(col(UserSession.token_hash) == _hash(token))).one_or_none()
    return row if row is not None and login_is_live(_facts(row), clock.now()) else None


def touch_session(session: Session, clock: Clock, session_id: int) -> None:
    """Note that the session is in use; called when its last note is older than SEEN_STEP."""
    row = locked(session, UserSession, session_id)
    if row is not None and login_is_live(_facts(row), now := clock.now()):
        row.last_seen_at = now


def prove_again(session: Session, actor: Actor, clock: Clock, session_id: int) -> None:
    """Note a fresh proof of identity in this session."""
    row = locked(session, UserSession, session_id)
    row.proved_at = row.last_seen_at = clock.now()
    audit.record(session, row.proved_at, actor, "identity:session:prove", row)


def is_recent(row: UserSession, clock: Clock) -> bool:
    """Whether the last proof of identity in this session is recent enough for an act that binds others."""
    return is_fresh(row.proved_at, clock.now())


def end_session(session: Session, actor: Actor, clock: Clock, session_id: int) -> None:
    """End one of one's own sessions (log out here, or that other device). Raises NotFound for anybody else's."""
    row = locked(session, UserSession, session_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound(N_("There is no such session"))
    if row.ended_at is None:
        row.ended_at = clock.now()
        audit.record(session, row.ended_at, actor, "identity:session:end", row)


def end_other_sessions(session: Session, actor: Actor, clock: Clock, keep_id: int) -> int:
    """End every session of one's own but this one; returns how many ended."""
    now = clock.now()
    others = [row for row in own_sessions(session, actor, clock) if row.id != keep_id]
    for row in others:
        row.ended_at = now
        audit.record(session, now, actor, "identity:session:end", row)
    return len(others)


def own_sessions(session: Session, actor: Actor, clock: Clock) -> list[UserSession]:
    """One's own live sessions, the one used last first."""
    rows = session.scalars(
        select(UserSession)
        .where(col(UserSession.user_id) == actor.user_id, col(UserSession.ended_at).is_(None))
        .order_by(col(UserSession.last_seen_at).desc())
    )
    now = clock.now()
    return [row for row in rows if login_is_live(_facts(row), now)]


def carry_sessions(session: Session, before: datetime, after: datetime) -> int:
    """Take the sessions that lived at `before` along to `after`, for a demonstration whose clock is moved on.

    Nobody sat idle in the time that was skipped. Returns how many were carried.
    """
    rows = session.scalars(select(UserSession).where(col(UserSession.ended_at).is_(None)).with_for_update())
    live = [row for row in rows if login_is_live(_facts(row), before)]
    for row in live:
        row.created_at, row.proved_at, row.last_seen_at = (
            at + (after - before) for at in (row.created_at, row.proved_at, row.last_seen_at)
        )
    return len(live)


def knows_device(session: Session, login: str, address: str) -> bool:
    """Whether the account of this login name ever logged in from this address; False for an unknown name."""
    query = select(col(UserSession.id)).join(User, col(User.id) == col(UserSession.user_id))
    query = query.where(col(User.login) == login.strip().lower(), col(UserSession.address) == address).limit(1)
    return session.scalar(query) is not None


def _facts(row: UserSession) -> LoginFacts:
    return LoginFacts(row.created_at, row.last_seen_at, row.ended_at)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _keys(place: Place, known_device: bool) -> list[str]:
    """The counts an attempt falls under, always in the same order, so that two attempts cannot wait for each other."""
    if known_device:
        return [f"device:{place.login}:{place.address}"]
    return [f"account:{place.login}", f"address:{place.address}"]


def _locked_throttle(session: Session, key: str, now: datetime) -> LoginThrottle:
    row: LoginThrottle | None = locked(session, LoginThrottle, key)
    if row is None:
        try:
            with session.begin_nested():
                session.add(LoginThrottle(key=key, last_failed_at=now))
        except IntegrityError:  # another worker counted the first failure under this key a moment ago
            session.expire_all()
        row = session.get_one(LoginThrottle, key, with_for_update=True, populate_existing=True)
    return row
