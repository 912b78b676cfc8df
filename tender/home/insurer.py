"""What an insurer has to do in a tender, with article and last instant."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlmodel import Session

from core.clock import local_date
from core.home import DueItem
from core.identity.actor import Actor
from core.policy.procurement import limits
from core.web.filters import limit_name
from tender.home.shared import page_url
from tender.models import Bid, Tender
from tender.rules.stages import Stage
from tender.services.bidding import last_submission, own_bid, uploaded
from tender.services.clarification import taker
from tender.services.correcting import confirmed, corrigenda
from tender.services.letters import STAGES as LETTER_STAGES
from tender.services.letters import letters_of
from tender.services.low_price import clause_of, reviews
from tender.services.preparation import lots_of
from tender.services.reconfirming import unconfirmed as unconfirmed_changes
from tender.services.stage import cite


def of_insurer(session: Session, actor: Actor, tender: Tender, standing: Stage) -> Iterator[DueItem]:
    """Documents, bid, corrigenda, letters and prices that wait for this insurer."""
    if standing in LETTER_STAGES and actor.may("tender:answer_letter"):
        yield from _letters(session, actor, tender)
    if standing is Stage.EVALUATION and actor.may("tender:explain_price"):
        yield from _asked_prices(session, actor, tender)
    if standing is not Stage.BIDDING or not actor.may("tender:bid") or tender.deadline is None:
        return
    if taker(session, tender.id or 0, actor.organisation_id or 0) is None:
        yield from _documents_to_take(tender)
        return
    yield from _unread_corrigenda(session, actor, tender, tender.deadline)
    if all(own_bid(session, actor, lot.id or 0) is None for lot in lots_of(session, tender.id or 0)):
        yield DueItem(
            gettext("Seal and submit the bid"), tender.number, page_url("bid", tender), cite(tender, "receipt"),
            gettext("Bids close"), local_date(tender.deadline), tender.deadline, action=gettext("Bid"),
        )  # fmt: skip
    for lot in lots_of(session, tender.id or 0):
        bid = own_bid(session, actor, lot.id or 0)
        if unconfirmed_changes(session, bid) and actor.may("tender:submit_bid"):
            yield DueItem(
                gettext("Lot %(number)s changed: reconfirm or replace the bid", number=lot.position), tender.number,
                url_for("tender.reconfirm", tender_id=tender.id, position=lot.position), cite(tender, "change"),
                gettext("Bids close"), local_date(tender.deadline), tender.deadline, action=gettext("Look at it"),
            )  # fmt: skip
        if bid is None or _is_sent(session, bid):
            continue
        yield DueItem(
            gettext("Lot %(number)s: uploaded, NOT submitted", number=lot.position), tender.number,
            url_for("tender.bid", tender_id=tender.id, _anchor=f"lot-{lot.position}"), cite(tender, "receipt"),
            gettext("Bids close"), local_date(tender.deadline), tender.deadline, action=gettext("Submit the bid"),
        )  # fmt: skip


def _documents_to_take(tender: Tender) -> Iterator[DueItem]:
    """For an insurer that has not taken the documents: an open tender, until the last day they are given out."""
    offered = limits(tender.documents_from)["T02"] if tender.documents_from else None
    if offered is not None:
        yield DueItem(
            gettext("Take the tender documents if you mean to bid"), tender.number, page_url("opportunity", tender),
            offered.clause, limit_name(offered.id), tender.documents_until, action=gettext("Take part"),
        )  # fmt: skip


def _asked_prices(session: Session, actor: Actor, tender: Tender) -> Iterator[DueItem]:
    for row in reviews(session, tender):
        bid = session.get_one(Bid, row.bid_id)
        if bid.bidder_id == actor.organisation_id and row.explained_at is None and row.decided_at is None:
            yield DueItem(
                gettext("Explain my price now"), tender.number,
                url_for("tender.explain", tender_id=tender.id, bid_id=bid.id), clause_of(tender),
                gettext("Time for the explanation"), local_date(row.answer_by), row.answer_by,
                action=gettext("Explain"),
            )  # fmt: skip


def _letters(session: Session, actor: Actor, tender: Tender) -> Iterator[DueItem]:
    for row in letters_of(session, tender):
        bid = session.get_one(Bid, row.bid_id)
        if bid.bidder_id == actor.organisation_id and row.answered_at is None:
            yield DueItem(
                gettext("Answer the committee's letter"), tender.number,
                url_for("tender.answer_letter", tender_id=tender.id, letter_id=row.id), cite(tender, "clarify"),
                gettext("Answer by"), local_date(row.answer_by), row.answer_by, action=gettext("Answer"),
            )  # fmt: skip


def _unread_corrigenda(session: Session, actor: Actor, tender: Tender, deadline: datetime) -> Iterator[DueItem]:
    for number, notice in enumerate(corrigenda(session, tender.id or 0), 1):
        if not confirmed(session, notice, actor.organisation_id or 0):
            yield DueItem(
                gettext("Read and confirm corrigendum %(number)s", number=number), tender.number,
                url_for("tender.opportunity", tender_id=tender.id, _anchor="corrigenda"),
                cite(tender, "clarification"), gettext("Bids close"), local_date(deadline), deadline,
                action=gettext("Read it"),
            )  # fmt: skip


def _is_sent(session: Session, bid: Bid) -> bool:
    last = last_submission(session, bid)
    if last is None or bid.withdrawn_at is not None:
        return False
    return {row.id for row in uploaded(session, bid).values()} <= {last.technical_id, last.price_id}
