"""No readable backup while bids are sealed: its rows would name the bidders (87 art. 28)."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.backup import plain_backup_guard
from core.errors import N_, Refused
from tender.models import Tender
from tender.services.stage import cite


@plain_backup_guard("tender.sealed-bids")
def no_plain_backup(session: Session, now: datetime) -> Refused | None:
    """Why a plain backup waits: the first tender that is published and neither opened nor ended."""
    sealed = select(Tender).where(
        col(Tender.published_at) <= now,
        col(Tender.technical_opened_at).is_(None),
        col(Tender.failed_at).is_(None),
        col(Tender.cancelled_at).is_(None),
    )
    tender: Tender | None = session.exec(sealed.order_by(col(Tender.id))).first()
    if tender is None:
        return None
    message = N_(
        "Tender %(number)s is between publication and opening: a readable backup would tell who bids. Encrypt it with "
        "--to age1… or CHENGBAN_BACKUP_RECIPIENTS (make a key with age-keygen)"
    )
    return Refused(message, number=tender.number, clause=cite(tender, "secrecy"))
