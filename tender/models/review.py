"""After the opening: prices, reviews, committee, scores, ranking and awards."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.columns import Document, Money, Rate, UtcTime, choice
from tender.rules.words import CommitteeSeat, EnvelopeKind


class Opening(SQLModel, table=True):
    """An opening (开标) of technical or price envelopes: who was there, and its record."""

    __table_args__ = (UniqueConstraint("tender_id", "envelope"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    envelope: EnvelopeKind = Field(sa_type=choice(EnvelopeKind))
    opened_at: datetime = Field(sa_type=UtcTime)
    #: User ids of the officers whose shares rebuilt the key.
    officers: list[int] = Field(sa_column=Column(Document, nullable=False))
    #: How it came about where the officers' quorum was not to be had: recovery holders, or the bidders themselves.
    recovery_note: str = Field(default="", sa_column=Column(Text, nullable=False))
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")


class PriceSheet(SQLModel, table=True):
    """开标一览表: the price a bid declares, as read from its opened price envelope."""

    __tablename__ = "price_sheet"

    id: int | None = Field(default=None, primary_key=True)
    bid_id: int = Field(foreign_key="bid.id", unique=True)
    #: In the unit of the lot's price object: yuan, or a fraction for rates.
    price: Decimal = Field(sa_type=Rate)
    price_in_words: str = Field(max_length=100)
    #: After the correction order of 87 art. 59; equal to `price` when nothing was corrected.
    corrected_price: Decimal = Field(sa_type=Rate)
    correction: str | None = Field(default=None, sa_column=Column(Text))
    #: The other of unit price and total, where the price object is made of both and the sheet states it: as read, and
    #: after the correction. The quantity is the bidder's own figure; what counts is the tender document's.
    beside: Decimal | None = Field(default=None, sa_type=Rate)
    beside_in_words: str = Field(default="", max_length=100)
    quantity: Decimal | None = Field(default=None, sa_type=Rate)
    corrected_beside: Decimal | None = Field(default=None, sa_type=Rate)
    #: Another price that other content of the bid states, and where, as the committee's chair found it.
    elsewhere: Decimal | None = Field(default=None, sa_type=Rate)
    elsewhere_place: str = Field(default="", max_length=200)
    #: The steps that corrected something, in order: {"number", "text", "clause"}; `correction` says them in a sentence.
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    #: Where the bidder's quantity is not the tender document's.
    remark: str = Field(default="", sa_column=Column(Text, nullable=False))
    term_total: Decimal = Field(sa_type=Money)


class LowPriceReview(SQLModel, table=True):
    """A price that the committee asks about: grounds, explanation in time, decision (87 art. 60; 财库〔2026〕2号)."""

    __tablename__ = "low_price_review"

    id: int | None = Field(default=None, primary_key=True)
    bid_id: int = Field(foreign_key="bid.id", unique=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    #: Texts: which numbers triggered it, or the committee's own judgement.
    grounds: list[str] = Field(sa_column=Column(Document, nullable=False))
    asked_by: int = Field(foreign_key="user_account.id")
    asked_at: datetime = Field(sa_type=UtcTime)
    #: The last instant for the explanation.
    answer_by: datetime = Field(sa_type=UtcTime)
    letter_id: int | None = Field(default=None, foreign_key="issued_document.id")
    explanation: str | None = Field(default=None, sa_column=Column(Text))
    explained_by: int | None = Field(default=None, foreign_key="user_account.id")
    explained_at: datetime | None = Field(default=None, sa_type=UtcTime)
    proven: bool | None = None
    decision: str | None = Field(default=None, sa_column=Column(Text))
    decided_by: int | None = Field(default=None, foreign_key="user_account.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)


class QualificationFinding(SQLModel, table=True):
    """资格审查 by the purchaser: one condition, one bid (87 art. 44)."""

    __tablename__ = "qualification_finding"
    __table_args__ = (UniqueConstraint("bid_id", "condition_id"),)

    id: int | None = Field(default=None, primary_key=True)
    bid_id: int = Field(foreign_key="bid.id", index=True)
    condition_id: int = Field(foreign_key="qualification_condition.id")
    passed: bool
    reason: str | None = Field(default=None, sa_column=Column(Text))
    reviewed_by: int = Field(foreign_key="user_account.id")
    reviewed_at: datetime = Field(sa_type=UtcTime)


class CommitteeMember(SQLModel, table=True):
    """A member of the evaluation committee; secret until the award notice, which names the experts."""

    __tablename__ = "committee_member"
    __table_args__ = (UniqueConstraint("tender_id", "user_id"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    user_id: int = Field(foreign_key="user_account.id")
    seat: CommitteeSeat = Field(sa_type=choice(CommitteeSeat))
    is_chair: bool = False
    #: Place in the reproducible draw, from 1; none for the purchaser's representative.
    drawn: int | None = None
    appointed_at: datetime = Field(sa_type=UtcTime)
    #: A conflict declaration stands before any bid is visible; a member with a conflict leaves.
    declared_at: datetime | None = Field(default=None, sa_type=UtcTime)
    conflict: str | None = Field(default=None, sa_column=Column(Text))
    left_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Why a drawn expert did not come or fell away, where it was no declared conflict.
    left_reason: str | None = Field(default=None, sa_column=Column(Text))


class ConformityFinding(SQLModel, table=True):
    """符合性审查 by the committee: whether a bid responds in substance (87 art. 50)."""

    __tablename__ = "conformity_finding"

    id: int | None = Field(default=None, primary_key=True)
    bid_id: int = Field(foreign_key="bid.id", unique=True)
    passed: bool
    reason: str | None = Field(default=None, sa_column=Column(Text))
    decided_by: int = Field(foreign_key="user_account.id")
    decided_at: datetime = Field(sa_type=UtcTime)


class ScoreSheet(SQLModel, table=True):
    """One member's scores for one lot; unseen by others until every sheet is locked (87 art. 55, 62)."""

    __tablename__ = "score_sheet"
    __table_args__ = (UniqueConstraint("member_id", "lot_id"),)

    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="committee_member.id", index=True)
    lot_id: int = Field(foreign_key="lot.id")
    started_at: datetime = Field(sa_type=UtcTime)
    locked_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Score(SQLModel, table=True):
    """Points of one member for one bid under one criterion."""

    __table_args__ = (UniqueConstraint("sheet_id", "bid_id", "criterion_id"),)

    id: int | None = Field(default=None, primary_key=True)
    sheet_id: int = Field(foreign_key="score_sheet.id", index=True)
    bid_id: int = Field(foreign_key="bid.id")
    criterion_id: int = Field(foreign_key="criterion.id")
    points: Decimal = Field(sa_type=Rate)
    reason: str | None = Field(default=None, sa_column=Column(Text))


