"""Low-price review between price opening and evaluation: asked by the chair, explained in time, decided with reason."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.policy.procurement import LowPriceRule, rule_set
from core.policy.procurement import cite as cite_article
from tender.models import Bid, LowPriceReview, Tender
from tender.rules.low_price import Priced, Trigger, raised, triggers
from tender.rules.stages import Stage
from tender.services.clarification import insurer_of
from tender.services.papers_review import issue_price_letter, price_sheet
from tender.services.review import live_lots, scored_bids, sitting
from tender.services.stage import at_stage, disclosed_bid, locked_tender

#: The grounds in the words of papers; %s is the amount the price lies below.
GROUND_WORDS = {
    "mean": "投标报价低于全部通过符合性审查投标人报价平均值的%s（%s）",
    "second_lowest": "投标报价为最低报价且低于次低报价的%s（%s）",
    "ceiling": "投标报价低于最高限价的%s（%s）",
}


def clause_of(tender: Tender) -> str:
    """The article under which a low price is reviewed. Raises Refused under Order 18, which knows no such review."""
    if tender.rule_set.startswith("ORDER18"):
        raise Refused(N_("The rule set of this tender knows no low-price review"))
    rule = rule_set(tender.rule_set).low_price
    return cite_article(rule.article) if rule is not None else "财政部令第87号第60条"


def least_minutes(tender: Tender) -> int:
    """The least time for the explanation, in minutes; before 2026 the committee sets a reasonable one."""
    rule = rule_set(tender.rule_set).low_price
    return rule.minutes if rule is not None else 1


def ratios_of(tender: Tender) -> LowPriceRule | None:
    """The ratios that count for a tender: the rule set's, raised as its document says; None without numbers."""
    rule = rule_set(tender.rule_set).low_price
    return raised(rule, tender.low_price_ratio) if rule is not None else None


def low_prices(session: Session, tender: Tender) -> dict[int, list[Trigger]]:
    """The triggers of every conforming bid of the live lots by bid; empty under a rule set without numbers."""
    rule = ratios_of(tender)
    found: dict[int, list[Trigger]] = {}
    if rule is None or tender.price_opened_at is None:
        return found
    for lot in live_lots(session, tender):
        offers = [
            Priced(bid.id or 0, sheet.corrected_price)
            for bid in scored_bids(session, tender, lot.id)
            if (sheet := price_sheet(session, bid)) is not None
        ]
        for trigger in triggers(offers, lot.ceiling, rule):
            found.setdefault(trigger.bid, []).append(trigger)
    return found


def review_of(session: Session, bid: Bid) -> LowPriceReview | None:
    """The low-price review of a bid, or None."""
    found: LowPriceReview | None = session.exec(
        select(LowPriceReview).where(LowPriceReview.bid_id == bid.id)
    ).one_or_none()
    return found


def ask_explanation(
    session: Session, actor: Actor, clock: Clock, bid_id: int, *, minutes: int, reason: str = ""
) -> LowPriceReview:
    """The chair asks a bidder to explain its price in writing on the spot; the letter names the grounds and the time.

    minutes: at least 30 from 2026 on; reason: the committee's own judgement, needed where no number triggers.
    """
    require(actor, "tender:review_price")
    bid, tender = _chaired(session, actor, clock, bid_id)
    clause = clause_of(tender)
    if review_of(session, bid) is not None:
        raise Refused(N_("This bidder was already asked"), clause=clause)
    if minutes < least_minutes(tender):
        message = N_("The bidder has at least %(minutes)s minutes")
        raise Invalid(message, minutes=least_minutes(tender), field="minutes", clause=clause)
    grounds = [_words(tender, trigger) for trigger in low_prices(session, tender).get(bid_id, [])]
    grounds += [reason.strip()] if reason.strip() else []
    if not grounds:
        raise Invalid(N_("No number triggers a review: say why the committee holds the price too low"), field="reason")
    now = clock.now()
    row = LowPriceReview(
        bid_id=bid.id, tender_id=tender.id, grounds=grounds, asked_by=actor.user_id, asked_at=now,
        answer_by=now + timedelta(minutes=minutes),
    )  # fmt: skip
    session.add(row)
    row.letter_id = issue_price_letter(session, actor, clock, tender, bid, grounds, row.answer_by, clause).id
    session.flush()
    audit.record(session, now, actor, "tender:price:ask", row, bid=bid.id, grounds=grounds)
    return row


