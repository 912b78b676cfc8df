"""The papers of the contract side: what agreement, annual contract and contract notice say, drawn from the database."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, BenefitTermsRow, ContractAmendment, Instalment, ServiceAgreement
from contracts.rules import BridgeGround, PartYear, clause_of
from contracts.services.dues import cover_of
from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.render import Attachment
from core.documents.services import issue
from core.house import files_of
from core.identity.actor import Actor
from core.identity.models import Organisation
from core.policy import PolicyView, view
from tender.models import Award, ContractTerms, Lot, MandatoryField, Scheme, Tender
from tender.rules.securities import demanded
from tender.services.papers_document import assessment_context, sharing_context

#: 险种 as the papers name it.
SCHEME_NAMES = {
    Scheme.NRCMS: "新农合大病保险",
    Scheme.URBAN: "城镇居民大病保险",
    Scheme.RESIDENT: "城乡居民大病保险",
}

#: Why cover is bridged, as the contract prints it.
GROUND_NAMES = {
    BridgeGround.TENDER_FAILED: "招标未能产生承办机构",
    BridgeGround.DECISION_PENDING: "省级人民政府尚未确定承办机构的产生方式",
    BridgeGround.RESULT_PENDING: "招标活动尚未产生结果",
}


def contract_title(agreement: ServiceAgreement, agency: Organisation) -> str:
    """'演示省城镇居民大病保险': area of the agency and scheme."""
    return f"{agency.area}{SCHEME_NAMES[agreement.scheme]}"


def performance_security(session: Session, agreement: ServiceAgreement) -> Decimal:
    """履约保证金 in yuan: the tender's rate of the price of the whole term, half up to the fen."""
    tender, _, _, award = _procurement(session, agreement)
    return demanded(award.term_total, tender.performance_security_rate)


def issue_agreement(session: Session, actor: Actor, clock: Clock, agreement: ServiceAgreement) -> IssuedDocument:
    """Issue the signed service agreement."""
    tender, lot, terms, award = _procurement(session, agreement)
    agency, insurer = _parties(session, agreement)
    seen = view(agreement.pack, agreement.term_from)
    requirements = session.scalars(
        select(MandatoryField.text).where(
            MandatoryField.tender_id == tender.id, MandatoryField.key == "service_requirements"
        )
    ).all()
    letter = session.get(IssuedDocument, award.letter_id) if award.letter_id else None
    title = f"{contract_title(agreement, agency)}服务委托协议"
    context = {
        "agreement": {
            "number": agreement.number,
            "title": contract_title(agreement, agency),
            "project_no": tender.number,
            "award_letter": letter.number if letter else tender.number,
            "lot": lot.position,
            "lot_name": lot.name,
            "area": agreement.area,
            "insured_count": award.insured_count,
            "price_object": lot.price_object.value,
            "price": award.price,
            "term_total": award.term_total,
            "performance_security": performance_security(session, agreement),
            "performance_security_rate": tender.performance_security_rate,
            "performance_return_days": tender.performance_return_days,
            "term_from": agreement.term_from,
            "term_until": agreement.term_until,
            "signed_on": local_date(clock.now()),
            "place": agency.area,
        },
        "policyholder": {"name": agency.name},
        "insurer": {"name": insurer.name},
        "requirements": {"texts": list(requirements)},
        "terms": {
            "rate_definition": terms.rate_definition,
            "expense_cap_rate": terms.expense_cap_rate,
            "claims_basis": terms.claims_basis,
            "manual_settlement_days": terms.manual_settlement_days,
            "disclosure_working_days": terms.disclosure_working_days,
            "dispute_working_days": terms.dispute_working_days,
            "assessment": assessment_context(terms) or _dimensions(seen),
        },
        "sharing": sharing_context(seen, terms.sharing_reading),
    }
    return _issue(session, actor, clock, agreement, "service-agreement", title, agreement.number, context, agency)


def issue_contract(session: Session, actor: Actor, clock: Clock, contract: AnnualContract) -> IssuedDocument:
    """Issue the signed annual contract with its table of numbered parameters."""
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    agency, insurer = _parties(session, agreement)
    _, lot, _, award = _procurement(session, agreement)
    context = {
        "contract": {
            "number": contract.number,
            "title": contract_title(agreement, agency),
            "subtitle": f"{contract.year}年度　第{lot.position}包第{award.place}名",
            "agreement_number": agreement.number,
            "agreement_years": _years(agreement),
            "insured": f"{agreement.area}{SCHEME_NAMES[agreement.scheme]}参保人员",
            "term_from": date(contract.year, 1, 1),
            "term_until": contract.covered_until or date(contract.year, 12, 31),
            "signed_on": local_date(clock.now()),
            "place": agency.area,
            "bridge": _bridge(contract, agreement),
        },
        "policyholder": {"name": agency.name},
        "insurer": {"name": insurer.name},
        "fund": {"name": contract.fund},
        "terms": _contract_terms(session, contract),
        "benefits": _benefits(session, contract),
        "sharing": _sharing(contract),
        "service": {name: contract.service[name] for name in ("payment_process", "service_points", "telephone")},
        "sources": contract.service["sources"],
    }
    title = f"{contract_title(agreement, agency)}{contract.year}年度{_kind(contract)}"
    return _issue(session, actor, clock, contract, "annual-contract", title, contract.number, context, agency)


