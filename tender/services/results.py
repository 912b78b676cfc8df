"""What the evaluation found, as it is read afterwards: results, rankings, and how the score of a bid came about."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from sqlmodel import Session, select

from core.errors import N_, Refused
from tender.models import Bid, BidResult, Lot, Score, Tender
from tender.rules import scoring as scoring_rules
from tender.services.bidding import standing_bids
from tender.services.scoring import locked_sheets, scored_criteria, scores_of


def draw_seed(tender: Tender) -> str:
    """What orders bids that are equal in total and price: the nonce fixed at the closing, which nobody could choose."""
    return tender.closing_nonce or tender.number


def shown(points: Fraction) -> Decimal:
    """Exact points as they are shown, to four decimals; ranking uses the exact ones."""
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def score_lines(session: Session, tender: Tender, lot: Lot, bid: Bid) -> list[dict[str, Any]]:
    """For each criterion the points of every member and their exact mean: how the score of a bid came about."""
    given: dict[int, list[Score]] = {}
    for sheet in locked_sheets(session, tender):
        if sheet.lot_id == lot.id:
            for score in scores_of(session, sheet):
                if score.bid_id == bid.id:
                    given.setdefault(score.criterion_id, []).append(score)
    return [
        {
            "block": row.block,
            "criterion": row.name,
            "weight": row.points,
            "points": [score.points for score in given.get(row.id or 0, [])],
            "mean": scoring_rules.mean([score.points for score in given.get(row.id or 0, [])]),
        }
        for row in scored_criteria(session, tender.id or 0)
    ]


def result_of(session: Session, bid: Bid) -> BidResult | None:
    """The frozen result of a bid, or None before the evaluation."""
    found: BidResult | None = session.exec(select(BidResult).where(BidResult.bid_id == bid.id)).one_or_none()
    return found


def ranking(session: Session, tender: Tender, lot: Lot) -> list[tuple[Bid, BidResult]]:
    """The ranked bids of a lot, first place first. Raises Refused before the evaluation."""
    if tender.evaluated_at is None:
        raise Refused(N_("The evaluation is not done yet"))
    pairs = [(bid, result_of(session, bid)) for bid in standing_bids(session, tender.id or 0, lot.id)]
    placed = [(bid, row) for bid, row in pairs if row is not None and row.rank is not None]
    return sorted(placed, key=lambda pair: pair[1].rank or 0)
