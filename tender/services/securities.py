"""Bid securities held and paid back: each with its own limit, late ones with interest or the reason for none."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.policy.procurement import limits
from tender.models import Award, Bid, BidSecurity, Tender
from tender.rules.securities import Case, RefundLimit, late_interest, refund_limit
from tender.rules.stages import Stage
from tender.services.bidding import security_of
from tender.services.stage import at_stage, disclosed_bid

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


def limit_of(session: Session, tender: Tender, bid: Bid) -> RefundLimit:
    """Until when the security of a bid goes back, under the law of the day its time began."""
    case, start = _case(session, tender, bid)
    return refund_limit(case, start, limits(start or local_date(tender.awarded_at or tender.created_at)), china())


def _case(session: Session, tender: Tender, bid: Bid) -> tuple[Case, date | None]:
    if bid.withdrawn_at is not None:
        return Case.WITHDRAWN, local_date(bid.withdrawn_at)
    if tender.cancelled_at is not None:
        return Case.CANCELLED, local_date(tender.cancelled_at)
    if tender.awarded_at is None:
        return Case.FAILED, None
    award: Award | None = session.exec(
        select(Award).where(Award.bid_id == bid.id).order_by(col(Award.id).desc())
    ).first()
    if award is None:
        return Case.LOSER, local_date(tender.awarded_at)
    if award.declined_at is not None:
        return Case.DECLINED, None
    return Case.WINNER, local_date(award.signed_at) if award.signed_at else None


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
    return sorted(((bid, row) for bid, row in pairs), key=lambda pair: (pair[0].id in winning, pair[0].id))


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
    paid_on = payment.paid_on or local_date(now)
    if not local_date(row.paid_at) <= paid_on <= local_date(now):
        raise Invalid(N_("The refund comes after the payment and not after today"), field="paid_on")
    row.refunded_at, row.refunded_on, row.converted = now, paid_on, payment.converted
    row.due_on, row.due_clause, row.days_late = limit.last_day, limit.clause or None, limit.days_late(paid_on)
    if row.days_late:
        _late(row, payment)
    session.add(row)
    audit.record(
        session, now, actor, "tender:security:refund", row, amount=str(row.amount), days_late=row.days_late,
        interest=str(row.interest), converted=row.converted,
    )  # fmt: skip
    return row


def _late(row: BidSecurity, payment: Payment) -> None:
    """The interest of a late refund, where the law of its last day knows one (T29: since Order 87)."""
    rule = limits(row.due_on).get(INTEREST) if row.due_on else None
    if rule is None:
        return
    if payment.bidders_fault.strip():
        row.bidders_fault = payment.bidders_fault.strip()
        return
    if payment.base_rate is None or not payment.rate_source.strip():
        message = N_("It is %(days)s days late: give the base lending rate and its source, or how the bidder caused it")
        raise Invalid(message, days=row.days_late, clause=rule.clause, field="base_rate")
    if not 0 < payment.base_rate < 1:
        raise Invalid(N_("The base lending rate is a yearly rate in per cent"), field="base_rate")
    row.base_rate, row.rate_source = payment.base_rate, payment.rate_source.strip()
    row.interest = late_interest(row.amount, payment.base_rate, row.days_late or 0)


