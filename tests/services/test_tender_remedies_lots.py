"""A query or complaint names its lots: what it suspends and what its outcome does touches them and no others."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlmodel import Session, select

from core.clock import FixedClock, local_date
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Invalid, Refused
from tender import services
from tender.models import Award, Complaint, Query, QueryAbout, QueryOutcome, RemedyRoute, Tender
from tender.rules.remedies import left_open, touches
from tender.rules.stages import Stage
from tender.services.remedies import open_remedies, suspended_lots
from tests.factories import tender as make
from tests.factories.tender_stages import LETTER
from tests.support.pages import signed_in


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=4)


def with_bids(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """A tender of two lots: all four insurers bid for the first, three of them for the second."""
    half = {"insured_count": 1_000_000, "budget": Decimal("120000000.00")}
    tender = make.published(session, clock, people, lots=[make.lot(number, **half) for number in (1, 2)])
    for lot, bidders in zip(services.lots_of(session, tender.id or 0), (4, 3), strict=True):
        for insurer, price in zip(people.insurers[:bidders], ("36.50", "37.00", "38.00", "39.00"), strict=False):
            make.submitted(session, clock, insurer, tender, price, lot.id)
    return tender


def awarded(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Both lots decided; the two cheapest insurers won both."""
    return make.decided(session, clock, people, with_bids(session, clock, people))


def queried(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, *lots: int, who: int = 1,
    about: QueryAbout = QueryAbout.RESULT, outcome: QueryOutcome | None = QueryOutcome.AFFECTS,
) -> Query:  # fmt: skip
    """A query about these lots, answered by two people where an outcome is given."""
    with transaction(session):
        row = services.lodge_query(session, people.insurers[who], clock, tender.id or 0, about, LETTER, lots)
    if outcome is not None:
        with transaction(session):
            asked = services.request_reply(
                session, people.handler, clock, row.id or 0, outcome=outcome, reply="经复核。"
            )
        make.approve(session, clock, people, asked.id)
    return row


def carried_out(session: Session, clock: FixedClock, people: make.Cast, row: Query, key: str) -> None:
    with transaction(session):
        asked = services.request_remedy(session, people.handler, clock, row.id or 0, key=key, reason="原评审有误。")
    make.approve(session, clock, people, asked.id)


def keys(session: Session, clock: FixedClock, tender: Tender, row: Query) -> list[str]:
    return [entry.key for entry in open_remedies(session, tender, row, clock.now())]


@pytest.mark.parametrize(
    ("lots", "settled", "lot", "touched"),
    [
        ([], [], 1, True),  # the whole tender
        ([2], [], 1, False),
        ([1, 2], [], 1, True),
        ([1, 2], [1], 1, False),  # carried out for this lot
        ([1, 2], [1], 2, True),
        ([2], [], None, True),  # whether anything is suspended at all
    ],
)
def test_a_letter_touches_the_lots_it_names(
    lots: list[int], settled: list[int], lot: int | None, touched: bool
) -> None:
    assert touches(left_open(lots, settled), lot) is touched


