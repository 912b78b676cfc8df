"""Premium: the two dedicated accounts, instalments as they arrive, and the clearing of the head count (J2, J16)."""

from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from contracts.models import AccountKind, AnnualContract, DedicatedAccount, Instalment, PremiumPayment, ServiceAgreement
from contracts.rules import true_up
from contracts.services.dues import cover_of, in_force, premium_due
from contracts.services.standing import cite
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.money import ZERO

__all__ = [
    "clear_head_count", "cover_of", "in_force", "open_accounts", "premium_due", "premium_received", "record_payment",
]  # fmt: skip


def open_accounts(
    session: Session, actor: Actor, clock: Clock, agreement_id: int, bank: str, digits: dict[AccountKind, str]
) -> list[DedicatedAccount]:
    """Record the insurer's premium-income and claims-payout accounts (J16); digits: the last digits of each number."""
    require(actor, "settlement:report")
    agreement: ServiceAgreement | None = locked(session, ServiceAgreement, agreement_id)
    if agreement is None or actor.organisation_id != agreement.insurer_id:
        raise NotFound(N_("There is no such agreement"))
    if agreement.agency_signed_at is None:
        raise Refused(N_("The agreement is not signed yet"))
    if session.scalars(select(DedicatedAccount.id).where(DedicatedAccount.agreement_id == agreement_id)).first():
        message = N_("The two accounts of this agreement are already recorded")
        raise Refused(message, clause=cite(agreement, "accounts"))
    if set(digits) != set(AccountKind):
        message = N_("Both accounts are needed: premium income and claims payout")
        raise Invalid(message, clause=cite(agreement, "accounts"))
    now = clock.now()
    accounts = [
        DedicatedAccount(agreement_id=agreement_id, kind=kind, bank=bank, last_digits=last, opened_at=now)
        for kind, last in digits.items()
    ]
    session.add_all(accounts)
    audit.record(session, now, actor, "contracts:accounts:open", agreement, number=agreement.number)
    return accounts


def record_payment(
    session: Session,
    actor: Actor,
    clock: Clock,
    contract_id: int,
    *,
    amount: Decimal,
    paid_on: date,
    reference: str,
    instalment_position: int | None = None,
) -> PremiumPayment:
    """Record premium (yuan) that reached the insurer's premium-income account; a true-up names no instalment."""
    require(actor, "contracts:pay_premium")
    contract = _signed(session, contract_id)
    now = clock.now()
    _check_payment(session, contract_id, amount, paid_on, reference, local_date(now))
    instalment = None
    if instalment_position is not None:
        instalment = session.scalars(
            select(Instalment).where(Instalment.contract_id == contract_id, Instalment.position == instalment_position)
        ).one_or_none()
        if instalment is None:
            raise NotFound(N_("This contract has no instalment %(number)s"), number=instalment_position)
    payment = PremiumPayment(
        contract_id=contract_id,
        instalment_id=instalment.id if instalment else None,
        amount=amount,
        paid_on=paid_on,
        reference=reference,
        recorded_by=actor.user_id,
        recorded_at=now,
    )
    session.add(payment)
    audit.record(session, payment.recorded_at, actor, "contracts:premium:record", contract, amount=str(amount))
    return payment


def clear_head_count(session: Session, actor: Actor, clock: Clock, contract_id: int, count: int) -> Decimal:
    """Fix the insured count the premium is finally due for; returns the true-up in yuan (may be negative)."""
    require(actor, "contracts:prepare")
    contract = _signed(session, contract_id)
    if count <= 0:
        raise Invalid(N_("The insured count must be positive"), field="count")
    if contract.cleared_count is not None:
        raise Refused(N_("The head count of this contract is already cleared"))
    contract.cleared_count, contract.cleared_at, contract.cleared_by = count, clock.now(), actor.user_id
    session.add(contract)
    audit.record(session, contract.cleared_at, actor, "contracts:count:clear", contract, count=count)
    return true_up(contract.insured_count, count, contract.funding_standard, cover_of(contract))


def premium_received(session: Session, contract_id: int) -> Decimal:
    """Premium that has arrived, in yuan."""
    amounts = session.scalars(select(PremiumPayment.amount).where(PremiumPayment.contract_id == contract_id)).all()
    return sum(amounts, ZERO)


def _check_payment(
    session: Session, contract_id: int, amount: Decimal, paid_on: date, reference: str, today: date
) -> None:
    if amount == 0:
        raise Invalid(N_("The amount must not be zero"), field="amount")
    if paid_on > today:
        raise Invalid(N_("Premium that has not arrived yet cannot be recorded"), field="paid_on")
    same = (PremiumPayment.contract_id == contract_id, PremiumPayment.reference == reference)
    if session.scalars(select(PremiumPayment.id).where(*same)).first() is not None:
        raise Invalid(N_("The transfer %(reference)s is already recorded"), field="reference", reference=reference)


def _signed(session: Session, contract_id: int) -> AnnualContract:
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    if contract.agency_signed_at is None:
        raise Refused(N_("The contract is not signed yet"))
    return contract
