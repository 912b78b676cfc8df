"""The database: engine, session per request, and the write transaction that takes its lock before it reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlmodel import Session, SQLModel, create_engine

from core import sqlite

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

#: SQLite releases without the WAL-reset corruption bug (security.md, finding 3).
_WAL_SAFE = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite release may run in WAL mode: 3.51.3 and later, or one that carries the backported fix."""
    if version >= _WAL_SAFE[0]:
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_SAFE[1:])


#: SQLite has one writer. Its waiting threads poll with growing pauses and may starve each other; a lock in the process
#: hands the turn to the next at once. It is only a queue: what counts is SQLite's own lock, taken after it.
_queues: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
QUEUE_SECONDS = 10


def make_engine(url: str) -> Engine:
    """An engine with the settings the house relies on (foreign keys, durable commits, explicit BEGIN on SQLite)."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, module=sqlite.library)
    _prepare_sqlite(engine)
    return engine


def _prepare_sqlite(engine: Engine) -> None:
    _queues[engine] = Lock()
    wal = wal_is_safe(sqlite.VERSION)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, else savepoints and reads leak
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")  # as Debian builds it: what is deleted is overwritten
        connection.execute("PRAGMA recursive_triggers=ON")  # INSERT OR REPLACE must fire delete triggers
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
        connection.execute(f"PRAGMA synchronous={'FULL' if wal else 'EXTRA'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class Database:
    """One engine and the sessions that use it; `session` is the one of the current request, command or job."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.factory = sessionmaker(bind=self.engine, class_=Session, expire_on_commit=True)
        self.scoped = scoped_session(self.factory)

    @property
    def session(self) -> Session:
        return self.scoped()

    def remove(self) -> None:
        """End the current session; called when a request or job ends."""
        self.scoped.remove()


def trouble(failed: DBAPIError) -> str:
    """One line on a database that cannot be used: it is not there, or it was never prepared."""
    said = str(failed.orig).strip().splitlines()[0]
    if "no such table" in said or "does not exist" in said:
        return f"The database is not prepared ({said}): run .venv/bin/alembic upgrade head, or make run"
    return f"The database cannot be used: {said}"


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Run one write: the lock first, then every read, then commit; an error rolls everything back.

    On SQLite the write lock is taken at once (BEGIN IMMEDIATE); on PostgreSQL services lock the rows that matter
    with `locked`. Whatever was read before is read again, so a decision never rests on a stale row.
    """
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes outside a transaction: services are the only writers")
    if session.info.get("in transaction"):
        raise RuntimeError("a transaction inside a transaction would roll back the outer one's changes")
    session.rollback()
    with _turn(session):
        session.info["in transaction"] = True
        try:
            session.connection(execution_options={"writing": True})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["in transaction"] = False


@contextmanager
def _turn(session: Session) -> Iterator[None]:
    """This process's turn to write on SQLite; whoever waits too long goes on and lets the database decide."""
    queue = _queues.get(session.get_bind().engine)
    mine = queue is not None and queue.acquire(timeout=QUEUE_SECONDS)
    try:
        yield
    finally:
        if queue is not None and mine:
            queue.release()


def locked(session: Session, model: type, key: Any) -> Any:
    """Read one row again under a row lock (FOR UPDATE); the row's facts cannot change before the commit."""
    return session.get(model, key, with_for_update=True, populate_existing=True)
