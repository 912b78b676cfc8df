"""The settlement side's tables: reported figures, claim files and findings, settlements with lines, ledger."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, Money, UtcTime, choice
from core.money import ZERO


class MonthlyFigures(SQLModel, table=True):
    """An insurer's figures of one month; a correction is a new version, the last confirmed one counts."""

    __tablename__ = "monthly_figures"
    __table_args__ = (UniqueConstraint("contract_id", "month", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    #: 1–12 of the insurance year; 13–15 for January–March of the next (run-off up to the cut-off day).
    month: int
    version: int
    claims_paid: Decimal = Field(sa_type=Money)
    persons: int
    cases: int
    expense: Decimal = Field(sa_type=Money)
    reported_by: int = Field(foreign_key="user_account.id")
    reported_at: datetime = Field(sa_type=UtcTime)
    note: str | None = Field(default=None, sa_column=Column(Text))


class AnnualFigures(SQLModel, table=True):
    """年度数据上报: the rows of F.3 that only the insurer knows; confirmed by a second person of the insurer."""

    __tablename__ = "annual_figures"
    __table_args__ = (UniqueConstraint("contract_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    version: int
    claims_paid: Decimal = Field(sa_type=Money)
    recoveries: Decimal = Field(sa_type=Money)
    recovery_cases: int
    reserve_open: Decimal = Field(sa_type=Money)
    reserve_close: Decimal = Field(sa_type=Money)
    direct_expense: Decimal = Field(sa_type=Money)
    allocated_expense: Decimal = Field(sa_type=Money)
    interest: Decimal = Field(sa_type=Money)
    taxes: Decimal = Field(sa_type=Money)
    #: Must be zero (regulation B.5); kept as a row so that it is stated.
    commission: Decimal = Field(sa_type=Money)
    #: Asked only where the contract's rule counts it: expense on quality, and what the risk reserve held before the
    #: first year of the agreement.
    quality_expense: Decimal | None = Field(default=None, sa_type=Money)
    risk_reserve_open: Decimal | None = Field(default=None, sa_type=Money)
    #: Evidence named by the insurer: {"reserve": "精算报告 …", …}.
    sources: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    reported_by: int = Field(foreign_key="user_account.id")
    reported_at: datetime = Field(sa_type=UtcTime)
    confirmed_by: int | None = Field(default=None, foreign_key="user_account.id")
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class ClaimFile(SQLModel, table=True):
    """理赔明细: a claim-level file as received and as landed (Parquet, whole fen); the last accepted version counts."""

    __tablename__ = "claim_file"
    __table_args__ = (UniqueConstraint("contract_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    version: int
    original_name: str = Field(max_length=200)
    #: Bytes as uploaded, and the landed Parquet, both in the content store.
    original_sha256: str = Field(max_length=64)
    parquet_sha256: str = Field(max_length=64)
    rows: int
    persons: int
    reported_benefit: Decimal = Field(sa_type=Money)
    received_by: int = Field(foreign_key="user_account.id")
    received_at: datetime = Field(sa_type=UtcTime)
    #: Recomputation under the rules in force on the day.
    recomputed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    recomputed_benefit: Decimal | None = Field(default=None, sa_type=Money)
    engine: str | None = Field(default=None, max_length=40)
    terms_hash: str | None = Field(default=None, max_length=64)
    #: Aggregates by group, channel, county, month and band (no personal data), as settlement.claims returns them.
    totals: dict[str, Any] | None = Field(default=None, sa_column=Column(Document))
    accepted_at: datetime | None = Field(default=None, sa_type=UtcTime)
    accepted_by: int | None = Field(default=None, foreign_key="user_account.id")


class FindingResolution(Enum):
    """How a difference was settled."""

    INSURER_CORRECTS = "insurer_corrects"  # 保险公司更正
    DEPARTMENT_ACCEPTS = "department_accepts"  # 认可上报数


class ClaimFinding(SQLModel, table=True):
    """A claim whose reported benefit differs from the recomputed one; the claim is named by a pseudonym only."""

    __tablename__ = "claim_finding"

    id: int | None = Field(default=None, primary_key=True)
    claim_file_id: int = Field(foreign_key="claim_file.id", index=True)
    #: The claim number of the file; personal data stays in the Parquet file.
    claim_id: str = Field(max_length=60)
    kind: str = Field(max_length=40)
    reported: Decimal = Field(sa_type=Money)
    recomputed: Decimal = Field(sa_type=Money)
    explanation: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    resolution: FindingResolution | None = Field(default=None, sa_type=choice(FindingResolution))
    reason: str | None = Field(default=None, sa_column=Column(Text))
    resolved_by: int | None = Field(default=None, foreign_key="user_account.id")
    resolved_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Cause(Enum):
    """成因: what drove the result; a policy cause needs a joint finding (J15)."""

    OPERATING = "operating"
    POLICY = "policy"


class Outcome(Enum):
    """What the sharing rule says for a result."""

    SHARED = "shared"
    PROVISIONAL = "provisional"
    NEGOTIATED = "negotiated"


class PolicyLossDecision(SQLModel, table=True):
    """政策性亏损: the joint finding and agreed solution of the departments with the insurer (J15)."""

    __tablename__ = "policy_loss_decision"

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    #: Part of the loss that the departments attribute to the policy change.
    attributable: Decimal = Field(sa_type=Money)
    finding: str = Field(sa_column=Column(Text, nullable=False))
    meeting_held_on: date
    #: [{"organisation": "省人社厅", "signed_by": …, "signed_on": "2020-04-20"}], every department of J15.
    signatures: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    #: The agreed parts; of one contract's loss both negative or zero, together the loss. None where the decision only
    #: finds what is put down to policy, and the rule divides it.
    insurer_part: Decimal | None = Field(default=None, sa_type=Money)
    fund_part: Decimal | None = Field(default=None, sa_type=Money)
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
    #: Scanned decision in the content store.
    evidence_sha256: str = Field(max_length=64)
    recorded_by: int = Field(foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcTime)
    approved_by: int | None = Field(default=None, foreign_key="user_account.id")
    approved_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Settlement(SQLModel, table=True):
    """年度决算: one version of a contract-year's settlement; issued versions are frozen, a correction names the old."""

    __table_args__ = (
        UniqueConstraint("contract_id", "version"),
        CheckConstraint("insurer_part IS NULL OR insurer_part + fund_part = balance", "parts_add_up"),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: Printed number, for example JLDB-2017-JS-01; the same for all versions.
    number: str = Field(max_length=40)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    version: int
    replaces_id: int | None = Field(default=None, foreign_key="settlement.id")
    figures_id: int = Field(foreign_key="annual_figures.id")
    claim_file_id: int = Field(foreign_key="claim_file.id")
    pack: str = Field(max_length=60)
    pack_hash: str = Field(max_length=64)
    reading: str = Field(max_length=20)
    cause: Cause = Field(sa_type=choice(Cause))
    decision_id: int | None = Field(default=None, foreign_key="policy_loss_decision.id")
    premium: Decimal = Field(sa_type=Money)
    claims: Decimal = Field(sa_type=Money)
    expense_allowed: Decimal = Field(sa_type=Money)
    balance: Decimal = Field(sa_type=Money)
    #: Exact rate as 'numerator/denominator'; shown with four decimals, judged exactly. Of the pool, where there is one.
    rate: str = Field(max_length=60)
    #: What the rate was taken of, in yuan; none on sheets from before it was kept: then the premium.
    rate_base: Decimal | None = Field(default=None, sa_type=Money)
    #: What earlier years brought into this sheet's balance; none where the rule carries nothing over.
    carried: Decimal | None = Field(default=None, sa_type=Money)
    #: What the risk reserve held before and after the year: of the pool, where there is one; none without a reserve.
    reserve_opening: Decimal | None = Field(default=None, sa_type=Money)
    reserve_closing: Decimal | None = Field(default=None, sa_type=Money)
    #: What the assessment releases to the insurer and what it forfeits to the fund, of money held back beside the
    #: balance: of this contract, less what earlier sheets of a term have carried out; none without such a retention.
    retention_released: Decimal | None = Field(default=None, sa_type=Money)
    retention_forfeited: Decimal | None = Field(default=None, sa_type=Money)
    band: str = Field(max_length=80)
    outcome: Outcome = Field(sa_type=choice(Outcome))
    insurer_part: Decimal | None = Field(default=None, sa_type=Money)
    fund_part: Decimal | None = Field(default=None, sa_type=Money)
    #: Every reading side by side: [{"reading", "insurer", "fund", "outcome"}].
    readings: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    prepared_by: int = Field(foreign_key="user_account.id")
    prepared_at: datetime = Field(sa_type=UtcTime)
    insurer_confirmed_by: int | None = Field(default=None, foreign_key="user_account.id")
    insurer_confirmed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    issued_by: int | None = Field(default=None, foreign_key="user_account.id")
    issued_at: datetime | None = Field(default=None, sa_type=UtcTime)
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
    change_reason: str | None = Field(default=None, sa_column=Column(Text))

    @property
    def to_fund(self) -> Decimal:
        """What the sheet brings the fund, in yuan: its part of the balance, and what a retention forfeits beside it."""
        return (self.fund_part or ZERO) + (self.retention_forfeited or ZERO)


class SettlementMember(SQLModel, table=True):
    """What a sheet counts of one contract year: its own, and those of the pool or term that are counted with it.

    Only sheets whose rule counts more than the figures of one contract year have members.
    """

    __tablename__ = "settlement_member"
    __table_args__ = (UniqueConstraint("settlement_id", "contract_id"),)

    id: int | None = Field(default=None, primary_key=True)
    settlement_id: int = Field(foreign_key="settlement.id", index=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    figures_id: int = Field(foreign_key="annual_figures.id")
    claim_file_id: int = Field(foreign_key="claim_file.id")
    #: The assessment whose score counts, and the finding of what is put down to policy; none where the rule asks none.
    assessment_id: int | None = Field(default=None, foreign_key="assessment.id")
    finding_id: int | None = Field(default=None, foreign_key="policy_loss_decision.id")
    #: The amendment whose agreed cost counts; none where the annual contract's own does, or the rule asks for none.
    amendment_id: int | None = Field(default=None, foreign_key="contract_amendment.id")


class SettlementSource(SQLModel, table=True):
    """An issued sheet of an earlier year on which a sheet rests: carried over, the reserve's end, already settled."""

    __tablename__ = "settlement_source"
    __table_args__ = (UniqueConstraint("settlement_id", "source_id"),)

    id: int | None = Field(default=None, primary_key=True)
    settlement_id: int = Field(foreign_key="settlement.id", index=True)
    source_id: int = Field(foreign_key="settlement.id", index=True)


class SettlementLine(SQLModel, table=True):
    """A row of the settlement sheet (F.3) or a step of its calculation, with its source, clause and formula."""

    __tablename__ = "settlement_line"
    __table_args__ = (UniqueConstraint("settlement_id", "row"),)

    id: int | None = Field(default=None, primary_key=True)
    settlement_id: int = Field(foreign_key="settlement.id", index=True)
    position: int
    #: '1.1' … '25' for sheet rows, 'S1' … for calculation steps.
    row: str = Field(max_length=8)
    label: str = Field(max_length=100)
    unit: str = Field(max_length=10)
    #: Exact text: an amount, a count, a rate.
    value: str = Field(max_length=60)
    formula: str | None = Field(default=None, sa_column=Column(Text))
    source: str = Field(sa_column=Column(Text, nullable=False))
    clause: str | None = Field(default=None, max_length=100)


class LineDispute(SQLModel, table=True):
    """A line the insurer disputes, with its thread; a sheet with an open dispute cannot be issued."""

    __tablename__ = "line_dispute"

    id: int | None = Field(default=None, primary_key=True)
    settlement_id: int = Field(foreign_key="settlement.id", index=True)
    row: str = Field(max_length=8)
    raised_by: int = Field(foreign_key="user_account.id")
    raised_at: datetime = Field(sa_type=UtcTime)
    closed_by: int | None = Field(default=None, foreign_key="user_account.id")
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: 'accepted' (the line changes in a new version) or 'kept'.
    outcome: str | None = Field(default=None, max_length=20)


class DisputeMessage(SQLModel, table=True):
    """One statement in a dispute, with its evidence."""

    __tablename__ = "dispute_message"

    id: int | None = Field(default=None, primary_key=True)
    dispute_id: int = Field(foreign_key="line_dispute.id", index=True)
    said_by: int = Field(foreign_key="user_account.id")
    said_at: datetime = Field(sa_type=UtcTime)
    text: str = Field(sa_column=Column(Text, nullable=False))
    evidence_name: str | None = Field(default=None, max_length=200)
    evidence_sha256: str | None = Field(default=None, max_length=64)


class LedgerAccount(Enum):
    """Whose money a posting concerns."""

    FUND = "fund"
    INSURER = "insurer"


class LedgerMatter(Enum):
    """What a posting carries out."""

    BALANCE = "balance"  # the fund's part of the balance
    HELD = "held"  # money held back from the insurer until the assessment
    RELEASED = "released"  # what of it the score gives back


class LedgerEntry(SQLModel, table=True):
    """A posting of the fund ledger; the postings of one settlement version add up to zero; corrections reverse."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("settlement_id", "account", "reverses_id"),)

    id: int | None = Field(default=None, primary_key=True)
    settlement_id: int = Field(foreign_key="settlement.id", index=True)
    account: LedgerAccount = Field(sa_type=choice(LedgerAccount))
    matter: LedgerMatter = Field(default=LedgerMatter.BALANCE, sa_type=choice(LedgerMatter))
    #: The fund or insurer by name, as printed on the sheet.
    holder: str = Field(max_length=100)
    year: int = Field(index=True)
    #: Positive: receives; negative: pays.
    amount: Decimal = Field(sa_type=Money)
    reverses_id: int | None = Field(default=None, foreign_key="ledger_entry.id")
    posted_at: datetime = Field(sa_type=UtcTime)


class TransferOrder(SQLModel, table=True):
    """The transfer that carries out a settlement: from whom, to whom, by when, and when it was paid."""

    __tablename__ = "transfer_order"

    id: int | None = Field(default=None, primary_key=True)
    settlement_id: int = Field(foreign_key="settlement.id", unique=True)
    amount: Decimal = Field(sa_type=Money)
    #: True: insurer → fund (return of surplus); False: fund → insurer (share of loss).
    to_fund: bool
    due_on: date
    paid_on: date | None = None
    reference: str | None = Field(default=None, max_length=60)
    recorded_by: int | None = Field(default=None, foreign_key="user_account.id")
    recorded_at: datetime | None = Field(default=None, sa_type=UtcTime)
