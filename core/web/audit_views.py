"""The audit log for those who watch: what happened, by whom, to what, and whether the chain holds."""

from flask import Blueprint, render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, func, select
from sqlmodel import col
from werkzeug.wrappers import Response

from core import audit
from core.audit import AuditEvent, AuditHead
from core.errors import N_, NotFound
from core.identity.models import User
from core.web.access import allow
from core.web.context import now, session
from core.web.tables import Action, Column, Filter, Table, listing

bp = Blueprint("audit", __name__, url_prefix="/audit")

#: Beyond this many faults a chain is simply broken; the page names the first ones.
FAULTS_SHOWN = 100


@bp.get("/")
@allow("audit:view")
def index() -> Response | str:
    """Every event, newest first."""
    names = _names()
    columns = [
        Column("position", lazy_gettext("Position"), "number", sort=AuditEvent.position),
        Column("at", lazy_gettext("Time"), "moment", sort=AuditEvent.at, when=True),
        Column("actor_id", lazy_gettext("Who"), value=lambda event: names.get(event.actor_id, f"#{event.actor_id}")),
        Column("action", lazy_gettext("Action"), "code", sort=AuditEvent.action),
        Column("object_type", lazy_gettext("On what"), value=lambda event: f"{event.object_type} {event.object_id}"),
        Column("hash", lazy_gettext("Hash"), "code", value=lambda event: event.hash.hex()[:16]),
    ]
    table = Table(
        select(AuditEvent),
        columns,
        caption=lazy_gettext("Audit events"),
        search=[AuditEvent.action, AuditEvent.object_type, AuditEvent.object_id],
        search_label=lazy_gettext("Action or object"),
        filters=[Filter("room", lazy_gettext("Area of work"), _rooms(), _in_room)],
        order=[col(AuditEvent.position).desc()],
        action=lambda event: Action(lazy_gettext("Open"), url_for(".event", position=event.position)),
        empty=lazy_gettext("Nothing has been recorded yet"),
        filename="audit",
    )
    return listing("audit/index.html", table, head=session().get(AuditHead, 1))


@bp.get("/events/<int:position>")
@allow("audit:view")
def event(position: int) -> str:
    """One event with all it holds."""
    found = session().get(AuditEvent, position)
    if found is None:
        raise NotFound(N_("There is no event %(position)s"), position=position)
    return render_template("audit/event.html", event=found, who=_names().get(found.actor_id, f"#{found.actor_id}"))


@bp.get("/verification")
@allow("audit:view")
def verification() -> str:
    """Walk the whole chain now and say whether it holds."""
    faults = []
    for fault in audit.verify(session()):
        faults.append(fault)
        if len(faults) == FAULTS_SHOWN:
            break
    size = session().scalar(select(func.count()).select_from(AuditEvent))
    return render_template(
        "audit/verification.html", said=_said, faults=faults, size=size, at=now(), head=session().get(AuditHead, 1)
    )


def _said(fault: audit.Fault) -> str:
    return gettext(fault.message, **fault.params)


def _in_room(room: str) -> ColumnElement[bool]:
    return col(AuditEvent.action).startswith(f"{room}:")


def _names() -> dict[int, str]:
    """The acting people by number; the log itself holds no name."""
    people = session().execute(select(col(User.id), col(User.name)))
    return {0: gettext("the system"), **{number: name for number, name in people if number is not None}}


def _rooms() -> list[tuple[str, str]]:
    return [
        ("identity", gettext("Accounts")),
        ("approval", gettext("Approvals")),
        ("tender", gettext("Tenders")),
        ("contracts", gettext("Agreements and contracts")),
        ("settlement", gettext("Figures and settlement")),
        ("disclosure", gettext("Disclosure and filing")),
    ]
