"""Remedies: a supplier's query (质疑) with its reply, and the complaint (投诉) to the finance department after it."""

from datetime import date, datetime

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, UtcTime, choice
from tender.rules.words import ComplaintOutcome, QueryAbout, QueryOutcome, RemedyRoute


class Query(SQLModel, table=True):
    """A query letter with its six fields (94 art. 12); the reply is a paper (art. 15)."""

    __tablename__ = "supplier_query"
    __table_args__ = (UniqueConstraint("tender_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    number: int
    organisation_id: int = Field(foreign_key="organisation.id")
    about: QueryAbout = Field(sa_type=choice(QueryAbout))
    #: The lots it is about, by position; none is the whole tender. Settled: those whose outcome is carried out.
    lots: list[int] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    settled_lots: list[int] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    address: str = Field(max_length=200)
    postcode: str = Field(max_length=10)
    contact: str = Field(max_length=40)
    telephone: str = Field(max_length=40)
    matters: str = Field(sa_column=Column(Text, nullable=False))
    facts: str = Field(sa_column=Column(Text, nullable=False))
    basis: str = Field(sa_column=Column(Text, nullable=False))
    lodged_by: int = Field(foreign_key="user_account.id")
    received_at: datetime = Field(sa_type=UtcTime)
    #: The day of receipt (T21), and for a letter sent by post the day it was posted: posted in time is in time (T20).
    received_on: date
    posted_on: date | None = None
    outcome: QueryOutcome | None = Field(default=None, sa_type=choice(QueryOutcome))
    reply: str | None = Field(default=None, sa_column=Column(Text))
    replied_at: datetime | None = Field(default=None, sa_type=UtcTime)
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
    #: What was done where the query was founded and affects the result; until then nothing is signed.
    remedy: RemedyRoute | None = Field(default=None, sa_type=choice(RemedyRoute))
    remedy_notice_id: int | None = Field(default=None, foreign_key="notice.id")
    #: The day the finance department was told in writing of a changed result (94 art. 16).
    reported_on: date | None = None
    carried_out: str | None = Field(default=None, sa_column=Column(Text))
    carried_out_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Complaint(SQLModel, table=True):
    """A complaint that the finance department took up, as the purchaser learns of it (94 art. 21–28)."""

    __table_args__ = (UniqueConstraint("query_id"),)

    id: int | None = Field(default=None, primary_key=True)
    query_id: int = Field(foreign_key="supplier_query.id")
    tender_id: int = Field(foreign_key="tender.id", index=True)
    authority: str = Field(max_length=100)
    #: As of a query, and never more than was queried (REG art. 55).
    lots: list[int] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    settled_lots: list[int] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    #: The day the finance department received it (T25), and the day the copy reached the purchaser (T24).
    received_on: date
    notified_on: date
    #: The day on the complaint letter (T22); letters registered before this house asked for it have none.
    lodged_on: date | None = None
    matters: str = Field(sa_column=Column(Text, nullable=False))
    #: What came of the query, the facts and the legal grounds, as the letter says (94 art. 18).
    history: str | None = Field(default=None, sa_column=Column(Text))
    facts: str | None = Field(default=None, sa_column=Column(Text))
    basis: str | None = Field(default=None, sa_column=Column(Text))
    recorded_by: int = Field(foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcTime)
    #: The day of the written notice that suspends the procurement, if there is one (T26).
    suspended_on: date | None = None
    stated_at: datetime | None = Field(default=None, sa_type=UtcTime)
    statement: str | None = Field(default=None, sa_column=Column(Text))
    outcome: ComplaintOutcome | None = Field(default=None, sa_type=choice(ComplaintOutcome))
    decision: str | None = Field(default=None, sa_column=Column(Text))
    decided_on: date | None = None
    carried_out: str | None = Field(default=None, sa_column=Column(Text))
    carried_out_at: datetime | None = Field(default=None, sa_type=UtcTime)
