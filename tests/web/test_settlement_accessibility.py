"""The settlement pages in Chromium: no axe violation, no script error, nothing wider than the screen."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.money import ZERO
from settlement import services
from settlement.models import ClaimFile, ClaimFinding, FindingResolution, Settlement
from tests.factories import claims as claim_rows
from tests.factories import settlement as make
from tests.support.browser import DESK, PHONE


@pytest.fixture
def season(app: Flask, session: Session, clock: FixedClock) -> make.Season:
    """A provisional loss in dispute, on a claim file with a finding; the department's handler looks at it."""
    season = make.signed(session, clock)
    season.claims = [claim_rows.row(contract_number=season.number, reported_benefit="9000.00")]
    file_id = make.with_file(session, clock, season, accept=False)
    with transaction(session):
        finding = session.exec(select(ClaimFinding)).one()
        services.resolve_finding(
            session, season.case.preparer, clock, finding.id or 0, FindingResolution.INSURER_CORRECTS, "录入错误"
        )
        services.accept_claim_file(session, season.case.handler, clock, file_id)
    make.with_figures(session, clock, season, "-1800000.00")
    make.decided(session, clock, season, "-720000.00", "-1080000.00")
    sheet_id = make.drafted(session, clock, season)
    with transaction(session):
        services.raise_dispute(session, season.case.preparer, clock, sheet_id, "9.2", "准备金少计", ("a.xlsx", b"x"))
        services.report_month(
            session, season.case.preparer, clock, season.contract_id, 3, services.MonthReport(make.BENEFIT, 1, 1, ZERO)
        )
    actor = season.case.handler
    app.extensions["current_actor"] = lambda: actor
    return season


def pages(session: Session, season: make.Season) -> list[str]:
    """Every page the handler meets in a season."""
    year = f"/settlement/years/{season.contract_id}"
    sheet = session.exec(select(Settlement.id)).one()
    file = session.exec(select(ClaimFile.id)).one()
    finding = session.exec(select(ClaimFinding.id)).one()
    session.rollback()
    return [
        "/settlement/", year, f"{year}/figures", f"{year}/claims", f"{year}/what-if", f"{year}/decision",
        f"/settlement/claim-files/{file}", f"/settlement/claim-files/{file}/findings",
        f"/settlement/findings/{finding}", f"/settlement/sheets/{sheet}", f"/settlement/sheets/{sheet}#row-9-2",
        "/settlement/disputes/1", "/settlement/decisions/1", "/settlement/transfers", "/settlement/ledger",
    ]  # fmt: skip


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_settlement_pages_are_accessible(
    new_page: Callable[..., Page],
    axe: Callable[[Page], None],
    session: Session,
    season: make.Season,
    viewport: dict[str, int],
) -> None:
    page = new_page(viewport=viewport)
    for path in pages(session, season):
        answer = page.goto(path)
        assert answer is None or answer.status == 200, path
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} is too wide"


def test_a_figure_opens_where_it_comes_from(page: Page, session: Session, season: make.Season) -> None:
    page.goto(f"/settlement/sheets/{session.exec(select(Settlement.id)).one()}")
    session.rollback()
    assert not page.locator("#row-9-2").is_visible()
    page.locator("#row-9-2-figure").click()
    assert page.locator("#row-9-2").is_visible()
    assert "精算报告" in page.locator("#row-9-2").inner_text()
