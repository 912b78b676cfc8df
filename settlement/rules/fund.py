"""What a fund's year came to and how far its surplus rates go (Q2), and which fund stands in for a merged one (Q5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class FundAccount:
    """A fund's year in yuan, as finance states it."""

    opening_balance: Decimal
    income: Decimal
    expenditure: Decimal

    @property
    def surplus(self) -> Decimal:
        """Income less expenditure of the year."""
        return self.income - self.expenditure

    @property
    def closing_balance(self) -> Decimal:
        """What the fund holds at the end of the year."""
        return self.opening_balance + self.surplus

    @property
    def year_rate(self) -> Fraction | None:
        """当年结余率: the year's surplus over its income; None without income."""
        return Fraction(self.surplus) / Fraction(self.income) if self.income else None

    @property
    def cumulative_rate(self) -> Fraction | None:
        """累计结余率: the closing balance over the year's income; None without income."""
        return Fraction(self.closing_balance) / Fraction(self.income) if self.income else None


@dataclass(frozen=True)
class Succession:
    """From a day on, one fund stands in for another; funds are named by their scheme."""

    scheme: str
    successor: str
    from_day: date


def receiving(scheme: str, on: date, successions: Iterable[Succession]) -> str:
    """The fund that receives or bears on a day what belonged to a scheme's fund: itself, or whoever succeeded it.

    Raises ValueError for successions that lead in a circle.
    """
    known = {one.scheme: one for one in successions if one.from_day <= on}
    seen = {scheme}
    while scheme in known:
        scheme = known[scheme].successor
        if scheme in seen:
            raise ValueError("the successions of the funds lead in a circle")
        seen.add(scheme)
    return scheme


def ancestors(scheme: str, successions: Iterable[Succession]) -> tuple[str, ...]:
    """The funds that a fund succeeded, directly or over others: whose history it carries on."""
    links, found, waiting = list(successions), [], [scheme]
    while waiting:
        current = waiting.pop()
        for one in links:
            if one.successor == current and one.scheme not in found:
                found.append(one.scheme)
                waiting.append(one.scheme)
    return tuple(found)
