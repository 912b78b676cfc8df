"""Sealed bids until the deadline: upload ciphertext, submit by one small act, replace, withdraw; late is refused."""

import json
from base64 import b32encode
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from secrets import token_hex
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.clock import Clock, local_date, local_time
from core.errors import Invalid, N_, NotFound, Refused
from core.house import derived_key, files_of
from core.identity.actor import Actor
from core.identity.models import Organisation
from core.policy.procurement import limits
from tender import seal
from tender.models import Bid, BidSecurity, BidSubmission, Envelope, EnvelopeKind, Lot, RefusedBid, Tender
from tender.rules.stages import Stage, in_time
from tender.services.clarification import insurer_of, must_have_taken
from tender.services.sealed_record import record_sealed
from tender.services.stage import at_stage, cite, lot_and_tender

#: The most bytes of one envelope (300 MiB a bid in the systems that were compared, security 1.1).
LARGEST_ENVELOPE = 300 * 1024 * 1024
#: The most bytes one bidder keeps here for one tender, replaced envelopes included (security 3, ASVS 5.2.4).
QUOTA = 600 * 1024 * 1024
#: The limit for the security of a bid that was withdrawn before the deadline.
WITHDRAWN = "T08"


def signer(session: Session) -> seal.Signer:
    """The house's receipt key; its public half is printed in the tender notice."""
    return seal.Signer(derived_key(session, "tender receipts"))


def own_bid(session: Session, actor: Actor, lot_id: int) -> Bid | None:
    """The acting insurer's own bid for a lot, or None; nobody can ask for another's."""
    found: Bid | None = session.exec(
        select(Bid).where(Bid.lot_id == lot_id, Bid.bidder_id == actor.organisation_id)
    ).one_or_none()
    return found


def begin_bid(session: Session, actor: Actor, now: datetime, lot: Lot) -> Bid:
    """The acting insurer's bid for the lot, begun if there is none."""
    bid = own_bid(session, actor, lot.id or 0)
    if bid is None:
        bid = Bid(tender_id=lot.tender_id, lot_id=lot.id, bidder_id=actor.organisation_id, started_at=now)
        session.add(bid)
        session.flush()
    return bid


def pay_security(
    session: Session,
    actor: Actor,
    clock: Clock,
    lot_id: int,
    *,
    payer_account: str,
    amount: Decimal | None = None,
) -> BidSecurity:
    """An insurer records that it paid the bid security of a lot; the amount is the tender's unless another was paid.

    Its own people record it, because finance must not learn before the opening who bids; finance checks the account
    when the bids are open. Raises Refused after the deadline.
    """
    insurer_of(actor, "tender:bid")
    lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    must_have_taken(session, tender, actor.organisation_id or 0)
    bid = begin_bid(session, actor, now, lot)
    paid = amount if amount is not None else tender.bid_security
    row = security_of(session, bid) or BidSecurity(bid_id=bid.id, amount=paid, paid_at=now, payer_account="")
    row.amount, row.paid_at, row.payer_account = paid, now, payer_account.strip()
    session.add(row)
    record_sealed(session, now, actor, tender, "tender:security:pay", lot=lot.position, amount=str(paid))
    return row


def security_of(session: Session, bid: Bid) -> BidSecurity | None:
    """The security that secures a bid, or None; one that a withdrawal released secures nothing any more."""
    standing = (BidSecurity.bid_id == bid.id, col(BidSecurity.released_at).is_(None))
    found: BidSecurity | None = session.exec(select(BidSecurity).where(*standing)).one_or_none()
    return found


def released_of(session: Session, bid: Bid) -> list[BidSecurity]:
    """The securities of a bid that its withdrawals released, in the order they came."""
    released = (BidSecurity.bid_id == bid.id, col(BidSecurity.released_at).is_not(None))
    return list(session.exec(select(BidSecurity).where(*released).order_by(col(BidSecurity.id))))


