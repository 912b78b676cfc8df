"""The papers of the opening and of the review: the opening record and the letters of the committee."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.render import Attachment
from core.documents.services import issue, next_number
from core.identity.actor import Actor
from tender.models import (
    Bid,
    BidLetter,
    BidResult,
    EnvelopeKind,
    LetterKind,
    Lot,
    Notice,
    NoticeKind,
    OfficerKey,
    Opening,
    OpeningShare,
    PriceSheet,
    RefusedBid,
    Tender,
)
from tender.rules.price_order import BESIDE
from tender.services import papers
from tender.services.bidding import counted_envelope, last_submission, receipt_number
from tender.services.keys import tender_keys
from tender.services.stage import cite

#: How the ground of an invalid bid is named in papers.
GROUND_NAMES = {
    "envelope": "投标文件不能解密或者与承诺值不符",
    "qualification": "资格审查不合格",
    "conformity": "符合性审查不通过",
    "security": "未按要求提交投标保证金",
    "price": "报价无效",
    "low_price": "不能证明报价合理性",
}
#: The matter whose article makes a bid invalid, by ground.
GROUND_MATTERS = {
    "envelope": "invalid",
    "qualification": "qualification",
    "conformity": "conformity",
    "security": "invalid",
    "price": "invalid",
    "low_price": "invalid",
}


def issue_paper(
    session: Session,
    actor: Actor,
    clock: Clock,
    tender: Tender,
    *,
    kind: str,
    prefix: str,
    title: str,
    context: dict[str, Any],
    public: bool,
    subject: Any = None,
    replaces: IssuedDocument | None = None,
    attachments: Sequence[Attachment] = (),
) -> IssuedDocument:
    """Issue one paper of a tender in the purchaser's name, under its pack; the template is named as the kind.

    replaces: the version that this one corrects; it keeps the number.
    """
    year = local_date(clock.now()).year
    return issue(
        session,
        actor,
        clock,
        kind=kind.replace("-", "_"),
        number=replaces.number if replaces else next_number(session, f"{series_of(tender)}-{prefix}", year),
        title=title,
        template=kind,
        context=context,
        subject=subject or tender,
        issuer=papers.name_of(session, tender.purchaser_id),
        organisation_id=tender.purchaser_id,
        pack=(tender.pack, tender.pack_hash),
        replaces=replaces,
        attachments=attachments,
        public=public,
        demonstration=tender.demonstration,
    )


def series_of(tender: Tender) -> str:
    """The beginning of the tender's number ('JLDB-2016-ZB-01' → 'JLDB'): its papers are numbered under it."""
    return tender.number.partition("-")[0][:20]


def published_on(session: Session, tender: Tender) -> Notice:
    """The tender notice."""
    first = select(Notice).where(Notice.tender_id == tender.id, Notice.kind == NoticeKind.TENDER)
    return session.exec(first.order_by(col(Notice.id))).one()


def issue_opening_record(
    session: Session,
    actor: Actor,
    clock: Clock,
    tender: Tender,
    opening: Opening,
    bids: Sequence[Bid],
    posted: Sequence[OpeningShare],
) -> IssuedDocument:
    """Issue the opening record (开标记录); public when prices are in it, because they were announced."""
    key = tender_keys(session, tender.id or 0)[opening.envelope]
    context = {
        "tender": papers.head(tender, local_date(tender.published_at or opening.opened_at)),
        "purchaser": papers.purchaser_of(session, tender),
        "opening": {
            "envelope": opening.envelope.value,
            "started_at": min((row.posted_at for row in posted), default=opening.opened_at),
            "finished_at": opening.opened_at,
            "host": tender.contact_name,
            "officers": [_officer(session, row) for row in posted],
            "fingerprint": " ".join(key.fingerprint[at : at + 4] for at in range(0, 32, 4)),
            "recovery_note": opening.recovery_note,
            "closing_hash": tender.closing_hash,
            "closing_nonce": tender.closing_nonce,
        },
        "bids": [_opened(session, tender, bid, opening.envelope) for bid in bids],
        "refused": _refused(session, tender),
        "objections": [],
        "signers": [{"role": "开标人员", "name": _officer(session, row)["name"]} for row in posted],
    }
    what = "价格标" if opening.envelope is EnvelopeKind.PRICE else "技术标"
    paper = issue_paper(
        session, actor, clock, tender, kind="opening-record", prefix="KB", title=f"{tender.title}开标记录（{what}）",
        context=context, public=opening.envelope is EnvelopeKind.PRICE, subject=opening,
    )  # fmt: skip
    opening.document_id = paper.id
    return paper


def _officer(session: Session, row: OpeningShare) -> dict[str, Any]:
    user = session.get_one(OfficerKey, row.officer_key_id).user_id
    return {"name": papers.person(session, user), "share_posted_at": row.posted_at}


