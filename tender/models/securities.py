"""Securities held for bids and for agreements, each with how it went back and what a late one cost."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from core.columns import Money, Rate, UtcTime, choice
from tender.rules.words import SecurityForm


class HeldSecurity(SQLModel):
    """What bid and performance securities have in common: an amount held, and its return with its limit."""

    amount: Decimal = Field(sa_type=Money)
    refunded_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: The day the money left, and the last lawful day with its article as they stood then; refunds recorded before
    #: this house asked for them have none.
    refunded_on: date | None = None
    due_on: date | None = None
    due_clause: str | None = Field(default=None, max_length=200)
    days_late: int | None = None
    #: Of a late one (T29): the yearly base lending rate with its source and the interest paid, or the bidder's fault.
    base_rate: Decimal | None = Field(default=None, sa_type=Rate)
    rate_source: str | None = Field(default=None, max_length=200)
    interest: Decimal | None = Field(default=None, sa_type=Money)
    bidders_fault: str | None = Field(default=None, sa_type=Text)


class BidSecurity(HeldSecurity, table=True):
    """投标保证金 paid for a bid, and its refund with its own limit (T08, T14, T16)."""

    __tablename__ = "bid_security"

    id: int | None = Field(default=None, primary_key=True)
    #: A bid that was withdrawn and made again has a second one.
    bid_id: int = Field(foreign_key="bid.id", index=True)
    paid_at: datetime = Field(sa_type=UtcTime)
    payer_account: str = Field(max_length=60)
    #: Turned into the performance security instead of paid back (T16).
    converted: bool = False
    #: When the bid was withdrawn before the deadline under a law that then asks for the refund at once (T08): from here
    #: on it secures no bid any more. Until the opening finance is shown its reference, 32 random hex characters.
    released_at: datetime | None = Field(default=None, sa_type=UtcTime)
    reference: str | None = Field(default=None, max_length=32, unique=True)


class PerformanceSecurity(HeldSecurity, table=True):
    """履约保证金 given for an award, whole or in part (REG art. 48), and its return as the agreement says."""

    __tablename__ = "performance_security"

    id: int | None = Field(default=None, primary_key=True)
    award_id: int = Field(foreign_key="award.id", index=True)
    form: SecurityForm = Field(sa_type=choice(SecurityForm))
    paid_on: date
    #: Number of the cheque, guarantee or transfer.
    reference: str = Field(max_length=60)
    #: A guarantee holds until this day.
    valid_until: date | None = None
    recorded_by: int = Field(foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcTime)
    #: Kept back for a breach, and which: what is returned is the rest.
    deducted: Decimal | None = Field(default=None, sa_type=Money)
    deduction_reason: str | None = Field(default=None, sa_type=Text)
