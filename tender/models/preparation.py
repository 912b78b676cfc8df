"""What the department prepares: tender, lots, the ten mandatory fields, historical data, scoring and timetable."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, Money, Rate, UtcTime, choice
from tender.rules.words import AwardRule, CriterionKind, PriceObject, Scheme, ScoreBlock, SplitMethod


class Tender(SQLModel, table=True):
    """An open tender (公开招标). Its stage follows from its facts: `tender.rules.stage`."""

    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("key_quorum <= key_officers", "quorum_within_officers"),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: Project number printed on every paper, for example JLDB-2016-ZB-01.
    number: str = Field(max_length=40)
    title: str = Field(max_length=200)
    purchaser_id: int = Field(foreign_key="organisation.id")
    #: 投保人: the agency that will sign agreement and contracts (J12).
    policyholder_id: int = Field(foreign_key="organisation.id")
    pack: str = Field(max_length=60)
    pack_hash: str = Field(max_length=64)
    #: The procurement rule set in force when the tender was created; a tender keeps it (regulation A.1).
    rule_set: str = Field(max_length=40)
    cloned_from_id: int | None = Field(default=None, foreign_key="tender.id")
    retender_of_id: int | None = Field(default=None, foreign_key="tender.id")
    budget: Decimal = Field(sa_type=Money)
    term_from: date
    term_until: date
    award_rule: AwardRule = Field(sa_type=choice(AwardRule))
    consortium_allowed: bool = False
    #: Whether the tender document asks for all queries on one step in one letter (94 art. 10).
    queries_once: bool = False
    #: Fewer than three valid bids left after both reviews: the evaluation goes on; else the lot fails (GPL art. 36).
    few_valid_go_on: bool = False
    #: The part below which a price must be explained, raised by the tender document; None: as the rule set has it.
    low_price_ratio: Decimal | None = Field(default=None, sa_type=Rate)
    bid_security: Decimal = Field(sa_type=Money)
    performance_security_rate: Decimal = Field(sa_type=Rate)
    #: Working days after the term and the handover within which it goes back; None: the document names none.
    performance_return_days: int | None = None
    bid_valid_days: int
    contact_name: str = Field(max_length=40)
    contact_telephone: str = Field(max_length=40)
    purchaser_address: str = Field(max_length=200)
    opening_place: str = Field(max_length=200)
    #: Where notices are published besides this house's own portal, as the notice names them (87 art. 16).
    media: list[str] = Field(sa_column=Column(Document, nullable=False))
    documents_from: date | None = None
    documents_until: date | None = None
    clarification_until: datetime | None = Field(default=None, sa_type=UtcTime)
    #: 投标截止: accepted strictly before this instant.
    deadline: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Later milestones chosen in the planner: a name of `tender.rules.timetable.LATER` → day in ISO form.
    planned: dict[str, str] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    #: By so many working days the documents period is extended once where fewer than three took them (87 art. 18).
    extend_documents_days: int | None = None
    documents_extended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    grace_minutes: int = 60
    key_quorum: int = 2
    key_officers: int = 3
    created_by: int = Field(foreign_key="user_account.id")
    created_at: datetime = Field(sa_type=UtcTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Hash of the sorted ciphertext hashes and a nonce, published at closing without telling how many there are.
    closing_hash: str | None = Field(default=None, max_length=64)
    closing_nonce: str | None = Field(default=None, max_length=64)
    technical_opened_at: datetime | None = Field(default=None, sa_type=UtcTime)
    qualification_reviewed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Part of a criterion's points by which a score may depart from the others' mean without a reason; None: default.
    outlier_threshold: Decimal | None = Field(default=None, sa_type=Rate)
    conformity_reviewed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    technical_locked_at: datetime | None = Field(default=None, sa_type=UtcTime)
    price_opened_at: datetime | None = Field(default=None, sa_type=UtcTime)
    evaluated_at: datetime | None = Field(default=None, sa_type=UtcTime)
    report_received_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: When the committee decided that the hints of collusion go into the evaluation report as an annex.
    hints_annexed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    awarded_at: datetime | None = Field(default=None, sa_type=UtcTime)
    failed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Which of the four grounds of GPL art. 36, or why it was cancelled, in words.
    end_reason: str | None = Field(default=None, sa_column=Column(Text))
    demonstration: bool = False


class Lot(SQLModel, table=True):
    """A lot (包): one scheme and area, with its price object, ceiling and number of winners (J9)."""

    __table_args__ = (UniqueConstraint("tender_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    position: int
    name: str = Field(max_length=100)
    scheme: Scheme = Field(sa_type=choice(Scheme))
    area: str = Field(max_length=200)
    insured_count: int
    price_object: PriceObject = Field(sa_type=choice(PriceObject))
    #: 最高限价 in the unit of the price object: yuan for money, a fraction for rates.
    ceiling: Decimal = Field(sa_type=Rate)
    budget: Decimal = Field(sa_type=Money)
    winners: int
    split_method: SplitMethod = Field(sa_type=choice(SplitMethod))
    #: One entry a rank: {"share": "0.60"} or {"districts": ["…"], "insured": 123}; shares add up to 1.
    split: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    #: A lot can fail while the others go on (fewer than three bids, fewer than three qualified …).
    failed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    end_reason: str | None = Field(default=None, sa_column=Column(Text))


class ContractTerms(SQLModel, table=True):
    """What the tender fixes for a lot's agreement and contracts; what a paper leaves open is chosen here."""

    __tablename__ = "contract_terms"

    id: int | None = Field(default=None, primary_key=True)
    lot_id: int = Field(foreign_key="lot.id", unique=True)
    #: whole | slice | floor (regulation E).
    sharing_reading: str = Field(max_length=20)
    #: Definition of the surplus-or-loss rate (regulation E.2 J1): 'claims',
    #: 'claims_and_expense', 'claims_expense_interest'.
    rate_definition: str = Field(max_length=40)
    expense_cap_rate: Decimal = Field(sa_type=Rate)
    #: incurred | paid | treated (regulation J2).
    claims_basis: str = Field(max_length=20)
    #: Claims of the year paid up to this day of the next year are counted.
    cutoff_month: int = 3
    cutoff_day: int = 31
    #: Premium instalments: [{"share": "0.60", "by": "03-31"}, …] of the contract premium; shares add up to 1.
    instalments: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    #: Promised days: manual claims, working days.
    manual_settlement_days: int = 20
    #: Days for the insurer's disclosures; the papers say 'in time', so the number is a house default.
    disclosure_working_days: int = 20
    dispute_working_days: int = 10
    #: What insurers are assessed by (J18): [{"name": "保障能力", "weight": "0.40"}, …], weights add up to 1; empty: the
    #: dimensions of the policy paper, weighted year by year.
    assessment: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))


