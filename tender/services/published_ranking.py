"""The ranking's inputs as they are published with the award notice: prices and points, no member's name."""

from decimal import Decimal
from typing import Any

import rfc8785
from sqlmodel import Session

from core.documents.render import Attachment
from tender.models import Bid, BidResult, Lot, PriceSheet, Tender
from tender.rules import published_ranking as rules
from tender.rules.splitting import quantity_of
from tender.services import papers
from tender.services.bidding import standing_bids
from tender.services.papers import years_of
from tender.services.papers_review import GROUND_NAMES, price_sheet
from tender.services.preparation import lots_of
from tender.services.results import draw_seed, ranking, result_of, score_lines
from tender.services.scoring import price_weight, scored_criteria

NAME = "ranking.json"


def enclosed_ranking(session: Session, tender: Tender) -> Attachment:
    """The file that the award notice encloses: with it anybody ranks the bids again (`flask tender rank`)."""
    content = rfc8785.dumps(ranking_document(session, tender))
    return Attachment(NAME, content, "排序依据数据：报价、各评审因素得分（不含评委姓名）、价格分值和并列规则")


def ranking_document(session: Session, tender: Tender) -> dict[str, Any]:
    """Every lot that was ranked, as plain values; see `tender.rules.published_ranking` for the format."""
    lots = [lot for lot in lots_of(session, tender.id or 0) if ranking(session, tender, lot)]
    return {
        "format": rules.FORMAT,
        "tender": tender.number,
        "title": tender.title,
        "rule_set": tender.rule_set,
        "award_rule": tender.award_rule.value,
        "formula": rules.FORMULA,
        "ties": rules.TIES,
        "lots": [_lot(session, tender, lot) for lot in lots],
    }


def _lot(session: Session, tender: Tender, lot: Lot) -> dict[str, Any]:
    criteria = scored_criteria(session, tender.id or 0)
    invalid = [
        {"number": bid.id, "bidder": papers.name_of(session, bid.bidder_id), "ground": GROUND_NAMES[row.invalid_ground]}
        for bid in standing_bids(session, tender.id or 0, lot.id)
        if (row := result_of(session, bid)) is not None and row.invalid_ground is not None
    ]
    return {
        "position": lot.position,
        "name": lot.name,
        "price_object": lot.price_object.value,
        "quantity": _text(quantity_of(lot.price_object, lot.insured_count, years_of(tender), lot.budget)),
        "price_points": format(price_weight(session, tender.id or 0), "f"),
        "winners": lot.winners,
        "seed": draw_seed(tender) if any(decided_by_draw(row) for _bid, row in ranking(session, tender, lot)) else None,
        "criteria": [
            {"key": str(row.position), "block": row.block.value, "name": row.name, "points": format(row.points, "f")}
            for row in criteria
        ],
        "bids": [
            {
                "number": bid.id,
                "bidder": papers.name_of(session, bid.bidder_id),
                "price": format(sheet.corrected_price, "f"),
                "sheet": _sheet(sheet),
                "corrections": sheet.steps,
                "points": _points(session, tender, lot, bid),
                "result": {
                    "technical": format(row.technical_score or 0, "f"),
                    "commercial": format(row.commercial_score or 0, "f"),
                    "price": format(row.price_score or 0, "f"),
                    "total": format(row.total or 0, "f"),
                    "rank": row.rank,
                },
            }
            for bid, row in ranking(session, tender, lot)
            if (sheet := price_sheet(session, bid)) is not None
        ],
        "invalid": invalid,
    }


def _sheet(sheet: PriceSheet) -> dict[str, str | None]:
    """The price sheet as it was read and announced: what the corrections start from."""
    return {
        "price": format(sheet.price, "f"), "price_in_words": sheet.price_in_words, "beside": _text(sheet.beside),
        "beside_in_words": sheet.beside_in_words, "elsewhere": _text(sheet.elsewhere), "place": sheet.elsewhere_place,
    }  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def decided_by_draw(row: BidResult) -> bool:
    """Whether total and price of this bid equal another's, so that the seed of the draw says who comes first."""
    return any(line["block"] == "tie" and line["by"] == "lot" for line in row.lines)


def _points(session: Session, tender: Tender, lot: Lot, bid: Bid) -> dict[str, list[str]]:
    """The members' points by criterion in falling order: the order tells nothing about who gave which."""
    keys = [str(row.position) for row in scored_criteria(session, tender.id or 0)]
    lines = score_lines(session, tender, lot, bid)
    return {
        key: [format(points, "f") for points in sorted(line["points"], reverse=True)]
        for key, line in zip(keys, lines, strict=True)
    }
