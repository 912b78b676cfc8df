"""Procurement law by date: which limits a tender of 2016, 2018 and 2026 runs under."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import FileInvalid
from core.policy.procurement import OPEN_TENDER, limits, load, open_tender, rule_set, rule_set_on


@pytest.mark.parametrize(
    "day, name, least, most, low_price",
    [
        (date(2016, 9, 1), "ORDER18_2004", "0.10", "0.30", False),
        (date(2017, 9, 30), "ORDER18_2004", "0.10", "0.30", False),
        (date(2017, 10, 1), "ORDER87_2017", "0.10", None, False),
        (date(2026, 1, 31), "ORDER87_2017", "0.10", None, False),
        (date(2026, 2, 1), "LOW_PRICE_2026", "0.10", None, True),
    ],
)
def test_rule_sets_by_date(day: date, name: str, least: str, most: str | None, low_price: bool) -> None:
    rules = rule_set_on(day)
    assert rules.name == name
    assert rules is rule_set(name)
    assert (rules.price_weight.least, rules.price_weight.most) == (Decimal(least), most and Decimal(most))
    assert rules.bid_security.most == Decimal("0.02")
    assert (rules.low_price is not None) is low_price


@pytest.mark.parametrize(
    "id, number, unit, bound",
    [
        ("T01", 5, "workday", "exactly"),
        ("T02", 5, "workday", "at_least"),
        ("T04", 20, "day", "at_least"),
        ("T05", 15, "day", "at_least"),
        ("T12", 2, "workday", "at_most"),
        ("T15", 30, "day", "at_most"),
        ("T18", 7, "workday", "at_most"),
        ("T22", 15, "workday", "at_most"),
        ("T27", 15, "year", "at_least"),
    ],
)
def test_limits_of_2018(id: str, number: int, unit: str, bound: str) -> None:
    limit = limits(date(2018, 6, 1))[id]
    assert (limit.number, limit.unit, limit.bound) == (number, unit, bound)


def test_all_limits_are_known_and_each_names_its_law() -> None:
    assert list(open_tender().limits) == [f"T{number:02}" for number in range(1, 32)]
    assert all(limit.clause for limit in limits(date(2026, 11, 22)).values())
    assert set(limits(date(2026, 11, 22))) == set(open_tender().limits)


@pytest.mark.parametrize(
    "day, absent",
    [
        # In 2016 neither Order 87 nor Order 94 was there: what only they say did not bind.
        (date(2016, 9, 1), {"T01", "T03", "T06", "T07", "T08", "T13", "T23", "T24", "T29", "T30", "T31"}),
        (date(2017, 10, 1), {"T23", "T24", "T30", "T31"}),
        (date(2018, 3, 1), {"T30", "T31"}),
    ],
)
def test_a_limit_begins_with_its_law(day: date, absent: set[str]) -> None:
    assert set(open_tender().limits) - set(limits(day)) == absent


def test_a_limit_cites_the_articles_of_its_day() -> None:
    assert "87号" not in limits(date(2016, 9, 1))["T02"].clause
    assert "87号）第18条" in limits(date(2018, 9, 1))["T02"].clause


@pytest.mark.parametrize(
    "members, experts, budget, year, allowed",
    [
        (5, 4, "9999999.99", 2018, True),
        (5, 3, "9999999.99", 2018, False),  # 2/3 of 5 is more than 3
        (6, 5, "9999999.99", 2018, False),  # not odd
        (5, 4, "10000000", 2018, False),  # from 10 million on at least 7
        (7, 5, "10000000", 2018, True),
        (5, 4, "10000000", 2016, True),  # Order 18 knew no such step
    ],
)
def test_committee(members: int, experts: int, budget: str, year: int, allowed: bool) -> None:
    assert rule_set_on(date(year, 6, 1)).committee.allows(members, experts, Decimal(budget)) is allowed


@pytest.mark.parametrize(
    "old, new, place, reason",
    [
        ('law = "reg", article = "31"', 'law = "regg", article = "31"', "limits[T02]", "there is no law “regg”"),
        ("in_force_until = 2026-01-31", "in_force_until = 2026-01-30", "rule_sets[LOW_PRICE_2026]", "gap"),
        ("least = 0.10, most = 0.30", "least = 10, most = 0.30", "rule_sets[ORDER18_2004].price_weight.least", "0.1"),
        ('id = "T02"', 'id = "T01"', "limits[T01]", "twice"),
        ("number = 20\n", "numbr = 20\n", "limits[T04].numbr", "did you mean “number”?"),
    ],
)
def test_bad_data_is_refused_with_place_and_reason(tmp_path: Path, old: str, new: str, place: str, reason: str) -> None:
    text = OPEN_TENDER.read_text(encoding="utf-8")
    assert old in text
    bad = tmp_path / "open-tender.toml"
    bad.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileInvalid) as refused:
        load(bad)
    assert any(where == place and reason in why for where, why in refused.value.faults), refused.value.faults
