"""Disclosing a contract year that its rule counts with others: whose parts may lie on either side of zero (J3, J16)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from sqlmodel import Session

from core.money import ZERO, show_yuan
from core.policy.model import Item, Metric, SharingRule
from settlement.models import Settlement
from settlement.rules.balance import own_balance, target_of
from settlement.rules.together import alone, counts, pooled
from settlement.services.calculating import calculation_of


def on_both_sides(sheet: Settlement) -> bool:
    """Whether one part of the sheet's balance is a gain and the other a burden, as a pool may give."""
    if sheet.insurer_part is None or sheet.fund_part is None:
        return False
    return min(sheet.insurer_part, sheet.fund_part) < 0 < max(sheet.insurer_part, sheet.fund_part)


def beyond_the_year(session: Session, sheet: Settlement, rule: SharingRule) -> Decimal:
    """What of the sheet's balance comes from earlier years, carried over or of the same term, in yuan."""
    if alone(rule):
        return ZERO
    own = calculation_of(session, sheet).own
    return sheet.balance - own_balance(replace(rule, carry_over=False), own)


def agreed_cost(session: Session, sheet: Settlement, rule: SharingRule) -> Decimal | None:
    """What the contract year's cost was measured against, in yuan; None where the rule measures it against the
    premium."""
    if not counts(rule, Item.TARGET):
        return None
    return target_of(rule, calculation_of(session, sheet).own)


def parts_of_a_pool(sheet: Settlement, payer: str) -> str:
    """The two parts in words, each by its own sign. payer: the fund as the sheet names it."""
    insurer, fund = cast(Decimal, sheet.insurer_part), cast(Decimal, sheet.fund_part)
    gets = "得" if insurer >= 0 else "承担"
    way = f"返还{payer}" if fund >= 0 else f"由{payer}拨付"
    return f"承办机构{gets}{show_yuan(abs(insurer))}元，{way}{show_yuan(abs(fund))}元"


def rows_of_a_pool(sheet: Settlement) -> list[dict[str, Any]]:
    """The table of the two parts; a ratio to the contract's own balance would say nothing."""
    insurer, fund = cast(Decimal, sheet.insurer_part), cast(Decimal, sheet.fund_part)
    return [
        {"who": "承办机构收益" if insurer >= 0 else "承办机构承担", "ratio": None, "amount": abs(insurer)},
        {"who": "返还基金" if fund >= 0 else "基金拨付", "ratio": None, "amount": abs(fund)},
    ]


def rate_meaning(rule: SharingRule, *, surplus: bool) -> str:
    """What the rate of the glossary is taken of."""
    word = "盈余" if surplus else "亏损"
    base = "约定赔付成本" if rule.metric is Metric.COST_TO_TARGET else "应收保费"
    if pooled(rule):
        return f"合并核算的各合同年度{word}合计与{base}合计之比。"
    return f"年度{word}与{base}之比。"
