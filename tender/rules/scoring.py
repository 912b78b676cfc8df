"""Scores and ranking: base÷bid×weight, one rounding of the total, ties by price then by lot, winners of each lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

from core.money import round_fen
from tender.rules.words import AwardRule


@dataclass(frozen=True)
class Offer:
    """A valid bid as the ranking sees it: its evaluated price and its averaged points (exact)."""

    bid: int
    bidder: int
    price: Decimal
    technical: Fraction
    commercial: Fraction


@dataclass(frozen=True)
class Ranked:
    """A place in the ranking. total is rounded half up to two decimals, once; everything else is exact.

    tie: None, 'price' where equal totals were parted by the lower price, 'lot' where the draw parted them.
    """

    bid: int
    bidder: int
    rank: int
    technical: Fraction
    commercial: Fraction
    price_score: Fraction
    base_price: Decimal
    price: Decimal
    total: Decimal
    tie: str | None


def base_price(prices: Sequence[Decimal]) -> Decimal:
    """评标基准价: the lowest price among the valid bids; invalid ones must be gone before (regulation A.9).

    Raises ValueError for no price, or one that is not above zero (base÷bid has no meaning then).
    """
    if not prices or min(prices) <= 0:
        raise ValueError("the base price needs at least one price, all above zero")
    return min(prices)


def price_score(base: Decimal, price: Decimal, weight: Decimal) -> Fraction:
    """投标报价得分 = 评标基准价 ÷ 投标报价 × weight, exact; weight in points (87 art. 55)."""
    return Fraction(base) / Fraction(price) * Fraction(weight)


def mean(points: Sequence[Decimal]) -> Fraction:
    """The exact mean of the members' points; every member counts, none is dropped (87 art. 55)."""
    if not points:
        raise ValueError("no points to average")
    return sum((Fraction(value) for value in points), Fraction(0)) / len(points)


def rank(offers: Sequence[Offer], weight: Decimal, lots_drawn: Mapping[int, int]) -> tuple[Ranked, ...]:
    """Rank the valid bids of a lot: total descending, then price ascending, then by the draw (87 art. 57, 68).

    weight: points of the price block, 0 where the price is fixed and not scored; lots_drawn: the drawn place of each
    bid, used only where total and price are both equal.
    """
    if not offers:
        return ()
    base = base_price([offer.price for offer in offers])
    scored = [(offer, price_score(base, offer.price, weight) if weight else Fraction(0)) for offer in offers]
    totals = {offer.bid: round_fen(offer.technical + offer.commercial + points) for offer, points in scored}
    ordered = sorted(scored, key=lambda pair: (-totals[pair[0].bid], pair[0].price, lots_drawn[pair[0].bid]))
    return tuple(
        Ranked(
            bid=offer.bid,
            bidder=offer.bidder,
            rank=place,
            technical=offer.technical,
            commercial=offer.commercial,
            price_score=points,
            base_price=base,
            price=offer.price,
            total=totals[offer.bid],
            tie=_tie(offer, offers, totals),
        )
        for place, (offer, points) in enumerate(ordered, 1)
    )


def _tie(offer: Offer, offers: Sequence[Offer], totals: Mapping[int, Decimal]) -> str | None:
    equals = [other for other in offers if other.bid != offer.bid and totals[other.bid] == totals[offer.bid]]
    if not equals:
        return None
    return "lot" if any(other.price == offer.price for other in equals) else "price"


def draw(numbers: Sequence[int], seed: str) -> dict[int, int]:
    """A draw anybody can repeat: numbers ordered by SHA-256(seed ‖ ':' ‖ number); returns number → place from 1."""
    ordered = sorted(numbers, key=lambda number: sha256(f"{seed}:{number}".encode()).digest())
    return {number: place for place, number in enumerate(ordered, 1)}


@dataclass(frozen=True)
class LotRanking:
    """What the choice of winners needs of one lot."""

    lot: int
    winners: int
    ranking: tuple[Ranked, ...]


@dataclass(frozen=True)
class Winners:
    """The winning bids of one lot in order, and who was passed over because of 兼投不兼中."""

    lot: int
    bids: tuple[int, ...]
    passed_over: tuple[int, ...] = field(default=())


def choose_winners(lots: Sequence[LotRanking], rule: AwardRule) -> tuple[Winners, ...]:
    """The first n of each ranking; under WIN_ONE a bidder that won an earlier lot is passed over (lots in order)."""
    taken: set[int] = set()
    chosen = []
    for lot in lots:
        free = [place for place in lot.ranking if rule is AwardRule.WIN_ALL or place.bidder not in taken]
        winning = free[: lot.winners]
        last = max((place.rank for place in winning), default=0)
        passed = tuple(place.bid for place in lot.ranking if place.rank < last and place not in winning)
        taken |= {place.bidder for place in winning}
        chosen.append(Winners(lot.lot, tuple(place.bid for place in winning), passed))
    return tuple(chosen)
