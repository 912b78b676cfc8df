"""The pages of the draw: pool, list, two supervisors, order, refusal and the file."""


from flask import Flask
from sqlmodel import Session

from core.clock import FixedClock
from tender import services
from tender.models import EnvelopeKind
from tests.factories import tender as make
from tests.support.pages import signed_in


def test_two_supervisors_and_a_handler_draw_a_committee_in_the_browser(
    app: Flask, session: Session, clock: FixedClock
) -> None:
    people = make.cast(session, clock, experts=7)
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    number, absent = tender.id, people.experts[0].user_id
    handler = signed_in(app, session, people.handler)
    pool = handler.get("/tenders/experts")
    assert pool.status_code == 200
    entry = handler.get(f"/tenders/experts/{absent}")
    saved = handler.submit(
        entry, {"specialty": "精算", "employer": people.department.name, "recusals": [], "reason": ""}, button="保存"
    )
    assert "精算" in saved.get_data(as_text=True)
    page = handler.get(f"/tenders/{number}/draw").get_data(as_text=True)
    assert "专家库中可以参加抽取的专家6人" in page
    assert "采购人或者投保人的工作人员" in page
    form = handler.get(f"/tenders/{number}/draw/candidates")
    handler.submit(form, {"members": "", "purchasers": [str(people.handler.user_id)]}, button="保存")

    first, second = (signed_in(app, session, person) for person in people.supervisors)
    assert "为专家抽取提交保密数摘要" in first.get("/desk").get_data(as_text=True)
    short = first.submit(first.get(f"/tenders/{number}/draw/commit"), {"nonce": "too short"}, button="保存")
    assert short.status_code == 400
    for browser, person in ((first, people.supervisors[0]), (second, people.supervisors[1])):
        browser.submit(
            browser.get(f"/tenders/{number}/draw/commit"), {"nonce": make.secret(person)}, button="保存"
        )
    assert "公开抽取用的保密数" in second.get("/desk").get_data(as_text=True)
    for browser, person in ((first, people.supervisors[0]), (second, people.supervisors[1])):
        browser.submit(
            browser.get(f"/tenders/{number}/draw/reveal"), {"nonce": make.secret(person)}, button="保存"
        )
    session.rollback()
    seats = services.committee_of(session, number or 0)
    leaving = seats[-1].id
    session.rollback()
    done = handler.get(f"/tenders/{number}/draw")
    assert "已入选" in done.get_data(as_text=True)
    assert handler.get(f"/tenders/{number}/draw/1/draw.json").get_json()["round"] == 1
    after = handler.submit(
        handler.get(f"/tenders/{number}/committee/{leaving}/refusal"), {"reason": "出差，不能参加"}, button="保存"
    )
    assert "出差，不能参加" in after.get_data(as_text=True)
    supervisor = second.get(f"/tenders/{number}/draw").get_data(as_text=True)
    assert [expert.name for expert in people.experts if expert.name in supervisor] == []
