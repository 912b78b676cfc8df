"""履约保证金 from signing to return: given in parts and forms, counted while it holds, returned in time or late."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from contracts import services
from contracts.models import ServiceAgreement
from contracts.services.securities import SecurityStanding, security_standing
from core.audit import AuditEvent
from core.clock import FixedClock, beijing, local_date
from core.db import transaction
from core.errors import Forbidden, Invalid, Refused
from core.identity import approvals
from tender.models import Award, BidSecurity, PerformanceSecurity, SecurityForm, Tender
from tender.services import Payment, refund_security
from tests.factories import contracts as make

#: 5 % of 90,000,000 yuan.
AGREED = Decimal("4500000.00")


def with_days(session: Session, case: make.Case, days: int | None = 5) -> None:
    """The tender document names so many working days for the return."""
    session.get_one(Tender, case.tender_id).performance_return_days = days
    session.commit()


def given(session: Session, clock: FixedClock, case: make.Case, **changes: object) -> PerformanceSecurity:
    values: dict[str, object] = {
        "amount": AGREED, "form": SecurityForm.TRANSFER, "paid_on": local_date(clock.now()), "reference": "YS-1",
    }  # fmt: skip
    with transaction(session):
        return services.record_security(session, case.finance, clock, case.agreement_id, **{**values, **changes})  # type: ignore[arg-type]


def standing(session: Session, clock: FixedClock, case: make.Case) -> SecurityStanding:
    agreement = session.get_one(ServiceAgreement, case.agreement_id)
    return security_standing(session, agreement, local_date(clock.now()))


def over(session: Session, clock: FixedClock, *, handed_over: date | None = date(2020, 1, 6)) -> make.Case:
    """An agreement whose security was given and whose term ended on 31 December 2019."""
    case = make.drafted(session, clock)
    with_days(session, case)
    given(session, clock, case)
    with transaction(session):
        services.sign_agreement(session, case.signer, clock, case.agreement_id)
    make.approve(session, clock, case, services.request_agency_signature, case.agreement_id)
    clock.move_to(beijing(2020, 1, 8, 9))
    if handed_over:
        with transaction(session):
            services.record_handover(session, case.handler, clock, case.agreement_id, handed_over)
    return case


def returned(
    session: Session, clock: FixedClock, case: make.Case, payment: Payment | None = None, **kept: object
) -> PerformanceSecurity:
    key = standing(session, clock, case).rows[0].id or 0
    with transaction(session):
        return services.return_security(session, case.finance, clock, key, payment or Payment(), **kept)  # type: ignore[arg-type]


def test_it_is_given_in_parts_until_nothing_is_open(session: Session, clock: FixedClock) -> None:
    case = make.drafted(session, clock)
    assert (standing(session, clock, case).demanded, standing(session, clock, case).open) == (AGREED, AGREED)
    given(session, clock, case, amount=Decimal("1500000.00"), form=SecurityForm.CHEQUE)
    guarantee = {"form": SecurityForm.BANK_GUARANTEE, "valid_until": date(2017, 11, 30)}
    given(session, clock, case, amount=Decimal("3000000.00"), reference="BH-1", **guarantee)
    assert (standing(session, clock, case).held, standing(session, clock, case).open) == (AGREED, Decimal("0.00"))
    with pytest.raises(Refused, match="more than was agreed"):
        given(session, clock, case, amount=Decimal("0.01"), reference="YS-3")
    entries = session.exec(select(AuditEvent).where(AuditEvent.action == "contracts:security:record")).all()
    assert [entry.detail["form"] for entry in entries] == ["cheque", "bank_guarantee"]
    clock.move_to(beijing(2017, 12, 1, 9))
    assert standing(session, clock, case).open == Decimal("3000000.00"), "a guarantee that has run out holds nothing"


#: What is wrong → the field it is about.
FAULTS = [
    ({"form": SecurityForm.CONVERTED}, "form"),
    ({"amount": Decimal(0)}, "amount"),
    ({"paid_on": date(2016, 11, 5)}, "paid_on"),
    ({"reference": "  "}, "reference"),
    ({"form": SecurityForm.GUARANTEE}, "valid_until"),
    ({"form": SecurityForm.GUARANTEE, "valid_until": date(2016, 11, 3)}, "valid_until"),
    ({"form": SecurityForm.TRANSFER, "valid_until": date(2020, 1, 1)}, "valid_until"),
]


@pytest.mark.parametrize(("change", "field"), FAULTS)
def test_what_cannot_be_recorded(
    session: Session, clock: FixedClock, change: dict[str, object], field: str
) -> None:
    case = make.drafted(session, clock)
    with pytest.raises(Invalid) as refused:
        given(session, clock, case, **change)
    assert refused.value.field == field


def test_only_finance_takes_and_returns_it(session: Session, clock: FixedClock) -> None:
    case = make.drafted(session, clock)
    with pytest.raises(Forbidden), transaction(session):
        services.record_security(
            session, case.handler, clock, case.agreement_id, amount=AGREED, form=SecurityForm.TRANSFER,
            paid_on=local_date(clock.now()), reference="YS-1",
        )  # fmt: skip


def test_the_second_person_reads_that_it_is_missing(session: Session, clock: FixedClock) -> None:
    case = make.drafted(session, clock)
    with transaction(session):
        services.sign_agreement(session, case.signer, clock, case.agreement_id)
    for paid, left in ((Decimal("500000.00"), "4,000,000.00"), (Decimal("4000000.00"), None)):
        given(session, clock, case, amount=paid, reference=f"YS-{paid}")
        with transaction(session):
            asked = services.request_agency_signature(session, case.handler, clock, case.agreement_id)
            said = asked.summary
            assert ("although" in said["message"], said["params"].get("left")) == (left is not None, left)
            approvals.withdraw(session, case.handler, clock, asked.id or 0, "先补交")


#: Handover, and the last day for the return: five working days from the later of end and handover.
LAST_DAYS = [
    (None, None),
    (date(2019, 12, 20), date(2020, 1, 8)),  # handed over early: counted from the end of the term
    (date(2020, 1, 6), date(2020, 1, 13)),
]


@pytest.mark.parametrize(("handed_over", "last_day"), LAST_DAYS)
def test_the_return_runs_from_the_end_and_the_handover(
    session: Session, clock: FixedClock, handed_over: date | None, last_day: date | None
) -> None:
    case = over(session, clock, handed_over=handed_over)
    assert standing(session, clock, case).limit.last_day == last_day


def test_it_is_held_until_the_handover_and_returned_once(session: Session, clock: FixedClock) -> None:
    case = over(session, clock, handed_over=None)
    with pytest.raises(Refused, match="held until"):
        returned(session, clock, case)
    with pytest.raises(Refused, match="is over"):
        given(session, clock, case, reference="YS-2")
    with transaction(session):
        services.record_handover(session, case.handler, clock, case.agreement_id, date(2020, 1, 6))
    with pytest.raises(Refused, match="already recorded"), transaction(session):
        services.record_handover(session, case.handler, clock, case.agreement_id, date(2020, 1, 7))
    clock.move_to(beijing(2020, 1, 13, 17))
    row = returned(session, clock, case)
    assert (row.due_on, row.days_late, row.interest) == (date(2020, 1, 13), 0, None)
    assert standing(session, clock, case).to_return == []
    with pytest.raises(Refused, match="already returned"):
        returned(session, clock, case)


def test_a_late_return_costs_interest_on_what_goes_back(session: Session, clock: FixedClock) -> None:
    case = over(session, clock)
    clock.move_to(beijing(2020, 1, 23, 9))
    with pytest.raises(Invalid, match="10 days late"):
        returned(session, clock, case)
    with pytest.raises(Invalid, match="Name the breach"):
        returned(session, clock, case, deducted=Decimal("500000.00"))
    with pytest.raises(Invalid, match="At most"):
        returned(session, clock, case, deducted=Decimal("4500000.01"), deduction_reason="拖延支付")
    paid = Payment(base_rate=Decimal("0.0435"), rate_source="中国人民银行公告（演示）")
    row = returned(session, clock, case, paid, deducted=Decimal("500000.00"), deduction_reason="2019年拖延支付")
    # 4,000,000 × 4.35 % × 1.2 × 10 ÷ 360
    assert (row.days_late, row.interest, row.deducted) == (10, Decimal("5800.00"), Decimal("500000.00"))


def test_an_agreement_that_names_no_time_knows_no_lateness(session: Session, clock: FixedClock) -> None:
    case = over(session, clock)
    with_days(session, case, None)
    clock.move_to(beijing(2020, 6, 1, 9))
    row = returned(session, clock, case)
    assert (row.due_on, row.days_late, row.interest) == (None, 0, None)


def with_bid_security(session: Session, case: make.Case) -> int:
    """The first insurer paid a million for its bid; returns the bid."""
    bid = session.get_one(Award, case.award_ids[0]).bid_id or 0
    session.add(BidSecurity(bid_id=bid, amount=Decimal("1000000.00"), paid_at=make.AWARDED, payer_account="4410"))
    session.get_one(Tender, case.tender_id).technical_opened_at = make.AWARDED
    session.commit()
    return bid


def test_a_bid_security_turned_into_it_is_counted_once(session: Session, clock: FixedClock) -> None:
    case = make.drafted(session, clock)
    bid = with_bid_security(session, case)
    with transaction(session):
        refund_security(session, case.finance, clock, bid, Payment(converted=True))
    assert standing(session, clock, case).open == Decimal("3500000.00")
    assert [row.form for row in standing(session, clock, case).rows] == [SecurityForm.CONVERTED]


def test_more_than_is_open_is_not_turned(session: Session, clock: FixedClock) -> None:
    case = make.drafted(session, clock)
    given(session, clock, case)
    bid = with_bid_security(session, case)
    with pytest.raises(Refused, match="pay it back"), transaction(session):
        refund_security(session, case.finance, clock, bid, Payment(converted=True))
