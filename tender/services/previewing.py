"""The papers of a tender as they would be issued now: always from the rows, never kept, marked as a preview."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from core.documents.services import document_job
from core.documents.workers import RenderJob
from core.errors import N_, NotFound, Refused
from core.house import public_url
from tender.models import ContractTerms, Lot, Tender
from tender.services import papers
from tender.services.papers_document import tender_document_context
from tender.services.papers_notices import tender_notice_context
from tender.services.preparation import lots_of

#: What can be previewed: the template and the title's ending.
KINDS = {
    "notice": ("tender-notice", "公开招标公告"),
    "document": ("tender-document", "公开招标文件"),
    "agreement": ("service-agreement", "服务委托协议（草案）"),
    "contract": ("annual-contract", "年度保险合同（草案）"),
}
#: Printed where an issued paper has its number: nobody can take a preview for the paper itself.
MARK = "预览稿（未发布）"


def preview(session: Session, tender: Tender, now: datetime, kind: str, position: int = 1) -> RenderJob:
    """The rendering of a preview; position: the lot whose agreement or contract is shown.

    Raises NotFound for an unknown kind or lot, Refused while lots, contract parameters or dates are missing.
    """
    if kind not in KINDS:
        raise NotFound(N_("There is no such document"))
    lots = lots_of(session, tender.id or 0)
    terms = {lot.id for lot in lots if _terms(session, lot) is not None}
    if tender.documents_from is None or tender.deadline is None or not lots or len(terms) < len(lots):
        raise Refused(N_("A preview needs the dates, and lots with their contract parameters"))
    lot = next((row for row in lots if row.position == position), None)
    if lot is None:
        raise NotFound(N_("There is no such lot"))
    template, title = KINDS[kind]
    return document_job(
        now,
        number=MARK,
        title=f"{tender.title}{title}",
        template=template,
        context=_context(session, tender, kind, lot, tender.documents_from),
        issuer=papers.name_of(session, tender.purchaser_id),
        verify_at=public_url(session),
        demonstration=tender.demonstration,
    )


def _terms(session: Session, lot: Lot) -> ContractTerms | None:
    found: ContractTerms | None = session.exec(
        select(ContractTerms).where(ContractTerms.lot_id == lot.id)
    ).one_or_none()
    return found


def _context(session: Session, tender: Tender, kind: str, lot: Lot, on: date) -> dict[str, Any]:
    if kind == "notice":
        return tender_notice_context(session, tender, on)
    whole = tender_document_context(session, tender, on)
    if kind == "document":
        return whole
    mine = next((part for part in whole["variants"] if lot.position in part["lots"]), whole)
    shared = {
        "policyholder": whole["policyholder"], "insurer": {"name": "（中标人）"}, "fund": whole["fund"],
        "terms": mine["terms"], "sharing": mine["sharing"], "benefits": whole["benefits"],
        "sources": whole["sources"], "service": whole["service"], "requirements": whole["requirements"],
    }  # fmt: skip
    return {**shared, "agreement": _agreement(tender, lot), "contract": _contract(tender, lot)}


def _agreement(tender: Tender, lot: Lot) -> dict[str, Any]:
    return {
        "number": "草案", "title": tender.title, "project_no": tender.number, "award_letter": "待发",
        "lot": lot.position, "lot_name": lot.name, "area": lot.area, "insured_count": lot.insured_count,
        "price_object": lot.price_object.value, "price": None, "term_total": None, "performance_security": None,
        "performance_security_rate": tender.performance_security_rate,
        "performance_return_days": tender.performance_return_days, "term_from": tender.term_from,
        "term_until": tender.term_until, "signed_on": None, "place": tender.opening_place,
    }  # fmt: skip


def _contract(tender: Tender, lot: Lot) -> dict[str, Any]:
    year = tender.term_from.year
    return {
        "number": "草案", "title": tender.title, "subtitle": f"{year}年度　第{lot.position}包",
        "agreement_number": "草案", "agreement_years": f"{year}—{tender.term_until.year}年",
        "insured": f"{lot.area}参加{lot.name}的人员", "term_from": tender.term_from, "term_until": date(year, 12, 31),
        "signed_on": None, "place": tender.opening_place,
    }  # fmt: skip
