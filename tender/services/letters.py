"""The committee's letters to bidders: clarifications without change of substance, and corrected prices to confirm."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.messages.services import People, send
from tender.models import Bid, BidLetter, LetterKind, Lot, PriceSheet, Tender
from tender.rules.stages import Stage
from tender.services.clarification import insurer_of
from tender.services.papers_review import issue_bid_letter, price_sheet
from tender.services.price_sheets import correct_sheet
from tender.services.review import opened_bids, qualified, scored_bids, sitting
from tender.services.stage import at_stage, cite, disclosed_bid, locked_tender

#: When the committee may write: while it looks at conformity, scores, or evaluates.
STAGES = (Stage.CONFORMITY, Stage.SCORING, Stage.EVALUATION)
#: Least and longest time for an answer, in minutes.
LEAST, MOST = 30, 5 * 24 * 60


def ask_clarification(
    session: Session, actor: Actor, clock: Clock, bid_id: int, *, matter: str, minutes: int
) -> BidLetter:
    """The chair asks a bidder in writing to clarify what is unclear or contradicts itself (art. 51).

    The answer may not go beyond the bid nor change its substance; the letter says so.
    """
    bid, tender, now = _chaired(session, actor, clock, bid_id)
    if not matter.strip():
        raise Invalid(N_("Say what is to be clarified"), field="matter", clause=cite(tender, "clarify"))
    return _write(session, actor, clock, now, tender, bid, LetterKind.CLARIFICATION, matter.strip(), minutes)


def ask_confirmation(session: Session, actor: Actor, clock: Clock, bid_id: int, *, minutes: int) -> BidLetter:
    """The chair asks a bidder to confirm its corrected price; without the confirmation the bid is invalid (art. 59)."""
    bid, tender, now = _chaired(session, actor, clock, bid_id)
    at_stage(tender, now, Stage.EVALUATION)
    sheet = price_sheet(session, bid)
    if sheet is None or sheet.correction is None:
        raise Refused(N_("Nothing was corrected in this price"), clause=cite(tender, "correction"))
    if confirmation_of(session, bid) is not None:
        raise Refused(N_("This bidder was already asked"), clause=cite(tender, "correction"))
    return _write(session, actor, clock, now, tender, bid, LetterKind.CORRECTION, sheet.correction or "", minutes)


def note_other_price(
    session: Session, actor: Actor, clock: Clock, bid_id: int, *, price: Decimal, place: str
) -> PriceSheet:
    """The chair records that other content of the bid states another price than its price sheet, and where.

    It decides nothing: the sheet governs (step 1 of the correction order), and the bidder is asked to confirm.
    """
    bid, tender, now = _chaired(session, actor, clock, bid_id)
    at_stage(tender, now, Stage.EVALUATION)
    sheet = price_sheet(session, bid)
    if sheet is None or confirmation_of(session, bid) is not None:
        raise Refused(N_("This bidder was already asked"), clause=cite(tender, "correction"))
    if not place.strip():
        raise Invalid(N_("Say where the bid states this price"), field="place", clause=cite(tender, "correction"))
    if price == sheet.price:
        message = N_("The price sheet states the same price")
        raise Invalid(message, field="price", clause=cite(tender, "correction"))
    sheet.elsewhere, sheet.elsewhere_place = price, place.strip()
    correct_sheet(tender, session.get_one(Lot, bid.lot_id), sheet)
    audit.record(session, now, actor, "tender:price:note", sheet, bid=bid.id, price=format(price, "f"), place=place)
    return sheet


def _chaired(session: Session, actor: Actor, clock: Clock, bid_id: int) -> tuple[Bid, Tender, datetime]:
    require(actor, "tender:review_price")
    bid, tender = disclosed_bid(session, bid_id)
    now = clock.now()
    at_stage(tender, now, *STAGES)
    if not sitting(session, actor, tender).is_chair:
        raise Forbidden(N_("Only the chair of the committee can do this"))
    under_review = [one.id for one in opened_bids(session, tender) if qualified(session, one)]
    if bid.id not in under_review:
        raise NotFound(N_("There is no such bid"))
    return bid, tender, now


def _write(
    session: Session, actor: Actor, clock: Clock, now: datetime, tender: Tender, bid: Bid, kind: LetterKind,
    matter: str, minutes: int,
) -> BidLetter:  # fmt: skip
    if not LEAST <= minutes <= MOST:
        raise Invalid(N_("The bidder has from %(least)s to %(most)s minutes"), least=LEAST, most=MOST, field="minutes")
    row = BidLetter(
        tender_id=tender.id, bid_id=bid.id, kind=kind, matter=matter, asked_by=actor.user_id, asked_at=now,
        answer_by=now + timedelta(minutes=minutes),
    )  # fmt: skip
    session.add(row)
    session.flush()
    row.document_id = issue_bid_letter(session, actor, clock, tender, bid, row).id
    send(
        session, now, to=People(bid.bidder_id, "tender:answer_letter"),
        subject=N_("The committee asks about your bid in tender %(number)s"),
        link=f"/tenders/opportunities/{tender.id}/letters/{row.id}", key=f"tender:letter:{row.id}",
        clause=cite(tender, "clarify"), number=tender.number,
    )  # fmt: skip
    audit.record(session, now, actor, "tender:letter:ask", row, bid=bid.id, kind=kind.value)
    return row


def answer_letter(
    session: Session, actor: Actor, clock: Clock, letter_id: int, *, answer: str, confirmed: bool | None = None
) -> BidLetter:
    """The bidder answers once, in time. confirmed: for a corrected price, whether it is accepted."""
    organisation = insurer_of(actor, "tender:answer_letter")
    row = session.get(BidLetter, letter_id)
    if row is None or session.get_one(Bid, row.bid_id).bidder_id != organisation:
        raise NotFound(N_("There is no such letter"))
    tender = locked_tender(session, row.tender_id)
    session.refresh(row)
    now = clock.now()
    at_stage(tender, now, *STAGES)
    if row.answered_at is not None:
        raise Refused(N_("The letter is already answered"))
    if now > row.answer_by:
        raise Refused(N_("The time for the answer is over"), clause=cite(tender, "clarify"))
    if row.kind is LetterKind.CORRECTION:
        if confirmed is None:
            raise Invalid(N_("Say whether you confirm the corrected price"), field="confirmed")
        row.confirmed = confirmed
    elif not answer.strip():
        raise Invalid(N_("Write the answer"), field="answer")
    row.answer, row.answered_by, row.answered_at = answer.strip() or None, actor.user_id, now
    audit.record(session, now, actor, "tender:letter:answer", row, confirmed=row.confirmed)
    return row


def letters_of(session: Session, tender: Tender) -> list[BidLetter]:
    """Every letter of a tender's committee, oldest first."""
    rows = select(BidLetter).where(BidLetter.tender_id == tender.id)
    return list(session.exec(rows.order_by(col(BidLetter.id))))


def waiting(session: Session, tender: Tender, now: datetime) -> list[BidLetter]:
    """Letters that can still be answered: nothing is finished meanwhile."""
    return [row for row in letters_of(session, tender) if row.answered_at is None and now <= row.answer_by]


def confirmation_of(session: Session, bid: Bid) -> BidLetter | None:
    """The letter about a bid's corrected price, or None."""
    rows = select(BidLetter).where(BidLetter.bid_id == bid.id, BidLetter.kind == LetterKind.CORRECTION)
    return session.exec(rows).first()


def unasked(session: Session, tender: Tender) -> list[Bid]:
    """Bids whose price was corrected and whose bidder was not asked yet: nothing is evaluated before."""
    found = []
    for bid in scored_bids(session, tender):
        sheet = price_sheet(session, bid)
        corrected = sheet is not None and sheet.correction is not None
        if corrected and confirmation_of(session, bid) is None:
            found.append(bid)
    return found
