"""The tables of long work: tasks with their progress, and the runs of sweeps."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, UtcTime


class Task(SQLModel, table=True):
    """One piece of long work that somebody asked for. Its state is in its facts; see `core.tasks.queue.state`."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("finished_at IS NULL OR failed_at IS NULL", "one_end"),
        CheckConstraint("done >= 0 AND total >= 0", "progress_counts"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(sa_column=Column(String(80), nullable=False, index=True))
    #: The handler's keyword arguments; numbers of rows and hashes, nothing personal.
    args: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    #: The person's number, 0 for the system; the work is done with the rights this person has when it runs.
    requested_by: int = Field(index=True)
    requested_at: datetime = Field(sa_type=UtcTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime, index=True)
    failed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: {"message": id, "params": {…}, "clause": …}, shown in the reader's language.
    error: dict[str, Any] | None = Field(default=None, sa_column=Column(Document))
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(Document))
    done: int = 0
    total: int = 0
    #: {"message": id, "params": {…}}: what is being done now.
    message: dict[str, Any] | None = Field(default=None, sa_column=Column(Document))
    #: Until when the process that runs it has it; past that it is taken to have died and the work begins again.
    lease_until: datetime | None = Field(default=None, sa_type=UtcTime)
    attempts: int = 0


class JobRun(SQLModel, table=True):
    """One run of one sweep for one due time; the pair is unique, so a sweep runs once for it whoever starts it."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "due"),)

    id: int | None = Field(default=None, primary_key=True)
    job: str = Field(sa_column=Column(String(80), nullable=False))
    due: datetime = Field(sa_type=UtcTime)
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime, index=True)
    failed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    error: str = Field(default="", sa_column=Column(String(500), nullable=False))
    #: How many things the sweep did.
    count: int = 0
