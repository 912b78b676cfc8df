"""The evaluation report (87号令第58条): every review, letter, correction, score and place as tables, with its data."""

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sqlmodel import Session, col, select

from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.render import Attachment
from core.identity.actor import Actor
from tender.models import (
    Bid,
    BidLetter,
    BidResult,
    CommitteeMember,
    CommitteeSeat,
    ConformityFinding,
    Criterion,
    CriterionKind,
    LetterKind,
    Lot,
    LowPriceReview,
    QualificationFinding,
    Score,
    ScoreSheet,
    Tender,
)
from tender.services import papers
from tender.services.bidding import standing_bids
from tender.services.joint_check import checks_of, member_of_check, threshold_of
from tender.services.papers_draw import draws_context
from tender.services.papers_review import corrected_context, invalid_context, issue_paper, price_sheet, published_on
from tender.services.preparation import lots_of
from tender.services.results import shown
from tender.services.review import conditions_of
from tender.services.stage import cite

#: The members' scores as a file; the columns are said in its first line.
SCORES = "scores.csv"
#: The matters whose articles the report names.
_CITED = ("qualification", "conformity", "clarify", "correction")


def issue_evaluation_report(
    session: Session, actor: Actor, clock: Clock, tender: Tender, hints: Sequence[dict[str, Any]] = (),
    enclosed: Sequence[Attachment] = (),
) -> IssuedDocument:  # fmt: skip
    """Issue the report: how every bid was reviewed, corrected, scored and ranked, and by whom.

    hints: the annex, if the committee decided on one; enclosed: the files beside the scores (ranking, draw).
    """
    notice = published_on(session, tender)
    day = local_date(notice.published_at)
    members = members_of(session, tender)
    seated = [member for member in members if member.left_at is None]
    lots = lots_of(session, tender.id or 0)
    context = {
        "tender": papers.head(tender, day),
        "purchaser": papers.purchaser_of(session, tender),
        "notice": {"number": session.get_one(IssuedDocument, notice.document_id).number, "published_on": day},
        "evaluation": {"opened_at": tender.technical_opened_at, "finished_at": tender.evaluated_at},
        "committee": [
            {
                "name": papers.person(session, row.user_id), "seat": row.seat.value, "is_chair": row.is_chair,
                "declared_at": row.declared_at,
            }
            for row in seated
        ],
        "conflicts": [
            {"name": papers.person(session, row.user_id), "text": _why_left(row)}
            for row in members
            if row.left_at is not None
        ],
        "draws": draws_context(session, tender),
        "method": {"name": papers.METHOD, "text": papers.METHOD_TEXT},
        "rounding": papers.ROUNDING,
        "criteria": [
            {"block": row.block.value, "name": row.name, "points": row.points} for row in _criteria(session, tender)
        ],
        "conditions": [row.text for row in conditions_of(session, tender.id or 0)],
        "lots": [_lot(session, tender, lot, seated) for lot in lots],
        "letters": _letters(session, tender),
        "low_prices": _low_prices(session, tender),
        "threshold": threshold_of(tender),
        "outliers": _outliers(session, tender),
        "clauses": {matter: cite(tender, matter) for matter in _CITED},
        "hints": list(hints),
        "signers": [_signer(session, row) for row in seated],
    }  # fmt: skip
    return issue_paper(
        session, actor, clock, tender, kind="evaluation-report", prefix="PB", title=f"{tender.title}评标报告",
        context=context, public=False, attachments=[_scores_file(session, tender), *enclosed],
    )  # fmt: skip


def members_of(session: Session, tender: Tender) -> list[CommitteeMember]:
    """Everybody who has or had a seat, in the order of being seated."""
    rows = select(CommitteeMember).where(CommitteeMember.tender_id == tender.id)
    return list(session.exec(rows.order_by(col(CommitteeMember.id))))


def _why_left(row: CommitteeMember) -> str:
    return f"因{row.conflict}回避" if row.conflict else f"因{row.left_reason or '其他原因'}未参加评审"


def _signer(session: Session, row: CommitteeMember) -> dict[str, str]:
    role = "评审专家" if row.seat is CommitteeSeat.EXPERT else "采购人代表"
    return {"role": f"{role}（组长）" if row.is_chair else role, "name": papers.person(session, row.user_id)}


def _criteria(session: Session, tender: Tender) -> list[Criterion]:
    rows = select(Criterion).where(Criterion.tender_id == tender.id)
    return list(session.exec(rows.order_by(col(Criterion.position))))


