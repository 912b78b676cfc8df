"""Queries and complaints: their last days, the reply of two people, and signing that waits for them."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock, beijing, local_date
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Invalid, Refused
from tender import services
from tender.models import ComplaintOutcome, Query, QueryAbout, QueryOutcome, Tender
from tender.services.remedies import complaint_of
from tests.factories import tender as make

LETTER = services.QueryLetter(
    "演示市解放路××号", "130000", "演示联系人", "0400", "请求复核。", "价格分有误。", "87号令第55条"
)


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def lodged(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, about: QueryAbout, who: int = 0
) -> Query:
    """A query of one of the insurers."""
    with transaction(session):
        return services.lodge_query(session, people.insurers[who], clock, tender.id or 0, about, LETTER)


def answered(
    session: Session, clock: FixedClock, people: make.Cast, query: Query, outcome: QueryOutcome
) -> None:
    """The reply, by two people."""
    with transaction(session):
        asked = services.request_reply(session, people.handler, clock, query.id or 0, outcome=outcome, reply="经复核…")
    make.approve(session, clock, people, asked.id)


def awarded(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """The test tender with its winners fixed on 6 September 2016."""
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, make.EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    return tender


@pytest.mark.parametrize(("at", "in_time"), [(beijing(2016, 8, 24, 23), True), (beijing(2016, 8, 25, 0), False)])
def test_the_document_is_queried_within_seven_working_days_of_its_notice_period(
    session: Session, clock: FixedClock, people: make.Cast, at: datetime, in_time: bool
) -> None:
    tender = make.published(session, clock, people)  # the notice runs until 15 August
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
    clock.move_to(at)
    if in_time:
        assert lodged(session, clock, people, tender, QueryAbout.DOCUMENT).number == 1
        return
    with pytest.raises(Refused, match="ended on 2016-08-24"):
        lodged(session, clock, people, tender, QueryAbout.DOCUMENT)


def test_process_and_result_are_queried_by_bidders_once_they_exist(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    with pytest.raises(Refused, match="Take the tender document"):
        lodged(session, clock, people, tender, QueryAbout.DOCUMENT)
    with transaction(session):
        services.take_documents(session, people.insurers[1], clock, tender.id or 0)
    with pytest.raises(Refused, match="Only who bid"):
        lodged(session, clock, people, tender, QueryAbout.PROCESS, who=1)
    make.submitted(session, clock, people.insurers[0], tender, "37.00")
    with pytest.raises(Refused, match="No step"):
        lodged(session, clock, people, tender, QueryAbout.PROCESS)
    with pytest.raises(Refused, match="no published result"):
        lodged(session, clock, people, tender, QueryAbout.RESULT)


def test_signing_waits_for_the_reply_and_after_a_founded_one_until_it_is_carried_out(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    today, number = local_date(clock.now()), tender.id or 0
    assert not services.signing_suspended(session, number, today)
    first = lodged(session, clock, people, tender, QueryAbout.RESULT, who=2)
    assert services.signing_suspended(session, number, today)
    answered(session, clock, people, first, QueryOutcome.UNFOUNDED)
    assert not services.signing_suspended(session, number, today)
    second = lodged(session, clock, people, tender, QueryAbout.RESULT, who=2)
    answered(session, clock, people, second, QueryOutcome.AFFECTS)
    assert services.signing_suspended(session, number, today)
    done_outside(session, clock, people, second, "另行确定中标人。")
    assert not services.signing_suspended(session, number, today)
    replies = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "query_reply")).all()
    assert [row.published_at for row in replies] == [None, None]
    with pytest.raises(Refused, match="already answered"):
        answered(session, clock, people, first, QueryOutcome.AFFECTS)


def test_a_complaint_suspends_for_thirty_days_and_a_founded_one_until_carried_out(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    number = tender.id or 0
    query = lodged(session, clock, people, tender, QueryAbout.RESULT, who=2)
    day = local_date(clock.now())
    with pytest.raises(Refused, match="follows a query"):
        complained(session, clock, people, query, day)
    answered(session, clock, people, query, QueryOutcome.UNFOUNDED)
    complained(session, clock, people, query, day)
    assert services.signing_suspended(session, number, day + timedelta(days=30))
    assert not services.signing_suspended(session, number, day + timedelta(days=31))
    complaint = complaint_of(session, query)
    assert complaint is not None
    with transaction(session):
        services.record_statement(session, people.handler, clock, complaint.id or 0, "评审依法进行。")
        services.record_decision(
            session, people.handler, clock, complaint.id or 0, outcome=ComplaintOutcome.FOUNDED, decided_on=day,
            decision="中标结果无效。",
        )  # fmt: skip
    assert services.signing_suspended(session, number, day + timedelta(days=90))
    done_outside(session, clock, people, query, "重新开展采购活动。")
    assert not services.signing_suspended(session, number, day)


def done_outside(session: Session, clock: FixedClock, people: make.Cast, query: Query, text: str) -> None:
    """Two people record what was done outside this house; until the second one signing stays suspended."""
    with transaction(session):
        asked = services.request_carried_out(session, people.handler, clock, query.id or 0, text)
    assert services.signing_suspended(session, query.tender_id, local_date(clock.now()))
    make.approve(session, clock, people, asked.id)


def complained(session: Session, clock: FixedClock, people: make.Cast, query: Query, day: date) -> None:
    """A complaint whose finance department suspended the procurement the same day."""
    with transaction(session):
        services.record_complaint(
            session, people.handler, clock, query.id or 0, authority="演示省财政主管部门", received_on=day,
            notified_on=day, suspended_on=day, matters="请求认定中标结果无效。",
        )  # fmt: skip


def test_a_letter_with_an_empty_field_is_refused(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    empty = services.QueryLetter("演示市", "130000", "演示联系人", "0400", "请求复核。", "", "87号令第55条")
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
    with pytest.raises(Invalid, match="all its fields"), transaction(session):
        services.lodge_query(session, people.insurers[0], clock, tender.id or 0, QueryAbout.DOCUMENT, empty)
