"""A winner declines: the next candidate takes its part, or a new procurement begins (REG art. 49)."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from core.money import round_fen
from tender.models import Award, Bid, Lot, Notice, Tender
from tender.rules.splitting import term_total
from tender.rules.stages import Stage
from tender.rules.words import AwardRule
from tender.services.papers import years_of
from tender.services.papers_notices import issue_award_letter
from tender.services.papers_result import issue_result_change
from tender.services.papers_review import price_sheet
from tender.services.results import ranking
from tender.services.stage import at_stage, locked_tender, purchasers_own

CLAUSE = "政府采购法实施条例第49条"


class Route(StrEnum):
    """What follows a refusal to sign."""

    NEXT = "next"
    AGAIN = "again"


def request_replacement(
    session: Session, actor: Actor, clock: Clock, award_id: int, *, route: Route, reason: str
) -> Approval:
    """Ask a second person to record that a winner declines and what follows.

    reason: the winner's statement or the facts, for the notice. Raises Refused after the winner has signed, and for
    `Route.NEXT` when no candidate is left.
    """
    require(actor, "tender:replace_winner")
    award = session.get(Award, award_id)
    if award is None:
        raise NotFound(N_("There is no such award"))
    tender = locked_tender(session, award.tender_id)
    purchasers_own(actor, tender)
    at_stage(tender, clock.now(), Stage.AWARDED)
    _still_open(session, award)
    if not reason.strip():
        raise Invalid(N_("Say what the winner stated"), field="reason", clause=CLAUSE)
    follower = successor(session, tender, award) if route is Route.NEXT else None
    if route is Route.NEXT and follower is None:
        raise Refused(N_("No candidate is left in the ranking: begin a new procurement"), clause=CLAUSE, field="route")
    return request(
        session,
        actor,
        clock,
        "tender.replace",
        tender,
        message=N_("A winner of tender %(number)s declines: the next candidate, or a new procurement, follows"),
        params={"number": tender.number},
        payload={
            "award": award.id, "route": route.value, "reason": reason.strip(),
            "bid": follower.id if follower is not None else None,
        },
    )  # fmt: skip


def _still_open(session: Session, award: Award) -> None:
    session.refresh(award)
    if award.declined_at is not None:
        raise Refused(N_("This winner has already declined"))
    if award.signed_at is not None:
        raise Refused(N_("This winner has signed the agreement: it cannot decline any more"))


def successor(session: Session, tender: Tender, award: Award) -> Bid | None:
    """The next candidate of the lot that never won it; under 兼投不兼中 one that won no other lot; None without one."""
    every = session.exec(select(Award).where(Award.tender_id == tender.id)).all()
    had = {row.bid_id for row in every}
    elsewhere = {row.insurer_id for row in every if row.declined_at is None and row.lot_id != award.lot_id}
    lot = session.get_one(Lot, award.lot_id)
    for bid, _result in ranking(session, tender, lot):
        barred = tender.award_rule is AwardRule.WIN_ONE and bid.bidder_id in elsewhere
        if bid.id not in had and not barred:
            return bid
    return None


@executor("tender.replace", permission="tender:replace_winner", page=("tender.winners", "tender_id"))
def replace_winner(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Notice:
    """Record the refusal, give the part to the next candidate where that was asked, publish it and send the letter.

    Raises Refused when the winner signed meanwhile or another candidate would now be next.
    """
    tender = locked_tender(session, int(approval.subject_id))
    now = clock.now()
    at_stage(tender, now, Stage.AWARDED)
    said = approval.payload
    award: Award | None = locked(session, Award, said["award"])
    if award is None:
        raise NotFound(N_("There is no such award"))
    _still_open(session, award)
    follower = successor(session, tender, award) if said["route"] == Route.NEXT.value else None
    if (follower.id if follower is not None else None) != said["bid"]:
        raise Refused(N_("The next candidate is another one now: ask again"))
    award.declined_at, award.decline_reason = now, said["reason"]
    session.flush()
    fresh = follow(session, now, tender, award, follower) if follower is not None else None
    notice = issue_result_change(session, actor, clock, tender, award, fresh)
    if fresh is not None:
        fresh.letter_id = issue_award_letter(session, actor, clock, tender, fresh).id
        fresh.letter_sent_at = now
    audit.record(
        session, now, actor, "tender:award:replace", tender, declined=award.id, route=said["route"],
        award=fresh.id if fresh is not None else None, notice=notice.id,
    )  # fmt: skip
    return notice


def follow(session: Session, now: datetime, tender: Tender, award: Award, bid: Bid) -> Award:
    """The same place and part of the insured, at the candidate's own price."""
    lot = session.get_one(Lot, award.lot_id)
    sheet = price_sheet(session, bid)
    if sheet is None:
        raise NotFound(N_("There is no such bid"))
    total = term_total(lot.price_object, sheet.corrected_price, award.insured_count, years_of(tender), lot.budget)
    row = Award(
        tender_id=tender.id,
        lot_id=lot.id,
        bid_id=bid.id,
        insurer_id=bid.bidder_id,
        place=award.place,
        price=sheet.corrected_price,
        share=award.share,
        insured_count=award.insured_count,
        area=award.area,
        term_total=round_fen(total),
        decided_at=now,
    )
    session.add(row)
    session.flush()
    return row


def declined_awards(session: Session, tender_id: int) -> list[Award]:
    """The awards whose winner declined, oldest refusal first."""
    rows = select(Award).where(Award.tender_id == tender_id, col(Award.declined_at).is_not(None))
    return list(session.exec(rows.order_by(col(Award.declined_at), col(Award.id))))
