"""What identity puts on the desk: requests that wait for a second person, and the way to the accounts."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlmodel import Session

from core.home.items import DueItem, Panel, PanelRow
from core.identity import approvals, labels
from core.identity.actor import Actor
from core.web import Action
from core.web.filters import moment

#: A panel shows the newest few; the list has them all.
SHOWN = 5


def due(session: Session, actor: Actor, now: datetime) -> list[DueItem]:
    """What others asked for and this person may approve; no law gives it a day, whoever asked waits for it."""
    if not actor.may("approval:view"):
        return []
    return [
        DueItem(
            gettext("Approve or reject"),
            labels.summary(row),
            url_for("approvals.show", approval_id=row.id),
            waiting=gettext("asked for on %(moment)s", moment=moment(row.requested_at)),
            action=gettext("Decide"),
        )
        for row in approvals.visible_to(session, actor, waiting=True)
        if approvals.may_decide(session, actor, row)
    ]


def panels(session: Session, actor: Actor, now: datetime) -> list[Panel]:
    """Requests that wait: for this person's decision, or asked for by this person."""
    if not actor.may("approval:view"):
        return []
    waiting = approvals.visible_to(session, actor, waiting=True)
    rows = tuple(
        PanelRow(
            labels.summary(row),
            url_for("approvals.show", approval_id=row.id),
            note=moment(row.requested_at),
            chip=labels.for_me() if approvals.may_decide(session, actor, row) else labels.DECISIONS[None],
        )
        for row in waiting[:SHOWN]
    )
    empty = gettext("Nothing waits for a second person")
    return [Panel(gettext("Approvals"), rows, empty, url_for("approvals.index"))]


def acts(session: Session, actor: Actor, now: datetime) -> list[Action]:
    """For administrators: the accounts."""
    return [Action(gettext("Accounts"), url_for("identity.users"))] if actor.may("identity:view_users") else []
