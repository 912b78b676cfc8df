"""Sample scores before publication: what three example bids would get under the table as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tender.rules.checking import LineFacts
from tender.rules.scoring import Offer, price_score, rank
from tender.rules.words import PriceObject, ScoreBlock

#: The three examples: the best option of every criterion, one from the middle, the last; and parts of the ceiling.
_PARTS = (Decimal("1.00"), Decimal("0.97"), Decimal("0.94"))
#: Prices are typed to this unit: fen, or a hundredth of a per cent.
_MONEY, _RATE = Decimal("0.01"), Decimal("0.0001")


@dataclass(frozen=True)
class SampleRow:
    """A criterion and what each example gets."""

    block: ScoreBlock
    name: str
    points: tuple[Fraction, ...]


@dataclass(frozen=True)
class Sample:
    """The examples: prices, points by criterion, totals (rounded once) and ranks; `without_lowest`: the price points
    of the others once the lowest bid is ruled invalid, None for it.
    """

    prices: tuple[Decimal, ...]
    rows: tuple[SampleRow, ...]
    totals: tuple[Decimal, ...]
    ranks: tuple[int, ...]
    weight: Decimal
    price_scores: tuple[Fraction, ...]
    without_lowest: tuple[Fraction | None, ...]


def example_prices(price_object: PriceObject, ceiling: Decimal) -> tuple[Decimal, ...]:
    """Three prices to begin with: the ceiling and a little below it."""
    unit = _RATE if price_object in (PriceObject.FEE_RATE, PriceObject.PROFIT_RATE) else _MONEY
    return tuple(max((ceiling * part).quantize(unit, ROUND_HALF_UP), unit) for part in _PARTS)


def samples(lines: Sequence[LineFacts], prices: Sequence[Decimal], *, fixed: bool) -> Sample:
    """Score the examples. fixed: the price is not bid, so it is not scored. Raises ValueError for a price of zero."""
    weight = Decimal(0) if fixed else sum((row.points for row in lines if row.block is ScoreBlock.PRICE), Decimal(0))
    scored = [row for row in lines if row.block is not ScoreBlock.PRICE]
    rows = [SampleRow(row.block, row.name, _choices(row, len(prices))) for row in scored]
    offers = [
        Offer(place, place, price, _sum(rows, ScoreBlock.TECHNICAL, place), _sum(rows, ScoreBlock.COMMERCIAL, place))
        for place, price in enumerate(prices)
    ]
    places = {place.bid: place for place in rank(offers, weight, {number: number for number in range(len(prices))})}
    ordered = [places[number] for number in range(len(prices))]
    return Sample(
        tuple(prices),
        tuple(rows),
        tuple(place.total for place in ordered),
        tuple(place.rank for place in ordered),
        weight,
        tuple(place.price_score for place in ordered),
        _without_lowest(prices, weight),
    )


def price_points(prices: Sequence[Decimal], weight: Decimal) -> tuple[Fraction, ...]:
    """The price points of valid bids: the lowest gets all (regulation C.4)."""
    return tuple(price_score(min(prices), price, weight) for price in prices)


def _without_lowest(prices: Sequence[Decimal], weight: Decimal) -> tuple[Fraction | None, ...]:
    lowest = min(range(len(prices)), key=lambda number: prices[number])
    others = [price for number, price in enumerate(prices) if number != lowest]
    if not others or not weight:
        return ()
    return tuple(
        None if number == lowest else price_score(min(others), price, weight) for number, price in enumerate(prices)
    )


def _choices(line: LineFacts, number: int) -> tuple[Fraction, ...]:
    """The best option for the first example, the last for the last, evenly between them."""
    ordered = sorted((Fraction(str(option["points"])) for option in line.options), reverse=True) or [Fraction(0)]
    last = len(ordered) - 1
    return tuple(ordered[round(Fraction(place * last, max(number - 1, 1)))] for place in range(number))


def _sum(rows: Sequence[SampleRow], block: ScoreBlock, number: int) -> Fraction:
    return sum((row.points[number] for row in rows if row.block is block), Fraction(0))
