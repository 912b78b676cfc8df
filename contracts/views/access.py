"""Finding what a page shows: an insurer meets its own agreements only; papers, names and two-person acts."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from flask import current_app, send_file, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response

from contracts import labels
from contracts.models import AnnualContract, ServiceAgreement
from contracts.services import standing
from core.audit import AuditEvent
from core.clock import local_date
from core.documents.models import IssuedDocument
from core.documents.services import papers_about
from core.errors import N_, NotFound
from core.house import files_of
from core.identity import approvals
from core.identity.approval_views import two_keys
from core.identity.models import User
from core.web import actor, now, session


def today() -> date:
    """The calendar day in Beijing."""
    return local_date(now())


def agreement_for(agreement_id: int) -> ServiceAgreement:
    """An agreement the acting person may see. Raises NotFound."""
    return standing.agreement_for(session(), actor(), agreement_id)


def year_for(contract_id: int) -> standing.Standing:
    """An annual contract the acting person may see, as it stands today. Raises NotFound."""
    return standing.standing(session(), actor(), contract_id, today())


def keys_of(kind: str, subject: Any) -> dict[str, Any]:
    """A two-person act for the bar of two keys: `drawn` for the macro, the waiting request and who may decide it."""
    asked = approvals.latest(session(), kind, subject)
    waiting = asked if asked is not None and asked.decided_at is None else None
    rejected = asked.reason if asked is not None and asked.decision and asked.decision.value == "rejected" else ""
    return {
        "drawn": two_keys(asked),
        "waiting": waiting,
        "may_decide": waiting is not None and approvals.may_decide(session(), actor(), waiting),
        "rejected": rejected or "",
    }


def papers(*subjects: Any) -> list[dict[str, Any]]:
    """The papers issued about these rows, for the component `files`."""
    found = [paper for subject in subjects for paper in papers_about(session(), subject)]
    return [
        {
            "title": paper.title,
            "url": url_for("contracts.paper", paper_id=paper.id),
            "note": f"{paper.number}  {paper.check_code}",
            "size": files_of(session()).path(paper.pdf_sha256).stat().st_size,
        }
        for paper in found
    ]


def paper_for(paper_id: int) -> Response:
    """A paper of an agreement or contract that the acting person may see, as PDF. Raises NotFound for any other."""
    paper = session().get(IssuedDocument, paper_id)
    if paper is None or paper.subject_type not in ("service_agreement", "annual_contract"):
        raise NotFound(N_("There is no such document"))
    if paper.subject_type == "annual_contract":
        year_for(int(paper.subject_id))
    else:
        agreement_for(int(paper.subject_id))
    content = files_of(session()).get(paper.pdf_sha256)
    return send_file(BytesIO(content), "application/pdf", as_attachment=True, download_name=f"{paper.number}.pdf")


def name_of(user_id: int | None) -> str:
    """The name of a person; '—' for nobody."""
    return session().get_one(User, user_id).name if user_id else "—"


def log_of(*subjects: ServiceAgreement | AnnualContract) -> list[dict[str, Any]]:
    """What was done to these rows, newest first, for the component `log`."""
    found: list[AuditEvent] = []
    for subject in subjects:
        query = select(AuditEvent).where(
            AuditEvent.object_type == subject.__tablename__,
            AuditEvent.object_id == str(subject.id),
            col(AuditEvent.action).in_(list(labels.WORDS)),
        )
        found += session().exec(query)
    found.sort(key=lambda event: -event.position)
    return [{"at": event.at, "by": name_of(event.actor_id), "words": labels.WORDS[event.action]} for event in found]


def links(endpoints: Sequence[tuple[str, Any, dict[str, Any]]]) -> list[tuple[Any, str]]:
    """(label, address) of the pages of other rooms that this house serves; others are left out."""
    served = current_app.view_functions
    return [(label, url_for(endpoint, **values)) for endpoint, label, values in endpoints if endpoint in served]
