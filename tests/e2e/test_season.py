"""A whole season in Chromium: two insurers, one disputed, one policy-driven, from the dry run to books that agree."""

import json
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from contracts.models import AnnualContract, ServiceAgreement
from contracts.services.premiums import premium_due
from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.models import IssuedDocument
from core.house import House, files_of
from core.money import show_yuan
from core.tasks.work import run_waiting
from demonstration.people import Cast, call
from settlement import services
from settlement.models import (
    ClaimFile,
    FindingResolution,
    LedgerAccount,
    LedgerEntry,
    Settlement,
    SettlementRun,
    TransferOrder,
)
from settlement.services.claims import open_findings
from settlement.services.lines import lines_of
from tests.e2e.conftest import Scene, Tour
from tests.support.pdf import text

#: The disputed year and the policy-driven one, with the login names of their insurers' people.
DISPUTED, POLICY = "YSDB-2019-HT-03", "YSDB-2019-HT-04"


@pytest.fixture
def scene(scenes: dict[str, Scene]) -> Scene:
    """April 2020: the claim files of 2019 are recomputed, nothing is settled."""
    return scenes["spring"]


def contract_of(session: Session, number: str) -> AnnualContract:
    return session.exec(select(AnnualContract).where(AnnualContract.number == number)).one()


def people_of(session: Session, number: str) -> tuple[str, str]:
    """The login names of the contract's insurer: who prepares, who signs."""
    contract = contract_of(session, number)
    insurer = session.get_one(ServiceAgreement, contract.agreement_id).insurer_id
    logins = sorted(login for login, actor in call(session).actors.items() if actor.organisation_id == insurer)
    session.rollback()
    return logins[0], logins[1]


def reported(session: Session, clock: FixedClock, cast: Cast, number: str, balance_rate: str) -> None:
    """Findings resolved, the file accepted, annual figures that come to this rate confirmed; by the verbs."""
    preparer, signer = (cast[login] for login in people_of(session, number))
    contract = contract_of(session, number)
    contract_id = contract.id or 0
    file = session.exec(select(ClaimFile).where(ClaimFile.contract_id == contract_id)).one()
    accepted = file.accepted_at is not None
    file_id, claims, told = file.id or 0, file.recomputed_benefit or Decimal(), file.reported_benefit
    premium = premium_due(contract)
    wanted = (premium * (1 - Decimal(balance_rate))).quantize(Decimal("0.01"))
    session.rollback()
    if not accepted:
        with transaction(session):
            for finding in open_findings(session, file_id):
                services.resolve_finding(
                    session, preparer, clock, finding.id or 0, FindingResolution.INSURER_CORRECTS, "已更正（演示）。"
                )
        with transaction(session):
            services.accept_claim_file(session, cast["handler"], clock, file_id)
    close = max(wanted - claims, Decimal(0))
    report = services.YearReport(
        claims_paid=told, recoveries=max(claims - wanted, Decimal(0)), recovery_cases=1, reserve_open=Decimal(0),
        reserve_close=close, direct_expense=Decimal("3400000.00"), allocated_expense=Decimal("1100000.00"),
        interest=Decimal("370000.00"), sources={"reserve_close": "精算报告（演示）"},
    )  # fmt: skip
    with transaction(session):
        figures_id = services.report_year(session, preparer, clock, contract_id, report).id or 0
    with transaction(session):
        services.confirm_year(session, signer, clock, figures_id)


def worked(page: Page, house: House) -> None:
    """The scheduler does what waits; the page is left first, so that its own reload at the end meets no navigation."""
    page.goto("about:blank")
    assert run_waiting(house) == 1


def run_of_the_year(tour: Tour, handler: Page, house: House) -> str:
    """A dry run of 2019 in the browser; returns its address."""
    tour.go(handler, "/settlement/runs")
    tour.fill(handler, {"year": "2019"})
    tour.press(handler, "开始试算")
    address = handler.url.split("?")[0]
    worked(handler, house)
    tour.go(handler, address)
    return address


def approve_newest(tour: Tour, approver: Page) -> None:
    tour.go(approver, "/approvals")
    approver.locator('main a[href*="/approvals/"]').first.click()
    tour.press(tour.look(approver), "批准并生效")


