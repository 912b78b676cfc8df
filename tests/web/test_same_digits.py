"""One settlement, the same digits everywhere: page, CSV, PDF, JSON, XLSX, ledger, transfer, run, portal, open data."""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import url_for
from openpyxl import load_workbook
from sqlmodel import Session, select

from core.clock import FixedClock
from core.documents.models import IssuedDocument
from core.house import House, files_of
from core.money import show_rate, show_yuan
from core.tasks.work import run_waiting
from disclosure.models import DisclosureKind
from disclosure.opendata import open_files
from settlement.models import LedgerEntry, RunItem, Settlement, TransferOrder
from settlement.services import runs
from settlement.services.lines import lines_of
from tests.factories import disclosure as make
from tests.support.clients import CheckingClient
from tests.support.pdf import text

Login = Callable[..., CheckingClient]

#: Balances of the bands whose parts are easily misprinted: a fen beyond a boundary, a loss, a loss shared by halves.
BALANCES = ["900000.01", "1500000.01", "-900000.01"]


@pytest.mark.parametrize("balance", BALANCES)
def test_every_place_shows_the_same_digits(
    session: Session, clock: FixedClock, login: Login, client: CheckingClient, house: House, balance: str
) -> None:
    season = make.settled(session, clock, balance)
    make.published(session, clock, season, DisclosureKind.FINAL_ACCOUNTS)
    sheet = session.exec(select(Settlement)).one()
    sheet_id, insurer, fund = sheet.id or 0, sheet.insurer_part or Decimal(), sheet.fund_part or Decimal()
    exact = {"3": str(sheet.premium), "17": balance, "20": str(insurer), "21": str(fund)}
    shown = [show_yuan(Decimal(value)) for value in exact.values()]
    rows = {line.row: line.value for line in lines_of(session, sheet_id)}
    assert exact.items() <= rows.items()
    rate = rows["18"]
    assert insurer + fund == Decimal(balance)

    paper = session.get_one(IssuedDocument, sheet.document_id)
    printed = text(files_of(session).get(paper.pdf_sha256))
    data = json.loads(files_of(session).get(paper.attachments[0]["sha256"]))
    attached = {row["row"]: row["value"] for row in data["rows"]}
    grid = load_workbook(io.BytesIO(files_of(session).get(paper.attachments[1]["sha256"]))).active
    workbook = {row[0]: row[3] or "" for row in grid.iter_rows(min_row=2, values_only=True)}
    posted = sorted(str(entry.amount) for entry in session.exec(select(LedgerEntry)))
    orders = [(str(order.amount), order.to_fund) for order in session.exec(select(TransferOrder))]
    public = {file.name: file.content for file in open_files(session, clock.now())}
    disclosed = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "disclosure-final")).first()
    disclosure_number = disclosed.number if disclosed else ""
    disclosure_pdf = text(files_of(session).get(disclosed.pdf_sha256)) if disclosed else ""
    session.rollback()

    assert attached == rows == workbook, "JSON and XLSX carry the rows of the sheet"
    assert all(figure in printed for figure in shown), "PDF"
    assert rate in printed
    assert posted == sorted([str(fund), str(-fund)]), "ledger"
    assert orders == ([(str(abs(fund)), fund > 0)] if fund else []), "transfer"

    handler = login("handler", of=season.case.department)
    page = handler.get(f"/settlement/sheets/{sheet_id}").text
    assert all(figure in page for figure in [*shown, rate]), "page"
    table = csv.reader(io.StringIO(handler.get(f"/settlement/sheets/{sheet_id}/rows.csv").text.lstrip("\ufeff")))
    assert {row[0]: row[3] for row in list(table)[1:]} == rows, "CSV of the page"
    assert show_yuan(fund) in handler.get("/settlement/ledger").text
    assert show_yuan(abs(fund)) in handler.get("/settlement/transfers").text

    handler.submit(handler.get("/settlement/runs"), {"year": "2017"})
    run_waiting(house)
    item = session.exec(select(RunItem)).one()
    assert runs.values_of(item) == {row: value for row, value in rows.items() if not row.startswith("S")}, "dry run"
    session.rollback()

    with client.application.test_request_context():
        report = client.get(url_for("portal.report", number=disclosure_number)).text
    parts = [show_yuan(abs(insurer)), show_yuan(abs(fund))]
    assert all(figure in report for figure in [*parts, show_yuan(Decimal(rows["3"]))]), "portal"
    assert all(figure in disclosure_pdf for figure in parts), "disclosure"
    opened = next(csv.DictReader(io.StringIO(public["settlements.csv"].decode("utf-8-sig"))))
    opened_values = [opened[name] for name in ("premium", "balance", "insurer", "fund")]
    assert opened_values == list(exact.values()), "open data"
    from_json = json.dumps(json.loads(public["settlements.json"]), ensure_ascii=False)
    assert all(value in from_json for value in exact.values())
    assert show_rate(Fraction(opened["rate_exact"])) == rate
