"""Sealed bids: the deadline's edge, replacing, withdrawing, refusals, keys and what nobody can count."""

import json
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core import audit
from core.audit import AuditEvent
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.house import files_of
from tender import seal, services
from tender.models import Bid, BidSubmission, Envelope, EnvelopeKind, Lot, RefusedBid, SealedEvent
from tender.rules.stages import Stage
from tender.services.bidding import signer
from tender.services.opening import closing_hash
from tender.services.sealed_record import hash_of
from tests.factories import tender as make


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


@pytest.mark.parametrize(
    "seconds_before, accepted",
    [(1, True), (0, False), (-1, False)],
    ids=["a second before is in time", "the very instant is late", "a second after is late"],
)
def test_the_deadline_is_compared_with_the_instant_that_is_stored(
    session: Session, clock: FixedClock, people: make.Cast, seconds_before: int, accepted: bool
) -> None:
    tender = make.published(session, clock, people)
    lot, technical, price = make.uploaded(session, clock, people.insurers[0], tender, "37.00")
    clock.move_to(make.DEADLINE - timedelta(seconds=seconds_before))
    row = make.submit(session, clock, people.insurers[0], lot, technical, price, "the-one-key")
    assert isinstance(row, BidSubmission if accepted else RefusedBid)
    stored = row.submitted_at if isinstance(row, BidSubmission) else row.refused_at
    assert stored == clock.now()
    assert (stored < make.DEADLINE) is accepted
    claims = seal.verify_receipt(services.receipt_file(row), signer(session).public)
    assert claims["received_at"] == stored.isoformat()
    assert claims["format"] == ("chengban-receipt/v1" if accepted else "chengban-refusal/v1")


