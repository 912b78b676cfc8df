"""Corners of the sharing rules that a planted mistake found untested: limits that meet, empty lines, single fen."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from core.policy.library import load_sharing_rule
from core.policy.model import Basis, Bound, Cause, ExpenseTreatment, Item, Reading, Scored, SharingRule, Side
from settlement.rules.carrying import YearBalance, carried_into
from settlement.rules.corridor import SharingInvalid, corridor
from settlement.rules.curve import curve_points
from settlement.rules.figures import exact_text
from settlement.rules.sharing import SharingInputs, settle
from tests.factories.sharing import J14, band, surplus_rule

SHAPES = Path(__file__).parents[1] / "data" / "sharing"
WHOLE, SLICE = Basis.WHOLE, Basis.SLICE
KEEPS = (band("all", Side.SURPLUS, "0", None, WHOLE, "1"), band("loss", Side.LOSS, "0", None, WHOLE, "1"))


def shape(name: str) -> SharingRule:
    return load_sharing_rule(SHAPES / f"{name}.toml")


def hundred(claims: str, **more: object) -> SharingInputs:
    return SharingInputs(Decimal(100), Decimal(claims), **more)


def lines(rule: SharingRule, inputs: SharingInputs) -> dict[str, tuple[str, str | None]]:
    """Each line's formula and amount, by step."""
    return {
        line.step: (line.formula, None if line.amount is None else str(line.amount))
        for line in settle(rule, inputs).lines
    }


@pytest.mark.parametrize(
    ("side", "claims", "part"),
    [
        # Both sides 1 to 6, the surplus 2 to 4 besides: the narrower limits hold on each side.
        (Side.SURPLUS, "50", "4"), (Side.SURPLUS, "97", "3"), (Side.SURPLUS, "99.5", "2"),
        (Side.LOSS, "150", "-6"), (Side.LOSS, "103", "-3"), (Side.LOSS, "100.5", "-1"),
    ],
)  # fmt: skip
def test_the_narrower_of_two_limits_holds(side: Side, claims: str, part: str) -> None:
    bound = Bound(Side.SURPLUS, J14, least_rate=Decimal("0.02"), most_rate=Decimal("0.04"))
    rule = surplus_rule(KEEPS, insurer_max_rate=Decimal("0.06"), insurer_min_rate=Decimal("0.01"), bounds=(bound,))
    result = settle(rule, hundred(claims))
    assert (result.side, result.insurer) == (side, Decimal(part))


def test_a_limit_in_yuan_and_one_by_rate_stand_in_the_formula() -> None:
    bounds = (Bound(Side.SURPLUS, J14, least_amount=Decimal(1), most_amount=Decimal(3)),)
    assert lines(surplus_rule(KEEPS, bounds=bounds), hundred("90"))["insurer"] == (
        "max(min(100% × 10.00, 3.00), 1.00)",
        "3.00",
    )


@pytest.mark.parametrize(("score", "part"), [("1", "5"), ("0.5", "2.5"), ("0.2", "2"), ("0", "2")])
def test_a_share_by_score_has_a_least(score: str, part: str) -> None:
    scored = replace(KEEPS[0], share=Decimal("0.5"), scored=Scored.SHARE, share_least=Decimal("0.2"))
    rule = surplus_rule((scored, KEEPS[1]))
    assert settle(rule, hundred("90", score=Decimal(score))).insurer == Decimal(part)


def test_without_a_score_the_full_share_counts() -> None:
    scored = replace(KEEPS[0], share=Decimal("0.5"), scored=Scored.SHARE)
    rule = surplus_rule((scored, KEEPS[1]))
    one_side = corridor(rule, None, Side.SURPLUS, Cause.OPERATING, Fraction(100))
    assert (one_side.share(0), one_side.insurer(0, Fraction(10))) == (Fraction(1, 2), 5)
    (_, drawn) = curve_points(rule, Decimal(100), None, Fraction(-1, 10), Fraction(1, 10))
    assert drawn.points[-1].insurer == 5
    limited = surplus_rule(KEEPS, combined_max_rate=Decimal("0.05"))
    assert corridor(limited, None, Side.SURPLUS, Cause.OPERATING, Fraction(100)).bounds() == (None, 5)


def test_a_slice_may_begin_at_zero() -> None:
    rule = surplus_rule((band("half", Side.SURPLUS, "0", None, SLICE, "0.5"), KEEPS[1]))
    assert lines(rule, hundred("90"))["insurer"] == ("50% × (10.00 − 0% × 100.00)", "5.00")


def test_a_floor_does_not_count_a_band_that_is_talked_about() -> None:
    bands = (
        band("own", Side.SURPLUS, "0", "0.03", WHOLE, "1"),
        band("talks", Side.SURPLUS, "0.03", "0.05", Basis.NEGOTIATED, None),
        band("half", Side.SURPLUS, "0.05", None, WHOLE, "0.25"),
        KEEPS[1],
    )
    readings = (Reading("floor", "保底", "不低于", default=True, floor=(Side.SURPLUS,)),)
    rule = surplus_rule(bands, readings)
    assert [settle(rule, hundred(claims)).insurer for claims in ("98", "96", "94", "80")] == [2, None, 3, 5]


