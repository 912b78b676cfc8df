"""The public notices of a tender and the letters of its award."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from core import policy
from core.calendar import china
from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.render import Attachment
from core.documents.services import papers_about
from core.identity.actor import Actor
from core.policy.procurement import limits
from tender.models import (
    Award,
    Bid,
    BidResult,
    CommitteeMember,
    CommitteeSeat,
    Criterion,
    Lot,
    MandatoryField,
    Notice,
    NoticeKind,
    QualificationCondition,
    ScoreBlock,
    Tender,
)
from tender.rules import clauses
from tender.rules.differences import side_by_side
from tender.services import papers
from tender.services.bidding import signer
from tender.services.papers_document import tender_document_context
from tender.services.papers_draw import draws_context
from tender.services.papers_review import invalid_context, issue_paper, published_on
from tender.services.preparation import lots_of

#: What every corrigendum asks of those who hold the documents.
RECONFIRM = (
    "已获取招标文件的供应商请在投标截止时间前登录本系统确认收到本公告；已递交的投标文件继续有效，"
    "本次更正涉及所投包的，请在投标截止时间前登录本系统确认原投标文件不变，或者替换、撤回投标文件；"
    "报价方式变更的，原报价不再适用，请替换投标文件。"
)
#: The award is public for one working day under Order 87 (T13); where the law has no number, the same is printed.
AWARD_WORKDAYS = 1


def issue_tender_notice(session: Session, actor: Actor, clock: Clock, tender: Tender) -> Notice:
    """Issue and publish the tender notice and, with it, the tender document."""
    today = local_date(clock.now())
    paper = issue_paper(
        session, actor, clock, tender, kind="tender-notice", prefix="GG", title=f"{tender.title}公开招标公告",
        context=tender_notice_context(session, tender, today), public=True,
    )  # fmt: skip
    issue_paper(
        session, actor, clock, tender, kind="tender-document", prefix="ZBWJ", title=f"{tender.title}公开招标文件",
        context=tender_document_context(session, tender, today), public=True,
    )  # fmt: skip
    return publish_notice(session, clock, tender, NoticeKind.TENDER, paper)


def tender_notice_context(session: Session, tender: Tender, today: date) -> dict[str, Any]:
    """Everything the tender notice states, as of the day it is published."""
    conditions = session.exec(
        select(QualificationCondition)
        .where(QualificationCondition.tender_id == tender.id)
        .order_by(col(QualificationCondition.position))
    ).all()
    return {
        "tender": papers.head(tender, today),
        "receipt_key": signer(session).public,
        "purchaser": papers.purchaser_of(session, tender),
        "policyholder": {"name": papers.name_of(session, tender.policyholder_id)},
        "basis": papers.basis_of(tender, today),
        "lots": papers.lots_context(session, tender),
        "qualification": [{"text": row.text, "proof": row.proof, "clause": row.clause} for row in conditions],
        "agency": None,
        "method": {"name": papers.METHOD, "blocks": block_points(session, tender)},
        "notes": _notes(tender, today),
    }


def _notes(tender: Tender, today: date) -> list[str]:
    """Further matters of the notice: the extension of the documents period, decided beforehand (T03)."""
    days = tender.extend_documents_days
    limit = limits(today).get("T03")
    if days is None or limit is None:
        return []
    few = "招标文件提供期限届满，获取招标文件的供应商不足三家的"
    return [f"{few}，提供期限顺延{days}个工作日，并予公告（{limit.clause}）。"]


def issue_corrigendum(
    session: Session, actor: Actor, clock: Clock, tender: Tender, *, reason: str,
    changes: list[dict[str, Any]], deadline_before: datetime | None,
) -> Notice:  # fmt: skip
    """Issue and publish a corrigendum and, under its old number, the corrected tender document.

    changes: field, before and after as printed, and which lot's bids each touches; deadline_before: the old deadline,
    where it moved.
    """
    first = published_on(session, tender)
    original = session.get_one(IssuedDocument, first.document_id)
    context = {
        "tender": papers.head(tender, local_date(first.published_at)),
        "purchaser": papers.purchaser_of(session, tender),
        "original": {
            "number": original.number, "title": original.title, "published_on": local_date(first.published_at)
        },
        "changes": [with_pieces(change) for change in changes],
        "reason": reason,
        "deadline": {"before": deadline_before, "after": tender.deadline} if deadline_before else None,
        "notes": [RECONFIRM],
    }  # fmt: skip
    paper = issue_paper(
        session, actor, clock, tender, kind="corrigendum", prefix="GZ", title=f"{tender.title}更正公告",
        context=context, public=True,
    )  # fmt: skip
    issue_paper(
        session, actor, clock, tender, kind="tender-document", prefix="ZBWJ", title=f"{tender.title}公开招标文件",
        context=tender_document_context(session, tender, local_date(first.published_at)), public=True,
        replaces=_newest_document(session, tender),
    )  # fmt: skip
    return publish_notice(session, clock, tender, NoticeKind.CORRIGENDUM, paper, reason, changes)


def with_pieces(change: dict[str, Any]) -> dict[str, Any]:
    """A change with both sides cut into pieces, what differs marked: `before_parts` and `after_parts`."""
    left, right = side_by_side(change["before"], change["after"])
    return {**change, "before_parts": [asdict(part) for part in left], "after_parts": [asdict(part) for part in right]}


def _newest_document(session: Session, tender: Tender) -> IssuedDocument:
    papers_of_tender = papers_about(session, tender)
    return max((row for row in papers_of_tender if row.kind == "tender_document"), key=lambda row: row.version)


def block_points(session: Session, tender: Tender) -> list[dict[str, Any]]:
    """The points of each block of the scoring table, technical first."""
    rows = session.exec(select(Criterion).where(Criterion.tender_id == tender.id)).all()
    order = (ScoreBlock.TECHNICAL, ScoreBlock.COMMERCIAL, ScoreBlock.PRICE)
    sums = {block: sum(row.points for row in rows if row.block is block) for block in order}
    return [{"block": block.value, "points": points} for block, points in sums.items() if points]


def publish_notice(
    session: Session, clock: Clock, tender: Tender, kind: NoticeKind, paper: IssuedDocument, reason: str | None = None,
    changes: list[dict[str, str]] | None = None,
) -> Notice:  # fmt: skip
    """Register an issued paper as a public notice of the tender; changes: of a corrigendum."""
    notice = Notice(
        tender_id=tender.id, kind=kind, document_id=paper.id, published_at=clock.now(), reason=reason,
        changes=changes or [],
    )  # fmt: skip
    session.add(notice)
    session.flush()
    return notice


def _reference(session: Session, tender: Tender) -> dict[str, Any]:
    """`notice` of later papers: number and day of the tender notice."""
    notice = published_on(session, tender)
    number = session.get_one(IssuedDocument, notice.document_id).number
    return {"number": number, "published_on": local_date(notice.published_at)}


def issue_failure_notice(session: Session, actor: Actor, clock: Clock, tender: Tender) -> Notice:
    """Issue and publish the notice that the tender has failed, with the way on that the policy paper names (J11)."""
    notice = _reference(session, tender)
    fallback = _fallback(tender, notice["published_on"])
    context = {
        "tender": papers.head(tender, notice["published_on"]),
        "purchaser": papers.purchaser_of(session, tender),
        "notice": notice,
        "reason": tender.end_reason or "",
        "lots": [
            {"position": lot.position, "name": lot.name, "reason": lot.end_reason or tender.end_reason or ""}
            for lot in lots_of(session, tender.id or 0)
        ],
        "fallback": fallback,
        "clause": clauses.FAILURE,
    }
    paper = issue_paper(
        session, actor, clock, tender, kind="failure-notice", prefix="FB", title=f"{tender.title}废标公告",
        context=context, public=True,
    )  # fmt: skip
    return publish_notice(session, clock, tender, NoticeKind.FAILURE, paper, tender.end_reason)


def _fallback(tender: Tender, on: date) -> dict[str, str] | None:
    rule = policy.view(tender.pack, on).tender
    if rule is None or rule.fallback is None:
        return None
    said = rule.fallback
    return {"decided_by": said.decided_by, "document": said.clause.document, "article": said.clause.article}


def issue_cancellation_notice(session: Session, actor: Actor, clock: Clock, tender: Tender) -> Notice:
    """Issue and publish the notice that the tender is cancelled, with the last day for the securities (T07)."""
    today = local_date(clock.now())
    notice = _reference(session, tender)
    limit = limits(today).get("T07")
    days = limit.number if limit is not None else None  # the law of Order 18 names no number
    refund = {"by": china().add(today, days).date if days else None, "days": days}
    context = {
        "tender": papers.head(tender, notice["published_on"]),
        "purchaser": papers.purchaser_of(session, tender),
        "notice": notice,
        "reason": tender.end_reason or "",
        "clause": clauses.cancellation(tender.rule_set),
        "refund": refund if tender.bid_security else None,
    }
    paper = issue_paper(
        session, actor, clock, tender, kind="cancellation-notice", prefix="ZZ", title=f"{tender.title}终止公告",
        context=context, public=True,
    )  # fmt: skip
    return publish_notice(session, clock, tender, NoticeKind.CANCELLATION, paper, tender.end_reason)


def issue_award_notice(
    session: Session, actor: Actor, clock: Clock, tender: Tender, enclosed: Sequence[Attachment] = (),
    silent_since: date | None = None,
) -> Notice:  # fmt: skip
    """Issue and publish the award notice, with the experts' names (87 art. 69) and what ranking and draw rest on."""
    today = local_date(clock.now())
    until, workdays = award_period(today)
    context = {
        "tender": papers.head(tender, _reference(session, tender)["published_on"]),
        "purchaser": papers.purchaser_of(session, tender),
        "notice": _reference(session, tender),
        "decided_on": today,
        "silent_since": silent_since,
        "published_until": until,
        "published_workdays": workdays,
        "lots": [_awarded(session, lot) for lot in lots_of(session, tender.id or 0)],
        "experts": _experts(session, tender),
        "draws": draws_context(session, tender),
        "service": _service(session, tender),
    }
    paper = issue_paper(
        session, actor, clock, tender, kind="award-notice", prefix="ZG", title=f"{tender.title}中标公告",
        context=context, public=True, attachments=enclosed,
    )  # fmt: skip
    return publish_notice(session, clock, tender, NoticeKind.AWARD, paper)


