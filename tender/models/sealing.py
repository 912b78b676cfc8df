"""Sealed bids: keys split among opening officers, encrypted envelopes, receipts, refusals and opening shares."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, UtcTime, choice
from tender.rules.words import EnvelopeKind


class OfficerKey(SQLModel, table=True):
    """An opening officer's own age identity: the public recipient, and the identity wrapped by a passphrase."""

    __tablename__ = "officer_key"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    recipient: str = Field(max_length=100)
    wrapped_identity: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = Field(sa_type=UtcTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcTime)


class TenderKey(SQLModel, table=True):
    """The public key of one envelope of a tender; its private half exists only as shares."""

    __tablename__ = "tender_key"
    __table_args__ = (UniqueConstraint("tender_id", "envelope"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    envelope: EnvelopeKind = Field(sa_type=choice(EnvelopeKind))
    recipient: str = Field(max_length=100)
    fingerprint: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcTime)


class KeyShare(SQLModel, table=True):
    """One officer's XOR share within one subset of k officers, encrypted to that officer (security 1.2)."""

    __tablename__ = "key_share"
    __table_args__ = (UniqueConstraint("tender_key_id", "subset", "officer_key_id"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_key_id: int = Field(foreign_key="tender_key.id", index=True)
    #: The officers of the subset, sorted, as 'id-id'; a recovery subset begins with 'R'.
    subset: str = Field(max_length=60)
    officer_key_id: int = Field(foreign_key="officer_key.id")
    ciphertext: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    #: Hash of the share itself: a wrong share is refused before the key is tried.
    share_sha256: str = Field(max_length=64)
    #: Hash of a random proof sealed beside the share: who shows the proof has decrypted the share, and keeps it secret.
    proof_sha256: str = Field(max_length=64)


class KeyConfirmation(SQLModel, table=True):
    """An officer has decrypted every share of this key before publication (the gate of security 1.2)."""

    __tablename__ = "key_confirmation"
    __table_args__ = (UniqueConstraint("tender_key_id", "officer_key_id"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_key_id: int = Field(foreign_key="tender_key.id", index=True)
    officer_key_id: int = Field(foreign_key="officer_key.id")
    confirmed_at: datetime = Field(sa_type=UtcTime)


class Bid(SQLModel, table=True):
    """An insurer's bid for one lot; secret, even that it exists, until the opening."""

    __table_args__ = (UniqueConstraint("lot_id", "bidder_id"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    lot_id: int = Field(foreign_key="lot.id", index=True)
    bidder_id: int = Field(foreign_key="organisation.id")
    started_at: datetime = Field(sa_type=UtcTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Envelope(SQLModel, table=True):
    """Ciphertext uploaded for a bid; it counts only once a submission names it."""

    id: int | None = Field(default=None, primary_key=True)
    bid_id: int = Field(foreign_key="bid.id", index=True)
    kind: EnvelopeKind = Field(sa_type=choice(EnvelopeKind))
    ciphertext_sha256: str = Field(max_length=64)
    size: int
    #: SHA-256('seal/v1' ‖ tender ‖ envelope ‖ salt ‖ SHA-256(container)), computed by the bidder.
    commitment: str = Field(max_length=64)
    uploaded_by: int = Field(foreign_key="user_account.id")
    uploaded_at: datetime = Field(sa_type=UtcTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Decrypted container in the content store; only after the lawful opening.
    content_sha256: str | None = Field(default=None, max_length=64)
    failure: str | None = Field(default=None, sa_column=Column(Text))
    #: When the ciphertext was destroyed because it was replaced, withdrawn or never submitted; hash and receipts stay.
    destroyed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class UploadDraft(SQLModel, table=True):
    """An envelope that arrives in pieces; how far it is, its part file says. The row goes when it is whole."""

    __tablename__ = "upload_draft"

    id: int | None = Field(default=None, primary_key=True)
    bid_id: int = Field(foreign_key="bid.id", index=True)
    kind: EnvelopeKind = Field(sa_type=choice(EnvelopeKind))
    #: 32 random hex characters: what stands in addresses, and the name of the part file.
    reference: str = Field(max_length=32, unique=True)
    size: int
    #: SHA-256 of the whole ciphertext, announced by the bidder and compared at the end.
    sha256: str = Field(max_length=64)
    commitment: str = Field(max_length=64)
    begun_at: datetime = Field(sa_type=UtcTime)


class BidSubmission(SQLModel, table=True):
    """One submission (version) of a bid: the last one before the deadline counts; each has its signed receipt."""

    __tablename__ = "bid_submission"
    __table_args__ = (UniqueConstraint("bid_id", "version"), UniqueConstraint("idempotency_key"))

    id: int | None = Field(default=None, primary_key=True)
    bid_id: int = Field(foreign_key="bid.id", index=True)
    version: int
    technical_id: int = Field(foreign_key="envelope.id")
    price_id: int = Field(foreign_key="envelope.id")
    idempotency_key: str = Field(max_length=64)
    submitted_by: int = Field(foreign_key="user_account.id")
    #: The one clock reading, taken after the lock, that was compared with the deadline.
    submitted_at: datetime = Field(sa_type=UtcTime)
    #: Canonical JSON (RFC 8785) and its Ed25519 signature.
    receipt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signature: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class RefusedBid(SQLModel, table=True):
    """A submission that came too late or unsealed (拒收): not an invalid bid; the certificate says why and when."""

    __tablename__ = "refused_bid"

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    lot_id: int = Field(foreign_key="lot.id")
    bidder_id: int = Field(foreign_key="organisation.id")
    refused_at: datetime = Field(sa_type=UtcTime)
    reason: str = Field(max_length=40)
    certificate: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signature: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class OpeningShare(SQLModel, table=True):
    """An officer's posted shares for an opening; wiped once the key was rebuilt."""

    __tablename__ = "opening_share"
    __table_args__ = (UniqueConstraint("tender_key_id", "officer_key_id"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_key_id: int = Field(foreign_key="tender_key.id", index=True)
    officer_key_id: int = Field(foreign_key="officer_key.id")
    #: {subset: share in hex}
    shares: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    posted_at: datetime = Field(sa_type=UtcTime)
    #: Of a recovery holder: why the officers' own shares do not suffice; it stands in the public opening record.
    note: str = Field(default="", sa_column=Column(Text, nullable=False))


class RevealWindow(SQLModel, table=True):
    """The last rung of the ladder: no key can be rebuilt, so every bidder re-reveals its own envelope for a time."""

    __tablename__ = "reveal_window"
    __table_args__ = (UniqueConstraint("tender_id", "envelope"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    envelope: EnvelopeKind = Field(sa_type=choice(EnvelopeKind))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    opened_at: datetime = Field(sa_type=UtcTime)
    closes_at: datetime = Field(sa_type=UtcTime)


class RevealedEnvelope(SQLModel, table=True):
    """The container that a bidder re-revealed; kept only because it has the commitment of the submitted envelope."""

    __tablename__ = "revealed_envelope"

    envelope_id: int = Field(foreign_key="envelope.id", primary_key=True)
    content_sha256: str = Field(max_length=64)
    revealed_by: int = Field(foreign_key="user_account.id")
    revealed_at: datetime = Field(sa_type=UtcTime)


class SealedEvent(SQLModel, table=True):
    """What really happened behind an opaque audit entry of a bid; disclosed in the audit log at the opening.

    The log holds only `reference` and the salted hash of `body`, so that nobody can count bidders before the opening.
    """

    __tablename__ = "sealed_event"
    __table_args__ = (UniqueConstraint("reference"),)

    id: int | None = Field(default=None, primary_key=True)
    tender_id: int = Field(foreign_key="tender.id", index=True)
    #: 32 random hex characters; the object named in the audit log.
    reference: str = Field(max_length=32)
    #: {"action", "at", "actor", "organisation", "facts"}: what an open entry would say.
    body: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    salt: str = Field(max_length=32)
    disclosed_at: datetime | None = Field(default=None, sa_type=UtcTime)
