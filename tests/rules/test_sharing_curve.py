"""The curve of a sharing rule: open and closed ends at its jumps, kinks inside a band, and the nearest boundary."""

from decimal import Decimal
from fractions import Fraction

import pytest

from core.policy.model import Basis, Bound, Cause, Metric, Side
from settlement.rules.curve import curve_base, curve_points, distance_to_boundary, distances_to_boundaries
from settlement.rules.sharing import SharingInputs, settle
from tests.factories.sharing import J14, band, jilin_rule, surplus_rule

PREMIUM = Decimal(100_000_000)
TENTH = Fraction(1, 10)


def drawn(reading: str, cause: Cause = Cause.OPERATING) -> list[tuple[str, list[tuple[str, int]]]]:
    """Each segment as its ends in interval notation and its points (rate in percent, insurer's part in yuan)."""
    return [
        (
            f"{'[' if segment.start_closed else '('}{_percent(segment.start)}, {_percent(segment.end)}"
            f"{']' if segment.end_closed else ')'}",
            [(_percent(point.rate), int(point.insurer)) for point in segment.points],
        )
        for segment in curve_points(jilin_rule(), PREMIUM, reading, -TENTH, TENTH, cause)
    ]


def _percent(rate: Fraction) -> str:
    return f"{float(rate * 100):g}"


def test_the_whole_reading_has_cliffs() -> None:
    assert drawn("whole") == [
        ("[-10, -5)", [("-10", -7_500_000), ("-5", -2_500_000)]),
        ("[-5, -3)", [("-5", -2_500_000), ("-3", -1_500_000)]),
        ("[-3, 0]", [("-3", -3_000_000), ("0", 0)]),
        ("[0, 3]", [("0", 0), ("3", 3_000_000)]),
        ("(3, 5]", [("3", 900_000), ("5", 1_500_000)]),
        ("(5, 10]", [("5", 1_500_000), ("10", 1_500_000)]),
    ]


def test_the_slice_reading_is_one_line_with_corners() -> None:
    points = [point for _, points in drawn("slice") for point in points]
    values = dict(points)
    assert values == {
        "-10": -9_000_000,
        "-5": -4_000_000,
        "-3": -3_000_000,
        "0": 0,
        "3": 3_000_000,
        "5": 3_600_000,
        "10": 3_600_000,
    }
    assert len(points) == 12, "two ends a band; neighbours agree, or the dictionary would have hidden a jump"
    assert all(values[rate] == amount for rate, amount in points)


def test_a_negotiated_stretch_has_no_points() -> None:
    assert drawn("whole", Cause.POLICY)[0] == ("[-10, -5]", [])


def test_the_floor_takes_over_inside_a_band() -> None:
    rule = jilin_rule(over_five=(Basis.WHOLE, "0.4"))
    last = curve_points(rule, PREMIUM, "floor", Fraction(0), TENTH)[-1]
    # 40 % of the surplus passes the floor of 3,000,000 at 7.5 %.
    assert [(_percent(point.rate), int(point.insurer)) for point in last.points] == [
        ("5", 3_000_000),
        ("7.5", 3_000_000),
        ("10", 4_000_000),
    ]


def test_a_bound_that_takes_over_on_a_boundary_adds_no_point() -> None:
    # At most 3 million: all of the surplus gives it at 3 %, where the next band begins.
    bands = (
        band("own", Side.SURPLUS, "0", "0.03", Basis.WHOLE, "1"),
        band("same", Side.SURPLUS, "0.03", None, Basis.WHOLE, "1"),
        band("loss", Side.LOSS, "0", None, Basis.WHOLE, "1"),
    )
    rule = surplus_rule(bands, bounds=(Bound(Side.SURPLUS, J14, most_amount=Decimal(3_000_000)),))
    segments = curve_points(rule, PREMIUM, None, -TENTH, TENTH)[1:]
    points = [[(_percent(point.rate), int(point.insurer)) for point in segment.points] for segment in segments]
    assert points == [[("0", 0), ("3", 3_000_000)], [("3", 3_000_000), ("10", 3_000_000)]]


def test_the_window_cuts_the_curve() -> None:
    segments = curve_points(jilin_rule(), PREMIUM, None, Fraction(1, 100), Fraction(4, 100))
    assert [(_percent(one.start), _percent(one.end), one.start_closed) for one in segments] == [
        ("1", "3", True),
        ("3", "4", False),
    ]