@pytest.mark.parametrize(
    ("expense", "rate", "amount", "contract", "line"),
    [
        (ExpenseTreatment.ACTUAL, None, None, "0.04", ("5.00", "5.00")),
        (ExpenseTreatment.CAPPED, None, None, None, ("5.00", "5.00")),
        (ExpenseTreatment.CAPPED, None, None, "0.04", ("min(5.00, 4% × 100.00)", "4.00")),
        (ExpenseTreatment.CAPPED, "0.03", None, "0.04", ("min(5.00, 3% × 100.00)", "3.00")),
        (ExpenseTreatment.CAPPED, None, "2", "0.04", ("min(5.00, 2.00)", "2.00")),
        (ExpenseTreatment.CAPPED, "0.03", "4", None, ("min(5.00, 4.00, 3% × 100.00)", "3.00")),
        (ExpenseTreatment.FIXED, "0.06", None, None, ("6% × 100.00", "6.00")),
        (ExpenseTreatment.FIXED, None, "7", None, ("7.00", "7.00")),
    ],
)
def test_the_line_of_the_expense(
    expense: ExpenseTreatment, rate: str | None, amount: str | None, contract: str | None, line: tuple[str, str]
) -> None:
    rule = surplus_rule(
        KEEPS,
        expense=expense,
        expense_cap_rate=None if rate is None else Decimal(rate),
        expense_cap_amount=None if amount is None else Decimal(amount),
    )
    cap = None if contract is None else Decimal(contract)
    assert lines(rule, hundred("80", expense=Decimal(5), expense_cap_rate=cap))["expense"] == line


def test_an_expense_without_a_cap_rests_on_nothing_else() -> None:
    rule = surplus_rule(KEEPS, expense=ExpenseTreatment.ACTUAL)
    line = next(line for line in settle(rule, hundred("80", expense=Decimal(5))).lines if line.step == "expense")
    assert line.inputs == (("expense", Decimal("5.00")),)


def test_an_expense_that_does_not_count_has_no_line() -> None:
    assert "expense" not in lines(surplus_rule(KEEPS), hundred("80", expense=Decimal(5)))
    uncounted = replace(surplus_rule(KEEPS, expense=ExpenseTreatment.ACTUAL), cost=(Item.CLAIMS,))
    assert "expense" not in lines(uncounted, hundred("80", expense=Decimal(5)))


def test_the_lines_of_a_premium_after_taxes_and_a_carried_balance() -> None:
    rebate = lines(shape("us-aca-mlr-rebate"), hundred("60", taxes=Decimal(10), quality_expense=Decimal(3)))
    assert (rebate["income"], rebate["rate"][0]) == (("100.00 − 10.00", "90.00"), "27.00 ÷ 90.00")
    assert rebate["balance"] == ("90.00 − 63.00", "27.00")
    carried = lines(shape("d2-11-carried-two-years"), hundred("90", carried=Decimal(-3)))
    assert carried["balance"] == ("100.00 − 90.00 − 3.00", "7.00")


def test_what_is_put_down_to_policy_counts_in_a_loss_only() -> None:
    rule = shape("d2-05-policy-and-operating-loss")
    assert settle(rule, hundred("100", attributable=Decimal(3))).insurer == 0
    assert settle(rule, hundred("99.5", attributable=Decimal(3))).insurer == Decimal("0.25")
    loss = settle(rule, hundred("110", attributable=Decimal(3)))
    assert [(one.cause, one.amount) for one in loss.portions] == [(Cause.OPERATING, -7), (Cause.POLICY, -3)]
    assert settle(rule, hundred("110", attributable=Decimal(8))).band.key == "policy_loss"


@pytest.mark.parametrize(
    ("attributable", "outcome"), [("6", "negotiated"), ("10", "negotiated"), ("4", "provisional"), ("1", "provisional")]
)
def test_one_part_of_a_loss_may_wait_for_the_other(attributable: str, outcome: str) -> None:
    """Jilin's bands in two parts: 5 % of policy loss is talked about, 5 % and more of operating loss is provisional."""
    rule = replace(shape("e-jilin-2016-every-reading"), split_causes=True)
    result = settle(rule, hundred("110.5", attributable=Decimal(attributable)))
    assert (result.outcome, result.insurer is None) == (outcome, outcome == "negotiated")


def test_a_retention_does_not_wait_for_talks() -> None:
    talked = replace(shape("e-jilin-2016-every-reading"), retention=shape("d2-09-retention-of-fee").retention)
    loss = hundred("110", cause=Cause.POLICY, expense=Decimal(4))
    assert settle(talked, loss).retention.held == Decimal("0.40")
    own = replace(talked, retention=shape("d2-09-retention-of-the-insurers-part").retention)
    assert settle(own, loss).retention is None


