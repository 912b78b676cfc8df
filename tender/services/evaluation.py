"""The evaluation: invalid bids out, base price, scores and ranking, each with how it came about, and the report."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.errors import N_, Refused
from core.identity.actor import Actor, require
from tender.models import (
    Bid,
    BidResult,
    BidSecurity,
    EnvelopeKind,
    Lot,
    QualificationCondition,
    QualificationFinding,
    ScoreBlock,
    Tender,
)
from tender.rules import clauses
from tender.rules import scoring as scoring_rules
from tender.rules.remedies import LEGAL_NUMBER
from tender.rules.stages import Stage
from tender.services import papers
from tender.services.bidding import counted_envelope, security_of, standing_bids
from tender.services.collusion import annex_of
from tender.services.drawing import enclosed_draws
from tender.services.failing import GROUNDS, fail_if_nothing_is_left, fail_lot
from tender.services.letters import confirmation_of, unasked, waiting
from tender.services.low_price import clause_of, open_reviews, review_of
from tender.services.papers_evaluation import issue_evaluation_report
from tender.services.papers_review import price_sheet
from tender.services.preparation import lots_of
from tender.services.price_sheets import declared_of, reading_of
from tender.services.published_ranking import enclosed_ranking
from tender.services.results import draw_seed, score_lines, shown
from tender.services.review import conformity_of, qualified
from tender.services.scoring import price_weight
from tender.services.stage import at_stage, cite, locked_tender, purchasers_own


def evaluate(session: Session, actor: Actor, clock: Clock, tender_id: int) -> list[BidResult]:
    """Compute and freeze the result of every opened bid, and issue the evaluation report.

    Bids without security, with an unreadable or too high price are invalid before the base price is taken
    (87号令第63条); a lot with fewer than three valid bids left fails (GPL art. 36), unless the tender document says
    that the evaluation goes on with them.
    """
    require(actor, "tender:evaluate")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.EVALUATION)
    if open_reviews(session, tender):
        raise Refused(N_("A low price must be reviewed and decided on first"), clause=clause_of(tender))
    if unasked(session, tender) or waiting(session, tender, now):
        message = N_("A corrected price or a letter waits for its bidder's answer")
        raise Refused(message, clause=cite(tender, "correction"))
    results: list[BidResult] = []
    for lot in lots_of(session, tender_id):
        if lot.failed_at is None:
            results += _evaluate_lot(session, actor, now, tender, lot)
    session.add_all(results)
    tender.evaluated_at = tender.report_received_at = now  # the purchaser runs the evaluation: it has the report
    session.flush()
    audit.record(session, now, actor, "tender:bids:evaluate", tender, results=[_short(row) for row in results])
    if not fail_if_nothing_is_left(session, actor, clock, tender):
        issue_evaluation_report(
            session, actor, clock, tender, annex_of(session, tender, _bidders(session, tender)),
            [enclosed_ranking(session, tender), *enclosed_draws(session, tender)],
        )  # fmt: skip
    return results


def _bidders(session: Session, tender: Tender) -> dict[int, str]:
    """The bidder's name of every standing bid."""
    return {bid.id or 0: papers.name_of(session, bid.bidder_id) for bid in standing_bids(session, tender.id or 0)}


def _short(row: BidResult) -> dict[str, Any]:
    return {"bid": row.bid_id, "total": str(row.total), "rank": row.rank, "invalid": row.invalid_ground}


def _evaluate_lot(session: Session, actor: Actor, now: datetime, tender: Tender, lot: Lot) -> list[BidResult]:
    bids = standing_bids(session, tender.id or 0, lot.id)
    grounds = {bid.id: invalid_ground(session, tender, lot, bid) for bid in bids}
    valid = [bid for bid in bids if grounds[bid.id] is None]
    results = [
        BidResult(bid_id=bid.id, invalid_ground=found[0], invalid_reason=found[1], evaluated_at=now)
        for bid in bids
        if (found := grounds[bid.id]) is not None
    ]
    if len(valid) < LEGAL_NUMBER and not (valid and tender.few_valid_go_on):
        fail_lot(session, actor, now, tender, lot, GROUNDS["too_few"], clauses.FAILURE)
        return results + [BidResult(bid_id=bid.id, evaluated_at=now) for bid in valid]
    return results + _ranked(session, now, tender, lot, valid)


