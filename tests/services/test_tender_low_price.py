"""A price far too low: asked about with time to answer, decided with reason, out before the base price is taken."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, Refused
from core.identity.actor import Actor
from tender import services
from tender.models import BidResult, EnvelopeKind, Tender
from tender.rules.publication import blocking
from tender.services.low_price import low_prices
from tests.factories import tender as make


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=4)


def priced(session: Session, clock: FixedClock, people: make.Cast, rules: str, lowest: str = "17.99") -> Tender:
    """A tender under the named rules whose prices are open; the first of four bids is far below the others."""
    tender = make.published(session, clock, people)
    with transaction(session):
        tender.rule_set = rules
    for insurer, price in zip(people.insurers, (lowest, "37.00", "38.00", "39.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.opened(session, clock, people, tender, EnvelopeKind.PRICE)
    return tender


def chair(session: Session, people: make.Cast, tender: Tender) -> Actor:
    return make.committee(session, people, tender)[0]


def asked(session: Session, clock: FixedClock, people: make.Cast, tender: Tender, **words: object) -> int:
    """The chair asks the lowest bidder; returns its bid."""
    bid = make.bid_of(session, tender, people.insurers[0]).id or 0
    with transaction(session):
        values = {"minutes": 30, **words}
        services.ask_explanation(session, chair(session, people, tender), clock, bid, **values)  # type: ignore[arg-type]
    return bid


def test_a_price_that_is_not_proven_is_invalid_before_the_base_price_is_taken(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = priced(session, clock, people, "LOW_PRICE_2026")
    with pytest.raises(Refused, match="low price"), transaction(session):
        services.evaluate(session, people.handler, clock, tender.id or 0)
    with pytest.raises(Invalid, match="at least 30"):
        asked(session, clock, people, tender, minutes=29)
    bid = asked(session, clock, people, tender)
    letter = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "price_letter")).one()
    assert letter.published_at is None
    with transaction(session):
        services.explain_price(session, people.insurers[0], clock, bid, "以市场价测算。")
    with transaction(session):
        leader = chair(session, people, tender)
        services.decide_price(session, leader, clock, bid, proven=False, reason="测算未含赔付支出。")
        services.evaluate(session, people.handler, clock, tender.id or 0)
    results = {row.bid_id: row for row in session.exec(select(BidResult))}
    assert results[bid].invalid_ground == "low_price"
    second = make.bid_of(session, tender, people.insurers[1])
    assert results[second.id].price_score == Decimal("20.0000")
    report = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "evaluation_report")).one()
    assert "测算未含赔付支出。" in report.inputs["context"]["low_prices"][0]["decision"]


def test_a_proven_price_stays_and_is_the_base_price(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = priced(session, clock, people, "LOW_PRICE_2026")
    bid = asked(session, clock, people, tender)
    with transaction(session):
        services.explain_price(session, people.insurers[0], clock, bid, "附成本和赔付测算。")
        leader = chair(session, people, tender)
        services.decide_price(session, leader, clock, bid, proven=True, reason="测算完整。")
        services.evaluate(session, people.handler, clock, tender.id or 0)
    result = session.exec(select(BidResult).where(BidResult.bid_id == bid)).one()
    assert result.price_score == Decimal("20.0000")


@pytest.mark.parametrize(
    ("after", "in_time"), [(timedelta(minutes=30), True), (timedelta(minutes=30, seconds=1), False)]
)
def test_the_explanation_has_its_time_and_no_decision_comes_before(
    session: Session, clock: FixedClock, people: make.Cast, after: timedelta, in_time: bool
) -> None:
    tender = priced(session, clock, people, "LOW_PRICE_2026")
    bid = asked(session, clock, people, tender)
    leader, bidder = chair(session, people, tender), people.insurers[0]
    with pytest.raises(Refused, match="may still explain"), transaction(session):
        services.decide_price(session, leader, clock, bid, proven=False, reason="未说明。")
    clock.move_to(clock.now() + after)
    if in_time:
        with transaction(session):
            services.explain_price(session, bidder, clock, bid, "附测算。")
        return
    with pytest.raises(Refused, match="is over"), transaction(session):
        services.explain_price(session, bidder, clock, bid, "附测算。")
    with pytest.raises(Invalid, match="not proven"), transaction(session):
        services.decide_price(session, leader, clock, bid, proven=True, reason="未说明。")


def test_under_order_87_the_committee_judges_and_only_its_chair_asks(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = priced(session, clock, people, "ORDER87_2017")
    bid = make.bid_of(session, tender, people.insurers[0]).id or 0
    with pytest.raises(Invalid, match="No number triggers"):
        asked(session, clock, people, tender)
    member = make.committee(session, people, tender)[1]
    with pytest.raises(Forbidden), transaction(session):
        services.ask_explanation(session, member, clock, bid, minutes=30, reason="报价过低")
    asked(session, clock, people, tender, minutes=20, reason="报价不足上年赔付的一半")
    with pytest.raises(Refused, match="low price"), transaction(session):
        services.evaluate(session, people.handler, clock, tender.id or 0)


def test_order_18_knows_no_review(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = priced(session, clock, people, "ORDER18_2004")
    with pytest.raises(Refused, match="knows no low-price review"):
        asked(session, clock, people, tender, reason="报价过低")


def test_a_raised_ratio_asks_for_what_the_rule_set_alone_would_not(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    """Of 20.00, 37, 38 and 39 the mean is 33.50: half of it is 16.75, 65 per cent of it 21.775."""
    tender = priced(session, clock, people, "LOW_PRICE_2026", lowest="20.00")
    bid = make.bid_of(session, tender, people.insurers[0]).id
    assert low_prices(session, tender) == {}
    with transaction(session):
        tender.low_price_ratio = Decimal("0.65")
    assert [trigger.ground for trigger in low_prices(session, tender)[bid or 0]] == ["mean", "second_lowest", "ceiling"]


@pytest.mark.parametrize(
    ("rules", "ratio", "fault"),
    [
        ("LOW_PRICE_2026", None, False),
        ("LOW_PRICE_2026", "0.65", False),
        ("LOW_PRICE_2026", "0.66", True),
        ("LOW_PRICE_2026", "0.45", True),
        ("ORDER87_2017", "0.60", True),
    ],
)
def test_the_ratio_is_checked_against_the_rule_set_before_publication(
    session: Session, clock: FixedClock, people: make.Cast, rules: str, ratio: str | None, fault: bool
) -> None:
    tender = make.prepared(session, clock, people, low_price_ratio=Decimal(ratio) if ratio else None)
    with transaction(session):
        tender.rule_set = rules
    blocked = {check.field for check in blocking(services.publication_checks(session, tender))}
    assert ("low_price_ratio" in blocked) is fault


@pytest.mark.parametrize("go_on", [False, True])
def test_fewer_than_three_valid_bids_after_the_reviews_end_the_lot_or_go_on_as_the_document_says(
    session: Session, clock: FixedClock, people: make.Cast, go_on: bool
) -> None:
    """Three pass both reviews; one of them bids above the ceiling, so two valid bids are left."""
    tender = make.published(session, clock, people, few_valid_go_on=go_on)
    for insurer, price in zip(people.insurers[:3], ("36.00", "37.00", "41.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    (lot,) = services.lots_of(session, tender.id or 0)
    assert (lot.failed_at is None, tender.failed_at is None) == (go_on, go_on)
    ranks = [row.rank for row in session.exec(select(BidResult).order_by(BidResult.bid_id))]
    assert ranks == ([1, 2, None] if go_on else [None, None, None])
    document = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "tender_document")).one()
    assert document.inputs["context"]["tender"]["few_valid_go_on"] is go_on
