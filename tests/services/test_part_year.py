"""A contract that ends in its year is settled for its part: premium by days or months, claims to the last day (J13)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from contracts import services as contract_services
from contracts.models import AnnualContract
from contracts.rules import PartYear, cover, part_premium
from contracts.services.premiums import premium_due
from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import FileInvalid, Invalid, Refused
from core.house import files_of
from settlement import services
from settlement.models import Settlement
from settlement.services import runs
from settlement.services.lines import lines_of
from tests.factories import claims as claim_rows
from tests.factories import contracts
from tests.factories import settlement as make
from tests.support.pdf import text

#: Last day, how the agreement counts → premium of a million insured at 30 yuan.
PREMIUMS = [
    ("2017-06-30", PartYear.DAY, "14876712.33"),  # 181 of 365 days
    ("2017-06-30", PartYear.MONTH, "15000000.00"),
    ("2017-07-01", PartYear.MONTH, "17500000.00"),  # a month begun counts whole
    ("2017-01-01", PartYear.DAY, "82191.78"),
    ("2017-12-31", PartYear.DAY, "30000000.00"),
    ("2016-02-29", PartYear.DAY, "4918032.79"),  # 60 of 366 days
]


@pytest.mark.parametrize(("until", "basis", "premium"), PREMIUMS)
def test_the_premium_of_a_part_year(until: str, basis: PartYear, premium: str) -> None:
    day = date.fromisoformat(until)
    assert str(part_premium(1_000_000, Decimal("30.00"), cover(day.year, day, basis))) == premium


def test_cover_lies_in_its_year() -> None:
    with pytest.raises(ValueError, match="2017"):
        cover(2017, date(2018, 1, 1), PartYear.DAY)


def ended(session: Session, clock: FixedClock, basis: PartYear = PartYear.DAY) -> make.Season:
    """The contract of 2017 ended on 20 June with cover until 30 June; its head count cleared; after the cut-off."""
    case = contracts.agreed(session, clock)
    contract = contracts.contracted(session, clock, case)
    season = make.Season(case, contract.id or 0, contract.number)
    clock.move_to(beijing(2017, 6, 20, 9))
    with transaction(session):
        contract_services.clear_head_count(session, case.handler, clock, season.contract_id, 1_000_000)
        asked = contract_services.terminate(
            session, case.handler, clock, case.agreement_id, "拒不履行即时结算义务", last_day=date(2017, 6, 30),
            part_year=basis,
        ).id  # fmt: skip
    del asked
    contracts.decide(session, clock, case.approver)
    clock.move_to(make.AFTER)
    return season


def settled_on(season: make.Season, day: str) -> dict[str, str]:
    return claim_rows.row(
        contract_number=season.number, reported_benefit=str(make.BENEFIT), admitted_on="2017-06-01", settled_on=day,
        accepted_on="2017-07-05", paid_on="2017-07-20",
    )  # fmt: skip


def test_a_part_year_has_its_own_sheet_with_the_premium_of_its_days(session: Session, clock: FixedClock) -> None:
    season = ended(session, clock)
    contract = session.get_one(AnnualContract, season.contract_id)
    assert (str(premium_due(contract)), contract.covered_until) == ("14876712.33", date(2017, 6, 30))
    season.claims = [settled_on(season, "2017-06-20")]
    make.with_file(session, clock, season)
    with transaction(session):
        row = services.report_year(
            session, season.case.preparer, clock, season.contract_id,
            make.report(Decimal("14876712.33") - make.BENEFIT - Decimal("446301.36")),
        )  # fmt: skip
        figures_id = row.id or 0
    with transaction(session):
        services.confirm_year(session, season.case.signer, clock, figures_id)
    sheet = make.issued(session, clock, season)
    sheet_id, document = sheet.id or 0, sheet.document_id
    rows = {line.row: (line.value, line.formula) for line in lines_of(session, sheet_id)}
    assert rows["1.3"] == ("181", None)
    assert rows["3"] == ("14876712.33", "1,000,000×30.00×181/365")
    assert rows["6"][0] == "-15123287.67"
    sheet = session.get_one(Settlement, sheet_id)
    assert (str(sheet.balance), str(sheet.insurer_part)) == ("446301.36", "446301.36"), "just inside three per cent"
    printed = text(files_of(session).get(session.get_one(IssuedDocument, document).pdf_sha256))
    assert "承保至2017-06-30" in printed.replace("\n", "").replace(" ", "")
    assert "14,876,712.33" in printed


def test_claims_after_the_last_day_of_cover_are_refused_by_row(session: Session, clock: FixedClock) -> None:
    season = ended(session, clock)
    content = claim_rows.csv_file(settled_on(season, "2017-06-30"), {**settled_on(season, "2017-07-01"),
                                  "claim_id": "C-2"})  # fmt: skip
    with pytest.raises(FileInvalid) as refused:
        services.read_claim_file(session, season.contract_id, content, "claims.csv")
    assert [place for place, _ in refused.value.faults] == ["row 3, settled_on “2017-07-01”"]


def test_cover_ends_today_or_later_in_the_running_year(session: Session, clock: FixedClock) -> None:
    case = contracts.agreed(session, clock)
    contracts.contracted(session, clock, case)
    clock.move_to(beijing(2017, 6, 20, 9))
    for day in (date(2017, 6, 19), date(2018, 1, 1)):
        with pytest.raises(Invalid, match="between today") as refused, transaction(session):
            contract_services.terminate(session, case.handler, clock, case.agreement_id, "违约", last_day=day)
        assert refused.value.field == "last_day"


def test_a_contract_that_never_began_has_nothing_to_settle(session: Session, clock: FixedClock) -> None:
    case = contracts.agreed(session, clock)
    contract = contracts.contracted(session, clock, case, 2018)
    key = contract.id or 0
    contracts.approve(session, clock, case, contract_services.terminate, case.agreement_id, "严重损害参保人权益")
    clock.move_to(beijing(2019, 4, 10, 9))
    with pytest.raises(Refused, match="before its year began"), transaction(session):
        services.prepare_sheet(session, case.handler, clock, key)
    item = runs.calculate_item(session, clock, 1, key)
    assert "before its year began" in (item.refusal or "")