class MandatoryField(SQLModel, table=True):
    """One of the ten matters the tender document must state (J10)."""

    __tablename__ = "mandatory_field"
    __table_args__ = (UniqueConstraint("tender_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    key: str = Field(max_length=40)
    text: str = Field(sa_column=Column(Text, nullable=False))


class HistoricalYear(SQLModel, table=True):
    """A past year of a lot's scheme: the historical data the tender document must supply (J10)."""

    __tablename__ = "historical_year"
    __table_args__ = (UniqueConstraint("lot_id", "year"),)

    id: int | None = Field(default=None, primary_key=True)
    lot_id: int = Field(foreign_key="lot.id", index=True)
    year: int
    insured_count: int
    premium: Decimal = Field(sa_type=Money)
    claims_paid: Decimal = Field(sa_type=Money)
    beneficiaries: int
    cases: int
    compliant_cost: Decimal = Field(sa_type=Money)


class QualificationCondition(SQLModel, table=True):
    """A condition a bidder must meet, with the proof asked for and the article it rests on."""

    __tablename__ = "qualification_condition"

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    position: int
    text: str = Field(sa_column=Column(Text, nullable=False))
    proof: str = Field(sa_column=Column(Text, nullable=False))
    clause: str = Field(max_length=100)


class Criterion(SQLModel, table=True):
    """One line of the scoring table: block, points and the closed list of intervals or levels."""

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    position: int
    block: ScoreBlock = Field(sa_type=choice(ScoreBlock))
    name: str = Field(max_length=100)
    points: Decimal = Field(sa_type=Rate)
    kind: CriterionKind = Field(sa_type=choice(CriterionKind))
    #: LEVELS: [{"points": "8", "when": "…"}]; INTERVALS: [{"from": "2.0", "to": null, "points": "8"}]; FORMULA: [].
    options: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    #: Objective factors must be scored alike by every member (87 art. 64).
    objective: bool = False


class TimetableEntry(SQLModel, table=True):
    """A date the planner fixed, with the limit it keeps (T01–T31)."""

    __tablename__ = "timetable_entry"
    __table_args__ = (UniqueConstraint("tender_id", "step"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    step: str = Field(max_length=8)
    day: date
    provisional: bool = False
    clause: str = Field(max_length=100)
