"""Agreements and annual contracts of the case: drafted, signed by both sides, announced, premium paid and cleared."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlmodel import select

import contracts.services as contracts
from contracts.models import AccountKind, AnnualContract, Instalment, ServiceAgreement
from contracts.services.premiums import premium_due
from core.clock import beijing
from demonstration.jilin.case import YearPlan, benefits, case
from demonstration.jilin.securities import give, pay_back
from demonstration.stage import Stage, both
from tender.models import Award, Scheme


@dataclass(frozen=True)
class Deal:
    """One of the four agreements and the people of its insurer."""

    agreement_id: int
    scheme: Scheme
    price: Decimal
    preparer: str
    signer: str


def sign_agreements(stage: Stage, tender_id: int) -> list[Deal]:
    """Draft, sign and issue the four service agreements within 30 days of the award letters (T15)."""
    with stage.at(beijing(2016, 11, 4, 10)) as session:
        drafted = contracts.draft_agreements(session, stage.cast["handler"], stage.clock, tender_id)
        ids = [cast(int, agreement.id) for agreement in drafted]
    deals = [_deal(stage, agreement_id) for agreement_id in ids]
    for number, deal in enumerate(deals):
        give(stage, deal.agreement_id, number + 1, beijing(2016, 11, 8, 9, 10 * number))
    for number, deal in enumerate(deals):
        moment = beijing(2016, 11, 10, 9, 30 + number)
        with stage.at(moment) as session:
            contracts.sign_agreement(session, stage.cast[deal.signer], stage.clock, deal.agreement_id)
        both(
            stage,
            beijing(2016, 11, 11, 14, 10 * number),
            "handler",
            "approver",
            lambda session, actor, deal=deal: contracts.request_agency_signature(  # type: ignore[misc]
                session, actor, stage.clock, deal.agreement_id
            ),
        )
        _open_accounts(stage, deal, number)
    stage.step("四份三年期服务委托协议双方签署并签发")
    pay_back(stage, tender_id, beijing(2016, 11, 11, 16, 30))
    return deals


def sign_year(stage: Stage, deals: list[Deal], plan: YearPlan) -> list[int]:
    """Prepare, sign, issue and announce the annual contracts of one insurance year."""
    signing = beijing(plan.year - 1, 12, 26, 9)
    ids = []
    for number, deal in enumerate(deals):
        ids.append(_prepare(stage, deal, plan, plan.counts[number], signing))
    for number, (deal, contract_id) in enumerate(zip(deals, ids, strict=True)):
        with stage.at(beijing(plan.year - 1, 12, 27, 9, number)) as session:
            contracts.sign_contract(session, stage.cast[deal.signer], stage.clock, contract_id)
        both(
            stage,
            beijing(plan.year - 1, 12, 27, 10, 10 * number),
            "handler",
            "approver",
            lambda session, actor, key=contract_id: contracts.request_contract_signature(  # type: ignore[misc]
                session, actor, stage.clock, key
            ),
        )
    for number, contract_id in enumerate(ids):
        both(
            stage,
            beijing(plan.year - 1, 12, 28, 9, 10 * number),
            "handler",
            "approver",
            lambda session, actor, key=contract_id: contracts.request_contract_notice(  # type: ignore[misc]
                session, actor, stage.clock, key
            ),
        )
    stage.step(f"{plan.year} 年度四份保险合同签订并公告")
    return ids


def pay_instalment(stage: Stage, contract_id: int, position: int, moment: datetime) -> None:
    """Finance pays one instalment of a contract on the day of the moment."""
    with stage.at(moment) as session:
        part = session.scalars(
            select(Instalment).where(Instalment.contract_id == contract_id, Instalment.position == position)
        ).one()
        contract = cast(AnnualContract, session.get(AnnualContract, contract_id))
        contracts.record_payment(
            session,
            stage.cast["finance"],
            stage.clock,
            contract_id,
            amount=part.amount,
            paid_on=moment.date(),
            reference=f"YS{contract.number[5:9]}-{contract.number[-2:]}-{position}",
            instalment_position=position,
        )


def clear_count(stage: Stage, contract_id: int, count: int, moment: datetime) -> None:
    """Clear the head count of 30 June and settle the difference in premium."""
    with stage.at(moment) as session:
        contracts.clear_head_count(session, stage.cast["handler"], stage.clock, contract_id, count)
    with stage.at() as session:
        contract = cast(AnnualContract, session.get(AnnualContract, contract_id))
        difference = premium_due(contract) - contract.premium
        contracts.record_payment(
            session,
            stage.cast["finance"],
            stage.clock,
            contract_id,
            amount=difference,
            paid_on=moment.date(),
            reference=f"YS{contract.number[5:9]}-{contract.number[-2:]}-Q",
        )


def _deal(stage: Stage, agreement_id: int) -> Deal:
    session = stage.session
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, agreement_id))
    award = cast(Award, session.get(Award, agreement.award_id))
    keys = {number: key for key, number in stage.cast.organisations.items()}
    logins = next(b["logins"] for b in case()["bidders"] if b["organisation"] == keys[agreement.insurer_id])
    return Deal(agreement_id, agreement.scheme, award.price, *logins)


def _open_accounts(stage: Stage, deal: Deal, number: int) -> None:
    with stage.at() as session:
        contracts.open_accounts(
            session,
            stage.cast[deal.preparer],
            stage.clock,
            deal.agreement_id,
            "演示银行营业部",
            {AccountKind.PREMIUM: f"{4410 + number}", AccountKind.CLAIMS: f"{7710 + number}"},
        )


def _prepare(stage: Stage, deal: Deal, plan: YearPlan, count: int, moment: datetime) -> int:
    service: dict[str, Any] = {**case()["service"], "headcount_on": date(plan.year, 6, 30).isoformat()}
    with stage.at(moment) as session:
        contract = contracts.prepare_contract(
            session,
            stage.cast["handler"],
            stage.clock,
            deal.agreement_id,
            year=plan.year,
            insured_count=count,
            funding_standard=deal.price.quantize(Decimal("0.01")),
            benefits=benefits(deal.scheme.value, plan.year),
            service=service,
        )
        return cast(int, contract.id)
