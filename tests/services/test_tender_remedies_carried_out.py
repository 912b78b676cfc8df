"""What a founded query or complaint leads to is really done: corrected, begun again, the next candidate, in writing."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from core import audit
from core.clock import FixedClock, beijing, local_date
from core.db import transaction
from core.errors import Invalid, NotFound, Refused
from tender import services
from tender.models import Award, EnvelopeKind, Lot, Notice, NoticeKind, Query, QueryAbout, QueryOutcome, Tender
from tender.rules.stages import Stage
from tender.rules.words import RemedyRoute
from tender.services.remedies import open_remedies
from tests.factories import tender as make

LETTER = services.QueryLetter(
    "演示市解放路××号", "130000", "演示联系人", "0400", "请求复核。", "价格分有误。", "87号令第55条"
)


def awarded(session: Session, clock: FixedClock, people: make.Cast, *prices: str) -> Tender:
    """The test tender with its two winners fixed."""
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, prices, strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    return tender


def founded(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, about: QueryAbout, who: int = -1
) -> Query:
    """A query of one of the insurers that two people found to affect the result."""
    with transaction(session):
        row = services.lodge_query(session, people.insurers[who], clock, tender.id or 0, about, LETTER)
    with transaction(session):
        asked = services.request_reply(
            session, people.handler, clock, row.id or 0, outcome=QueryOutcome.AFFECTS, reply="经复核，质疑成立。"
        )
    make.approve(session, clock, people, asked.id)
    return row


def carried_out(
    session: Session, clock: FixedClock, people: make.Cast, row: Query, key: str, revoked_on: date | None = None
) -> None:
    """The act, asked for by the handler and approved by the approver."""
    with transaction(session):
        asked = services.request_remedy(
            session, people.handler, clock, row.id or 0, key=key, reason="原评审有误。", revoked_on=revoked_on
        )
    make.approve(session, clock, people, asked.id)


def keys(session: Session, clock: FixedClock, tender: Tender, row: Query) -> list[str]:
    return [entry.key for entry in open_remedies(session, tender, row, clock.now())]


def test_with_three_bidders_left_the_award_falls_to_the_next_candidate(session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock, insurers=4)
    tender = awarded(session, clock, people, "36.50", "37.00", "38.00", "39.00")
    first, second = services.awards_by_tender(session, tender.id or 0)
    row = founded(session, clock, people, tender, QueryAbout.RESULT)
    assert keys(session, clock, tender, row) == [
        f"next:{first.lot_id}:{first.id}", f"next:{second.lot_id}:{second.id}"
    ]  # fmt: skip
    carried_out(session, clock, people, row, f"next:{first.lot_id}:{first.id}")
    standing = services.awards_by_tender(session, tender.id or 0)
    assert [award.insurer_id for award in standing] == [
        people.insurers[2].organisation_id, people.insurers[1].organisation_id
    ]  # fmt: skip
    session.refresh(first)
    assert (first.voided_for_id, first.declined_at is not None) == (row.id, True)
    assert (row.remedy, row.carried_out) == (RemedyRoute.NEXT, "原评审有误。")
    assert session.get_one(Notice, row.remedy_notice_id).kind is NoticeKind.RESULT_CHANGE
    assert not services.signing_suspended(session, tender.id or 0, local_date(clock.now()))
    with transaction(session):
        services.record_report(session, people.handler, clock, row.id or 0, local_date(clock.now()))
    assert row.reported_on == local_date(clock.now())
    assert list(audit.verify(session)) == []


def test_with_two_bidders_left_the_procurement_begins_again(session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock)
    tender = awarded(session, clock, people, "36.50", "37.00", "38.00")
    row = founded(session, clock, people, tender, QueryAbout.RESULT)
    lot = services.lots_of(session, tender.id or 0)[0]
    assert keys(session, clock, tender, row) == [f"restart:{lot.id}:0"]
    with pytest.raises(Refused, match="does not leave this open"):
        carried_out(session, clock, people, row, f"next:{lot.id}:1")
    carried_out(session, clock, people, row, f"restart:{lot.id}:0")
    assert services.stage_of(tender, clock.now()) is Stage.FAILED
    assert services.awards_by_tender(session, tender.id or 0) == []
    kinds = [notice.kind for notice in session.exec(select(Notice).order_by(Notice.id))]  # type: ignore[arg-type]
    assert kinds[-3:] == [NoticeKind.RESULT_CHANGE, NoticeKind.RESULT_CHANGE, NoticeKind.FAILURE]
    assert "原评审有误" in (session.get_one(Lot, lot.id).end_reason or "")
    assert keys(session, clock, tender, row) == []


def test_a_signed_contract_must_be_revoked_first_and_a_performed_one_is_for_the_court(
    session: Session, clock: FixedClock
) -> None:
    people = make.cast(session, clock, insurers=4)
    tender = awarded(session, clock, people, "36.50", "37.00", "38.00", "39.00")
    row = founded(session, clock, people, tender, QueryAbout.PROCESS)
    first = services.awards_by_tender(session, tender.id or 0)[0]
    with transaction(session):
        session.get_one(Award, first.id).signed_at = clock.now()
    key = f"next:{first.lot_id}:{first.id}"
    assert keys(session, clock, tender, row)[:2] == [key, f"damages:{first.lot_id}:{first.id}"]
    with pytest.raises(Invalid, match="revoked"):
        carried_out(session, clock, people, row, key)
    carried_out(session, clock, people, row, key, revoked_on=local_date(clock.now()))
    assert row.remedy is RemedyRoute.NEXT


def test_damages_change_no_result(session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock)
    tender = awarded(session, clock, people, "36.50", "37.00", "38.00")
    row = founded(session, clock, people, tender, QueryAbout.PROCESS)
    first = services.awards_by_tender(session, tender.id or 0)[0]
    with transaction(session):
        session.get_one(Award, first.id).signed_at = clock.now()
    carried_out(session, clock, people, row, f"damages:{first.lot_id}:{first.id}")
    assert len(services.awards_by_tender(session, tender.id or 0)) == 2
    with pytest.raises(NotFound, match="No result was changed"), transaction(session):
        services.record_report(session, people.handler, clock, row.id or 0, local_date(clock.now()))


def test_a_faulty_document_is_settled_by_a_corrigendum_published_since(session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
    row = founded(session, clock, people, tender, QueryAbout.DOCUMENT, who=0)
    assert keys(session, clock, tender, row) == ["correct:0:0", "restart:0:0"]
    with pytest.raises(Refused, match="corrigendum first"):
        carried_out(session, clock, people, row, "correct:0:0")
    change = services.Correction(reason="质疑成立。", opening_place="演示省公共资源交易中心二层", affects_bids=False)
    with transaction(session):
        asked = services.request_correction(session, people.handler, clock, tender.id or 0, change)
    make.approve(session, clock, people, asked.id)
    carried_out(session, clock, people, row, "correct:0:0")
    assert session.get_one(Notice, row.remedy_notice_id).kind is NoticeKind.CORRIGENDUM
    assert services.stage_of(tender, clock.now()) is Stage.BIDDING


def test_a_letter_posted_in_time_is_in_time(session: Session, clock: FixedClock) -> None:
    """The notice runs until 15 August, so the query's last day is 24 August; the post takes three days."""
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    insurer = people.insurers[0]
    with transaction(session):
        services.take_documents(session, insurer, clock, tender.id or 0)
    clock.move_to(beijing(2016, 8, 27, 9))

    def register(posted_on: date | None, received_on: date) -> Query:
        with transaction(session):
            return services.register_query(
                session, people.handler, clock, tender.id or 0, QueryAbout.DOCUMENT, LETTER,
                organisation_id=insurer.organisation_id or 0, posted_on=posted_on, received_on=received_on,
            )  # fmt: skip

    with pytest.raises(Refused, match="ended on 2016-08-24"):
        register(None, date(2016, 8, 27))
    with pytest.raises(Refused, match="ended on 2016-08-24"):
        register(date(2016, 8, 25), date(2016, 8, 27))
    with pytest.raises(Invalid, match="come in this order"):
        register(date(2016, 8, 24), date(2016, 8, 28))
    row = register(date(2016, 8, 24), date(2016, 8, 26))
    assert (row.posted_on, row.received_on) == (date(2016, 8, 24), date(2016, 8, 26))


