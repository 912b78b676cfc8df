"""The fifteen-year archive of a procurement (GPL art. 42): what goes in, when it is built, until when it is kept."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import rfc8785
from sqlmodel import Session, SQLModel, col, select

from core import audit
from core.audit import AuditEvent
from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.services import papers_about
from core.errors import N_, Refused
from core.house import files_of
from core.identity.actor import Actor, require
from core.identity.models import Approval
from core.policy.procurement import limits
from core.tasks.models import Task
from core.tasks.queue import enqueue
from tender import models
from tender.archive import Entry, pack
from tender.models import (
    Award,
    Bid,
    BidSubmission,
    Envelope,
    Lot,
    Query,
    RefusedBid,
    SealedEvent,
    Tender,
    TenderArchive,
)
from tender.services.bidding import (
    counted_envelope,
    last_submission,
    receipt_file,
    signer,
    standing_bids,
    submissions,
)
from tender.services.destroying import superseded_of
from tender.services.review import opened_bids
from tender.services.stage import locked_tender

#: What later rooms add: given the tender, papers and the folder they belong in (agreement, contract, acceptance).
Contributor = Callable[[Session, Tender], Sequence[tuple[str, IssuedDocument]]]
CONTRIBUTORS: list[Contributor] = []

#: The folder of each kind of paper; what is not named here is other material.
_FOLDERS = {
    "tender_notice": "01-activity", "opening_record": "01-activity", "failure_notice": "01-activity",
    "cancellation_notice": "01-activity", "tender_document": "03-document", "corrigendum": "03-document",
    "evaluation_report": "06-report", "price_letter": "06-report", "award_notice": "07-award",
    "award_letter": "07-award", "result_letter": "07-award", "result_change": "07-award", "query_reply": "10-query",
}  # fmt: skip


def ended_on(session: Session, tender: Tender) -> date | None:
    """The day the procurement ended: failed, cancelled, or awarded with every winner's agreement signed."""
    ended = tender.failed_at or tender.cancelled_at
    if ended is None and tender.awarded_at is not None:
        rows = select(Award).where(Award.tender_id == tender.id, col(Award.declined_at).is_(None))
        signed = [row.signed_at for row in session.exec(rows)]
        ended = max((at for at in signed if at), default=tender.awarded_at) if all(signed) else None
    return local_date(ended) if ended else None


def kept_until(session: Session, tender: Tender) -> date | None:
    """The day until which the records are kept at least (T27), None before the end."""
    ended = ended_on(session, tender)
    if ended is None:
        return None
    year = ended.year + (limits(ended)["T27"].number or 0)
    return ended.replace(year=year) if (ended.month, ended.day) != (2, 29) else date(year, 3, 1)


def archive_of(session: Session, tender: Tender) -> TenderArchive | None:
    """The newest package of a tender, or None."""
    rows = select(TenderArchive).where(TenderArchive.tender_id == tender.id).order_by(col(TenderArchive.id).desc())
    found: TenderArchive | None = session.exec(rows).first()
    return found


