"""Where the purchaser stands with the evaluation report it received: decided, still in time, or silent."""

from datetime import datetime

from core.calendar import china
from core.clock import local_date
from core.policy.procurement import limits
from tender.models import Tender
from tender.rules.deemed import Silence, silence


def silence_of(tender: Tender, now: datetime) -> Silence | None:
    """Where the purchaser stands with the evaluation report; None while there is none, or once it has decided.

    A fact of the calendar: no job sets it, and the award that follows is still fixed by two people.
    """
    if tender.report_received_at is None or tender.awarded_at is not None or tender.failed_at is not None:
        return None
    start = local_date(tender.report_received_at)
    limit = limits(start).get("T11")
    return silence(start, local_date(now), limit, china()) if limit is not None else None