def test_a_curve_that_ends_on_a_boundary_ends_as_the_band_does() -> None:
    def ends(low: str, high: str, cause: Cause) -> list[tuple[str, bool, str, bool]]:
        segments = curve_points(jilin_rule(), PREMIUM, "whole", Fraction(low), Fraction(high), cause)
        return [(_percent(one.start), one.start_closed, _percent(one.end), one.end_closed) for one in segments]

    # A policy-driven loss of exactly 5 % is for the departments: the band below it is open there.
    assert ends("-0.05", "-0.04", Cause.POLICY) == [("-5", False, "-4", True)]
    # From exactly 3 % on the band below is a single point, and no stretch.
    assert ends("0.03", "0.05", Cause.OPERATING) == [("3", False, "5", True)]


def test_where_nothing_was_spent_a_combined_limit_is_all_profit() -> None:
    kept = (
        band("own", Side.SURPLUS, "0", None, Basis.WHOLE, "1"),
        band("loss", Side.LOSS, "0", None, Basis.WHOLE, "1"),
    )
    rule = surplus_rule(kept, combined_max_rate=Decimal("0.05"))
    for spent, most in ((Fraction(0), "5.00"), (Fraction(2), "3.00")):
        own = curve_points(rule, Decimal(100), None, Fraction(0), TENTH, spent=spent)[-1]
        assert str(own.points[-1].insurer) == most
    assert str(curve_points(rule, Decimal(100), None, Fraction(0), TENTH)[-1].points[-1].insurer) == "5.00"


def test_a_rule_on_cost_is_drawn_over_the_income() -> None:
    # Of an income of 105, a profit of 5 % on cost is 5 on a cost of 100; half of what lies above that is the insurer's.
    rule = surplus_rule(
        (
            band("own", Side.SURPLUS, "0", "0.05", Basis.WHOLE, "1"),
            band("half", Side.SURPLUS, "0.05", None, Basis.SLICE, "0.5"),
            band("loss", Side.LOSS, "0", None, Basis.WHOLE, "1"),
        ),
        metric=Metric.PROFIT_ON_COST,
    )
    loss, own, half = curve_points(rule, Decimal(105), None, Fraction(-1, 2), Fraction(2, 5))
    assert [str(point.insurer) for point in (loss.points[0], own.points[0], own.points[-1])] == [
        "-105.00", "0.00", "5.00",
    ]  # fmt: skip
    # At 40 % the cost is 75, the profit 30: 5 % of 75 is 3.75, and half of the other 26.25 is 13.125.
    assert str(half.points[-1].insurer) == "16.88"
    # A bent curve is cut into sixteen pieces of equal width.
    assert [point.rate for point in half.points] == [
        Fraction(1, 20) + Fraction(35, 100) * Fraction(step, 16) for step in range(17)
    ]
    inputs = SharingInputs(Decimal(105), Decimal(75))
    assert curve_base(rule, settle(rule, inputs)) == 105
    nearest = distance_to_boundary(rule, inputs)
    assert (nearest.edge, str(nearest.amount), str(nearest.jump)) == (Fraction(1, 20), "25.00", "0.00")


@pytest.mark.parametrize(
    ("claims", "reading", "edge", "amount", "jump"),
    [
        ("96581773.53", "whole", "0.03", "418226.47", "-2100000.00"),
        ("96581773.53", "slice", "0.03", "418226.47", "0.00"),
        ("95100000.00", "whole", "0.05", "-100000.00", "0.00"),
        ("103100000.00", "whole", "-0.03", "-100000.00", "-1500000.00"),
        ("97000000.00", "whole", "0.03", "0.00", "-2100000.00"),
        # Midway between two boundaries the higher one is told.
        ("96000000.00", "whole", "0.05", "-1000000.00", "0.00"),
        ("100000000.00", "whole", "0.03", "-3000000.00", "-2100000.00"),
    ],
)
def test_the_nearest_boundary(claims: str, reading: str, edge: str, amount: str, jump: str) -> None:
    nearest = distance_to_boundary(jilin_rule(), SharingInputs(PREMIUM, Decimal(claims)), reading)
    assert (nearest.edge, str(nearest.amount), str(nearest.jump)) == (Fraction(edge), amount, jump)


def test_beside_a_negotiated_band_there_is_no_jump_to_tell() -> None:
    inputs = SharingInputs(PREMIUM, Decimal("104900000"), cause=Cause.POLICY)
    assert distance_to_boundary(jilin_rule(), inputs).jump is None
    assert [distance.edge for distance in distances_to_boundaries(jilin_rule(), inputs)] == [
        Fraction(edge) for edge in ("-0.05", "-0.03", "0.03", "0.05")
    ]
