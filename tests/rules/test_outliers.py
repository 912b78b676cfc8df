"""Which scores depart from the others': strictly more than the part of the criterion's points."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tender.rules.outliers import Given, outliers

CASES = [
    # points of the members under a criterion of 20 points, the part, and who departs
    ("all alike", ["16", "16", "16", "16", "16"], "0.30", []),
    ("exactly at the threshold", ["16", "10", "16", "16", "16"], "0.30", []),  # 6 of 20 is 30 per cent
    ("just beyond it", ["16", "9.9", "16", "16", "16"], "0.30", [2]),
    ("above and below", ["20", "4", "12", "12", "12"], "0.30", [1, 2]),
    ("a smaller part finds more", ["16", "12", "16", "16", "16"], "0.10", [2]),
    ("two members are no measure", ["20", "0"], "0.30", []),
]


@pytest.mark.parametrize("points, part, found", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_who_departs(points: list[str], part: str, found: list[int]) -> None:
    given = [Given(place, place, 1, 1, Decimal(value), Decimal(20)) for place, value in enumerate(points, 1)]
    assert [one.score for one in outliers(given, Decimal(part))] == found


def test_the_mean_is_that_of_the_others_and_exact() -> None:
    points = ("0", "20", "20", "19")
    given = [Given(place, place, 1, 1, Decimal(value), Decimal(20)) for place, value in enumerate(points, 1)]
    (found,) = outliers(given, Decimal("0.40"))
    assert found.others == Fraction(59, 3)


def test_bids_and_criteria_are_not_mixed() -> None:
    given = [
        Given(10 * bid + member, member, bid, 1, Decimal(5 * bid), Decimal(20))
        for bid in (1, 4)
        for member in (1, 2, 3)
    ]
    assert outliers(given, Decimal("0.10")) == ()
