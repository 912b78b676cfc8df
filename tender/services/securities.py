"""Securities held and paid back: each with its own limit, late ones with interest or the reason for none."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.money import ZERO
from core.policy.procurement import limits
from tender.models import Award, Bid, BidSecurity, PerformanceSecurity, SecurityForm, Tender
from tender.models.securities import HeldSecurity
from tender.rules.securities import Case, RefundLimit, demanded, late_interest, refund_limit
from tender.rules.stages import Stage
from tender.services.bidding import security_of
from tender.services.sealed_record import record_sealed
from tender.services.stage import at_stage, disclosed_bid, locked_tender

#: The interest of a late refund: the limit that names it.
INTEREST = "T29"


@dataclass(frozen=True)
class Payment:
    """How a security went back. paid_on: the day the money left, today where none is given; converted: it was turned
    into the performance security instead; base_rate: the yearly base lending rate as a fraction, with its source;
    bidders_fault: why a delay lies with the bidder, so that no interest is due.
    """

    paid_on: date | None = None
    converted: bool = False
    base_rate: Decimal | None = None
    rate_source: str = ""
    bidders_fault: str = ""


def limit_of(session: Session, tender: Tender, bid: Bid, row: BidSecurity | None = None) -> RefundLimit:
    """Until when the security of a bid goes back, under the law of the day its time began.

    row: which of its securities, where a withdrawal released an earlier one.
    """
    case, start = _case(session, tender, bid)
    if row is not None and row.released_at is not None:
        case, start = Case.WITHDRAWN, local_date(row.released_at)
    return refund_limit(case, start, limits(start or local_date(tender.awarded_at or tender.created_at)), china())


def _case(session: Session, tender: Tender, bid: Bid) -> tuple[Case, date | None]:
    if bid.withdrawn_at is not None:
        return Case.WITHDRAWN, local_date(bid.withdrawn_at)
    if tender.cancelled_at is not None:
        return Case.CANCELLED, local_date(tender.cancelled_at)
    if tender.awarded_at is None:
        return Case.FAILED, None
    award = _award_of(session, bid)
    if award is None:
        return Case.LOSER, local_date(tender.awarded_at)
    if award.declined_at is not None:
        return Case.DECLINED, None
    return Case.WINNER, local_date(award.signed_at) if award.signed_at else None


def _award_of(session: Session, bid: Bid) -> Award | None:
    found: Award | None = session.exec(
        select(Award).where(Award.bid_id == bid.id).order_by(col(Award.id).desc())
    ).first()
    return found


def _ended(tender: Tender) -> bool:
    return bool(tender.awarded_at or tender.failed_at or tender.cancelled_at)


def securities(session: Session, tender: Tender) -> list[tuple[Bid, BidSecurity]]:
    """Every security of an ended tender, losers' first; before the end finance may not know who bids."""
    if not _ended(tender):
        return []
    winning = set(session.exec(
        select(Award.bid_id).where(Award.tender_id == tender.id, col(Award.declined_at).is_(None))
    ))  # fmt: skip
    pairs = session.exec(
        select(Bid, BidSecurity).join(BidSecurity, col(BidSecurity.bid_id) == Bid.id).where(Bid.tender_id == tender.id)
    ).all()
    return sorted(((bid, row) for bid, row in pairs), key=lambda pair: (pair[0].id in winning, pair[0].id, pair[1].id))


def securities_to_refund(session: Session, tender: Tender) -> list[tuple[Bid, BidSecurity]]:
    """The securities still held after the tender ended, losers' first: what finance has to pay back."""
    return [(bid, row) for bid, row in securities(session, tender) if row.refunded_at is None]


def refund_security(
    session: Session, actor: Actor, clock: Clock, bid_id: int, payment: Payment = Payment()
) -> BidSecurity:  # fmt: skip
    """Record that a bid security went back: losers after the award, winners after signing, all after a failure.

    A late one needs the base rate with its source, or the bidder's own fault; days, rate and interest are kept.
    Raises Refused before there is a result, when it was paid back already, and for a winner's that is turned into a
    performance security by somebody who is no winner; Invalid for a day that cannot be and a late one without a rate.
    """
    require(actor, "tender:refund_security")
    bid, tender = disclosed_bid(session, bid_id)
    now = clock.now()
    at_stage(tender, now, Stage.AWARDED, Stage.FAILED, Stage.CANCELLED)
    row = security_of(session, bid)
    if row is None:
        raise NotFound(N_("No bid security was paid for this bid"))
    if row.refunded_at is not None:
        raise Refused(N_("This bid security was already paid back"))
    limit = limit_of(session, tender, bid)
    if payment.converted and limit.case is not Case.WINNER:
        raise Refused(N_("Only a winner's security is turned into a performance security"), clause=limit.clause)
    _pay_back(row, payment, limit, now)
    row.converted = payment.converted
    if payment.converted:
        session.add(_turned(session, actor, now, tender, bid, row))
    session.add(row)
    audit.record(
        session, now, actor, "tender:security:refund", row, amount=str(row.amount), days_late=row.days_late,
        interest=str(row.interest), converted=row.converted,
    )  # fmt: skip
    return row


def released(session: Session, tender: Tender) -> list[BidSecurity]:
    """What finance has to pay back before the opening: securities that withdrawals released, oldest first.

    Nothing of it says which lot, whether others bid, or how many: who withdrew bids no more.
    """
    mine = select(BidSecurity).join(Bid, col(Bid.id) == BidSecurity.bid_id).where(Bid.tender_id == tender.id)
    due = mine.where(col(BidSecurity.released_at).is_not(None), col(BidSecurity.refunded_at).is_(None))
    return list(session.exec(due.order_by(col(BidSecurity.released_at))))