def _lot(session: Session, tender: Tender, lot: Lot, seated: Sequence[CommitteeMember]) -> dict[str, Any]:
    """One lot: its bidders by number, both reviews, the corrections, the scores by member, the places."""
    bids = standing_bids(session, tender.id or 0, lot.id)
    numbers = {bid.id or 0: number for number, bid in enumerate(bids, 1)}
    known = [(bid, row) for bid in bids if (row := _result(session, bid)) is not None]
    ranked = sorted(((bid, row) for bid, row in known if row.rank is not None), key=lambda pair: pair[1].rank or 0)
    sheets = {bid.id: price_sheet(session, bid) for bid in bids}
    prices = [sheet.corrected_price for bid, _row in ranked if (sheet := sheets[bid.id]) is not None]
    return {
        "position": lot.position,
        "name": lot.name,
        "price_object": lot.price_object.value,
        "base_price": min(prices, default=None),
        "failed": lot.end_reason,
        "bidders": [
            {"number": number, "insurer": papers.name_of(session, bid.bidder_id)} for number, bid in enumerate(bids, 1)
        ],
        "qualification": _qualification(session, tender, bids),
        "conformity": _conformity(session, bids, numbers),
        "corrections": _corrections(session, bids, numbers),
        "bids": [
            _scored(session, tender, bid, row, numbers)
            for bid, row in [*ranked, *(pair for pair in known if pair[1].rank is None)]
        ],
        "sheets": [_sheet(session, tender, bid, numbers, seated) for bid, _row in ranked],
        "candidates": [
            {"place": row.rank, "insurer": papers.name_of(session, bid.bidder_id), "price": sheet.corrected_price}
            for bid, row in ranked[: lot.winners]
            if (sheet := sheets[bid.id]) is not None
        ],
    }


def _result(session: Session, bid: Bid) -> BidResult | None:
    found: BidResult | None = session.exec(select(BidResult).where(BidResult.bid_id == bid.id)).one_or_none()
    return found


def _qualification(session: Session, tender: Tender, bids: Sequence[Bid]) -> list[dict[str, Any]]:
    """A line for each condition: the finding for each bidder in order, None where a bid was not reviewed."""
    rows = session.exec(
        select(QualificationFinding).where(col(QualificationFinding.bid_id).in_([bid.id for bid in bids]))
    )
    found = {(row.condition_id, row.bid_id): row for row in rows}
    if not found:
        return []
    return [
        {
            "condition": condition.text,
            "findings": [
                {"passed": row.passed, "reason": row.reason or ""}
                if (row := found.get((condition.id, bid.id))) is not None else None
                for bid in bids
            ],
        }
        for condition in conditions_of(session, tender.id or 0)
    ]  # fmt: skip


def _conformity(session: Session, bids: Sequence[Bid], numbers: dict[int, int]) -> list[dict[str, Any]]:
    rows = session.exec(
        select(ConformityFinding).where(col(ConformityFinding.bid_id).in_([bid.id for bid in bids]))
        .order_by(col(ConformityFinding.bid_id))
    )  # fmt: skip
    return [
        {
            "number": numbers[row.bid_id],
            "insurer": papers.name_of(session, session.get_one(Bid, row.bid_id).bidder_id),
            "passed": row.passed,
            "reason": row.reason or "",
        }
        for row in rows
    ]


def _corrections(session: Session, bids: Sequence[Bid], numbers: dict[int, int]) -> list[dict[str, Any]]:
    """What art. 59 changed in a price: before, after, the step of its order in words, and the bidder's answer."""
    found = []
    for bid in bids:
        sheet = price_sheet(session, bid)
        if sheet is None or sheet.correction is None:
            continue
        asked = select(BidLetter).where(BidLetter.bid_id == bid.id, BidLetter.kind == LetterKind.CORRECTION)
        letter = session.exec(asked).first()
        found.append({
            "number": numbers[bid.id or 0],
            "insurer": papers.name_of(session, bid.bidder_id),
            **corrected_context(session.get_one(Lot, bid.lot_id), sheet),
            "rule": sheet.correction or "",
            "confirmed": letter.confirmed if letter is not None else None,
            "answered_at": letter.answered_at if letter is not None else None,
        })  # fmt: skip
    return found


def _scored(
    session: Session, tender: Tender, bid: Bid, row: BidResult, numbers: dict[int, int]
) -> dict[str, Any]:
    sheet = price_sheet(session, bid)
    return {
        "number": numbers[bid.id or 0],
        "insurer": papers.name_of(session, bid.bidder_id),
        "price": sheet.price if sheet else None,
        "corrected_price": sheet.corrected_price if sheet else None,
        "technical": row.technical_score,
        "commercial": row.commercial_score,
        "price_score": row.price_score,
        "total": row.total,
        "rank": row.rank,
        "invalid": invalid_context(tender, row),
    }


