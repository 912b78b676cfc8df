"""The key ceremony: officers enrol, a key is made for each envelope and split, and every officer proves the shares."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from core import audit
from core.clock import Clock
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.models import User
from tender import seal
from tender.models import EnvelopeKind, KeyConfirmation, KeyShare, OfficerKey, Tender, TenderKey
from tender.rules.stages import Stage
from tender.seal.keys import check_recipient
from tender.services.stage import at_stage, cite, locked_tender, purchasers_own


def add_officer_key(
    session: Session, actor: Actor, clock: Clock, *, recipient: str, wrapped_identity: bytes | None = None
) -> OfficerKey:
    """Enrol an opening officer's own age recipient; the older key of the same person is retired.

    wrapped_identity: the private half encrypted under the officer's passphrase, if the officer wants it kept here.
    Raises Invalid for text that is no age recipient.
    """
    require(actor, "tender:confirm_key")
    now = clock.now()
    try:
        check_recipient(recipient)
    except seal.EnvelopeFault as fault:
        raise Invalid(N_("This is not an age recipient (age1…)"), field="recipient") from fault
    for old in session.exec(_present_keys([actor.user_id])):
        old.retired_at = now
    key = OfficerKey(
        user_id=actor.user_id, recipient=recipient, wrapped_identity=wrapped_identity, created_at=now
    )
    session.add(key)
    audit.record(session, now, actor, "tender:officer_key:add", key, fingerprint=seal.fingerprint(recipient))
    return key


def _present_keys(users: Sequence[int]) -> SelectOfScalar[OfficerKey]:
    return (
        select(OfficerKey)
        .where(col(OfficerKey.user_id).in_(users), col(OfficerKey.retired_at).is_(None))
        .order_by(col(OfficerKey.id))
    )


def officer_key_of(session: Session, user_id: int) -> OfficerKey | None:
    """The present key of an opening officer, or None."""
    key: OfficerKey | None = session.exec(_present_keys([user_id])).first()
    return key


def unlock(key: OfficerKey, passphrase: str) -> str:
    """The identity of an officer who left it here under a passphrase. Raises Refused for a wrong one."""
    if key.wrapped_identity is None:
        raise Refused(N_("This officer keeps the private key elsewhere: use the command line to open the shares"))
    try:
        return seal.unwrap(key.wrapped_identity, passphrase)
    except seal.EnvelopeFault as fault:
        raise Refused(N_("The passphrase does not open this key"), field="passphrase") from fault


def make_tender_keys(
    session: Session,
    actor: Actor,
    clock: Clock,
    tender_id: int,
    officers: Sequence[int],
    *,
    recovery: Sequence[int] = (),
) -> dict[EnvelopeKind, TenderKey]:
    """Make a fresh key for each envelope and split it among these officers (user ids); the private halves are dropped.

    Any `key_quorum` officers can open; recovery holders (user ids) only all together. Repeating the ceremony in
    preparation replaces the keys and asks every officer to confirm again.
    Raises Invalid where the number of officers is not the tender's, or one has no key.
    """
    require(actor, "tender:prepare")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.PREPARATION)
    holders = _holders(session, tender, officers)
    keepers = _recovery_holders(session, tender, officers, recovery) if recovery else {}
    _drop_keys(session, tender_id)
    return {
        kind: _make_key(session, actor, now, tender, kind, (holders, keepers)) for kind in EnvelopeKind
    }


def _holders(session: Session, tender: Tender | None, users: Sequence[int]) -> dict[int, str]:
    if tender is not None and len(set(users)) != tender.key_officers:
        raise Invalid(
            N_("This tender needs %(needed)s opening officers, %(given)s were named"),
            needed=tender.key_officers, given=len(set(users)), clause=cite(tender, "receipt"),
        )  # fmt: skip
    keys = session.exec(_present_keys(users)).all()
    if len(keys) != len(set(users)):
        raise Invalid(N_("Every opening officer needs a key of their own first"))
    return {key.id or 0: key.recipient for key in keys}


def _recovery_holders(
    session: Session, tender: Tender, officers: Sequence[int], users: Sequence[int]
) -> dict[int, str]:
    """Two people who are no officers of the tender, one of them of another office: they open only together."""
    people = [session.get_one(User, number) for number in sorted(set(users))]
    if len(people) != 2 or set(users) & set(officers):
        raise Invalid(N_("Name two recovery holders who are no opening officers of this tender"), field="recovery")
    if all(person.organisation_id == tender.purchaser_id for person in people):
        raise Invalid(N_("One recovery holder must be of another office than the purchaser"), field="recovery")
    return _holders(session, None, users)


def _drop_keys(session: Session, tender_id: int) -> None:
    for key in tender_keys(session, tender_id).values():
        for model in (KeyShare, KeyConfirmation):
            for row in session.exec(select(model).where(model.tender_key_id == key.id)).all():  # type: ignore[attr-defined]
                session.delete(row)
        session.flush()
        session.delete(key)
    session.flush()


def _make_key(
    session: Session, actor: Actor, now: datetime, tender: Tender, kind: EnvelopeKind,
    holders: tuple[Mapping[int, str], Mapping[int, str]],
) -> TenderKey:  # fmt: skip
    split = seal.split_identity(holders[0], tender.key_quorum, holders[1])
    mark = seal.fingerprint(split.recipient)
    key = TenderKey(tender_id=tender.id, envelope=kind, recipient=split.recipient, fingerprint=mark, created_at=now)
    session.add(key)
    session.flush()
    for share in split.shares:
        session.add(
            KeyShare(
                tender_key_id=key.id,
                subset=share.subset,
                officer_key_id=share.officer,
                ciphertext=share.ciphertext,
                share_sha256=share.share_sha256,
                proof_sha256=share.proof_sha256,
            )
        )
    audit.record(session, now, actor, "tender:key:make", key, envelope=kind.value, fingerprint=mark)
    return key


def tender_keys(session: Session, tender_id: int) -> dict[EnvelopeKind, TenderKey]:
    """The public keys of a tender by envelope; empty before the ceremony."""
    keys = session.exec(select(TenderKey).where(TenderKey.tender_id == tender_id).order_by(col(TenderKey.id)))
    return {key.envelope: key for key in keys}


def shares_for(session: Session, key: TenderKey, officer: OfficerKey) -> list[KeyShare]:
    """The sealed shares one officer holds of one key."""
    mine = select(KeyShare).where(KeyShare.tender_key_id == key.id, KeyShare.officer_key_id == officer.id)
    return list(session.exec(mine.order_by(col(KeyShare.subset))))


def open_shares(shares: Sequence[KeyShare], identity: str) -> dict[str, tuple[str, str]]:
    """Decrypt an officer's shares: subset → (share, proof), hex. Raises Refused where the identity does not fit."""
    try:
        return {row.subset: seal.open_share(row.ciphertext, identity) for row in shares}
    except seal.EnvelopeFault as fault:
        raise Refused(N_("This identity does not open the officer's shares")) from fault


