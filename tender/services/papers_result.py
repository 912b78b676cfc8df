"""The paper that changes a published result: a winner declines or its award is void; who follows."""

from typing import Any

from sqlmodel import Session, col, select

from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.identity.actor import Actor
from core.policy.procurement import limits
from tender.models import Award, BidResult, Lot, Notice, NoticeKind, Tender
from tender.services import papers
from tender.services.papers_notices import award_period, publish_notice
from tender.services.papers_review import issue_paper, published_on

#: Why a published result changes, with the article.
DECLINED = "中标人拒绝与采购人签订合同，根据政府采购法实施条例第49条"
VOIDED = "对本项目的质疑或者投诉成立，原中标结果无效，根据政府采购法第53条、第56条"


def issue_result_change(
    session: Session, actor: Actor, clock: Clock, tender: Tender, declined: Award, fresh: Award | None
) -> Notice:
    """Issue and publish the notice of the changed result; fresh: the candidate that follows, None for a new tender."""
    today = local_date(clock.now())
    lot = session.get_one(Lot, declined.lot_id)
    until, workdays = award_period(today)
    context = {
        "tender": papers.head(tender, local_date(published_on(session, tender).published_at)),
        "purchaser": papers.purchaser_of(session, tender),
        "award_notice": _award_notice(session, tender),
        "lot": {"position": lot.position, "name": lot.name, "price_object": lot.price_object.value},
        "declined": {
            "insurer": papers.name_of(session, declined.insurer_id), "area": declined.area,
            "insured_count": declined.insured_count,
        },
        "cause": VOIDED if declined.voided_for_id else DECLINED,
        "reason": declined.decline_reason or "",
        "winner": _winner(session, fresh) if fresh is not None else None,
        "published_until": until,
        "published_workdays": workdays,
        "query_workdays": limits(today)["T20"].number,
    }  # fmt: skip
    paper = issue_paper(
        session, actor, clock, tender, kind="result-change", prefix="BG", title=f"{tender.title}中标结果变更公告",
        context=context, public=True,
    )  # fmt: skip
    return publish_notice(session, clock, tender, NoticeKind.RESULT_CHANGE, paper, declined.decline_reason)


def _winner(session: Session, award: Award) -> dict[str, Any]:
    return {
        "insurer": papers.name_of(session, award.insurer_id),
        "address": papers.area_of(session, award.insurer_id),
        "price": award.price,
        "term_total": award.term_total,
        "score": session.exec(select(BidResult.total).where(BidResult.bid_id == award.bid_id)).one(),
    }


def _award_notice(session: Session, tender: Tender) -> dict[str, Any]:
    rows = select(Notice).where(Notice.tender_id == tender.id, Notice.kind == NoticeKind.AWARD)
    notice = session.exec(rows.order_by(col(Notice.id))).one()
    number = session.get_one(IssuedDocument, notice.document_id).number
    return {"number": number, "published_on": local_date(notice.published_at)}