def test_the_same_key_gives_the_same_receipt_even_after_the_deadline(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    lot, technical, price = make.uploaded(session, clock, people.insurers[0], tender, "37.00")
    first = make.submit(session, clock, people.insurers[0], lot, technical, price, "retried-key")
    clock.move_to(make.DEADLINE + timedelta(minutes=1))
    again = make.submit(session, clock, people.insurers[0], lot, technical, price, "retried-key")
    assert services.receipt_file(first) == services.receipt_file(again)
    assert len(session.exec(select(BidSubmission)).all()) == 1


def test_a_changed_receipt_does_not_verify(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    row = make.submitted(session, clock, people.insurers[0], tender, "37.00")
    content = json.loads(services.receipt_file(row))
    content["statement"] = content["statement"].replace("2016-08-08", "2016-08-07")
    with pytest.raises(ValueError, match="does not hold"):
        seal.verify_receipt(json.dumps(content).encode())


def test_the_last_submission_counts_and_a_withdrawn_bid_is_never_opened(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    people = make.cast(session, clock, insurers=5, name="演示省大病保险主管部门")
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.00", "36.50", "37.00", "37.50", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    replacing = make.submitted(session, clock, people.insurers[0], tender, "35.00")
    with transaction(session):
        services.withdraw_bid(session, people.insurers[4], clock, _lot(session))
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    opened = session.exec(select(Envelope).where(Envelope.opened_at != None)).all()  # noqa: E711
    assert len(opened) == 4
    assert replacing.technical_id in {row.id for row in opened}
    assert people.insurers[4].organisation_id not in {bid.bidder_id for bid in services.opened_bids(session, tender)}


def _lot(session: Session) -> int:
    return session.exec(select(Lot.id)).first() or 0


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 a bid", b"-----BEGIN PGP MESSAGE-----\n", b"age-encryption.org/v1\n-> X25519 "],
    ids=["plaintext", "PGP", "a header cut off"],
)  # fmt: skip
def test_what_is_not_sealed_is_refused_and_nothing_is_kept(
    session: Session, clock: FixedClock, people: make.Cast, content: bytes
) -> None:
    tender = make.published(session, clock, people)
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
    with pytest.raises(Refused), transaction(session):
        services.upload_envelope(
            session, people.insurers[0], clock, _lot(session), EnvelopeKind.TECHNICAL, content, "a" * 64
        )
    assert session.exec(select(Envelope)).all() == []
    assert session.exec(select(Bid)).all() == []


def test_uploads_alone_are_no_bid(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    for insurer in people.insurers:
        make.uploaded(session, clock, insurer, tender, "37.00")
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    assert services.stage_of(tender, clock.now()) is Stage.FAILED


def test_another_insurers_envelope_cannot_be_submitted(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    lot, technical, price = make.uploaded(session, clock, people.insurers[0], tender, "37.00")
    make.uploaded(session, clock, people.insurers[1], tender, "38.00")
    with pytest.raises(Invalid):
        make.submit(session, clock, people.insurers[1], lot, technical, price, "stolen-envelopes")


def test_two_bids_or_five_leave_the_same_kind_of_trace_and_the_opening_discloses_it(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    before = session.exec(select(AuditEvent.position).order_by(AuditEvent.position.desc())).first() or 0
    for insurer in people.insurers:
        make.submitted(session, clock, insurer, tender, "37.00")
    secret = session.exec(select(AuditEvent).where(AuditEvent.position > before)).all()
    assert {(row.action, row.actor_id, row.organisation_id, row.object_type) for row in secret} == {
        ("tender:sealed:event", 0, None, "sealed")
    }
    assert all(set(row.detail) == {"hash"} for row in secret)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    told = session.exec(select(AuditEvent).where(AuditEvent.action == "tender:sealed:disclose")).one()
    hashes = {row.object_id: row.detail["hash"] for row in secret}
    disclosed = {row["reference"]: hash_of(row["body"], row["salt"]) for row in told.detail["events"]}
    assert {key: disclosed[key] for key in hashes} == hashes
    assert all(row.disclosed_at for row in session.exec(select(SealedEvent)))
    assert list(audit.verify(session)) == []


def test_nothing_opens_before_deadline_and_grace(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    officer, number = people.officers[0], tender.id or 0
    identity = people.identities[officer.user_id]
    shares = services.decrypt_shares(session, officer, number, EnvelopeKind.TECHNICAL, identity)
    for at in (make.DEADLINE - timedelta(seconds=1), make.DEADLINE, make.OPENING - timedelta(seconds=1)):
        clock.move_to(at)
        with pytest.raises(Refused), transaction(session):
            services.post_opening_shares(session, officer, clock, number, EnvelopeKind.TECHNICAL, shares)
    clock.move_to(make.OPENING)
    with transaction(session):
        services.post_opening_shares(session, officer, clock, number, EnvelopeKind.TECHNICAL, shares)
    with pytest.raises(Refused), transaction(session):  # one officer of two is no quorum
        services.open_envelopes(session, officer, clock, number, EnvelopeKind.TECHNICAL)


def test_a_wrong_share_is_refused_by_its_hash(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    officer, number = people.officers[0], tender.id or 0
    clock.move_to(make.OPENING)
    shares = services.decrypt_shares(
        session, officer, number, EnvelopeKind.TECHNICAL, people.identities[officer.user_id]
    )
    wrong = {subset: "00" + share[2:] for subset, share in shares.items()}
    with pytest.raises(Refused, match="wrong share"), transaction(session):
        services.post_opening_shares(session, officer, clock, number, EnvelopeKind.TECHNICAL, wrong)


def test_a_damaged_envelope_is_listed_and_the_others_open(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    people = make.cast(session, clock, insurers=4, name="演示省大病保险主管部门")
    tender = make.published(session, clock, people)
    for insurer in people.insurers:
        row = make.submitted(session, clock, insurer, tender, "37.00")
    damaged = session.get_one(Envelope, row.technical_id)
    files_of(session).path(damaged.ciphertext_sha256).write_bytes(b"damaged on disk")
    session.rollback()
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    session.refresh(damaged)
    assert damaged.failure == "密文完整性校验不通过"
    assert damaged.content_sha256 is None
    assert len(services.opened_bids(session, tender)) == 3


def test_an_envelope_sealed_to_another_key_fails_at_the_opening(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    people = make.cast(session, clock, insurers=4, name="演示省大病保险主管部门")
    tender = make.published(session, clock, people)
    for insurer in people.insurers[:3]:
        make.submitted(session, clock, insurer, tender, "37.00")
    lot, _technical, price = make.uploaded(session, clock, people.insurers[3], tender, "37.00")
    container = seal.build(tender.number, 1, "technical", [seal.File("a.pdf", b"x")])
    other = seal.seal_envelope(container, seal.recipient_of(seal.new_identity()))
    with transaction(session):
        wrong = services.upload_envelope(
            session, people.insurers[3], clock, lot, EnvelopeKind.TECHNICAL, other, seal.commitment_of(container)
        )
    make.submit(session, clock, people.insurers[3], lot, wrong.id or 0, price, "sealed-to-another")
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    session.refresh(wrong)
    assert wrong.failure == "不能用本项目开标密钥解密"
    assert len(services.opened_bids(session, tender)) == 3


def test_price_envelopes_stay_shut_until_technical_scores_are_locked(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    for insurer in people.insurers:
        make.submitted(session, clock, insurer, tender, "37.00")
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    with pytest.raises(Refused):
        make.opened(session, clock, people, tender, EnvelopeKind.PRICE)


def test_nobody_publishes_while_an_officer_has_not_confirmed(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.prepared(session, clock, people)
    officers = [officer.user_id for officer in people.officers]
    with transaction(session):  # a new ceremony: every confirmation is void
        services.make_tender_keys(session, people.handler, clock, tender.id or 0, officers)
    with pytest.raises(Refused, match="not confirmed"), transaction(session):
        services.request_publication(session, people.handler, clock, tender.id or 0)
    with pytest.raises(Refused), transaction(session):
        stranger = people.identities[people.officers[1].user_id]
        services.confirm_key(session, people.officers[0], clock, tender.id or 0, stranger)


def test_the_closing_hash_holds_over_what_was_sealed(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    for insurer in people.insurers:
        make.submitted(session, clock, insurer, tender, "37.00")
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    hashes = [row.ciphertext_sha256 for row in session.exec(select(Envelope))]
    assert tender.closing_hash == closing_hash(hashes, tender.closing_nonce or "")


def test_who_did_not_take_the_documents_cannot_ask_or_bid(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    with pytest.raises(Refused), transaction(session):
        services.ask(session, people.insurers[0], clock, tender.id or 0, "？")
    with pytest.raises(Refused), transaction(session):
        services.pay_security(session, people.insurers[0], clock, _lot(session), payer_account="演示账户")


def test_questions_are_answered_in_public_without_the_asker(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
        asked = services.ask(session, people.insurers[0], clock, tender.id or 0, "保费何时拨付？")
    with transaction(session):
        told = services.answer(session, people.handler, clock, asked.id or 0, "见合同参数表。")
    assert told.number == 1
    clock.move_to(beijing(2016, 8, 30, 9))  # past the last moment for questions
    with pytest.raises(Refused), transaction(session):
        services.ask(session, people.insurers[0], clock, tender.id or 0, "还能问吗？")


def test_the_department_cannot_bid_nor_an_insurer_open(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    with pytest.raises(Forbidden), transaction(session):
        services.take_documents(session, people.handler, clock, tender.id or 0)
    with pytest.raises(Forbidden), transaction(session):
        services.open_envelopes(session, people.insurers[0], clock, tender.id or 0, EnvelopeKind.TECHNICAL)
    stranger = make.cast(session, clock, name="演示省另一部门").handler
    with pytest.raises(NotFound), transaction(session):
        services.edit_basics(
            session, stranger, clock, tender.id or 0, make.basics("X-1", people.department.id or 0)
        )
