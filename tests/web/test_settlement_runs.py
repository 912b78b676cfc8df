"""Whole-area runs in the browser and on the command line: started, watched, compared, chosen from, issued by two."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlmodel import Session, select

from core.clock import FixedClock
from core.house import House
from core.identity.models import User
from core.tasks.work import run_waiting
from settlement.models import LedgerEntry, Settlement
from tests.factories import settlement as make
from tests.support.clients import CheckingClient
from tests.support.markup import Markup

Login = Callable[..., CheckingClient]


def test_a_year_is_run_drafted_and_issued_from_the_pages(
    session: Session, clock: FixedClock, login: Login, house: House
) -> None:
    good, empty = make.ready(session, clock, "1200000.00"), make.signed(session, clock)
    handler, approver = (login(role, of=good.case.department) for role in ("handler", "approver"))
    page = handler.submit(handler.get("/settlement/runs"), {"year": "2017"}, button="开始试算")
    assert "data-progress" in page.text
    address = page.request.path
    assert run_waiting(house) == 1
    page = handler.get(address)
    assert "data-progress" not in page.text
    for words in ("1,200,000.00", "840,000.00", good.number, empty.number, "无结果"):
        assert words in page.text, words
    assert good.number not in handler.get(f"{address}?result=refused").text.split("<tbody>")[1]
    assert handler.get(f"{address}?as=xlsx").mimetype.endswith("sheet")
    links = [link.get("href", "") for link in Markup(page.text).all("a")]
    for link in (one for one in links if "/contracts/" in one and one.startswith(address)):
        assert handler.get(link).status_code == 200
    drafted = handler.submit(handler.get(f"{address}/draft"), button="编制所选决算表")
    assert run_waiting(house) == 1
    assert "批量编制" in handler.get(drafted.request.path).text
    sheet = session.exec(select(Settlement)).one()
    assert sheet.contract_id == good.contract_id
    session.rollback()
    signer = login("insurer_signer", of=good.case.insurer)
    signer.submit(signer.get(f"/settlement/sheets/{sheet.id}"), action="/confirm")
    asked = handler.submit(handler.get(f"{address}/issue"), button="所选决算表送签发")
    assert "等待" in asked.text
    page = approver.get(asked.request.path)
    link = next(one.attrib["href"] for one in Markup(page.text).all("a") if "/approvals/" in one.get("href", ""))
    approver.submit(approver.get(link), action="approve")
    assert run_waiting(house) == 1
    assert len(session.exec(select(LedgerEntry)).all()) == 2
    session.rollback()
    handler.get("/language/en")
    for path in (address, f"{address}/draft", f"{address}/issue", "/settlement/runs", asked.request.path):
        assert handler.get(path).status_code == 200, path


def test_insurers_meet_no_run(session: Session, clock: FixedClock, login: Login, house: House) -> None:
    season = make.ready(session, clock, "0.00")
    handler = login("handler", of=season.case.department)
    address = handler.submit(handler.get("/settlement/runs"), {"year": "2017"}).request.path
    run_waiting(house)
    insurer = login("insurer_signer", of=season.case.insurer)
    for path in ("/settlement/runs", address):
        assert insurer.get(path).status_code == 404, path
    assert insurer.get(f"{address}/draft").status_code == 403
    supervisor = login("supervisor", of=season.case.department)
    assert supervisor.get(address).status_code == 200
    assert "开始试算" not in supervisor.get("/settlement/runs").text


def test_nothing_chosen_is_said_beside_the_list(
    session: Session, clock: FixedClock, login: Login, house: House
) -> None:
    season = make.ready(session, clock, "0.00")
    handler = login("handler", of=season.case.department)
    address = handler.submit(handler.get("/settlement/runs"), {"year": "2017"}).request.path
    run_waiting(house)
    page = handler.get(f"{address}/draft")
    refused = handler.submit(page, {"items": []}, button="编制所选决算表")
    assert refused.status_code == 400
    assert "请至少选择一份" in refused.text


@pytest.mark.parametrize("dry", [True, False], ids=["dry run", "drafting in a person's name"])
def test_the_command_line_runs_a_year(app: Flask, session: Session, clock: FixedClock, login: Login, dry: bool) -> None:
    season = make.ready(session, clock, "1200000.00")
    handler = login("handler", of=season.case.department)
    name = session.get_one(User, handler.actor.user_id).login
    session.close()
    runner = app.test_cli_runner()
    how = ["--dry-run"] if dry else ["--as", name]
    done = runner.invoke(args=["settlement", "run", "--year", "2017", *how, "--json"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.output)
    row = data["contracts"][0]
    assert (row["contract"], row["rate"], row["balance"], row["fund_part"], row["refused"]) == (
        season.number, "0.04", "1200000.00", "840000.00", None,
    )  # fmt: skip
    assert len(session.exec(select(Settlement)).all()) == (0 if dry else 1)
    session.rollback()
    again = json.loads(runner.invoke(args=["settlement", "run", "--year", "2017", "--dry-run", "--json"]).output)
    assert (again["compared_with"], again["contracts"][0]["changes"]) == (data["run"], [])
    refused = runner.invoke(args=["settlement", "run", "--year", "2017"])
    assert refused.exit_code == 1
    assert "--as" in refused.output
