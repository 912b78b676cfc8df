"""Bridge contracts: cover goes on for a stated part of the year after an agreement, so that it never lapses (J11)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from sqlmodel import Session, col, select

from contracts.benefits import terms_of
from contracts.models import AnnualContract, BenefitTermsRow, ServiceAgreement
from contracts.rules import AgreementStage, BridgeGround, PartYear, cover, covers
from contracts.services.agreements import stage_of
from contracts.services.annual import AgreedCost, BenefitInput, draft
from contracts.services.standing import cite
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from tender.models import Award, Lot, Tender


def prepare_bridge(
    session: Session,
    actor: Actor,
    clock: Clock,
    agreement_id: int,
    *,
    ground: BridgeGround,
    reason: str,
    until: date,
    part_year: PartYear,
    insured_count: int,
    funding_standard: Decimal,
    headcount_on: date,
    target: AgreedCost | None = None,
) -> AnnualContract:
    """Draft the contract that bridges the year after an agreement's term, on the terms of its last year.

    until: last day of cover; part_year: how its premium is counted; headcount_on: within the cover;
    target: the agreed cost of that part, where the paper's rule is measured against one.
    Signed, announced and settled like any annual contract. Raises Refused where cover does not lapse.
    """
    require(actor, "contracts:prepare")
    agreement: ServiceAgreement | None = locked(session, ServiceAgreement, agreement_id)
    if agreement is None:
        raise NotFound(N_("There is no such agreement"))
    today, clause = local_date(clock.now()), cite(agreement, "fallback")
    last = _last_contract(session, agreement)
    if (refusal := why_not_bridged(session, agreement, clock)) or last is None:
        raise Refused(refusal or N_("The last year of the term has no signed contract"), clause=clause)
    year = bridge_year(agreement)
    if not reason.strip():
        raise Invalid(N_("Say what keeps a new agreement from beginning in time"), field="reason", clause=clause)
    if until.year != year or until < today:
        message = N_("The last day of cover lies in %(year)s, today or later")
        raise Invalid(message, field="until", clause=clause, year=year)
    if not date(year, 1, 1) <= headcount_on <= until:
        raise Invalid(N_("The day of the head count lies within the cover"), field="headcount_on")
    service = {**last.service, "headcount_on": headcount_on.isoformat()}
    contract = draft(
        session,
        actor,
        clock,
        agreement,
        year,
        insured_count,
        funding_standard,
        [_carried_over(session, last, year)],
        service,
        cover(year, until, part_year),
        target,
    )
    contract.bridge_ground, contract.bridge_reason = ground.value, reason.strip()
    session.add(contract)
    audit.record(
        session,
        contract.created_at,
        actor,
        "contracts:bridge:prepare",
        contract,
        number=contract.number,
        ground=ground.value,
        until=until.isoformat(),
    )
    return contract


def bridge_year(agreement: ServiceAgreement) -> int:
    """The insurance year a bridge contract of this agreement would cover."""
    return agreement.term_until.year + 1


def covered_until(agreement: ServiceAgreement) -> date:
    """The last day of cover under an agreement, its bridge contract included."""
    return agreement.extended_until or agreement.term_until


def why_not_bridged(session: Session, agreement: ServiceAgreement, clock: Clock) -> str | None:
    """Why cover under an agreement cannot be bridged now; None where it can."""
    year = bridge_year(agreement)
    if stage_of(agreement, clock) not in (AgreementStage.IN_FORCE, AgreementStage.ENDED):
        return N_("Only an agreement that runs or has run its term can be extended")
    if not year - 1 <= local_date(clock.now()).year <= year:
        return N_("Cover is bridged from the last year of the term on, and within the year after it")
    bridged = (AnnualContract.agreement_id == agreement.id, AnnualContract.year == year)
    if session.scalars(select(AnnualContract.id).where(*bridged)).first() is not None:
        return N_("A bridge contract is already prepared for this agreement")
    if followed(session, agreement, agreement.term_until):
        return N_("An award or agreement for this scheme follows; cover does not lapse")
    if _last_contract(session, agreement) is None:
        return N_("The last year of the term has no signed contract")
    return None


def followed(session: Session, agreement: ServiceAgreement, last: date) -> bool:
    """Whether awards of the same scheme and policyholder, made into agreements or not yet, cover the day after.

    They have to cover the agreement's whole area: by their own areas, or as all the winners of a lot of the same area.
    """
    after = last + timedelta(days=1)
    ended = select(ServiceAgreement.award_id).where(col(ServiceAgreement.terminated_at).is_not(None))
    query = (
        select(Award, Lot)
        .join(Lot, col(Lot.id) == col(Award.lot_id))
        .join(Tender, col(Tender.id) == col(Award.tender_id))
        .where(
            Tender.policyholder_id == agreement.policyholder_id,
            Lot.scheme == agreement.scheme,
            Tender.term_from <= after,
            Tender.term_until >= after,
            col(Award.declined_at).is_(None),
            col(Award.id).not_in(ended),
        )
    )
    found = session.exec(query).all()
    won: dict[int | None, int] = {}
    for _award, lot in found:
        won[lot.id] = won.get(lot.id, 0) + 1
    own = session.get_one(Lot, session.get_one(Award, agreement.award_id).lot_id)
    whole = [lot.area for _award, lot in found if won[lot.id] >= lot.winners]
    return own.area in whole or covers(agreement.area, [*whole, *(award.area for award, _lot in found)])


def _last_contract(session: Session, agreement: ServiceAgreement) -> AnnualContract | None:
    """The signed contract of the term's last year, whose terms a bridge carries on."""
    row: AnnualContract | None = session.scalars(
        select(AnnualContract).where(
            AnnualContract.agreement_id == agreement.id,
            AnnualContract.year == agreement.term_until.year,
            col(AnnualContract.agency_signed_at).is_not(None),
            col(AnnualContract.terminated_at).is_(None),
        )
    ).one_or_none()
    return row


def _carried_over(session: Session, last: AnnualContract, year: int) -> BenefitInput:
    """The benefit terms the last year ended with, from 1 January on."""
    row = session.scalars(
        select(BenefitTermsRow)
        .where(BenefitTermsRow.contract_id == last.id)
        .order_by(col(BenefitTermsRow.in_force_from).desc())
    ).first()
    kept = terms_of(cast(BenefitTermsRow, row), year, f"{last.number} 年度合同")
    return BenefitInput(kept, date(year, 1, 1))
