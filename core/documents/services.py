"""Issue, publish, withdraw and verify papers; called inside the rooms' own verbs, which check who may."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from core import audit
from core.clock import Clock
from core.db import locked
from core.documents.models import DocumentSeries, IssuedDocument
from core.documents.render import Attachment, RenderedDocument, read_check_code
from core.documents.workers import RenderJob, render_cached
from core.errors import N_, NotFound, Refused
from core.house import files_of, public_url
from core.identity.actor import Actor


def next_number(session: Session, prefix: str, year: int) -> str:
    """The next number of a series ('<prefix>-<year>-001'); no gaps, because it is undone with the transaction."""
    session.connection().execute(
        text("INSERT INTO document_series (prefix, year, last) VALUES (:prefix, :year, 0) ON CONFLICT DO NOTHING"),
        {"prefix": prefix, "year": year},
    )
    series = locked(session, DocumentSeries, (prefix, year))
    series.last += 1
    session.add(series)
    session.flush()
    return f"{prefix}-{year}-{series.last:03d}"


def document_job(
    issued_at: datetime,
    *,
    number: str,
    title: str,
    template: str,
    context: Mapping[str, Any],
    issuer: str,
    verify_at: str,
    version: int = 1,
    attachments: Sequence[Attachment] = (),
    demonstration: bool,
) -> RenderJob:
    """The rendering that `issue` does, as a job: for rendering many papers ahead in the workers (`render_many`).

    verify_at: the address printed for verifying (Settings.public_url).
    """
    identity = {"number": number, "version": version, "title": title, "issuer": issuer, "verify_at": verify_at}
    return RenderJob(template, {**context, "document": identity}, issued_at, demonstration, tuple(attachments))


def issue(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    kind: str,
    number: str,
    title: str,
    template: str,
    context: Mapping[str, Any],
    subject: Any,
    issuer: str,
    organisation_id: int | None = None,
    pack: tuple[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    replaces: IssuedDocument | None = None,
    public: bool = False,
    demonstration: bool,
) -> IssuedDocument:
    """Issue a paper: render it, keep its bytes and inputs, register it and record it, in the caller's transaction.

    subject: the row the paper is about; issuer: the office named on it; pack: (name, hash) of the policy pack used;
    replaces: the newest version, where this one corrects it (it keeps the number); public: published at the same
    instant.
    Raises Refused when the number is taken or the paper to correct was already corrected.
    """
    now = clock.now()
    version = _version(session, number, replaces)
    job = document_job(
        now,
        number=number,
        title=title,
        template=template,
        context=context,
        issuer=issuer,
        verify_at=public_url(session),
        version=version,
        attachments=attachments,
        demonstration=demonstration,
    )
    files = files_of(session)
    rendered = render_cached(job)
    files.put(rendered.pdf)
    for attachment in attachments:
        files.put(attachment.content)
    session.flush()
    paper = IssuedDocument(
        number=number,
        version=version,
        replaces_id=replaces.id if replaces else None,
        kind=kind,
        title=title,
        issued_at=now,
        organisation_id=organisation_id if organisation_id is not None else actor.organisation_id,
        subject_type=subject.__tablename__,
        subject_id=str(subject.id),
        pack=pack[0] if pack else None,
        pack_hash=pack[1] if pack else None,
        template=template,
        inputs=rendered.inputs,
        inputs_sha256=rendered.data_sha256,
        pdf_sha256=rendered.sha256,
        attachments=rendered.inputs["attachments"],
        check_code=rendered.check_code,
        demonstration=demonstration,
        published_at=now if public else None,
    )
    session.add(paper)
    audit.record(session, now, actor, "documents:document:issue", paper, **_facts(paper, rendered))
    return paper


def publish(session: Session, actor: Actor, clock: Clock, paper: IssuedDocument) -> None:
    """Let the public see a paper from now on. Raises Refused for one that is public already or was withdrawn."""
    if paper.published_at is not None or paper.withdrawn_at is not None:
        raise Refused(N_("This document is already public or was withdrawn: %(number)s"), number=paper.number)
    paper.published_at = clock.now()
    session.add(paper)
    audit.record(session, paper.published_at, actor, "documents:document:publish", paper, number=paper.number)


def withdraw(session: Session, actor: Actor, clock: Clock, paper: IssuedDocument, reason: str) -> None:
    """Withdraw a paper: it stays kept and verifiable, and says since when and why it no longer counts."""
    if paper.withdrawn_at is not None:
        raise Refused(N_("This document was already withdrawn: %(number)s"), number=paper.number)
    paper.withdrawn_at, paper.withdrawn_reason = clock.now(), reason
    session.add(paper)
    audit.record(session, paper.withdrawn_at, actor, "documents:document:withdraw", paper, number=paper.number)


def papers_about(session: Session, subject: Any) -> list[IssuedDocument]:
    """Every paper issued about a row, oldest first."""
    return list(
        session.exec(
            select(IssuedDocument)
            .where(IssuedDocument.subject_type == subject.__tablename__, IssuedDocument.subject_id == str(subject.id))
            .order_by(IssuedDocument.issued_at, IssuedDocument.id)  # type: ignore[arg-type]
        )
    )


def replaced_by(session: Session, paper: IssuedDocument) -> IssuedDocument | None:
    """The version that corrected this one, or None while it is the newest."""
    return session.exec(select(IssuedDocument).where(IssuedDocument.replaces_id == paper.id)).first()


def verify_code(session: Session, code: str) -> IssuedDocument:
    """The paper that carries this check code, typed in any case and with any separators. Raises NotFound."""
    stored = read_check_code(code)
    return _found(session.exec(select(IssuedDocument).where(IssuedDocument.check_code == stored)).first())


def verify_bytes(session: Session, sha256: str) -> IssuedDocument:
    """The paper whose PDF has exactly these bytes (SHA-256, hex). Raises NotFound for any other file."""
    return _found(session.exec(select(IssuedDocument).where(IssuedDocument.pdf_sha256 == sha256.lower())).first())


def _found(paper: IssuedDocument | None) -> IssuedDocument:
    if paper is None:
        raise NotFound(N_("No document was issued here with this code or these bytes."))
    return paper


def _version(session: Session, number: str, replaces: IssuedDocument | None) -> int:
    taken = session.exec(
        select(IssuedDocument).where(IssuedDocument.number == number).order_by(IssuedDocument.version.desc())  # type: ignore[attr-defined]
    ).first()
    if replaces is None and taken is not None:
        raise Refused(N_("The document number %(number)s is taken"), number=number)
    if replaces is not None and (taken is None or taken.id != replaces.id):
        raise Refused(N_("Only the newest version of %(number)s can be corrected"), number=number)
    return 1 if replaces is None else replaces.version + 1


def _facts(paper: IssuedDocument, rendered: RenderedDocument) -> dict[str, Any]:
    return {
        "kind": paper.kind,
        "number": paper.number,
        "version": paper.version,
        "pdf_sha256": rendered.sha256,
        "inputs_sha256": rendered.data_sha256,
        "pack_hash": paper.pack_hash,
    }
