"""Where a tender stands: one function derives the stage from its facts and the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """The stages of an open tender, in order; the last three are ends."""

    PREPARATION = "preparation"
    BIDDING = "bidding"
    SEALED = "sealed"  # the deadline has passed, nothing is open
    QUALIFICATION = "qualification"
    CONFORMITY = "conformity"
    SCORING = "scoring"
    PRICE_OPENING = "price_opening"  # technical scores are locked
    EVALUATION = "evaluation"
    DECISION = "decision"  # the report is there, the winner is not fixed
    AWARDED = "awarded"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: The stages in the order of a tender's life, for the progress bar; the two bad ends stand apart.
ORDER = (
    Stage.PREPARATION, Stage.BIDDING, Stage.SEALED, Stage.QUALIFICATION, Stage.CONFORMITY, Stage.SCORING,
    Stage.PRICE_OPENING, Stage.EVALUATION, Stage.DECISION, Stage.AWARDED,
)  # fmt: skip

ENDS = frozenset({Stage.AWARDED, Stage.FAILED, Stage.CANCELLED})

#: From here on the bids are open, and their names and number are no secret inside the house.
OPENED = frozenset(ORDER[3:])


@dataclass(frozen=True)
class TenderFacts:
    """The facts that decide the stage; an instant is None until it has happened."""

    published_at: datetime | None = None
    deadline: datetime | None = None
    technical_opened_at: datetime | None = None
    qualification_reviewed_at: datetime | None = None
    conformity_reviewed_at: datetime | None = None
    technical_locked_at: datetime | None = None
    price_opened_at: datetime | None = None
    evaluated_at: datetime | None = None
    awarded_at: datetime | None = None
    failed_at: datetime | None = None
    cancelled_at: datetime | None = None


def stage(facts: TenderFacts, now: datetime) -> Stage:
    """The stage at `now`. At the very instant of the deadline bidding is over (87 art. 33: before the deadline)."""
    if facts.cancelled_at:
        return Stage.CANCELLED
    if facts.failed_at:
        return Stage.FAILED
    reached = (
        (facts.awarded_at, Stage.AWARDED),
        (facts.evaluated_at, Stage.DECISION),
        (facts.price_opened_at, Stage.EVALUATION),
        (facts.technical_locked_at, Stage.PRICE_OPENING),
        (facts.conformity_reviewed_at, Stage.SCORING),
        (facts.qualification_reviewed_at, Stage.CONFORMITY),
        (facts.technical_opened_at, Stage.QUALIFICATION),
    )
    for fact, then in reached:
        if fact:
            return then
    if facts.published_at is None or facts.deadline is None:
        return Stage.PREPARATION
    return Stage.BIDDING if in_time(facts.deadline, now) else Stage.SEALED


def in_time(deadline: datetime, now: datetime) -> bool:
    """Whether a bid at `now` is accepted: strictly before the deadline; equal is late (regulation A.5)."""
    return now < deadline


def may_open_from(deadline: datetime, grace_minutes: int) -> datetime:
    """The first instant at which the technical envelopes may be opened: the deadline plus the grace."""
    return deadline + timedelta(minutes=grace_minutes)