def released_security(session: Session, tender: Tender, reference: str) -> tuple[Bid, BidSecurity]:
    """A released security by its reference, with whose it is. Raises NotFound."""
    row = session.exec(select(BidSecurity).where(BidSecurity.reference == reference)).one_or_none()
    bid = session.get(Bid, row.bid_id) if row is not None else None
    if row is None or bid is None or bid.tender_id != tender.id:
        raise NotFound(N_("There is no such security"))
    return bid, row


def refund_released(
    session: Session, actor: Actor, clock: Clock, tender_id: int, reference: str, payment: Payment
) -> BidSecurity:  # fmt: skip
    """Record that the security of a withdrawn bid went back within five working days (T08), before the opening too.

    Until the opening the entry in the log is sealed like the withdrawal itself.
    """
    require(actor, "tender:refund_security")
    tender = locked_tender(session, tender_id)
    bid, row = released_security(session, tender, reference)
    now = clock.now()
    if row.refunded_at is not None:
        raise Refused(N_("This bid security was already paid back"))
    limit = limit_of(session, tender, bid, row)
    if payment.converted:
        raise Refused(N_("Only a winner's security is turned into a performance security"), clause=limit.clause)
    _pay_back(row, payment, limit, now)
    session.add(row)
    facts = {"amount": str(row.amount), "days_late": row.days_late, "interest": str(row.interest)}
    if tender.technical_opened_at is None:
        record_sealed(session, now, actor, tender, "tender:security:refund", **facts)
    else:
        audit.record(session, now, actor, "tender:security:refund", row, **facts)
    return row


def _pay_back(row: BidSecurity, payment: Payment, limit: RefundLimit, now: datetime) -> None:
    rule = limits(limit.last_day).get(INTEREST) if limit.last_day else None  # known to the law since Order 87
    pay_back(row, payment, limit, now, since=local_date(row.paid_at), interest=rule.clause if rule else "")


def pay_back(
    row: HeldSecurity, payment: Payment, limit: RefundLimit, now: datetime, *, since: date, interest: str,
    kept: Decimal = ZERO,
) -> None:  # fmt: skip
    """Write on a security of either kind that it went back, with its limit and what a late one costs.

    since: the day it was given; interest: what a late one's interest rests on, '' where nothing asks for any; kept:
    yuan of it that do not go back.
    Raises Invalid for a day that cannot be, and for a late one without a rate or the bidder's fault.
    """
    paid_on = payment.paid_on or local_date(now)
    if not since <= paid_on <= local_date(now):
        raise Invalid(N_("The refund comes after the payment and not after today"), field="paid_on")
    row.refunded_at, row.refunded_on = now, paid_on
    row.due_on, row.due_clause, row.days_late = limit.last_day, limit.clause or None, limit.days_late(paid_on)
    if row.days_late and interest:
        _late(row, payment, interest, row.amount - kept)


def _late(row: HeldSecurity, payment: Payment, clause: str, principal: Decimal) -> None:
    if payment.bidders_fault.strip():
        row.bidders_fault = payment.bidders_fault.strip()
        return
    if payment.base_rate is None or not payment.rate_source.strip():
        message = N_("It is %(days)s days late: give the base lending rate and its source, or how the bidder caused it")
        raise Invalid(message, days=row.days_late, clause=clause, field="base_rate")
    if not 0 < payment.base_rate < 1:
        raise Invalid(N_("The base lending rate is a yearly rate in per cent"), field="base_rate")
    row.base_rate, row.rate_source = payment.base_rate, payment.rate_source.strip()
    row.interest = late_interest(principal, payment.base_rate, row.days_late or 0)


def performance_of(session: Session, award_id: int) -> list[PerformanceSecurity]:
    """The performance securities given for an award, in the order they came."""
    rows = select(PerformanceSecurity).where(PerformanceSecurity.award_id == award_id)
    return list(session.exec(rows.order_by(col(PerformanceSecurity.paid_on), col(PerformanceSecurity.id))).all())


def still_demanded(session: Session, tender: Tender, award: Award, today: date) -> Decimal:
    """What of the performance security is not given, in yuan; a guarantee past its last day holds no more."""
    held = sum((row.amount for row in performance_of(session, award.id or 0) if holds(row, today)), ZERO)
    return max(demanded(award.term_total, tender.performance_security_rate) - held, ZERO)


def holds(row: PerformanceSecurity, today: date) -> bool:
    """Whether a performance security is there on a day: not returned, and no guarantee that has run out."""
    return row.refunded_at is None and (row.valid_until is None or today <= row.valid_until)


def _turned(
    session: Session, actor: Actor, now: datetime, tender: Tender, bid: Bid, row: BidSecurity
) -> PerformanceSecurity:  # fmt: skip
    """A winner's bid security as performance security (T16). Raises Refused where less is still to be given."""
    award = _award_of(session, bid)
    if award is None or row.amount > still_demanded(session, tender, award, local_date(now)):
        message = N_("Less of the performance security is still to be given than this bid security: pay it back")
        raise Refused(message, clause=row.due_clause or "")
    return PerformanceSecurity(
        award_id=award.id, form=SecurityForm.CONVERTED, amount=row.amount, paid_on=row.refunded_on,
        reference=row.payer_account, recorded_by=actor.user_id, recorded_at=now,
    )  # fmt: skip
