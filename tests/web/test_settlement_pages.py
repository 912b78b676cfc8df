"""The settlement pages: what each person sees and may do, what another insurer never sees, and a whole sheet's way."""

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from core.clock import FixedClock
from core.house import House
from core.tasks.work import run_waiting
from settlement.models import Cause, ClaimFile, ClaimFinding, LineDispute, MonthlyFigures, Settlement, TransferOrder
from tests.factories import claims as claim_rows
from tests.factories import settlement as make
from tests.support.clients import CheckingClient
from tests.support.markup import Markup, words

Login = Callable[..., CheckingClient]


def text(page: TestResponse) -> str:
    return page.get_data(as_text=True)


def pages_of(season: make.Season, sheet_id: int, file_id: int) -> list[str]:
    """Every page of a contract year."""
    year = f"/settlement/years/{season.contract_id}"
    return [
        year,
        f"{year}/figures",
        f"{year}/claims",
        f"{year}/what-if",
        f"/settlement/claim-files/{file_id}",
        f"/settlement/claim-files/{file_id}/findings",
        f"/settlement/sheets/{sheet_id}",
        f"/settlement/sheets/{sheet_id}/rows.csv",
    ]


def test_every_page_opens_for_both_sides_in_both_languages_and_never_for_the_other_insurer(
    session: Session, clock: FixedClock, login: Login
) -> None:
    season = make.ready(session, clock, "1200000.00")
    sheet_id = make.issued(session, clock, season).id or 0
    file_id = session.exec(select(ClaimFile.id)).one() or 0
    handler = login("handler", of=season.case.department)
    insurer = login("insurer_signer", of=season.case.insurer)
    stranger = login("insurer_signer", of=season.case.other)
    for page in pages_of(season, sheet_id, file_id):
        assert handler.get(page).status_code == 200, page
        assert insurer.get(page).status_code == 200, page
        assert stranger.get(page).status_code == 404, page
    for page in ("/settlement/", "/settlement/transfers", "/settlement/ledger"):
        assert handler.get(page).status_code == 200, page
    assert season.number in text(insurer.get("/settlement/"))
    assert season.number not in text(stranger.get("/settlement/"))
    assert insurer.get("/settlement/ledger").status_code == 404
    handler.get("/language/en")
    for page in pages_of(season, sheet_id, file_id)[:-1]:
        assert handler.get(page).status_code == 200, page


def test_a_sheet_explains_itself(session: Session, clock: FixedClock, login: Login) -> None:
    season = make.ready(session, clock, "1200000.00")
    sheet_id = make.issued(session, clock, season).id or 0
    page = login("handler", of=season.case.department).get(f"/settlement/sheets/{sheet_id}")
    shown = text(page)
    for figure in ("1,200,000.00", "+4.0000%", "360,000.00", "840,000.00", "990,000.00"):
        assert figure in shown, figure
    assert "每个数字，一步一句" in shown
    assert [fold.get("open") for fold in Markup(shown).all("details") if "白话说明" in words(fold)] == [None]
    assert shown.count('role="img"') == 2, "the curve is drawn wide and narrow"
    links = [link.get("href", "") for link in Markup(shown).all("a")]
    assert "#row-17" in links
    pdf = next(link for link in links if "/papers/" in link)
    assert login("finance", of=season.case.department).get(pdf).get_data().startswith(b"%PDF")
    assert login("insurer_signer", of=season.case.other).get(pdf).status_code == 404


def test_a_month_is_reported_and_errors_keep_what_was_typed(session: Session, clock: FixedClock, login: Login) -> None:
    season = make.signed(session, clock)
    preparer = login("insurer_preparer", of=season.case.insurer)
    form = preparer.get(f"/settlement/years/{season.contract_id}/months/3")
    values = {"claims_paid": "1,234.567", "persons": "2", "cases": "3", "expense": "5"}
    wrong = preparer.submit(form, values)
    assert wrong.status_code == 400
    assert "1,234.567" in text(wrong)
    done = preparer.submit(wrong, {**values, "claims_paid": "1,234.56"})
    assert done.status_code == 200
    row = session.exec(select(MonthlyFigures)).one()
    assert (row.month, row.claims_paid, row.version) == (3, Decimal("1234.56"), 1)
    session.rollback()
    assert login("handler", of=season.case.department).get(form.request.path).status_code == 403


def test_a_claim_file_with_faults_lists_them_by_row_and_is_not_kept(
    session: Session, clock: FixedClock, login: Login
) -> None:
    season = make.signed(session, clock)
    preparer = login("insurer_preparer", of=season.case.insurer)
    bad = claim_rows.csv_file(*season.claims, claim_rows.row(2, contract_number=season.number, total_cost="-1.00"))
    page = preparer.get(f"/settlement/years/{season.contract_id}/claims")
    refused = preparer.submit(page, {"file": (io.BytesIO(bad), "claims.csv")})
    assert refused.status_code == 400
    assert "-1.00" in text(refused) or "total_cost" in text(refused)
    assert session.exec(select(ClaimFile)).all() == []


