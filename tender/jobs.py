"""What the tender room looks after at regular times, before and after deadlines, and its long work: the archives."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.clock import local_date
from core.db import transaction
from core.errors import N_
from core.house import House
from core.identity.actor import SYSTEM
from core.tasks.registry import sweep, task
from core.tasks.work import Work
from tender.models import Tender
from tender.rules.warnings import BEFORE
from tender.services import backing_up, close_tender
from tender.services.archiving import build, keep_archive
from tender.services.destroying import destroy_superseded, waiting_for_destruction
from tender.services.extending import documents_ended, extend_documents
from tender.services.uploading import forget_drafts
from tender.services.warning import warn_unsubmitted

#: Loaded with the jobs of the room, so that every process that can write a backup asks it.
GUARD = backing_up.no_plain_backup


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


@task("tender.archive")
def archive(work: Work, tender_id: int) -> dict[str, Any]:
    """Build the package of a whole procurement and keep it; begun again it gives the same bytes."""
    number = work.session.get_one(Tender, tender_id).number
    work.report(0, 2, N_("Gathering the records of %(number)s"), number=number)
    content, files = build(work.session, work.session.get_one(Tender, tender_id))
    work.session.rollback()  # the reading is over; what follows waits for nobody
    work.report(1, 2, N_("Keeping the archive of %(number)s"), number=number)
    with transaction(work.session):
        row = keep_archive(work.session, work.actor, work.clock, tender_id, content, files)
    return {"archive": row.id}


@sweep("tender.warn-unsubmitted", every=timedelta(minutes=1))
def warn(house: House, session: Session) -> int:
    """Warn bidders whose files are uploaded and not submitted, a day, two hours and half an hour before the deadline.

    Says 0 always: how many were warned would count bidders.
    """
    now = house.clock.now()
    closing = select(Tender.id).where(
        col(Tender.published_at).is_not(None), col(Tender.deadline) > now, col(Tender.deadline) <= now + max(BEFORE)
    )
    numbers = session.exec(closing.order_by(col(Tender.id))).all()
    for number in numbers:
        with transaction(session):
            warn_unsubmitted(session, SYSTEM, house.clock, number or 0)
    return 0


@sweep("tender.forget-uploads", every=timedelta(hours=1))
def forget_uploads(house: House, session: Session) -> int:
    """Drop uploads that the deadline found unfinished. Says 0 always: how many there were is nobody's business."""
    with transaction(session):
        forget_drafts(session, house.clock.now())
    return 0


@sweep("tender.destroy-superseded", every=timedelta(hours=1))
def destroy_due(house: House, session: Session) -> int:
    """Destroy ciphertexts that count for nothing, once nobody can object to the result any more.

    Says 0 always: of a tender that was never opened the number would count bidders.
    """
    for number in waiting_for_destruction(session, local_date(house.clock.now())):
        with transaction(session):
            destroy_superseded(session, SYSTEM, house.clock, number)
    return 0