def award_period(today: date) -> tuple[date, int]:
    """The last day of the award's publication and its length in working days (T13)."""
    limit = limits(today).get("T13")
    workdays = limit.number if limit is not None and limit.number is not None else AWARD_WORKDAYS
    return china().add(today, workdays).date, workdays


def awards_of(session: Session, lot: Lot) -> list[Award]:
    """The standing winners of a lot, first place first."""
    rows = select(Award).where(Award.lot_id == lot.id, col(Award.declined_at).is_(None))
    return list(session.exec(rows.order_by(col(Award.place))))


def _awarded(session: Session, lot: Lot) -> dict[str, Any]:
    return {
        "position": lot.position,
        "name": lot.name,
        "price_object": lot.price_object.value,
        "failed": lot.end_reason,
        "winners": [
            {
                "place": row.place,
                "insurer": papers.name_of(session, row.insurer_id),
                "address": papers.area_of(session, row.insurer_id),
                "price": row.price,
                "area": row.area,
                "insured_count": row.insured_count,
                "term_total": row.term_total,
                "score": _total(session, row.bid_id),
            }
            for row in awards_of(session, lot)
        ],
    }


def _total(session: Session, bid_id: int) -> Any:
    return session.exec(select(BidResult.total).where(BidResult.bid_id == bid_id)).one()