def issue_amendment(
    session: Session, actor: Actor, clock: Clock, contract: AnnualContract, amendment: ContractAmendment
) -> IssuedDocument:
    """Issue the signed amendment that states the agreed cost of a contract year anew."""
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    agency, insurer = _parties(session, agreement)
    title = f"{contract_title(agreement, agency)}{contract.year}年度{_kind(contract)}补充协议"
    context = {
        "amendment": {
            "number": amendment.number,
            "title": title,
            "contract_number": contract.number,
            "contract_signed_on": local_date(cast(datetime, contract.agency_signed_at)),
            "signed_on": local_date(cast(datetime, amendment.agency_signed_at)),
            "place": agency.area,
            "reason": amendment.reason,
            "year": contract.year,
            "before": _agreed_before(session, contract, amendment),
            "amount": amendment.target_cost,
            "term_from": date(contract.year, 1, 1),
            "term_until": amendment.target_until or date(contract.year, 12, 31),
            "early_end": contract.target_part,
        },
        "policyholder": {"name": agency.name},
        "insurer": {"name": insurer.name},
    }
    return _issue(session, actor, clock, contract, "contract-amendment", title, amendment.number, context, agency)


def _agreed_before(session: Session, contract: AnnualContract, amendment: ContractAmendment) -> Decimal | None:
    """What contract and earlier amendments named, in yuan; None where they named nothing."""
    query = select(ContractAmendment).where(
        ContractAmendment.contract_id == contract.id,
        col(ContractAmendment.agency_signed_at).is_not(None),
        col(ContractAmendment.id) < amendment.id,
    )
    earlier = session.exec(query.order_by(col(ContractAmendment.id).desc())).first()
    return contract.target_cost if earlier is None else earlier.target_cost


def issue_contract_notice(session: Session, actor: Actor, clock: Clock, contract: AnnualContract) -> IssuedDocument:
    """Issue and publish the contract notice with the contract attached (T17)."""
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    agency, insurer = _parties(session, agreement)
    tender = _procurement(session, agreement)[0]
    signed = cast(IssuedDocument, session.get(IssuedDocument, contract.document_id))
    title = f"{contract_title(agreement, agency)}{contract.year}年度{_kind(contract)}"
    context = {
        "tender": _tender_facts(tender),
        "purchaser": {"contact": tender.contact_name, "telephone": tender.contact_telephone},
        "policyholder": {"name": agency.name, "address": tender.purchaser_address},
        "insurer": {"name": insurer.name, "address": insurer.area},
        "contract": {
            "number": contract.number,
            "title": title,
            "kind": "年度保险合同" if contract.bridge_ground is None else "过渡期保险合同",
            "signed_on": local_date(contract.agency_signed_at),  # type: ignore[arg-type]
            "term_from": date(contract.year, 1, 1),
            "term_until": contract.covered_until or date(contract.year, 12, 31),
            "scope": f"{agreement.area}{SCHEME_NAMES[agreement.scheme]}",
            "amount": contract.premium,
            "amount_words": "按实际参保人数清算",
            "insured_count": contract.insured_count,
            "funding_standard": contract.funding_standard,
            "place": agreement.area,
            "withheld": None,
        },
    }
    attachment = Attachment(
        f"{contract.number}.pdf", files_of(session).get(signed.pdf_sha256), "合同文本", "Supplement"
    )
    return issue(
        session,
        actor,
        clock,
        kind="contract-notice",
        number=contract.number.replace("-HT-", "-HG-"),
        title=f"{title}公告",
        template="contract-notice",
        context=context,
        subject=contract,
        issuer=agency.name,
        organisation_id=agency.id,
        pack=(contract.pack, contract.pack_hash),
        attachments=[attachment],
        public=True,
        demonstration=contract.demonstration,
    )


def _benefits(session: Session, contract: AnnualContract) -> dict[str, Any]:
    """The terms a contract year begins with, and in `changes` those that replace them from a later day."""
    rows = session.scalars(
        select(BenefitTermsRow)
        .where(BenefitTermsRow.contract_id == contract.id)
        .order_by(BenefitTermsRow.in_force_from)  # type: ignore[arg-type]
    ).all()
    changes = [{"starts": row.in_force_from, **benefit_context(row)} for row in rows[1:]]
    return {**benefit_context(rows[0]), "changes": changes}


