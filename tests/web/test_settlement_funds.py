"""Funds and reconciliation in the browser and on the command line: both sides of every difference, and its name."""

import io
import json
from collections.abc import Callable
from decimal import Decimal

from flask import Flask
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from settlement.models import FundSuccession, LedgerAccount, LedgerEntry
from settlement.services import funds
from tests.factories import settlement as make
from tests.support.clients import CheckingClient
from tests.support.markup import Markup

Login = Callable[..., CheckingClient]


def test_the_books_can_be_read_by_both_sides_and_by_scripts(
    app: Flask, session: Session, clock: FixedClock, login: Login
) -> None:
    season = make.ready(session, clock, "1200000.00")
    make.issued(session, clock, season)
    session.rollback()
    detail = f"/settlement/years/{season.contract_id}/reconciliation"
    handler = login("handler", of=season.case.department)
    page = handler.get("/settlement/reconciliation")
    assert "每笔差额均有说明" in page.text
    assert "840,000.00" in handler.get(detail).text
    assert season.number in login("insurer_signer", of=season.case.insurer).get("/settlement/reconciliation").text
    stranger = login("insurer_signer", of=season.case.other)
    assert season.number not in stranger.get("/settlement/reconciliation").text
    assert stranger.get(detail).status_code == 404
    handler.get("/language/en")
    assert "not paid yet" in handler.get(detail).text
    done = app.test_cli_runner().invoke(args=["settlement", "reconcile", "--json"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.output)
    assert data["unexplained"] == "0.00"
    assert {one["check"] for one in data["contracts"][0]["checks"]} >= {"sheet_ledger", "premium_account"}
    with transaction(session):
        entry = session.exec(select(LedgerEntry).where(LedgerEntry.account == LedgerAccount.FUND)).one()
        entry.amount = Decimal("840000.01")
    failed = app.test_cli_runner().invoke(args=["settlement", "reconcile", "--year", "2017"])
    assert failed.exit_code == 1
    assert "0.03 yuan without a name" in failed.output
    assert "have no name" in handler.get("/settlement/reconciliation").text


def test_a_fund_shows_its_years_its_rates_and_its_merger(session: Session, clock: FixedClock, login: Login) -> None:
    season = make.ready(session, clock, "1200000.00")
    make.issued(session, clock, season)
    agency = funds.funds(session)[0].policyholder.id
    session.rollback()
    address = f"/settlement/funds/{agency}/nrcms"
    handler, approver, finance = (login(role, of=season.case.department) for role in ("handler", "approver", "finance"))
    overview = handler.get("/settlement/funds")
    assert "840,000.00" in overview.text
    assert overview.text.count('role="img"') == 2, "drawn wide and narrow"
    assert address in {link.get("href") for link in Markup(overview.text).all("a")}
    assert handler.get("/settlement/funds?as=csv").mimetype == "text/csv"
    form = finance.get(f"{address}/state")
    values = {"year": "2017", "opening_balance": "100000000", "income": "900000000", "expenditure": "870000000"}
    wrong = finance.submit(form, {**values, "source": ""})
    assert wrong.status_code == 400
    stated = finance.submit(wrong, {**values, "source": "2017年度基金决算（演示）"})
    for figure in ("130,000,000.00", "3.3333%", "14.4444%"):
        assert figure in stated.text, figure
    form = handler.get(f"{address}/merge")
    paper = (io.BytesIO(b"%PDF-paper"), "merger.pdf")
    asked = handler.submit(
        form, {"successor": "resident", "from_day": "2018-04-10", "document": "整合意见（演示）", "evidence": paper}
    )
    merger_id = session.exec(select(FundSuccession.id)).one()
    session.rollback()
    assert approver.get(f"/settlement/fund-mergers/{merger_id}").status_code == 200
    assert approver.get(f"/settlement/fund-mergers/{merger_id}/paper").get_data() == b"%PDF-paper"
    approver.submit(approver.get(asked.request.path), action="approve")
    assert "城乡居民基本医疗保险基金" in handler.get(address).text
    successor = handler.get(f"/settlement/funds/{agency}/resident")
    assert "新型农村合作医疗基金" in successor.text
    assert season.number in successor.text
    insurer = login("insurer_signer", of=season.case.insurer)
    for path in ("/settlement/funds", address, f"/settlement/fund-mergers/{merger_id}"):
        assert insurer.get(path).status_code == 404, path
    handler.get("/language/en")
    for path in ("/settlement/funds", address, f"/settlement/funds/{agency}/resident"):
        assert handler.get(path).status_code == 200, path
