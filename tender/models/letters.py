"""What the committee writes to a bidder during the evaluation, and the answer: clarifications and price corrections."""

from datetime import datetime
from enum import Enum

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from core.columns import UtcTime, choice


class LetterKind(Enum):
    """澄清 (87 art. 51) or 报价修正确认 (87 art. 59)."""

    CLARIFICATION = "clarification"
    CORRECTION = "correction"


class BidLetter(SQLModel, table=True):
    """A written question of the committee to one bidder with its last instant, and the one answer."""

    __tablename__ = "bid_letter"

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    bid_id: int = Field(foreign_key="bid.id", index=True)
    kind: LetterKind = Field(sa_type=choice(LetterKind))
    matter: str = Field(sa_column=Column(Text, nullable=False))
    asked_by: int = Field(foreign_key="user_account.id")
    asked_at: datetime = Field(sa_type=UtcTime)
    answer_by: datetime = Field(sa_type=UtcTime)
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
    answer: str | None = Field(default=None, sa_column=Column(Text))
    #: A correction: whether the bidder confirms it. None for a clarification, or while nothing is answered.
    confirmed: bool | None = None
    answered_by: int | None = Field(default=None, foreign_key="user_account.id")
    answered_at: datetime | None = Field(default=None, sa_type=UtcTime)
