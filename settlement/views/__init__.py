"""The room's pages under /settlement: contract years, figures, claims, sheets, disputes, decisions, money, what-if."""

from settlement.views import claims, decisions, disputes, figures, lists, money, sheet, simulation, year
from settlement.views.blueprint import bp

__all__ = ["bp", "claims", "decisions", "disputes", "figures", "lists", "money", "sheet", "simulation", "year"]
