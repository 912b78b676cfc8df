"""Rules of other shapes than Jilin: profit caps, fees, payout floors, targets, carry-over (regulation D.0 to D.2)."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from core.policy.model import Base, Basis, Cause, ExpenseTreatment, Item, Metric, Side
from settlement.rules.sharing import SharingInputs, SharingInvalid, settle
from tests.factories.sharing import band, jilin_rule, surplus_rule

WHOLE, SLICE = Basis.WHOLE, Basis.SLICE

BID_PROFIT_CAP = surplus_rule(  # Hefei: profit up to the bid rate, what exceeds it goes back; a loss is the insurer's
    (
        band("profit", Side.SURPLUS, "0", "0.025", WHOLE, "1"),
        band("returned", Side.SURPLUS, "0.025", None, SLICE, "0"),
        band("loss", Side.LOSS, "0", None, WHOLE, "1"),
    )
)
HALVES_BEYOND_THREE = surplus_rule(  # a symmetric corridor, half and half beyond 3 %
    (
        band("own", Side.SURPLUS, "0", "0.03", WHOLE, "1"),
        band("half", Side.SURPLUS, "0.03", None, SLICE, "0.5"),
        band("own-loss", Side.LOSS, "0", "0.03", WHOLE, "1"),
        band("half-loss", Side.LOSS, "0.03", None, SLICE, "0.5"),
    )
)
FIXED_FEE = surplus_rule(  # a fee whatever the claims
    (
        band("fee", Side.SURPLUS, "0", None, Basis.FIXED, None, amount="6000000"),
        band("fee-loss", Side.LOSS, "0", None, Basis.FIXED, None, amount="-6000000"),
    )
)
PAYOUT_FLOOR = surplus_rule(  # what is paid out under 95 % of the premium goes back to the fund
    (
        band("kept", Side.SURPLUS, "0", "0.05", WHOLE, "1"),
        band("returned", Side.SURPLUS, "0.05", None, SLICE, "0"),
        band("loss", Side.LOSS, "0", None, WHOLE, "1"),
    ),
    metric=Metric.PAYOUT_RATIO,
)


def million(amount: str) -> Decimal:
    return Decimal(amount) * 1_000_000


@pytest.mark.parametrize(
    ("rule", "claims", "insurer"),
    [
        (BID_PROFIT_CAP, "98", "2"),
        (BID_PROFIT_CAP, "90", "2.5"),
        (BID_PROFIT_CAP, "107", "-7"),
        (HALVES_BEYOND_THREE, "93", "5"),
        (HALVES_BEYOND_THREE, "107", "-5"),
        (FIXED_FEE, "99", "6"),
        (FIXED_FEE, "104", "6"),
        (PAYOUT_FLOOR, "96", "4"),
        (PAYOUT_FLOOR, "92", "5"),
    ],
)
def test_the_insurers_part(rule: object, claims: str, insurer: str) -> None:
    result = settle(rule, SharingInputs(million("100"), million(claims)))
    assert result.insurer == million(insurer)
    assert result.insurer + result.fund == million("100") - million(claims)


def test_a_payout_ratio_is_shown_as_one() -> None:
    result = settle(PAYOUT_FLOOR, SharingInputs(million("100"), million("92")))
    assert (result.rate, result.shown_rate) == (Fraction(8, 100), Fraction(92, 100))


def test_cost_is_measured_against_a_target() -> None:
    rule = surplus_rule(
        (band("saved", Side.SURPLUS, "0", None, WHOLE, "0.5"), band("over", Side.LOSS, "0", None, WHOLE, "0.5")),
        metric=Metric.COST_TO_TARGET,
    )
    rule = replace(rule, income=(Item.TARGET,))
    result = settle(rule, SharingInputs(million("100"), million("88"), target=million("80")))
    assert (result.rate, result.insurer) == (Fraction(-8, 80), million("-4"))
    with pytest.raises(SharingInvalid, match="no base"):
        settle(rule, SharingInputs(million("100"), million("88")))


def test_profit_is_measured_on_cost() -> None:
    rule = surplus_rule(
        (band("profit", Side.SURPLUS, "0", None, WHOLE, "1"), band("loss", Side.LOSS, "0", None, WHOLE, "1")),
        metric=Metric.PROFIT_ON_COST,
    )
    assert settle(rule, SharingInputs(million("100"), million("80"))).rate == Fraction(1, 4)


def test_a_share_may_count_from_the_premium() -> None:
    from_premium = band("fee", Side.SURPLUS, "0", None, WHOLE, "0.02")
    from_premium = replace(from_premium, base=Base.PREMIUM)
    rule = surplus_rule((from_premium, band("loss", Side.LOSS, "0", None, WHOLE, "1")))
    result = settle(rule, SharingInputs(million("100"), million("90")))
    assert (result.insurer, result.lines[-2].formula) == (million("2"), "2% × 100,000,000.00")


@pytest.mark.parametrize(("claims", "insurer"), [("80", "4"), ("97", "3"), ("99.5", "1"), ("120", "-4")])
def test_the_insurers_part_may_be_bounded_both_ways(claims: str, insurer: str) -> None:
    rule = surplus_rule(
        (band("profit", Side.SURPLUS, "0", None, WHOLE, "1"), band("loss", Side.LOSS, "0", None, WHOLE, "1")),
        insurer_max_rate=Decimal("0.04"),
        insurer_min_rate=Decimal("0.01"),
    )
    assert settle(rule, SharingInputs(million("100"), million(claims))).insurer == million(insurer)


@pytest.mark.parametrize(
    ("treatment", "cap", "spent", "allowed"),
    [
        (ExpenseTreatment.EXCLUDED, None, "5", "0"),
        (ExpenseTreatment.ACTUAL, "0.03", "5", "5"),
        (ExpenseTreatment.CAPPED, "0.03", "5", "3"),
        (ExpenseTreatment.CAPPED, "0.03", "2", "2"),
        (ExpenseTreatment.CAPPED, None, "5", "5"),
        (ExpenseTreatment.FIXED, "0.03", "2", "3"),
    ],
)
def test_expense_enters_as_the_rule_says(
    treatment: ExpenseTreatment, cap: str | None, spent: str, allowed: str
) -> None:
    rule = surplus_rule(BID_PROFIT_CAP.bands, expense=treatment, expense_cap_rate=None if cap is None else Decimal(cap))
    result = settle(rule, SharingInputs(million("100"), million("90"), expense=million(spent)))
    assert (result.expense_allowed, result.balance) == (million(allowed), million("10") - million(allowed))


def test_a_fixed_expense_needs_its_rate() -> None:
    rule = surplus_rule(BID_PROFIT_CAP.bands, expense=ExpenseTreatment.FIXED)
    with pytest.raises(SharingInvalid, match="give its rate"):
        settle(rule, SharingInputs(million("100"), million("90")))


def test_a_balance_is_carried_over_only_where_the_rule_says_so() -> None:
    inputs = SharingInputs(million("100"), million("90"), carried=million("-4"))
    assert settle(BID_PROFIT_CAP, inputs).balance == million("10")
    carrying = surplus_rule(BID_PROFIT_CAP.bands, carry_over=True)
    assert settle(carrying, inputs).balance == million("6")


def test_reserve_change_counts_as_cost_and_interest_only_where_listed() -> None:
    inputs = SharingInputs(million("100"), million("90"), reserve_change=million("2"), interest=million("1"))
    assert settle(BID_PROFIT_CAP, inputs).balance == million("8")


def test_a_balance_of_nothing_gives_nothing() -> None:
    result = settle(jilin_rule(), SharingInputs(million("100"), million("100"), cause=Cause.POLICY))
    assert (result.rate, result.insurer, result.fund) == (0, 0, 0)


def test_a_rule_with_a_hole_says_so() -> None:
    rule = surplus_rule((band("small", Side.SURPLUS, "0", "0.03", WHOLE, "1"),))
    with pytest.raises(SharingInvalid, match="no band"):
        settle(rule, SharingInputs(million("100"), million("90")))
