"""When a price is so low that the committee must ask for an explanation (财库〔2026〕2号); strictly below counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from core.policy.procurement import LowPriceRule


@dataclass(frozen=True)
class Priced:
    """A bid that passed conformity, and its price as read from the price sheet (not policy-adjusted)."""

    bid: int
    price: Decimal


@dataclass(frozen=True)
class Trigger:
    """Why a bid must be reviewed. ground: 'mean', 'second_lowest', 'ceiling'; below: the amount it lies below."""

    bid: int
    ground: str
    below: Fraction


def raised(rule: LowPriceRule, ratio: Decimal | None) -> LowPriceRule:
    """The rule with every ratio below `ratio` raised to it, as a tender document may; None changes nothing."""
    if ratio is None:
        return rule
    names = ("of_mean", "of_second_lowest", "of_ceiling")
    return replace(rule, **{name: max(getattr(rule, name), ratio) for name in names})


def triggers(offers: Sequence[Priced], ceiling: Decimal, rule: LowPriceRule) -> tuple[Trigger, ...]:
    """Every trigger of a lot's prices, bid by bid. Exact fractions, nothing is rounded.

    mean: below the rule's part of the mean of all conforming prices; second_lowest: the lowest, below its part of the
    second lowest; ceiling: below its part of the ceiling.
    """
    if not offers:
        return ()
    prices = sorted(Fraction(offer.price) for offer in offers)
    mean = sum(prices, Fraction(0)) / len(prices) * Fraction(rule.of_mean)
    second = prices[1] * Fraction(rule.of_second_lowest) if len(prices) > 1 else None
    limit = Fraction(ceiling) * Fraction(rule.of_ceiling)
    found = []
    for offer in offers:
        price = Fraction(offer.price)
        if price < mean:
            found.append(Trigger(offer.bid, "mean", mean))
        if second is not None and price == prices[0] and price < second:
            found.append(Trigger(offer.bid, "second_lowest", second))
        if price < limit:
            found.append(Trigger(offer.bid, "ceiling", limit))
    return tuple(found)
