"""Doing the queued work: claim a task, run its handler, keep its lease, write its end."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from core.clock import Clock
from core.db import locked, transaction
from core.errors import ChengbanError, N_, Refused
from core.files import DiskStore
from core.house import House
from core.identity.actor import SYSTEM, Actor
from core.identity.models import User
from core.tasks.models import Task
from core.tasks.registry import handler_of

log = logging.getLogger(__name__)

#: How long a process may be silent before its task is given to another, and how often it says that it lives.
LEASE = timedelta(seconds=30)
HEARTBEAT = timedelta(seconds=10)
#: Work that kills its process again and again must not do so for ever.
ATTEMPTS = 3


class Work:
    """What a handler gets: the house, a session of its own, the person it works for, and where to report progress."""

    def __init__(self, house: House, session: Session, task_id: int, actor: Actor) -> None:
        self.house, self.session, self.task_id, self.actor = house, session, task_id, actor

    @property
    def clock(self) -> Clock:
        return self.house.clock

    @property
    def files(self) -> DiskStore:
        return self.house.files

    def report(self, done: int, total: int, message: str | None = None, **params: Any) -> None:
        """Store how far the work is, at once and for every reader; call it between transactions, never inside one."""
        if self.session.in_transaction() and self.session.connection().get_execution_options().get("writing"):
            raise RuntimeError("report progress between transactions, so that what it says is already done")
        with transaction(self.session):
            task = locked(self.session, Task, self.task_id)
            task.done, task.total = done, total
            task.lease_until = self.clock.now() + LEASE
            if message is not None:
                task.message = {"message": message, "params": params}


def run_waiting(house: House) -> int:
    """Do all the waiting work, one task after another; returns how many were done. Used by scheduler, CLI and tests."""
    count = 0
    while (claimed := _claim(house)) is not None:
        _run(house, claimed)
        count += 1
    return count


def _claim(house: House) -> int | None:
    """Take the oldest task that waits or whose process died; returns its number."""
    with house.db.factory() as session, transaction(session):
        now = house.clock.now()
        free = or_(Task.lease_until.is_(None), Task.lease_until < now)
        waiting = select(Task).where(Task.finished_at.is_(None), Task.failed_at.is_(None), free)
        task = session.scalar(waiting.order_by(Task.id).limit(1).with_for_update(skip_locked=True))
        if task is None:
            return None
        task.started_at = task.started_at or now
        task.attempts += 1
        task.lease_until = now + LEASE
        return task.id


def _run(house: House, task_id: int) -> None:
    """Run one claimed task to its end; whatever happens, the task says so."""
    with house.db.factory() as session:
        task = session.get_one(Task, task_id)
        kind, args = task.kind, dict(task.args)
        try:
            if task.attempts > ATTEMPTS:
                raise Refused(N_("The work was begun %(times)s times and never reached its end"), times=ATTEMPTS)
            work = Work(house, session, task_id, actor_for(session, task.requested_by))
            session.rollback()
            with _lease_kept(house, task_id):
                result = handler_of(kind)(work, **args)
        except ChengbanError as refused:
            session.rollback()
            _end(house, session, task_id, error=_shown(refused))
        except Exception:
            session.rollback()
            incident = secrets.token_hex(4)
            log.exception("task failed", extra={"task": task_id, "kind": kind, "incident": incident})
            stopped = N_("The work stopped at an unexpected fault, incident %(incident)s")
            _end(house, session, task_id, error=_shown(ChengbanError(stopped, incident=incident)))
        else:
            session.rollback()
            _end(house, session, task_id, result=result)


def _end(house: House, session: Session, task_id: int, **facts: Any) -> None:
    with transaction(session):
        task = locked(session, Task, task_id)
        now = house.clock.now()
        if "error" in facts:
            task.failed_at, task.error = now, facts["error"]
        else:
            task.finished_at, task.result, task.done = now, facts["result"], max(task.done, task.total)
        task.lease_until = None


def _shown(error: ChengbanError) -> dict[str, Any]:
    return {
        "message": error.message,
        "params": {name: str(value) for name, value in error.params.items()},
        "clause": error.clause,
    }


def actor_for(session: Session, user_id: int) -> Actor:
    """The person as they are now: a role lost since the request no longer counts, nor any of a disabled account."""
    if user_id == SYSTEM.user_id:
        return SYSTEM
    user = session.get_one(User, user_id)
    return user.as_actor() if user.active else replace(user.as_actor(), roles=frozenset())


@contextmanager
def _lease_kept(house: House, task_id: int) -> Iterator[None]:
    """Renew the lease from a second thread while the handler computes, so that silence means death."""
    over = Event()

    def renew() -> None:
        while not over.wait(HEARTBEAT.total_seconds()):
            try:
                with house.db.factory() as session, transaction(session):
                    locked(session, Task, task_id).lease_until = house.clock.now() + LEASE
            except OperationalError:
                log.warning("lease not renewed: the database is busy", extra={"task": task_id})

    thread = Thread(target=renew, name=f"lease of task {task_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
