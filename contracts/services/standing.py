"""How agreements and contract years stand: who may see them, what is due by when, what was paid."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, Instalment, PremiumPayment, ServiceAgreement
from contracts.rules import LastDay, Part, PremiumStanding, clause_of, last_day, premium_standing
from contracts.services.dues import premium_due
from core.clock import local_date
from core.errors import N_, NotFound
from core.identity.actor import Actor
from core.identity.models import Organisation
from core.money import ZERO
from core.policy import view
from tender.models import Award, Tender


@dataclass(frozen=True)
class Standing:
    """An annual contract with its agreement, its insurer and its premium as they stand."""

    contract: AnnualContract
    agreement: ServiceAgreement
    insurer: Organisation
    premium: PremiumStanding


def agreements_for(session: Session, actor: Actor) -> list[tuple[ServiceAgreement, Organisation]]:
    """The agreements the actor may see with their insurers, newest term first; an insurer sees its own only."""
    query = (
        select(ServiceAgreement, Organisation)
        .join(Organisation, col(Organisation.id) == col(ServiceAgreement.insurer_id))
        .order_by(col(ServiceAgreement.term_from).desc(), col(ServiceAgreement.number))
    )
    if actor.is_insurer:
        query = query.where(ServiceAgreement.insurer_id == actor.organisation_id)
    return list(session.exec(query).all())


def agreement_for(session: Session, actor: Actor, agreement_id: int) -> ServiceAgreement:
    """One agreement. Raises NotFound where there is none, or it is another insurer's."""
    agreement = session.get(ServiceAgreement, agreement_id)
    if agreement is None or (actor.is_insurer and agreement.insurer_id != actor.organisation_id):
        raise NotFound(N_("There is no such agreement"))
    return agreement


def standings(session: Session, actor: Actor, today: date, *, agreement_id: int | None = None) -> list[Standing]:
    """The annual contracts the actor may see (of one agreement, if named), the newest year first."""
    query = (
        select(AnnualContract, ServiceAgreement, Organisation)
        .join(ServiceAgreement, col(ServiceAgreement.id) == col(AnnualContract.agreement_id))
        .join(Organisation, col(Organisation.id) == col(ServiceAgreement.insurer_id))
        .order_by(col(AnnualContract.year).desc(), col(AnnualContract.number))
    )
    if actor.is_insurer:
        query = query.where(ServiceAgreement.insurer_id == actor.organisation_id)
    if agreement_id is not None:
        query = query.where(AnnualContract.agreement_id == agreement_id)
    found = session.exec(query).all()
    premiums = _premiums(session, [contract for contract, _, _ in found], today)
    return [
        Standing(contract, agreement, insurer, premiums[contract.id or 0]) for contract, agreement, insurer in found
    ]


def standing(session: Session, actor: Actor, contract_id: int, today: date) -> Standing:
    """One annual contract as it stands. Raises NotFound where there is none, or it is another insurer's."""
    contract = session.get(AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    agreement = session.get_one(ServiceAgreement, contract.agreement_id)
    if actor.is_insurer and agreement.insurer_id != actor.organisation_id:
        raise NotFound(N_("There is no such contract"))
    insurer = session.get_one(Organisation, agreement.insurer_id)
    return Standing(contract, agreement, insurer, _premiums(session, [contract], today)[contract_id])


def payments_of(session: Session, contract_id: int) -> list[PremiumPayment]:
    """Every payment of a contract year, oldest first."""
    order = (col(PremiumPayment.paid_on), col(PremiumPayment.id))
    return list(session.exec(select(PremiumPayment).where(PremiumPayment.contract_id == contract_id).order_by(*order)))


def signing_limit(session: Session, award_id: int) -> LastDay | None:
    """By when the agreement of an award must be signed: 30 days from the award letter (T15); None without a letter."""
    award = session.get_one(Award, award_id)
    return last_day("T15", local_date(award.letter_sent_at)) if award.letter_sent_at else None


def notice_limit(contract: AnnualContract) -> LastDay | None:
    """By when the contract notice must be published: two working days from signing (T17); None while unsigned."""
    return last_day("T17", local_date(contract.agency_signed_at)) if contract.agency_signed_at else None


def filing_limit(contract: AnnualContract) -> LastDay | None:
    """By when a copy goes to the finance department: seven working days from signing (T18); None while unsigned."""
    return last_day("T18", local_date(contract.agency_signed_at)) if contract.agency_signed_at else None


def cite(row: ServiceAgreement | AnnualContract, matter: str) -> str | None:
    """Where the paper of an agreement or contract speaks of a matter (`contracts.rules.clause_of`)."""
    day = row.term_from if isinstance(row, ServiceAgreement) else date(row.year, 1, 1)
    return clause_of(view(row.pack, day), matter)


def awards_without_agreement(session: Session) -> list[tuple[Tender, Award]]:
    """Winners, and insurers that a decision named, for whom no agreement is drafted yet, by tender."""
    query = (
        select(Tender, Award)
        .join(Award, col(Award.tender_id) == col(Tender.id))
        .where(
            col(Award.declined_at).is_(None),
            col(Award.id).not_in(select(ServiceAgreement.award_id)),
        )
        .order_by(col(Tender.id), col(Award.id))
    )
    return list(session.exec(query).all())


def years_without_contract(session: Session, agreement: ServiceAgreement) -> list[int]:
    """The insurance years of an agreement's term that have no annual contract yet."""
    known = set(session.exec(select(AnnualContract.year).where(AnnualContract.agreement_id == agreement.id)))
    return [year for year in range(agreement.term_from.year, agreement.term_until.year + 1) if year not in known]


def head_count_day(contract: AnnualContract) -> date | None:
    """The day on which the insured are counted for the premium finally due, as the contract says."""
    named = contract.service.get("headcount_on")
    return date.fromisoformat(named) if named else None


def _premiums(session: Session, contracts: list[AnnualContract], today: date) -> dict[int, PremiumStanding]:
    keys = [cast(int, contract.id) for contract in contracts]
    paid: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    received: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for payment in session.exec(select(PremiumPayment).where(col(PremiumPayment.contract_id).in_(keys))):
        received[payment.contract_id] += payment.amount
        paid[payment.instalment_id] += payment.amount
    parts: dict[int, list[Part]] = defaultdict(list)
    ordered = select(Instalment).where(col(Instalment.contract_id).in_(keys)).order_by(col(Instalment.position))
    for row in session.exec(ordered):
        parts[row.contract_id].append(Part(row.position, row.amount, row.due_on, paid[row.id]))
    return {
        key: premium_standing(parts[key], _true_up(contract), received[key], today)
        for key, contract in zip(keys, contracts, strict=True)
    }


def _true_up(contract: AnnualContract) -> Decimal | None:
    ended_early = contract.covered_until is not None and contract.terminated_at is not None
    if contract.cleared_count is None and not ended_early:
        return None
    return premium_due(contract) - contract.premium
