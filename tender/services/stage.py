"""What every verb of the room does first: lock the tender, read its stage, refuse what the stage does not allow."""

from datetime import datetime

from sqlmodel import Session

from core.db import locked
from core.errors import N_, NotFound, Refused, Words
from core.identity.actor import Actor
from tender.models import Bid, Lot, Tender
from tender.rules import clauses
from tender.rules.stages import Stage, TenderFacts, stage

#: What to say when a verb comes at the wrong moment: it names where the tender stands.
STANDS_AT = {
    Stage.PREPARATION: N_("The tender is still in preparation and not published"),
    Stage.BIDDING: N_("The tender is published and open for bids"),
    Stage.SEALED: N_("The deadline has passed and the bids are still sealed"),
    Stage.QUALIFICATION: N_("The technical envelopes are open and the qualification review is under way"),
    Stage.CONFORMITY: N_("The qualification review is done and the conformity review is under way"),
    Stage.SCORING: N_("The experts are scoring"),
    Stage.PRICE_OPENING: N_("The technical scores are locked and the price envelopes are still sealed"),
    Stage.EVALUATION: N_("The price envelopes are open and the evaluation is under way"),
    Stage.DECISION: N_("The evaluation report is there and the winners are not fixed yet"),
    Stage.AWARDED: N_("The winners are fixed"),
    Stage.FAILED: N_("The tender has failed"),
    Stage.CANCELLED: N_("The tender was cancelled"),
}

#: The stages by name, to say when a refused step is possible.
NAMES = {
    Stage.PREPARATION: N_("Preparation"),
    Stage.BIDDING: N_("Open for bids"),
    Stage.SEALED: N_("Sealed"),
    Stage.QUALIFICATION: N_("Qualification review"),
    Stage.CONFORMITY: N_("Conformity review"),
    Stage.SCORING: N_("Scoring"),
    Stage.PRICE_OPENING: N_("Price opening"),
    Stage.EVALUATION: N_("Evaluation"),
    Stage.DECISION: N_("Award decision"),
    Stage.AWARDED: N_("Awarded"),
    Stage.FAILED: N_("Tender failed"),
    Stage.CANCELLED: N_("Cancelled"),
}


def facts_of(tender: Tender) -> TenderFacts:
    """The facts of a tender that decide its stage, as plain values."""
    names = TenderFacts.__dataclass_fields__
    return TenderFacts(**{name: getattr(tender, name) for name in names})


def stage_of(tender: Tender, now: datetime) -> Stage:
    """The stage of a tender at `now`."""
    return stage(facts_of(tender), now)


def locked_tender(session: Session, tender_id: int) -> Tender:
    """The tender under a row lock; read the clock only after this. Raises NotFound."""
    tender: Tender | None = locked(session, Tender, tender_id)
    if tender is None:
        raise NotFound(N_("There is no such tender"))
    return tender


def lot_and_tender(session: Session, lot_id: int) -> tuple[Lot, Tender]:
    """A lot and its tender, the tender under a row lock. Raises NotFound."""
    lot = session.get(Lot, lot_id)
    if lot is None:
        raise NotFound(N_("There is no such lot"))
    tender = locked_tender(session, lot.tender_id)
    session.refresh(lot)
    return lot, tender


def at_stage(tender: Tender, now: datetime, *allowed: Stage) -> Stage:
    """The tender's stage if it is one of `allowed`; else Refused, saying where it stands and when."""
    standing = stage_of(tender, now)
    if standing not in allowed:
        raise Refused(
            N_("%(stands)s. This step is possible only at: %(stages)s"),
            stands=Words((STANDS_AT[standing],)), stages=Words(tuple(NAMES[one] for one in Stage if one in allowed)),
        )  # fmt: skip
    return standing


def disclosed_bid(session: Session, bid_id: int) -> tuple[Bid, Tender]:
    """A bid and its tender under a row lock, for the people of the house.

    Before the opening (or the failure or cancellation) no bid is there for them: another answer than for a number that
    does not exist would tell how many bids there are. Raises NotFound.
    """
    bid = session.get(Bid, bid_id)
    if bid is None:
        raise NotFound(N_("There is no such bid"))
    tender = locked_tender(session, bid.tender_id)
    if not (tender.technical_opened_at or tender.failed_at or tender.cancelled_at):
        raise NotFound(N_("There is no such bid"))
    return bid, tender


def purchasers_own(actor: Actor, tender: Tender) -> None:
    """Only the purchaser's own people act on its tender; for others it is not there."""
    if actor.organisation_id != tender.purchaser_id and actor.user_id:
        raise NotFound(N_("There is no such tender"))


def cite(tender: Tender, matter: str) -> str:
    """The article a matter rests on, under the rule set the tender runs under (`tender.rules.clauses`)."""
    return clauses.clause(tender.rule_set, matter)
