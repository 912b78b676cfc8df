"""The committee writes to bidders: clarifications in time, and a corrected price that its bidder must confirm."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.messages.models import Message
from tender import services
from tender.models import BidResult, EnvelopeKind, Tender
from tender.services.letters import answer_letter, ask_clarification, ask_confirmation, letters_of
from tender.services.papers_review import price_sheet
from tests.factories import tender as make
from tests.support.pages import signed_in


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=4)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """The prices are open; the third one's figures and words differed: 38.00 was corrected to 37.50."""
    found = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00", "39.00"), strict=True):
        make.submitted(session, clock, insurer, found, price)
    make.opened(session, clock, people, found, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, found)
    make.scored(session, clock, people, found)
    make.opened(session, clock, people, found, EnvelopeKind.PRICE)
    with transaction(session):
        sheet = price_sheet(session, make.bid_of(session, found, people.insurers[2]))
        assert sheet is not None
        sheet.corrected_price, sheet.correction = Decimal("37.50"), "大写金额与小写金额不一致，以大写金额为准"
        session.add(sheet)
    return found


def evaluate(session: Session, clock: FixedClock, people: make.Cast, tender: Tender) -> None:
    with transaction(session):
        services.evaluate(session, people.handler, clock, tender.id or 0)


@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "not confirmed"])
def test_a_corrected_price_counts_only_when_its_bidder_confirms_it(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, confirmed: bool
) -> None:
    chair, bidder = make.committee(session, people, tender)[0], people.insurers[2]
    bid = make.bid_of(session, tender, bidder)
    with pytest.raises(Refused, match="waits"):
        evaluate(session, clock, people, tender)
    session.rollback()
    with pytest.raises(Refused, match="Nothing was corrected"), transaction(session):
        ask_confirmation(session, chair, clock, make.bid_of(session, tender, people.insurers[0]).id or 0, minutes=60)
    with transaction(session):
        letter = ask_confirmation(session, chair, clock, bid.id or 0, minutes=60)
    with pytest.raises(Refused, match="waits"):
        evaluate(session, clock, people, tender)
    session.rollback()
    with pytest.raises(NotFound), transaction(session):
        answer_letter(session, people.insurers[0], clock, letter.id or 0, answer="", confirmed=True)
    with transaction(session):
        answer_letter(session, bidder, clock, letter.id or 0, answer="", confirmed=confirmed)
    evaluate(session, clock, people, tender)
    result = session.exec(select(BidResult).where(BidResult.bid_id == bid.id)).one()
    assert (result.invalid_ground, result.rank) == ((None, 3) if confirmed else ("price", None))
    report = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "evaluation_report")).one()
    (told,) = report.inputs["context"]["letters"]
    assert (told["kind"], told["confirmed"]) == ("correction", confirmed)
    (corrected,) = report.inputs["context"]["lots"][0]["corrections"]
    assert corrected["before"] != corrected["after"]
    assert corrected["confirmed"] is confirmed


def test_a_bidder_that_says_nothing_in_time_has_not_confirmed(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    chair, bidder = make.committee(session, people, tender)[0], people.insurers[2]
    bid = make.bid_of(session, tender, bidder)
    with transaction(session):
        letter = ask_confirmation(session, chair, clock, bid.id or 0, minutes=30)
    clock.advance(minutes=31)
    with pytest.raises(Refused, match="over"), transaction(session):
        answer_letter(session, bidder, clock, letter.id or 0, answer="", confirmed=True)
    evaluate(session, clock, people, tender)
    assert session.exec(select(BidResult.invalid_ground).where(BidResult.bid_id == bid.id)).one() == "price"


def test_a_clarification_is_asked_by_the_chair_and_answered_once(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    chair, other = make.committee(session, people, tender)[:2]
    bidder = people.insurers[0]
    number = make.bid_of(session, tender, bidder).id or 0
    for person, matter, minutes, refusal in (
        (other, "网点数不一致", 60, Forbidden), (chair, " ", 60, Invalid), (chair, "网点数不一致", 29, Invalid),
    ):  # fmt: skip
        with pytest.raises(refusal), transaction(session):
            ask_clarification(session, person, clock, number, matter=matter, minutes=minutes)
    with transaction(session):
        letter = ask_clarification(session, chair, clock, number, matter="网点数不一致，以何者为准", minutes=60)
    assert bidder.user_id in {row.recipient_id for row in session.exec(select(Message))}
    with pytest.raises(Invalid), transaction(session):
        answer_letter(session, bidder, clock, letter.id or 0, answer=" ")
    with transaction(session):
        answer_letter(session, bidder, clock, letter.id or 0, answer="以清单48个为准")
    with pytest.raises(Refused, match="already"), transaction(session):
        answer_letter(session, bidder, clock, letter.id or 0, answer="再答一次")


@pytest.mark.databases("sqlite")
def test_chair_and_bidder_write_to_each_other_in_the_browser(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    number = tender.id
    bid = make.bid_of(session, tender, people.insurers[0]).id
    leader = make.committee(session, people, tender)[0]
    session.rollback()
    chair, bidder = signed_in(app, session, leader), signed_in(app, session, people.insurers[0])
    assert "要求确认修正" in chair.get(f"/tenders/{number}/letters").text
    form = chair.get(f"/tenders/{number}/letters/{bid}/clarification")
    after = chair.submit(form, {"matter": "网点数不一致", "minutes": "60"}, button="保存")
    assert "网点数不一致" in after.text
    session.rollback()
    letter = letters_of(session, session.get_one(Tender, number))[0].id
    session.rollback()
    assert "答复评标委员会通知书" in bidder.get("/desk").text
    page = bidder.get(f"/tenders/opportunities/{number}/letters/{letter}")
    answered = bidder.submit(page, {"answer": "以清单48个为准"}, button="提交答复")
    assert "答复已送达评标委员会" in answered.text
    assert "以清单48个为准" in chair.get(f"/tenders/{number}/letters").text
