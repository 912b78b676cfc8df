"""Bids that are older than a corrigendum of their lot: their bidder lets them stand, or replaces them; nobody is told.

By law nothing follows from saying nothing: the bid stays as it was submitted (87 art. 34), and the opening marks it.
"""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from core.clock import Clock
from core.errors import N_, NotFound, Refused
from core.identity.actor import Actor
from tender.models import Bid, BidReconfirmation, Lot, Notice
from tender.rules.stages import Stage
from tender.services.bidding import last_submission, own_bid
from tender.services.clarification import insurer_of
from tender.services.correcting import corrigenda, submitted_before
from tender.services.sealed_record import record_sealed
from tender.services.stage import at_stage, cite, lot_and_tender


@dataclass(frozen=True)
class Touching:
    """A corrigendum that came after a bid was submitted, with the changes that touch the bid's lot."""

    number: int
    notice: Notice
    changes: tuple[dict[str, Any], ...]
    reconfirmed: BidReconfirmation | None

    @property
    def another_price(self) -> bool:
        """Whether another price is bid now: what the sealed price sheet says is in a unit of before."""
        return any(str(change.get("key", "")).endswith("-price_object") for change in self.changes)


def touching(session: Session, bid: Bid) -> list[Touching]:
    """The corrigenda since the submission that counts that touch the bid's lot, oldest first."""
    position = session.get_one(Lot, bid.lot_id).position
    later = set(submitted_before(session, bid))
    found = []
    for number, notice in enumerate(corrigenda(session, bid.tender_id), 1):
        changes = tuple(change for change in notice.changes if change.get("touches", 0) in (0, position))
        if number in later and changes:
            found.append(Touching(number, notice, changes, _reconfirmed(session, bid, notice)))
    return found


def _reconfirmed(session: Session, bid: Bid, notice: Notice) -> BidReconfirmation | None:
    row: BidReconfirmation | None = session.exec(
        select(BidReconfirmation).where(
            BidReconfirmation.bid_id == bid.id, BidReconfirmation.notice_id == notice.id
        )
    ).one_or_none()
    return row


def unconfirmed(session: Session, bid: Bid | None) -> list[Touching]:
    """What the bidder of a standing bid is still asked about; callers ask only for their own."""
    if bid is None or bid.withdrawn_at is not None:
        return []
    return [entry for entry in touching(session, bid) if entry.reconfirmed is None]


def reconfirm_bid(session: Session, actor: Actor, clock: Clock, lot_id: int) -> list[BidReconfirmation]:
    """The bidder lets its bid stand as it is after every corrigendum that touches its lot; again changes nothing.

    Raises Refused where another price is bid now: such a bid can only be replaced.
    """
    insurer_of(actor, "tender:submit_bid")
    _lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    bid = own_bid(session, actor, lot_id)
    if bid is None or bid.withdrawn_at is not None or last_submission(session, bid) is None:
        raise NotFound(N_("There is no such bid"))
    asked = unconfirmed(session, bid)
    if any(entry.another_price for entry in asked):
        message = N_("Another price is bid now, and yours is sealed in the unit of before: replace the bid")
        raise Refused(message, clause=cite(tender, "change"))
    rows = [
        BidReconfirmation(notice_id=entry.notice.id, bid_id=bid.id, confirmed_by=actor.user_id, confirmed_at=now)
        for entry in asked
    ]
    session.add_all(rows)
    session.flush()
    if rows:
        notices = [row.notice_id for row in rows]
        record_sealed(session, now, actor, tender, "tender:bid:reconfirm", bid=bid.id, notices=notices)
    return rows
