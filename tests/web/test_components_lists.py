"""Lists: search, filter, sort, page and export, over a query and over rows in memory."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from core.clock import FixedClock
from core.web import Action, Chip, Column, Filter, Table, access, listing
from core.web.models import SubmittedForm
from tests.support.clients import CheckingClient
from tests.support.markup import Markup, words

PAGE = """
{% extends "layout/portal.html" %}{% from "components/tables.html" import list %}
{% block title %}List{% endblock %}{% block body %}<h1>List</h1>{{ list(table) }}{% endblock %}
"""


@dataclass(frozen=True)
class Contract:
    """A row in memory."""

    number: str
    insurer: str
    premium: Decimal | None
    rate: Fraction
    signed_on: date


CONTRACTS = [
    Contract("NDHT-01", "长白人寿", Decimal("100000000.00"), Fraction(34182, 1000000), date(2026, 1, 6)),
    Contract("NDHT-02", "松江健康", Decimal("-5006925.00"), Fraction(-561, 10000), date(2025, 1, 6)),
    Contract("NDHT-03", '=HYPERLINK("http://evil.example")', None, Fraction(1, 3), date(2024, 1, 6)),
    Contract("NDHT-04", "+86", Decimal("0.00"), Fraction(0), date(2023, 1, 6)),
]


@pytest.fixture
def lists(app: Flask) -> None:
    """A list in memory at /test/contracts and one over a query at /test/forms."""
    page = app.jinja_env.from_string(PAGE)

    @app.get("/test/contracts")
    @access.public
    def contracts() -> Any:
        columns = [
            Column("number", "合同", "code", sort=True, link=lambda row: f"/policies?q={row.number}"),
            Column("insurer", "保险公司"),
            Column("premium", "保费", "money", sort=True, unit="元"),
            Column("rate", "盈亏率", "rate", sort=True),
            Column("signed_on", "签订日", "day", sort=True, when=True),
            Column("state", "状态", "chip", value=lambda row: Chip("ok", "已签订")),
        ]
        years = [(str(year), str(year)) for year in (2023, 2024, 2025, 2026)]
        table = Table(
            CONTRACTS,
            columns,
            caption="年度合同",
            search=lambda row: f"{row.number} {row.insurer}",
            filters=[Filter("year", "年度", years, lambda year: lambda row: row.signed_on.year == int(year))],
            action=lambda row: Action("打开", f"/policies?q={row.number}"),
            late=lambda row: row.rate < 0,
            filename="年度合同",
        )
        return listing(page, table)

    @app.get("/test/forms")
    @access.public
    def forms() -> Any:
        columns = [
            Column("key", "编号", "code", sort=SubmittedForm.key),
            Column("at", "时间", "moment", sort=SubmittedForm.at),
            Column("location", "去处"),
        ]
        table = Table(
            select(SubmittedForm),
            columns,
            caption="表单",
            search=[SubmittedForm.key, SubmittedForm.location],
            order=[col(SubmittedForm.key)],
            empty="还没有表单",
            filename="forms",
        )
        return listing(page, table)


def column(page: TestResponse, number: int) -> list[str]:
    """The words of one column of the list, top to bottom."""
    rows = [row for row in Markup(page.text).all("tr") if any(cell.tag == "td" for cell in row)]
    return [words([cell for cell in row if cell.tag == "td"][number]) for row in rows]


# In memory ---------------------------------------------------------------------------------------------------------


def test_values_are_written_by_their_kind(client: CheckingClient, lists: None) -> None:
    page = client.get("/test/contracts")
    assert column(page, 2) == ["100,000,000.00", "−5,006,925.00", "—", "0.00"]
    assert column(page, 3) == ["+3.4182%", "−5.6100%", "+33.3333%", "+0.0000%"]
    assert column(page, 4)[0] == "2026-01-06 周二"


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("", ["NDHT-01", "NDHT-02", "NDHT-03", "NDHT-04"]),
        ("?sort=premium", ["NDHT-02", "NDHT-04", "NDHT-01", "NDHT-03"]),  # the unknown comes last
        ("?sort=-premium", ["NDHT-01", "NDHT-04", "NDHT-02", "NDHT-03"]),
        ("?sort=insurer", ["NDHT-01", "NDHT-02", "NDHT-03", "NDHT-04"]),  # no column to sort by: ignored
        ("?q=松江", ["NDHT-02"]),
        ("?q=ndht-04", ["NDHT-04"]),
        ("?year=2024", ["NDHT-03"]),
        ("?year=1999", ["NDHT-01", "NDHT-02", "NDHT-03", "NDHT-04"]),  # no choice of the filter: ignored
        ("?year=2025&q=松江&sort=-rate", ["NDHT-02"]),
        ("?page=99", ["NDHT-01", "NDHT-02", "NDHT-03", "NDHT-04"]),
        ("?page=-1&size=7", ["NDHT-01", "NDHT-02", "NDHT-03", "NDHT-04"]),
    ],
)
def test_rows_in_memory_are_searched_filtered_and_sorted(
    client: CheckingClient, lists: None, asked: str, numbers: list[str]
) -> None:
    assert column(client.get(f"/test/contracts{asked}"), 0) == numbers


def test_a_heading_sorts_and_then_turns_round_and_keeps_the_search(client: CheckingClient, lists: None) -> None:
    page = client.get("/test/contracts?q=NDHT&sort=premium")
    links = {link.get("href") for link in Markup(page.text).all("a")}
    assert "/test/contracts?q=NDHT&sort=-premium" in links
    assert 'aria-sort="ascending"' in page.text


def test_nothing_found_says_so_and_shows_the_way_back(client: CheckingClient, lists: None) -> None:
    page = client.get("/test/contracts?q=nothing&year=2024&page=2&sort=-rate")
    assert "没有符合条件的记录" in page.text
    links = {words(link): link.get("href") for link in Markup(page.text).all("a")}
    assert links["显示全部"] == "/test/contracts?sort=-rate"


def test_what_is_searched_for_cannot_become_markup(client: CheckingClient, lists: None) -> None:
    page = client.get('/test/contracts?q="><script>alert(1)</script>')
    assert "<script>alert" not in page.text


# Over a query ------------------------------------------------------------------------------------------------------


@pytest.fixture
def forty_five(session: Session, clock: FixedClock) -> None:
    """Forty-five rows, key-00 … key-44, one an hour; one of them has a percent sign in it."""
    for number in range(45):
        location = "/100%/done" if number == 7 else f"/place/{number}"
        session.add(SubmittedForm(key=f"key-{number:02d}", at=clock.now() + timedelta(hours=number), location=location))
    session.commit()


def test_a_query_comes_in_pages_that_do_not_overlap(client: CheckingClient, lists: None, forty_five: None) -> None:
    pages = [column(client.get(f"/test/forms?page={number}"), 0) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert sum(pages, []) == [f"key-{number:02d}" for number in range(45)]


def test_a_page_beyond_the_last_is_the_last(client: CheckingClient, lists: None, forty_five: None) -> None:
    assert column(client.get("/test/forms?page=9"), 0)[0] == "key-40"


def test_a_query_is_sorted_and_searched_by_the_database(client: CheckingClient, lists: None, forty_five: None) -> None:
    assert column(client.get("/test/forms?sort=-at"), 0)[0] == "key-44"
    assert column(client.get("/test/forms?q=PLACE/3"), 0) == ["key-03", *(f"key-{number}" for number in range(30, 40))]


def test_a_percent_sign_is_searched_for_as_itself(client: CheckingClient, lists: None, forty_five: None) -> None:
    assert column(client.get("/test/forms", query_string={"q": "100%"}), 0) == ["key-07"]
    assert column(client.get("/test/forms", query_string={"q": "_"}), 0) == []


def test_an_empty_list_says_what_is_missing(client: CheckingClient, lists: None) -> None:
    assert "还没有表单" in client.get("/test/forms").text


# Export ------------------------------------------------------------------------------------------------------------


def test_csv_holds_every_row_found_with_plain_numbers(client: CheckingClient, lists: None) -> None:
    answer = client.get("/test/contracts?as=csv&sort=-signed_on")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["合同", "保险公司", "保费（元）", "盈亏率", "签订日", "状态"]
    assert rows[1] == ["NDHT-01", "长白人寿", "100000000.00", "0.034182", "2026-01-06", "已签订"]
    assert rows[2][2] == "-5006925.00"
    assert rows[3][2] == ""
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")


def test_csv_carries_no_formula(client: CheckingClient, lists: None) -> None:
    rows = list(csv.reader(io.StringIO(client.get("/test/contracts?as=csv").data.decode("utf-8-sig"))))
    assert [row[1][0] for row in rows[3:5]] == ["'", "'"]


def test_csv_of_a_query_is_not_cut_at_a_page(client: CheckingClient, lists: None, forty_five: None) -> None:
    assert client.get("/test/forms?as=csv&page=2").data.decode("utf-8-sig").count("\r\n") == 46


def test_xlsx_has_typed_numbers_and_no_formula(client: CheckingClient, lists: None) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/test/contracts?as=xlsx").data))
    rows = list(book.active.iter_rows(min_row=2))
    first, third = rows[0], rows[2]
    assert (first[2].data_type, first[2].value, first[2].number_format) == ("n", 100000000, "#,##0.00")
    assert first[4].value.date() == date(2026, 1, 6)
    assert (third[1].data_type, third[1].value) == ("s", '=HYPERLINK("http://evil.example")')
    book.close()
