"""A bridge contract carries cover on after an agreement's term, for its stated part of the next year only (J11)."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from contracts import home
from contracts import services as contract_services
from contracts.models import AnnualContract, Instalment, ServiceAgreement
from contracts.rules import AgreementStage, BridgeGround, ContractStage, PartYear
from contracts.services import agreements, annual, bridging
from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Invalid, Refused
from core.house import files_of
from settlement import services
from settlement.models import Settlement
from settlement.services.lines import lines_of
from tender.models import Award, Lot, Tender
from tests.factories import claims as claim_rows
from tests.factories import contracts
from tests.factories import settlement as make
from tests.support.pdf import text

#: The agreement runs until the end of 2019; this is the autumn in which its successor should be found.
AUTUMN = beijing(2019, 11, 20, 9)
TERMS = {
    "ground": BridgeGround.DECISION_PENDING,
    "reason": "2019年招标两次失败，已报请省政府决定。",
    "until": date(2020, 6, 30),
    "part_year": PartYear.DAY,
    "insured_count": 1_000_000,
    "funding_standard": Decimal("30.00"),
    "headcount_on": date(2020, 3, 31),
}


def last_year(session: Session, clock: FixedClock) -> contracts.Case:
    """An agreement in its last year, whose contract is signed, with nothing after it."""
    case = contracts.agreed(session, clock)
    contracts.contracted(session, clock, case, 2019)
    clock.move_to(AUTUMN)
    return case


def bridged(session: Session, clock: FixedClock, case: contracts.Case, **changes: object) -> AnnualContract:
    with transaction(session):
        return contract_services.prepare_bridge(session, case.handler, clock, case.agreement_id, **{**TERMS, **changes})  # type: ignore[arg-type]


def signed(session: Session, clock: FixedClock, case: contracts.Case) -> AnnualContract:
    contract = bridged(session, clock, case)
    key = contract.id or 0
    with transaction(session):
        contract_services.sign_contract(session, case.signer, clock, key)
    contracts.approve(session, clock, case, contract_services.request_contract_signature, key)
    return contract


def test_a_bridge_contract_is_signed_by_both_sides_and_says_why_for_how_long_and_at_what_premium(
    session: Session, clock: FixedClock
) -> None:
    case = last_year(session, clock)
    contract = signed(session, clock, case)
    assert (contract.year, contract.covered_until, str(contract.premium)) == (2020, date(2020, 6, 30), "14918032.79")
    parts = session.exec(select(Instalment).where(Instalment.contract_id == contract.id).order_by(col(Instalment.id)))
    assert [(str(part.amount), part.due_on.isoformat()) for part in parts] == [
        ("8950819.67", "2020-03-31"), ("5967213.12", "2020-06-30"),
    ]  # fmt: skip
    paper = session.get_one(IssuedDocument, contract.document_id)
    printed = text(files_of(session).get(paper.pdf_sha256)).replace("\n", "").replace(" ", "")
    for words in (
        "过渡期特别约定",
        "省级人民政府尚未确定",
        "招标两次失败",
        "2020年6月30日24时止",
        "182÷366",
        "14,918,032.79",
    ):
        assert words in printed, words
    agreement = session.get_one(ServiceAgreement, case.agreement_id)
    assert agreement.extended_until == date(2020, 6, 30)
    contracts.approve(session, clock, case, contract_services.request_contract_notice, contract.id or 0)
    notice = session.get_one(IssuedDocument, contract.notice_id)
    assert "过渡期保险合同" in text(files_of(session).get(notice.pdf_sha256)).replace("\n", "").replace(" ", "")
    assert notice.published_at is not None


#: Day → stage of the agreement, stage of its bridge contract.
STAGES = [
    ((2019, 12, 31), AgreementStage.IN_FORCE, ContractStage.SIGNED),
    ((2020, 1, 1), AgreementStage.IN_FORCE, ContractStage.IN_FORCE),
    ((2020, 6, 30), AgreementStage.IN_FORCE, ContractStage.IN_FORCE),
    ((2020, 7, 1), AgreementStage.ENDED, ContractStage.RUN_OFF),
]


def test_agreement_and_contract_run_to_the_last_day_of_the_bridge(session: Session, clock: FixedClock) -> None:
    case = last_year(session, clock)
    contract = signed(session, clock, case)
    agreement = session.get_one(ServiceAgreement, case.agreement_id)
    for day, of_agreement, of_contract in STAGES:
        clock.move_to(beijing(*day, 9))
        assert (agreements.stage_of(agreement, clock), annual.stage_of(contract, clock)) == (of_agreement, of_contract)


#: What is wrong → the field it is about.
FAULTS = [
    ({"until": date(2021, 1, 1)}, "until"),
    ({"until": date(2019, 12, 31)}, "until"),
    ({"headcount_on": date(2020, 7, 1)}, "headcount_on"),
    ({"reason": "  "}, "reason"),
    ({"insured_count": 0}, "insured_count"),
]


@pytest.mark.parametrize(("change", "field"), FAULTS)
def test_what_a_bridge_contract_must_say(
    session: Session, clock: FixedClock, change: dict[str, object], field: str
) -> None:
    case = last_year(session, clock)
    with pytest.raises(Invalid) as refused:
        bridged(session, clock, case, **change)
    assert refused.value.field == field


def test_cover_is_bridged_once_in_time_and_only_where_nothing_follows(session: Session, clock: FixedClock) -> None:
    case = contracts.agreed(session, clock)
    with pytest.raises(Refused, match="runs or has run its term"):
        bridged(session, clock, case)
    clock.move_to(AUTUMN)
    with pytest.raises(Refused, match="no signed contract"):
        bridged(session, clock, case)
    contracts.contracted(session, clock, case, 2019)
    follow(session, clock, case)  # the next tender is awarded for 2020 to 2022
    with pytest.raises(Refused, match="does not lapse"):
        bridged(session, clock, case)


def follow(session: Session, clock: FixedClock, case: contracts.Case) -> None:
    """Another tender of the same scheme and policyholder is awarded for the next term."""
    other = contracts.awarded(session, clock)
    with transaction(session):
        tender = session.get_one(Tender, other.tender_id)
        tender.policyholder_id = session.get_one(Tender, case.tender_id).policyholder_id
        tender.term_from, tender.term_until = date(2020, 1, 1), date(2022, 12, 31)
        session.add(tender)


def warnings(app: Flask, session: Session, case: contracts.Case, clock: FixedClock) -> list[str]:
    with app.test_request_context():
        found = home.due(session, case.handler, clock.now())
    return [str(item.last_day) for item in found if item.url.endswith(f"/agreements/{case.agreement_id}")]


def test_the_desk_warns_before_cover_lapses_and_stops_when_something_follows(
    app: Flask, session: Session, clock: FixedClock
) -> None:
    case = contracts.agreed(session, clock)
    contracts.contracted(session, clock, case, 2019)
    clock.move_to(beijing(2019, 9, 30, 9))
    assert warnings(app, session, case, clock) == []
    clock.move_to(AUTUMN)
    assert warnings(app, session, case, clock) == ["2019-12-31"]
    signed(session, clock, case)
    assert warnings(app, session, case, clock) == []
    clock.move_to(beijing(2020, 3, 30, 9))
    assert warnings(app, session, case, clock) == []
    clock.move_to(beijing(2020, 6, 30, 9))
    assert warnings(app, session, case, clock) == ["2020-06-30"]
    clock.move_to(beijing(2020, 10, 8, 9))
    assert warnings(app, session, case, clock) == ["2020-06-30"], "cover has lapsed"
    follow(session, clock, case)
    assert warnings(app, session, case, clock) == []


#: Where the next awards are → whether they follow an agreement for 甲市 and 乙市, of a lot of the whole province.
FOLLOWING = [
    (["甲市、乙市", "丙市"], "全省", True),  # all the winners of a lot of the same area
    (["甲市、乙市", "丙市"], "南部", True),
    (["乙市、丙市", "甲市"], "南部", True),  # divided anew: both districts are there
    (["甲市、丙市", "丁市"], "南部", False),  # nobody insures 乙市
    (["丙市", "丁市"], "北部", False),
]


@pytest.mark.parametrize(("areas", "of_lot", "follows"), FOLLOWING)
@pytest.mark.databases("sqlite")
def test_what_follows_has_to_cover_the_same_area(
    session: Session, clock: FixedClock, areas: list[str], of_lot: str, follows: bool
) -> None:
    case = last_year(session, clock)
    follow(session, clock, case)
    agreement = session.get_one(ServiceAgreement, case.agreement_id)
    agreement.area = "甲市、乙市"
    awards = session.exec(select(Award).where(Award.tender_id != case.tender_id).order_by(col(Award.id))).all()
    session.get_one(Lot, awards[0].lot_id).area = of_lot
    for award, area in zip(awards, areas, strict=True):
        award.area = area
    session.commit()
    assert bridging.followed(session, agreement, agreement.term_until) is follows


def test_a_bridge_contract_is_settled_for_its_period(session: Session, clock: FixedClock) -> None:
    case = last_year(session, clock)
    contract = signed(session, clock, case)
    season = make.Season(case, contract.id or 0, contract.number)
    clock.move_to(beijing(2020, 7, 2, 9))
    with transaction(session):
        contract_services.clear_head_count(session, case.handler, clock, season.contract_id, 1_000_000)
    clock.move_to(beijing(2021, 4, 10, 9))
    season.claims = [
        claim_rows.row(
            contract_number=season.number, reported_benefit=str(make.BENEFIT), admitted_on="2020-06-01",
            settled_on="2020-06-20", accepted_on="2020-07-05", paid_on="2020-07-20",
        )
    ]  # fmt: skip
    make.with_file(session, clock, season)
    with transaction(session):
        surplus = Decimal("14918032.79") - make.BENEFIT - Decimal("447540.98")
        row = services.report_year(session, case.preparer, clock, season.contract_id, make.report(surplus))
        figures_id = row.id or 0
    with transaction(session):
        services.confirm_year(session, case.signer, clock, figures_id)
    sheet = make.issued(session, clock, season)
    rows = {line.row: (line.value, line.formula) for line in lines_of(session, sheet.id or 0)}
    assert rows["1.3"][0] == "182"
    assert rows["3"] == ("14918032.79", "1,000,000×30.00×182/366")
    assert rows["3.1"] == ("14918032.79", "1,000,000×30.00×182/366")
    assert rows["6"][0] == "0.00"
    assert session.get_one(Settlement, sheet.id).balance is not None
