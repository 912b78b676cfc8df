"""When a tender yields no insurer: the provincial government's decision, with its document (J11)."""

from datetime import date, datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from core.columns import UtcTime


class GovernmentDecision(SQLModel, table=True):
    """政府决定: how the insurers of failed lots are found; the awards that rest on it name it instead of a bid."""

    __tablename__ = "government_decision"

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    #: 文号, who decided, and the day on the document.
    number: str = Field(max_length=80)
    issuer: str = Field(max_length=120)
    decided_on: date
    #: How the insurers are found, in the decision's words.
    method: str = Field(sa_column=Column(Text, nullable=False))
    file_sha256: str = Field(max_length=64)
    file_name: str = Field(max_length=120)
    requested_by: int = Field(foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcTime)
    document_id: int | None = Field(default=None, foreign_key="issued_document.id")