def upload_envelope(
    session: Session,
    actor: Actor,
    clock: Clock,
    lot_id: int,
    kind: EnvelopeKind,
    ciphertext: bytes,
    commitment: str,
) -> Envelope:
    """Keep a sealed envelope for one's own bid. It is NOT a submission: only `submit_bid` is.

    commitment: the bidder's own salted hash of the container, 64 hex characters.
    Raises Refused for anything that is not age-sealed (拒收, 87 art. 33) and after the deadline.
    """
    insurer_of(actor, "tender:bid")
    digest = _checked(ciphertext, commitment)
    _not_closed(session, clock, lot_id)
    files_of(session).put(ciphertext)
    lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    must_have_taken(session, tender, actor.organisation_id or 0)
    bid = begin_bid(session, actor, now, lot)
    check_quota(session, tender, actor.organisation_id or 0, len(ciphertext))
    return keep_envelope(session, actor, now, tender, bid, kind, digest, len(ciphertext), commitment.lower())


def _not_closed(session: Session, clock: Clock, lot_id: int) -> None:
    """A look before the bytes are written, so that a refused upload leaves none; after the lock it is decided again."""
    lot = session.get(Lot, lot_id)
    if lot is not None:
        at_stage(session.get_one(Tender, lot.tender_id), clock.now(), Stage.BIDDING)


def keep_envelope(
    session: Session, actor: Actor, now: datetime, tender: Tender, bid: Bid, kind: EnvelopeKind, digest: str, size: int,
    commitment: str,
) -> Envelope:  # fmt: skip
    """Record ciphertext that lies in the store as an envelope of the bid."""
    envelope = Envelope(
        bid_id=bid.id, kind=kind, ciphertext_sha256=digest, size=size, commitment=commitment, uploaded_by=actor.user_id,
        uploaded_at=now,
    )  # fmt: skip
    session.add(envelope)
    session.flush()
    record_sealed(session, now, actor, tender, "tender:envelope:upload", envelope=kind.value, ciphertext=digest)
    return envelope


def check_quota(session: Session, tender: Tender, bidder_id: int, more: int) -> None:
    """Raise Refused where `more` bytes would exceed what one bidder may keep here for one tender."""
    held = (
        select(func.coalesce(func.sum(Envelope.size), 0))
        .join(Bid, col(Bid.id) == Envelope.bid_id)
        .where(Bid.tender_id == tender.id, Bid.bidder_id == bidder_id, col(Envelope.destroyed_at).is_(None))
    )
    if int(session.exec(held).one()) + more > QUOTA:
        message = N_("A bidder keeps at most 600 MiB here for one tender, replaced files included")
        raise Refused(message, field="envelope")


def _checked(ciphertext: bytes, commitment: str) -> str:
    try:
        seal.check_sealed(ciphertext)
    except seal.EnvelopeFault as fault:
        message = N_("The file is refused because it is not sealed: %(reason)s")
        raise Refused(message, reason=str(fault), field="envelope") from fault
    if len(ciphertext) > LARGEST_ENVELOPE:
        raise Invalid(N_("An envelope holds at most 300 MiB"), field="envelope")
    check_commitment(commitment)
    return sha256(ciphertext).hexdigest()


def check_commitment(commitment: str) -> None:
    """Raise Invalid for what cannot be a commitment."""
    if len(commitment) != 64 or not set(commitment.lower()) <= set("0123456789abcdef"):
        raise Invalid(N_("The commitment must be 64 hexadecimal characters"), field="commitment")