def test_where_the_document_asks_for_one_letter_a_second_on_the_same_step_is_refused(
    session: Session, clock: FixedClock
) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people, queries_once=True)
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
        services.lodge_query(session, people.insurers[0], clock, tender.id or 0, QueryAbout.DOCUMENT, LETTER)
    with pytest.raises(Refused, match="in one letter"), transaction(session):
        services.lodge_query(session, people.insurers[0], clock, tender.id or 0, QueryAbout.DOCUMENT, LETTER)


@pytest.mark.parametrize("late", [False, True])
def test_a_complaint_is_lodged_within_fifteen_working_days_of_the_end_of_the_reply_time(
    session: Session, clock: FixedClock, late: bool
) -> None:
    """Award on 6 September 2016: reply until 18 September, complaint until 12 October, over the holidays."""
    people = make.cast(session, clock)
    tender = awarded(session, clock, people, "36.50", "37.00", "38.00")
    row = founded(session, clock, people, tender, QueryAbout.RESULT)
    last = date(2016, 10, 12)
    clock.move_to(beijing(2016, 10, 20, 9))
    letter = services.ComplaintLetter(last + timedelta(days=late), "已答复。", "评分有误。", "94号令第18条")

    def complain() -> None:
        with transaction(session):
            services.record_complaint(
                session, people.handler, clock, row.id or 0, authority="演示省财政主管部门", matters="请求认定无效。",
                received_on=date(2016, 10, 17), notified_on=date(2016, 10, 19), letter=letter,
            )  # fmt: skip

    if late:
        with pytest.raises(Refused, match="ended on 2016-10-12"):
            complain()
    else:
        complain()
