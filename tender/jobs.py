"""What the tender room looks after at regular times: closing tenders, extending documents periods."""

from datetime import timedelta

from sqlmodel import Session, col, select

from core.db import transaction
from core.house import House
from core.identity.actor import SYSTEM
from core.tasks.registry import sweep
from tender.models import Tender
from tender.services import close_tender
from tender.services.extending import documents_ended, extend_documents


@sweep("tender.close-due", every=timedelta(minutes=1))
def close_due(house: House, session: Session) -> int:
    """Commit to the sealed state of every tender whose deadline has passed; no deadline depends on this running."""
    due = select(Tender.id).where(
        col(Tender.published_at).is_not(None),
        col(Tender.deadline) <= house.clock.now(),
        col(Tender.closed_at).is_(None),
        col(Tender.failed_at).is_(None),
        col(Tender.cancelled_at).is_(None),
    )
    numbers = session.exec(due.order_by(col(Tender.id))).all()
    for number in numbers:
        with transaction(session):
            close_tender(session, SYSTEM, house.clock, number or 0)
    return len(numbers)


@sweep("tender.extend-documents", every=timedelta(minutes=10))
def extend_due(house: House, session: Session) -> int:
    """Extend the documents period of tenders that fewer than three took, as their publication decided (T03)."""
    numbers = documents_ended(session, house.clock.now())
    for number in numbers:
        with transaction(session):
            extend_documents(session, house.clock, number)
    return len(numbers)