def drafted_from(tour: Tour, handler: Page, house: House, address: str, number: str) -> None:
    """Choose one contract year of the dry run and have its sheet drafted."""
    tour.go(handler, f"{address}/draft")
    for box in handler.locator('main input[name="items"]').all():
        if box.get_attribute("aria-label") != number:
            box.uncheck()
    tour.press(handler, "编制所选决算表")
    worked(handler, house)


def newest(session: Session, number: str) -> Settlement:
    contract_id = contract_of(session, number).id
    query = select(Settlement).where(Settlement.contract_id == contract_id).order_by(col(Settlement.version).desc())
    return session.exec(query.limit(1)).one()


def sheet_url(session: Session, number: str) -> str:
    sheet_id = newest(session, number).id
    session.rollback()
    return f"/settlement/sheets/{sheet_id}"


def disputed_and_corrected(
    tour: Tour, session: Session, clock: FixedClock, handler: Page, preparer: Page
) -> None:
    """The insurer contests the closing reserve with evidence; the department accepts; the next version counts it."""
    sheet = sheet_url(session, DISPUTED)
    tour.go(preparer, f"{sheet}/dispute?row=9.2")
    tour.fill(preparer, {"text": "准备金应按复核后的精算报告计（演示）。"})
    evidence = {"name": "复核报告（演示）.csv", "mimeType": "text/csv", "buffer": "行,金额\n9.2,1\n".encode()}
    preparer.locator("main input[type=file]").set_input_files([evidence])  # type: ignore[list-item]
    tour.press(preparer, "提出争议")
    tour.go(handler, sheet)
    tour.press(handler, "接受并改行")
    reported(session, clock, call(session), DISPUTED, "0.0325")
    contract_id = contract_of(session, DISPUTED).id
    session.rollback()
    tour.go(handler, f"/settlement/years/{contract_id}")
    tour.press(handler, "编制决算表")
    expect(handler.locator("main")).to_contain_text("9.2")


def decided(tour: Tour, session: Session, handler: Page, approver: Page) -> None:
    """The four departments and the insurer agree on the loss, every signature given; a second person approves."""
    contract_id = contract_of(session, POLICY).id
    balance = newest(session, POLICY).balance
    session.rollback()
    fund = (-balance * Decimal("0.6")).quantize(Decimal("0.01"))
    tour.go(handler, f"/settlement/years/{contract_id}/decision")
    names = [field.get_attribute("name") or "" for field in handler.locator('main [name^="signed_by_"]').all()]
    assert len(names) == 5, "four departments of the paper and the insurer"
    values = {
        "finding": "2019年7月1日起起付标准降低，系政策调整（演示）",
        "attributable": str((-balance / 2).quantize(Decimal("0.01"))),
        "meeting_held_on": "2020-04-09", "insurer_bears": str(-balance - fund), "fund_bears": str(fund),
    }  # fmt: skip
    tour.fill(handler, {**values, **dict.fromkeys(names, "演示"), **{
        name.replace("_by_", "_on_"): "2020-04-09" for name in names}})  # fmt: skip
    paper = {"name": "decision.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 demonstration"}
    handler.locator("main input[type=file]").set_input_files([paper])  # type: ignore[list-item]
    handler.locator("main form button[type=submit]").first.click()
    handler.wait_for_url("**/approvals/**")
    approve_newest(tour, approver)
    tour.go(handler, sheet_url(session, POLICY))
    tour.press(handler, "附上")


def pictures(session: Session, number: str, folder: Path) -> list[Path]:
    """The pages of the issued sheet as pictures."""
    paper = session.get_one(IssuedDocument, newest(session, number).document_id)
    file = folder / f"{number}.pdf"
    file.write_bytes(files_of(session).get(paper.pdf_sha256))
    session.rollback()
    subprocess.run(["pdftoppm", "-r", "60", "-png", file, folder / number], check=True)
    return sorted(folder.glob(f"{number}-*.png"))