def submit_bid(
    session: Session,
    actor: Actor,
    clock: Clock,
    lot_id: int,
    *,
    technical_id: int,
    price_id: int,
    idempotency_key: str,
) -> BidSubmission | RefusedBid:
    """Submit (or replace) a bid: the two envelopes named count from the one clock reading taken after the lock.

    Returns the submission with its signed receipt, or, at or after the deadline, the refusal with its certificate:
    a refusal is a fact that must be kept, so it is returned and not raised. The same key gives the same submission.
    Raises Invalid for envelopes that are not one's own, Refused before publication or without documents and security.
    """
    insurer_of(actor, "tender:submit_bid")
    lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    if tender.published_at is None or tender.cancelled_at:
        at_stage(tender, now, Stage.BIDDING)
    bid = own_bid(session, actor, lot_id)
    before = _same_request(session, bid, idempotency_key)
    if before is not None:
        return before
    if tender.deadline is None or not in_time(tender.deadline, now):
        return _refuse_late(session, actor, now, tender, lot)
    must_have_taken(session, tender, actor.organisation_id or 0)
    envelopes = _own_envelopes(session, bid, technical_id, price_id)
    if bid is None or security_of(session, bid) is None and tender.bid_security:
        raise Refused(N_("Record the bid security first: a bid without it is invalid"), clause=cite(tender, "invalid"))
    bid.withdrawn_at = None
    return _accept(session, actor, now, tender, lot, bid, envelopes, idempotency_key)


def _same_request(session: Session, bid: Bid | None, key: str) -> BidSubmission | None:
    if not 8 <= len(key) <= 64:
        raise Invalid(N_("The idempotency key needs 8 to 64 characters"))
    before: BidSubmission | None = session.exec(
        select(BidSubmission).where(BidSubmission.idempotency_key == key)
    ).one_or_none()
    if before is not None and (bid is None or before.bid_id != bid.id):
        raise Invalid(N_("This idempotency key was used before"))
    return before


def _own_envelopes(session: Session, bid: Bid | None, technical: int, price: int) -> dict[EnvelopeKind, Envelope]:
    chosen = {}
    for kind, number in ((EnvelopeKind.TECHNICAL, technical), (EnvelopeKind.PRICE, price)):
        envelope = session.get(Envelope, number)
        own = bid is not None and envelope is not None and envelope.bid_id == bid.id and envelope.kind is kind
        if envelope is None or not own or envelope.destroyed_at is not None:
            raise Invalid(N_("Upload both envelopes first: technical and price"), field=kind.value)
        chosen[kind] = envelope
    return chosen


def _accept(
    session: Session, actor: Actor, now: datetime, tender: Tender, lot: Lot, bid: Bid,
    envelopes: dict[EnvelopeKind, Envelope], key: str,
) -> BidSubmission:  # fmt: skip
    last = last_submission(session, bid)
    version = (last.version if last else 0) + 1
    event = record_sealed(session, now, actor, tender, "tender:bid:submit", lot=lot.position, version=version)
    statement = _statement(session, "receipt", tender, lot, actor, now) | {
        "version": version,
        "envelopes": {
            kind.value: {
                "ciphertext_sha256": envelope.ciphertext_sha256,
                "commitment": envelope.commitment,
                "size": envelope.size,
            }
            for kind, envelope in envelopes.items()
        },
        "log": {"reference": event.reference, "salt": event.salt},
    }
    signed = signer(session).sign(statement)
    row = BidSubmission(
        bid_id=bid.id,
        version=version,
        technical_id=envelopes[EnvelopeKind.TECHNICAL].id,
        price_id=envelopes[EnvelopeKind.PRICE].id,
        idempotency_key=key,
        submitted_by=actor.user_id,
        submitted_at=now,
        receipt=signed.statement,
        signature=signed.signature,
    )
    session.add(row)
    session.flush()
    return row


def _statement(
    session: Session, kind: str, tender: Tender, lot: Lot, actor: Actor, now: datetime
) -> dict[str, Any]:
    return {
        "format": f"chengban-{kind}/v1",
        "demonstration": tender.demonstration,
        "tender": tender.number,
        "lot": lot.position,
        "bidder": session.get_one(Organisation, actor.organisation_id).name,
        "received_at": now.isoformat(),
        "received_at_beijing": local_time(now).isoformat(),
        "deadline": tender.deadline.isoformat() if tender.deadline else None,
    }


