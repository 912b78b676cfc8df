"""Queueing work and reading how far it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlmodel import Session

from core.clock import Clock
from core.errors import N_, NotFound
from core.identity.actor import Actor
from core.tasks.models import JobRun, Task
from core.tasks.registry import handler_of

State = Literal["waiting", "running", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a task is. `message` and `error` are message ids with their params; `percent` is None before a total."""

    id: int
    kind: str
    state: State
    done: int
    total: int
    message: str | None
    params: dict[str, Any]
    error: str | None
    error_params: dict[str, Any]
    clause: str | None
    result: dict[str, Any] | None
    requested_by: int
    requested_at: datetime
    ended_at: datetime | None

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def is_over(self) -> bool:
        return self.state in ("finished", "failed")


def enqueue(session: Session, actor: Actor, clock: Clock, kind: str, **args: Any) -> Task:
    """Queue work, in the caller's transaction; the same work already waiting is returned instead of queued twice.

    args: JSON values, the handler's keyword arguments. Raises KeyError for a kind that no room registered.
    """
    handler_of(kind)
    waiting = select(Task).where(Task.kind == kind, Task.started_at.is_(None), Task.failed_at.is_(None))
    for queued in session.scalars(waiting):
        if queued.args == args:
            return queued
    queued = Task(kind=kind, args=args, requested_by=actor.user_id, requested_at=clock.now())
    session.add(queued)
    session.flush()
    return queued


def state(task: Task) -> State:
    """The one place that derives a task's state from its facts."""
    if task.finished_at:
        return "finished"
    if task.failed_at:
        return "failed"
    return "running" if task.started_at else "waiting"


def progress(session: Session, task_id: int) -> Progress:
    """How far a task is. Raises NotFound."""
    task = session.get(Task, task_id, populate_existing=True)
    if task is None:
        raise NotFound(N_("There is no task %(id)s"), id=task_id)
    message, error = task.message or {}, task.error or {}
    return Progress(
        id=task_id,
        kind=task.kind,
        state=state(task),
        done=task.done,
        total=task.total,
        message=message.get("message"),
        params=message.get("params", {}),
        error=error.get("message"),
        error_params=error.get("params", {}),
        clause=error.get("clause"),
        result=task.result,
        requested_by=task.requested_by,
        requested_at=task.requested_at,
        ended_at=task.finished_at or task.failed_at,
    )


def last_sweep(session: Session) -> datetime | None:
    """When the scheduler last finished a sweep; None before the first."""
    return session.scalar(
        select(JobRun.finished_at).where(JobRun.finished_at.is_not(None)).order_by(JobRun.finished_at.desc()).limit(1)
    )