def _sheet(
    session: Session, tender: Tender, bid: Bid, numbers: dict[int, int], seated: Sequence[CommitteeMember]
) -> dict[str, Any]:
    """The members' points for one bid: a line a criterion, a column a member, and the exact mean to four places."""
    given = _given(session, bid)
    lines = []
    for row in _criteria(session, tender):
        if row.kind is CriterionKind.FORMULA:
            continue
        points = [given.get((member.id or 0, row.id or 0)) for member in seated]
        there = [one.points for one in points if one is not None]
        mean = sum((Fraction(one) for one in there), Fraction(0)) / (len(there) or 1)
        lines.append({
            "name": row.name, "points": row.points, "objective": row.objective,
            "given": [one.points if one is not None else None for one in points],
            "mean": shown(mean),
            "reasons": [
                {"member": papers.person(session, member.user_id), "text": one.reason}
                for member, one in zip(seated, points, strict=True) if one is not None and one.reason
            ],
        })  # fmt: skip
    members = [papers.person(session, row.user_id) for row in seated]
    return {
        "number": numbers[bid.id or 0], "insurer": papers.name_of(session, bid.bidder_id), "members": members,
        "lines": lines,
    }  # fmt: skip


def _given(session: Session, bid: Bid) -> dict[tuple[int, int], Score]:
    """The scores of a bid by member and criterion, of locked sheets."""
    rows = session.exec(
        select(Score, ScoreSheet)
        .join(ScoreSheet, col(ScoreSheet.id) == Score.sheet_id)
        .where(Score.bid_id == bid.id, col(ScoreSheet.locked_at).is_not(None))
    )
    return {(sheet.member_id, score.criterion_id): score for score, sheet in rows.all()}


def _letters(session: Session, tender: Tender) -> list[dict[str, Any]]:
    """What the committee asked in writing and what was answered, oldest first."""
    rows = session.exec(select(BidLetter).where(BidLetter.tender_id == tender.id).order_by(col(BidLetter.id)))
    return [
        {
            **_bidder(session, row.bid_id),
            "document": session.get_one(IssuedDocument, row.document_id).number if row.document_id else "",
            "kind": row.kind.value,
            "asked_at": row.asked_at,
            "answer_by": row.answer_by,
            "matter": row.matter,
            "answered_at": row.answered_at,
            "answer": row.answer or "",
            "confirmed": row.confirmed,
        }
        for row in rows
    ]


def _low_prices(session: Session, tender: Tender) -> list[dict[str, Any]]:
    """Every review of a low price: the grounds, the bidder's words, the committee's decision and its reason."""
    rows = session.exec(
        select(LowPriceReview).where(LowPriceReview.tender_id == tender.id).order_by(col(LowPriceReview.id))
    )
    return [
        {
            **_bidder(session, row.bid_id),
            "grounds": list(row.grounds),
            "asked_at": row.asked_at,
            "answer_by": row.answer_by,
            "explained_at": row.explained_at,
            "explanation": row.explanation or "",
            "proven": row.proven,
            "decision": row.decision or "",
        }
        for row in rows
    ]


def _outliers(session: Session, tender: Tender) -> list[dict[str, Any]]:
    """The scores of the joint check: as locked, the others' mean, as they stand now, and the reason if any."""
    found = []
    for row in checks_of(session, tender):
        score = session.get_one(Score, row.score_id)
        found.append({
            **_bidder(session, score.bid_id),
            "criterion": session.get_one(Criterion, score.criterion_id).name,
            "member": papers.person(session, member_of_check(session, row).user_id),
            "points": row.points,
            "others": row.others_mean,
            "corrected": score.points if row.corrected else None,
            "reason": row.reason or "",
        })  # fmt: skip
    return found


def _bidder(session: Session, bid_id: int) -> dict[str, Any]:
    bid = session.get_one(Bid, bid_id)
    return {
        "lot": session.get_one(Lot, bid.lot_id).position, "insurer": papers.name_of(session, bid.bidder_id)
    }  # fmt: skip


def _scores_file(session: Session, tender: Tender) -> Attachment:
    """Every score of a sitting member as CSV: lot, bidder, criterion, member, points, reason."""
    seated = {row.id: row.user_id for row in members_of(session, tender) if row.left_at is None}
    criteria = {row.id: row for row in _criteria(session, tender)}
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(["包号", "投标人", "类别", "评审因素", "因素分值", "评委", "评分", "理由"])
    for lot in lots_of(session, tender.id or 0):
        for bid in standing_bids(session, tender.id or 0, lot.id):
            for (member, criterion), score in sorted(_given(session, bid).items()):
                if member in seated:
                    row = criteria[criterion]
                    lines.writerow([
                        lot.position, papers.name_of(session, bid.bidder_id), row.block.value, row.name,
                        format(row.points, "f"), papers.person(session, seated[member]), format(score.points, "f"),
                        score.reason or "",
                    ])  # fmt: skip
    what = "评委逐项评分：每行为一名评委对一份投标文件一项因素的评分"
    return Attachment(SCORES, text.getvalue().encode("utf-8-sig"), what)