def _chaired(session: Session, actor: Actor, clock: Clock, bid_id: int) -> tuple[Bid, Tender]:
    """A conforming bid of a tender in evaluation whose committee the actor chairs."""
    bid, tender = disclosed_bid(session, bid_id)
    at_stage(tender, clock.now(), Stage.EVALUATION)
    if not sitting(session, actor, tender).is_chair:
        raise Forbidden(N_("Only the chair of the committee can do this"))
    if bid.id not in {row.id for row in scored_bids(session, tender)}:
        raise NotFound(N_("There is no such bid"))
    return bid, tender


def _words(tender: Tender, trigger: Trigger) -> str:
    rule = ratios_of(tender)
    if rule is None:
        raise Refused(N_("The rule set of this tender knows no low-price review"))
    ratio = {"mean": rule.of_mean, "second_lowest": rule.of_second_lowest, "ceiling": rule.of_ceiling}[trigger.ground]
    below = Decimal(trigger.below.numerator) / Decimal(trigger.below.denominator)
    amount = format(below.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize(), "f")
    return GROUND_WORDS[trigger.ground] % (f"{format((Decimal(ratio) * 100).normalize(), 'f')}%", amount)


def explain_price(session: Session, actor: Actor, clock: Clock, bid_id: int, text: str) -> LowPriceReview:
    """The bidder explains, once, until the given instant. Raises Refused when the time is over."""
    organisation = insurer_of(actor, "tender:explain_price")
    bid = session.get(Bid, bid_id)
    if bid is None or bid.bidder_id != organisation:
        raise NotFound(N_("There is no such bid"))
    tender = locked_tender(session, bid.tender_id)
    now = clock.now()
    at_stage(tender, now, Stage.EVALUATION)
    row = review_of(session, bid)
    if row is None or row.decided_at is not None:
        raise NotFound(N_("Nobody asks for an explanation of this price"))
    if row.explained_at is not None:
        raise Refused(N_("The explanation is already given"))
    if now > row.answer_by:
        raise Refused(N_("The time for the explanation is over"), clause=clause_of(tender))
    if not text.strip():
        raise Invalid(N_("Write the explanation"), field="explanation")
    row.explanation, row.explained_by, row.explained_at = text.strip(), actor.user_id, now
    audit.record(session, now, actor, "tender:price:explain", row, bid=bid.id)
    return row


def decide_price(
    session: Session, actor: Actor, clock: Clock, bid_id: int, *, proven: bool, reason: str
) -> LowPriceReview:
    """The chair records the committee's decision; a price not proven makes the bid invalid before the base price.

    Raises Refused while the bidder may still explain.
    """
    require(actor, "tender:review_price")
    bid, tender = _chaired(session, actor, clock, bid_id)
    now = clock.now()
    row = review_of(session, bid)
    if row is None or row.decided_at is not None:
        raise Refused(N_("There is no open review of this price"))
    if row.explained_at is None and now <= row.answer_by:
        raise Refused(N_("The bidder may still explain"), clause=clause_of(tender))
    if proven and row.explained_at is None:
        raise Invalid(N_("Without an explanation the price is not proven"), field="proven", clause=clause_of(tender))
    if not reason.strip():
        raise Invalid(N_("Say why: the reason stands in the evaluation report"), field="reason")
    row.proven, row.decision, row.decided_by, row.decided_at = proven, reason.strip(), actor.user_id, now
    audit.record(session, now, actor, "tender:price:decide", row, bid=bid.id, proven=proven)
    return row


def open_reviews(session: Session, tender: Tender) -> list[int]:
    """The bids whose price must still be asked about or decided on: while there is one, nothing is evaluated."""
    rows = reviews(session, tender)
    decided = {row.bid_id for row in rows if row.decided_at is not None}
    return sorted(({row.bid_id for row in rows} | set(low_prices(session, tender))) - decided)


def reviews(session: Session, tender: Tender) -> list[LowPriceReview]:
    """Every low-price review of a tender, oldest first."""
    rows = select(LowPriceReview).where(LowPriceReview.tender_id == tender.id)
    return list(session.exec(rows.order_by(col(LowPriceReview.id))))
