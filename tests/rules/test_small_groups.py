"""Small groups of a split: joined until nobody stands alone, and the sums kept."""

from decimal import Decimal

import pytest

from settlement.rules.small_groups import Part, joined


def tally(persons: int) -> dict[str, object]:
    """As many claims as persons, each of 100 yuan."""
    amount = f"{persons * 100}.00"
    return {
        "claims": persons,
        "persons": persons,
        "compliant_cost": amount,
        "reported_benefit": amount,
        "benefit": amount,
    }


def shown(parts: list[Part]) -> list[tuple[tuple[str, ...], int]]:
    return [(part.values, part.persons) for part in parts]


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({"a": 50, "b": 10}, [(("a",), 50), (("b",), 10)]),
        ({"a": 50, "b": 9}, [(("a", "b"), 59)]),
        ({"a": 50, "b": 20, "c": 3}, [(("a",), 50), (("b", "c"), 23)]),
        ({"a": 50, "b": 6, "c": 7}, [(("a",), 50), (("b", "c"), 13)]),
        ({"a": 50, "b": 0}, [(("a",), 50), (("b",), 0)]),
        ({"a": 4}, [(("a",), 4)]),
        ({"b": 10, "a": 50}, [(("b",), 10), (("a",), 50)]),
        ({"a": 50, "b": 1}, [(("a", "b"), 51)]),
        ({"a": 50, "b": 10, "c": 3}, [(("a",), 50), (("b", "c"), 13)]),
        ({"a": 50, "b": 2, "c": 3}, [(("a", "b", "c"), 55)]),
        ({"a": 50, "b": 6, "c": 4}, [(("a",), 50), (("b", "c"), 10)]),
    ],
    ids=[
        "large enough", "one small", "joined to the next larger", "two small are enough", "empty is nobody", "alone",
        "ten are enough", "a single person", "joined to ten", "two small are too few", "ten together are enough",
    ],
)  # fmt: skip
def test_small_groups_stand_together(split: dict[str, int], expected: list[tuple[tuple[str, ...], int]]) -> None:
    parts = joined("county", {value: tally(persons) for value, persons in split.items()})
    assert shown(parts) == expected
    assert [part.joined for part in parts] == [len(values) > 1 for values, _ in expected]
    assert sum(part.benefit for part in parts) == sum(Decimal(persons * 100) for persons in split.values())


def test_months_come_in_order_of_the_year() -> None:
    parts = joined("month", {value: tally(20) for value in ("1", "10", "2")})
    assert [part.values for part in parts] == [("1",), ("2",), ("10",)]
