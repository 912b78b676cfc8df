"""A bidder whose lot changed after it submitted lets its bid stand or replaces it, and nobody learns of it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask
from sqlmodel import Session, select

from core.audit import AuditEvent
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Forbidden, NotFound, Refused
from tender import services
from tender.models import Bid, BidReconfirmation, EnvelopeKind, Notice, SealedEvent, Tender
from tender.rules.words import PriceObject
from tender.services.reconfirming import touching, unconfirmed
from tests.factories import tender as make
from tests.support.pages import signed_in

HALF = {"insured_count": 1_000_000, "budget": Decimal("120000000.00")}


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Two lots; the first insurer has bid for both, the second for the second lot."""
    found = make.published(session, clock, people, lots=[make.lot(number, **HALF) for number in (1, 2)])
    one, two = services.lots_of(session, found.id or 0)
    make.submitted(session, clock, people.insurers[0], found, "37.00", one.id)
    make.submitted(session, clock, people.insurers[0], found, "38.00", two.id)
    make.submitted(session, clock, people.insurers[1], found, "38.50", two.id)
    clock.advance(hours=1)
    return found


def corrected(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, **changes: object
) -> Notice:
    """A correction asked for by the handler and approved by another person."""
    correction = services.Correction(reason="测算调整", affects_bids=False, **changes)  # type: ignore[arg-type]
    with transaction(session):
        asked = services.request_correction(session, people.handler, clock, tender.id or 0, correction)
    return make.approve(session, clock, people, asked.id)  # type: ignore[return-value]


def lower(position: int, **changes: object) -> dict[int, object]:
    """The lot with a lower ceiling, or with other changes."""
    draft = make.lot(position, **HALF)
    return {position: replace(draft, **(changes or {"ceiling": Decimal("39.00")}))}  # type: ignore[arg-type]


def bid_for(session: Session, insurer: make.Actor, lot: int | None) -> Bid | None:
    """An insurer's bid for a lot; tests may look where the house may not."""
    rows = select(Bid).where(Bid.lot_id == lot, Bid.bidder_id == insurer.organisation_id)
    return session.exec(rows).one_or_none()


def asked(session: Session, tender: Tender, insurer: make.Actor) -> dict[int, list[str]]:
    """By lot, the fields this insurer is asked about."""
    found = {}
    for lot in services.lots_of(session, tender.id or 0):
        bid = bid_for(session, insurer, lot.id)
        fields = [change["field"] for entry in unconfirmed(session, bid) for change in entry.changes]
        if fields:
            found[lot.position] = fields
    return found


@pytest.mark.parametrize(
    ("changes", "first", "second"),
    [
        ({"lots": lower(1)}, {1: ["第1包最高限价"]}, {}),
        ({"lots": lower(2)}, {2: ["第2包最高限价"]}, {2: ["第2包最高限价"]}),
        ({"terms": {2: make.terms(expense_cap_rate=Decimal("0.03"))}}, {2: ["第2包合同条款：费用列支上限"]},
         {2: ["第2包合同条款：费用列支上限"]}),
        ({"few_valid_go_on": True}, dict.fromkeys((1, 2), ["有效投标不足3家的处理"]), {2: ["有效投标不足3家的处理"]}),
        ({"contact_name": "另一人"}, {}, {}),  # touches no bid
        ({"contact_name": "另一人", "lots": lower(1)}, {1: ["第1包最高限价"]}, {}),
    ],
    ids=["lot 1", "lot 2", "terms of lot 2", "the whole tender", "a telephone", "both"],
)  # fmt: skip
def test_a_bidder_is_asked_about_what_touches_its_lots(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, changes: dict[str, object],
    first: dict[int, list[str]], second: dict[int, list[str]],
) -> None:  # fmt: skip
    corrected(session, clock, people, tender, **changes)
    assert asked(session, tender, people.insurers[0]) == first
    assert asked(session, tender, people.insurers[1]) == second