def _refuse_late(session: Session, actor: Actor, now: datetime, tender: Tender, lot: Lot) -> RefusedBid:
    """Late is 拒收, not an invalid bid: the certificate says when it came and that nothing was taken."""
    signed = signer(session).sign(_statement(session, "refusal", tender, lot, actor, now) | {"reason": "late"})
    row = RefusedBid(
        tender_id=tender.id,
        lot_id=lot.id,
        bidder_id=actor.organisation_id,
        refused_at=now,
        reason="late",
        certificate=signed.statement,
        signature=signed.signature,
    )
    session.add(row)
    session.flush()
    record_sealed(session, now, actor, tender, "tender:bid:refuse", lot=lot.position, reason="late")
    return row


def withdraw_bid(session: Session, actor: Actor, clock: Clock, lot_id: int) -> Bid:
    """Take back one's bid before the deadline (87 art. 34); it is never opened. A later submission counts again.

    Where the law of the day asks for the refund within days (T08), the security is released: finance is shown to whom
    to pay it back, and a later submission needs a security of its own.
    """
    insurer_of(actor, "tender:submit_bid")
    lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    bid = own_bid(session, actor, lot_id)
    if bid is None or bid.withdrawn_at is not None or last_submission(session, bid) is None:
        raise NotFound(N_("There is no submitted bid to withdraw"))
    bid.withdrawn_at = now
    record_sealed(session, now, actor, tender, "tender:bid:withdraw", lot=lot.position)
    security = security_of(session, bid)
    if security is not None and WITHDRAWN in limits(local_date(now)):
        security.released_at, security.reference = now, token_hex(16)
        session.add(security)
    return bid


def last_submission(session: Session, bid: Bid) -> BidSubmission | None:
    """The submission that counts: the newest; the bid itself may be withdrawn."""
    rows = select(BidSubmission).where(BidSubmission.bid_id == bid.id).order_by(col(BidSubmission.version).desc())
    found: BidSubmission | None = session.exec(rows).first()
    return found


def submissions(session: Session, bid: Bid) -> list[BidSubmission]:
    """Every submission of a bid, oldest first."""
    rows = select(BidSubmission).where(BidSubmission.bid_id == bid.id).order_by(col(BidSubmission.version))
    return list(session.exec(rows))


def uploaded(session: Session, bid: Bid) -> dict[EnvelopeKind, Envelope]:
    """The newest uploaded envelope of each kind that is there, submitted or not."""
    there = (Envelope.bid_id == bid.id, col(Envelope.destroyed_at).is_(None))
    rows = session.exec(select(Envelope).where(*there).order_by(col(Envelope.id)))
    return {envelope.kind: envelope for envelope in rows}


def receipt_file(row: BidSubmission | RefusedBid) -> bytes:
    """The receipt (or refusal certificate) as the file a bidder keeps and verifies offline."""
    statement = row.receipt if isinstance(row, BidSubmission) else row.certificate
    return seal.Signed(statement, row.signature).as_file()


def receipt_number(row: BidSubmission | RefusedBid) -> str:
    """The short number of a receipt: tender, lot and eight characters of the signed statement's hash."""
    statement = row.receipt if isinstance(row, BidSubmission) else row.certificate
    claims = json.loads(statement)
    mark = b32encode(sha256(statement).digest())[:8].decode()
    return f"{claims['tender']}-{claims['lot']}-{mark[:4]}-{mark[4:]}"


def counted_envelope(session: Session, bid: Bid, kind: EnvelopeKind) -> Envelope:
    """The envelope of the submission that counts."""
    counted: BidSubmission | None = last_submission(session, bid)
    if counted is None:
        raise Invalid(N_("This bid was never submitted"))
    number = counted.technical_id if kind is EnvelopeKind.TECHNICAL else counted.price_id
    return session.get_one(Envelope, number)


def standing_bids(session: Session, tender_id: int, lot_id: int | None = None) -> list[Bid]:
    """The bids that count at the deadline. Only the opening and what follows it may ask: before, it is secret."""
    rows = select(Bid).where(Bid.tender_id == tender_id, col(Bid.withdrawn_at).is_(None))
    if lot_id is not None:
        rows = rows.where(Bid.lot_id == lot_id)
    bids = session.exec(rows.order_by(col(Bid.lot_id), col(Bid.id))).all()
    return [bid for bid in bids if last_submission(session, bid) is not None]

