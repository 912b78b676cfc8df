"""Money held back until the assessment (考核预留): what is held, what the score releases, what is forfeited (J18)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import ZERO, round_fen
from core.policy.model import RetentionBase, RetentionTerms, SharingRule
from settlement.rules.figures import Line, SharingInputs, percent, times


@dataclass(frozen=True)
class Retained:
    """What was held back, released and forfeited to the fund, in yuan; in_balance: the forfeit is in the balance."""

    held: Decimal
    released: Decimal
    forfeited: Decimal
    in_balance: bool


def forfeited_in_balance(rule: SharingRule, counted: SharingInputs) -> Decimal | None:
    """What is taken off the income before the balance is shared, in yuan; None where no retention counts there."""
    terms = rule.retention
    if terms is None or not terms.in_balance:
        return None
    return _retained(terms, _base(terms, counted.premium, counted.expense, ZERO), counted.score).forfeited


def retained(
    rule: SharingRule, inputs: SharingInputs, allowed: Decimal, insurer: Decimal | None
) -> tuple[Retained | None, tuple[Line, ...]]:
    """The retention of a year by its score, and its line; nothing where the rule has none or nothing was computed."""
    terms = rule.retention
    if terms is None or (terms.base is RetentionBase.INSURER_PART and insurer is None):
        return None, ()
    base = _base(terms, inputs.premium, allowed, insurer or ZERO)
    held = _retained(terms, base, inputs.score)
    formula = f"{times(terms.rate, base)} × {percent(released_rate(terms, inputs.score))}"
    pairs = ((terms.base.value, base), ("held", held.held), ("released", held.released), ("forfeited", held.forfeited))
    return held, (Line("retention", terms.clause, formula, pairs, held.released, "half_up"),)


def released_rate(terms: RetentionTerms, score: Decimal) -> Decimal:
    """What part of the retention a score releases: by the highest step it reaches, else the score itself."""
    if not terms.steps:
        return score
    reached = [step for step in terms.steps if score >= step.score_from]
    return max(reached, key=lambda step: step.score_from).release if reached else Decimal(0)


def _base(terms: RetentionTerms, premium: Decimal, expense: Decimal, insurer: Decimal) -> Decimal:
    if terms.base is RetentionBase.PREMIUM:
        return premium
    return expense if terms.base is RetentionBase.EXPENSE else max(insurer, ZERO)


def _retained(terms: RetentionTerms, base: Decimal, score: Decimal) -> Retained:
    held = round_fen(Fraction(terms.rate) * Fraction(base))
    released = round_fen(Fraction(held) * Fraction(released_rate(terms, score)))
    return Retained(held, released, held - released, terms.in_balance)