def _opened(session: Session, tender: Tender, bid: Bid, kind: EnvelopeKind) -> dict[str, Any]:
    lot = session.get_one(Lot, bid.lot_id)
    envelope, submission = counted_envelope(session, bid, kind), last_submission(session, bid)
    sheet = price_sheet(session, bid)
    priced = kind is EnvelopeKind.PRICE and sheet is not None
    return {
        "lot": lot.position,
        "insurer": papers.name_of(session, bid.bidder_id),
        "submitted_at": submission.submitted_at if submission else None,
        "receipt": receipt_number(submission) if submission else "",
        "commitment": envelope.commitment,
        "price": sheet.price if priced and sheet else None,
        "price_object": lot.price_object.value,
        "price_in_words": sheet.price_in_words if priced and sheet else "",
        "beside": beside_context(lot, sheet) if priced and sheet else None,
        "term_total": sheet.term_total if priced and sheet else None,
        "intact": envelope.failure is None,
        "present": None,
        "remark": envelope.failure or (_remark(sheet) if priced and sheet else ""),
    }


def _remark(sheet: PriceSheet) -> str:
    return "；".join(text for text in (sheet.correction, sheet.remark) if text)


def beside_context(lot: Lot, sheet: PriceSheet) -> dict[str, Any] | None:
    """What a sheet states beside its price, for papers: 'total' or 'unit_price', words, quantity, before and after."""
    if sheet.beside is None:
        return None
    return {
        "kind": BESIDE[lot.price_object], "before": sheet.beside, "words": sheet.beside_in_words,
        "quantity": "" if sheet.quantity is None else f"{sheet.quantity:,f}", "after": sheet.corrected_beside,
    }  # fmt: skip


def _refused(session: Session, tender: Tender) -> list[dict[str, Any]]:
    rows = session.exec(select(RefusedBid).where(RefusedBid.tender_id == tender.id).order_by(col(RefusedBid.id)))
    return [
        {
            "lot": session.get_one(Lot, row.lot_id).position,
            "insurer": papers.name_of(session, row.bidder_id),
            "refused_at": row.refused_at,
            "reason": "在投标截止时间或者之后送达",
        }
        for row in rows
    ]


def price_sheet(session: Session, bid: Bid) -> PriceSheet | None:
    """The price a bid declared, or None before its price envelope is open."""
    found: PriceSheet | None = session.exec(select(PriceSheet).where(PriceSheet.bid_id == bid.id)).one_or_none()
    return found


def issue_price_letter(
    session: Session, actor: Actor, clock: Clock, tender: Tender, bid: Bid, grounds: list[str],
    answer_by: datetime, clause: str,
) -> IssuedDocument:  # fmt: skip
    """Issue the letter that asks a bidder to explain its price; only the bidder and the purchaser's side read it."""
    lot, sheet = session.get_one(Lot, bid.lot_id), price_sheet(session, bid)
    context = {
        "tender": papers.head(tender, local_date(published_on(session, tender).published_at)),
        "purchaser": papers.purchaser_of(session, tender),
        "insurer": {"name": papers.name_of(session, bid.bidder_id)},
        "lot": {"position": lot.position, "name": lot.name, "price_object": lot.price_object.value},
        "price": sheet.corrected_price if sheet else None,
        "grounds": grounds,
        "answer_by": answer_by,
        "clause": clause,
    }
    return issue_paper(
        session, actor, clock, tender, kind="price-letter", prefix="BJ",
        title=f"报价合理性说明通知书（{tender.number} 第{lot.position}包）", context=context, public=False, subject=bid,
    )  # fmt: skip


def issue_bid_letter(
    session: Session, actor: Actor, clock: Clock, tender: Tender, bid: Bid, row: BidLetter
) -> IssuedDocument:
    """Issue the committee's letter to one bidder; only the bidder and the purchaser's side read it."""
    lot, correcting = session.get_one(Lot, bid.lot_id), row.kind is LetterKind.CORRECTION
    sheet = price_sheet(session, bid)
    context = {
        "tender": papers.head(tender, local_date(published_on(session, tender).published_at)),
        "purchaser": papers.purchaser_of(session, tender),
        "insurer": {"name": papers.name_of(session, bid.bidder_id)},
        "lot": {"position": lot.position, "name": lot.name, "price_object": lot.price_object.value},
        "kind": row.kind.value,
        "prices": corrected_context(lot, sheet) if correcting and sheet else None,
        "matter": row.matter,
        "answer_by": row.answer_by,
        "clause": cite(tender, "correction" if correcting else "clarify"),
    }
    name = "报价修正确认通知书" if correcting else "投标文件澄清通知书"
    return issue_paper(
        session, actor, clock, tender, kind="clarification-letter", prefix="CL",
        title=f"{name}（{tender.number} 第{lot.position}包）", context=context, public=False, subject=bid,
    )  # fmt: skip


def corrected_context(lot: Lot, sheet: PriceSheet) -> dict[str, Any]:
    """A corrected sheet for papers: price before and after, what stands beside it, the steps with their articles."""
    return {
        "before": sheet.price, "words": sheet.price_in_words, "after": sheet.corrected_price,
        "beside": beside_context(lot, sheet), "steps": sheet.steps, "remark": sheet.remark,
    }  # fmt: skip


def invalid_context(tender: Tender, row: BidResult) -> dict[str, str] | None:
    """`invalid` of report and letters: ground, reason and article; None for a valid bid."""
    if row.invalid_ground is None:
        return None
    return {
        "ground": GROUND_NAMES[row.invalid_ground],
        "reason": row.invalid_reason or "",
        "clause": cite(tender, GROUND_MATTERS[row.invalid_ground]),
    }
