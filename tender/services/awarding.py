"""The award: winners fixed in ranking order by two people, notice and letters within their limits."""

from datetime import datetime
from fractions import Fraction

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.errors import N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from core.money import round_fen
from tender.models import Award, Bid, Lot, Tender
from tender.rules.deemed import Silence
from tender.rules.scoring import LotRanking, Ranked, Winners, choose_winners
from tender.rules.splitting import parts_of, term_total
from tender.rules.stages import Stage
from tender.services.bidding import standing_bids
from tender.services.drawing import enclosed_draws
from tender.services.failing import fail_lot
from tender.services.papers import years_of
from tender.services.papers_notices import awards_of, issue_award_letter, issue_award_notice, issue_result_letter
from tender.services.papers_review import price_sheet
from tender.services.published_ranking import enclosed_ranking
from tender.services.results import ranking, result_of
from tender.services.review import live_lots
from tender.services.silence import silence_of
from tender.services.stage import at_stage, cite, locked_tender, purchasers_own

NO_WINNER_LEFT = "按本项目中标规则，有效投标人不足以确定规定数量的中标人"


def proposed_winners(session: Session, tender: Tender) -> list[tuple[Lot, Winners]]:
    """Who wins each live lot, in ranking order under the tender's award rule (兼投兼中 or not)."""
    lots = live_lots(session, tender)
    rankings = [LotRanking(lot.id or 0, lot.winners, _places(session, tender, lot)) for lot in lots]
    return list(zip(lots, choose_winners(rankings, tender.award_rule), strict=True))


def _places(session: Session, tender: Tender, lot: Lot) -> tuple[Ranked, ...]:
    """The stored ranking as the rule takes it; scores are not needed to choose."""
    places = []
    for bid, row in ranking(session, tender, lot):
        sheet = price_sheet(session, bid)
        if sheet is None or row.rank is None or row.total is None:
            continue
        zero = Fraction(0)
        places.append(
            Ranked(
                bid.id or 0, bid.bidder_id, row.rank, zero, zero, zero, sheet.corrected_price, sheet.corrected_price,
                row.total, None,
            )
        )  # fmt: skip
    return tuple(places)


def request_award(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Approval:
    """Ask a second person to fix the winners in ranking order (T11: five working days from the report)."""
    require(actor, "tender:award")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    at_stage(tender, clock.now(), Stage.DECISION)
    chosen = [{"lot": lot.id, "bids": list(winners.bids)} for lot, winners in proposed_winners(session, tender)]
    return request(
        session,
        actor,
        clock,
        "tender.award",
        tender,
        message=N_("Fix the winners of tender %(number)s in ranking order, publish the award and send the letters"),
        params={"number": tender.number},
        payload={"winners": chosen},
    )


@executor("tender.award", permission="tender:award", page=("tender.show", "tender_id"))
def award(session: Session, actor: Actor, clock: Clock, approval: Approval) -> list[Award]:
    """Fix the winners that were asked for, issue the award notice, the award letters and the letters to the others.

    Raises Refused when the ranking would now give other winners than those that were asked for.
    """
    tender = locked_tender(session, int(approval.subject_id))
    now = clock.now()
    at_stage(tender, now, Stage.DECISION)
    proposed = proposed_winners(session, tender)
    if [{"lot": lot.id, "bids": list(winners.bids)} for lot, winners in proposed] != approval.payload["winners"]:
        raise Refused(N_("The winners have changed since the request: ask again"))
    awards: list[Award] = []
    for lot, winners in proposed:
        if len(winners.bids) < lot.winners:
            fail_lot(session, actor, now, tender, lot, NO_WINNER_LEFT, cite(tender, "award"))
        else:
            awards += _award_lot(session, now, tender, lot, winners)
    if not awards:
        raise Refused(N_("No lot has enough valid bidders for an award: declare the tender failed"))
    said = silence_of(tender, now)
    deemed = said is not None and said.deemed
    tender.awarded_at = now
    facts = [{"lot": row.lot_id, "bid": row.bid_id, "insured": row.insured_count} for row in awards]
    audit.record(session, now, actor, "tender:award:decide", tender, awards=facts, deemed=deemed)
    _send(session, actor, clock, tender, awards, said if deemed else None)
    return awards


def _award_lot(session: Session, now: datetime, tender: Tender, lot: Lot, winners: Winners) -> list[Award]:
    parts = parts_of(lot.split_method, lot.split, lot.insured_count, lot.area)
    rows = []
    for place, (number, part) in enumerate(zip(winners.bids, parts, strict=True), 1):
        bid = session.get_one(Bid, number)
        sheet = price_sheet(session, bid)
        if sheet is None:
            raise NotFound(N_("There is no such bid"))
        whole = term_total(lot.price_object, sheet.corrected_price, part.insured, years_of(tender), lot.budget)
        rows.append(
            Award(
                tender_id=tender.id,
                lot_id=lot.id,
                bid_id=bid.id,
                insurer_id=bid.bidder_id,
                place=place,
                price=sheet.corrected_price,
                share=part.share,
                insured_count=part.insured,
                area=part.area,
                term_total=round_fen(whole),
                decided_at=now,
            )
        )
    session.add_all(rows)
    session.flush()
    return rows


def _send(
    session: Session, actor: Actor, clock: Clock, tender: Tender, awards: list[Award], said: Silence | None
) -> None:
    """Notice, letters to the winners, letters to the others: all at once, well within T12."""
    enclosed = [enclosed_ranking(session, tender), *enclosed_draws(session, tender)]
    issue_award_notice(session, actor, clock, tender, enclosed, said.last_day if said else None)
    for row in awards:
        row.letter_id = issue_award_letter(session, actor, clock, tender, row).id
        row.letter_sent_at = clock.now()
    won = {row.bid_id for row in awards}
    for lot in live_lots(session, tender):
        valid = len(ranking(session, tender, lot))
        for bid in standing_bids(session, tender.id or 0, lot.id):
            if bid.id not in won and result_of(session, bid) is not None:
                issue_result_letter(session, actor, clock, tender, bid, valid)


def awards_by_tender(session: Session, tender_id: int) -> list[Award]:
    """Every standing award of a tender, by lot and place; who declined is not among them."""
    rows = select(Award).where(Award.tender_id == tender_id, col(Award.declined_at).is_(None))
    return list(session.exec(rows.order_by(col(Award.lot_id), col(Award.place))))


__all__ = ["award", "awards_by_tender", "awards_of", "proposed_winners", "request_award"]
