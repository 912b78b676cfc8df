"""What the supervisor, an opening officer and a member of the committee have to do in a tender."""

from collections.abc import Iterator

from flask_babel import gettext
from sqlmodel import Session, col, select

from core.clock import local_date
from core.home import DueItem
from core.identity.actor import Actor
from tender.home.shared import page_url
from tender.models import ScoreSheet, Tender
from tender.rules.stages import Stage, may_open_from
from tender.services import committee_of
from tender.services.drawing import numbers_of, open_draw
from tender.services.joint_check import own_checks
from tender.services.keys import unconfirmed
from tender.services.letters import unasked
from tender.services.low_price import clause_of, open_reviews
from tender.services.preparation import lots_of
from tender.services.stage import cite


def of_supervisor(session: Session, actor: Actor, tender: Tender) -> Iterator[DueItem]:
    """The two secret numbers of a draw: who can still commit, and who has to reveal."""
    draw = open_draw(session, tender.id or 0) if actor.may("tender:supervise_draw") else None
    if draw is None:
        return
    held = numbers_of(session, draw)
    own = next((row for row in held if row.user_id == actor.user_id), None)
    if own is None and draw.root is None:
        yield DueItem(
            gettext("Commit to a secret number for the draw"), tender.number, page_url("draw", tender),
            cite(tender, "draw"), waiting=gettext("no fixed day"), action=gettext("Open"),
        )  # fmt: skip
    elif own is not None and draw.root is not None and own.revealed_at is None:
        yield DueItem(
            gettext("Reveal my number for the draw"), tender.number, page_url("draw", tender), cite(tender, "draw"),
            waiting=gettext("the draw waits for it"), action=gettext("Open"),
        )  # fmt: skip


def of_officer(session: Session, actor: Actor, tender: Tender, standing: Stage) -> Iterator[DueItem]:
    """Shares to confirm, and envelopes to open."""
    if not actor.may("tender:confirm_key"):
        return
    if standing is Stage.PREPARATION and actor.user_id in {row.user_id for row in unconfirmed(session, tender.id or 0)}:
        yield DueItem(
            gettext("Confirm that my shares open"), tender.number, page_url("confirm", tender), cite(tender, "receipt"),
            last_day=tender.documents_from, action=gettext("Confirm"),
        )  # fmt: skip
    if not actor.may("tender:open"):
        return
    if standing in (Stage.BIDDING, Stage.SEALED) and tender.deadline:
        at = may_open_from(tender.deadline, tender.grace_minutes)
        page = "show" if standing is Stage.BIDDING else "opening"
        yield DueItem(
            gettext("Open the technical envelopes"), tender.number, page_url(page, tender), cite(tender, "opening"),
            last_day=local_date(at), at=at, action=gettext("Opening"),
        )  # fmt: skip
    if standing is Stage.PRICE_OPENING:
        yield DueItem(
            gettext("Open the price envelopes"), tender.number, page_url("opening", tender), cite(tender, "opening"),
            waiting=gettext("no fixed day"), action=gettext("Opening"),
        )  # fmt: skip


_MEMBERS_STAGES = (Stage.SEALED, Stage.QUALIFICATION, Stage.CONFORMITY, Stage.SCORING, Stage.EVALUATION)


def of_member(session: Session, actor: Actor, tender: Tender, standing: Stage) -> Iterator[DueItem]:
    """Declaration, conformity, scores, letters and low prices: what waits for this member."""
    seat = next((row for row in committee_of(session, tender.id or 0) if row.user_id == actor.user_id), None)
    if seat is None or standing not in _MEMBERS_STAGES:
        return
    if seat.declared_at is None:
        yield DueItem(
            gettext("Declare whether I have a conflict of interest"), tender.number, page_url("declare", tender),
            "政府采购法实施条例第9条", waiting=gettext("before seeing any bid"), action=gettext("Declare"),
        )  # fmt: skip
    elif standing is Stage.CONFORMITY:
        yield DueItem(
            gettext("Review the conformity"), tender.number, page_url("conformity", tender), cite(tender, "conformity"),
            waiting=gettext("no fixed day"), action=gettext("Open"),
        )  # fmt: skip
    elif standing is Stage.EVALUATION and seat.is_chair and unasked(session, tender):
        yield DueItem(
            gettext("Ask a bidder to confirm its corrected price"), tender.number, page_url("letters", tender),
            cite(tender, "correction"), waiting=gettext("before the evaluation"), action=gettext("Open"),
        )  # fmt: skip
    elif standing is Stage.EVALUATION and seat.is_chair and open_reviews(session, tender):
        yield DueItem(
            gettext("Review a low price"), tender.number, page_url("prices", tender), clause_of(tender),
            waiting=gettext("before the evaluation"), action=gettext("Open"),
        )  # fmt: skip
    elif standing is Stage.SCORING and any(
        row.answered_at is None for row, _score, _bid in own_checks(session, seat, tender)
    ):
        yield DueItem(
            gettext("Give the reason for a departing score"), tender.number, page_url("scoring", tender),
            cite(tender, "objective"), waiting=gettext("before the prices are opened"), action=gettext("Open"),
        )  # fmt: skip
    elif standing is Stage.SCORING and not _all_locked(session, tender, seat.id or 0):
        yield DueItem(
            gettext("Score the bids"), tender.number, page_url("scoring", tender), cite(tender, "scoring"),
            waiting=gettext("no fixed day"), action=gettext("Open"),
        )  # fmt: skip


def _all_locked(session: Session, tender: Tender, member: int) -> bool:
    live = [lot.id for lot in lots_of(session, tender.id or 0) if lot.failed_at is None]
    rows = session.exec(
        select(ScoreSheet.id).where(ScoreSheet.member_id == member, col(ScoreSheet.locked_at).is_not(None))
    ).all()
    return len(rows) >= len(live)
