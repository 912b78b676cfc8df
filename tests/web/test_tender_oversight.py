"""The pages of those who watch a tender: hints, findings, the archive; and a founded query carried out on the pages."""

from io import BytesIO

import pytest
from flask import Flask
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.house import House
from core.identity import approvals
from core.identity.models import Organisation
from core.tasks.work import run_waiting
from tender import services
from tender.archive import faults
from tender.archive.verify import read
from tender.models import Award, EnvelopeKind, QueryAbout, QueryOutcome, Tender
from tests.factories import identity
from tests.factories import tender as make
from tests.support.pages import signed_in


@pytest.fixture
def people(app: Flask, session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Three bids, opened; their securities come from one account."""
    found = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, found, price)
    make.opened(session, clock, people, found, EnvelopeKind.TECHNICAL)
    return found


def test_watching_a_tender_on_the_pages(
    app: Flask, house: House, session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    base = f"/tenders/{tender.id}"
    department = session.get_one(Organisation, people.department.id)
    supervisor = signed_in(app, session, identity.actor(session, clock, "supervisor", of=department))
    page = supervisor.get(f"{base}/hints")
    assert "投标保证金从同一账户转出" in page.text
    assert "不因线索否决投标" in page.text
    link = next(line for line in page.text.split('"') if line.startswith(f"{base}/hints/"))
    page = supervisor.submit(supervisor.get(link), {"text": "已核实，为结算专户。"})
    assert "已核实，为结算专户。" in page.text

    page = supervisor.submit(
        supervisor.get(f"{base}/findings/new"), {"text": "开标记录缺签字。", "article": "87号令第42条"}
    )
    assert "开标记录缺签字。" in page.text
    handler = signed_in(app, session, people.handler)
    assert "答复第1号监督意见" in handler.get("/desk").text
    page = handler.submit(handler.get("/tenders/findings/1/reply"), {"reply": "已补签。"})
    assert "已补签。" in page.text
    assert signed_in(app, session, people.insurers[0]).get(f"{base}/findings").status_code == 403
    assert signed_in(app, session, people.experts[0]).get(f"{base}/hints").status_code == 404

    make.reviewed(session, clock, people, tender)
    chair = signed_in(app, session, make.committee(session, people, tender)[0])
    page = chair.submit(chair.get(f"{base}/hints"), {}, button="线索附于评标报告")
    assert "评标委员会决定将线索附于评标报告" in page.text
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    handler = signed_in(app, session, people.handler)
    assert "采购活动尚未结束" in handler.get(f"{base}/archive").text
    with transaction(session):
        for row in session.exec(select(Award)):
            row.signed_at = clock.now()
    page = handler.submit(handler.get(f"{base}/archive"), {}, button="生成归档文件包")
    assert run_waiting(house) == 1
    page = handler.get(f"{base}/archive")
    assert "至少保存至" in page.text
    content = handler.get(f"{base}/archive/download").data
    assert faults(read(BytesIO(content))) == []


def test_a_founded_query_is_carried_out_by_two_people_on_the_pages(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    letter = services.QueryLetter("演示市", "130000", "演示联系人", "0400", "请求复核。", "价格分有误。", "第55条")
    with transaction(session):
        row = services.lodge_query(session, people.insurers[2], clock, tender.id or 0, QueryAbout.RESULT, letter)
        asked = services.request_reply(
            session, people.handler, clock, row.id or 0, outcome=QueryOutcome.AFFECTS, reply="质疑成立。"
        )
    make.approve(session, clock, people, asked.id)
    handler = signed_in(app, session, people.handler)
    page = handler.submit(handler.get("/tenders/queries/1/remedy"), {"reason": "价格分计算有误，重新采购。"})
    assert "价格分计算有误，重新采购。" in page.text
    session.expire_all()
    with transaction(session):
        waiting = approvals.pending(session, "tender.remedy", ("supplier_query", 1))
        assert waiting is not None
        approvals.approve(session, people.approver, clock, waiting.id or 0)
    page = handler.get("/tenders/queries/1")
    assert "终止本次采购，重新开展采购活动" in page.text
    assert "采购结果改变，书面报告财政部门" in handler.get("/desk").text
    page = handler.submit(handler.get("/tenders/queries/1/report"), {"on": "2016-09-06"})
    assert "已于" in page.text
    insurer = signed_in(app, session, people.insurers[2])
    assert "质疑成立。" in insurer.get("/tenders/opportunities/queries/1").text
    other = signed_in(app, session, people.insurers[1])
    assert other.get("/tenders/opportunities/queries/1").status_code == 404
    guest = signed_in(app, session, people.insurers[1])
    assert "重新采购" in guest.get("/tenders/register").text