class ScoreCheck(SQLModel, table=True):
    """A score that departs from the other members', found when all sheets were locked: its reason or correction."""

    __tablename__ = "score_check"

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    score_id: int = Field(foreign_key="score.id", unique=True)
    #: The points as they were locked, and the mean of the others', to four decimals.
    points: Decimal = Field(sa_type=Rate)
    others_mean: Decimal = Field(sa_type=Rate)
    corrected: bool = False
    #: None where the member gave none until the chair ended the check: the report says so.
    reason: str | None = Field(default=None, sa_column=Column(Text))
    answered_at: datetime | None = Field(default=None, sa_type=UtcTime)


class BidResult(SQLModel, table=True):
    """What the evaluation found for a bid: scores, rank, or why it is invalid; frozen with the evaluation report."""

    __tablename__ = "bid_result"

    id: int | None = Field(default=None, primary_key=True)
    bid_id: int = Field(foreign_key="bid.id", unique=True)
    technical_score: Decimal | None = Field(default=None, sa_type=Rate)
    commercial_score: Decimal | None = Field(default=None, sa_type=Rate)
    price_score: Decimal | None = Field(default=None, sa_type=Rate)
    total: Decimal | None = Field(default=None, sa_type=Rate)
    rank: int | None = None
    #: 'qualification', 'conformity', 'price' …: the ground of 87 art. 63, with words.
    invalid_ground: str | None = Field(default=None, max_length=40)
    invalid_reason: str | None = Field(default=None, sa_column=Column(Text))
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    evaluated_at: datetime = Field(sa_type=UtcTime)


class Award(SQLModel, table=True):
    """A winner of a lot: the insurer, its place, its part of the insured and the price the contracts will use."""

    __table_args__ = (
        # A place has one standing winner; who declined keeps its row beside the candidate that followed.
        Index(
            "ix_award_standing_place", "lot_id", "place", unique=True,
            sqlite_where=text("declined_at IS NULL"), postgresql_where=text("declined_at IS NULL"),
        ),
        UniqueConstraint("bid_id"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    lot_id: int = Field(foreign_key="lot.id", index=True)
    #: None where the government's decision, not a bid, made the award (J11).
    bid_id: int | None = Field(default=None, foreign_key="bid.id")
    decision_id: int | None = Field(default=None, foreign_key="government_decision.id")
    insurer_id: int = Field(foreign_key="organisation.id")
    #: 1 for the first-ranked winner of the lot, 2 for the second (J9: two insurers a scheme).
    place: int
    price: Decimal = Field(sa_type=Rate)
    #: Part of the lot's insured: a share and the districts that make it up.
    share: Decimal = Field(sa_type=Rate)
    insured_count: int
    area: str = Field(max_length=200)
    term_total: Decimal = Field(sa_type=Money)
    decided_at: datetime = Field(sa_type=UtcTime)
    letter_id: int | None = Field(default=None, foreign_key="issued_document.id")
    letter_sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: When the insurer signed the agreement that rests on this award (written by the contracts room).
    signed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    declined_at: datetime | None = Field(default=None, sa_type=UtcTime)
    decline_reason: str | None = Field(default=None, sa_column=Column(Text))
    #: The query or complaint that made the award void, where it was not the winner who declined.
    voided_for_id: int | None = Field(default=None, foreign_key="supplier_query.id")
