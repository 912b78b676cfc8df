"""What every desk of the room asks: a limit counted from its start, and where a page of a tender is."""

from datetime import date

from flask import url_for

from core.calendar import china
from core.policy.procurement import TimeLimit, limits
from tender.models import Tender
from tender.rules.counting import count


def counted(step: str, start: date) -> tuple[TimeLimit, date, bool]:
    """A limit of the law of that day with its last day, and whether that day is provisional."""
    limit = limits(start)[step]
    counted = count(limit, start, china())
    return limit, counted.day, counted.provisional


def page_url(page: str, tender: Tender) -> str:
    """The address of a page of this tender."""
    return url_for(f"tender.{page}", tender_id=tender.id)
