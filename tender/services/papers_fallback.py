"""The public notice of a government's decision on a failed tender, with the decision's document enclosed."""

from sqlmodel import Session

from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.render import Attachment
from core.house import files_of
from core.identity.actor import Actor
from tender.models import Award, GovernmentDecision, Lot, Tender
from tender.services import papers
from tender.services.papers_review import issue_paper, published_on

NAME = "decision.pdf"


def issue_fallback_notice(
    session: Session, actor: Actor, clock: Clock, tender: Tender, row: GovernmentDecision, awards: list[Award]
) -> IssuedDocument:
    """Issue and publish the notice: the decision, and who takes over which lot at which price."""
    lots = {award.lot_id: session.get_one(Lot, award.lot_id) for award in awards}
    context = {
        "tender": papers.head(tender, local_date(published_on(session, tender).published_at)),
        "purchaser": papers.purchaser_of(session, tender),
        "decision": {
            "number": row.number, "issuer": row.issuer, "decided_on": row.decided_on, "method": row.method,
        },
        "failed_on": local_date(tender.failed_at or row.recorded_at),
        "lots": [
            {
                "position": lots[award.lot_id].position,
                "name": lots[award.lot_id].name,
                "price_object": lots[award.lot_id].price_object.value,
                "insurer": papers.name_of(session, award.insurer_id),
                "area": award.area,
                "insured_count": award.insured_count,
                "price": award.price,
                "term_total": award.term_total,
            }
            for award in awards
        ],
    }  # fmt: skip
    enclosed = Attachment(NAME, files_of(session).get(row.file_sha256), f"{row.issuer}决定（{row.number}）")
    return issue_paper(
        session, actor, clock, tender, kind="fallback-notice", prefix="ZD",
        title=f"{tender.title}承办机构确定公告", context=context, public=True, attachments=[enclosed],
    )  # fmt: skip
