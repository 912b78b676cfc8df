"""The recovery ladder: a quorum, two recovery holders with a public note, and bidders who re-reveal their own bids.

Every rung is tried with the rung before it lost (security A, S18).
"""

import json
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.identity import approvals
from core.identity.actor import Actor
from core.messages.models import Message
from tender import seal, services
from tender.models import Envelope, EnvelopeKind, Opening, Tender
from tender.services.bidding import counted_envelope
from tender.services.keys import unconfirmed
from tender.services.recovery import REVEAL
from tests.factories import identity
from tests.factories import tender as make

NOTE = "两名开标人员的密钥介质损坏"


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def enrolled(session: Session, clock: FixedClock, people: make.Cast, person: Actor) -> Actor:
    """The person with a key of their own, whose private half these tests hold."""
    private = seal.new_identity()
    people.identities[person.user_id] = private
    with transaction(session):
        services.add_officer_key(session, person, clock, recipient=seal.recipient_of(private))
    return person


def keepers(session: Session, clock: FixedClock, people: make.Cast) -> list[Actor]:
    """Two recovery holders: one of supervision, one of the department's archive."""
    outside = identity.organisation(session, clock, "supervision")
    return [
        enrolled(session, clock, people, identity.actor(session, clock, "recovery_holder", of=office))
        for office in (outside, people.department)
    ]


def published(session: Session, clock: FixedClock, people: make.Cast, holders: list[Actor]) -> Tender:
    """A tender whose keys are split among officers and recovery holders too, all confirmed, published."""
    tender = make.prepared(session, clock, people)
    number = tender.id or 0
    everyone = [*people.officers, *holders]
    with transaction(session):
        services.make_tender_keys(
            session, people.handler, clock, number, [officer.user_id for officer in people.officers],
            recovery=[holder.user_id for holder in holders],
        )  # fmt: skip
    for holder in everyone:
        with transaction(session):
            services.confirm_key(session, holder, clock, number, people.identities[holder.user_id])
    clock.move_to(beijing(2016, 8, 8, 9))
    with transaction(session):
        approval = services.request_publication(session, people.handler, clock, number)
    make.approve(session, clock, people, approval.id)
    return tender


def gives(session: Session, clock: FixedClock, people: make.Cast, tender: Tender, who: Actor, note: str = "") -> None:
    with transaction(session):
        kind = EnvelopeKind.TECHNICAL
        shares = services.decrypt_shares(session, who, tender.id or 0, kind, people.identities[who.user_id])
        services.post_opening_shares(session, who, clock, tender.id or 0, kind, shares, note=note)


def opens(session: Session, clock: FixedClock, who: Actor, tender: Tender) -> Opening:
    with transaction(session):
        return services.open_envelopes(session, who, clock, tender.id or 0, EnvelopeKind.TECHNICAL)


def test_recovery_holders_stand_at_the_gate(session: Session, clock: FixedClock, people: make.Cast) -> None:
    holders = keepers(session, clock, people)
    tender = make.prepared(session, clock, people)
    with transaction(session):
        services.make_tender_keys(
            session, people.handler, clock, tender.id or 0, [officer.user_id for officer in people.officers],
            recovery=[holder.user_id for holder in holders],
        )  # fmt: skip
    for officer in people.officers:
        with transaction(session):
            services.confirm_key(session, officer, clock, tender.id or 0, people.identities[officer.user_id])
    assert {row.user_id for row in unconfirmed(session, tender.id or 0)} == {holder.user_id for holder in holders}
    with pytest.raises(Refused), transaction(session):
        services.request_publication(session, people.handler, clock, tender.id or 0)


@pytest.mark.parametrize("who", ["one alone", "an officer too", "both of the purchaser"])
def test_recovery_holders_are_two_other_people_of_more_than_one_office(
    session: Session, clock: FixedClock, people: make.Cast, who: str
) -> None:
    outside, inside = keepers(session, clock, people)
    second = enrolled(
        session, clock, people, identity.actor(session, clock, "recovery_holder", of=people.department)
    )
    chosen = {
        "one alone": [outside], "an officer too": [outside, people.officers[0]],
        "both of the purchaser": [inside, second],
    }[who]  # fmt: skip
    tender = make.prepared(session, clock, people)
    with pytest.raises(Invalid), transaction(session):
        services.make_tender_keys(
            session, people.handler, clock, tender.id or 0, [officer.user_id for officer in people.officers],
            recovery=[person.user_id for person in chosen],
        )  # fmt: skip


