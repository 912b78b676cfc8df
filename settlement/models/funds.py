"""The funds behind the contracts: their yearly income and expenditure, and which fund succeeded which (Q2, Q5)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Money, UtcTime, choice
from tender.models import Scheme


class FundYear(SQLModel, table=True):
    """What a basic-insurance fund took in and paid out in a year, as finance states it with its source (Q2)."""

    __tablename__ = "fund_year"
    __table_args__ = (UniqueConstraint("policyholder_id", "scheme", "year", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    #: The agency whose fund it is; with the scheme it names the fund.
    policyholder_id: int = Field(foreign_key="organisation.id", index=True)
    scheme: Scheme = Field(sa_type=choice(Scheme))
    year: int = Field(index=True)
    version: int
    opening_balance: Decimal = Field(sa_type=Money)
    income: Decimal = Field(sa_type=Money)
    expenditure: Decimal = Field(sa_type=Money)
    #: Where the figures come from: the final accounts, by title and number.
    source: str = Field(sa_column=Column(Text, nullable=False))
    recorded_by: int = Field(foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcTime)


class FundSuccession(SQLModel, table=True):
    """整合: from a day on, what one fund would receive or bear goes to its successor; what was posted stays (Q5)."""

    __tablename__ = "fund_succession"

    id: int | None = Field(default=None, primary_key=True)
    policyholder_id: int = Field(foreign_key="organisation.id", index=True)
    scheme: Scheme = Field(sa_type=choice(Scheme))
    #: The scheme whose fund stands in for it, by its value.
    successor: str = Field(max_length=32)
    from_day: date
    #: The paper that merges the schemes, by title and number, and its bytes in the content store.
    document: str = Field(max_length=200)
    evidence_sha256: str = Field(max_length=64)
    recorded_by: int = Field(foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcTime)
    approved_by: int | None = Field(default=None, foreign_key="user_account.id")
    approved_at: datetime | None = Field(default=None, sa_type=UtcTime)
