"""The audit log on both databases: chained, append-only, and a verifier that finds what was tampered with."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from core import audit
from core.audit import GENESIS, AuditEvent, AuditHead, Fault
from core.clock import FixedClock
from core.db import transaction
from core.identity.actor import SYSTEM, Actor

#: A person of organisation 7.
HANDLER = Actor(3, "李敏", 7, "department", frozenset({"handler"}))


@pytest.fixture
def written(session: Session, clock: FixedClock) -> Session:
    """Five events, a minute apart."""
    for number in range(1, 6):
        write(session, clock, f"第{number}件")
        clock.advance(minutes=1)
    return session


def write(session: Session, clock: FixedClock, what: str) -> None:
    """One event of its own transaction."""
    with transaction(session):
        audit.record(session, clock.now(), HANDLER, "tender:notice:publish", ("tender", 1), what=what, pages=3)


def faults(session: Session) -> list[Fault]:
    """What the verifier says, as the next process would see it."""
    session.rollback()
    session.expire_all()
    return list(audit.verify(session))


def tamper(session: Session, statement: str, **values: object) -> None:
    """What a person with the database's own rights could do: the triggers off, then a statement."""
    if session.get_bind().dialect.name == "sqlite":
        for name in ("audit_event_no_update", "audit_event_no_delete"):
            session.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
    else:
        session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
    session.execute(text(statement), values)
    session.commit()


def test_an_event_says_who_did_what_to_which_row(written: Session) -> None:
    first = written.get_one(AuditEvent, 1)
    assert (first.actor_id, first.organisation_id, first.action) == (3, 7, "tender:notice:publish")
    assert (first.object_type, first.object_id, first.detail) == ("tender", "1", {"what": "第1件", "pages": 3})


def test_events_follow_each_other_without_a_gap(written: Session) -> None:
    events = written.exec(select(AuditEvent).order_by(AuditEvent.position)).all()  # type: ignore[arg-type]
    assert [event.position for event in events] == [1, 2, 3, 4, 5]
    assert [event.previous for event in events] == [GENESIS, *(event.hash for event in events[:-1])]
    head = written.get_one(AuditHead, 1)
    assert (head.size, head.hash) == (5, events[-1].hash)
    assert faults(written) == []


def test_an_empty_log_is_whole(session: Session) -> None:
    assert faults(session) == []


def test_an_event_goes_with_its_change_or_not_at_all(written: Session, clock: FixedClock) -> None:
    with pytest.raises(RuntimeError), transaction(written):
        audit.record(written, clock.now(), SYSTEM, "tender:tender:close", ("tender", 1))
        raise RuntimeError("the change failed")
    assert written.get_one(AuditHead, 1).size == 5
    assert faults(written) == []


def test_two_events_alike_have_different_hashes(session: Session, clock: FixedClock) -> None:
    """Each carries its own salt, so that a guessed event cannot be confirmed from its hash."""
    write(session, clock, "同一件")
    write(session, clock, "同一件")
    first, second = session.exec(select(AuditEvent)).all()
    assert (first.body() == second.body(), first.hash == second.hash) == (False, False)


def test_instants_are_kept_to_the_microsecond(session: Session, clock: FixedClock) -> None:
    clock.move_to(clock.now() + timedelta(microseconds=417_283))
    write(session, clock, "微秒")
    assert faults(session) == []
    assert session.get_one(AuditEvent, 1).at == clock.now()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'tender:notice:withdraw' WHERE position = 2",
        "DELETE FROM audit_event WHERE position = 2",
        "DELETE FROM audit_event",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(written: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        written.execute(text(statement))
    assert faults(written) == []


def test_replacing_a_row_is_a_deletion_too(written: Session) -> None:
    if written.get_bind().dialect.name == "postgresql":
        statement = "TRUNCATE audit_event"
    else:
        columns = (
            "position, at, actor_id, organisation_id, action, object_type, object_id, detail, salt, previous, hash"
        )
        statement = (
            f"INSERT OR REPLACE INTO audit_event ({columns}) SELECT {columns} FROM audit_event WHERE position = 2"
        )
    with pytest.raises(DBAPIError, match="append-only"):
        written.execute(text(statement))
    assert faults(written) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE audit_event SET action = 'tender:notice:withdraw' WHERE position = 2",
            [(2, "was changed after it was written")],
        ),
        ("UPDATE audit_event SET actor_id = 4 WHERE position = 5", [(5, "was changed after it was written")]),
        (
            "DELETE FROM audit_event WHERE position = 3",
            [(3, "is missing; the next event is 4"), (4, "does not follow the event before it")],
        ),
        ("DELETE FROM audit_event WHERE position = 5", [(5, "the head counts 5 events and ends in another hash")]),
        ("UPDATE audit_head SET size = 4", [(6, "the head counts 4 events and ends in another hash")]),
        ("UPDATE audit_head SET hash = :zero", [(6, "the head counts 5 events and ends in another hash")]),
        ("DELETE FROM audit_head", [(6, "the head counts 0 events and ends in another hash")]),
    ],
)
def test_the_verifier_finds_what_was_tampered_with(
    written: Session, statement: str, found: list[tuple[int, str]]
) -> None:
    tamper(written, statement, **({"zero": GENESIS} if ":zero" in statement else {}))
    assert [(fault.position, fault.reason) for fault in faults(written)] == found


def test_an_event_slipped_in_does_not_follow(written: Session) -> None:
    tamper(
        written,
        "INSERT INTO audit_event (position, at, actor_id, action, object_type, object_id, detail, salt, previous, hash)"
        " SELECT 6, at, actor_id, action, object_type, object_id, detail, salt, previous, hash FROM audit_event"
        " WHERE position = 4",
    )
    reasons = [(fault.position, fault.reason) for fault in faults(written)]
    assert (6, "does not follow the event before it") in reasons
