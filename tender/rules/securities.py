"""When a security must be paid back, and what a late refund costs: T07, T08, T14, T16 and T29, or the agreement.

Late: principal and interest at the People's Bank's base lending rate of the time plus a fifth, unless the delay lies
with the bidder (Order 87 art. 38). The law names the rate and no number, so the number and its source are given by
whoever pays; it names no basis for a day either, so the house takes the bank's usual 360 and prints it.

A performance security has a cap in the law (REG art. 48) and no day: the contract names return and cost of delay
(财库〔2019〕38号), so tender document and agreement print both, with the number as a parameter of the tender.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from core.calendar import WorkingCalendar
from core.money import round_fen
from core.policy.procurement import TimeLimit
from tender.rules.counting import count

#: Upon the base rate (Order 87 art. 38: 上浮20%).
ON_TOP = Fraction(6, 5)
#: Days of a year by which a yearly rate becomes a daily one: the banks' usage, a parameter of this house.
YEAR_DAYS = 360


class Case(Enum):
    """Whose security it is; each has its own limit."""

    CANCELLED = "cancelled"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    LOSER = "loser"
    WINNER = "winner"
    DECLINED = "declined"
    PERFORMANCE = "performance"


_STEPS = {Case.CANCELLED: "T07", Case.WITHDRAWN: "T08", Case.LOSER: "T14", Case.WINNER: "T16"}


@dataclass(frozen=True)
class RefundLimit:
    """Until when a security goes back. last_day is None where the law names none, or while it does not run yet."""

    case: Case
    step: str = ""
    rule: str = ""
    clause: str = ""
    last_day: date | None = None
    provisional: bool = False

    def days_late(self, on: date) -> int:
        """The calendar days by which a refund on that day is late; 0 where it is not."""
        return max(0, (on - self.last_day).days) if self.last_day else 0


def refund_limit(
    case: Case, start: date | None, limits: Mapping[str, TimeLimit], calendar: WorkingCalendar
) -> RefundLimit:
    """The limit of a security. start: the day it is counted from (award notice, signing …), None before it happened."""
    limit = limits.get(_STEPS.get(case, ""))
    if limit is None:
        return RefundLimit(case)
    if start is None:
        return RefundLimit(case, limit.id, limit.step, limit.clause)
    counted = count(limit, start, calendar)
    return RefundLimit(case, limit.id, limit.step, limit.clause, counted.day, counted.provisional)


def demanded(term_total: Decimal, rate: Decimal) -> Decimal:
    """履约保证金 in yuan: the tender's rate (REG art. 48: at most a tenth) of the term's price, half up to the fen.

    >>> demanded(Decimal("90000000.00"), Decimal("0.05"))
    Decimal('4500000.00')
    """
    return round_fen(Fraction(term_total) * Fraction(rate))


def return_limit(days: int | None, start: date | None, clause: str, calendar: WorkingCalendar) -> RefundLimit:
    """The limit of a performance security: so many working days from the end of term and handover (start).

    days: None where the agreement names none; start: None while the term or the handover is not over.
    """
    if days is None or start is None:
        return RefundLimit(Case.PERFORMANCE, clause=clause)
    found = calendar.add(start, days, "workday")
    return RefundLimit(Case.PERFORMANCE, clause=clause, last_day=found.date, provisional=found.provisional)


def late_interest(amount: Decimal, base_rate: Decimal, days: int) -> Decimal:
    """What is paid besides the principal, yuan. amount: yuan; base_rate: a yearly fraction (0.0435); days: late.

    >>> late_interest(Decimal("1000000.00"), Decimal("0.0435"), 10)
    Decimal('1450.00')
    """
    return round_fen(Fraction(amount) * Fraction(base_rate) * ON_TOP * days / YEAR_DAYS)