def invalid_ground(session: Session, tender: Tender, lot: Lot, bid: Bid) -> tuple[str, str] | None:
    """Why a bid is invalid (ground, words), or None for a valid one; in the order in which the reviews happen."""
    for kind in EnvelopeKind:
        failure = counted_envelope(session, bid, kind).failure
        if failure:
            return "envelope", failure
    if not qualified(session, bid):
        return "qualification", _unmet(session, bid)
    conformity = conformity_of(session, bid)
    if conformity is None or not conformity.passed:
        return "conformity", (conformity.reason if conformity else None) or ""
    paid: BidSecurity | None = security_of(session, bid)
    if tender.bid_security and (paid is None or paid.amount < tender.bid_security):
        return "security", "未按招标文件要求提交投标保证金"
    sheet = price_sheet(session, bid)
    if sheet is None:
        return "price", "没有开标一览表"
    reading = reading_of(tender, lot, declared_of(sheet))
    if reading.fault:
        return "price", reading.fault
    letter = confirmation_of(session, bid)
    if letter is not None and not letter.confirmed:
        return "price", "投标人未确认修正后的报价"
    review = review_of(session, bid)
    return ("low_price", review.decision or "") if review is not None and review.proven is False else None


def _unmet(session: Session, bid: Bid) -> str:
    rows = session.exec(
        select(QualificationFinding, QualificationCondition)
        .join(QualificationCondition, col(QualificationCondition.id) == QualificationFinding.condition_id)
        .where(QualificationFinding.bid_id == bid.id, col(QualificationFinding.passed).is_(False))
        .order_by(col(QualificationCondition.position))
    ).all()
    return "；".join(f"{condition.text}：{finding.reason}" for finding, condition in rows)


def _ranked(session: Session, now: datetime, tender: Tender, lot: Lot, bids: Sequence[Bid]) -> list[BidResult]:
    lines = {bid.id: score_lines(session, tender, lot, bid) for bid in bids}
    prices = {bid.id: sheet.corrected_price for bid in bids if (sheet := price_sheet(session, bid))}
    offers = [
        scoring_rules.Offer(
            bid=bid.id or 0,
            bidder=bid.bidder_id,
            price=prices[bid.id],
            technical=_block(lines[bid.id], ScoreBlock.TECHNICAL),
            commercial=_block(lines[bid.id], ScoreBlock.COMMERCIAL),
        )
        for bid in bids
    ]
    weight = price_weight(session, tender.id or 0)
    drawn = scoring_rules.draw([bid.id or 0 for bid in bids], draw_seed(tender))
    return [
        BidResult(
            bid_id=place.bid,
            technical_score=shown(place.technical),
            commercial_score=shown(place.commercial),
            price_score=shown(place.price_score),
            total=place.total,
            rank=place.rank,
            lines=[*_stored(lines[place.bid], cite(tender, "scoring")), *_price_lines(tender, place, weight)],
            evaluated_at=now,
        )
        for place in scoring_rules.rank(offers, weight, drawn)
    ]


def _block(lines: list[dict[str, Any]], block: ScoreBlock) -> Fraction:
    return sum((line["mean"] for line in lines if line["block"] is block), Fraction(0))


def _stored(lines: list[dict[str, Any]], clause: str) -> list[dict[str, Any]]:
    return [
        {
            "block": line["block"].value,
            "criterion": line["criterion"],
            "weight": format(line["weight"], "f"),
            "points": [format(points, "f") for points in line["points"]],
            "mean": format(shown(line["mean"]), "f"),
            "clause": clause,
        }
        for line in lines
    ]


def _price_lines(tender: Tender, place: scoring_rules.Ranked, weight: Decimal) -> list[dict[str, Any]]:
    price = {
        "block": ScoreBlock.PRICE.value,
        "base": format(place.base_price, "f"),
        "price": format(place.price, "f"),
        "weight": format(weight, "f"),
        "mean": format(shown(place.price_score), "f"),
        "clause": cite(tender, "scoring"),
    }
    tie = {"block": "tie", "by": place.tie, "clause": cite(tender, "ranking")}
    return [price, tie] if place.tie else [price]
