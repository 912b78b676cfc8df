"""After a failure: tendered again with a link, or the government's decision with its document (J11); and silence."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from contracts.services import draft_agreements
from core.clock import FixedClock, local_date
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Invalid, Refused
from core.house import files_of
from core.identity import approvals
from core.messages.models import Message
from tender import services
from tender.models import Award, EnvelopeKind, Tender
from tender.rules.stages import Stage
from tender.services.fallback import Choice, decisions_of, following, open_lots
from tender.services.silence import silence_of
from tests.factories import tender as make
from tests.support.pages import signed_in

PDF = b"%PDF-1.7 the government's decision"


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


@pytest.fixture
def failed(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """A tender with two lots that nobody bid for in time: fewer than three, not opened."""
    lots = [make.lot(number) for number in (1, 2)]
    tender = make.published(session, clock, people, lots=lots)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    assert services.stage_of(tender, clock.now()) is Stage.FAILED
    return tender


def decision(session: Session, clock: FixedClock, people: make.Cast, tender: Tender, **changes: Any) -> Any:
    first, second = services.lots_of(session, tender.id or 0)
    insurers = [insurer.organisation_id or 0 for insurer in people.insurers]
    values: dict[str, Any] = {
        "number": "演政函〔2016〕88号", "issuer": "演示省人民政府", "decided_on": local_date(clock.now()),
        "method": "由投保人与原承办机构协商确定。", "content": PDF, "file_name": "决定.pdf",
        "choices": [
            Choice(first.id or 0, insurers[0], Decimal("38.00")), Choice(first.id or 0, insurers[1], Decimal("38.00")),
            Choice(second.id or 0, insurers[2], Decimal("39.50")),
        ],
    }  # fmt: skip
    return services.request_decision(session, people.handler, clock, tender.id or 0, **{**values, **changes})


def test_two_people_record_the_decision_and_the_agreements_follow(
    session: Session, clock: FixedClock, people: make.Cast, failed: Tender
) -> None:
    with transaction(session):
        asked = decision(session, clock, people, failed)
    with pytest.raises(Refused, match="Two people"), transaction(session):
        approvals.approve(session, people.handler, clock, asked.id or 0)
    make.approve(session, clock, people, asked.id)
    (row,) = decisions_of(session, failed.id or 0)
    awards = session.exec(select(Award).order_by(Award.id)).all()  # type: ignore[arg-type]
    assert [(one.bid_id, one.decision_id, one.place, one.insured_count, one.share) for one in awards] == [
        (None, row.id, 1, 1_200_000, Decimal("0.60")),
        (None, row.id, 2, 800_000, Decimal("0.40")),
        (None, row.id, 1, 2_000_000, Decimal(1)),
    ]
    notice = session.get_one(IssuedDocument, row.document_id)
    assert notice.published_at is not None
    assert [files_of(session).get(one["sha256"]) for one in notice.attachments] == [PDF]
    told = {message.recipient_id for message in session.exec(select(Message))}
    assert {insurer.user_id for insurer in people.insurers} <= told
    with transaction(session):
        agreements = draft_agreements(session, people.handler, clock, failed.id or 0)
    assert [one.insurer_id for one in agreements] == [insurer.organisation_id for insurer in people.insurers]
    assert open_lots(session, failed) == []
    with pytest.raises(Refused, match="No lot"), transaction(session):
        decision(session, clock, people, failed)


REFUSED = [
    ("no number", {"number": " "}, "number"),
    ("nobody decided", {"issuer": ""}, "Name who"),
    ("no method", {"method": ""}, "how the insurers"),
    ("no PDF", {"content": b"PK\x03\x04"}, "PDF"),
    ("a day to come", {"decided_on": date(2030, 1, 1)}, "day to come"),
    ("no insurer", {"choices": []}, "at least one lot"),
]


@pytest.mark.parametrize("changes, words", [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_decision_that_is_not_whole_is_refused(
    session: Session, clock: FixedClock, people: make.Cast, failed: Tender, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words), transaction(session):
        decision(session, clock, people, failed, **changes)


def test_the_choices_must_fit_the_lots(
    session: Session, clock: FixedClock, people: make.Cast, failed: Tender
) -> None:
    lot = services.lots_of(session, failed.id or 0)[0].id or 0
    insurer, price = people.insurers[0].organisation_id or 0, Decimal("38.00")
    for choices, words in (
        ([Choice(lot, insurer, Decimal("40.01"))], "ceiling"),
        ([Choice(lot, insurer, Decimal(0))], "above zero"),
        ([Choice(lot, people.department.id or 0, price)], "Only an insurer"),
        ([Choice(lot, insurer, price), Choice(lot, insurer, price)], "as many as"),
        ([Choice(999, insurer, price)], "did not fail"),
    ):
        with pytest.raises(Invalid, match=words), transaction(session):
            decision(session, clock, people, failed, choices=choices)


def test_a_tender_that_did_not_fail_takes_no_decision(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    lots = [make.lot(number) for number in (1, 2)]
    tender = make.published(session, clock, people, lots=lots)
    with pytest.raises(Refused), transaction(session):
        decision(session, clock, people, tender)
    with pytest.raises(Refused), transaction(session):
        services.retender(session, people.handler, clock, tender.id or 0)


def test_a_failed_tender_is_begun_again_once_with_its_failed_lots_and_a_link(
    session: Session, clock: FixedClock, people: make.Cast, failed: Tender
) -> None:
    first = services.lots_of(session, failed.id or 0)[0].id or 0
    with transaction(session):
        one = Choice(first, people.insurers[0].organisation_id or 0, Decimal("38.00"))
        asked = decision(session, clock, people, failed, choices=[one])
    make.approve(session, clock, people, asked.id)
    with transaction(session):
        again = services.retender(session, people.handler, clock, failed.id or 0)
    assert (again.retender_of_id, again.number) == (failed.id, f"{failed.number}-2")
    assert [(lot.position, lot.name) for lot in services.lots_of(session, again.id or 0)] == [(1, "城镇居民大病保险")]
    assert again.budget == Decimal("240000000.00")
    assert following(session, failed) == again
    with pytest.raises(Refused, match="already begun"), transaction(session):
        services.retender(session, people.handler, clock, failed.id or 0)
    with transaction(session):  # the second attempt comes to nothing too
        again.failed_at = services.lots_of(session, again.id or 0)[0].failed_at = clock.now()
    with transaction(session):
        third = services.retender(session, people.handler, clock, again.id or 0)
    assert (third.number, third.retender_of_id) == (f"{failed.number}-3", again.id)
    assert third.title == f"{failed.title}（第三次）"


def test_silence_makes_the_first_ranked_the_winners_and_the_award_notice_says_so(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    said = silence_of(tender, clock.now())
    assert said is not None
    assert not said.deemed
    clock.advance(days=20)
    said = silence_of(tender, clock.now())
    assert said is not None
    assert said.deemed
    assert said.last_day < local_date(clock.now() - timedelta(days=5))
    with pytest.raises(Refused, match="deemed"), transaction(session):
        services.request_failure(
            session, people.handler, clock, tender.id or 0, ground="task_cancelled", reason="不想要了"
        )
    make.awarded(session, clock, people, tender)
    notice = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "award_notice")).one()
    assert notice.inputs["context"]["silent_since"] == said.last_day.isoformat()
    assert silence_of(tender, clock.now()) is None


@pytest.mark.databases("sqlite")
def test_the_department_goes_the_way_of_the_decision_in_the_browser(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, failed: Tender
) -> None:
    number, code = failed.id, failed.number
    lots = [lot.id for lot in services.lots_of(session, number or 0)]
    insurer = people.insurers[0].organisation_id
    session.rollback()
    handler = signed_in(app, session, people.handler)
    assert "有标包未产生承办机构" in handler.get("/desk").text
    assert "废标后续" in handler.get(f"/tenders/{number}").text
    page = handler.get(f"/tenders/{number}/after-failure")
    assert "登记政府决定" in page.text
    form = handler.get(f"/tenders/{number}/after-failure/decision")
    data = {
        "number": "演政函〔2016〕88号", "issuer": "演示省人民政府", "decided_on": "2016-09-01", "method": "协商确定。",
        "file": (BytesIO(PDF), "决定.pdf"), f"insurer-{lots[0]}-1": str(insurer), f"price-{lots[0]}-1": "38.00",
    }  # fmt: skip
    asked = handler.submit(form, data, button="送第二人审批")
    assert "待第二人" in asked.text or "审批" in asked.text
    approver = signed_in(app, session, people.approver)
    waiting = approver.get(f"/tenders/{number}/after-failure")
    link = re.search(r"/approvals/\d+", waiting.text)
    assert link is not None
    make.approve(session, clock, people, int(link.group().rsplit("/", 1)[1]))
    session.rollback()
    after = handler.get(f"/tenders/{number}/after-failure")
    assert "演政函〔2016〕88号" in after.text
    again = handler.submit(after, {}, action="/after-failure/again", button="重新招标")
    assert f"{code}-2" in again.text
    assert f"{code}-2" in handler.get(f"/tenders/{number}").text
    public = app.test_client().get(f"/processes/{code}").get_data(as_text=True)
    assert "承办机构确定公告" in public
