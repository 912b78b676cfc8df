"""Refunds on their last day and the day after: without interest, with it, by the bidder's fault, converted."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core.audit import AuditEvent
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.identity.actor import Actor
from tender import services
from tender.models import Award, BidSecurity, EnvelopeKind, Tender
from tender.services.bidding import security_of, uploaded
from tender.services.securities import (
    Case,
    limit_of,
    released,
    released_security,
    securities,
    securities_to_refund,
)
from tests.factories import tender as make


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Three bids, two winners, fixed on 6 September 2016: losers' securities go back until the 13th."""
    return make.won(session, clock, people)


def loser(session: Session, tender: Tender) -> int:
    won = set(session.exec(select(Award.bid_id)))
    return next(bid.id or 0 for bid, _row in securities(session, tender) if bid.id not in won)


def paid_back(
    session: Session, clock: FixedClock, finance: Actor, bid: int, **how: object
) -> BidSecurity:
    with transaction(session):
        return services.refund_security(session, finance, clock, bid, services.Payment(**how))  # type: ignore[arg-type]


def under_order_87(session: Session, tender: Tender) -> None:
    """The same award six years later, when the law knows interest: the limits follow the day of the award."""
    tender.awarded_at = beijing(2022, 9, 6, 16)
    session.commit()


def test_on_the_last_day_it_goes_back_as_it_is(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    clock.move_to(beijing(2016, 9, 13, 17))
    row = paid_back(session, clock, people.finance, loser(session, tender))
    assert (row.due_on, row.days_late, row.interest, row.refunded_on) == (date(2016, 9, 13), 0, None, date(2016, 9, 13))
    assert "第33条" in (row.due_clause or "")
    assert len(securities_to_refund(session, tender)) == 2


def test_before_order_87_a_late_one_has_no_interest(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    clock.move_to(beijing(2016, 9, 14, 9))
    row = paid_back(session, clock, people.finance, loser(session, tender))
    assert (row.days_late, row.interest) == (1, None)


def test_a_late_one_needs_the_rate_and_its_source_and_keeps_what_was_paid(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    under_order_87(session, tender)
    bid = loser(session, tender)
    clock.move_to(beijing(2022, 9, 24, 9))  # due on the 14th: the 12th is Mid-Autumn
    with pytest.raises(Invalid, match="10 days late: give the base lending rate"):
        paid_back(session, clock, people.finance, bid)
    with pytest.raises(Invalid, match="yearly rate"):
        paid_back(session, clock, people.finance, bid, base_rate=Decimal("4.35"), rate_source="某公告")
    row = paid_back(
        session, clock, people.finance, bid, base_rate=Decimal("0.0435"), rate_source="中国人民银行公告（演示）"
    )
    assert (row.due_on, row.days_late, row.interest) == (date(2022, 9, 14), 10, Decimal("1450.00"))
    assert (row.base_rate, row.rate_source) == (Decimal("0.0435"), "中国人民银行公告（演示）")
    entry = session.exec(select(AuditEvent).where(AuditEvent.action == "tender:security:refund")).one()
    assert (entry.detail["days_late"], entry.detail["interest"]) == (10, "1450.00")


def test_the_day_the_money_left_counts_not_the_day_it_was_recorded(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    under_order_87(session, tender)
    clock.move_to(beijing(2022, 9, 24, 9))
    bid = loser(session, tender)
    for wrong in (date(2022, 9, 25), date(2016, 1, 1)):
        with pytest.raises(Invalid, match="not after today"):
            paid_back(session, clock, people.finance, bid, paid_on=wrong)
    row = paid_back(session, clock, people.finance, bid, paid_on=date(2022, 9, 14))
    assert (row.days_late, row.interest) == (0, None)


def test_a_delay_that_lies_with_the_bidder_costs_nothing(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    under_order_87(session, tender)
    clock.move_to(beijing(2022, 9, 15, 9))
    row = paid_back(session, clock, people.finance, loser(session, tender), bidders_fault="账户已注销，未提供新账户")
    assert (row.days_late, row.interest, row.bidders_fault) == (1, None, "账户已注销，未提供新账户")


def test_a_winners_limit_runs_from_the_signing_and_it_may_be_converted(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    award = session.exec(select(Award)).first()
    assert award is not None
    bid = next(bid for bid, _row in securities(session, tender) if bid.id == award.bid_id)
    assert (limit_of(session, tender, bid).case, limit_of(session, tender, bid).last_day) == (Case.WINNER, None)
    award.signed_at = beijing(2016, 9, 28, 10)
    session.commit()
    assert limit_of(session, tender, bid).last_day == date(2016, 10, 10)
    clock.move_to(beijing(2016, 10, 10, 10))
    with pytest.raises(Refused, match="Only a winner's"):
        paid_back(session, clock, people.finance, loser(session, tender), converted=True)
    assert paid_back(session, clock, people.finance, bid.id or 0, converted=True).converted
    with pytest.raises(Refused, match="already"):
        paid_back(session, clock, people.finance, bid.id or 0)


# A bid withdrawn before the deadline -------------------------------------------------------------------------------


@pytest.fixture
def open_tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Three bids stand; bidding is open until 20 September 2022, under Order 87."""
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    tender.deadline = beijing(2022, 9, 20, 9)
    session.commit()
    clock.move_to(beijing(2022, 9, 6, 10))
    return tender


def withdrawn(session: Session, clock: FixedClock, people: make.Cast, tender: Tender) -> BidSecurity:
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    with transaction(session):
        services.withdraw_bid(session, people.insurers[0], clock, lot)
    (row,) = released(session, tender)
    return row


def test_a_withdrawal_puts_the_refund_on_finances_desk_at_once(
    session: Session, clock: FixedClock, people: make.Cast, open_tender: Tender
) -> None:
    assert released(session, open_tender) == []
    row = withdrawn(session, clock, people, open_tender)
    bid, _row = released_security(session, open_tender, row.reference or "")
    limit = limit_of(session, open_tender, bid, row)
    assert (limit.case, limit.last_day) == (Case.WITHDRAWN, date(2022, 9, 14))  # the 12th is Mid-Autumn
    before = len(session.exec(select(AuditEvent)).all())
    clock.move_to(beijing(2022, 9, 14, 16))
    with transaction(session):
        services.refund_released(
            session, people.finance, clock, open_tender.id or 0, row.reference or "", services.Payment()
        )
    assert (row.days_late, row.refunded_on, released(session, open_tender)) == (0, date(2022, 9, 14), [])
    entries = session.exec(select(AuditEvent).where(AuditEvent.position > before)).all()
    assert [entry.action for entry in entries] == ["tender:sealed:event"], "the log names nobody before the opening"
    with pytest.raises(Refused, match="already paid back"), transaction(session):
        services.refund_released(
            session, people.finance, clock, open_tender.id or 0, row.reference or "", services.Payment()
        )


def test_who_bids_again_gives_a_security_of_its_own(
    session: Session, clock: FixedClock, people: make.Cast, open_tender: Tender
) -> None:
    insurer, lot = people.insurers[0], services.lots_of(session, open_tender.id or 0)[0].id or 0
    row = withdrawn(session, clock, people, open_tender)
    bid = make.bid_of(session, open_tender, insurer)
    held = uploaded(session, bid)
    numbers = (held[EnvelopeKind.TECHNICAL].id or 0, held[EnvelopeKind.PRICE].id or 0)
    with pytest.raises(Refused, match="Record the bid security first"):
        make.submit(session, clock, insurer, lot, *numbers, key="without-security")
    with transaction(session):
        services.pay_security(session, insurer, clock, lot, payer_account="第二笔")
    make.submit(session, clock, insurer, lot, *numbers, key="with-a-new-one")
    assert [one.payer_account for one in released(session, open_tender)] == [row.payer_account]
    assert len(session.exec(select(BidSecurity).where(BidSecurity.bid_id == bid.id)).all()) == 2
    standing = security_of(session, bid)
    assert standing is not None
    assert (standing.payer_account, standing.reference) == ("第二笔", None)


def test_only_finance_and_only_by_its_reference(
    session: Session, clock: FixedClock, people: make.Cast, open_tender: Tender
) -> None:
    row = withdrawn(session, clock, people, open_tender)
    number = open_tender.id or 0
    with pytest.raises(Forbidden):
        services.refund_released(session, people.handler, clock, number, row.reference or "", services.Payment())
    with pytest.raises(NotFound):
        services.refund_released(session, people.finance, clock, number, "0" * 32, services.Payment())
    with pytest.raises(NotFound):  # by its bid it is not there before the opening
        services.refund_security(session, people.finance, clock, row.bid_id)


def test_a_law_without_that_limit_holds_it_to_the_end(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    make.submitted(session, clock, people.insurers[0], tender, "36.50")
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    with transaction(session):
        services.withdraw_bid(session, people.insurers[0], clock, lot)
    assert released(session, tender) == []
    assert security_of(session, make.bid_of(session, tender, people.insurers[0])) is not None
