"""Warnings to bidders whose files are uploaded and not submitted; nobody else learns that there is such a bidder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core import messages
from core.clock import Clock
from core.errors import N_
from core.identity.actor import Actor, require
from tender.models import Bid, Envelope, Lot, Tender
from tender.rules.stages import Stage
from tender.rules.warnings import is_unsent, warning_due
from tender.services.bidding import last_submission
from tender.services.stage import cite, locked_tender, stage_of


@dataclass(frozen=True)
class Unsent:
    """A bid whose files are here and do not count yet. replaces: an older submission stands."""

    tender: Tender
    lot: Lot
    bidder_id: int
    replaces: bool


def unsent_bids(session: Session, now: datetime, bidder_id: int | None = None) -> Iterator[Unsent]:
    """The bids of open tenders that are uploaded and not submitted; of one bidder, or (for the sweep) of all."""
    rows = (
        select(Bid, Lot, Tender)
        .join(Lot, col(Lot.id) == Bid.lot_id)
        .join(Tender, col(Tender.id) == Bid.tender_id)
        .where(col(Tender.deadline) > now, col(Tender.published_at).is_not(None), col(Tender.cancelled_at).is_(None))
        .order_by(col(Bid.id))
    )
    if bidder_id is not None:
        rows = rows.where(Bid.bidder_id == bidder_id)
    for bid, lot, tender in session.exec(rows).all():
        last = last_submission(session, bid)
        uploads = tuple(session.exec(select(Envelope.uploaded_at).where(Envelope.bid_id == bid.id)))
        if is_unsent(uploads, last.submitted_at if last else None, bid.withdrawn_at):
            yield Unsent(tender, lot, bid.bidder_id, last is not None and bid.withdrawn_at is None)


def warn_unsubmitted(session: Session, actor: Actor, clock: Clock, tender_id: int) -> None:
    """Send the warning that is due now to each bidder of the tender who needs it; repeating sends nothing again."""
    require(actor, "tender:close")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    before = warning_due(tender.deadline, now) if tender.deadline else None
    if before is None or tender.deadline is None or stage_of(tender, now) is not Stage.BIDDING:
        return
    for entry in unsent_bids(session, now):
        if entry.tender.id != tender.id:
            continue
        occasion = f"{tender.deadline:%Y%m%d%H%M%S}:{int(before.total_seconds())}"
        messages.send(
            session, now, to=messages.People(entry.bidder_id, "tender:bid"), subject=_WORDS[entry.replaces],
            tender=tender.number, lot=entry.lot.position, deadline=tender.deadline,
            link=f"/tenders/opportunities/{tender.id}/bid#lot-{entry.lot.position}", clause=cite(tender, "receipt"),
            key=f"unsent:{entry.lot.id}:{occasion}",
        )  # fmt: skip


_WORDS = {
    False: N_("%(tender)s, lot %(lot)s: your files are uploaded but NOT submitted; bidding closes at %(deadline)s"),
    True: N_("%(tender)s, lot %(lot)s: newer files are uploaded but NOT submitted; bidding closes at %(deadline)s"),
}