def _experts(session: Session, tender: Tender) -> list[str]:
    rows = session.exec(
        select(CommitteeMember)
        .where(
            CommitteeMember.tender_id == tender.id,
            CommitteeMember.seat == CommitteeSeat.EXPERT,
            col(CommitteeMember.left_at).is_(None),
        )
        .order_by(col(CommitteeMember.drawn))
    )
    return [papers.person(session, row.user_id) for row in rows]


def _service(session: Session, tender: Tender) -> list[str]:
    rows = {
        row.key: row.text
        for row in session.exec(select(MandatoryField).where(MandatoryField.tender_id == tender.id))
    }
    first, last = tender.term_from, tender.term_until
    return [
        f"服务内容：{rows.get('liability_scope') or tender.title}",
        f"服务要求和标准：{rows.get('service_requirements') or '按招标文件采购需求和服务委托协议执行。'}",
        f"服务期限：{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日。",
    ]


def issue_award_letter(session: Session, actor: Actor, clock: Clock, tender: Tender, award: Award) -> IssuedDocument:
    """Issue the award letter (中标通知书) to one winner, with the last day for signing (T15)."""
    today = local_date(clock.now())
    lot = session.get_one(Lot, award.lot_id)
    until, workdays = award_period(today)
    sign = limits(today)["T15"].number or 0
    context = {
        "tender": papers.head(tender, _reference(session, tender)["published_on"]),
        "purchaser": papers.purchaser_of(session, tender),
        "policyholder": {"name": papers.name_of(session, tender.policyholder_id)},
        "insurer": {"name": papers.name_of(session, award.insurer_id)},
        "lot": {"position": lot.position, "name": lot.name, "price_object": lot.price_object.value},
        "award": {
            "place": award.place,
            "area": award.area,
            "insured_count": award.insured_count,
            "price": award.price,
            "term_total": award.term_total,
            "score": _total(session, award.bid_id),
            "sign_by": china().add(today, sign, "day").date,
            "sign_days": sign,
            "published_until": until,
            "published_workdays": workdays,
        },
    }
    return issue_paper(
        session, actor, clock, tender, kind="award-letter", prefix="ZB",
        title=f"中标通知书（{tender.number} 第{lot.position}包）", context=context, public=False, subject=award,
    )  # fmt: skip


