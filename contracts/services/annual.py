"""Annual contracts: one insurance year each, within the pack, signed by both sides, then announced (J12, T17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlmodel import Session, select

from contracts import papers
from contracts.benefits import as_rows, terms_of
from contracts.models import AnnualContract, BenefitTermsRow, Instalment, ServiceAgreement
from contracts.rules import (
    AgreementStage,
    ContractFacts,
    ContractStage,
    Cover,
    TargetPart,
    contract_stage,
    instalment_day,
    instalments,
    part_premium,
)
from contracts.services.agreements import stage_of as agreement_stage_of
from contracts.services.dues import measured_against_cost
from contracts.services.standing import cite
from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import FileInvalid, Invalid, N_, NotFound, Refused
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval
from core.policy import view
from core.policy.model import BenefitTerms
from core.policy.terms import Finding, check_terms
from tender.models import Award, ContractTerms, Scheme

#: The fund that pays the premium and takes back a surplus, by scheme (regulation J18).
FUNDS = {
    Scheme.NRCMS: "新型农村合作医疗基金",
    Scheme.URBAN: "城镇居民基本医疗保险基金",
    Scheme.RESIDENT: "城乡居民基本医疗保险基金",
}

#: Where an annual contract is shown.
PAGE = ("contracts.contract", "contract_id")


@dataclass(frozen=True)
class BenefitInput:
    """Benefit terms as the department sets them for a contract year, from one day on."""

    terms: BenefitTerms
    in_force_from: date


@dataclass(frozen=True)
class AgreedCost:
    """What a contract year's cost is measured against, in yuan; part: what an end within the year does to it."""

    amount: Decimal
    part: TargetPart


def stage_of(contract: AnnualContract, clock: Clock) -> ContractStage:
    """The stage of an annual contract now."""
    facts = ContractFacts(
        contract.year,
        contract.cutoff,
        contract.insurer_signed_at,
        contract.agency_signed_at,
        contract.terminated_at,
        contract.covered_until,
    )
    return contract_stage(facts, clock.now())


def prepare_contract(
    session: Session,
    actor: Actor,
    clock: Clock,
    agreement_id: int,
    *,
    year: int,
    insured_count: int,
    funding_standard: Decimal,
    benefits: Sequence[BenefitInput],
    service: dict[str, Any],
    target: AgreedCost | None = None,
) -> AnnualContract:
    """Draft the annual contract of an insurance year: premium, instalments and benefit terms, checked against the pack.

    funding_standard: yuan a person a year; service: what the papers print about payment process, points and telephone;
    target: the agreed cost, where the paper's rule is measured against one.
    Raises Invalid or FileInvalid where a term breaks the paper, Refused outside the agreement's term.
    """
    require(actor, "contracts:prepare")
    agreement: ServiceAgreement | None = locked(session, ServiceAgreement, agreement_id)
    if agreement is None:
        raise NotFound(N_("There is no such agreement"))
    _may_contract(session, agreement, year, clock)
    contract = draft(
        session, actor, clock, agreement, year, insured_count, funding_standard, benefits, service, target=target
    )
    audit.record(session, contract.created_at, actor, "contracts:contract:prepare", contract, number=contract.number)
    return contract


def draft(
    session: Session,
    actor: Actor,
    clock: Clock,
    agreement: ServiceAgreement,
    year: int,
    insured_count: int,
    funding_standard: Decimal,
    benefits: Sequence[BenefitInput],
    service: dict[str, Any],
    part: Cover | None = None,
    target: AgreedCost | None = None,
) -> AnnualContract:
    """Write a draft with its terms, benefits and instalments; part: of the year that a bridge contract covers.

    target: the agreed cost, of the part that is covered. No instalment is due after the last day of cover.
    """
    if insured_count <= 0:
        raise Invalid(N_("The insured count must be positive"), field="insured_count")
    if funding_standard <= 0:
        message = N_("The funding standard must be positive")
        raise Invalid(message, field="funding_standard", clause=cite(agreement, "funding"))
    _check_benefits(agreement, year, benefits)
    _check_target(agreement, year, target)
    award = cast(Award, session.get(Award, agreement.award_id))
    terms = session.scalars(select(ContractTerms).where(ContractTerms.lot_id == award.lot_id)).one()
    total = part_premium(insured_count, funding_standard, part)
    contract = AnnualContract(
        number=_number(session, agreement, year),
        agreement_id=agreement.id,
        year=year,
        insured_count=insured_count,
        funding_standard=funding_standard,
        premium=total,
        fund=FUNDS[agreement.scheme],
        pack=agreement.pack,
        pack_hash=agreement.pack_hash,
        sharing_reading=terms.sharing_reading,
        rate_definition=terms.rate_definition,
        expense_cap_rate=terms.expense_cap_rate,
        claims_basis=terms.claims_basis,
        cutoff=date(year + 1, terms.cutoff_month, terms.cutoff_day),
        manual_settlement_days=terms.manual_settlement_days,
        disclosure_working_days=terms.disclosure_working_days,
        dispute_working_days=terms.dispute_working_days,
        service=service,
        created_by=actor.user_id,
        created_at=clock.now(),
        covered_until=part.until if part else None,
        part_year=part.basis.value if part else None,
        target_cost=target.amount if target else None,
        target_part=target.part.value if target else None,
        target_until=part.until if part and target else None,
        demonstration=agreement.demonstration,
    )
    session.add(contract)
    session.flush()
    for row in as_rows(cast(int, contract.id), benefits):
        session.add(row)
    last = part.until if part else date(year, 12, 31)
    parts = instalments(total, [Decimal(term["share"]) for term in terms.instalments])
    for position, (amount, term) in enumerate(zip(parts, terms.instalments, strict=True), start=1):
        due = min(instalment_day(year, term["by"]), last)
        session.add(Instalment(contract_id=contract.id, position=position, amount=amount, due_on=due))
    return contract


