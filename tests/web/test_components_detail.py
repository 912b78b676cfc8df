"""Parts of detail pages: dates that bind, figures that answer for themselves, checks, two-person acts, receipts."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Page

from core.clock import beijing
from core.web import Action, Chip, access
from tests.support.browser import DESK, PHONE
from tests.support.clients import CheckingClient
from tests.support.markup import Markup, words

PAGE = """
{% extends "layout/desk.html" %}
{% from "components/page.html" import page_head, stages, toc, section, alert, empty, scroll, chip %}
{% from "components/detail.html" import due, last_day, trace, trace_row, figures, facts, timeline %}
{% from "components/detail.html" import checklist, blocked, two_keys, log, receipt, files, job %}
{% from "components/forms.html" import cannot, post_button %}
{% block title %}2025 年度决算表{% endblock %}
{% block head %}
{% call page_head("2025 年度决算表", crumbs=[("工作台", "/desk"), ("NDHT-2025-01", None)], state=chips[0],
    note="单位：元", acts=[act], facts=[("年度合同", "NDHT-2025-01")]) %}
{{ stages([("准备", "10-08", "done"), ("公告", "11-11", "now"), ("开标", "", "")]) }}
{% endcall %}
{% endblock %}
{% block body %}
<div class="page">{{ toc([("rows", "一、决算行", ""), ("acts", "二、签发", "2 未了")]) }}
<div class="sheet">
{% call section("rows", "一、决算行", note="点金额可看出处", more="全部", more_url="/policies") %}
{{ figures([("盈余", "3,418,226.47", "元", false), ("返还基金", "2,392,758.53", "元", true)]) }}
{% call scroll("决算行") %}
<table class="table rows">
<thead><tr><th scope="col" class="n">行</th><th scope="col">项目</th>
<th scope="col" class="n">金额<br><small>元</small></th>
<th scope="col">出处</th></tr></thead><tbody>
<tr><td class="n muted">9</td><th scope="row">未决赔款准备金变动</th>
<td class="n">{{ trace("1,338,500.00", "row-9") }}</td><td>期末减期初</td></tr>
{{ trace_row("row-9", 4, [("这个数怎么来的", "3,488,500.00 − 2,150,000.00")]) }}
</tbody></table>
{% endcall %}
<p>{{ due("over", 2) }} {{ due("today") }} {{ due("soon", 3) }} {{ due("later", 12) }}
{{ due("later", 30, true) }} {{ due("idle") }} {{ last_day(day, true) }}</p>
<p>{% for each in chips %}{{ chip(each.mark, each.word) }} {% endfor %}</p>
{{ facts([("数据截止", "2026-06-30")]) }}
{{ timeline(events) }}
{{ alert("不足 15 日", kind="danger", title="不能发布", clause="条例第31条") }}
{{ alert("已送审", kind="success") }}{{ alert("暂定", kind="warning") }}{{ alert("第 2 版") }}
{{ empty("还没有上报", "最迟 2027-01-31") }}
{% endcall %}
{% call section("acts", "二、签发") %}
{{ checklist(checks) }}
{{ blocked(stuck) }}
{% call two_keys(("李敏 起草", "11-24 09:31"), ("待第二人批准", "周正 或 孙立群"), done=1) %}
{{ cannot("送批并发布", "解决 1 项阻断后可送批") }}{{ post_button("/logout", "签发", kind="seal") }}{% endcall %}
{{ log([entry]) }}
{{ receipt("投标回执", "已收到", [("回执号", "7Q4M-K2XD")]) }}
{{ files([file]) }}
{{ job(task) }}
{% endcall %}
</div></div>
{% endblock %}
"""


@pytest.fixture
def everything(app: Flask) -> None:
    """A page with every part once, at /test/everything."""
    chips = [
        Chip("wait", "争议核对中"),
        Chip("", "准备"),
        Chip("run", "投标中"),
        Chip("ok", "已备案"),
        Chip("stop", "阻断"),
    ]
    check: dict[str, Any] = {"clause": "条例第31条", "act": None}
    done: dict[str, Any] = {"title": "核算", "count": "63 / 100", "percent": 63, "over": False, "failed": False}
    task: dict[str, Any] = {**done, "error": "", "clause": None, "ended": None}
    given: dict[str, Any] = {
        "chips": [*chips, Chip("frozen", "已签发")],
        "act": Action("下载 PDF", "/policies"),
        "day": date(2027, 1, 6),
        "events": [
            SimpleNamespace(at=date(2023, 9, 18), title="招标公告", note="2 包", state="done", clause=None),
            SimpleNamespace(
                at=beijing(2023, 10, 20, 9), title="中标公告", note="公告", state="done bind", clause="87号令第69条"
            ),
            SimpleNamespace(at="2026 年", title="协议期满", note="", state="next", clause=None),
        ],
        "checks": [
            SimpleNamespace(level="good", title="保证金未超过 2%", why="", **check),
            SimpleNamespace(
                level="bad",
                title="不足 15 日",
                why="须顺延",
                clause="条例第31条",
                act=Action("顺延", "/policies", True),
            ),
            SimpleNamespace(level="warn", title="按数量给分", why="可设上限", **check),
        ],
        "stuck": [
            SimpleNamespace(
                title="决算表", context="包1", why="争议未了结", clause="合同第18条", url="/policies", action="查看"
            )
        ],
        "entry": SimpleNamespace(at=beijing(2026, 11, 24, 9, 31), by="李敏", words="起草"),
        "file": SimpleNamespace(url="/policies", title="回执", note="PDF", size=18_400_000),
        "task": SimpleNamespace(**task, began=beijing(2026, 11, 24), url="/tasks/", progress_url="/tasks/1/progress"),
    }

    @app.get("/test/everything")
    @access.public
    def page() -> str:
        return render_template_string(PAGE, **given)


@pytest.fixture
def parts(client: CheckingClient, everything: None) -> Markup:
    """The page as it is served; fetching it has already checked its markup."""
    return Markup(client.get("/test/everything").text)


def test_every_part_makes_valid_markup_in_both_languages(client: CheckingClient, everything: None) -> None:
    assert client.get("/test/everything").status_code == 200
    client.get("/language/en")
    assert client.get("/test/everything").status_code == 200


def test_what_is_left_is_said_in_words_beside_its_colour(parts: Markup) -> None:
    marks = [words(mark) for mark in parts.all("span") if mark.get("class", "").startswith("due ")]
    assert marks == ["逾期 2 工作日", "今日截止", "剩 3 工作日", "剩 12 工作日", "约 30 工作日", "未起算"]


def test_a_figure_leads_to_how_it_came_about_and_back(parts: Markup) -> None:
    figure = next(link for link in parts.all("a") if link.get("class") == "trace")
    row = next(row for row in parts.all("tr") if row.get("id") == "row-9")
    assert figure.get("href") == "#row-9"
    assert "3,488,500.00 − 2,150,000.00" in words(row)
    assert [link.get("href") for link in row.iter("a")] == [f"#{figure.get('id')}"]


def test_what_blocks_stands_before_what_warns_and_what_passes(parts: Markup) -> None:
    checks = next(found for found in parts.all("ul") if found.get("class") == "checks")
    assert [item.get("class") for item in checks] == ["bad", "warn", "good"]
    assert "阻断" in words(checks[0])


def test_a_button_that_cannot_be_pressed_says_why(parts: Markup) -> None:
    button = next(found for found in parts.all("button") if words(found) == "送批并发布")
    assert "disabled" in button.attrib
    assert "解决 1 项阻断后可送批" in words(parts.all("main")[0])


def test_every_clause_named_is_a_link_to_its_words(parts: Markup) -> None:
    clauses = {link.get("href", "") for link in parts.all("a") if link.get("class") == "clause"}
    assert all(href.startswith("/clauses?ref=") for href in clauses)
    assert len(clauses) == 3


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_passes_the_accessibility_check_and_fits_the_screen(
    everything: None,
    new_page: Callable[..., Page],
    axe: Callable[[Page], None],
    viewport: dict[str, int],
    language: str,
) -> None:
    tab = new_page(viewport=viewport)
    tab.goto(f"/language/{language}?next=/test/everything")
    axe(tab)
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    tab.goto("/test/everything#row-9")
    assert tab.locator("#row-9").is_visible()
    axe(tab)
