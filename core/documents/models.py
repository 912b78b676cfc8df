"""The register of issued papers: what was issued, from which inputs, under which pack, and the bytes it came out as."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, UtcTime


class IssuedDocument(SQLModel, table=True):
    """One version of one issued paper. Frozen: a correction is a new version that names the one it replaces."""

    __tablename__ = "issued_document"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        CheckConstraint("version >= 1", "version_from_one"),
        CheckConstraint("(version = 1) = (replaces_id IS NULL)", "correction_names_the_old"),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: The number printed on the paper, for example JLDB-GG-2016-001; kept through all versions.
    number: str = Field(sa_column=Column(String(80), nullable=False, index=True))
    version: int = 1
    replaces_id: int | None = Field(default=None, foreign_key="issued_document.id", unique=True)
    #: Which sort of paper, as the room calls it: tender_notice, annual_contract, settlement_sheet …
    kind: str = Field(sa_column=Column(String(40), nullable=False, index=True))
    title: str = Field(sa_column=Column(String(200), nullable=False))
    issued_at: datetime = Field(sa_type=UtcTime, index=True)
    #: The organisation in whose name it is issued.
    organisation_id: int | None = Field(default=None, index=True)
    #: The row it is about: table name and key.
    subject_type: str = Field(sa_column=Column(String(60), nullable=False))
    subject_id: str = Field(sa_column=Column(String(80), nullable=False))
    #: The policy pack it was made under and that pack's hash; None where no policy value is in it.
    pack: str | None = Field(default=None, sa_column=Column(String(60)))
    pack_hash: str | None = Field(default=None, sa_column=Column(String(64)))
    template: str = Field(sa_column=Column(String(60), nullable=False))
    #: The canonical inputs: template, context, issued_at, attachments, demonstration.
    inputs: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    inputs_sha256: str = Field(sa_column=Column(String(64), nullable=False))
    #: The PDF's bytes are in the content store under this hash.
    pdf_sha256: str = Field(sa_column=Column(String(64), nullable=False, index=True))
    #: The enclosed files, also in the content store: name, description, relationship, sha256, size.
    attachments: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    #: The short form of inputs_sha256, printed on every page, by which anybody verifies the paper.
    check_code: str = Field(sa_column=Column(String(12), nullable=False, unique=True))
    demonstration: bool
    #: When the public could first see it; None for a paper that is not public.
    published_at: datetime | None = Field(default=None, sa_type=UtcTime, index=True)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcTime)
    withdrawn_reason: str | None = Field(default=None, sa_column=Column(String(200)))


class DocumentSeries(SQLModel, table=True):
    """The last number given out in one series of one year; advanced in the transaction that uses the number."""

    __tablename__ = "document_series"

    prefix: str = Field(sa_column=Column(String(40), primary_key=True))
    year: int = Field(primary_key=True)
    last: int = 0