def departures(pack: str, part: BenefitInput) -> tuple[Finding, ...]:
    """Where terms depart from the paper in force on their first day; nothing where the paper is silent."""
    rule = view(pack, part.in_force_from).benefits
    return check_terms(rule, part.terms) if rule is not None else ()


def discard_draft(session: Session, actor: Actor, clock: Clock, contract_id: int) -> ServiceAgreement:
    """Throw away a draft that nobody has signed, so that it can be prepared again; returns its agreement.

    Raises Refused once a side has signed: what was put before the other side stays.
    """
    require(actor, "contracts:prepare")
    contract = _unsigned(session, contract_id)
    if contract.insurer_signed_at is not None:
        raise Refused(N_("The insurer has already signed this contract"))
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    audit.record(session, clock.now(), actor, "contracts:contract:discard", contract, number=contract.number)
    for model in (BenefitTermsRow, Instalment):
        for row in session.scalars(select(model).where(model.contract_id == contract_id)):
            session.delete(row)
    session.flush()
    session.delete(contract)
    return agreement


def benefit_terms(session: Session, contract: AnnualContract) -> list[BenefitTerms]:
    """The benefit terms of a contract year, oldest first, as the recomputation takes them."""
    rows = session.scalars(
        select(BenefitTermsRow)
        .where(BenefitTermsRow.contract_id == contract.id)
        .order_by(BenefitTermsRow.in_force_from)
    ).all()
    return [terms_of(row, contract.year, f"{contract.number} 年度合同") for row in rows]


def sign_contract(session: Session, actor: Actor, clock: Clock, contract_id: int) -> AnnualContract:
    """The insurer's signature on an annual contract; the agency signs after it, by two people."""
    require(actor, "contracts:sign")
    contract = _unsigned(session, contract_id)
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    if not actor.is_insurer or actor.organisation_id != agreement.insurer_id:
        raise NotFound(N_("There is no such contract"))
    if contract.insurer_signed_at is not None:
        raise Refused(N_("The insurer has already signed this contract"))
    contract.insurer_signed_at, contract.insurer_signed_by = clock.now(), actor.user_id
    session.add(contract)
    audit.record(session, contract.insurer_signed_at, actor, "contracts:contract:sign", contract, side="insurer")
    return contract


def request_contract_signature(session: Session, actor: Actor, clock: Clock, contract_id: int) -> Approval:
    """Ask a second person to sign for the agency; signing freezes the terms and issues the contract."""
    require(actor, "contracts:issue")
    contract = _unsigned(session, contract_id)
    if contract.insurer_signed_at is None:
        raise Refused(N_("The insurer signs first"))
    return approvals.request(
        session,
        actor,
        clock,
        "contracts.contract.sign",
        contract,
        message=N_("Sign annual contract %(number)s for the agency and issue it"),
        params={"number": contract.number},
    )


@approvals.executor(
    "contracts.contract.sign", permission="contracts:sign", request_permission="contracts:issue", page=PAGE
)
def _sign_for_agency(session: Session, actor: Actor, clock: Clock, approval: Approval) -> AnnualContract:
    contract = _unsigned(session, int(approval.subject_id))
    contract.agency_signed_at, contract.agency_signed_by = clock.now(), actor.user_id
    session.add(contract)
    if contract.bridge_ground is not None:
        agreement = cast(ServiceAgreement, locked(session, ServiceAgreement, contract.agreement_id))
        agreement.extended_until = contract.covered_until
        session.add(agreement)
    audit.record(session, contract.agency_signed_at, actor, "contracts:contract:sign", contract, side="agency")
    contract.document_id = papers.issue_contract(session, actor, clock, contract).id
    return contract


