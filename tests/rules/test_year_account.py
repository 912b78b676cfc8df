"""The year's account: what enters the sharing under each definition of the rate and each claims base (J1, J2)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.policy.model import Cause, ExpenseTreatment, HouseChoice, Item
from settlement.rules.account import ClaimsBasis, RateDefinition, YearAccount, contract_rule, sharing_inputs
from settlement.rules.sharing import settle
from tests.factories.sharing import jilin_rule

YEAR = YearAccount(
    premium_due=Decimal(100),
    claims_paid=Decimal(90),
    recoveries=Decimal(1),
    reserve_open=Decimal(2),
    reserve_close=Decimal(5),
    direct_expense=Decimal(3),
    allocated_expense=Decimal(4),
    interest=Decimal("0.5"),
)
OPEN = HouseChoice(("metric", "income", "cost", "expense"), "文件未定义")


def test_net_claims_reserve_change_and_expense() -> None:
    assert (YEAR.net_claims, YEAR.reserve_change, YEAR.expense) == (89, 3, 7)
    assert [YEAR.incurred_claims(basis) for basis in (ClaimsBasis.INCURRED, ClaimsBasis.PAID)] == [92, 89]


@pytest.mark.parametrize(
    ("definition", "basis", "balance"),
    [
        # (a) 100 − 89 − 3, (b) − expense 7 cut to 5 % = 5, (c) + interest 0.5; paid: without the reserve's change.
        (RateDefinition.CLAIMS, ClaimsBasis.INCURRED, "8"),
        (RateDefinition.CLAIMS, ClaimsBasis.PAID, "11"),
        (RateDefinition.CLAIMS_AND_EXPENSE, ClaimsBasis.INCURRED, "3"),
        (RateDefinition.CLAIMS_AND_EXPENSE, ClaimsBasis.PAID, "6"),
        (RateDefinition.CLAIMS_EXPENSE_INTEREST, ClaimsBasis.INCURRED, "3.5"),
        (RateDefinition.CLAIMS_EXPENSE_INTEREST, ClaimsBasis.PAID, "6.5"),
    ],
)
def test_the_balance_under_each_definition(definition: RateDefinition, basis: ClaimsBasis, balance: str) -> None:
    rule = contract_rule(replace(jilin_rule(), house=(OPEN,)), definition, basis)
    result = settle(rule, sharing_inputs(YEAR, Cause.OPERATING, Decimal("0.05")))
    assert result.balance == Decimal(balance)


def test_what_the_paper_fixes_stands() -> None:
    """A paper that fixes the fee is not overruled by a contract; only what the house settled is the contract's."""
    paper = replace(jilin_rule(), expense=ExpenseTreatment.FIXED, expense_cap_rate=Decimal("0.04"), house=())
    kept = contract_rule(paper, RateDefinition.CLAIMS, ClaimsBasis.PAID)
    assert kept == paper
    half = replace(paper, house=(HouseChoice(("cost",), "文件未定义赔款口径"),))
    filled = contract_rule(half, RateDefinition.CLAIMS_EXPENSE_INTEREST, ClaimsBasis.PAID)
    assert (filled.cost, filled.income, filled.expense) == (
        (Item.CLAIMS, Item.EXPENSE), (Item.PREMIUM,), ExpenseTreatment.FIXED,
    )  # fmt: skip


def test_the_cause_and_the_cap_go_along() -> None:
    inputs = sharing_inputs(YEAR, Cause.POLICY, Decimal("0.05"))
    assert (inputs.cause, inputs.expense_cap_rate, inputs.interest) == (Cause.POLICY, Decimal("0.05"), Decimal("0.5"))
