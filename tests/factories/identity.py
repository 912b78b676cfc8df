"""Organisations and people for tests: each call commits one and returns it, or the Actor that services take."""

from itertools import count

from sqlmodel import Session

from core.clock import Clock
from core.db import transaction
from core.identity.actor import SYSTEM, Actor
from core.identity.models import Organisation, User
from core.identity.services import create_organisation, create_user

#: The password of every account made here; strong enough for accounts that are not of a demonstration too.
PASSWORD = "tulip-orbit-velvet-19"

_numbers = count(1)


def begin_again() -> None:
    """The next one invented is number one: every test's own database is empty."""
    global _numbers
    _numbers = count(1)


def organisation(
    session: Session, clock: Clock, kind: str = "department", *, demonstration: bool = True
) -> Organisation:
    """An invented organisation; of the demonstration unless told otherwise (then its people need a second factor)."""
    with transaction(session):
        return create_organisation(
            session, SYSTEM, clock, kind=kind, name=f"演示单位{next(_numbers)}", demonstration=demonstration
        )


def user(session: Session, clock: Clock, *roles: str, of: Organisation | None = None, login: str | None = None) -> User:
    """A person with these roles, of a new organisation that can hold them unless one is given."""
    of = of or organisation(session, clock, _kind(roles))
    number = next(_numbers)
    with transaction(session):
        return create_user(
            session,
            SYSTEM,
            clock,
            login=login or f"person{number}",
            name=f"人员{number}",
            organisation_id=of.id or 0,
            password=PASSWORD,
            roles=roles,
        )


def actor(session: Session, clock: Clock, *roles: str, of: Organisation | None = None) -> Actor:
    """A new person with these roles, as services see them."""
    return user(session, clock, *roles, of=of).as_actor()


def _kind(roles: tuple[str, ...]) -> str:
    if any(role.startswith("insurer") for role in roles):
        return "insurer"
    return "expert_pool" if "expert" in roles else "department"
