"""Who watches a tender: hints of collusion that were looked at, findings of the supervisor, and the archive."""

from datetime import date, datetime

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import UtcTime


class HintNote(SQLModel, table=True):
    """Somebody has looked at a hint of collusion and says what is to be thought of it; the hint itself decides nothing.

    Hints are computed from the opened bids and not stored; the key is the hash of what a hint states.
    """

    __tablename__ = "hint_note"
    __table_args__ = (UniqueConstraint("tender_id", "key", "noted_by"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    key: str = Field(max_length=64)
    text: str = Field(sa_column=Column(Text, nullable=False))
    noted_by: int = Field(foreign_key="user_account.id")
    noted_at: datetime = Field(sa_type=UtcTime)


class SupervisionFinding(SQLModel, table=True):
    """What the supervision finds in a tender, with the purchaser's reply (J19)."""

    __tablename__ = "supervision_finding"
    __table_args__ = (UniqueConstraint("tender_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    number: int
    #: Where the tender stood, as the stage is called in `tender.rules.stages`.
    stage: str = Field(max_length=20)
    text: str = Field(sa_column=Column(Text, nullable=False))
    clause: str = Field(max_length=100)
    recorded_by: int = Field(foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcTime)
    reply: str | None = Field(default=None, sa_column=Column(Text))
    replied_by: int | None = Field(default=None, foreign_key="user_account.id")
    replied_at: datetime | None = Field(default=None, sa_type=UtcTime)


class TenderArchive(SQLModel, table=True):
    """A package of the whole procurement, kept at least fifteen years from its end (GPL art. 42)."""

    __tablename__ = "tender_archive"

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    #: The ZIP's bytes are in the content store under this hash.
    sha256: str = Field(max_length=64)
    size: int
    files: int
    ended_on: date
    keep_until: date
    built_by: int = Field(foreign_key="user_account.id")
    built_at: datetime = Field(sa_type=UtcTime)
