"""The proofs of a bid as bidder and department see them, and a superseded envelope on both their pages."""

import pytest
from flask import Flask
from sqlmodel import Session

from core.clock import FixedClock, beijing
from core.db import transaction
from core.identity.actor import SYSTEM, Actor
from core.identity.models import Organisation
from core.identity.services import create_organisation
from tender import jobs, seal, services
from tender.models import EnvelopeKind, Tender
from tender.rules.proofs import TITLES, Proof
from tests.factories import identity
from tests.factories import tender as make
from tests.support.pages import signed_in


@pytest.fixture
def people(app: Flask, session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def branch_of(session: Session, clock: FixedClock, head: Organisation) -> Actor:
    """A signer of a head office's provincial branch."""
    with transaction(session):
        branch = create_organisation(
            session, SYSTEM, clock, kind="insurer", name=f"{head.name}演示省分公司", demonstration=True,
            parent_id=head.id,
        )  # fmt: skip
    return identity.actor(session, clock, "insurer_signer", of=branch)


def bids(
    session: Session, clock: FixedClock, insurer: Actor, tender: Tender, price: str, proofs: dict[str, str]
) -> None:
    """A submitted bid whose technical envelope has one file a proof: name → proof."""
    lot, _technical, priced = make.uploaded(session, clock, insurer, tender, price)
    files = [seal.File(name, name.encode(), proof) for name, proof in proofs.items()]
    container = seal.build(tender.number, 1, "technical", files)
    key = services.tender_keys(session, tender.id or 0)[EnvelopeKind.TECHNICAL]
    with transaction(session):
        envelope = services.upload_envelope(
            session, insurer, clock, lot, EnvelopeKind.TECHNICAL, seal.seal_envelope(container, key.recipient),
            seal.commitment_of(container),
        )  # fmt: skip
    make.submit(session, clock, insurer, lot, envelope.id or 0, priced, f"proofs-{insurer.user_id}")


def test_the_bid_page_names_what_the_envelope_must_carry(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    head = session.get_one(Organisation, people.insurers[0].organisation_id)
    branch = branch_of(session, clock, head)
    for who, asks in ((people.insurers[0], False), (branch, True)):
        page = signed_in(app, session, who).get(f"/tenders/opportunities/{tender.id}/bid").text
        assert ('data-need="hq_authorisation"' in page) is asks
        assert all(f'data-need="{proof.value}"' in page for proof in list(Proof)[1:])
        assert all(f'<option value="{proof.value}">{TITLES[proof]}</option>' in page for proof in Proof)


def test_the_review_shows_present_and_absent_and_the_branchs_authority(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    number = tender.id or 0
    branch = branch_of(session, clock, session.get_one(Organisation, people.insurers[0].organisation_id))
    bids(session, clock, branch, tender, "36.50", {"精算.pdf": "actuarial_report", "方案.pdf": ""})
    full = {f"{proof.value}.pdf": proof.value for proof in list(Proof)[1:]}
    bids(session, clock, people.insurers[1], tender, "37.00", full)
    make.submitted(session, clock, people.insurers[2], tender, "38.00")  # types nothing, as before
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    handler = signed_in(app, session, people.handler)

    def review(who: Actor) -> str:
        bid = make.bid_of(session, tender, who).id
        session.rollback()
        return handler.get(f"/tenders/{number}/qualification/{bid}").text

    first = review(branch)
    assert "未注明总公司授权书" in first
    assert "投标人为分支机构，应当持总公司书面授权投标" in first
    assert (first.count("缺少"), first.count(">精算.pdf<")) == (5, 2)
    second = review(people.insurers[1])
    assert ("缺少" in second, "总公司投标不需要" in second, second.count("已附")) == (False, True, 5)
    third = review(people.insurers[2])
    assert "投标文件未注明各文件所属的材料种类" in third
    assert ("缺少" in third, third.count(">未注明<")) == (False, 5)


def test_a_destroyed_envelope_is_told_to_its_bidder_and_on_the_page_of_the_opening(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    number = tender.id or 0
    for insurer, price in zip(people.insurers, ("36.00", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.submitted(session, clock, people.insurers[0], tender, "36.50")
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    bidder, handler = signed_in(app, session, people.insurers[0]), signed_in(app, session, people.handler)
    bid, opening = f"/tenders/opportunities/{number}/bid", f"/tenders/{number}/opening"
    for client, path in ((bidder, bid), (handler, opening)):
        page = client.get(path).text
        assert ("截止前已替换" in page, "已销毁" in page, "期满日为" in page) == (True, False, True)
    clock.move_to(beijing(2016, 9, 30, 9))
    session.rollback()
    jobs.destroy_due(app.extensions["house"], session)
    session.rollback()
    bidder, handler = signed_in(app, session, people.insurers[0]), signed_in(app, session, people.handler)
    for client, path in ((bidder, bid), (handler, opening)):
        assert client.get(path).text.count("已销毁") == 2, path
    assert "已销毁" not in signed_in(app, session, people.insurers[1]).get(bid).text
