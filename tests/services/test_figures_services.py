"""Figures and claim files: reported by one, confirmed by another, in versions; files checked, recomputed, resolved."""

from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import FileInvalid, Forbidden, Invalid, NotFound, Refused
from core.house import House
from core.tasks.work import run_waiting
from settlement import jobs, services
from settlement.models import ClaimFile, ClaimFinding, FindingResolution, MonthlyFigures
from settlement.services.figures import latest_months
from tests.factories import claims as claim_rows
from tests.factories import settlement as make

MARCH = services.MonthReport(Decimal("100.00"), 2, 3, Decimal("5.00"))


def report(session: Session, clock: FixedClock, season: make.Season, month: int, **changes: object) -> None:
    figures = {"claims_paid": Decimal("100.00"), "persons": 2, "cases": 3, "expense": Decimal("5.00"), **changes}
    with transaction(session):
        services.report_month(
            session,
            season.case.preparer,
            clock,
            season.contract_id,
            month,
            services.MonthReport(**figures),  # type: ignore[arg-type]
        )


def test_a_corrected_month_is_a_new_version_and_the_old_one_stays(session: Session, clock: FixedClock) -> None:
    season = make.signed(session, clock)
    report(session, clock, season, 3)
    report(session, clock, season, 3, claims_paid=Decimal("120.00"))
    assert [(row.month, row.version, row.claims_paid) for row in latest_months(session, season.contract_id)] == [
        (3, 2, Decimal("120.00"))
    ]
    assert len(session.exec(select(MonthlyFigures)).all()) == 2


@pytest.mark.parametrize(
    ("month", "changes", "error"),
    [
        (16, {}, Invalid),
        (0, {}, Invalid),
        (3, {"claims_paid": Decimal("-0.01")}, Invalid),
        (16 - 1, {}, None),
    ],
    ids=["after the run-off", "before the year", "negative", "last month of the run-off"],
)
def test_what_a_month_may_be(
    session: Session, clock: FixedClock, month: int, changes: dict[str, object], error: type[Exception] | None
) -> None:
    season = make.signed(session, clock)
    if error is None:
        report(session, clock, season, month, **changes)
    else:
        with pytest.raises(error):
            report(session, clock, season, month, **changes)


def test_a_month_that_has_not_ended_is_refused(session: Session, clock: FixedClock) -> None:
    season = make.signed(session, clock)
    clock.move_to(beijing(2018, 4, 30, 23, 59))
    report(session, clock, season, 15)
    with pytest.raises(Invalid):
        report(session, clock, season, 16)


def test_the_other_insurer_meets_no_contract(session: Session, clock: FixedClock) -> None:
    season = make.signed(session, clock)
    with pytest.raises(NotFound), transaction(session):
        services.report_month(session, season.case.other_signer, clock, season.contract_id, 3, MARCH)


def test_annual_figures_need_a_second_person_of_the_insurer(session: Session, clock: FixedClock) -> None:
    season = make.signed(session, clock)
    figures_id = make.with_figures(session, clock, season, "0.00", confirm=False)
    with pytest.raises(Forbidden), transaction(session):
        services.confirm_year(session, season.case.preparer, clock, figures_id)
    with transaction(session):
        row = services.report_year(session, season.case.signer, clock, season.contract_id, make.report(Decimal("1.00")))
        own = row.id or 0
    with pytest.raises(Refused, match="cannot confirm"), transaction(session):
        services.confirm_year(session, season.case.signer, clock, own)


def test_commission_must_be_zero(session: Session, clock: FixedClock) -> None:
    season = make.signed(session, clock)
    with pytest.raises(Invalid, match="Commission"), transaction(session):
        services.report_year(
            session, season.case.preparer, clock, season.contract_id,
            make.report(Decimal("1.00"), commission=Decimal("0.01")),
        )  # fmt: skip


def test_a_wrong_row_keeps_the_whole_file_out(session: Session, clock: FixedClock) -> None:
    season = make.signed(session, clock)
    bad = claim_rows.row(2, contract_number=season.number, total_cost="-1.00")
    content = claim_rows.csv_file(*season.claims, bad)
    with pytest.raises(FileInvalid) as told:
        services.read_claim_file(session, season.contract_id, content, "claims.csv")
    assert any("3" in place for place, _ in told.value.faults)
    assert session.exec(select(ClaimFile)).all() == []


def test_recomputation_is_queued_done_by_the_scheduler_and_repeated_without_effect(
    session: Session, clock: FixedClock, house: House
) -> None:
    season = make.signed(session, clock)
    season.claims = [claim_rows.row(contract_number=season.number, reported_benefit="9000.00")]
    content = claim_rows.csv_file(*season.claims)
    landed = services.read_claim_file(session, season.contract_id, content, "claims.csv")
    with transaction(session):
        file = services.receive_claim_file(
            session, season.case.preparer, clock, season.contract_id, content, "claims.csv", landed
        )
        file_id = file.id or 0
    with transaction(session):
        first = services.queue_recomputation(session, season.case.handler, clock, file_id).id
    with transaction(session):
        assert services.queue_recomputation(session, season.case.handler, clock, file_id).id == first
    session.rollback()

    assert jobs.recompute.__name__ == "recompute"  # importing the module registers the work
    assert run_waiting(house) == 1
    row = session.get_one(ClaimFile, file_id, populate_existing=True)
    assert row.recomputed_benefit == make.BENEFIT
    finding = session.exec(select(ClaimFinding)).one()
    assert (finding.reported, finding.recomputed) == (Decimal("9000.00"), make.BENEFIT)
    with pytest.raises(Refused, match="not resolved"), transaction(session):
        services.accept_claim_file(session, season.case.handler, clock, file_id)
    with pytest.raises(Refused, match="Only the department"), transaction(session):
        services.resolve_finding(
            session, season.case.preparer, clock, finding.id or 0, FindingResolution.DEPARTMENT_ACCEPTS, "演示"
        )
    with transaction(session):
        services.resolve_finding(
            session, season.case.preparer, clock, finding.id or 0, FindingResolution.INSURER_CORRECTS, "录入错误"
        )
    with transaction(session):
        assert services.accept_claim_file(session, season.case.handler, clock, file_id).accepted_at == clock.now()
