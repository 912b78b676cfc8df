"""Prices, scores, ranking, winners and the division of the insured, as a department can read them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import rmb_upper
from tender.rules.price_order import Declared, read_sheet
from tender.rules.prices import amount_from_words, words_of
from tender.rules.scoring import LotRanking, Offer, base_price, choose_winners, draw, mean, price_score, rank
from tender.rules.splitting import parts_of, split_persons, term_total
from tender.rules.words import AwardRule, PriceObject, SplitMethod

WEIGHT = Decimal(20)


def offer(bid: int, price: str, technical: str = "50", commercial: str = "30") -> Offer:
    return Offer(bid, 100 + bid, Decimal(price), Fraction(technical), Fraction(commercial))


@pytest.mark.parametrize(
    "prices, scores",
    [
        (("66.60", "67.00", "65.00"), ("19.5195", "19.4030", "20.0000")),
        (("66.60", "67.00"), ("20.0000", "19.8806")),  # 65.00 was invalid: it is gone before the base is taken
    ],
    ids=["three valid bids", "the lowest was invalid"],
)
def test_price_scores_of_regulation_c4(prices: tuple[str, ...], scores: tuple[str, ...]) -> None:
    base = base_price([Decimal(price) for price in prices])
    found = [float(round(price_score(base, Decimal(price), WEIGHT), 4)) for price in prices]
    assert found == [float(score) for score in scores]


@pytest.mark.parametrize("prices", [[], [Decimal(0)], [Decimal("-1"), Decimal(5)]], ids=["none", "zero", "negative"])
def test_a_base_price_needs_prices_above_zero(prices: list[Decimal]) -> None:
    with pytest.raises(ValueError):
        base_price(prices)


def test_only_the_total_is_rounded_once_and_half_up() -> None:
    third = mean([Decimal(10), Decimal(10), Decimal(11)])  # 10.333…
    ranked = rank([Offer(1, 1, Decimal(3), third, Fraction("0.001666")), offer(2, "3")], WEIGHT, {1: 1, 2: 2})
    assert ranked[1].technical == Fraction(31, 3)
    assert ranked[1].total == Decimal("30.33")  # 20 + 10.33333… + 0.001666 = 30.334999…
    assert Fraction(31, 3) + Fraction("0.001666") + 20 < Fraction("30.335")


@pytest.mark.parametrize(
    "offers, order, ties",
    [
        ([offer(1, "37"), offer(2, "36", "51")], [2, 1], [None, None]),
        # 80 + 20×36/40 = 98 and 78 + 20 = 98: equal totals, the lower price comes first
        ([offer(1, "40"), offer(2, "36", "48")], [2, 1], ["price", "price"]),
        ([offer(1, "37"), offer(2, "37")], [2, 1], ["lot", "lot"]),
    ],
    ids=["the higher total", "equal totals: the lower price", "equal price too: the draw"],
)
def test_ranking_and_ties(offers: list[Offer], order: list[int], ties: list[str | None]) -> None:
    ranked = rank(offers, WEIGHT, {1: 2, 2: 1})
    assert [place.bid for place in ranked] == order
    assert [place.tie for place in ranked] == ties


def test_a_fixed_price_is_not_scored() -> None:
    assert rank([offer(1, "37")], Decimal(0), {1: 1})[0].price_score == 0


@given(st.lists(st.tuples(st.integers(1, 9999), st.integers(0, 8000)), min_size=1, max_size=9))
def test_ranking_equals_an_independent_recomputation(bids: list[tuple[int, int]]) -> None:
    offers = [
        Offer(number, number, Decimal(price).scaleb(-2), Fraction(points, 100), Fraction(0))
        for number, (price, points) in enumerate(bids, 1)
    ]
    drawn = draw([entry.bid for entry in offers], "seed")
    lowest = min(price for price, _points in bids)

    def total(entry: Offer) -> int:
        """Hundredths of a point, half up, in whole numbers only."""
        price, points = bids[entry.bid - 1]
        exact = Fraction(points) + Fraction(2000 * lowest, price)
        return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)

    expected = sorted(offers, key=lambda entry: (-total(entry), entry.price, drawn[entry.bid]))
    ranked = rank(offers, WEIGHT, drawn)
    assert [place.bid for place in ranked] == [entry.bid for entry in expected]
    assert [int(place.total * 100) for place in ranked] == [total(entry) for entry in expected]


@pytest.mark.parametrize(
    "rule, second",
    [(AwardRule.WIN_ALL, (11, 12)), (AwardRule.WIN_ONE, (13, 14))],
    ids=["兼投兼中", "兼投不兼中"],
)
def test_winners_of_two_lots_with_two_winners_each(rule: AwardRule, second: tuple[int, ...]) -> None:
    def lot(number: int) -> LotRanking:
        offers = [Offer(10 * number + n, n, Decimal(30 + n), Fraction(80), Fraction(0)) for n in (1, 2, 3, 4)]
        return LotRanking(number, 2, rank(offers, WEIGHT, {entry.bid: entry.bid for entry in offers}))

    first, other = choose_winners([lot(0), lot(1)], rule)
    assert first.bids == (1, 2)
    assert other.bids == second
    assert other.passed_over == (() if rule is AwardRule.WIN_ALL else (11, 12))


@pytest.mark.parametrize(
    "total, shares, parts",
    [
        (2_000_000, ("0.60", "0.40"), [1_200_000, 800_000]),
        (3, ("0.50", "0.50"), [2, 1]),
        (10, ("0.3333", "0.3333", "0.3334"), [3, 3, 4]),
    ],
    ids=["exact", "equal remainders: the earlier part", "largest remainder"],
)
def test_whole_persons_are_divided_without_a_person_lost(total: int, shares: tuple[str, ...], parts: list[int]) -> None:
    assert split_persons(total, [Decimal(share) for share in shares]) == parts


@given(st.integers(1, 10**8), st.lists(st.integers(1, 100), min_size=1, max_size=5))
def test_parts_always_add_up(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    shares = [Decimal(weight) / whole for weight in weights[:-1]]
    shares.append(1 - sum(shares, Decimal(0)))
    assert sum(split_persons(total, shares)) == total


def test_districts_must_hold_the_insured_exactly() -> None:
    split = [{"districts": ["长河市", "松原县"], "insured": 60}, {"districts": ["白石市"], "insured": 40}]
    parts = parts_of(SplitMethod.DISTRICT, split, 100, "全省")
    assert [(part.share, part.insured, part.area) for part in parts] == [
        (Decimal("0.6"), 60, "长河市、松原县"),
        (Decimal("0.4"), 40, "白石市"),
    ]
    with pytest.raises(ValueError, match="hold 100 insured, the lot 101"):
        parts_of(SplitMethod.DISTRICT, split, 101, "全省")


@pytest.mark.parametrize(
    "price_object, price, total",
    [
        (PriceObject.PREMIUM_PER_HEAD, "66.60", Decimal("1056942000.00")),  # Dazhou 2020: 5.29 million × 3 years
        (PriceObject.TOTAL_PREMIUM, "900000000.00", Decimal("900000000.00")),
        (PriceObject.FEE_RATE, "0.08", Decimal("3960000.00")),  # of a budget of 49.5 million
    ],
)
def test_what_a_price_means_over_the_term(price_object: PriceObject, price: str, total: Decimal) -> None:
    assert term_total(price_object, Decimal(price), 5_290_000, 3, Decimal("49500000")) == Fraction(total)


@pytest.mark.parametrize(
    "price, words, corrected, faulty",
    [
        ("38.50", "叁拾捌元伍角整", "38.50", False),
        ("38.50", "叁拾捌元整", "38.00", False),  # words over figures
        ("40.00", "肆拾元整", "40.00", False),  # the ceiling itself is allowed
        ("40.01", "肆拾元零壹分", "40.01", True),
        ("38.50", "三十八元五角", "38.50", True),  # no 人民币大写
        ("0.00", "零元整", "0.00", True),
    ],
)
def test_a_price_sheet_is_corrected_then_held_against_the_ceiling(
    price: str, words: str, corrected: str, faulty: bool
) -> None:
    declared = Declared(Decimal(price), words)
    reading = read_sheet(declared, PriceObject.PREMIUM_PER_HEAD, Decimal("40.00"), Decimal(6), "ORDER87_2017")
    assert reading.price == Decimal(corrected)
    assert bool(reading.fault) is faulty


def test_rates_have_no_words_to_correct() -> None:
    assert words_of(Decimal("0.08"), PriceObject.FEE_RATE) == "百分之8"
    declared = Declared(Decimal("0.08"), "百分之8")
    assert read_sheet(declared, PriceObject.FEE_RATE, Decimal("0.08"), Decimal(100), "ORDER87_2017").fault is None


@given(st.integers(1, 10**14))
def test_words_read_back_to_the_amount_they_were_written_from(fen: int) -> None:
    amount = Decimal(fen).scaleb(-2)
    assert amount_from_words(rmb_upper(amount)) == amount