def test_an_open_query_suspends_the_lots_it_names(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = awarded(session, clock, people)
    today, number = local_date(clock.now()), tender.id or 0
    queried(session, clock, people, tender, 2, outcome=None)
    assert suspended_lots(session, tender, today) == [2]
    assert services.signing_suspended(session, number, today)
    assert not services.signing_suspended(session, number, today, 1)
    whole = queried(session, clock, people, tender, 2, 1, outcome=None)  # every lot is the whole tender
    assert whole.lots == []
    assert suspended_lots(session, tender, today) == [1, 2]


def test_process_and_result_of_a_lot_are_queried_by_who_bid_for_it(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    with pytest.raises(Refused, match="not for lot"):
        queried(session, clock, people, tender, 2, who=3)
    with pytest.raises(Invalid, match="no such lot"):
        queried(session, clock, people, tender, 3, who=3)
    assert queried(session, clock, people, tender, 1, who=3, outcome=None).lots == [1]


def test_the_award_of_the_named_lot_falls_and_the_other_stands(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    first, second, *others = services.awards_by_tender(session, tender.id or 0)
    row = queried(session, clock, people, tender, 1)
    assert keys(session, clock, tender, row) == [f"next:{first.lot_id}:{award.id}" for award in (first, second)]
    carried_out(session, clock, people, row, f"next:{first.lot_id}:{first.id}")
    assert (row.remedy, row.carried_out_at is not None) == (RemedyRoute.NEXT, True)
    standing = services.awards_by_tender(session, tender.id or 0)
    assert [award.insurer_id for award in standing if award.lot_id == first.lot_id] == [
        people.insurers[2].organisation_id, people.insurers[1].organisation_id
    ]  # fmt: skip
    assert [award.id for award in standing if award.lot_id != first.lot_id] == [award.id for award in others]
    reply = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "query_reply")).one()
    assert reply.inputs["context"]["query"]["lots"] == [1]


def test_a_founded_query_on_one_lot_ends_that_lot_alone(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    one, two = services.lots_of(session, tender.id or 0)
    row = queried(session, clock, people, tender, 2)  # two bidders would be left: begin again
    assert keys(session, clock, tender, row) == [f"restart:{two.id}:0"]
    carried_out(session, clock, people, row, f"restart:{two.id}:0")
    session.refresh(one)
    assert (one.failed_at, two.failed_at is not None) == (None, True)
    assert services.stage_of(tender, clock.now()) is Stage.AWARDED
    assert {award.lot_id for award in services.awards_by_tender(session, tender.id or 0)} == {one.id}


def test_a_query_on_two_of_three_lots_is_carried_out_lot_by_lot(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    half = {"insured_count": 1_000_000, "budget": Decimal("120000000.00")}
    lots = [make.lot(number, **half) for number in (1, 2)] + [make.lot(1, name="城乡居民大病保险", **half)]
    tender = make.published(session, clock, people, lots=lots)
    for lot in services.lots_of(session, tender.id or 0):
        make.submitted(session, clock, people.insurers[0], tender, "37.00", lot.id)
    one, two, three = services.lots_of(session, tender.id or 0)
    row = queried(session, clock, people, tender, 1, 2, who=0, about=QueryAbout.DOCUMENT)
    assert keys(session, clock, tender, row) == [
        "correct:0:0", f"restart:{one.id}+{two.id}:0", f"restart:{one.id}:0", f"restart:{two.id}:0",
    ]  # fmt: skip
    carried_out(session, clock, people, row, f"restart:{two.id}:0")
    assert (row.settled_lots, row.carried_out, row.carried_out_at) == ([2], "第2包：原评审有误。", None)
    assert suspended_lots(session, tender, local_date(clock.now())) == [1]
    assert keys(session, clock, tender, row) == ["correct:0:0", f"restart:{one.id}:0"]
    carried_out(session, clock, people, row, f"restart:{one.id}:0")
    assert row.carried_out_at is not None
    session.refresh(three)
    assert three.failed_at is None
    assert services.stage_of(tender, clock.now()) is Stage.BIDDING


def test_a_complaint_goes_no_further_than_its_query(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = awarded(session, clock, people)
    row, day = queried(session, clock, people, tender, 1, outcome=QueryOutcome.UNFOUNDED), local_date(clock.now())
    with pytest.raises(Invalid, match="no further"):
        complained(session, clock, people, row, day, [2])
    with pytest.raises(Invalid, match="no further"):
        complained(session, clock, people, row, day, [])
    assert complained(session, clock, people, row, day, None).lots == [1]
    assert suspended_lots(session, tender, day) == [1]


def complained(
    session: Session, clock: FixedClock, people: make.Cast, row: Query, day: date, lots: list[int] | None
) -> Complaint:
    """A complaint whose finance department suspended the procurement the same day."""
    with transaction(session):
        return services.record_complaint(
            session, people.handler, clock, row.id or 0, authority="演示省财政主管部门", received_on=day,
            notified_on=day, suspended_on=day, matters="请求认定中标结果无效。", lots=lots,
        )  # fmt: skip


@pytest.mark.databases("sqlite")
def test_lots_are_ticked_on_the_letter_and_stand_in_the_register(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    number = tender.id
    session.rollback()
    insurer, handler = signed_in(app, session, people.insurers[1]), signed_in(app, session, people.handler)
    typed = {"about": "result", "lots": ["2"], **vars(LETTER)}
    lodged = insurer.submit(insurer.get(f"/tenders/opportunities/{number}/query"), typed, button="提出质疑")
    assert "第2包" in lodged.text
    page = handler.get(f"/tenders/{number}")
    assert "暂停签订合同 第2包" in page.text
    assert "第2包" in handler.get("/tenders/queries/1").text
    assert "第2包" in app.test_client().get(f"/tenders/register/{number}").text
    session.rollback()
    assert session.exec(select(Award)).all()
