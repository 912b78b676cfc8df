"""The desk: what is due and what is blocked for the person who signs in, gathered from every room."""

from core.home.items import BlockedItem, DueItem, Panel, Urgent

__all__ = ["BlockedItem", "DueItem", "Panel", "Urgent"]
