"""Finding a tender for a page: who may see it, its papers, and the facts every page of it shows."""

from io import BytesIO
from typing import Any

from flask import send_file, url_for
from flask_babel import gettext
from sqlmodel import Session, col, select

from core.documents.models import IssuedDocument
from core.documents.services import papers_about
from core.errors import Forbidden, N_, NotFound
from core.house import files_of
from core.identity import approvals
from core.identity.models import Approval, User
from core.policy.procurement import rule_set
from core.web import Action, actor, now, session
from core.web.filters import moment
from tender.models import Award, Bid, Notice, Opening, Query, Tender
from tender.rules.stages import Stage
from tender.services import stage_of
from tender.services.remedies import register_is_public
from tender.services.review import committee_of
from tender.views.labels import stage_chip, steps


def tender_for(tender_id: int) -> Tender:
    """A tender the acting person of the public side may see; experts only where they sit. Raises NotFound."""
    tender = session().get(Tender, tender_id)
    person = actor()
    if tender is None:
        raise NotFound(N_("There is no such tender"))
    only_expert = person.roles == {"expert"}
    if only_expert and person.user_id not in {member.user_id for member in committee_of(session(), tender_id)}:
        raise NotFound(N_("There is no such tender"))
    return tender


def may_see_bids(tender: Tender) -> bool:
    """Whether the acting person may see who bids: after the opening, and a member only after the declaration."""
    if tender.technical_opened_at is None:
        return False
    seats = [member for member in committee_of(session(), tender.id or 0) if member.user_id == actor().user_id]
    return all(member.declared_at is not None for member in seats)


def published_tender(tender_id: int) -> Tender:
    """A tender that is public, for insurers. Raises NotFound for one in preparation."""
    tender = session().get(Tender, tender_id)
    if tender is None or tender.published_at is None:
        raise NotFound(N_("There is no such tender"))
    return tender


def page_of(tender: Tender, here: str = "") -> dict[str, Any]:
    """What the head of every page of a tender needs."""
    crumbs = [(gettext("Tenders"), url_for("tender.index"))]
    crumbs.append((tender.number, url_for("tender.show", tender_id=tender.id) if here else ""))
    if here:
        crumbs.append((here, ""))
    return {
        "tender": tender,
        "rules": rule_set(tender.rule_set),
        "stage": stage_of(tender, now()),
        "Stage": Stage,
        "state": stage_chip(tender, now()),
        "steps": steps(tender, now()),
        "crumbs": crumbs,
        "may_prepare": actor().may("tender:prepare") and actor().organisation_id == tender.purchaser_id,
    }


def two_keys_of(kind: str, tender: Tender | Query) -> dict[str, Any]:
    """Who took the first step of a two-person act and who may take the second: for the bar with the two keys."""
    asked: Approval | None = approvals.latest(session(), kind, tender)
    if asked is None:
        return {"first": (gettext("Nobody has asked yet"), ""), "second": (gettext("A second person approves"), ""),
                "done": 0, "approval": None, "may_decide": False}  # fmt: skip
    name = session().get_one(User, asked.requested_by).name
    decided = asked.decided_by and session().get_one(User, asked.decided_by).name
    second = (
        (gettext("%(name)s decided", name=decided), moment(asked.decided_at))
        if asked.decided_at
        else (gettext("Waits for a second person"), "")
    )
    pending = asked.decided_at is None
    return {
        "first": (gettext("%(name)s asked", name=name), moment(asked.requested_at)),
        "second": second,
        "done": 1 if pending else 2,
        "approval": asked if pending else None,
        "may_decide": pending and approvals.may_decide(session(), actor(), asked),
    }


def papers_of(database: Session, tender: Tender) -> list[IssuedDocument]:
    """Every paper of a tender that the acting person may read, oldest first."""
    found = papers_about(database, tender)
    for model in (Opening, Award):
        for row in database.exec(select(model).where(model.tender_id == tender.id)).all():
            found += papers_about(database, row)
    for query in database.exec(select(Query).where(Query.tender_id == tender.id)).all():
        found += papers_about(database, query)
    for bid in database.exec(select(Bid).where(Bid.tender_id == tender.id)).all():
        found += papers_about(database, bid)
    return sorted((row for row in found if may_read(database, tender, row)), key=lambda row: (row.issued_at, row.id))


def may_read(database: Session, tender: Tender, paper: IssuedDocument) -> bool:
    """Public papers are everybody's; the rest is the purchaser's side's, and letters also their addressee's."""
    person = actor()
    if paper.published_at is not None:
        return True
    if not person.is_insurer:
        if paper.subject_type == "supplier_query" and not register_is_public(tender, now()):
            return False  # the letter names a supplier, and before the opening that is nobody's to know
        return person.may("tender:view") and person.roles != {"expert"}
    owner = _addressee(database, paper)
    return owner is not None and owner == person.organisation_id


def _addressee(database: Session, paper: IssuedDocument) -> int | None:
    if paper.subject_type == "award":
        return database.get_one(Award, int(paper.subject_id)).insurer_id
    if paper.subject_type == "bid":
        return database.get_one(Bid, int(paper.subject_id)).bidder_id
    if paper.subject_type == "supplier_query":
        return database.get_one(Query, int(paper.subject_id)).organisation_id
    return None


def as_file(database: Session, tender: Tender, paper_id: int) -> Any:
    """A paper of this tender as a PDF. Raises NotFound for another tender's, Forbidden for one that is not readable."""
    for paper in papers_of(database, tender):
        if paper.id == paper_id:
            content = files_of(database).get(paper.pdf_sha256)
            return send_file(
                BytesIO(content), "application/pdf", as_attachment=True, download_name=f"{paper.number}.pdf"
            )
    if database.get(IssuedDocument, paper_id) is None:
        raise NotFound(N_("There is no such document"))
    raise Forbidden(N_("This document is not for you"))


def files_list(database: Session, tender: Tender, endpoint: str) -> list[dict[str, Any]]:
    """The papers for the component `files`."""
    return [
        {
            "title": row.title,
            "url": url_for(endpoint, tender_id=tender.id, paper_id=row.id),
            "note": f"{row.number}  {row.check_code}",
            "size": files_of(database).path(row.pdf_sha256).stat().st_size,
        }
        for row in papers_of(database, tender)
    ]


def notices_of(database: Session, tender: Tender) -> list[Notice]:
    """The public notices of a tender, oldest first."""
    return list(database.exec(select(Notice).where(Notice.tender_id == tender.id).order_by(col(Notice.id))))


def act(label: Any, endpoint: str, primary: bool = False, **values: Any) -> Action:
    """A link to another page of the room."""
    return Action(label, url_for(f"tender.{endpoint}", **values), primary=primary)