def same_digits(tour: Tour, session: Session, page: Page, number: str) -> None:
    """The page, the PDF, its attachment and the ledger show the same digits."""
    sheet = newest(session, number)
    insurer, fund = sheet.insurer_part or Decimal(), sheet.fund_part or Decimal()
    rows = {line.row: line.value for line in lines_of(session, sheet.id or 0)}
    paper = session.get_one(IssuedDocument, sheet.document_id)
    printed = text(files_of(session).get(paper.pdf_sha256))
    attached = json.loads(files_of(session).get(paper.attachments[0]["sha256"]))["rows"]
    posted = session.exec(
        select(LedgerEntry.amount).where(
            LedgerEntry.settlement_id == sheet.id, LedgerEntry.account == LedgerAccount.FUND,
            col(LedgerEntry.reverses_id).is_(None),
        )
    ).one()  # fmt: skip
    figures = [show_yuan(abs(amount)) for amount in (sheet.balance, insurer, fund)]
    assert (posted, rows["20"], rows["21"]) == (fund, str(insurer), str(fund))
    assert {row["row"]: row["value"] for row in attached} == rows
    assert all(figure in printed for figure in figures)
    session.rollback()
    tour.go(page, sheet_url(session, number))
    shown = page.locator("main").inner_text()
    assert all(figure in shown for figure in figures)
    tour.go(page, "/settlement/ledger?year=2019")
    assert show_yuan(abs(posted)) in page.locator("main").inner_text()


def test_a_season_of_two_insurers(
    tour: Tour, session: Session, clock: FixedClock, house: House, tmp_path: Path
) -> None:
    clock.move_to(beijing(2020, 4, 10, 9))
    cast = call(session)
    session.rollback()
    for number, rate in ((DISPUTED, "0.0217"), (POLICY, "-0.0634")):
        reported(session, clock, cast, number, rate)
    handler, approver = tour.person("handler"), tour.person("approver")
    first = run_of_the_year(tour, handler, house)
    expect(handler.locator("main")).to_contain_text("无结果")  # the other two insurers have reported nothing yet
    drafted_from(tour, handler, house, first, DISPUTED)
    policy_id = contract_of(session, POLICY).id
    session.rollback()
    tour.go(handler, f"/settlement/years/{policy_id}")
    tour.fill(handler, {"cause": "policy"})
    tour.press(handler, "编制决算表")
    expect(handler.locator("main")).to_contain_text("待部门决定")
    preparer = tour.person(people_of(session, DISPUTED)[0])
    disputed_and_corrected(tour, session, clock, handler, preparer)
    decided(tour, session, handler, approver)
    for number in (DISPUTED, POLICY):
        signer = tour.person(people_of(session, number)[1])
        tour.go(signer, sheet_url(session, number))
        tour.press(signer, "确认决算表")

    second = run_of_the_year(tour, handler, house)
    tour.go(handler, f"{second}?differs=yes")
    expect(handler.locator("main")).to_contain_text(DISPUTED)
    tour.go(handler, f"{second}/issue")
    assert handler.locator('main input[name="items"]').count() == 2
    tour.press(handler, "所选决算表送签发")
    approve_newest(tour, approver)
    worked(handler, house)
    issue_run = session.exec(select(SettlementRun.id).order_by(col(SettlementRun.id).desc()).limit(1)).one()
    session.rollback()
    tour.go(handler, f"/settlement/runs/{issue_run}")
    expect(handler.locator("main")).to_contain_text("已完成")

    finance = tour.person("finance")
    for order in session.exec(select(TransferOrder.id).where(col(TransferOrder.paid_on).is_(None))).all():
        session.rollback()
        tour.go(finance, f"/settlement/transfers/{order}")
        tour.fill(finance, {"paid_on": date(2020, 4, 10).isoformat(), "reference": f"YS-{order}"})
        finance.locator("main form button[type=submit]").first.click()
        finance.wait_for_url("**/settlement/transfers")
    tour.go(handler, "/settlement/reconciliation?year=2019")
    expect(handler.locator("main")).to_contain_text("账目核对为零")
    tour.go(handler, "/settlement/funds")
    for number in (DISPUTED, POLICY):
        same_digits(tour, session, handler, number)
        drawn = pictures(session, number, tmp_path)
        assert len(drawn) >= 2
        assert all(page.stat().st_size > 10_000 for page in drawn), "no page is blank"
