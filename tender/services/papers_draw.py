"""The record of a committee draw: numbers, hashes and order, without a name, and the file to draw again."""

from collections.abc import Sequence
from typing import Any

import rfc8785
from sqlmodel import Session, col, select

from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.render import Attachment
from core.identity.actor import Actor
from core.identity.models import User
from tender.models import CommitteeDraw, DrawNumber, Tender
from tender.services import papers
from tender.services.papers_review import issue_paper, published_on
from tender.services.stage import cite

NAME = "draw.json"
#: Why an expert could not be drawn, in the words of the record.
REASONS = {
    "employer": "采购人或者投保人的工作人员", "absent": "请假", "interest": "与采购人或者投标人有利害关系",
    "sat": "已担任或者曾担任本项目评标委员会成员",
}  # fmt: skip


def issue_draw_record(
    session: Session, actor: Actor, clock: Clock, tender: Tender, draw: CommitteeDraw, numbers: Sequence[DrawNumber],
    record: dict[str, Any],
) -> IssuedDocument:  # fmt: skip
    """Issue the draw record with its file; it names supervisors, and experts only by their numbers."""
    context = {
        "tender": papers.head(tender, local_date(published_on(session, tender).published_at)),
        "purchaser": papers.purchaser_of(session, tender),
        "draw": {
            "round": draw.round, "members": draw.members, "experts": draw.experts,
            "purchasers": len(draw.purchasers), "fixed_at": draw.fixed_at, "drawn_at": draw.drawn_at,
            "list_sha256": draw.list_sha256, "root": draw.root,
        },
        "candidates": draw.candidates,
        "excluded": [{"number": row["number"], "reason": REASONS[row["reason"]]} for row in draw.excluded],
        "supervisors": [
            {
                "name": session.get_one(User, row.user_id).name, "commitment": row.commitment,
                "committed_at": row.committed_at, "nonce": row.nonce or "",
            }
            for row in numbers
        ],
        "order": draw.order,
        "clause": cite(tender, "draw"),
    }  # fmt: skip
    file = Attachment(NAME, rfc8785.dumps(record), "评标专家抽取数据：可以据此重新计算抽取顺序")
    return issue_paper(
        session, actor, clock, tender, kind="draw-record", prefix="CQ", title=f"{tender.title}评标专家抽取记录",
        context=context, public=False, attachments=[file],
    )  # fmt: skip



def draws_context(session: Session, tender: Tender) -> list[dict[str, Any]]:
    """`draws` of the papers that name the committee: what each finished draw rests on, so that it can be repeated."""
    rows = select(CommitteeDraw).where(CommitteeDraw.tender_id == tender.id, col(CommitteeDraw.drawn_at).is_not(None))
    found = []
    for row in session.exec(rows.order_by(col(CommitteeDraw.round))):
        numbers = select(DrawNumber).where(DrawNumber.draw_id == row.id).order_by(col(DrawNumber.id))
        found.append({
            "round": row.round,
            "document": session.get_one(IssuedDocument, row.document_id).number,
            "drawn_at": row.drawn_at,
            "list_sha256": row.list_sha256,
            "commitments": [one.commitment for one in session.exec(numbers)],
            "root": row.root,
        })  # fmt: skip
    return found