@pytest.mark.parametrize(
    ("name", "claims", "opening", "written"),
    [
        ("d2-08-risk-reserve", "99.5", "0", []),  # the fund gets nothing, so nothing goes in
        ("d2-08-risk-reserve", "97.99", "0", [("100% × 0.01", "0.01")]),
        ("d2-08-risk-reserve", "104", "3", [("min(3.00, 4.00)", "3.00")]),
        ("d2-08-risk-reserve", "104", "0", []),
        ("d2-08-risk-reserve", "100", "3", []),
        ("d2-08-risk-reserve-for-the-fund", "100", "3", []),
        ("d2-08-risk-reserve-for-the-fund", "100.02", "3", [("min(3.00, 0.01)", "0.01")]),
        ("d2-08-risk-reserve-for-the-fund", "99.98", "3", [("50% × 0.01", "0.01")]),
    ],
)
def test_the_reserve_has_a_line_only_where_it_moves(
    name: str, claims: str, opening: str, written: list[tuple[str, str]]
) -> None:
    rule = shape(name)
    rule = replace(rule, reserve=replace(rule.reserve, most_rate=None))
    found = settle(rule, hundred(claims, reserve_opening=Decimal(opening))).lines
    assert [(line.formula, str(line.amount)) for line in found if line.step == "reserve"] == written


def test_a_fen_of_loss_draws_a_fen() -> None:
    move = settle(shape("d2-08-risk-reserve"), hundred("100.01", reserve_opening=Decimal(3))).reserve
    assert (str(move.drawn), str(move.closing)) == ("0.01", "2.99")


def test_a_reserve_that_is_full_says_so_in_its_line() -> None:
    found = settle(shape("d2-08-risk-reserve"), hundred("95", reserve_opening=Decimal(9))).lines
    assert found[-1].formula == "max(min(100% × 3.00, 10% × 100.00 − 9.00), 0)"
    assert settle(shape("d2-08-risk-reserve"), hundred("95", reserve_opening=Decimal(12))).reserve.paid_in == 0


@pytest.mark.parametrize(("score", "good"), [("0", True), ("1", True), ("1.01", False), ("-0.01", False)])
def test_a_score_is_a_fraction_of_full_marks(score: str, good: bool) -> None:
    if good:
        assert hundred("1", score=Decimal(score)).score == Decimal(score)
        return
    with pytest.raises(SharingInvalid, match="score"):
        hundred("1", score=Decimal(score))


def test_a_rate_of_thirty_digits_is_written_with_all_of_them() -> None:
    assert exact_text(Fraction(1, 5**30)) == f"{Decimal(1) / Decimal(5**30):f}"
    assert exact_text(Fraction(7, 6)) == "1.1666666666666666667"


def balances(*amounts: str) -> list[YearBalance]:
    return [YearBalance(2016 + place, Decimal(amount), Decimal(100)) for place, amount in enumerate(amounts)]


@pytest.mark.parametrize(
    ("amounts", "taken"),
    [
        # Two losses wait; the older one is met first, and what is left of the room meets the younger.
        (("-1", "-1", "1.5"), [(2016, "-1", "0.00"), (2017, "-0.5", "-0.50")]),
        (("-1", "-1", "0.5"), [(2016, "-0.5", "-0.50"), (2017, "0", "-1.00")]),
        # A year that comes out even neither takes nor waits.
        (("-1", "0", "0.5"), [(2016, "-0.5", "-0.50")]),
        (("-1", "1", "0.5"), []),
        (("-1", "0.99", "0.5"), [(2016, "-0.01", "0.00")]),
        # At most 3 a year, of the two losses together.
        (("-2", "-2", "9"), [(2016, "-2", "0.00"), (2017, "-1", "-1.00")]),
        # A surplus under a yuan does not wait as a loss does: it meets nothing later.
        (("0.5", "-0.5"), []),
        # A loss meets no loss.
        (("-1", "-1", "-1"), [(2016, "0", "-1.00"), (2017, "0", "-1.00")]),
    ],
)
def test_the_oldest_balance_is_met_first(amounts: tuple[str, ...], taken: list[tuple[int, str, str]]) -> None:
    total, found = carried_into(shape("d2-11-carried-two-years"), balances(*amounts))
    assert [(one.year, one.used, one.left) for one in found] == [
        (year, Decimal(used), Decimal(left)) for year, used, left in taken
    ]
    assert total == sum(Decimal(used) for _, used, _ in taken)


def test_a_balance_lapses_after_its_last_year() -> None:
    _, found = carried_into(shape("d2-11-carried-two-years"), balances("-1", "-1", "-1"))
    assert [(one.year, one.lapses) for one in found] == [(2016, True), (2017, False)]


def test_the_same_year_is_not_given_twice() -> None:
    same = [YearBalance(2016, Decimal(1), Decimal(100))] * 2
    with pytest.raises(SharingInvalid, match="in order"):
        carried_into(shape("d2-11-carried-two-years"), same)


def test_a_surplus_carried_meets_a_loss_to_the_fen() -> None:
    rule = shape("d2-11-carried-two-years")
    both = replace(rule, carry=replace(rule.carry, sides=(Side.SURPLUS, Side.LOSS)))
    total, found = carried_into(both, balances("0.01", "-0.02"))
    assert (total, found[0].used, found[0].left) == (Decimal("0.01"), Decimal("0.01"), 0)
