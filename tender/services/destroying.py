"""Destroys the ciphertext of envelopes that count for nothing, once nobody can object to the result any more.

These are envelopes that were replaced or withdrawn, and files that were uploaded and never submitted; the latter were
never a bid, so their own insurer may discard them at any time.

Only bytes go. The hash, the size, the commitment, the receipt and every log entry stay, so that it can be proved for
fifteen years what was handed in and when (GPL art. 42). Envelopes that counted are part of the bid and are kept, opened
or not: also those of a tender that failed or was cancelled, which stay sealed.
"""

from datetime import date, datetime

from sqlalchemy import or_
from sqlmodel import Session, SQLModel, col, select

from core import audit, uploads
from core.calendar import china
from core.clock import Clock, local_date
from core.errors import N_, NotFound
from core.house import files_of
from core.identity.actor import Actor, require
from core.policy.procurement import limits
from tender.models import Bid, Complaint, Envelope, Notice, NoticeKind, Query, Tender, UploadDraft
from tender.rules.destruction import Objections, OpenComplaint, OpenQuery, objections
from tender.rules.words import Superseded
from tender.services.bidding import last_submission, own_bid, submissions
from tender.services.clarification import insurer_of
from tender.services.papers_notices import award_period
from tender.services.sealed_record import record_sealed
from tender.services.stage import locked_tender, lot_and_tender

#: The notices that make a result known, whatever it is.
_RESULTS = (NoticeKind.AWARD, NoticeKind.RESULT_CHANGE, NoticeKind.FAILURE, NoticeKind.CANCELLATION)


def objection_period(session: Session, tender: Tender, today: date) -> Objections:
    """Until when the result of a tender may still be objected to."""
    notices = select(Notice).where(Notice.tender_id == tender.id, col(Notice.kind).in_(_RESULTS))
    until = [award_period(local_date(row.published_at))[0] for row in session.exec(notices).all()]
    ended = tender.awarded_at or tender.failed_at or tender.cancelled_at
    queries = session.exec(select(Query).where(Query.tender_id == tender.id)).all()
    complaints = session.exec(select(Complaint).where(Complaint.tender_id == tender.id)).all()
    return objections(
        until if ended else [],
        [OpenQuery(row.received_on, row.outcome, row.carried_out_at is not None) for row in queries],
        [OpenComplaint(row.outcome, row.carried_out_at is not None) for row in complaints],
        limits(today), china(),
    )  # fmt: skip


def superseded(session: Session, bid: Bid) -> list[tuple[Envelope, Superseded]]:
    """The envelopes of a bid that count for nothing, with why, in the order they came.

    One that was opened or tried at the opening never is.
    """
    counted = last_submission(session, bid)
    named = {number for row in submissions(session, bid) for number in (row.technical_id, row.price_id)}
    stands = counted is not None and bid.withdrawn_at is None
    counts = {counted.technical_id, counted.price_id} if counted is not None and stands else set()
    rows = session.exec(select(Envelope).where(Envelope.bid_id == bid.id).order_by(col(Envelope.id))).all()
    return [
        (row, _why(bid, submitted=row.id in named))
        for row in rows
        if row.id not in counts and not (row.opened_at or row.content_sha256 or row.failure)
    ]


def _why(bid: Bid, *, submitted: bool) -> Superseded:
    if not submitted:
        return Superseded.UNSUBMITTED
    return Superseded.REPLACED if bid.withdrawn_at is None else Superseded.WITHDRAWN


def superseded_of(session: Session, tender: Tender) -> list[tuple[Bid, Envelope, Superseded]]:
    """The same for every bid that was ever submitted. Only what comes after the deadline may ask: before, it is secret.

    Who uploaded files and never bid is no bidder: its name is nobody's to read, not after the opening either.
    """
    found = _nothing_more(session, tender)
    return [line for line in found if last_submission(session, line[0]) is not None]


def _nothing_more(session: Session, tender: Tender) -> list[tuple[Bid, Envelope, Superseded]]:
    bids = session.exec(select(Bid).where(Bid.tender_id == tender.id).order_by(col(Bid.id))).all()
    return [(bid, envelope, why) for bid in bids for envelope, why in superseded(session, bid)]


def waiting_for_destruction(session: Session, today: date) -> list[int]:
    """The tenders that have superseded envelopes whose time has come."""
    over = (col(tender_end).is_not(None) for tender_end in (Tender.awarded_at, Tender.failed_at, Tender.cancelled_at))
    sealed = col(Envelope.destroyed_at).is_(None) & col(Envelope.opened_at).is_(None)
    held = select(Bid.tender_id).join(Envelope, col(Envelope.bid_id) == Bid.id).where(sealed)
    rows = session.exec(select(Tender).where(or_(*over), col(Tender.id).in_(held)).order_by(col(Tender.id))).all()
    return [
        tender.id or 0
        for tender in rows
        if objection_period(session, tender, today).over(today) and any(_left(session, tender))
    ]


