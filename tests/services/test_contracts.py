"""The verbs of the contract side on both databases: drafted, signed, issued, paid, cleared, assessed, ended."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from contracts import services
from contracts.models import AccountKind, AnnualContract, Instalment, PremiumPayment, ServiceAgreement
from contracts.services import standing
from contracts.services.annual import benefit_terms
from core import audit
from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.services import papers_about
from core.errors import FileInvalid, Forbidden, Invalid, NotFound, Refused
from core.house import files_of
from core.policy.model import BenefitBand, TiltTerms
from tests.factories import contracts as factory
from tests.support import pdf

# Agreements --------------------------------------------------------------------------------------------------------


def test_each_winner_gets_one_agreement_and_only_once(session: Session, clock: FixedClock) -> None:
    case = factory.drafted(session, clock)
    assert [row.insurer_id for row in case.agreements] == [case.insurer.id, case.other.id]
    assert [row.number[-5:] for row in case.agreements] == ["XY-01", "XY-02"]
    with transaction(session):
        assert services.draft_agreements(session, case.handler, clock, case.tender_id) == []


def test_the_insurer_signs_first_then_two_people_for_the_agency(session: Session, clock: FixedClock) -> None:
    case = factory.drafted(session, clock)
    with pytest.raises(Refused, match="insurer signs first"), transaction(session):
        services.request_agency_signature(session, case.handler, clock, case.agreement_id)
    with transaction(session):
        services.sign_agreement(session, case.signer, clock, case.agreement_id)
    with pytest.raises(Refused, match="already signed"), transaction(session):
        services.sign_agreement(session, case.signer, clock, case.agreement_id)
    factory.approve(session, clock, case, services.request_agency_signature, case.agreement_id)
    row = session.get_one(ServiceAgreement, case.agreement_id)
    assert (row.insurer_signed_by, row.agency_signed_by) == (case.signer.user_id, case.approver.user_id)
    assert [paper.kind for paper in papers_about(session, row)] == ["service-agreement"]
    assert list(audit.verify(session)) == []


def test_another_insurer_meets_nothing(session: Session, clock: FixedClock) -> None:
    case = factory.drafted(session, clock)
    with pytest.raises(NotFound), transaction(session):
        services.sign_agreement(session, case.other_signer, clock, case.agreement_id)
    assert [row.id for row, _ in standing.agreements_for(session, case.signer)] == [case.agreement_id]
    with pytest.raises(NotFound):
        standing.agreement_for(session, case.other_signer, case.agreement_id)


def test_nobody_signs_for_the_other_side(session: Session, clock: FixedClock) -> None:
    case = factory.drafted(session, clock)
    with pytest.raises(NotFound), transaction(session):
        services.sign_agreement(session, case.approver, clock, case.agreement_id)
    with pytest.raises(Forbidden), transaction(session):
        services.sign_agreement(session, case.preparer, clock, case.agreement_id)


def test_both_accounts_are_recorded_once_and_after_signing(session: Session, clock: FixedClock) -> None:
    case = factory.drafted(session, clock)
    digits = {AccountKind.PREMIUM: "4410", AccountKind.CLAIMS: "7710"}
    with pytest.raises(Refused, match="not signed"), transaction(session):
        services.open_accounts(session, case.preparer, clock, case.agreement_id, "演示银行", digits)
    with transaction(session):
        services.sign_agreement(session, case.signer, clock, case.agreement_id)
    factory.approve(session, clock, case, services.request_agency_signature, case.agreement_id)
    with pytest.raises(Invalid, match="Both accounts") as error, transaction(session):
        services.open_accounts(
            session, case.preparer, clock, case.agreement_id, "演示银行", {AccountKind.PREMIUM: "4410"}
        )
    assert error.value.clause == "吉政办发〔2016〕57号 六(一)"
    with transaction(session):
        services.open_accounts(session, case.preparer, clock, case.agreement_id, "演示银行", digits)
    with pytest.raises(Refused, match="already recorded"), transaction(session):
        services.open_accounts(session, case.preparer, clock, case.agreement_id, "演示银行", digits)


# Annual contracts --------------------------------------------------------------------------------------------------


def test_a_contract_takes_over_the_terms_of_the_tender(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.prepared(session, clock, case)
    assert contract.number.endswith("-2017-HT-01")
    assert (contract.premium, contract.cutoff) == (Decimal("30000000.00"), date(2018, 3, 31))
    assert (contract.sharing_reading, contract.rate_definition) == ("whole", "claims")
    parts = session.exec(select(Instalment).order_by(Instalment.position)).all()  # type: ignore[arg-type]
    assert [(part.amount, part.due_on) for part in parts] == [
        (Decimal("18000000.00"), date(2017, 3, 31)),
        (Decimal("12000000.00"), date(2017, 9, 30)),
    ]
    (terms,) = benefit_terms(session, contract)
    assert replace(terms, clause="") == factory.benefits().terms


def test_a_signed_contract_is_issued_and_frozen(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    (paper,) = papers_about(session, contract)
    words = pdf.text(files_of(session).get(paper.pdf_sha256))
    assert paper.demonstration
    for printed in ("演示", "30,000,000.00", "11,300.00", "300,000.00", "2018年3月31日", "建档立卡"):
        assert printed in words, printed
    for verb in (services.request_contract_signature, services.discard_draft):
        with pytest.raises(Refused, match="already signed"), transaction(session):
            verb(session, case.handler, clock, contract.id or 0)


def test_terms_that_change_within_the_year_are_printed(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    clock.move_to(beijing(2016, 12, 26, 9))
    lower = factory.benefits(deductible=Decimal("9000.00"), in_force_from=date(2017, 7, 1))
    with transaction(session):
        contract = services.prepare_contract(
            session, case.handler, clock, case.agreement_id, year=2017, insured_count=1_000_000,
            funding_standard=Decimal("30.00"), benefits=[factory.benefits(), lower], service=factory.service(),
        )  # fmt: skip
        services.sign_contract(session, case.signer, clock, contract.id or 0)
    factory.approve(session, clock, case, services.request_contract_signature, contract.id or 0)
    words = pdf.text(files_of(session).get(papers_about(session, contract)[0].pdf_sha256))
    assert "自2017年7月1日起的待遇起付标准9,000.00；其余按序号7至9" in words


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bands": (BenefitBand(Decimal(0), None, Decimal("0.50")),)}, "start ratio 0.55"),
        (
            {
                "bands": (
                    BenefitBand(Decimal(0), Decimal(50_000), Decimal("0.55")),
                    BenefitBand(Decimal(50_000), None, Decimal("0.85")),
                )
            },
            "at most 0.80",
        ),
        ({"cap": None}, "maximum payout"),
        ({"tilts": {}}, "tilt for destitute is missing"),
        (
            {"tilts": dict.fromkeys(("registered_poor", "destitute", "low_income"), TiltTerms(Decimal("0.30")))},
            "cut by 0.30; the paper says 0.4",
        ),
    ],
)
def test_terms_that_depart_from_the_paper_are_refused_with_their_clause(
    session: Session, clock: FixedClock, changes: dict[str, object], reason: str
) -> None:
    case = factory.agreed(session, clock)
    with pytest.raises(FileInvalid) as error, transaction(session):
        services.prepare_contract(
            session, case.handler, clock, case.agreement_id, year=2017, insured_count=1_000_000,
            funding_standard=Decimal("30.00"), benefits=[factory.benefits(**changes)], service=factory.service(),
        )  # fmt: skip
    assert any(reason in fault and "吉政办发〔2016〕57号 三" in fault for _, fault in error.value.faults)
    assert session.exec(select(AnnualContract)).all() == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"year": 2020, "benefits": [factory.benefits(2020)]}, "outside the agreement's term 2017 to 2019"),
        ({"insured_count": 0}, "insured count must be positive"),
        ({"funding_standard": Decimal("0.00")}, "funding standard must be positive"),
        ({"benefits": []}, "must begin on 1 January"),
    ],
)
def test_a_contract_that_cannot_be_is_refused(
    session: Session, clock: FixedClock, changes: dict[str, object], reason: str
) -> None:
    case = factory.agreed(session, clock)
    values: dict[str, object] = {
        "year": 2017, "insured_count": 1_000_000, "funding_standard": Decimal("30.00"),
        "benefits": [factory.benefits()], "service": factory.service(),
    }  # fmt: skip
    with pytest.raises((Refused, Invalid), match=reason), transaction(session):
        services.prepare_contract(session, case.handler, clock, case.agreement_id, **{**values, **changes})  # type: ignore[arg-type]


def test_a_year_has_one_contract_and_a_draft_can_be_made_again(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.prepared(session, clock, case)
    with pytest.raises(Refused, match="already has a contract"):
        factory.prepared(session, clock, case)
    with transaction(session):
        services.discard_draft(session, case.handler, clock, contract.id or 0)
    again = factory.prepared(session, clock, case)
    with transaction(session):
        services.sign_contract(session, case.signer, clock, again.id or 0)
    with pytest.raises(Refused, match="already signed"), transaction(session):
        services.discard_draft(session, case.handler, clock, again.id or 0)


def test_the_notice_encloses_the_contract_and_is_published_once(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    limit = standing.notice_limit(contract)
    assert limit is not None
    assert limit.date == date(2016, 12, 29)
    factory.approve(session, clock, case, services.request_contract_notice, contract.id or 0)
    signed, notice = papers_about(session, contract)
    assert notice.published_at == clock.now()
    assert [file["sha256"] for file in notice.attachments] == [signed.pdf_sha256]
    with pytest.raises(Refused, match="already published"), transaction(session):
        services.request_contract_notice(session, case.handler, clock, contract.id or 0)


# Premium and assessment --------------------------------------------------------------------------------------------


def test_premium_is_recorded_against_its_instalment(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2017, 4, 5, 9))
    owed = standing.standing(session, case.finance, contract.id or 0, date(2017, 4, 5)).premium
    assert (owed.arrears, owed.parts[0].late(date(2017, 4, 5))) == (Decimal("18000000.00"), True)
    pay(session, clock, case, contract, amount="18000000.00", instalment_position=1)
    paid = standing.standing(session, case.finance, contract.id or 0, date(2017, 4, 5)).premium
    assert (paid.received, paid.arrears, paid.outstanding) == (
        Decimal("18000000.00"),
        Decimal("0.00"),
        Decimal("12000000.00"),
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0.00"}, "amount"),
        ({"paid_on": date(2017, 4, 6)}, "paid_on"),
        ({"reference": "YS-1"}, "reference"),
    ],
)
def test_a_payment_that_cannot_be_names_its_field(
    session: Session, clock: FixedClock, changes: dict[str, object], field: str
) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2017, 4, 5, 9))
    pay(session, clock, case, contract, amount="1.00", reference="YS-1")
    with pytest.raises(Invalid) as error:
        pay(session, clock, case, contract, **{"amount": "1.00", "reference": "YS-2", **changes})
    assert error.value.field == field
    assert len(session.exec(select(PremiumPayment)).all()) == 1


def test_the_head_count_is_cleared_once_and_moves_the_premium(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2017, 7, 12, 9))
    with transaction(session):
        added = services.clear_head_count(session, case.handler, clock, contract.id or 0, 1_000_100)
    assert added == Decimal("3000.00")
    due = standing.standing(session, case.signer, contract.id or 0, date(2017, 7, 12)).premium.due
    assert due == Decimal("30003000.00")
    with pytest.raises(Refused, match="already cleared"), transaction(session):
        services.clear_head_count(session, case.handler, clock, contract.id or 0, 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"deduction": Decimal("-1.00")}, "not negative"),
        ({"indicators": [{"indicator": "服务水平", "weight": "1", "score": "100.1", "note": ""}]}, "between 0 and 100"),
        ({"indicators": [{"indicator": "服务水平", "weight": "0.9", "score": "90", "note": ""}]}, "add up to 1"),
        ({"period": "2017年度"}, "already assessed"),
    ],
)
def test_an_assessment_that_cannot_be_is_refused(
    session: Session, clock: FixedClock, changes: dict[str, object], reason: str
) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    values: dict[str, object] = {
        "period": "2017年度",
        "indicators": [{"indicator": "服务水平", "weight": "1", "score": "90", "note": ""}],
        "deduction": Decimal("60000.00"),
    }
    with transaction(session):
        row = services.assess(session, case.handler, clock, contract.id or 0, **values)  # type: ignore[arg-type]
    assert (row.score, row.deduction) == (Decimal("90"), Decimal("60000.00"))
    with pytest.raises(Invalid, match=reason), transaction(session):
        services.assess(session, case.handler, clock, contract.id or 0, **{**values, "period": "抽查", **changes})  # type: ignore[arg-type]


def pay(session: Session, clock: FixedClock, case: factory.Case, contract: AnnualContract, **changes: object) -> None:
    """Finance records a payment of 5 April 2017."""
    values = {"amount": "1.00", "paid_on": date(2017, 4, 5), "reference": "YS", **changes}
    values["amount"] = Decimal(str(values["amount"]))
    with transaction(session):
        services.record_payment(session, case.finance, clock, contract.id or 0, **values)  # type: ignore[arg-type]


# The end -----------------------------------------------------------------------------------------------------------


def test_an_early_end_takes_the_running_contracts_with_it(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    past = factory.contracted(session, clock, case)
    running = factory.contracted(session, clock, case, 2018)
    # New Year's morning in Beijing is still last year in UTC: the contract of 2017 is over all the same.
    clock.move_to(beijing(2018, 1, 1, 6))
    factory.approve(session, clock, case, services.terminate, case.agreement_id, "拒不履行即时结算义务")
    session.refresh(past)
    session.refresh(running)
    assert (past.terminated_at, running.terminated_at) == (None, clock.now())
    assert session.get_one(ServiceAgreement, case.agreement_id).termination_reason == "拒不履行即时结算义务"
    with pytest.raises(Refused, match="still runs") as error, transaction(session):
        services.terminate(session, case.handler, clock, case.agreement_id, "再次")
    assert error.value.clause == "吉政办发〔2016〕57号 五(二)"


def test_an_early_end_needs_its_reason(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    with pytest.raises(Invalid, match="breach or harm"), transaction(session):
        services.terminate(session, case.handler, clock, case.agreement_id, "  ")


def test_no_one_signs_a_contract_whose_agreement_has_ended(session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.prepared(session, clock, case)
    factory.approve(session, clock, case, services.terminate, case.agreement_id, "严重损害参保人权益")
    with pytest.raises(Refused, match="terminated"), transaction(session):
        services.sign_contract(session, case.signer, clock, contract.id or 0)
