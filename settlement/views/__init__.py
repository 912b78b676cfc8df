"""The room's pages under /settlement: contract years, figures, claims, sheets, disputes, decisions, money, what-if."""

from settlement.views import (
    choosing,
    claims,
    claims_list,
    decisions,
    disputes,
    figures,
    funds,
    lists,
    money,
    reconciliation,
    rule_panel,
    runs,
    sheet,
    simulation,
    year,
)
from settlement.views.blueprint import bp

__all__ = [
    "bp", "choosing", "claims", "claims_list", "decisions", "disputes", "figures", "funds", "lists", "money",
    "reconciliation", "rule_panel", "runs", "sheet", "simulation", "year",
]  # fmt: skip
