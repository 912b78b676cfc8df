"""Balances carried from year to year: which earlier loss or surplus meets this year's, oldest first, till it lapses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from core.money import ZERO, round_fen, yuan
from core.policy.model import CarryTerms, SharingRule, Side
from settlement.rules.corridor import SharingInvalid


@dataclass(frozen=True)
class YearBalance:
    """One year's own balance, before anything is carried into it, and its premium, in yuan."""

    year: int
    balance: Decimal
    premium: Decimal


@dataclass(frozen=True)
class Carried:
    """What is left of one earlier year's balance and what this year takes of it, in yuan (a loss is negative).

    brought: left at the beginning of the year; used: taken into this year; left: for later years; lapses: whether what
    is left may not be used any more after this year.
    """

    year: int
    brought: Decimal
    used: Decimal
    left: Decimal
    lapses: bool


def carried_into(rule: SharingRule, years: Sequence[YearBalance]) -> tuple[Decimal, tuple[Carried, ...]]:
    """What the last of these years takes over from the earlier ones: for `SharingInputs.carried`, and year by year.

    Earlier losses meet surpluses and earlier surpluses meet losses, oldest first, never beyond zero, as far as the
    terms allow; what each earlier year took in its turn is worked out again from the beginning. Nothing where the rule
    has no carry terms. Raises SharingInvalid where the years do not rise.
    """
    if any(later.year <= earlier.year for earlier, later in zip(years, years[1:], strict=False)):
        raise SharingInvalid("years must be given once each, in order")
    taken: tuple[Carried, ...] = ()
    if rule.carry is None:
        return ZERO, taken
    waiting: list[YearBalance] = []
    for year in years:
        waiting = [one for one in waiting if not _expired(rule.carry, one.year, year.year)]
        taken = _taken(rule.carry, waiting, year)
        used = {one.year: one.used for one in taken}
        waiting = [replace(one, balance=one.balance - used[one.year]) for one in waiting]
        rest = year.balance + sum(used.values(), ZERO)
        side = Side.SURPLUS if rest > 0 else Side.LOSS
        if rest and side in rule.carry.sides:
            waiting.append(replace(year, balance=rest))
        waiting = [one for one in waiting if one.balance]
    return sum((one.used for one in taken), ZERO), taken


def _taken(terms: CarryTerms, waiting: Sequence[YearBalance], year: YearBalance) -> tuple[Carried, ...]:
    room, own = abs(yuan(year.balance)), year.balance
    if terms.limit_rate is not None:
        room = min(room, round_fen(Fraction(terms.limit_rate) * Fraction(year.premium)))
    found = []
    for one in waiting:
        opposite = (one.balance < 0 < own) or (own < 0 < one.balance)
        size = min(abs(one.balance), room) if opposite else ZERO
        used = size if one.balance > 0 else -size
        room -= size
        lapses = _expired(terms, one.year, year.year + 1)
        found.append(Carried(one.year, one.balance, used, one.balance - used, lapses))
    return tuple(found)


def _expired(terms: CarryTerms, origin: int, year: int) -> bool:
    return terms.years is not None and year - origin > terms.years
