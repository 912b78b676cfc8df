"""Pages of two-person approvals: what waits, what it will do, and the second person's decision."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import Session
from werkzeug.wrappers import Response

from core.errors import N_, NotFound
from core.identity import approvals, labels
from core.identity.forms import DecisionForm
from core.identity.models import Approval, Organisation, User
from core.identity.services import ShownOnce
from core.web import Column, Filter, Table, actor, allow, clock, listing, session
from core.web.filters import moment

bp = Blueprint("approvals", __name__, url_prefix="/approvals")


@bp.get("")
@allow("approval:view")
def index() -> Response | str:
    """Requests this person asked for or can decide, the waiting ones first."""
    columns = [
        Column("summary", lazy_gettext("What will happen"), value=labels.summary, link=_url),
        Column("asker", lazy_gettext("Asked by"), value=lambda row: name_of(row.requested_by), sort=True),
        Column("requested_at", lazy_gettext("Asked at"), "moment", sort=True),
        Column("decider", lazy_gettext("Decided by"), value=lambda row: name_of(row.decided_by)),
        Column("state", lazy_gettext("State"), "chip", value=lambda row: labels.DECISIONS[row.decision], when=True),
    ]
    states = [("open", gettext("Waiting")), ("mine", gettext("Waiting for me")), ("decided", gettext("Decided"))]
    requests = approvals.visible_to(session(), actor())
    table = Table(
        requests,
        columns,
        caption=gettext("Requests for approval"),
        filters=[Filter("state", gettext("State"), states, _is)],
        search=lambda row: f"{labels.summary(row)} {name_of(row.requested_by)}",
        empty=gettext("Nothing waits for a second person"),
        filename="approvals",
    )
    waiting = sum(approvals.may_decide(session(), actor(), row) for row in requests if row.decided_at is None)
    return listing("identity/approvals.html", table, waiting=waiting)


@bp.get("/<int:approval_id>")
@allow("approval:view")
def show(approval_id: int) -> str:
    """One request: what will happen, who asked, who may decide."""
    return _page(_visible(approval_id), DecisionForm())


@bp.post("/<int:approval_id>/approve")
@allow("approval:view", fresh=True)
def approve(approval_id: int) -> Any:
    """Approve; the act is executed at once."""
    return _decide(
        approval_id,
        lambda session, _form: approvals.approve(session, actor(), clock(), approval_id),
        gettext("Approved and executed."),
    )


@bp.post("/<int:approval_id>/reject")
@allow("approval:view")
def reject(approval_id: int) -> Any:
    """Reject, with a reason."""
    return _decide(
        approval_id,
        lambda session, form: approvals.reject(session, actor(), clock(), approval_id, form.reason.data or ""),
        gettext("Rejected. The person who asked sees the reason."),
    )


@bp.post("/<int:approval_id>/withdraw")
@allow("approval:view")
def withdraw(approval_id: int) -> Any:
    """Take back one's own request."""
    return _decide(
        approval_id,
        lambda session, form: approvals.withdraw(session, actor(), clock(), approval_id, form.reason.data or ""),
        gettext("The request is withdrawn."),
    )


def _decide(approval_id: int, verb: Callable[[Session, DecisionForm], Any], message: str) -> Any:
    _visible(approval_id)
    form = DecisionForm()

    def then(result: Any) -> str:
        if isinstance(result, ShownOnce):
            flash(gettext(result.message, **result.params), "warning")
        return url_for("approvals.show", approval_id=approval_id)

    done = form.save(lambda session: verb(session, form), then, message)
    return done or (_page(_visible(approval_id), form), form.status)


def _page(approval: Approval, form: DecisionForm) -> str:
    return render_template(
        "identity/approval.html",
        approval=approval,
        summary=labels.summary(approval),
        state=labels.DECISIONS[approval.decision],
        asker=name_of(approval.requested_by),
        asker_organisation=session().get_one(Organisation, approval.organisation_id).name,
        decider=name_of(approval.decided_by),
        keys=two_keys(approval),
        subject_url=labels.subject_url(approval),
        may_decide=approvals.may_decide(session(), actor(), approval),
        own=approval.requested_by == actor().user_id,
        form=form,
    )


def two_keys(approval: Approval | None) -> dict[str, Any]:
    """What the `two_keys` macro draws for a request: first and second step as (headline, note), and how many are done.

    For pages of other rooms: `two_keys(**keys)`; None (nobody has asked yet) gives two empty boxes.
    """
    if approval is None or (approval.decision is not None and approval.decision.value != "approved"):
        first = (gettext("First person asks"), gettext("Nobody has asked yet"))
        return {"first": first, "second": (gettext("Second person approves"), ""), "done": 0}
    first = (gettext("Asked by %(name)s", name=name_of(approval.requested_by)), moment(approval.requested_at))
    if approval.decided_at is None:
        second = (gettext("Second person approves"), gettext("anybody but the first"))
        return {"first": first, "second": second, "done": 1}
    second = (gettext("Approved by %(name)s", name=name_of(approval.decided_by)), moment(approval.decided_at))
    return {"first": first, "second": second, "done": 2}


def name_of(user_id: int | None) -> str | None:
    """The name of a person, or None for nobody."""
    return session().get_one(User, user_id).name if user_id else None


def _visible(approval_id: int) -> Approval:
    approval = session().get(Approval, approval_id)
    if approval is None or not approvals.may_see(session(), actor(), approval):
        raise NotFound(N_("There is no such request"))
    return approval


def _url(approval: Approval) -> str:
    return url_for("approvals.show", approval_id=approval.id)


def _is(state: str) -> Callable[[Approval], bool]:
    return {
        "open": lambda row: row.decided_at is None,
        "mine": lambda row: row.decided_at is None and approvals.may_decide(session(), actor(), row),
        "decided": lambda row: row.decided_at is not None,
    }[state]
