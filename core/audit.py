"""The audit log: append-only, hash-chained, written in the same transaction as the change it records."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, String, event, select
from sqlalchemy.schema import DDL
from sqlmodel import Field, Session, SQLModel

from core.columns import Document, UtcTime
from core.errors import N_
from core.identity.actor import Actor

GENESIS = bytes(32)


class AuditHead(SQLModel, table=True):
    """The single row that serialises appends: the hash of the last event and how many there are."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", "single_row"),)

    id: int = Field(default=1, sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int = 0
    hash: bytes = Field(default=GENESIS, sa_column=Column(LargeBinary(32), nullable=False))


class AuditEvent(SQLModel, table=True):
    """One thing that happened. Never updated, never deleted; holds no personal data beyond the acting user's number."""

    __tablename__ = "audit_event"

    #: Position in the chain, from 1; assigned under the lock on the head, so it has no gaps.
    position: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_type=UtcTime, index=True)
    actor_id: int = Field(index=True)
    organisation_id: int | None = Field(default=None, index=True)
    #: source:subject:action, for example tender:notice:publish.
    action: str = Field(sa_column=Column(String(80), nullable=False, index=True))
    object_type: str = Field(sa_column=Column(String(60), nullable=False))
    object_id: str = Field(sa_column=Column(String(80), nullable=False))
    detail: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    salt: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    previous: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))

    def body(self) -> bytes:
        """The canonical bytes (RFC 8785) that the hash covers; the position is not in it."""
        return rfc8785.dumps(
            {
                "at": self.at.isoformat(),
                "actor": self.actor_id,
                "organisation": self.organisation_id,
                "action": self.action,
                "object": [self.object_type, self.object_id],
                "detail": self.detail,
                "salt": self.salt.hex(),
            }
        )


def record(
    session: Session,
    at: datetime,
    actor: Actor,
    action: str,
    subject: Any,
    **detail: str | int | bool | None | list | dict,
) -> AuditEvent:
    """Append one event to the chain, in the caller's transaction.

    at: the clock reading the change itself stored; action: 'source:subject:action'; subject: the row acted on, or a
    (type, id) pair; detail: facts that are not personal (numbers, hashes, versions). Amounts go in as text.
    """
    kind, key = subject if isinstance(subject, tuple) else (subject.__tablename__, _key(session, subject))
    head = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if head is None:
        head = AuditHead()
        session.add(head)
    entry = AuditEvent(
        position=head.size + 1,
        at=at,
        actor_id=actor.user_id,
        organisation_id=actor.organisation_id,
        action=action,
        object_type=kind,
        object_id=str(key),
        detail=detail,
        salt=secrets.token_bytes(16),
        previous=head.hash,
        hash=GENESIS,
    )
    entry.hash = hashlib.sha256(entry.previous + entry.body()).digest()
    head.size, head.hash = entry.position, entry.hash
    session.add(entry)
    session.flush()
    return entry


def _key(session: Session, row: Any) -> Any:
    session.flush()
    return row.id


@dataclass(frozen=True)
class Fault:
    """Where the chain does not hold, and why: an English message id with its parameters."""

    position: int
    message: str
    params: dict[str, int] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The message in English, for the command line."""
        return self.message % self.params


def verify(session: Session) -> Iterator[Fault]:
    """Walk the whole chain; yields a fault for each event changed, removed or inserted, and for a wrong head."""
    previous, expected = GENESIS, 1
    for entry in session.scalars(select(AuditEvent).order_by(AuditEvent.position).execution_options(yield_per=1000)):
        if entry.position != expected:
            yield Fault(expected, N_("is missing; the next event is %(next)s"), {"next": entry.position})
            expected = entry.position
        if entry.previous != previous:
            yield Fault(entry.position, N_("does not follow the event before it"))
        if entry.hash != hashlib.sha256(entry.previous + entry.body()).digest():
            yield Fault(entry.position, N_("was changed after it was written"))
        previous, expected = entry.hash, expected + 1
    head = session.get(AuditHead, 1)
    counted, last = (head.size, head.hash) if head else (0, GENESIS)
    if (counted, last) != (expected - 1, previous):
        yield Fault(expected, N_("the head counts %(size)s events and ends in another hash"), {"size": counted})


#: Triggers are a seat belt (the evidence is the chain and its outside copies); the migration runs the same statements.
SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$",
    "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event "
    "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_change",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_truncate",
)
for _dialect, _statements in (("sqlite", SQLITE_TRIGGERS), ("postgresql", POSTGRESQL_TRIGGERS)):
    for _statement in _statements:
        event.listen(
            AuditEvent.__table__, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect)
        )
