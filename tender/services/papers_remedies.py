"""The reply to a query, with the six fields of Order 94 art. 15."""

from sqlmodel import Session

from core.calendar import china
from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.identity.actor import Actor
from core.policy.procurement import limits
from tender.models import Query, QueryOutcome, Tender
from tender.rules.remedies import last_day
from tender.services import papers
from tender.services.papers_review import issue_paper, published_on

CONCLUSIONS = {
    QueryOutcome.UNFOUNDED: "质疑事项不成立，采购活动继续进行。",
    QueryOutcome.NO_EFFECT: "质疑事项成立，但不影响采购结果，采购活动继续进行。",
    QueryOutcome.AFFECTS: "质疑事项成立，影响或者可能影响采购结果，采购人将依法处理，在处理完毕前暂停签订合同。",
}


def issue_query_reply(session: Session, actor: Actor, clock: Clock, tender: Tender, row: Query) -> IssuedDocument:
    """Issue the reply to its supplier: receipt, matters, outcome and reply, and the right to complain (T22)."""
    received = row.received_on
    reply_by = last_day("T21", received, limits(received), china())
    context = {
        "tender": papers.head(tender, local_date(published_on(session, tender).published_at)),
        "purchaser": papers.purchaser_of(session, tender),
        "supplier": papers.name_of(session, row.organisation_id),
        "query": {
            "number": row.number, "lots": row.lots, "received_on": received, "matters": row.matters,
            "conclusion": CONCLUSIONS[row.outcome] if row.outcome else "",
        },
        "reply": row.reply,
        "complain": {
            "by": last_day("T22", reply_by, limits(received), china()), "days": limits(received)["T22"].number
        },
    }  # fmt: skip
    return issue_paper(
        session, actor, clock, tender, kind="query-reply", prefix="ZY",
        title=f"质疑答复函（{tender.number} 第{row.number}号）", context=context, public=False, subject=row,
    )  # fmt: skip
