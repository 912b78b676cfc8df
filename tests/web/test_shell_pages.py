"""The shell's own pages: the desk, the policy packs, clauses, the calendar, the audit log and long work."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import text
from sqlmodel import Session

from core import audit
from core.clock import FixedClock, beijing
from core.db import transaction
from core.home import BlockedItem, DueItem, Panel
from core.home.gather import standing
from core.home.items import PanelRow
from core.identity.actor import SYSTEM, Actor
from core.tasks.models import Task
from core.web import Action, Chip
from tests.support.clients import CheckingClient
from tests.support.markup import Markup, words

TUESDAY = beijing(2026, 11, 24, 9, 42)


# The desk ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last_day", "at", "state", "days"),
    [
        (date(2026, 11, 20), None, "over", 2),  # Friday; Monday and Tuesday have passed
        (date(2026, 11, 24), None, "today", 0),
        (date(2026, 11, 24), beijing(2026, 11, 24, 9, 30), "over", 0),  # the hour has passed
        (date(2026, 11, 24), beijing(2026, 11, 24, 17), "today", 0),
        (date(2026, 11, 27), None, "soon", 3),
        (date(2026, 11, 30), None, "later", 4),
        (date(2027, 1, 6), None, "later", 30),
        (None, None, "idle", None),
    ],
)
def test_what_is_left_is_counted_in_working_days(
    last_day: date | None, at: object, state: str, days: int | None
) -> None:
    line = standing(DueItem("x", "y", "/", last_day=last_day, at=at), TUESDAY)  # type: ignore[arg-type]
    assert (line.state, line.days) == (state, days)


def a_room(*due: DueItem, blocked: tuple[BlockedItem, ...] = ()) -> SimpleNamespace:
    """A room that has this to say to everybody."""
    panel = Panel(
        "在办招标", (PanelRow("城乡居民大病保险", "/policies", "2 包", Chip("run", "投标中")),), more_url="/policies"
    )
    return SimpleNamespace(
        due=lambda _session, _actor, _now: due,
        blocked=lambda _session, _actor, _now: blocked,
        panels=lambda _session, _actor, _now: [panel],
        acts=lambda _session, _actor, _now: [Action("新建招标", "/policies", primary=True)],
    )


def test_the_heading_says_the_state_and_the_soonest_comes_first(
    app: Flask, login: Callable[..., CheckingClient], clock: FixedClock
) -> None:
    handler = login("handler")
    app.extensions["home"] = [
        a_room(
            DueItem(
                "开标",
                "包1",
                "/policies",
                "87号令第39条",
                "与截止同一时间",
                date(2016, 8, 15),
                beijing(2016, 8, 15, 9, 30),
            ),
            DueItem("退还保证金", "包1", "/policies", "条例第33条", "5 个工作日", waiting="待通知书发出"),
            DueItem(
                "结果质疑期满", "包2", "/policies", "94号令第10条", "7 个工作日", date(2031, 1, 6), provisional=True
            ),
            DueItem("发布合同公告", "包2", "/policies", "条例第50条", "2 个工作日", date(2016, 7, 29), action="去发布"),
            blocked=(BlockedItem("更正公告", "包1", "不足 15 日", "/policies", "调整", "条例第31条"),),
        )
    ]
    page = handler.get("/desk").text
    assert '<span class="seal-text">1 项逾期</span>，1 项受阻，3 项待办' in page
    assert [page.index(title) for title in ("发布合同公告", "开标", "结果质疑期满", "退还保证金")] == sorted(
        page.index(title) for title in ("发布合同公告", "开标", "结果质疑期满", "退还保证金")
    )
    assert "暂定" in page
    assert "待通知书发出" in page


def test_a_desk_without_anything_says_so(app: Flask, login: Callable[..., CheckingClient]) -> None:
    handler = login("handler")
    app.extensions["home"] = []
    assert "没有逾期和受阻事项" in handler.get("/desk").text


# Policy ------------------------------------------------------------------------------------------------------------


def test_everyone_reads_what_was_in_force_on_a_day(client: CheckingClient) -> None:
    before = client.get("/policies/jilin-2016?on=2016-06-01").text
    after = client.get("/policies/jilin-2016?on=2017-03-01").text
    assert "50%" in before
    assert "55%" in after
    assert "五(三)" in after


@pytest.mark.parametrize("name", ["jilin-2016", "guangdong-2016", "yunnan-2015", "yunnan-2022", "qujing-2016"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_pack_is_a_page_without_code_words(client: CheckingClient, name: str, language: str) -> None:
    client.get(f"/language/{language}")
    page = client.get(f"/policies/{name}?on=2023-01-01").text
    said = [words(cell) for cell in Markup(page).all("td")]
    assert said
    assert [cell for cell in said if "_" in cell] == []


def test_a_day_before_the_paper_says_that_it_is_not_in_force(client: CheckingClient) -> None:
    assert "不适用" in client.get("/policies/jilin-2016?on=2010-01-01").text


def test_an_unknown_pack_is_not_found_and_the_known_are_named(client: CheckingClient) -> None:
    page = client.get("/policies/atlantis")
    assert page.status_code == 404
    assert "jilin-2016" in page.text


@pytest.mark.parametrize("cited", ["吉政办发〔2016〕57号 五(三)", "吉政办发〔2016〕57号五（三）", "J14"])
def test_a_clause_opens_its_words_however_it_is_cited(client: CheckingClient, cited: str) -> None:
    page = client.get("/clauses", query_string={"ref": cited})
    assert page.status_code == 200
    assert "盈余" in page.text


@pytest.mark.parametrize("cited", ["条例第31条", "政府采购法实施条例第31条、87号令第27条", "T05"])
def test_a_clause_of_procurement_law_shows_the_limits_that_rest_on_it(client: CheckingClient, cited: str) -> None:
    page = client.get("/clauses", query_string={"ref": cited})
    assert page.status_code == 200
    assert "可能影响投标文件编制的澄清或修改" in page.text
    assert "不少于 15 日" in page.text


def test_a_clause_the_house_does_not_hold_says_so(client: CheckingClient) -> None:
    page = client.get("/clauses", query_string={"ref": "某法第999条"})
    assert page.status_code == 404
    assert "未收录" in page.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("year=2026&start=2026-04-24&days=7", "2026-05-08 周五"),
        ("year=2016&start=2016-09-28&days=5", "2016-10-10 周一"),
        ("start=2026-11-23&days=30&unit=day", "2026-12-23 周三"),
        ("start=2026-12-25&days=10", "暂定"),
        ("start=2026-12-25&days=ten", "请填 −1000 至 1000 之间的整数"),
        ("start=1900-01-01&days=1", "请选 2010 年至 2055 年之间的日期"),
        ("year=99999&start=x&days=", "2016 年工作日历"),
    ],
)
def test_the_calendar_counts_time_limits(client: CheckingClient, asked: str, said: str) -> None:
    assert said in client.get(f"/calendar?{asked}").text


def test_a_year_not_published_is_marked_provisional(client: CheckingClient) -> None:
    assert "尚未公布" in client.get("/calendar?year=2030").text


# Audit -------------------------------------------------------------------------------------------------------------


def test_the_log_is_read_filtered_and_verified(
    login: Callable[..., CheckingClient], session: Session, clock: FixedClock
) -> None:
    with transaction(session):
        audit.record(session, clock.now(), SYSTEM, "tender:notice:publish", ("notice", 4711), version=2)
    watcher = login("audit_admin")
    page = watcher.get("/audit/?room=tender")
    assert "tender:notice:publish" in page.text
    assert "identity:" not in page.text
    assert "version" in watcher.get("/audit/events/1").text
    assert watcher.get("/audit/events/999999").status_code == 404
    assert "记录链完整" in watcher.get("/audit/verification").text


def test_a_changed_event_is_found_and_named(
    login: Callable[..., CheckingClient], session: Session, clock: FixedClock
) -> None:
    with transaction(session):
        audit.record(session, clock.now(), SYSTEM, "tender:notice:publish", ("notice", 4711), version=2)
    watcher = login("audit_admin")
    session.execute(text("DROP TRIGGER audit_event_no_update"))
    session.execute(text("UPDATE audit_event SET object_id = '4712' WHERE position = 1"))
    session.commit()
    page = watcher.get("/audit/verification").text
    assert "记录链不完整" in page
    assert "写入后被改动" in page


# Long work ---------------------------------------------------------------------------------------------------------


def queued(session: Session, clock: FixedClock, owner: Actor, **facts: object) -> int:
    """A task of this person in the state that the facts give it."""
    task = Task(kind="test.work", args={}, requested_by=owner.user_id, requested_at=clock.now(), **facts)
    session.add(task)
    session.commit()
    assert task.id is not None
    return task.id


def test_how_far_a_task_is_can_be_seen_and_asked(
    login: Callable[..., CheckingClient], session: Session, clock: FixedClock
) -> None:
    handler = login("handler")
    running = queued(session, clock, handler.actor, started_at=clock.now(), done=1_748_220, total=2_790_600)
    page = handler.get(f"/tasks/{running}").text
    assert "1,748,220 / 2,790,600" in page
    assert f'data-progress="/tasks/{running}/progress"' in page
    answer = handler.get(f"/tasks/{running}/progress").json
    assert answer == {"percent": 62, "count": "1,748,220 / 2,790,600", "finished": False}


def test_a_finished_task_leads_back_to_where_it_belongs(
    login: Callable[..., CheckingClient], session: Session, clock: FixedClock
) -> None:
    handler = login("handler")
    done = queued(session, clock, handler.actor, started_at=clock.now(), finished_at=clock.now() + timedelta(minutes=1))
    page = handler.get(f"/tasks/{done}?next=/policies").text
    assert 'href="/policies"' in page
    assert "2016-08-01 09:01 完成" in page
    assert 'href="https://evil.example' not in handler.get(f"/tasks/{done}?next=https://evil.example/").text


def test_a_failed_task_says_why(login: Callable[..., CheckingClient], session: Session, clock: FixedClock) -> None:
    handler = login("handler")
    error = {"message": "There is no page in this language", "params": {}, "clause": "87号令第27条"}
    failed = queued(session, clock, handler.actor, started_at=clock.now(), failed_at=clock.now(), error=error)
    page = handler.get(f"/tasks/{failed}").text
    assert "没有该语言的页面" in page
    assert "87号令第27条" in page
    assert "失败" in handler.get("/tasks/").text


def test_long_work_that_goes_on_stands_on_the_desk(
    login: Callable[..., CheckingClient], session: Session, clock: FixedClock
) -> None:
    handler = login("handler")
    queued(session, clock, handler.actor, started_at=clock.now(), done=31, total=50)
    old = clock.now() - timedelta(days=2)
    queued(session, clock, handler.actor, started_at=old, finished_at=old)
    page = handler.get("/desk").text
    assert "耗时任务" in page
    assert "62%" in page
    assert page.count("/tasks/") == 2  # the one that runs, and the way to them all


def test_nobody_learns_of_anothers_task(
    login: Callable[..., CheckingClient], session: Session, clock: FixedClock
) -> None:
    other = queued(session, clock, Actor(4711, "x", None, "department", frozenset()))
    assert login("handler").get(f"/tasks/{other}").status_code == 404
