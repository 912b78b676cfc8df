"""What the tender room puts on the desks: limits with article and last day, what cannot go on, and what to do next."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import Session, col, select

from core.home import BlockedItem, DueItem, Urgent
from core.identity import approvals
from core.identity.actor import Actor
from core.web import Action
from core.web.filters import moment
from tender.home.department import of_department, refunds_due, released_due
from tender.home.insurer import of_insurer
from tender.home.people import of_member, of_officer, of_supervisor
from tender.home.shared import page_url
from tender.models import Tender
from tender.rules.publication import blocking
from tender.rules.stages import Stage
from tender.services import stage_of
from tender.services.keys import officer_key_of
from tender.services.publication import publication_checks
from tender.services.warning import unsent_bids


def due(session: Session, actor: Actor, now: datetime) -> list[DueItem]:
    """What this person has to do in every live tender."""
    found: list[DueItem] = []
    for tender in _live(session):
        standing = stage_of(tender, now)
        if actor.is_insurer:
            found += of_insurer(session, actor, tender, standing)
            continue
        if actor.may("tender:refund_security"):  # finance may sit in an office of its own
            found += refunds_due(session, tender)
            found += released_due(session, tender)
        if actor.organisation_id == tender.purchaser_id:
            found += of_department(session, actor, tender, standing)
        found += of_officer(session, actor, tender, standing)
        found += of_supervisor(session, actor, tender)
        found += of_member(session, actor, tender, standing)
    return found


def urgent(session: Session, actor: Actor, now: datetime) -> list[Urgent]:
    """For a bidder, on every page: files that are uploaded and not submitted."""
    if not actor.is_insurer or not actor.may("tender:bid"):
        return []
    return [
        Urgent(
            gettext(
                "%(tender)s, lot %(lot)s: uploaded but NOT submitted. Bidding closes at %(deadline)s.",
                tender=entry.tender.number, lot=entry.lot.position, deadline=moment(entry.tender.deadline),
            ),
            url_for("tender.bid", tender_id=entry.tender.id, _anchor=f"lot-{entry.lot.position}"),
            gettext("Submit the bid"),
        )
        for entry in unsent_bids(session, now, actor.organisation_id)
    ]  # fmt: skip


def _live(session: Session) -> Iterator[Tender]:
    rows = select(Tender).order_by(col(Tender.id).desc()).limit(50)
    yield from session.exec(rows)


#: Acts of the room that wait for a second person, and the page that shows each.
TWO_PERSON_ACTS = (
    ("tender.publish", "show"), ("tender.award", "winners"), ("tender.fail", "show"), ("tender.correct", "show"),
    ("tender.cancel", "show"), ("tender.decision", "fallback"), ("tender.replace", "winners"),
)  # fmt: skip


def blocked(session: Session, actor: Actor, now: datetime) -> list[BlockedItem]:
    """What cannot go on: a preparation that a check blocks, an act that waits for a second person."""
    found: list[BlockedItem] = []
    if not actor.may("tender:publish"):
        return found
    for tender in _live(session):
        if actor.organisation_id != tender.purchaser_id:
            continue
        standing = stage_of(tender, now)
        if standing is Stage.PREPARATION and actor.may("tender:prepare"):
            found += [_blocked_check(session, tender)] if blocking(publication_checks(session, tender)) else []
        for kind, page in TWO_PERSON_ACTS:
            if approvals.pending(session, kind, tender):
                why = gettext("Waits for a second person")
                found.append(BlockedItem(tender.title, tender.number, why, page_url(page, tender), gettext("Open")))
    return found


def _blocked_check(session: Session, tender: Tender) -> BlockedItem:
    first, *rest = blocking(publication_checks(session, tender))
    why = gettext(first.why, **first.params)
    if rest:
        why = gettext("%(why)s (and %(more)s more)", why=why, more=len(rest))
    url = url_for("tender.show", tender_id=tender.id, _anchor="checks")
    return BlockedItem(tender.title, tender.number, why, url, gettext("See the checks"), first.clause or None)


def acts(session: Session, actor: Actor, now: datetime) -> list[Action]:
    """The buttons above the desk: a new tender; an officer's own key while there is none."""
    found = []
    if actor.may("tender:prepare"):
        found.append(Action(lazy_gettext("New tender"), url_for("tender.new")))
    if actor.may("tender:confirm_key"):
        primary = officer_key_of(session, actor.user_id) is None
        found.append(Action(lazy_gettext("My opening key"), url_for("tender.my_key"), primary=primary))
    return found
