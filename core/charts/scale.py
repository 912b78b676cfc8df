"""From exact figures to pixels and to printed labels; the only place of the charts where a figure becomes a float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Exact = Decimal | Fraction | int

TEN_THOUSAND = Decimal(10_000)


@dataclass(frozen=True)
class Linear:
    """A straight scale: `low` at pixel `start`, `high` at pixel `end`."""

    low: Exact
    high: Exact
    start: float
    end: float

    def __call__(self, value: Exact) -> float:
        """The pixel of a value."""
        part = (Fraction(value) - Fraction(self.low)) / (Fraction(self.high) - Fraction(self.low))
        return self.start + float(part) * (self.end - self.start)


def step_for(extent: Exact, count: int) -> Decimal:
    """A round step (1, 2 or 5 times a power of ten) that cuts the extent in about `count` parts."""
    rough = Decimal(Fraction(extent).numerator) / Decimal(Fraction(extent).denominator) / count
    if rough <= 0:
        return Decimal(1)
    power = Decimal(1).scaleb(rough.adjusted())
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def show(value: Exact, places: int = 2) -> str:
    """A figure as printed in a chart: thousands commas, a true minus, half-up rounding for display only."""
    exact = Fraction(value)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal(1).scaleb(-places), ROUND_HALF_UP
    )
    return f"{rounded + 0:,.{places}f}".replace("-", "−")  # + 0: −0.00 becomes 0.00


def in_wan(amount: Decimal, places: int = 2) -> str:
    """Yuan printed in 万元."""
    return show(amount / TEN_THOUSAND, places)
