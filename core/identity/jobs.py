"""Identity's own sweep: failed logins are forgotten when they slow nobody down any more."""

from datetime import timedelta

from sqlmodel import Session

from core.db import transaction
from core.house import House
from core.identity.services import forget_failures
from core.tasks.registry import sweep


@sweep("identity.forget-failures", every=timedelta(days=1))
def forget(house: House, session: Session) -> int:
    """Delete the counts of failures that are a day old."""
    with transaction(session):
        return forget_failures(session, house.clock)
