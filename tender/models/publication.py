"""What is made public or kept secret before the deadline: notices, who took the documents, questions and answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, UtcTime, choice
from tender.rules.words import NoticeKind


class Notice(SQLModel, table=True):
    """A public notice; its text and PDF are the issued document it names."""

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    kind: NoticeKind = Field(sa_type=choice(NoticeKind))
    document_id: int = Field(foreign_key="issued_document.id", unique=True)
    published_at: datetime = Field(sa_type=UtcTime)
    reason: str | None = Field(default=None, sa_column=Column(Text))
    #: Corrigendum: [{"field": …, "before": …, "after": …, "key": …, "touches": …}]; touches is the position of the lot
    #: whose bids it touches, 0 for every lot, None for no bid. Corrigenda of before have the first three.
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))


class CorrigendumReceipt(SQLModel, table=True):
    """A taker confirms having read a corrigendum: secret until the opening, like the taking itself (87 art. 28)."""

    __tablename__ = "corrigendum_receipt"
    __table_args__ = (UniqueConstraint("notice_id", "organisation_id"),)

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    confirmed_by: int = Field(foreign_key="user_account.id")
    confirmed_at: datetime = Field(sa_type=UtcTime)


class BidReconfirmation(SQLModel, table=True):
    """A bidder lets its bid stand as it is after a corrigendum that touches its lot: secret until the opening."""

    __tablename__ = "bid_reconfirmation"
    __table_args__ = (UniqueConstraint("notice_id", "bid_id"),)

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id")
    bid_id: int = Field(foreign_key="bid.id", index=True)
    confirmed_by: int = Field(foreign_key="user_account.id")
    confirmed_at: datetime = Field(sa_type=UtcTime)


class DocumentTaker(SQLModel, table=True):
    """Who took the tender document: secret until the opening (87 art. 28)."""

    __tablename__ = "document_taker"
    __table_args__ = (UniqueConstraint("tender_id", "organisation_id"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    taken_by: int = Field(foreign_key="user_account.id")
    taken_at: datetime = Field(sa_type=UtcTime)


class Clarification(SQLModel, table=True):
    """A taker's question and the department's numbered answer, public without the asker (87 art. 27)."""

    __table_args__ = (UniqueConstraint("tender_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    asked_by_organisation_id: int = Field(foreign_key="organisation.id")
    asked_by: int = Field(foreign_key="user_account.id")
    asked_at: datetime = Field(sa_type=UtcTime)
    question: str = Field(sa_column=Column(Text, nullable=False))
    #: Given with the answer, from 1.
    number: int | None = None
    answer: str | None = Field(default=None, sa_column=Column(Text))
    answered_by: int | None = Field(default=None, foreign_key="user_account.id")
    answered_at: datetime | None = Field(default=None, sa_type=UtcTime)
