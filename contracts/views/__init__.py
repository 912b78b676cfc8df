"""The pages of agreements and annual contracts, under /contracts; an insurer meets its own only."""

from contracts.views import acts, agreements, amending, annual, bridging, lists, money, preparation, securities
from contracts.views.blueprint import bp

__all__ = [
    "acts", "agreements", "amending", "annual", "bp", "bridging", "lists", "money", "preparation", "securities",
]  # fmt: skip
