"""Envelopes in pieces: resumed where the line broke, whole or nothing, within the quota, never unsealed."""

import hashlib

import pytest
from sqlmodel import Session, select

from core import uploads
from core.clock import FixedClock
from core.db import transaction
from core.errors import Invalid, NotFound, Refused
from core.house import House, files_of
from core.identity.actor import Actor
from tender import seal, services
from tender.models import Envelope, EnvelopeKind, Tender, UploadDraft
from tender.services import bidding
from tender.services.uploading import PIECE, arrived, draft_of, forget_drafts
from tests.factories import tender as make


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=2)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    tender = make.published(session, clock, people)
    for insurer in people.insurers:
        with transaction(session):
            services.take_documents(session, insurer, clock, tender.id or 0)
    return tender


class Sealed:
    """A sealed technical envelope of some size, and its announcement."""

    def __init__(self, session: Session, tender: Tender, size: int) -> None:
        container = seal.build(tender.number, 1, "technical", [seal.File("方案.pdf", bytes(size))])
        key = services.tender_keys(session, tender.id or 0)[EnvelopeKind.TECHNICAL]
        self.bytes = seal.seal_envelope(container, key.recipient)
        self.commitment = seal.commitment_of(container)
        self.sha256 = hashlib.sha256(self.bytes).hexdigest()

    def begin(self, session: Session, clock: FixedClock, insurer: Actor, tender: Tender) -> UploadDraft:
        lot = services.lots_of(session, tender.id or 0)[0].id or 0
        with transaction(session):
            return services.begin_upload(
                session, insurer, clock, lot, EnvelopeKind.TECHNICAL, size=len(self.bytes), sha256=self.sha256,
                commitment=self.commitment,
            )  # fmt: skip


def test_an_upload_goes_on_where_it_broke(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    insurer, sealed = people.insurers[0], Sealed(session, tender, 2 * PIECE + 5)
    reference = sealed.begin(session, clock, insurer, tender).reference
    assert services.add_piece(session, insurer, clock, reference, 0, sealed.bytes[:PIECE]) == PIECE
    again = sealed.begin(session, clock, insurer, tender)  # after a reload, or on another day
    assert again.reference == reference
    assert arrived(session, again) == PIECE
    with pytest.raises(uploads.OutOfStep) as told:  # the answer was lost and the piece is sent twice
        services.add_piece(session, insurer, clock, reference, 0, sealed.bytes[:PIECE])
    offset = told.value.offset
    with pytest.raises(uploads.OutOfStep), transaction(session):
        services.finish_upload(session, insurer, clock, reference)
    while offset < len(sealed.bytes):
        offset = services.add_piece(session, insurer, clock, reference, offset, sealed.bytes[offset : offset + PIECE])
    session.rollback()
    with transaction(session):
        envelope = services.finish_upload(session, insurer, clock, reference)
    assert files_of(session).get(envelope.ciphertext_sha256) == sealed.bytes
    assert envelope.commitment == sealed.commitment
    assert session.exec(select(UploadDraft)).all() == []


def test_what_is_not_sealed_is_refused_at_the_first_piece(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    insurer, sealed = people.insurers[0], Sealed(session, tender, 10)
    reference = sealed.begin(session, clock, insurer, tender).reference
    with pytest.raises(Refused):
        services.add_piece(session, insurer, clock, reference, 0, b"%PDF-1.7 readable")
    assert uploads.arrived(files_of(session), reference) == 0


def test_other_bytes_than_announced_are_no_envelope(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    insurer, sealed = people.insurers[0], Sealed(session, tender, 1000)
    reference = sealed.begin(session, clock, insurer, tender).reference
    services.add_piece(session, insurer, clock, reference, 0, sealed.bytes[:-1] + b"x")
    session.rollback()
    with pytest.raises(Refused), transaction(session):
        services.finish_upload(session, insurer, clock, reference)
    assert session.exec(select(Envelope)).all() == []
    assert uploads.arrived(files_of(session), reference) == 0
    services.add_piece(session, insurer, clock, reference, 0, sealed.bytes)
    session.rollback()
    with transaction(session):
        services.finish_upload(session, insurer, clock, reference)


def test_another_insurer_has_no_such_upload(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    sealed = Sealed(session, tender, 10)
    reference = sealed.begin(session, clock, people.insurers[0], tender).reference
    with pytest.raises(NotFound):
        draft_of(session, people.insurers[1], reference)
    with pytest.raises(NotFound):
        services.add_piece(session, people.insurers[1], clock, reference, 0, sealed.bytes)


def test_a_bidder_keeps_at_most_the_quota(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, monkeypatch: pytest.MonkeyPatch
) -> None:
    insurer = people.insurers[0]
    monkeypatch.setattr(bidding, "QUOTA", 3000)
    first, second = Sealed(session, tender, 1000), Sealed(session, tender, 1200)
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    with transaction(session):
        services.upload_envelope(
            session, insurer, clock, lot, EnvelopeKind.TECHNICAL, first.bytes, first.commitment
        )
    with pytest.raises(Refused):
        second.begin(session, clock, insurer, tender)
    with pytest.raises(Refused), transaction(session):
        services.upload_envelope(
            session, insurer, clock, lot, EnvelopeKind.TECHNICAL, second.bytes, second.commitment
        )
    second.begin(session, clock, people.insurers[1], tender)  # each has the own quota


def test_the_deadline_ends_uploads_and_drops_what_is_unfinished(
    house: House, session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    insurer, sealed = people.insurers[0], Sealed(session, tender, 2 * PIECE)
    reference = sealed.begin(session, clock, insurer, tender).reference
    services.add_piece(session, insurer, clock, reference, 0, sealed.bytes[:PIECE])
    clock.move_to(make.DEADLINE)
    session.rollback()
    with pytest.raises(Refused):
        services.add_piece(session, insurer, clock, reference, PIECE, sealed.bytes[PIECE : 2 * PIECE])
    session.rollback()
    with pytest.raises(Refused), transaction(session):
        services.finish_upload(session, insurer, clock, reference)
    with transaction(session):
        forget_drafts(session, clock.now())
    assert session.exec(select(UploadDraft)).all() == []
    assert uploads.arrived(house.files, reference) == 0


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"size": bidding.LARGEST_ENVELOPE + 1}, {"sha256": "x" * 64}, {"commitment": "ab"}]
)
def test_an_announcement_that_cannot_be_is_refused(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, wrong: dict[str, object]
) -> None:
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    said: dict[str, object] = {"size": 10, "sha256": "0" * 64, "commitment": "0" * 64, **wrong}
    with pytest.raises(Invalid), transaction(session):
        services.begin_upload(session, people.insurers[0], clock, lot, EnvelopeKind.TECHNICAL, **said)  # type: ignore[arg-type]