def issue_result_letter(
    session: Session, actor: Actor, clock: Clock, tender: Tender, bid: Bid, valid_bids: int
) -> IssuedDocument:
    """Issue the letter to a bidder that did not win: its own scores and rank or why it was invalid, and the remedy."""
    today = local_date(clock.now())
    lot = session.get_one(Lot, bid.lot_id)
    row = session.exec(select(BidResult).where(BidResult.bid_id == bid.id)).one()
    award_notice = session.exec(
        select(Notice).where(Notice.tender_id == tender.id, Notice.kind == NoticeKind.AWARD)
    ).one()
    context = {
        "tender": papers.head(tender, _reference(session, tender)["published_on"]),
        "purchaser": papers.purchaser_of(session, tender),
        "insurer": {"name": papers.name_of(session, bid.bidder_id)},
        "lot": {"position": lot.position, "name": lot.name},
        "result": {
            "technical": row.technical_score,
            "commercial": row.commercial_score,
            "price_score": row.price_score,
            "total": row.total,
            "rank": row.rank,
            "valid_bids": valid_bids,
            "invalid": invalid_context(tender, row),
        },
        "award_notice": {
            "number": session.get_one(IssuedDocument, award_notice.document_id).number,
            "published_until": award_period(today)[0],
        },
        "refund_by": china().add(today, limits(today)["T14"].number or 0).date,
        "bid_security": tender.bid_security,
    }
    return issue_paper(
        session, actor, clock, tender, kind="result-letter", prefix="GZH",
        title=f"评审结果告知书（{tender.number} 第{lot.position}包）", context=context, public=False, subject=bid,
    )  # fmt: skip
