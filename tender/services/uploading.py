"""Sealed envelopes that arrive in pieces: begun with size and hash, resumed where the line broke, whole or nothing."""

from datetime import datetime
from secrets import token_hex

from sqlalchemy import func
from sqlmodel import Session, col, select

from core import uploads
from core.clock import Clock
from core.errors import Invalid, N_, NotFound, Refused
from core.files import DamagedFile
from core.house import files_of
from core.identity.actor import Actor
from tender import seal
from tender.models import Bid, Envelope, EnvelopeKind, Tender, UploadDraft
from tender.rules.stages import Stage
from tender.services.bidding import (
    LARGEST_ENVELOPE,
    begin_bid,
    check_commitment,
    check_quota,
    keep_envelope,
)
from tender.services.clarification import insurer_of, must_have_taken
from tender.services.sealed_record import record_sealed
from tender.services.stage import at_stage, lot_and_tender

#: The most bytes of one piece; small enough to be sent again on a bad line, large enough not to be many.
PIECE = 4 * 1024 * 1024


def begin_upload(
    session: Session, actor: Actor, clock: Clock, lot_id: int, kind: EnvelopeKind, *, size: int, sha256: str,
    commitment: str,
) -> UploadDraft:  # fmt: skip
    """Announce an envelope of `size` bytes with this SHA-256; the same announcement again resumes the same draft.

    Raises Invalid for a size or hash that cannot be, Refused after the deadline or beyond the quota.
    """
    insurer_of(actor, "tender:bid")
    check_commitment(commitment)
    if not 0 < size <= LARGEST_ENVELOPE:
        raise Invalid(N_("An envelope holds at most 300 MiB"), field="envelope")
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise Invalid(N_("The hash must be 64 hexadecimal characters in lower case"), field="sha256")
    lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    must_have_taken(session, tender, actor.organisation_id or 0)
    bid = begin_bid(session, actor, now, lot)
    for draft in _drafts(session, bid):
        if (draft.kind, draft.size, draft.sha256) == (kind, size, sha256):
            return draft
        if draft.kind is kind:  # another file for the same envelope: the unfinished one is given up
            uploads.drop(files_of(session), draft.reference)
            session.delete(draft)
    session.flush()
    check_quota(session, tender, actor.organisation_id or 0, size + _waiting(session, tender, bid.bidder_id))
    draft = UploadDraft(
        bid_id=bid.id, kind=kind, reference=token_hex(16), size=size, sha256=sha256, commitment=commitment.lower(),
        begun_at=now,
    )  # fmt: skip
    session.add(draft)
    record_sealed(session, now, actor, tender, "tender:upload:begin", envelope=kind.value, ciphertext=sha256)
    return draft


def _drafts(session: Session, bid: Bid) -> list[UploadDraft]:
    return list(session.exec(select(UploadDraft).where(UploadDraft.bid_id == bid.id).order_by(col(UploadDraft.id))))


def _waiting(session: Session, tender: Tender, bidder_id: int) -> int:
    total = (
        select(func.coalesce(func.sum(UploadDraft.size), 0))
        .join(Bid, col(Bid.id) == UploadDraft.bid_id)
        .where(Bid.tender_id == tender.id, Bid.bidder_id == bidder_id)
    )
    return int(session.exec(total).one())


def draft_of(session: Session, actor: Actor, reference: str) -> UploadDraft:
    """The acting insurer's own draft. Raises NotFound for another's too."""
    row = session.exec(
        select(UploadDraft)
        .join(Bid, col(Bid.id) == UploadDraft.bid_id)
        .where(UploadDraft.reference == reference, Bid.bidder_id == actor.organisation_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such upload"))
    return row


def arrived(session: Session, draft: UploadDraft) -> int:
    """How many bytes of a draft have arrived: where to go on."""
    return uploads.arrived(files_of(session), draft.reference)


def add_piece(session: Session, actor: Actor, clock: Clock, reference: str, offset: int, piece: bytes) -> int:
    """Keep the next piece of a draft and return where the next one begins; only the disk is written.

    Raises core.uploads.OutOfStep for a piece that does not begin at the end, Refused for what is not sealed and after
    the deadline, Invalid for a piece past the announced size.
    """
    insurer_of(actor, "tender:bid")
    draft = draft_of(session, actor, reference)
    tender = session.get_one(Tender, session.get_one(Bid, draft.bid_id).tender_id)
    at_stage(tender, clock.now(), Stage.BIDDING)
    if not piece or len(piece) > PIECE or offset + len(piece) > draft.size:
        raise Invalid(N_("A piece holds at most 4 MiB and ends where the envelope ends"))
    if offset == 0:
        _must_be_sealed(piece)
    return uploads.append(files_of(session), reference, offset, piece)


def _must_be_sealed(begin: bytes) -> None:
    try:
        seal.check_sealed(begin)
    except seal.EnvelopeFault as fault:
        message = N_("The file is refused because it is not sealed: %(reason)s")
        raise Refused(message, reason=str(fault), field="envelope") from fault


def finish_upload(session: Session, actor: Actor, clock: Clock, reference: str) -> Envelope:
    """Make a whole draft an envelope of the bid; it is NOT a submission.

    Raises Refused while bytes are missing, and, dropping the draft's bytes, where their hash is another.
    """
    insurer_of(actor, "tender:bid")
    draft = draft_of(session, actor, reference)
    bid = session.get_one(Bid, draft.bid_id)
    lot, tender = lot_and_tender(session, bid.lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    store = files_of(session)
    have = uploads.arrived(store, reference)
    if have != draft.size:
        raise uploads.OutOfStep(have)
    try:
        uploads.finish(store, reference, draft.sha256)
    except DamagedFile:
        message = N_("What arrived is not what was announced: its hash is another. Upload it again")
        raise Refused(message) from None
    session.delete(draft)
    return keep_envelope(session, actor, now, tender, bid, draft.kind, draft.sha256, draft.size, draft.commitment)


def forget_drafts(session: Session, now: datetime) -> None:
    """Drop unfinished uploads of tenders whose deadline has passed; they can never be part of a bid."""
    over = (
        select(UploadDraft)
        .join(Bid, col(Bid.id) == UploadDraft.bid_id)
        .join(Tender, col(Tender.id) == Bid.tender_id)
        .where(col(Tender.deadline) <= now)
    )
    for draft in session.exec(over).all():
        uploads.drop(files_of(session), draft.reference)
        session.delete(draft)
