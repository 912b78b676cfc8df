"""Performance securities (履约保证金): given before the agreement is signed, held to its end, and returned in time."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from contracts.models import ServiceAgreement
from contracts.rules import AgreementStage
from contracts.services.agreements import stage_of
from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.money import ZERO
from tender.models import Award, PerformanceSecurity, SecurityForm, Tender
from tender.rules.securities import RefundLimit, demanded, return_limit
from tender.services.securities import Payment, holds, pay_back, performance_of, still_demanded

#: What the law says of it, and the article of the agreement that names its return (templates/documents).
LAW = "政府采购法实施条例第48条"
ARTICLE = "服务委托协议第十四条"


@dataclass(frozen=True)
class SecurityStanding:
    """How the performance security of an agreement stands on a day, in yuan; open: what is still to be given."""

    demanded: Decimal
    held: Decimal
    open: Decimal
    rows: tuple[PerformanceSecurity, ...]
    limit: RefundLimit
    #: Working days for the return that the agreement names; None where it names none.
    days: int | None

    @property
    def to_return(self) -> list[PerformanceSecurity]:
        """What is not returned yet."""
        return [row for row in self.rows if row.refunded_at is None]


def security_standing(session: Session, agreement: ServiceAgreement, today: date) -> SecurityStanding:
    """What is demanded, held and open, and until when it goes back."""
    award = session.get_one(Award, agreement.award_id)
    tender = session.get_one(Tender, award.tender_id)
    rows = performance_of(session, agreement.award_id)
    return SecurityStanding(
        demanded(award.term_total, tender.performance_security_rate),
        sum((row.amount for row in rows if holds(row, today)), ZERO),
        still_demanded(session, tender, award, today),
        tuple(rows),
        return_limit(tender.performance_return_days, _over_on(agreement), ARTICLE, china()),
        tender.performance_return_days,
    )


def ended_on(agreement: ServiceAgreement) -> date:
    """The day on which an agreement ends or ended: early, with its bridge contract, or with its term."""
    if agreement.terminated_at is not None:
        return local_date(agreement.terminated_at)
    return agreement.extended_until or agreement.term_until


def _over_on(agreement: ServiceAgreement) -> date | None:
    """From which day the return is counted: the later of end and handover; None while the handover is not recorded."""
    return max(ended_on(agreement), agreement.handed_over_on) if agreement.handed_over_on else None


def record_security(
    session: Session, actor: Actor, clock: Clock, agreement_id: int, *, amount: Decimal, form: SecurityForm,
    paid_on: date, reference: str, valid_until: date | None = None,
) -> PerformanceSecurity:  # fmt: skip
    """Record that an insurer gave its performance security, or a part of it (yuan), in a form other than cash.

    valid_until: the last day of a guarantee. Raises Refused for more than was agreed, at most a tenth of the contract
    amount, and once the agreement is over; Invalid for what cannot be.
    """
    require(actor, "contracts:keep_security")
    agreement = _locked(session, agreement_id)
    award = session.get_one(Award, agreement.award_id)
    now = clock.now()
    today = local_date(now)
    if award.declined_at is not None or stage_of(agreement, clock) in (AgreementStage.ENDED, AgreementStage.TERMINATED):
        raise Refused(N_("The agreement is over; no security is taken for it any more"), clause=LAW)
    if form is SecurityForm.CONVERTED:
        message = N_("A bid security is turned into it on the page of the award, so that it is counted once")
        raise Invalid(message, field="form", clause=LAW)
    if amount <= 0:
        raise Invalid(N_("The amount must be more than zero"), field="amount")
    if paid_on > today:
        raise Invalid(N_("A security that has not been given yet cannot be recorded"), field="paid_on")
    if not reference.strip():
        raise Invalid(N_("Give the number of the transfer, cheque or guarantee"), field="reference")
    if form.lapses != (valid_until is not None) or (valid_until is not None and valid_until < today):
        message = N_("A guarantee names the last day it holds, today or later; other forms have none")
        raise Invalid(message, field="valid_until")
    left = still_demanded(session, session.get_one(Tender, award.tender_id), award, today)
    if amount > left:
        message = N_("Only %(left)s yuan are still to be given; more than was agreed may not be held")
        raise Refused(message, left=f"{left:,.2f}", clause=LAW)
    row = PerformanceSecurity(
        award_id=award.id, amount=amount, form=form, paid_on=paid_on, reference=reference.strip(),
        valid_until=valid_until, recorded_by=actor.user_id, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    audit.record(
        session, now, actor, "contracts:security:record", agreement, amount=str(amount), form=form.value,
        paid_on=paid_on.isoformat(),
    )  # fmt: skip
    return row


def record_handover(
    session: Session, actor: Actor, clock: Clock, agreement_id: int, on: date
) -> ServiceAgreement:  # fmt: skip
    """Record the day on which the insurer had handed everything over after the end; the security's return runs from it.

    Raises Refused while the agreement runs or where it is recorded already, Invalid for a day to come or before the
    agreement began.
    """
    require(actor, "contracts:prepare")
    agreement = _locked(session, agreement_id)
    if stage_of(agreement, clock) not in (AgreementStage.ENDED, AgreementStage.TERMINATED):
        raise Refused(N_("The agreement still runs; the handover comes after its end"), clause=ARTICLE)
    if agreement.handed_over_on is not None:
        raise Refused(N_("The handover is already recorded"))
    now = clock.now()
    if not agreement.term_from <= on <= local_date(now):
        raise Invalid(N_("The handover lies within or after the term and not after today"), field="on")
    agreement.handed_over_on = on
    session.add(agreement)
    audit.record(session, now, actor, "contracts:handover:record", agreement, on=on.isoformat())
    return agreement


def return_security(
    session: Session, actor: Actor, clock: Clock, security_id: int, payment: Payment, *,
    deducted: Decimal = ZERO, deduction_reason: str = "",
) -> PerformanceSecurity:  # fmt: skip
    """Record that a performance security went back, less what was kept for a breach (yuan, with its reason).

    After end and handover; earlier only a guarantee that has run out, and what was given for an award that fell away.
    A late one needs the base rate with its source or the insurer's own fault, where the agreement names a time.
    """
    require(actor, "contracts:keep_security")
    row: PerformanceSecurity | None = locked(session, PerformanceSecurity, security_id)
    agreement = row and agreement_of_award(session, row.award_id)
    if row is None or agreement is None:
        raise NotFound(N_("There is no such security"))
    now = clock.now()
    today = local_date(now)
    if row.refunded_at is not None:
        raise Refused(N_("This security was already returned"))
    fell_away = session.get_one(Award, row.award_id).declined_at is not None
    if agreement.handed_over_on is None and holds(row, today) and not fell_away:
        raise Refused(N_("It is held until the agreement has ended and the handover is recorded"), clause=ARTICLE)
    if not ZERO <= deducted <= row.amount:
        raise Invalid(N_("At most the security itself can be kept"), field="deducted")
    if (deducted > 0) != bool(deduction_reason.strip()):
        raise Invalid(N_("Name the breach for which a part is kept, and the part"), field="deduction_reason")
    standing = security_standing(session, agreement, today)
    interest = ARTICLE if standing.days is not None else ""
    pay_back(row, payment, standing.limit, now, since=row.paid_on, interest=interest, kept=deducted)
    if deducted:
        row.deducted, row.deduction_reason = deducted, deduction_reason.strip()
    session.add(row)
    audit.record(
        session, now, actor, "contracts:security:return", agreement, amount=str(row.amount), deducted=str(deducted),
        days_late=row.days_late, interest=str(row.interest),
    )  # fmt: skip
    return row


def agreement_of_award(session: Session, award_id: int) -> ServiceAgreement | None:
    """The agreement that rests on an award, if it is drafted."""
    return session.exec(select(ServiceAgreement).where(ServiceAgreement.award_id == award_id)).one_or_none()


def _locked(session: Session, agreement_id: int) -> ServiceAgreement:
    agreement: ServiceAgreement | None = locked(session, ServiceAgreement, agreement_id)
    if agreement is None:
        raise NotFound(N_("There is no such agreement"))
    return agreement