def test_reconfirmed_the_bid_stands_and_the_record_stays_sealed(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    insurer = people.insurers[0]
    one, two = services.lots_of(session, tender.id or 0)
    corrected(session, clock, people, tender, lots=lower(1))
    corrected(session, clock, people, tender, few_valid_go_on=True)
    with transaction(session):
        assert len(services.reconfirm_bid(session, insurer, clock, one.id or 0)) == 2
        assert services.reconfirm_bid(session, insurer, clock, one.id or 0) == []
    assert asked(session, tender, insurer) == {2: ["有效投标不足3家的处理"]}
    bid = bid_for(session, insurer, one.id)
    assert bid is not None
    assert [(entry.number, entry.reconfirmed is not None) for entry in touching(session, bid)] == [(1, True), (2, True)]
    events = [row.body["action"] for row in session.exec(select(SealedEvent))]
    assert events.count("tender:bid:reconfirm") == 1
    logged = session.exec(select(AuditEvent)).all()
    assert all("reconfirm" not in row.body().decode() for row in logged)  # only a random reference is in the open log


def test_a_replaced_or_withdrawn_bid_is_asked_nothing(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    insurer = people.insurers[0]
    one, two = services.lots_of(session, tender.id or 0)
    corrected(session, clock, people, tender, few_valid_go_on=True)
    clock.advance(minutes=1)
    make.submitted(session, clock, insurer, tender, "36.00", one.id)
    assert asked(session, tender, insurer) == {2: ["有效投标不足3家的处理"]}
    with transaction(session):
        services.withdraw_bid(session, insurer, clock, two.id or 0)
    assert asked(session, tender, insurer) == {}
    with pytest.raises(NotFound), transaction(session):
        services.reconfirm_bid(session, insurer, clock, two.id or 0)
    with pytest.raises(NotFound), transaction(session):  # who never bid for the lot
        services.reconfirm_bid(session, people.insurers[1], clock, one.id or 0)
    with pytest.raises(Forbidden), transaction(session):
        services.reconfirm_bid(session, people.handler, clock, one.id or 0)


def test_a_bid_in_the_unit_of_before_can_only_be_replaced(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    one = services.lots_of(session, tender.id or 0)[0]
    rate = lower(1, price_object=PriceObject.FEE_RATE, ceiling=Decimal("0.08"))
    corrected(session, clock, people, tender, lots=rate)
    with pytest.raises(Refused, match="replace the bid"), transaction(session):
        services.reconfirm_bid(session, people.insurers[0], clock, one.id or 0)


def test_after_the_deadline_nothing_is_reconfirmed_and_the_bid_still_counts(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    clock.advance(hours=1)
    corrected(session, clock, people, tender, few_valid_go_on=True)
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    with transaction(session):
        services.reconfirm_bid(session, people.insurers[0], clock, lot)
    clock.move_to(beijing(2016, 9, 6, 9, 30))
    with pytest.raises(Refused), transaction(session):
        services.reconfirm_bid(session, people.insurers[1], clock, lot)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    assert len(services.opened_bids(session, tender)) == 3
    assert len(session.exec(select(BidReconfirmation)).all()) == 1


@pytest.mark.databases("sqlite")
def test_the_form_shows_both_sides_and_two_ways_and_tells_nobody(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    corrected(session, clock, people, tender, lots=lower(1), contact_name="另一人")
    number = tender.id
    session.rollback()
    first, second = (signed_in(app, session, insurer) for insurer in people.insurers[:2])
    handler = signed_in(app, session, people.handler)
    before = handler.get(f"/tenders/{number}").text
    assert "第1包已更正" in first.get("/desk").text
    assert "已更正：确认" not in second.get("/desk").text
    address = f"/tenders/opportunities/{number}/bid/1/reconfirm"
    assert "请确认或者替换投标文件" in first.get(f"/tenders/opportunities/{number}/bid").text
    page = first.get(address)
    assert "第1包最高限价" in page.text
    assert "联系人" not in page.text  # it touches no bid
    assert "替换投标文件" in page.text
    after = first.submit(page, {}, button="确认原投标文件不变")
    assert "已确认原投标文件不变" in after.text
    assert second.get(address).status_code == 404
    assert handler.get(f"/tenders/{number}").text.count("已确认不变") == before.count("已确认不变") == 0
