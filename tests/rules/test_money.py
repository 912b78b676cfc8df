"""Money: exact yuan only, one rounding, splits that add up, amounts in words as banks demand them."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    FEN,
    MoneyError,
    from_fen,
    rmb_upper,
    round_fen,
    show_rate,
    show_yuan,
    split,
    to_fen,
    yuan,
)

AMOUNTS = st.integers(-(10**15), 10**15).map(from_fen)
WEIGHTS = st.lists(st.fractions(0, 1000), min_size=1, max_size=30).filter(lambda weights: sum(weights) > 0)


@pytest.mark.parametrize(
    ("given_as", "amount"),
    [("12.3", "12.30"), (7, "7.00"), (Decimal("0.01"), "0.01"), ("-0.00", "0.00"), ("1E+2", "100.00")],
)
def test_an_amount_has_two_decimals(given_as: Decimal | int | str, amount: str) -> None:
    assert str(yuan(given_as)) == amount


@pytest.mark.parametrize(
    "no_money", [0.1, True, "1,000.00", "一元", "", "NaN", "Infinity", "1e400", None, "0.001", Decimal("1.005")]
)
def test_what_is_no_exact_amount_is_refused(no_money: object) -> None:
    with pytest.raises(MoneyError):
        yuan(no_money)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.004", "0.00"),
        ("0.005", "0.01"),  # half up …
        ("-0.005", "-0.01"),  # … away from zero, so that a loss is rounded as a surplus is
        ("2.675", "2.68"),  # binary floats would give 2.67
        ("0.0049999999999999999", "0.00"),
        ("1025467.941", "1025467.94"),
    ],
)
def test_money_is_rounded_half_up_to_the_fen(exact: str, rounded: str) -> None:
    assert round_fen(Decimal(exact)) == Decimal(rounded)


def test_fractions_are_rounded_without_a_detour() -> None:
    assert round_fen(Fraction(1, 3)) == Decimal("0.33")
    assert round_fen(Fraction(2, 3)) == Decimal("0.67")
    assert round_fen(Fraction(1, 200)) == FEN


@given(st.decimals(-(10**9), 10**9, places=6))
def test_rounding_agrees_with_the_decimal_module(exact: Decimal) -> None:
    assert round_fen(exact) == exact.quantize(FEN, ROUND_HALF_UP)


@given(AMOUNTS)
def test_fen_and_yuan_are_two_ways_to_write_one_amount(amount: Decimal) -> None:
    assert from_fen(to_fen(amount)) == amount


# Splitting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("100.00", [1, 1, 1], ["33.34", "33.33", "33.33"]),  # equal remainders go to the earlier part
        ("0.01", [1, 1], ["0.01", "0.00"]),
        ("-100.00", [1, 1, 1], ["-33.34", "-33.33", "-33.33"]),
        (
            "263252000.00",
            [Decimal("0.60"), Decimal("0.30"), Decimal("0.10")],
            ["157951200.00", "78975600.00", "26325200.00"],
        ),
        ("10.00", [0, 5, 0], ["0.00", "10.00", "0.00"]),
        ("0.05", [Fraction(1, 3), Fraction(2, 3)], ["0.02", "0.03"]),
    ],
)
def test_the_largest_remainders_get_the_fen_that_are_left(total: str, weights: list, parts: list[str]) -> None:
    assert [str(part) for part in split(Decimal(total), weights)] == parts


@given(AMOUNTS, WEIGHTS)
def test_parts_add_up_to_the_whole_and_miss_their_exact_share_by_less_than_a_fen(
    total: Decimal, weights: list[Fraction]
) -> None:
    parts = split(total, weights)
    assert sum(parts, Decimal(0)) == total
    whole = sum(weights)
    assert all(abs(Fraction(part) - Fraction(total) * weight / whole) < Fraction(1, 100)
               for part, weight in zip(parts, weights, strict=True))  # fmt: skip


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(MoneyError, match="weights"):
        split(Decimal("1.00"), weights)


# Writing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.00", "零元整"),
        ("0.01", "壹分"),
        ("0.10", "壹角整"),
        ("0.38", "叁角捌分"),
        ("1.00", "壹元整"),
        ("10.05", "壹拾元零伍分"),
        ("44.80", "肆拾肆元捌角整"),
        ("107.50", "壹佰零柒元伍角整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("10001.00", "壹万零壹元整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),  # the rule leaves the 零 before 柒仟 to the writer
        ("1000000.00", "壹佰万元整"),
        ("20030000.00", "贰仟零叁万元整"),
        ("100000000.00", "壹亿元整"),
        ("263252000.00", "贰亿陆仟叁佰贰拾伍万贰仟元整"),
        ("100000001.00", "壹亿零壹元整"),
        ("1000000000000.00", "壹万亿元整"),
        ("1000100000000.00", "壹万零壹亿元整"),
        ("-12.30", "负壹拾贰元叁角整"),
    ],
)
def test_amounts_in_words_are_as_banks_demand_them(amount: str, words: str) -> None:
    """By 《支付结算办法》 annex 1; most rows are its own examples."""
    assert rmb_upper(Decimal(amount)) == words


def test_an_amount_without_words_is_refused() -> None:
    with pytest.raises(MoneyError, match="too large"):
        rmb_upper(Decimal(10**16))


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1234567.80", "1,234,567.80"), ("-0.50", "−0.50"), ("0.00", "0.00"), (None, "—")],
)
def test_amounts_are_shown_with_separators(amount: str | None, shown: str) -> None:
    assert show_yuan(Decimal(amount) if amount else None) == shown


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (Fraction(34182, 1_000_000), "+3.4182%"),
        (Fraction(-1, 30), "−3.3333%"),
        (Fraction(3, 100), "+3.0000%"),
        (Fraction(3, 100) + Fraction(1, 10**9), "+3.0000%"),  # shown alike, decided apart
        (None, "—"),
    ],
)
def test_rates_are_shown_signed(rate: Fraction | None, shown: str) -> None:
    assert show_rate(rate) == shown
