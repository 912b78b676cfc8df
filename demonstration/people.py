"""The invented people and offices of the demonstration, founded through the identity services."""

from dataclasses import dataclass
from pathlib import Path
from tomllib import loads
from typing import Any, cast

from sqlmodel import Session, select

from core.clock import Clock
from core.db import transaction
from core.identity.actor import SYSTEM, Actor
from core.identity.models import Organisation, User
from core.identity.services import create_organisation, create_user

FILE = Path(__file__).with_name("people.toml")


def listed() -> dict[str, Any]:
    """The people file as read: password, organisations, users."""
    return loads(FILE.read_text("utf-8"))


@dataclass(frozen=True)
class Cast:
    """Everyone on stage: actors by login name, organisation ids by key."""

    actors: dict[str, Actor]
    organisations: dict[str, int]

    def __getitem__(self, login: str) -> Actor:
        return self.actors[login]


def found(session: Session, clock: Clock) -> Cast:
    """Create every organisation and account of the demonstration."""
    people = listed()
    with transaction(session):
        for entry in people["organisation"]:
            facts = {name: value for name, value in entry.items() if name != "key"}
            create_organisation(session, SYSTEM, clock, **facts, demonstration=True)
    ids = _ids(session, people)
    with transaction(session):
        for entry in people["user"]:
            create_user(
                session,
                SYSTEM,
                clock,
                login=entry["login"],
                name=entry["name"],
                organisation_id=ids[entry["organisation"]],
                password=people["password"],
                roles=entry["roles"],
            )
    return call(session)


def call(session: Session) -> Cast:
    """The cast of a demonstration that is already founded."""
    people = listed()
    ids = _ids(session, people)
    kinds = {entry["key"]: entry["kind"] for entry in people["organisation"]}
    users = {user.login: cast(int, user.id) for user in session.scalars(select(User))}
    actors = {
        entry["login"]: Actor(
            user_id=users[entry["login"]],
            name=entry["name"],
            organisation_id=ids[entry["organisation"]],
            organisation_kind=kinds[entry["organisation"]],
            roles=frozenset(entry["roles"]),
        )
        for entry in people["user"]
    }
    return Cast(actors, ids)


def _ids(session: Session, people: dict[str, Any]) -> dict[str, int]:
    by_name = {row.name: cast(int, row.id) for row in session.scalars(select(Organisation))}
    return {entry["key"]: by_name[entry["name"]] for entry in people["organisation"]}
