"""Fewer than three took the documents (87号令第18条): their period is extended once; nobody learns how many.

The two people who publish decide it beforehand; the sweep carries it out, so that no person sees the number.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.documents.show import cn_date
from core.identity.actor import SYSTEM
from core.policy.procurement import limits
from tender.models import DocumentTaker, Notice, Tender
from tender.rules.publication import too_few_takers
from tender.rules.stages import Stage
from tender.services.papers_notices import issue_corrigendum
from tender.services.publication import keep_entries, timetable_of
from tender.services.stage import locked_tender, stage_of
from tender.services.telling import EXTENDED, tell_takers


def documents_ended(session: Session, now: datetime) -> list[int]:
    """Tenders whose documents period has ended and that may still be extended; the number of takers plays no part."""
    due = select(Tender.id).where(
        col(Tender.published_at).is_not(None),
        col(Tender.documents_until) < local_date(now),
        col(Tender.deadline) > now,
        col(Tender.extend_documents_days).is_not(None),
        col(Tender.documents_extended_at).is_(None),
        col(Tender.cancelled_at).is_(None),
        col(Tender.failed_at).is_(None),
    )
    return [number or 0 for number in session.exec(due.order_by(col(Tender.id)))]


def extend_documents(session: Session, clock: Clock, tender_id: int) -> Notice | None:
    """Extend the documents period of a tender that fewer than three took, with its corrigendum; None where it is not.

    What is decided is kept either way, so that it is decided once. The period never runs past the deadline.
    """
    tender = locked_tender(session, tender_id)
    now = clock.now()
    today, ended, days = local_date(now), tender.documents_until, tender.extend_documents_days
    if ended is None or days is None or tender.published_at is None or tender.deadline is None:
        return None
    if tender.documents_extended_at or ended >= today or stage_of(tender, now) is not Stage.BIDDING:
        return None
    tender.documents_extended_at = now
    known = limits(local_date(tender.published_at))
    count = select(func.count()).select_from(DocumentTaker).where(DocumentTaker.tender_id == tender.id)
    if not too_few_takers(session.exec(count).one(), known):
        return None
    tender.documents_until = min(china().add(today, days).date, local_date(tender.deadline))
    timetable = timetable_of(tender)
    if timetable is not None:
        keep_entries(session, tender, timetable)
    change = {
        "field": "招标文件提供期限", "before": cn_date(ended), "after": cn_date(tender.documents_until)
    }  # fmt: skip
    reason = f"招标文件提供期限届满，依照{known['T03'].clause}顺延提供期限。"
    notice = issue_corrigendum(
        session, SYSTEM, clock, tender, reason=reason, changes=[change], deadline_before=None
    )
    audit.record(session, now, SYSTEM, "tender:notice:extend", tender, notice=notice.id)
    tell_takers(session, now, tender, EXTENDED, anchor="corrigenda", key=f"notice:{notice.id}")
    return notice
