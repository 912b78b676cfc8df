"""A contract year is settled in the browser: an insurer's two people, a dispute, and the department's two people."""

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from contracts.models import AnnualContract
from core.clock import FixedClock, beijing
from core.db import transaction
from demonstration.people import call
from settlement import services
from settlement.models import ClaimFile, ClaimFinding, FindingResolution, LineDispute
from tests.e2e.conftest import Scene, Tour

CONTRACT = "YSDB-2019-HT-03"
FIGURES = {
    "claims_paid": "121500000.00",
    "recoveries": "350000.00",
    "recovery_cases": "48",
    "reserve_open": "1850000.00",
    "reserve_close": "1900000.00",
    "source_reserve_close": "精算报告ZB-2019（演示）",
    "direct_expense": "3400000.00",
    "allocated_expense": "1100000.00",
    "interest": "370000.00",
}


@pytest.fixture
def scene(scenes: dict[str, Scene]) -> Scene:
    """April 2020: the claim files of 2019 are recomputed, nothing is settled."""
    return scenes["spring"]


def test_a_contract_year_is_reported_disputed_confirmed_and_issued(
    tour: Tour, session: Session, clock: FixedClock
) -> None:
    contract = session.exec(select(AnnualContract.id).where(AnnualContract.number == CONTRACT)).one()
    file = session.exec(select(ClaimFile.id).where(ClaimFile.contract_id == contract)).one()
    session.rollback()
    year = f"/settlement/years/{contract}"
    clock.move_to(beijing(2020, 4, 8, 9))
    preparer = report(tour, year)
    resolve_findings(tour, preparer, session, clock, file or 0)
    signer = tour.person("songjian2")
    tour.go(signer, f"{year}/figures")
    tour.press(signer, "确认数据")

    handler = tour.person("handler")
    tour.go(handler, f"/settlement/claim-files/{file}")
    tour.press(handler, "采用为决算依据")
    tour.go(handler, year)
    tour.press(handler, "编制决算表")
    sheet = handler.url.split("#")[0]
    dispute(tour, preparer, handler, session, sheet)

    tour.go(signer, sheet)
    tour.press(signer, "确认决算表")
    tour.go(handler, sheet)
    tour.press(handler, "送签发")
    approver = tour.person("approver")
    tour.go(approver, "/approvals")
    approver.locator('main a[href*="/approvals/"]').first.click()
    tour.press(tour.look(approver), "批准并生效")
    tour.go(signer, sheet)
    expect(signer.locator("main")).to_contain_text("已签发")


def report(tour: Tour, year: str) -> Page:
    """The insurer's preparer reports the last month, is told what is wrong with it, mends it, and reports the year."""
    preparer = tour.look(tour.person("songjian1"))
    tour.go(preparer, f"{year}/months/15")
    tour.fill(preparer, {"claims_paid": "-1", "persons": "12", "cases": "14", "expense": "0"})
    tour.press(preparer, "报送本月")
    expect(preparer.locator("main .error-summary, main [role=alert]").first).to_be_visible()
    expect(preparer.locator('main [name="persons"]')).to_have_value("12")  # what was typed survives
    tour.fill(preparer, {"claims_paid": "61,234.56"})
    tour.press(preparer, "报送本月")
    tour.go(preparer, f"{year}/annual")
    tour.fill(preparer, FIGURES)
    tour.press(preparer, "报送年度数据")
    return preparer


def resolve_findings(tour: Tour, preparer: Page, session: Session, clock: FixedClock, file: int) -> None:
    """The first difference is settled on its page, where it is explained; the many others like it by the same verb."""
    tour.go(preparer, f"/settlement/claim-files/{file}/findings")
    preparer.locator('main a[href*="/settlement/findings/"]').first.click()
    preparer.locator("main input[type=radio]").first.check()
    tour.fill(preparer, {"reason": "录入错误，已更正（演示）。"})
    tour.press(tour.look(preparer), "处理")
    insurer = call(session)["songjian1"]
    open_now = select(ClaimFinding.id).where(
        ClaimFinding.claim_file_id == file, col(ClaimFinding.resolved_at).is_(None)
    )
    with transaction(session):
        for finding in session.exec(open_now).all():
            services.resolve_finding(
                session, insurer, clock, finding or 0, FindingResolution.INSURER_CORRECTS, "已更正（演示）。"
            )


def dispute(tour: Tour, preparer: Page, handler: Page, session: Session, sheet: str) -> None:
    """The insurer contests a row with evidence; the department answers and keeps it."""
    tour.go(preparer, f"{sheet}/dispute")
    preparer.locator('main [name="row"]').select_option(index=1)
    tour.fill(preparer, {"text": "与本公司账簿不一致，请核对（演示）。"})
    evidence = {"name": "账簿摘录（演示）.csv", "mimeType": "text/csv", "buffer": "行,金额\n1,2\n".encode()}
    preparer.locator("main input[type=file]").set_input_files([evidence])  # type: ignore[list-item]
    tour.press(preparer, "提出争议")
    number = session.exec(select(LineDispute.id)).one()
    session.rollback()
    tour.go(handler, f"/settlement/disputes/{number}")
    tour.fill(handler, {"text": "已核对：以重新核算数为准（演示）。"})
    tour.press(handler, "发送")
    tour.go(handler, sheet)
    tour.press(handler, "维持原数并了结")