def benefit_context(row: BenefitTermsRow) -> dict[str, Any]:
    """Benefit terms as papers take them."""
    return {
        "deductible": row.deductible,
        "band_basis": "excess",
        "maximum": row.maximum,
        "bands": [
            {
                "lower": Decimal(band["lower"]),
                "upper": None if band["upper"] is None else Decimal(band["upper"]),
                "ratio": Decimal(band["ratio"]),
            }
            for band in row.bands
        ],
        "tilt": {
            group: {
                "deductible_cut": Decimal(tilt["deductible_cut"]),
                "ratio_points": Decimal(tilt["ratio_points"]),
                "maximum_lifted": tilt["maximum_lifted"],
            }
            for group, tilt in row.tilt.items()
        },
    }


def _kind(contract: AnnualContract) -> str:
    return "保险合同" if contract.bridge_ground is None else "过渡期保险合同"


def _bridge(contract: AnnualContract, agreement: ServiceAgreement) -> dict[str, Any] | None:
    """What a bridge contract says of itself (J11); None for a year of the term."""
    part = cover_of(contract)
    if contract.bridge_ground is None or part is None:
        return None
    return {
        "clause": clause_of(view(agreement.pack, agreement.term_from), "fallback"),
        "ground": GROUND_NAMES[BridgeGround(contract.bridge_ground)],
        "reason": contract.bridge_reason,
        "ended_on": agreement.term_until,
        "of": part.of,
        "whole": part.whole,
        "unit": "天" if part.basis is PartYear.DAY else "个月",
    }


def _years(agreement: ServiceAgreement) -> str:
    return f"{agreement.term_from.year}—{agreement.term_until.year}年"


def _sharing(contract: AnnualContract) -> dict[str, Any]:
    """The rule as the papers print it, with the cost that the contract agrees where it is measured against one."""
    found = sharing_context(view(contract.pack, date(contract.year, 1, 1)), contract.sharing_reading)
    if contract.target_cost is not None and "target" in found:
        found["target"] |= {"amount": contract.target_cost, "part": contract.target_part}
    return found


def _contract_terms(session: Session, contract: AnnualContract) -> dict[str, Any]:
    instalments = session.scalars(
        select(Instalment).where(Instalment.contract_id == contract.id).order_by(Instalment.position)  # type: ignore[arg-type]
    ).all()
    return {
        "funding_standard": contract.funding_standard,
        "insured_count": contract.insured_count,
        "premium": contract.premium,
        "headcount_on": date.fromisoformat(contract.service["headcount_on"]),
        "instalments": [
            {"due_on": part.due_on, "share": part.amount / contract.premium, "amount": part.amount}
            for part in instalments
        ],
        "claims_basis": contract.claims_basis,
        "cutoff": contract.cutoff,
        "rate_definition": contract.rate_definition,
        "expense_cap_rate": contract.expense_cap_rate,
        "manual_settlement_days": contract.manual_settlement_days,
        "disclosure_working_days": contract.disclosure_working_days,
        "dispute_working_days": contract.dispute_working_days,
        "assessment": [
            {"name": part["name"], "weight": Decimal(part["weight"])} for part in contract.service["assessment"]
        ],
        "exclusions": contract.service["exclusions"],
    }


def _dimensions(seen: PolicyView) -> list[dict[str, Any]]:
    """What the assessment is built on (J18); the paper names dimensions, the annual contract sets their weights."""
    return [{"name": part.title, "weight": None} for part in seen.assessment.dimensions] if seen.assessment else []


def _tender_facts(tender: Tender) -> dict[str, Any]:
    return {"number": tender.number, "title": tender.title, "media": list(tender.media)}


def _procurement(session: Session, agreement: ServiceAgreement) -> tuple[Tender, Lot, ContractTerms, Award]:
    award = cast(Award, session.get(Award, agreement.award_id))
    lot = cast(Lot, session.get(Lot, award.lot_id))
    tender = cast(Tender, session.get(Tender, award.tender_id))
    terms = session.scalars(select(ContractTerms).where(ContractTerms.lot_id == lot.id)).one()
    return tender, lot, terms, award


def _parties(session: Session, agreement: ServiceAgreement) -> tuple[Organisation, Organisation]:
    agency = cast(Organisation, session.get(Organisation, agreement.policyholder_id))
    insurer = cast(Organisation, session.get(Organisation, agreement.insurer_id))
    return agency, insurer


def _issue(
    session: Session,
    actor: Actor,
    clock: Clock,
    subject: ServiceAgreement | AnnualContract,
    template: str,
    title: str,
    number: str,
    context: dict[str, Any],
    agency: Organisation,
) -> IssuedDocument:
    return issue(
        session,
        actor,
        clock,
        kind=template,
        number=number,
        title=title,
        template=template,
        context=context,
        subject=subject,
        issuer=agency.name,
        organisation_id=agency.id,
        pack=(subject.pack, subject.pack_hash),
        demonstration=subject.demonstration,
    )