def request_contract_notice(session: Session, actor: Actor, clock: Clock, contract_id: int) -> Approval:
    """Ask a second person to publish the contract notice (合同公告), due two working days after signing (T17)."""
    require(actor, "contracts:issue")
    contract = _announceable(session, contract_id)
    return approvals.request(
        session,
        actor,
        clock,
        "contracts.contract.announce",
        contract,
        message=N_("Publish the contract notice of %(number)s"),
        params={"number": contract.number},
    )


@approvals.executor("contracts.contract.announce", permission="contracts:issue", page=PAGE)
def publish_contract_notice(session: Session, actor: Actor, clock: Clock, approval: Approval) -> AnnualContract:
    """Issue and publish the contract notice; runs on approval."""
    contract = _announceable(session, int(approval.subject_id))
    contract.notice_id = papers.issue_contract_notice(session, actor, clock, contract).id
    contract.notice_published_at = clock.now()
    session.add(contract)
    audit.record(session, contract.notice_published_at, actor, "contracts:notice:publish", contract)
    return contract


def _may_contract(session: Session, agreement: ServiceAgreement, year: int, clock: Clock) -> None:
    if agreement_stage_of(agreement, clock) not in (AgreementStage.SIGNED, AgreementStage.IN_FORCE):
        raise Refused(N_("The service agreement is not signed, or has ended"), clause=cite(agreement, "agreement"))
    if not agreement.term_from.year <= year <= agreement.term_until.year:
        raise Refused(
            N_("Year %(year)s is outside the agreement's term %(first)s to %(last)s"),
            clause=cite(agreement, "agreement"),
            field="year",
            year=year,
            first=agreement.term_from.year,
            last=agreement.term_until.year,
        )
    same_year = (AnnualContract.agreement_id == agreement.id, AnnualContract.year == year)
    if session.scalars(select(AnnualContract.id).where(*same_year)).first() is not None:
        raise Refused(N_("This agreement already has a contract for %(year)s"), field="year", year=year)


def _check_benefits(agreement: ServiceAgreement, year: int, benefits: Sequence[BenefitInput]) -> None:
    if not benefits or benefits[0].in_force_from != date(year, 1, 1):
        raise Invalid(N_("Benefit terms must begin on 1 January of the insurance year"), field="benefits")
    faults = [
        (f"{part.in_force_from} {finding.place}", str(finding))
        for part in benefits
        for finding in departures(agreement.pack, part)
    ]
    if faults:
        raise FileInvalid(N_("The benefit terms depart from policy pack %(pack)s"), faults, pack=agreement.pack)


def _check_target(agreement: ServiceAgreement, year: int, target: AgreedCost | None) -> None:
    """The agreed cost is named where the rule is measured against one, and only there."""
    rule = measured_against_cost(agreement.pack, year)
    if rule is None and target is not None:
        raise Invalid(N_("The paper's sharing rule is not measured against an agreed cost"), field="target_cost")
    if rule is None:
        return
    clause = str(rule.clause)
    if target is None:
        message = N_("The paper's sharing rule is measured against an agreed cost: state it")
        raise Invalid(message, field="target_cost", clause=clause)
    if target.amount <= 0:
        raise Invalid(N_("The agreed cost must be positive"), field="target_cost", clause=clause)


def _number(session: Session, agreement: ServiceAgreement, year: int) -> str:
    prefix = f"{agreement.number.split('-')[0]}-{year}-HT-"
    taken = session.scalars(select(AnnualContract.number).where(AnnualContract.number.startswith(prefix))).all()
    return f"{prefix}{max((int(number.removeprefix(prefix)) for number in taken), default=0) + 1:02d}"


def _unsigned(session: Session, contract_id: int) -> AnnualContract:
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    if contract.agency_signed_at is not None:
        raise Refused(N_("This contract is already signed; a change needs an amendment"))
    if contract.terminated_at is not None:
        raise Refused(N_("The agreement of this contract was terminated"), clause=cite(contract, "termination"))
    return contract


def _announceable(session: Session, contract_id: int) -> AnnualContract:
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    if contract.agency_signed_at is None:
        raise Refused(N_("The contract is not signed yet"))
    if contract.notice_published_at is not None:
        raise Refused(N_("The contract notice is already published"))
    return contract
