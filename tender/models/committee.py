"""Who may sit on a committee and how it is drawn: the expert pool's entries, the draws and their secret numbers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, UtcTime


class ExpertProfile(SQLModel, table=True):
    """What the pool knows of an expert: field, employer, recusals (REG art. 9) and times of absence."""

    __tablename__ = "expert_profile"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", unique=True)
    specialty: str = Field(max_length=100)
    #: Where the expert works now; an expert never sits for the own employer's tender.
    employer: str = Field(max_length=120)
    #: [{"organisation": id, "reason": "…"}]: interests in organisations within the last three years.
    recusals: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    #: Not to be drawn until this day has passed.
    absent_until: date | None = None
    updated_by: int = Field(foreign_key="user_account.id")
    updated_at: datetime = Field(sa_type=UtcTime)


class CommitteeDraw(SQLModel, table=True):
    """One draw: the list is fixed first, two supervisors commit to secret numbers, and only both together order it."""

    __tablename__ = "committee_draw"
    __table_args__ = (UniqueConstraint("tender_id", "round"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    round: int
    #: Size of the committee and how many of it are drawn experts.
    members: int
    experts: int
    #: User ids of the purchaser's representatives, seated with the drawn experts.
    purchasers: list[int] = Field(sa_column=Column(Document, nullable=False))
    #: Numbers of the experts that can be drawn, rising; and those left out: [{"number": …, "reason": key}].
    candidates: list[int] = Field(sa_column=Column(Document, nullable=False))
    excluded: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    list_sha256: str = Field(max_length=64)
    fixed_by: int = Field(foreign_key="user_account.id")
    fixed_at: datetime = Field(sa_type=UtcTime)
    #: Hash of the audit event of the last commitment: fixed before anything is revealed.
    root: str | None = Field(default=None, max_length=64)
    drawn_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Every candidate in the order of the draw; the first ones are seated, the others follow when a seat is free.
    order: list[int] = Field(default_factory=list, sa_column=Column("drawn_order", Document, nullable=False))
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
    abandoned_at: datetime | None = Field(default=None, sa_type=UtcTime)
    abandon_reason: str | None = Field(default=None, sa_column=Column(Text))


class DrawNumber(SQLModel, table=True):
    """A supervisor's secret number for a draw: its hash first, the number itself when both hashes are there."""

    __tablename__ = "draw_number"
    __table_args__ = (UniqueConstraint("draw_id", "user_id"), UniqueConstraint("draw_id", "commitment"))

    id: int | None = Field(default=None, primary_key=True)
    draw_id: int = Field(foreign_key="committee_draw.id", index=True)
    user_id: int = Field(foreign_key="user_account.id")
    commitment: str = Field(max_length=64)
    committed_at: datetime = Field(sa_type=UtcTime)
    nonce: str | None = Field(default=None, max_length=200)
    revealed_at: datetime | None = Field(default=None, sa_type=UtcTime)
