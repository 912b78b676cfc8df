"""The risk reserve (风险调节金): surplus put aside for later losses, and what a loss draws from it."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import ZERO, round_fen, show_yuan
from core.policy.model import ReserveCovers, ReserveTerms, SharingRule
from settlement.rules.figures import Line, SharingInputs, times


@dataclass(frozen=True)
class ReserveMove:
    """What one year does to the reserve, in yuan; both moves are inside the fund's part."""

    opening: Decimal
    paid_in: Decimal
    drawn: Decimal

    @property
    def closing(self) -> Decimal:
        """What the reserve holds for the next year."""
        return self.opening + self.paid_in - self.drawn


def drawn_first(rule: SharingRule, inputs: SharingInputs, balance: Decimal) -> Decimal:
    """What a loss draws before it is shared, in yuan."""
    terms = rule.reserve
    if terms is None or terms.covers is not ReserveCovers.LOSS:
        return ZERO
    return min(inputs.reserve_opening, max(-balance, ZERO))


def drawn_lines(rule: SharingRule, inputs: SharingInputs, balance: Decimal, drawn: Decimal) -> tuple[Line, ...]:
    """The line of a draw before sharing, where there is one."""
    terms = rule.reserve
    if terms is None or not drawn:
        return ()
    formula = f"min({show_yuan(inputs.reserve_opening)}, {show_yuan(-balance)})"
    pairs = (("reserve_opening", inputs.reserve_opening), ("balance", balance))
    return (Line("reserve", terms.clause, formula, pairs, drawn),)


def moved(
    rule: SharingRule, inputs: SharingInputs, balance: Decimal, drawn: Decimal, fund: Decimal | None
) -> tuple[ReserveMove | None, tuple[Line, ...]]:
    """The year's move of the reserve after the sharing, with its line where there is one.

    drawn: what the loss drew before; fund: the fund's part of the balance, None where it is negotiated.
    """
    terms, opening = rule.reserve, inputs.reserve_opening
    if terms is None:
        return None, ()
    pairs: tuple[tuple[str, Decimal], ...] = (("reserve_opening", opening),)
    if fund is not None and balance > 0 and fund > 0:
        paid, formula = _paid_in(terms, inputs, fund)
        line = Line("reserve", terms.clause, formula, (*pairs, ("fund", fund)), paid, "half_up")
        return ReserveMove(opening, paid, ZERO), (line,)
    if fund is not None and fund < 0 and terms.covers is ReserveCovers.FUND_PART:
        paid_out = min(opening, -fund)
        formula = f"min({show_yuan(opening)}, {show_yuan(-fund)})"
        line = Line("reserve", terms.clause, formula, (*pairs, ("fund", fund)), paid_out)
        return ReserveMove(opening, ZERO, paid_out), (line,)
    return ReserveMove(opening, ZERO, drawn), ()


def _paid_in(terms: ReserveTerms, inputs: SharingInputs, fund: Decimal) -> tuple[Decimal, str]:
    paid, formula = round_fen(Fraction(terms.share) * Fraction(fund)), times(terms.share, fund)
    if terms.most_rate is None:
        return paid, formula
    most = round_fen(Fraction(terms.most_rate) * Fraction(inputs.premium))
    room = max(most - inputs.reserve_opening, ZERO)
    limit = f"{times(terms.most_rate, inputs.premium)} − {show_yuan(inputs.reserve_opening)}"
    return min(paid, room), f"max(min({formula}, {limit}), 0)"
