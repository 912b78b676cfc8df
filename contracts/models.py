"""The contract side's tables: agreements, annual contracts and their frozen terms, premiums, accounts, assessment."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, Money, Rate, UtcTime, choice
from tender.models import Scheme


class ServiceAgreement(SQLModel, table=True):
    """大病保险服务委托协议: three years with one insurer for its part of a lot (J12)."""

    __tablename__ = "service_agreement"
    __table_args__ = (UniqueConstraint("number"), UniqueConstraint("award_id"))

    id: int | None = Field(default=None, primary_key=True)
    #: Printed on every paper, for example JLDB-2016-XY-01.
    number: str = Field(max_length=40)
    award_id: int = Field(foreign_key="award.id")
    policyholder_id: int = Field(foreign_key="organisation.id")
    insurer_id: int = Field(foreign_key="organisation.id", index=True)
    scheme: Scheme = Field(sa_type=choice(Scheme))
    area: str = Field(max_length=200)
    term_from: date
    term_until: date
    #: J11: the last day of cover of the signed bridge contract that follows the term; none without one.
    extended_until: date | None = None
    pack: str = Field(max_length=60)
    pack_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcTime)
    agency_signed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    agency_signed_by: int | None = Field(default=None, foreign_key="user_account.id")
    insurer_signed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    insurer_signed_by: int | None = Field(default=None, foreign_key="user_account.id")
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
    #: The day on which the insurer had handed over data and archives after the term or an early end (article 17).
    handed_over_on: date | None = None
    #: J13: early termination at once on breach or serious harm to the insured.
    terminated_at: datetime | None = Field(default=None, sa_type=UtcTime)
    termination_reason: str | None = Field(default=None, sa_column=Column(Text))
    demonstration: bool = False


class AnnualContract(SQLModel, table=True):
    """年度保险合同: one insurance year under a service agreement (J12). Its terms are frozen when it is signed."""

    __tablename__ = "annual_contract"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("agreement_id", "year"),
        CheckConstraint("insured_count > 0", "someone_is_insured"),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: Printed on every paper, for example JLDB-2017-HT-01.
    number: str = Field(max_length=40)
    agreement_id: int = Field(foreign_key="service_agreement.id", index=True)
    #: 保险年度: a calendar year.
    year: int = Field(index=True)
    insured_count: int
    #: 筹资标准, yuan a person a year (J1).
    funding_standard: Decimal = Field(sa_type=Money)
    #: Contract premium: insured count × funding standard.
    premium: Decimal = Field(sa_type=Money)
    #: Which fund pays and takes back (J2, J18 of regulation E): named by scheme.
    fund: str = Field(max_length=100)
    pack: str = Field(max_length=60)
    pack_hash: str = Field(max_length=64)
    #: Reading and definitions chosen in the tender (regulation J1, J2, J6): printed on every paper that uses them.
    sharing_reading: str = Field(max_length=20)
    rate_definition: str = Field(max_length=40)
    expense_cap_rate: Decimal = Field(sa_type=Rate)
    claims_basis: str = Field(max_length=20)
    cutoff: date
    manual_settlement_days: int
    disclosure_working_days: int
    dispute_working_days: int
    #: What else the papers print: payment process, service points, telephone (J20), as {"key": "text"}.
    service: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    created_by: int = Field(foreign_key="user_account.id")
    created_at: datetime = Field(sa_type=UtcTime)
    agency_signed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    agency_signed_by: int | None = Field(default=None, foreign_key="user_account.id")
    insurer_signed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    insurer_signed_by: int | None = Field(default=None, foreign_key="user_account.id")
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
    notice_id: int | None = Field(default=None, foreign_key="issued_document.id")
    notice_published_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Head count of the clearing day, and the premium finally due (row 1.2, 3 of the settlement sheet).
    cleared_count: int | None = None
    cleared_at: datetime | None = Field(default=None, sa_type=UtcTime)
    cleared_by: int | None = Field(default=None, foreign_key="user_account.id")
    terminated_at: datetime | None = Field(default=None, sa_type=UtcTime)
    termination_reason: str | None = Field(default=None, sa_column=Column(Text))
    #: Last day of cover where the contract ended in its year or bridges a part of it; none for a whole year, or where
    #: it never began.
    covered_until: date | None = None
    #: How the premium of the part-year is counted: 'day' or 'month' (contracts.rules.PartYear).
    part_year: str | None = Field(default=None, max_length=10)
    #: 约定赔付成本, yuan: what the balance is measured against, where the paper's rule asks for it; else none.
    target_cost: Decimal | None = Field(default=None, sa_type=Money)
    #: What an end within the year does to it (contracts.rules.TargetPart).
    target_part: str | None = Field(default=None, max_length=20)
    #: The last day of cover for which it was agreed; none for a whole year.
    target_until: date | None = None
    #: J11: why the year after the agreement's term is bridged (contracts.rules.BridgeGround); else none.
    bridge_ground: str | None = Field(default=None, max_length=20)
    #: The ground in the department's words, printed in the contract.
    bridge_reason: str | None = Field(default=None, sa_column=Column(Text))
    demonstration: bool = False


class ContractAmendment(SQLModel, table=True):
    """补充协议: the agreed cost of a signed contract year, stated anew by both sides; the newest signed one counts."""

    __tablename__ = "contract_amendment"
    __table_args__ = (UniqueConstraint("number"),)

    id: int | None = Field(default=None, primary_key=True)
    #: Printed number, for example JLDB-2017-HT-01-BC-1.
    number: str = Field(max_length=50)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    target_cost: Decimal = Field(sa_type=Money)
    #: The last day of cover for which it is agreed; none for a whole year.
    target_until: date | None = None
    #: Why, in the department's words; printed in the amendment.
    reason: str = Field(sa_column=Column(Text, nullable=False))
    prepared_by: int = Field(foreign_key="user_account.id")
    prepared_at: datetime = Field(sa_type=UtcTime)
    insurer_signed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    insurer_signed_by: int | None = Field(default=None, foreign_key="user_account.id")
    agency_signed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    agency_signed_by: int | None = Field(default=None, foreign_key="user_account.id")
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")


class BenefitTermsRow(SQLModel, table=True):
    """待遇 of an annual contract from one day on: deductible, bands, cap, tilt (J4, J6, J7)."""

    __tablename__ = "benefit_terms"
    __table_args__ = (UniqueConstraint("contract_id", "in_force_from"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    in_force_from: date
    #: 起付标准, yuan.
    deductible: Decimal = Field(sa_type=Money)
    #: 分段: [{"lower": "0.00", "upper": "50000.00" | null, "ratio": "0.55"}] above the deductible.
    bands: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    #: 最高支付限额, yuan; none where the paper lifts it.
    maximum: Decimal | None = Field(default=None, sa_type=Money)
    #: {"group": {"deductible_cut": "0.40", "ratio_points": "0.05", "maximum_lifted": false}}
    tilt: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))


class Instalment(SQLModel, table=True):
    """An instalment of the contract premium and the day it is due."""

    __table_args__ = (UniqueConstraint("contract_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    position: int
    amount: Decimal = Field(sa_type=Money)
    due_on: date


class PremiumPayment(SQLModel, table=True):
    """Premium that reached the insurer's premium-income account (J16), or a head-count true-up (may be negative)."""

    __tablename__ = "premium_payment"

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    instalment_id: int | None = Field(default=None, foreign_key="instalment.id")
    amount: Decimal = Field(sa_type=Money)
    paid_on: date
    #: Bank reference of the transfer.
    reference: str = Field(max_length=60)
    recorded_by: int = Field(foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcTime)


