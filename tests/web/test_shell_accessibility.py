"""The shell's own pages in Chromium: no axe violation, nothing wider than the screen, at desk and phone width."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlmodel import Session

from core import audit
from core.clock import FixedClock, local_date
from core.db import transaction
from core.home import BlockedItem, DueItem
from core.identity.actor import SYSTEM, Actor
from tests.support.browser import DESK, PHONE

PAGES = [
    "/desk",
    "/policies",
    "/policies/jilin-2016?on=2017-03-01",
    "/policies/open-tender",
    "/clauses?ref=J14",
    "/clauses?ref=87号令第27条",
    "/calendar?year=2026&start=2026-04-24&days=x",
    "/audit/",
    "/audit/events/1",
    "/audit/verification",
    "/tasks/",
    "/no-such-page",
]


@pytest.fixture
def busy(app: Flask, session: Session, clock: FixedClock) -> None:
    """A supervisor's house with something due, something blocked and something recorded."""
    someone = Actor(7, "测试员", 1, "department", frozenset({"supervisor", "handler"}))
    app.extensions["current_actor"] = lambda: someone
    today = local_date(clock.now())
    due = [
        DueItem(
            "发布合同公告",
            "包2",
            "/policies",
            "条例第50条",
            "2 个工作日",
            today + timedelta(days=days),
            action="去发布",
        )
        for days in (-4, 0, 2, 30)
    ]
    stuck = [BlockedItem("更正公告", "包1", "不足 15 日", "/policies", "调整截止时间", "条例第31条")]
    app.extensions["home"] = [SimpleNamespace(due=lambda *_: due, blocked=lambda *_: stuck)]
    with transaction(session):
        for number in range(25):
            audit.record(session, clock.now(), SYSTEM, "tender:notice:publish", ("notice", number), version=number)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_by_everyone_on_every_screen(
    busy: None, new_page: Callable[..., Page], axe: Callable[[Page], None], path: str
) -> None:
    for viewport, language in ((DESK, "zh"), (PHONE, "zh"), (PHONE, "en")):
        tab = new_page(viewport=viewport)
        tab.goto(f"/language/{language}?next=/policies")
        tab.goto(path)
        axe(tab)
        assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_desk_works_without_a_script(busy: None, new_page: Callable[..., Page]) -> None:
    tab = new_page(javascript=False)
    tab.goto("/desk")
    assert "1 项逾期" in tab.locator("h1").inner_text()
    tab.get_by_role("link", name="English").click()
    assert "1 overdue" in tab.locator("h1").inner_text()


def test_the_keyboard_reaches_the_content_first(busy: None, new_page: Callable[..., Page]) -> None:
    tab = new_page()
    tab.goto("/desk")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"


def test_the_servers_clock_goes_on(busy: None, new_page: Callable[..., Page], clock: FixedClock) -> None:
    tab = new_page()
    tab.goto("/desk")
    tab.wait_for_timeout(2200)
    assert tab.locator("time[data-clock]").inner_text() in ("09:00:01", "09:00:02", "09:00:03")
