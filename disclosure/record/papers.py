"""Public papers: issued, published, every version kept; a withdrawn one is still verified and says so."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session, col, select

from core.documents.models import IssuedDocument
from core.documents.services import replaced_by
from core.errors import N_, NotFound
from disclosure.models import Disclosure
from disclosure.record.processes import Process

#: Kinds of paper by what the public reads them as.
PROCUREMENT = (
    "tender_notice", "tender_document", "corrigendum", "opening_record", "award_notice", "failure_notice",
    "cancellation_notice", "result_change", "fallback_notice",
)  # fmt: skip
CONTRACT = ("contract-notice",)
REPORTS = ("disclosure-signing", "disclosure-final")
CIRCULARS = ("circular-letter",)


def public_papers(*kinds: str) -> Select[IssuedDocument]:
    """Every public paper (of these kinds), newest first; withdrawn ones are left out."""
    query = select(IssuedDocument).where(
        col(IssuedDocument.published_at).is_not(None), col(IssuedDocument.withdrawn_at).is_(None)
    )
    if kinds:
        query = query.where(col(IssuedDocument.kind).in_(kinds))
    return query.order_by(col(IssuedDocument.published_at).desc(), col(IssuedDocument.id).desc())


def newest_versions(papers: Iterable[IssuedDocument]) -> list[IssuedDocument]:
    """The papers that no later one of them replaces, in their order."""
    kept = list(papers)
    replaced = {paper.replaces_id for paper in kept}
    return [paper for paper in kept if paper.id not in replaced]


def paper_by_number(session: Session, number: str, version: int | None = None) -> IssuedDocument:
    """A public paper by its printed number; the newest version unless one is named. Raises NotFound."""
    query = public_papers().where(IssuedDocument.number == number)
    if version is not None:
        query = query.where(IssuedDocument.version == version)
    found = session.exec(query.order_by(None).order_by(col(IssuedDocument.version).desc())).first()  # type: ignore[call-overload]
    if found is None:
        raise NotFound(N_("There is no public document with this number"))
    paper: IssuedDocument = found
    return paper


def paper_by_code(session: Session, paper_code: str) -> IssuedDocument | None:
    """An issued paper, public or not, by its check code: verifying needs no publication."""
    return session.exec(select(IssuedDocument).where(IssuedDocument.check_code == paper_code)).first()


def replacement(session: Session, paper: IssuedDocument) -> IssuedDocument | None:
    """The newest public version that stands in for this one, or None while it is the newest."""
    newest, later = None, replaced_by(session, paper)
    while later is not None:
        newest = later if later.published_at is not None else newest
        later = replaced_by(session, later)
    return newest


def attachment(paper: IssuedDocument, name: str) -> dict[str, Any]:
    """An enclosed file of a public paper by its name. Raises NotFound."""
    for entry in paper.attachments:
        if entry["name"] == name:
            return entry
    raise NotFound(N_("There is no public document with this number"))


def papers_of_process(session: Session, process: Process) -> list[IssuedDocument]:
    """Every public paper of a process: of its tender, its contracts and their disclosures, oldest first."""
    contracts = [str(year.contract.id) for year in process.years]
    reports = session.exec(select(Disclosure.id).where(col(Disclosure.contract_id).in_(contracts))).all()
    about: Sequence[tuple[str, list[str]]] = (
        ("tender", [str(process.tender.id)]),
        ("opening", [str(opening.id) for opening in process.openings]),
        ("annual_contract", contracts),
        ("disclosure", [str(key) for key in reports]),
    )
    found: list[IssuedDocument] = []
    for subject_type, keys in about:
        query = public_papers().where(
            IssuedDocument.subject_type == subject_type, col(IssuedDocument.subject_id).in_(keys)
        )
        found += session.exec(query).all()  # type: ignore[call-overload]
    return sorted(found, key=lambda paper: (paper.published_at, paper.id))
