"""Lists: one component that searches, filters, sorts, pages and exports, so that every list can do all five."""

from core.web.tables.model import Action, Chip, Column, Filter
from core.web.tables.table import Table, listing

__all__ = ["Action", "Chip", "Column", "Filter", "Table", "listing"]
