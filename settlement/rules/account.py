"""The year's account of a contract: what figures, claims and the contract's definitions put into the sharing (J1)."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.money import ZERO, yuan
from core.policy.model import Cause, ExpenseTreatment, Item, SharingRule
from settlement.rules.sharing import SharingInputs


class RateDefinition(StrEnum):
    """What the surplus-or-loss rate counts (regulation J1); chosen in the tender, printed on every sheet."""

    CLAIMS = "claims"
    CLAIMS_AND_EXPENSE = "claims_and_expense"
    CLAIMS_EXPENSE_INTEREST = "claims_expense_interest"


class ClaimsBasis(StrEnum):
    """Which claims belong to the year (regulation J2)."""

    INCURRED = "incurred"
    PAID = "paid"


@dataclass(frozen=True)
class YearAccount:
    """The figures of one contract year in yuan, as reported, recomputed and confirmed.

    claims_paid: accepted benefits of the year paid up to the cut-off day; premium_due: by the cleared head count.
    """

    premium_due: Decimal
    claims_paid: Decimal
    recoveries: Decimal = ZERO
    reserve_open: Decimal = ZERO
    reserve_close: Decimal = ZERO
    direct_expense: Decimal = ZERO
    allocated_expense: Decimal = ZERO
    interest: Decimal = ZERO
    assessment_deduction: Decimal = ZERO
    taxes: Decimal = ZERO
    quality_expense: Decimal = ZERO

    @property
    def net_claims(self) -> Decimal:
        """Claims paid less recoveries and refusals."""
        return yuan(self.claims_paid - self.recoveries)

    @property
    def reserve_change(self) -> Decimal:
        """Closing less opening outstanding claims reserve."""
        return yuan(self.reserve_close - self.reserve_open)

    @property
    def expense(self) -> Decimal:
        """Direct and allocated expense before any cap."""
        return yuan(self.direct_expense + self.allocated_expense)

    def incurred_claims(self, basis: ClaimsBasis) -> Decimal:
        """已发生赔款 under the contract's basis: net claims, with the reserve change where the basis is incurred."""
        return yuan(self.net_claims + (self.reserve_change if basis is ClaimsBasis.INCURRED else ZERO))


def contract_rule(rule: SharingRule, definition: RateDefinition, basis: ClaimsBasis) -> SharingRule:
    """The paper's sharing rule with what the contract chose where the paper is silent: expense, interest, reserve.

    What the paper itself fixes stands: the contract fills only the fields that the house settled in its place.
    """
    cost = {Item.CLAIMS}
    if basis is ClaimsBasis.INCURRED:
        cost.add(Item.RESERVE_CHANGE)
    income = {Item.PREMIUM}
    if definition is not RateDefinition.CLAIMS:
        cost.add(Item.EXPENSE)
    if definition is RateDefinition.CLAIMS_EXPENSE_INTEREST:
        income.add(Item.INTEREST)
    expense = ExpenseTreatment.EXCLUDED if definition is RateDefinition.CLAIMS else ExpenseTreatment.CAPPED
    in_order = tuple(item for item in Item if item in cost)
    chosen: dict[str, Any] = {
        "income": tuple(item for item in Item if item in income),
        "cost": in_order,
        "expense": expense,
    }
    silent = {name for choice in rule.house for name in choice.settles}
    return replace(rule, **{name: value for name, value in chosen.items() if name in silent})


def sharing_inputs(account: YearAccount, cause: Cause, expense_cap_rate: Decimal, **beside: Decimal) -> SharingInputs:
    """The account as the sharing calculation takes it.

    beside: what does not stand in the account of the year: carried, reserve_opening, attributable, score.
    """
    return SharingInputs(
        premium=account.premium_due,
        claims=account.net_claims,
        expense=account.expense,
        reserve_change=account.reserve_change,
        interest=account.interest,
        cause=cause,
        expense_cap_rate=expense_cap_rate,
        taxes=account.taxes,
        quality_expense=account.quality_expense,
        **beside,
    )
