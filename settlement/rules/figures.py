"""The figures a sharing calculation takes, and the lines it leaves: what was put in, how, by which clause (J14)."""

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Literal

from core.money import ZERO, show_yuan, yuan
from core.policy.model import Cause, Clause
from settlement.rules.corridor import SharingInvalid

Step = Literal["expense", "income", "cost", "balance", "reserve", "rate", "band", "insurer", "fund", "retention"]
Rounding = Literal["exact", "half_up", "residue"]

#: The figures that are amounts, and add up where contracts or years are taken together.
AMOUNTS = (
    "premium", "claims", "expense", "reserve_change", "interest", "target", "carried", "quality_expense", "taxes",
    "reserve_opening", "attributable",
)  # fmt: skip
_NOT_NEGATIVE = ("claims", "expense", "target", "quality_expense", "taxes", "reserve_opening", "attributable")


@dataclass(frozen=True)
class SharingInputs:
    """The figures of one contract year (or term, where the rule says so), in yuan; what does not exist is zero.

    reserve_change: closing less opening outstanding reserve; target: the agreed cost, for rules measured against one;
    carried: balance brought forward, counted only where the rule carries over; cause: as certified by the joint
    finding (J12); attributable: the part of a loss that finding puts down to policy, for rules that split causes;
    expense_cap_rate: the contract's own cap as a fraction of the premium; reserve_opening: what the risk reserve holds;
    score: the year's assessment as a fraction of full marks, 1 where nothing depends on it.
    """

    premium: Decimal
    claims: Decimal
    expense: Decimal = ZERO
    reserve_change: Decimal = ZERO
    interest: Decimal = ZERO
    target: Decimal = ZERO
    carried: Decimal = ZERO
    cause: Cause = Cause.OPERATING
    expense_cap_rate: Decimal | None = None
    quality_expense: Decimal = ZERO
    taxes: Decimal = ZERO
    reserve_opening: Decimal = ZERO
    attributable: Decimal = ZERO
    score: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        for name in AMOUNTS:
            object.__setattr__(self, name, yuan(getattr(self, name)))
        for name in _NOT_NEGATIVE:
            if getattr(self, name) < 0:
                raise SharingInvalid(f"{name} is negative: {getattr(self, name)}")
        if self.premium <= 0:
            raise SharingInvalid(f"premium is not positive: {self.premium}")
        if not 0 <= self.score <= 1:
            raise SharingInvalid(f"score is not between 0 and 1: {self.score}")
        object.__setattr__(self, "cause", Cause(self.cause))


@dataclass(frozen=True)
class Line:
    """One step of the calculation, for the sheet and its explanation.

    formula: in numbers, the same in every language; inputs: (item, amount) pairs it used; amount: yuan, None where the
    step has none; rate: set on the rate's line only; note: the house's reason where the paper is silent.
    """

    step: Step
    clause: Clause
    formula: str
    inputs: tuple[tuple[str, Decimal], ...]
    amount: Decimal | None
    rounding: Rounding = "exact"
    rate: Fraction | None = None
    note: str | None = None


def exact_text(rate: Fraction) -> str:
    """A rate as a plain decimal: every digit where it terminates, else 20 significant digits."""
    below = rate.denominator
    terminates = 10 ** below.bit_length() % below == 0
    context = Context(prec=len(str(rate.numerator)) + below.bit_length() if terminates else 20)
    return f"{context.divide(Decimal(rate.numerator), Decimal(below)).normalize(context):f}"


def percent(rate: Decimal | Fraction) -> str:
    """0.03 → '3%', with every digit there is and no more."""
    return f"{exact_text(Fraction(rate) * 100)}%".replace("-", "−")


def times(rate: Decimal | Fraction, base: Decimal) -> str:
    """A rate of an amount, as a sheet writes it: '3% × 100,000,000.00'."""
    return f"{percent(rate)} × {show_yuan(base)}"


def total(pairs: tuple[tuple[str, Decimal], ...]) -> Decimal:
    """The sum of the amounts of (item, amount) pairs."""
    return sum((amount for _, amount in pairs), ZERO)


def added(pairs: tuple[tuple[str, Decimal], ...]) -> str:
    """The amounts of (item, amount) pairs as a sum: '3.00 + 2.00 − 1.00'."""
    return " + ".join(show_yuan(amount) for _, amount in pairs).replace("+ −", "− ")