def confirm_key(session: Session, actor: Actor, clock: Clock, tender_id: int, identity: str) -> None:
    """An officer proves, with the private identity, that every share of both envelopes opens.

    This is the gate before publication. What is compared are the random proofs sealed beside the shares;
    `confirm_proofs` takes them from a browser or the command line, so that the identity need not come here at all.
    """
    officer = _own_key(session, actor)
    proofs = {
        kind: {
            subset: proof
            for subset, (_share, proof) in open_shares(shares_for(session, key, officer), identity).items()
        }
        for kind, key in tender_keys(session, tender_id).items()
    }
    confirm_proofs(session, actor, clock, tender_id, proofs)


def confirm_proofs(
    session: Session,
    actor: Actor,
    clock: Clock,
    tender_id: int,
    proofs: Mapping[EnvelopeKind, Mapping[str, str]],
) -> None:
    """Record an officer's confirmation of both keys. proofs: envelope → subset → proof in hex.

    Raises Refused for a missing or wrong proof, Forbidden for a person who holds no share of this tender.
    """
    require(actor, "tender:confirm_key")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    at_stage(tender, now, Stage.PREPARATION)
    officer = _own_key(session, actor)
    for kind, key in tender_keys(session, tender_id).items():
        shares = shares_for(session, key, officer)
        if not shares:
            raise Forbidden(N_("You hold no share of this tender's keys"))
        for share in shares:
            proof = proofs.get(kind, {}).get(share.subset, "")
            if sha256(_bytes(proof)).hexdigest() != share.proof_sha256:
                raise Refused(N_("The share was not opened: its proof does not match"), clause=cite(tender, "receipt"))
        if not _confirmed(session, key, officer):
            session.add(KeyConfirmation(tender_key_id=key.id, officer_key_id=officer.id, confirmed_at=now))
        audit.record(session, now, actor, "tender:key:confirm", key, envelope=kind.value)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _own_key(session: Session, actor: Actor) -> OfficerKey:
    key = officer_key_of(session, actor.user_id)
    if key is None:
        raise NotFound(N_("You have not enrolled a key yet"))
    return key


def _confirmed(session: Session, key: TenderKey, officer: OfficerKey) -> KeyConfirmation | None:
    mine = select(KeyConfirmation).where(
        KeyConfirmation.tender_key_id == key.id, KeyConfirmation.officer_key_id == officer.id
    )
    found: KeyConfirmation | None = session.exec(mine).one_or_none()
    return found


def unconfirmed(session: Session, tender_id: int) -> list[OfficerKey]:
    """The officer keys that hold a share of the tender and have not confirmed it yet."""
    missing: dict[int, OfficerKey] = {}
    for key in tender_keys(session, tender_id).values():
        for holder in set(session.exec(select(KeyShare.officer_key_id).where(KeyShare.tender_key_id == key.id))):
            officer = session.get_one(OfficerKey, holder)
            if not _confirmed(session, key, officer):
                missing[holder] = officer
    return [missing[number] for number in sorted(missing)]


def key_holders(session: Session, tender_id: int) -> list[OfficerKey]:
    """Every officer key that holds a share of the tender's keys, in order of enrolment."""
    keys = [key.id for key in tender_keys(session, tender_id).values()]
    held = select(KeyShare.officer_key_id).where(col(KeyShare.tender_key_id).in_(keys)).distinct()
    return [session.get_one(OfficerKey, number) for number in sorted(session.exec(held).all())]