def request_archive(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Task:
    """Queue the building of the package. Raises Refused before the procurement has ended."""
    require(actor, "tender:archive")
    tender = locked_tender(session, tender_id)
    if ended_on(session, tender) is None:
        raise Refused(N_("The procurement has not ended"))
    return enqueue(session, actor, clock, "tender.archive", tender_id=tender_id)


def keep_archive(
    session: Session, actor: Actor, clock: Clock, tender_id: int, content: bytes, files: int
) -> TenderArchive:
    """Keep a built package; the same bytes again are the same package."""
    require(actor, "tender:archive")
    tender = locked_tender(session, tender_id)
    now, ended, until = clock.now(), ended_on(session, tender), kept_until(session, tender)
    if ended is None or until is None:
        raise Refused(N_("The procurement has not ended"))
    digest = files_of(session).put(content)
    known = archive_of(session, tender)
    if known is not None and known.sha256 == digest:
        return known
    row = TenderArchive(
        tender_id=tender.id, sha256=digest, size=len(content), files=files, ended_on=ended, keep_until=until,
        built_by=actor.user_id, built_at=now,
    )  # fmt: skip
    session.add(row)
    audit.record(session, now, actor, "tender:archive:build", row, tender=tender.number, sha256=digest)
    return row


def build(session: Session, tender: Tender) -> tuple[bytes, int]:
    """The package as bytes, and how many files it holds; reads only. The same records give the same bytes."""
    entries = list(gathered(session, tender))
    ended, until = ended_on(session, tender), kept_until(session, tender)
    if ended is None or until is None:
        raise Refused(N_("The procurement has not ended"))
    head = {
        "tender": tender.number, "title": tender.title, "ended_on": ended.isoformat(), "keep_until": until.isoformat(),
    }  # fmt: skip
    return pack(head, entries, signer(session)), len(entries) + 1


def gathered(session: Session, tender: Tender) -> Iterator[Entry]:
    """Every record of the tender as a file, without the checks of the package."""
    house = signer(session)
    yield _json("keys.json", {"receipts": house.public, "envelopes": _dumped(session, models.TenderKey, tender)})
    yield from _papers(session, tender)
    yield from _bids(session, tender)
    yield from _records(session, tender)
    yield from _log(session, tender)


def _json(path: str, value: Any) -> Entry:
    return Entry(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode())


def _papers(session: Session, tender: Tender) -> Iterator[Entry]:
    papers: list[tuple[str, IssuedDocument]] = []
    for row in _subjects(session, tender):
        papers += [(_FOLDERS.get(paper.kind, "12-other"), paper) for paper in papers_about(session, row)]
    for contribute in CONTRIBUTORS:
        papers += contribute(session, tender)
    taken = set()
    for folder, paper in papers:
        path = f"{folder}/{paper.number}-v{paper.version}.pdf"
        if path not in taken:
            taken.add(path)
            yield Entry(path, files_of(session).get(paper.pdf_sha256))


def _subjects(session: Session, tender: Tender) -> list[SQLModel]:
    """Every row a paper of the tender can be about."""
    found: list[SQLModel] = [tender]
    for model in (Lot, models.Opening, Award, Query, Bid, models.Notice):
        found += session.exec(select(model).where(model.tender_id == tender.id).order_by(model.id)).all()  # type: ignore[attr-defined]
    return found


def _bids(session: Session, tender: Tender) -> Iterator[Entry]:
    """Opened bids with sealed and opened bytes; a bid that was never opened stays sealed and is kept so."""
    opened = {bid.id for bid in opened_bids(session, tender)}
    told = tender.technical_opened_at is not None or tender.failed_at is not None
    lines = []
    for bid in standing_bids(session, tender.id or 0) if told else []:
        counted = last_submission(session, bid)
        receipt = ""
        submitted = select(BidSubmission).where(BidSubmission.bid_id == bid.id).order_by(col(BidSubmission.version))
        for row in session.exec(submitted):
            path = f"04-bids/receipts/bid-{bid.id}-v{row.version}.json"
            receipt = path if counted and row.id == counted.id else receipt
            yield Entry(path, receipt_file(row))
        envelopes = []
        for kind in models.EnvelopeKind:
            envelope = counted_envelope(session, bid, kind)
            files = _envelope_files(session, bid, envelope)
            yield from files
            envelopes.append(_envelope_line(envelope, files, receipt))
        head = {"bid": bid.id, "lot": bid.lot_id, "bidder": bid.bidder_id, "opened": bid.id in opened}
        lines.append({**head, "envelopes": envelopes})
    yield _json("04-bids/bids.json", lines)
    yield from _superseded(session, tender) if told else []
    refused = select(RefusedBid).where(RefusedBid.tender_id == tender.id).order_by(col(RefusedBid.id))
    for number, refusal in enumerate(session.exec(refused).all() if told else [], 1):
        yield Entry(f"04-bids/refused/refusal-{number}.json", receipt_file(refusal))


def _superseded(session: Session, tender: Tender) -> Iterator[Entry]:
    """What was replaced or withdrawn, by hash and receipt; its bytes are no part of the record and are destroyed."""
    yield _json(
        "04-bids/replaced-and-withdrawn.json",
        [
            {
                "bid": bid.id, "lot": bid.lot_id, "bidder": bid.bidder_id, "kind": row.kind.value, "why": why.value,
                "ciphertext_sha256": row.ciphertext_sha256, "size": row.size, "commitment": row.commitment,
                "uploaded_at": row.uploaded_at, "destroyed_at": row.destroyed_at,
            }
            for bid, row, why in superseded_of(session, tender)
        ],
    )  # fmt: skip
    withdrawn = select(Bid).where(Bid.tender_id == tender.id, col(Bid.withdrawn_at).is_not(None))
    for bid in session.exec(withdrawn.order_by(col(Bid.id))).all():
        for row in submissions(session, bid):
            yield Entry(f"04-bids/receipts/bid-{bid.id}-v{row.version}.json", receipt_file(row))


def _envelope_files(session: Session, bid: Bid, envelope: Envelope) -> list[Entry]:
    base = f"04-bids/bid-{bid.id}-{envelope.kind.value}"
    found = [Entry(f"{base}.age", files_of(session).get(envelope.ciphertext_sha256))]
    if envelope.content_sha256:
        found.append(Entry(f"{base}.container", files_of(session).get(envelope.content_sha256)))
    return found


def _envelope_line(envelope: Envelope, files: list[Entry], receipt: str) -> dict[str, Any]:
    return {
        "kind": envelope.kind.value, "ciphertext_sha256": envelope.ciphertext_sha256, "receipt": receipt,
        "commitment": envelope.commitment, "failure": envelope.failure, "sealed": files[0].path,
        "opened": files[1].path if len(files) > 1 else None,
    }  # fmt: skip


#: The tables whose rows are written out, by file; each is found by the tender, its lots, its bids or its sheets.
_TABLES = (
    ("01-activity/timetable.json", models.TimetableEntry), ("01-activity/notices.json", models.Notice),
    ("01-activity/questions.json", models.Clarification), ("01-activity/takers.json", models.DocumentTaker),
    ("01-activity/openings.json", models.Opening), ("01-activity/committee.json", models.CommitteeMember),
    ("01-activity/findings-of-the-supervision.json", models.SupervisionFinding),
    ("02-budget/lots.json", models.Lot), ("03-document/mandatory-fields.json", models.MandatoryField),
    ("03-document/conditions.json", models.QualificationCondition), ("05-criteria/criteria.json", models.Criterion),
    ("06-report/low-price-reviews.json", models.LowPriceReview), ("06-report/hint-notes.json", models.HintNote),
    ("07-award/awards.json", models.Award), ("10-query/queries.json", models.Query),
    ("11-complaint/complaints.json", models.Complaint),
)  # fmt: skip
_OF_BIDS: tuple[tuple[str, Any], ...] = (
    ("06-report/qualification.json", models.QualificationFinding),
    ("06-report/conformity.json", models.ConformityFinding),
    ("04-bids/reconfirmations.json", models.BidReconfirmation),
    ("06-report/prices.json", models.PriceSheet), ("06-report/results.json", models.BidResult),
    ("06-report/scores.json", models.Score), ("12-other/bid-securities.json", models.BidSecurity),
)  # fmt: skip


def _records(session: Session, tender: Tender) -> Iterator[Entry]:
    yield _json("02-budget/tender.json", _plain(tender))
    for path, model in _TABLES:
        yield _json(path, _dumped(session, model, tender))
    bids = [bid.id for bid in session.exec(select(Bid).where(Bid.tender_id == tender.id))]
    for path, model in _OF_BIDS:
        rows = session.exec(select(model).where(col(model.bid_id).in_(bids)).order_by(model.id)).all()
        yield _json(path, [_plain(row) for row in rows])
    awards = [row.id for row in session.exec(select(models.Award).where(models.Award.tender_id == tender.id))]
    held = select(models.PerformanceSecurity).where(col(models.PerformanceSecurity.award_id).in_(awards))
    rows = session.exec(held.order_by(col(models.PerformanceSecurity.id))).all()
    yield _json("12-other/performance-securities.json", [_plain(row) for row in rows])
    yield _json("01-activity/approvals.json", _approvals(session, tender))
    yield _json("09-acceptance/README.json", {"note": "验收资料随年度决算形成，见合同和决算文件。"})


def _approvals(session: Session, tender: Tender) -> list[dict[str, Any]]:
    """What two people decided about the tender: who asked, who decided, when, and with what content."""
    keys = {(row.__tablename__, str(row.id)) for row in _subjects(session, tender)}  # type: ignore[attr-defined]
    rows = session.exec(select(Approval).order_by(col(Approval.id)))
    return [_plain(row) for row in rows if (row.subject_type, row.subject_id) in keys]


def _dumped(session: Session, model: Any, tender: Tender) -> list[dict[str, Any]]:
    rows = session.exec(select(model).where(model.tender_id == tender.id).order_by(model.id)).all()
    return [_plain(row) for row in rows]


def _plain(row: SQLModel) -> dict[str, Any]:
    return {key: value.hex() if isinstance(value, bytes) else value for key, value in row.model_dump().items()}


def _log(session: Session, tender: Tender) -> Iterator[Entry]:
    """The tender's events of the audit log, with every hash between the first and the last of them."""
    events = _events(session, tender)
    first, last = (events[0].position, events[-1].position) if events else (1, 0)
    lines = [json.dumps({"position": row.position, "body": row.body().decode()}, ensure_ascii=False) for row in events]
    yield Entry("01-activity/audit-events.jsonl", "\n".join(lines).encode())
    between = select(AuditEvent.position, AuditEvent.hash).where(AuditEvent.position >= first - 1)
    hashes = dict(session.exec(between.where(AuditEvent.position <= last)).all())
    before = hashes.get(first - 1, audit.GENESIS)
    listed = [str(first - 1), before.hex(), *(hashes[at].hex() for at in range(first, last + 1))]
    yield Entry("01-activity/audit-hashes.txt", "\n".join(listed).encode())
    sealed = session.exec(select(SealedEvent).where(SealedEvent.tender_id == tender.id).order_by(col(SealedEvent.id)))
    told = [row for row in sealed if row.disclosed_at is not None]
    bodies = [{"reference": row.reference, "salt": row.salt, "body": rfc8785.dumps(row.body).decode()} for row in told]
    yield _json("01-activity/sealed-events.json", bodies)
    counted = []
    for bid in standing_bids(session, tender.id or 0) if told else []:
        counted += [counted_envelope(session, bid, kind).ciphertext_sha256 for kind in models.EnvelopeKind]
    closing = {"hash": tender.closing_hash if told else None, "nonce": tender.closing_nonce if told else None,
               "ciphertexts": counted}  # fmt: skip
    yield _json("01-activity/closing.json", closing)


def _events(session: Session, tender: Tender) -> list[AuditEvent]:
    """Events about the tender's rows and its disclosed sealed references, by position; of its archive none."""
    subjects = _subjects(session, tender)
    keys = {(row.__tablename__, str(row.id)) for row in subjects}  # type: ignore[attr-defined]
    for model in (models.Complaint, models.CommitteeMember, models.SupervisionFinding, models.TenderKey):
        own = session.exec(select(model).where(model.tender_id == tender.id))  # type: ignore[attr-defined]
        keys |= {(model.__tablename__, str(row.id)) for row in own}
    keys |= {("issued_document", str(paper.id)) for row in subjects for paper in papers_about(session, row)}
    disclosed = select(SealedEvent.reference).where(
        SealedEvent.tender_id == tender.id, col(SealedEvent.disclosed_at).is_not(None)
    )
    keys |= {("sealed", reference) for reference in session.exec(disclosed)}
    kinds = {kind for kind, _key in keys}
    rows = select(AuditEvent).where(col(AuditEvent.object_type).in_(kinds)).order_by(col(AuditEvent.position))
    return [row for row in session.exec(rows) if (row.object_type, row.object_id) in keys]