class AccountKind(Enum):
    """The two accounts of J16."""

    PREMIUM = "premium"  # 保费收入账户
    CLAIMS = "claims"  # 赔付支出账户


class DedicatedAccount(SQLModel, table=True):
    """An insurer's dedicated account for an agreement: closed operation, separate accounting (J16)."""

    __tablename__ = "dedicated_account"
    __table_args__ = (UniqueConstraint("agreement_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="service_agreement.id", index=True)
    kind: AccountKind = Field(sa_type=choice(AccountKind))
    bank: str = Field(max_length=100)
    last_digits: str = Field(max_length=8)
    opened_at: datetime = Field(sa_type=UtcTime)


class Assessment(SQLModel, table=True):
    """考核: the department's assessment of a contract year by protection, service and satisfaction (J18)."""

    __table_args__ = (UniqueConstraint("contract_id", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    period: str = Field(max_length=20)
    #: [{"indicator": …, "weight": "0.4", "score": "92.0", "note": …}]
    indicators: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    score: Decimal = Field(sa_type=Rate)
    #: 考核扣款, outside the sharing unless the contract says otherwise (F.3 row 16).
    deduction: Decimal = Field(sa_type=Money)
    decided_by: int = Field(foreign_key="user_account.id")
    decided_at: datetime = Field(sa_type=UtcTime)