def test_a_claim_file_goes_from_upload_over_recomputation_to_acceptance(
    session: Session, clock: FixedClock, login: Login, house: House
) -> None:
    season = make.signed(session, clock)
    claims = claim_rows.csv_file(claim_rows.row(contract_number=season.number, reported_benefit="9000.00"))
    preparer = login("insurer_preparer", of=season.case.insurer)
    page = preparer.get(f"/settlement/years/{season.contract_id}/claims")
    assert preparer.submit(page, {"file": (io.BytesIO(claims), "claims.csv")}).status_code == 200
    file_id = session.exec(select(ClaimFile.id)).one()
    session.rollback()
    handler = login("handler", of=season.case.department)
    address = f"/settlement/claim-files/{file_id}"
    handler.submit(handler.get(address), action="/recompute")
    assert "data-progress" in text(handler.get(address))
    assert run_waiting(house) == 1
    page = handler.get(address)
    assert "data-progress" not in text(page)
    finding_id = session.exec(select(ClaimFinding.id)).one()
    session.rollback()
    finding = preparer.get(f"/settlement/findings/{finding_id}")
    assert "10,285.00" in text(finding)
    preparer.submit(finding, {"resolution": "insurer_corrects", "reason": "录入错误"})
    assert handler.submit(handler.get(address), action="/accept").status_code == 200
    assert session.exec(select(ClaimFile.accepted_at)).one() == clock.now()


def test_a_sheet_goes_from_draft_over_dispute_to_issue_and_payment(
    session: Session, clock: FixedClock, login: Login
) -> None:
    season = make.ready(session, clock, "1200000.00")
    handler, approver = (login(role, of=season.case.department) for role in ("handler", "approver"))
    signer = login("insurer_signer", of=season.case.insurer)
    drafted = handler.submit(handler.get(f"/settlement/years/{season.contract_id}"), action="/settlement/years")
    address = drafted.request.path
    sheet_id = session.exec(select(Settlement.id)).one()
    session.rollback()
    raised = signer.submit(
        signer.get(f"{address}/dispute"),
        {"row": "9.2", "text": "准备金少计", "evidence": (io.BytesIO(b"rows"), "rows.csv")},
    )
    assert "准备金少计" in text(raised)
    dispute_id = session.exec(select(LineDispute.id)).one()
    session.rollback()
    handler.submit(handler.get(address), {"text": "已核对，维持"}, action=f"/disputes/{dispute_id}")
    handler.submit(handler.get(address), action=f"/disputes/{dispute_id}/close/kept")
    signer.submit(signer.get(address), action=f"/sheets/{sheet_id}/confirm")
    asked = handler.submit(handler.get(address), action=f"/sheets/{sheet_id}/request-issue")
    assert asked.status_code == 200
    link = next(
        link.attrib["href"]
        for link in Markup(text(approver.get(address))).all("a")
        if "/approvals/" in link.get("href", "")
    )
    approver.submit(approver.get(link), action="approve")
    assert session.get_one(Settlement, sheet_id).issued_at is not None
    order_id = session.exec(select(TransferOrder.id)).one()
    session.rollback()
    finance = login("finance", of=season.case.department)
    finance.submit(finance.get(f"/settlement/transfers/{order_id}"), {"paid_on": "2018-04-10", "reference": "YS-1"})
    assert session.exec(select(TransferOrder.reference)).one() == "YS-1"


def test_a_decision_names_the_departments_of_the_paper(session: Session, clock: FixedClock, login: Login) -> None:
    """In a demonstration they keep their duties and lose their place, so that no real office's name is shown."""
    season = make.ready(session, clock, "-1800000.00")
    make.drafted(session, clock, season, cause=Cause.POLICY)
    handler = login("handler", of=season.case.department)
    page = handler.get(f"/settlement/years/{season.contract_id}/decision")
    for office in ("演示省人力资源社会保障厅", "演示省卫生计生委", "演示省财政厅", "演示保监局"):
        assert office in text(page)
    assert "吉林保监局" not in text(page)
    assert "省审计厅" not in text(page)


@pytest.mark.parametrize(
    ("claims", "shown"),
    [("28800000", "360,000.00"), ("29100000", "900,000.00"), ("31800000", "−1,050,000.00")],
    ids=["surplus of 4 %", "surplus of 3 %", "loss of 6 %, provisional"],
)
def test_what_if_calculates_on_the_server(
    session: Session, clock: FixedClock, login: Login, claims: str, shown: str
) -> None:
    season = make.signed(session, clock)
    handler = login("handler", of=season.case.department)
    query = {"premium": "30000000", "claims": claims, "expense": "0", "cause": "operating", "reading": "whole"}
    page = handler.get(f"/settlement/years/{season.contract_id}/what-if", query_string=query)
    assert shown in text(page)
    bad = handler.get(f"/settlement/years/{season.contract_id}/what-if", query_string={**query, "premium": "viel"})
    assert bad.status_code == 400
    assert "viel" in text(bad)


def test_the_desk_says_what_is_due_and_what_is_blocked(session: Session, clock: FixedClock, login: Login) -> None:
    season = make.ready(session, clock, "1200000.00")
    sheet_id = make.drafted(session, clock, season)
    preparer = login("insurer_preparer", of=season.case.insurer)
    desk = text(preparer.get("/desk"))
    assert f"/settlement/years/{season.contract_id}/months/1" in desk
    assert f"/settlement/sheets/{sheet_id}#issue" in desk
    signer = login("insurer_signer", of=season.case.insurer)
    signer.submit(signer.get(f"/settlement/sheets/{sheet_id}/dispute"), {"row": "8", "text": "少计"})
    assert f"/settlement/sheets/{sheet_id}#disputes" in text(login("handler", of=season.case.department).get("/desk"))