def test_two_recovery_holders_open_and_the_record_says_so(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    holders = keepers(session, clock, people)
    tender = published(session, clock, people, holders)
    for insurer, price in zip(people.insurers, ("35.00", "36.00", "37.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    with pytest.raises(Refused):
        gives(session, clock, people, tender, holders[0], NOTE)  # before deadline and grace
    clock.move_to(make.OPENING)
    with pytest.raises(Invalid):
        gives(session, clock, people, tender, holders[0])  # says nothing
    gives(session, clock, people, tender, holders[0], NOTE)
    with pytest.raises(Refused):
        opens(session, clock, holders[0], tender)  # one alone cannot
    gives(session, clock, people, tender, people.officers[0])  # one officer of the two that are needed
    with pytest.raises(Refused):
        opens(session, clock, people.officers[0], tender)  # nor one of each
    gives(session, clock, people, tender, holders[1], "开标人员仅到一人")
    opening = opens(session, clock, holders[1], tender)
    assert opening.recovery_note == f"{NOTE}；开标人员仅到一人"
    assert set(opening.officers) == {holder.user_id for holder in holders}
    paper = session.get_one(IssuedDocument, opening.document_id)
    assert NOTE in json.dumps(paper.inputs, ensure_ascii=False)
    assert all(counted_envelope(session, bid, EnvelopeKind.TECHNICAL).opened_at for bid in
               services.opened_bids(session, tender))  # fmt: skip


def test_a_quorum_of_officers_goes_before_recovery(session: Session, clock: FixedClock, people: make.Cast) -> None:
    holders = keepers(session, clock, people)
    tender = published(session, clock, people, holders)
    for insurer, price in zip(people.insurers, ("35.00", "36.00", "37.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    clock.move_to(make.OPENING)
    for holder in holders:
        gives(session, clock, people, tender, holder, NOTE)
    for officer in people.officers[:2]:
        gives(session, clock, people, tender, officer)
    opening = opens(session, clock, people.officers[0], tender)
    assert opening.recovery_note == ""
    assert set(opening.officers) == {officer.user_id for officer in people.officers[:2]}


def test_a_recovery_holder_is_no_officer(session: Session, clock: FixedClock, people: make.Cast) -> None:
    """Who holds the role but no share opens nothing."""
    holders = keepers(session, clock, people)
    tender = make.published(session, clock, people)
    clock.move_to(make.OPENING)
    with pytest.raises(Forbidden):
        gives(session, clock, people, tender, holders[0], NOTE)


# The last rung ---------------------------------------------------------------------------------------------------


def bid_and_keep(session: Session, clock: FixedClock, insurer: Actor, tender: Tender) -> bytes:
    """Submit a bid and return the recovery file of its technical envelope, as the bidder's machine saved it."""
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    with transaction(session):
        services.take_documents(session, insurer, clock, tender.id or 0)
        services.pay_security(session, insurer, clock, lot, payer_account="演示账户")
        kept = seal.build(tender.number, 1, "technical", [seal.File("方案.pdf", str(insurer.user_id).encode())])
        recipient = services.tender_keys(session, tender.id or 0)[EnvelopeKind.TECHNICAL].recipient
        technical = services.upload_envelope(
            session, insurer, clock, lot, EnvelopeKind.TECHNICAL, seal.seal_envelope(kept, recipient),
            seal.commitment_of(kept),
        )  # fmt: skip
        priced = services.upload_envelope(
            session, insurer, clock, lot, EnvelopeKind.PRICE,
            *make.sealed(session, tender, 1, EnvelopeKind.PRICE, "36.00"),
        )  # fmt: skip
        numbers = technical.id or 0, priced.id or 0
    make.submit(session, clock, insurer, lot, *numbers, f"recovery-{insurer.user_id}")
    return json.dumps({"container": kept.hex()}).encode()


def asked_to_reveal(session: Session, clock: FixedClock, people: make.Cast, tender: Tender) -> None:
    with transaction(session):
        approval = services.request_reveal(session, people.handler, clock, tender.id or 0, "全部密钥灭失")
        number = approval.id or 0
    with pytest.raises(Refused), transaction(session):
        approvals.approve(session, people.handler, clock, number)
    make.approve(session, clock, people, number)


def test_bidders_re_reveal_exactly_what_they_submitted(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    files = {insurer.user_id: bid_and_keep(session, clock, insurer, tender) for insurer in people.insurers}
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    honest, other, silent = people.insurers
    with pytest.raises(Refused), transaction(session):
        services.request_reveal(session, people.handler, clock, tender.id or 0, "太早")
    clock.move_to(make.OPENING)
    with pytest.raises(Refused), transaction(session):
        services.reveal(session, honest, clock, lot, EnvelopeKind.TECHNICAL, files[honest.user_id])
    asked_to_reveal(session, clock, people, tender)
    told = {row.recipient_id for row in session.exec(select(Message)) if row.key.startswith("reveal:")}
    assert told == {insurer.user_id for insurer in people.insurers}
    altered = seal.build(tender.number, 1, "technical", [seal.File("方案.pdf", b"better")])
    for wrong in (files[other.user_id], json.dumps({"container": altered.hex()}).encode(), b"{}", b"no JSON",
                  json.dumps({"container": "00"}).encode()):  # fmt: skip
        with pytest.raises(Invalid), transaction(session):
            services.reveal(session, honest, clock, lot, EnvelopeKind.TECHNICAL, wrong)
    for insurer in (honest, other):
        with transaction(session):
            services.reveal(session, insurer, clock, lot, EnvelopeKind.TECHNICAL, files[insurer.user_id])
    with pytest.raises(Refused):
        opens(session, clock, people.officers[0], tender)  # the day is not over
    clock.advance(hours=REVEAL / timedelta(hours=1))
    with pytest.raises(Refused), transaction(session):
        services.reveal(session, silent, clock, lot, EnvelopeKind.TECHNICAL, files[silent.user_id])
    opening = opens(session, clock, people.officers[0], tender)
    assert opening.recovery_note == "全部密钥灭失"
    failures = {
        bid.bidder_id: session.get_one(Envelope, counted_envelope(session, bid, EnvelopeKind.TECHNICAL).id).failure
        for bid in [make.bid_of(session, tender, insurer) for insurer in people.insurers]
    }
    assert failures == {
        honest.organisation_id: None,
        other.organisation_id: None,
        silent.organisation_id: "未在规定时间内提交恢复文件",
    }


def test_who_did_not_bid_has_nothing_to_reveal(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    kept = bid_and_keep(session, clock, people.insurers[0], tender)
    clock.move_to(make.OPENING)
    asked_to_reveal(session, clock, people, tender)
    with pytest.raises(NotFound), transaction(session):
        services.reveal(session, people.insurers[1], clock, lot, EnvelopeKind.TECHNICAL, kept)
