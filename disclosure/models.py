"""The public side's tables: insurers' disclosures, filings with their state as facts, and circulars."""

from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, UtcTime, choice


class DisclosureKind(Enum):
    """The two moments of J20."""

    SIGNING = "signing"  # D1: after the annual contract is signed
    FINAL_ACCOUNTS = "final_accounts"  # D2: after the annual accounts


class Disclosure(SQLModel, table=True):
    """信息公开: one version of an insurer's disclosure; published ones are frozen, a correction names the old one."""

    __table_args__ = (UniqueConstraint("contract_id", "kind", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    #: 公开文号, for example JLDB-2017-GS-D2-1.
    number: str = Field(max_length=40)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    settlement_id: int | None = Field(default=None, foreign_key="settlement.id")
    kind: DisclosureKind = Field(sa_type=choice(DisclosureKind))
    version: int
    replaces_id: int | None = Field(default=None, foreign_key="disclosure.id")
    #: The lawful or agreed last day, with its clause, as computed when the duty arose.
    due_on: date
    clause: str = Field(max_length=100)
    prepared_by: int = Field(foreign_key="user_account.id")
    prepared_at: datetime = Field(sa_type=UtcTime)
    #: Machine-readable data (small cells already suppressed): what PDF, CSV, JSON and portal all show.
    data: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    published_by: int | None = Field(default=None, foreign_key="user_account.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcTime)
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
    correction_reason: str | None = Field(default=None, sa_column=Column(Text))


class FilingKind(Enum):
    """What is filed (F.2)."""

    TENDER_DOCUMENT = "tender_document"  # G9
    CONTRACT_TEXT = "contract_text"  # G9
    CONTRACT_COPY = "contract_copy"  # GPL art. 47
    POLICY = "policy"  # Y1, G9
    PROGRESS = "progress"  # Y3


class Filing(SQLModel, table=True):
    """备案: a package sent to an authority: draft → submitted → returned → accepted; filing is not approval."""

    __table_args__ = (UniqueConstraint("number", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40)
    version: int = 1
    kind: FilingKind = Field(sa_type=choice(FilingKind))
    #: The tender or annual contract filed.
    subject_type: str = Field(max_length=40)
    subject_id: int
    addressee: str = Field(max_length=100)
    copied_to: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    due_on: date | None = None
    clause: str = Field(max_length=100)
    #: [{"name", "sha256", "document_id"}], with their hashes as evidence.
    contents: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    letter_id: int | None = Field(default=None, foreign_key="issued_document.id")
    package_sha256: str | None = Field(default=None, max_length=64)
    prepared_by: int = Field(foreign_key="user_account.id")
    prepared_at: datetime = Field(sa_type=UtcTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcTime)
    returned_at: datetime | None = Field(default=None, sa_type=UtcTime)
    return_reason: str | None = Field(default=None, sa_column=Column(Text))
    accepted_at: datetime | None = Field(default=None, sa_type=UtcTime)
    receipt_number: str | None = Field(default=None, max_length=40)


class Circular(SQLModel, table=True):
    """通报: names pooling areas that lag behind a milestone, and the talks it calls (Y4)."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    title: str = Field(max_length=200)
    pack: str = Field(max_length=60)
    milestone: str = Field(max_length=60)
    #: [{"area": …, "finding": …, "talk_on": "2016-02-01" | null}]
    areas: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    issued_at: datetime | None = Field(default=None, sa_type=UtcTime)
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
