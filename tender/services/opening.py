"""Closing and opening: the sealed state is committed to, officers post shares, the key is rebuilt, bids are opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from sqlmodel import Session, select

from core import audit
from core.clock import Clock
from core.errors import Forbidden, Invalid, N_, Refused
from core.files import DamagedFile, MissingFile
from core.house import files_of
from core.identity.actor import SYSTEM, Actor, require
from tender import seal
from tender.models import (
    Bid,
    Envelope,
    EnvelopeKind,
    Lot,
    OfficerKey,
    Opening,
    OpeningShare,
    RevealedEnvelope,
    Tender,
    TenderKey,
)
from tender.rules.stages import Stage, may_open_from
from tender.services.bidding import counted_envelope, last_submission, standing_bids
from tender.services.failing import FEWER_THAN_THREE, fail_if_nothing_is_left, fail_lot
from tender.services.keys import officer_key_of, open_shares, shares_for, tender_keys
from tender.services.papers_review import issue_opening_record
from tender.services.preparation import lots_of
from tender.services.price_sheets import PRICE_FILE, UnreadableSheet, declared_in, keep_sheet
from tender.services.recovery import ended_window, holders_of, is_recovery, posted_shares, ready_subset
from tender.services.review import scored_bids
from tender.services.sealed_record import disclose
from tender.services.stage import at_stage, cite, locked_tender


def close_tender(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Tender:
    """Commit to the sealed state once the deadline has passed: a hash over all ciphertexts and a nonce, no count in it.

    It decides nothing: late bids are late by the clock, whether or not this has run. Repeating changes nothing.
    """
    require(actor, "tender:close")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    at_stage(tender, now, Stage.SEALED)
    if tender.closed_at is None:
        tender.closed_at, tender.closing_nonce = now, token_hex(32)
        tender.closing_hash = closing_hash(sealed_hashes(session, tender), tender.closing_nonce)
        audit.record(session, now, actor, "tender:tender:close", tender, closing_hash=tender.closing_hash)
    return tender


def sealed_hashes(session: Session, tender: Tender) -> list[str]:
    """The hashes of every envelope that counts; only the closing and the opening may ask."""
    hashes = []
    for bid in standing_bids(session, tender.id or 0):
        counted = last_submission(session, bid)
        for number in (counted.technical_id, counted.price_id) if counted else ():
            hashes.append(session.get_one(Envelope, number).ciphertext_sha256)
    return hashes


def closing_hash(ciphertexts: Sequence[str], nonce: str) -> str:
    """SHA-256(nonce ‖ sorted ciphertext hashes), hex; the nonce keeps anybody from trying out how many there are."""
    return sha256((nonce + "".join(sorted(ciphertexts))).encode()).hexdigest()


def decrypt_shares(
    session: Session, actor: Actor, tender_id: int, envelope: EnvelopeKind, identity: str
) -> dict[str, str]:
    """The acting officer's own shares of one envelope's key, opened with the private identity: subset → share (hex)."""
    officer = officer_key_of(session, actor.user_id)
    key = tender_keys(session, tender_id).get(envelope)
    shares = shares_for(session, key, officer) if officer and key else []
    if not shares:
        raise Forbidden(N_("You hold no share of this tender's keys"))
    return {subset: share for subset, (share, _proof) in open_shares(shares, identity).items()}


def post_opening_shares(
    session: Session,
    actor: Actor,
    clock: Clock,
    tender_id: int,
    envelope: EnvelopeKind,
    shares: Mapping[str, str],
    *,
    note: str = "",
) -> OpeningShare:
    """An officer hands over the shares for an opening: not before deadline plus grace, and price only after the lock.

    shares: subset → share in hex; note: of a recovery holder, why the officers do not suffice (it becomes public).
    Raises Refused for a share whose hash is not the ceremony's (no decryption is tried).
    """
    _require_opener(actor)
    tender = locked_tender(session, tender_id)
    now = clock.now()
    _may_open(tender, now, envelope)
    officer = officer_key_of(session, actor.user_id)
    key = tender_keys(session, tender_id)[envelope]
    held = shares_for(session, key, officer) if officer else []
    if officer is None or not held:
        raise Forbidden(N_("You hold no share of this tender's keys"))
    recovering = all(is_recovery(row.subset) for row in held)
    require(actor, "tender:recover" if recovering else "tender:open")
    if recovering and not note.strip():
        raise Invalid(N_("Say why the officers' shares do not suffice; it stands in the opening record"), field="note")
    for row in held:
        if _hash(shares.get(row.subset, "")) != row.share_sha256:
            message = N_("A wrong share was given: its hash is not the one of the key ceremony")
            raise Refused(message, clause=cite(tender, "opening"))
    posted = session.exec(
        select(OpeningShare).where(OpeningShare.tender_key_id == key.id, OpeningShare.officer_key_id == officer.id)
    ).one_or_none()
    if posted is None:
        given = {row.subset: shares[row.subset] for row in held}
        posted = OpeningShare(tender_key_id=key.id, officer_key_id=officer.id, shares=given, posted_at=now)
        posted.note = note.strip() if recovering else ""
        session.add(posted)
        act = "tender:share:recover" if recovering else "tender:share:post"
        audit.record(session, now, actor, act, key, envelope=envelope.value)
    return posted


def _require_opener(actor: Actor) -> None:
    require(actor, "tender:open" if actor.may("tender:open") else "tender:recover")


def _hash(text: str) -> str:
    try:
        return sha256(bytes.fromhex(text)).hexdigest()
    except ValueError:
        return ""


def _may_open(tender: Tender, now: datetime, envelope: EnvelopeKind) -> None:
    if envelope is EnvelopeKind.PRICE:
        at_stage(tender, now, Stage.PRICE_OPENING)
        return
    at_stage(tender, now, Stage.SEALED)
    if tender.deadline and now < may_open_from(tender.deadline, tender.grace_minutes):
        raise Refused(
            N_("The envelopes can be opened %(minutes)s minutes after the deadline at the earliest"),
            minutes=tender.grace_minutes, clause=cite(tender, "opening"),
        )  # fmt: skip


def open_envelopes(
    session: Session, actor: Actor, clock: Clock, tender_id: int, envelope: EnvelopeKind
) -> Opening:
    """Rebuild the key from a quorum of shares and open every envelope of the kind; one that fails is listed.

    Technical: lots with fewer than three bids are not opened and fail (87 art. 41); the sealed log entries are
    disclosed. Price: only bids that passed both reviews are opened. The opening record is issued.
    Raises Refused without a quorum or before the lawful moment.
    """
    _require_opener(actor)
    tender = locked_tender(session, tender_id)
    now = clock.now()
    _may_open(tender, now, envelope)
    if tender.closed_at is None:
        close_tender(session, SYSTEM, clock, tender_id)
    key = tender_keys(session, tender_id)[envelope]
    window = ended_window(session, now, tender, envelope)
    identity, posted = ("", posted_shares(session, key)) if window else _rebuild(session, key)
    bids = _to_open(session, actor, now, tender, envelope)
    for bid in bids:
        _open_one(session, now, tender, bid, envelope, identity)
    opening = Opening(tender_id=tender.id, envelope=envelope, opened_at=now, officers=_users(session, posted))
    opening.recovery_note = window.reason if window else "；".join(row.note for row in posted if row.note)
    session.add(opening)
    session.flush()
    if envelope is EnvelopeKind.TECHNICAL:
        tender.technical_opened_at = now
        disclose(session, now, actor, tender)
    else:
        tender.price_opened_at = now
    audit.record(session, now, actor, "tender:envelope:open", opening, **_opened_facts(session, tender, envelope, bids))
    issue_opening_record(session, actor, clock, tender, opening, bids, posted)
    for row in posted:
        row.shares = {}  # a share has done its work; what is wiped cannot leak
    fail_if_nothing_is_left(session, actor, clock, tender)
    return opening


def _rebuild(session: Session, key: TenderKey) -> tuple[str, list[OpeningShare]]:
    subset, posted = ready_subset(session, key)
    if subset is None:
        raise Refused(N_("Not enough opening officers have posted their shares"))
    taken = [row for row in posted if row.officer_key_id in holders_of(subset)]
    identity = seal.join([row.shares[subset] for row in taken])
    if seal.recipient_of(identity) != key.recipient:
        raise Refused(N_("The shares do not rebuild the published key"))
    return identity, taken


def _users(session: Session, posted: Sequence[OpeningShare]) -> list[int]:
    return [session.get_one(OfficerKey, row.officer_key_id).user_id for row in posted]


def _to_open(session: Session, actor: Actor, now: datetime, tender: Tender, envelope: EnvelopeKind) -> list[Bid]:
    if envelope is EnvelopeKind.PRICE:
        return scored_bids(session, tender)
    opened: list[Bid] = []
    for lot in lots_of(session, tender.id or 0):
        bids = standing_bids(session, tender.id or 0, lot.id)
        if len(bids) < 3:
            fail_lot(session, actor, now, tender, lot, FEWER_THAN_THREE, cite(tender, "too_few_bids"))
        else:
            opened += bids
    return opened


def _open_one(
    session: Session, now: datetime, tender: Tender, bid: Bid, kind: EnvelopeKind, identity: str
) -> None:
    envelope = counted_envelope(session, bid, kind)
    try:
        container = _decrypted(session, envelope, identity) if identity else _revealed(session, envelope)
        content = _checked(session, tender, bid, envelope, container)
        if kind is EnvelopeKind.PRICE:
            _read_price(session, tender, bid, content)
    except OpeningFault as fault:
        envelope.failure = fault.reason
        return
    envelope.opened_at, envelope.content_sha256 = now, files_of(session).put(content)


@dataclass(frozen=True)
class OpeningFault(Exception):
    """Why one envelope cannot be opened, in the words of the opening record."""

    reason: str


def _decrypted(session: Session, envelope: Envelope, identity: str) -> bytes:
    try:
        return seal.open_envelope(files_of(session).get(envelope.ciphertext_sha256), identity)
    except (DamagedFile, MissingFile):
        raise OpeningFault("密文完整性校验不通过") from None
    except seal.EnvelopeFault:
        raise OpeningFault("不能用本项目开标密钥解密") from None


def _revealed(session: Session, envelope: Envelope) -> bytes:
    row = session.get(RevealedEnvelope, envelope.id)
    if row is None:
        raise OpeningFault("未在规定时间内提交恢复文件")
    try:
        return files_of(session).get(row.content_sha256)
    except (DamagedFile, MissingFile):
        raise OpeningFault("恢复文件完整性校验不通过") from None


def _checked(session: Session, tender: Tender, bid: Bid, envelope: Envelope, container: bytes) -> bytes:
    try:
        held = seal.read(container)
    except seal.ContainerFault:
        raise OpeningFault("解密后的文件包不完整") from None
    lot = session.get_one(Lot, bid.lot_id)
    if (held.tender, held.lot, held.envelope) != (tender.number, lot.position, envelope.kind.value):
        raise OpeningFault("文件包不属于本项目、本包或者本信封")
    if seal.commitment_of(container) != envelope.commitment:
        raise OpeningFault("承诺值与回执不一致")
    return container


def _read_price(session: Session, tender: Tender, bid: Bid, container: bytes) -> None:
    lot = session.get_one(Lot, bid.lot_id)
    try:
        declared = declared_in(seal.read(container).file(PRICE_FILE), lot)
    except UnreadableSheet:
        raise OpeningFault("没有可读的开标一览表") from None
    keep_sheet(session, tender, lot, bid, declared)


def _opened_facts(
    session: Session, tender: Tender, kind: EnvelopeKind, bids: Sequence[Bid]
) -> dict[str, str | list[dict[str, str | int | None]]]:
    lines: list[dict[str, str | int | None]] = []
    for bid in bids:
        envelope = counted_envelope(session, bid, kind)
        lines.append(
            {
                "bid": bid.id,
                "bidder": bid.bidder_id,
                "lot": bid.lot_id,
                "ciphertext": envelope.ciphertext_sha256,
                "commitment": envelope.commitment,
                "failure": envelope.failure,
            }
        )
    return {"envelope": kind.value, "closing_nonce": tender.closing_nonce or "", "bids": lines}