def _left(session: Session, tender: Tender) -> list[tuple[Bid, Envelope, Superseded]]:
    return [line for line in _nothing_more(session, tender) if line[1].destroyed_at is None]


def destroy_superseded(session: Session, actor: Actor, clock: Clock, tender_id: int) -> int:
    """Destroy the superseded ciphertexts of a tender and return how many; before the time has come it does nothing.

    Bytes that another row of the house still names stay; the envelope waits for a later sweep. The bytes go before the
    fact is committed: a kill between the two leaves the fact to the next sweep, never a fact without its deed.
    """
    require(actor, "tender:destroy")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    period = objection_period(session, tender, local_date(now))
    if not period.over(local_date(now)):
        return 0
    free = _freed(session, now, _left(session, tender))
    if free:
        _record(session, now, actor, tender, free, period)
    _destroy(session, free)
    return len(free)


def _freed(
    session: Session, now: datetime, lines: list[tuple[Bid, Envelope, Superseded]]
) -> list[tuple[Bid, Envelope, Superseded]]:
    """Mark as destroyed what no other row of the house names, and return it."""
    going = {envelope.id or 0 for _bid, envelope, _why in lines}
    free = [line for line in lines if not _named_elsewhere(session, line[1].ciphertext_sha256, going)]
    for _bid, envelope, _why in free:
        envelope.destroyed_at = now
        session.add(envelope)
    return free


def _destroy(session: Session, lines: list[tuple[Bid, Envelope, Superseded]]) -> None:
    for _bid, envelope, _why in lines:
        files_of(session).destroy(envelope.ciphertext_sha256)


def discard_uploads(session: Session, actor: Actor, clock: Clock, lot_id: int) -> int:
    """The insurer discards its own files of a lot that were never submitted, half-arrived ones too; returns how many.

    Their hash and the sealed log entry stay. What a submission names is kept: only the house's rule destroys that.
    Raises NotFound where nothing is left that was not submitted.
    """
    insurer_of(actor, "tender:bid")
    _lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    bid = own_bid(session, actor, lot_id)
    lines = [(bid, row) for row in unsubmitted(session, bid)] if bid else []
    drafts = list(session.exec(select(UploadDraft).where(UploadDraft.bid_id == bid.id))) if bid else []
    if not lines and not drafts:
        raise NotFound(N_("There is no uploaded file that was not submitted"))
    free = _freed(session, now, [(bid, row, Superseded.UNSUBMITTED) for bid, row in lines])
    gone = [row.ciphertext_sha256 for _bid, row, _why in free] + [draft.sha256 for draft in drafts]
    record_sealed(session, now, actor, tender, "tender:envelope:discard", destroyed=gone)
    for draft in drafts:
        uploads.drop(files_of(session), draft.reference)
        session.delete(draft)
    _destroy(session, free)
    return len(gone)


def unsubmitted(session: Session, bid: Bid) -> list[Envelope]:
    """The files of a bid that are there and that no submission ever named."""
    found = superseded(session, bid)
    return [row for row, why in found if why is Superseded.UNSUBMITTED and row.destroyed_at is None]


def _record(
    session: Session, now: datetime, actor: Actor, tender: Tender, lines: list[tuple[Bid, Envelope, Superseded]],
    period: Objections,
) -> None:  # fmt: skip
    """One entry for all; of a tender that was never opened an opaque one, which tells nobody how many bid."""
    gone = [
        {"bid": bid.id, "envelope": row.kind.value, "ciphertext": row.ciphertext_sha256, "why": why.value}
        for bid, row, why in lines
    ]
    until = period.until.isoformat() if period.until else ""
    if tender.technical_opened_at is None:
        record_sealed(session, now, actor, tender, "tender:envelope:destroy", destroyed=gone, objections_until=until)
    else:
        audit.record(session, now, actor, "tender:envelope:destroy", tender, destroyed=gone, objections_until=until)


def _named_elsewhere(session: Session, sha256: str, going: set[int]) -> bool:
    """Whether any row of the house, besides the envelopes that go, names bytes of this hash.

    Every column of every room that holds a hash of kept bytes ends in 'sha256' (a convention of this house).
    """
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if not column.name.endswith("sha256"):
                continue
            query = select(table.c.id if "id" in table.c else column).where(column == sha256)  # type: ignore[call-overload]
            rows = set(session.exec(query).all())
            if rows - going if table.name == "envelope" else rows:
                return True
    return False
