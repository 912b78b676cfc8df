"""The preparation's pages: planner, scoring table, previews, and checks that lead to their fields."""


import pytest
from flask import Flask
from sqlmodel import Session

from core.clock import FixedClock
from core.db import transaction
from tender import services
from tender.services.scoring import criteria_of
from tests.factories import tender as make
from tests.support import pdf
from tests.support.pages import signed_in


@pytest.fixture
def people(app: Flask, session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def test_the_planner_shows_every_limit_and_names_what_breaks(
    app: Flask, session: Session, people: make.Cast
) -> None:
    handler = signed_in(app, session, people.handler)
    page = handler.get("/tenders/planner")
    page = handler.submit(page, {"notice_on": "2026-11-23", "deadline_on": "2026-12-12"})
    assert "不得少于20日，即不早于2026-12-13" in page.text
    assert "跳过：11-28 周六、11-29 周日" in page.text
    assert all(f"T{number:02}" in page.text for number in range(1, 32))
    moved = handler.submit(page, {"deadline_on": "2026-12-14", "decided_on": "2026-12-22"})
    assert "晚于最后期限2026-12-21" in moved.text
    assert "暂定" in moved.text
    wrong = handler.submit(page, {"deadline_on": "2026-11-01"})
    assert "晚于公告" in wrong.text or "投标截止" in wrong.text


def test_a_tenders_planner_previews_keeps_later_dates_and_saves(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.prepared(session, clock, people)
    number = tender.id
    handler = signed_in(app, session, people.handler)
    path = f"/tenders/{number}/timetable"
    shown = handler.submit(handler.get(path), {"decided_on": "2016-09-09"}, button="推算日期")
    assert "自确定中标人（2016-09-09，当日不计）起2个工作日" in shown.text
    assert "自确定中标人（2016-09-09" not in handler.get(path).text  # a preview saves nothing
    handler.submit(shown, button="保存")
    assert "自确定中标人（2016-09-09" in handler.get(path).text
    assert "自确定中标人（2016-09-09" in handler.get(f"/tenders/{number}").text


def test_the_scoring_table_is_edited_without_losing_a_word(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.prepared(session, clock, people)
    number = tender.id
    before = [row.name for row in criteria_of(session, number or 0)]
    handler = signed_in(app, session, people.handler)
    path = f"/tenders/{number}/criteria"
    page = handler.get(path)
    assert "合计100分" in page.text
    assert "示例得分" in page.text
    # Half-typed work survives adding a line, moving one and adding a level; nothing is saved yet.
    page = handler.submit(page, {"lines-1-name": "偿付能力（已改）", "lines-1-points": "七"}, button="增加一项")
    assert 'value="七"' in page.text
    page = handler.submit(page, {"lines-7-name": "应急预案"}, button="上移第2行")
    page = handler.submit(page, button="增加档次")
    assert all(words in page.text for words in ("偿付能力（已改）", 'value="七"', "应急预案"))
    assert [row.name for row in criteria_of(session, number or 0)] == before
    wrong = handler.submit(page, button="保存")
    assert wrong.status_code == 400
    assert "第1行：请填写一个数，如8或者7.5" in wrong.text
    # A forbidden factor is named with its article when the table is checked, before it is saved.
    page = handler.submit(handler.get(path), {"lines-4-name": "注册资本", "lines-4-points": "19"}, button="检查并试算")
    assert "属于供应商规模条件" in page.text
    assert "不等于100" in page.text or "99" in page.text
    saved = handler.submit(handler.get(path), {"lines-4-name": "承办服务与应急方案"}, button="保存")
    assert "承办服务与应急方案" in saved.text
    session.expire_all()
    assert criteria_of(session, number or 0)[4].name == "承办服务与应急方案"


def test_papers_are_previewed_from_the_data_as_it_stands(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.prepared(session, clock, people)
    number = tender.id
    handler = signed_in(app, session, people.handler)
    assert f"/tenders/{number}/preview/document" in handler.get(f"/tenders/{number}/prepare").text
    texts = {}
    for kind in ("notice", "agreement"):
        answer = handler.get(f"/tenders/{number}/preview/{kind}?lot=1")
        assert answer.mimetype == "application/pdf"
        texts[kind] = pdf.text(answer.get_data())
    assert all("预览稿（未发布）" in text for text in texts.values())
    assert "协议期限" in texts["agreement"]
    assert "None" not in texts["agreement"]
    with transaction(session):
        services.edit_basics(
            session, people.handler, clock, number or 0,
            make.basics(tender.number, people.department.id or 0, opening_place="另一处开标地点"),
        )  # fmt: skip
    assert "另一处开标地点" in pdf.text(handler.get(f"/tenders/{number}/preview/notice").get_data())
    assert handler.get(f"/tenders/{number}/preview/letter").status_code == 404
    assert signed_in(app, session, people.insurers[0]).get(f"/tenders/{number}/preview/notice").status_code == 403


def test_a_preview_of_an_unfinished_tender_says_what_is_missing(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    with transaction(session):
        head = make.basics("YSDB-2016-ZB-07", people.department.id or 0)
        tender = services.create_tender(session, people.handler, clock, pack="jilin-2016", basics=head)
    number = tender.id
    handler = signed_in(app, session, people.handler)
    answer = handler.get(f"/tenders/{number}/preview/document")
    assert answer.status_code == 409
    assert "预览需先填写日期" in answer.text


def test_every_check_leads_to_its_own_field(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.prepared(session, clock, people)
    number = tender.id or 0
    with transaction(session):
        services.set_mandatory_fields(session, people.handler, clock, number, {"exclusions": ""})
        first = services.lots_of(session, number)[0]
        services.set_historical_years(session, people.handler, clock, first.id or 0, [])
    handler = signed_in(app, session, people.handler)
    page = handler.get(f"/tenders/{number}").text
    assert f"/tenders/{number}/fields#exclusions" in page
    assert f"/tenders/{number}/lots/1/history" in page
    assert 'id="exclusions"' in handler.get(f"/tenders/{number}/fields").text
