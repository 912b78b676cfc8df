"""Administration of accounts: the list, one account, new ones, roles by two people, lost access by two people."""

from collections.abc import Callable
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, select
from sqlmodel import col
from werkzeug.wrappers import Response

from core.errors import N_, NotFound
from core.identity import approvals, labels, services
from core.identity.actor import roles_of_kind
from core.identity.forms import NewUserForm, RoleForm
from core.identity.models import Approval, Organisation, RoleGrant, User
from core.identity.rules import clashing_roles
from core.identity.views import bp
from core.web import Chip, Column, Filter, Table, actor, allow, clock, listing, perform, session

_STATES = {True: Chip("ok", lazy_gettext("Active")), False: Chip("stop", lazy_gettext("Disabled"))}


@bp.get("/users")
@allow("identity:view_users")
def users() -> Response | str:
    """Everyone with an account."""
    columns = [
        Column("name", lazy_gettext("Name"), sort=col(User.name), link=_url),
        Column("login", lazy_gettext("Login name"), "code", sort=col(User.login)),
        Column("office", lazy_gettext("Organisation"), value=_office, sort=col(Organisation.name)),
        Column("roles", lazy_gettext("Roles"), value=lambda row: labels.role_names(row.role_names)),
        Column("factor", lazy_gettext("Second factor"), value=lambda row: _yes(bool(row.tf_totp_secret))),
        Column("created_at", lazy_gettext("Since"), "day", sort=col(User.created_at)),
        Column("state", lazy_gettext("State"), "chip", value=lambda row: _STATES[row.active], when=True),
    ]
    table = Table(
        select(User).join(Organisation, col(Organisation.id) == col(User.organisation_id)),
        columns,
        caption=gettext("Accounts"),
        filters=[
            Filter("kind", gettext("Kind of organisation"), list(labels.KINDS.items()), col(Organisation.kind).__eq__),
            Filter("role", gettext("Role"), list(labels.ROLES.items()), _holds),
            Filter("state", gettext("State"), [("active", _STATES[True].word), ("disabled", _STATES[False].word)], _is),
        ],
        search=[col(User.name), col(User.login), col(Organisation.name)],
        search_label=gettext("Name, login name or organisation"),
        order=[col(Organisation.name), col(User.id)],
        filename="accounts",
    )
    return listing("identity/users.html", table)


@bp.route("/users/new", methods=["GET", "POST"])
@allow("identity:manage_users")
def new_user() -> str | Response | tuple:
    """Add an account."""
    form = NewUserForm()
    rows = session().scalars(select(Organisation).order_by(col(Organisation.kind), col(Organisation.name)))
    form.organisation_id.choices = [(row.id, row.name) for row in rows]
    done = form.save(
        lambda session: services.create_user(
            session,
            actor(),
            clock(),
            login=form.login.data or "",
            name=form.name.data or "",
            organisation_id=form.organisation_id.data,
            password=form.password.data or "",
        ),
        then=lambda user: url_for("identity.user", user_id=user.id),
        message=gettext("The account is made. Its roles are given by two security administrators."),
    )
    return done or (render_template("identity/new-user.html", form=form), form.status)


@bp.route("/users/<int:user_id>", methods=["GET"])
@allow("identity:view_users")
def user(user_id: int) -> str:
    """One account: facts, roles with who gave them, requests that wait."""
    return _user_page(user_id, _role_form(_person(user_id)))


@bp.post("/users/<int:user_id>/roles")
@allow("identity:grant_roles", fresh=True)
def request_role(user_id: int) -> str | Response | tuple:
    """Ask for a role; a second security administrator approves."""
    form = _role_form(_person(user_id))
    done = form.save(
        lambda session: services.request_role(session, actor(), clock(), user_id, form.role.data),
        then=lambda _approval: url_for("identity.user", user_id=user_id),
        message=gettext("Asked for. The role is in force once a second security administrator approves."),
    )
    return done or (_user_page(user_id, form), form.status)


@bp.post("/users/<int:user_id>/roles/<role>/revoke")
@allow("identity:grant_roles", fresh=True)
def revoke_role(user_id: int, role: str) -> Response:
    """Take a role away at once."""
    return _act(services.revoke_role, user_id, role, message=gettext("The role is taken away."))


@bp.post("/users/<int:user_id>/disable")
@allow("identity:manage_users", fresh=True)
def disable_user(user_id: int) -> Response:
    """Close the account at once."""
    return _act(services.disable_user, user_id, message=gettext("The account is disabled."))


@bp.post("/users/<int:user_id>/enable")
@allow("identity:manage_users", fresh=True)
def enable_user(user_id: int) -> Response:
    """Open the account again."""
    return _act(services.enable_user, user_id, message=gettext("The account is open again."))


@bp.post("/users/<int:user_id>/reset")
@allow("identity:reset_access", fresh=True)
def request_access_reset(user_id: int) -> Response:
    """Ask a second administrator to restore a lost access."""
    message = gettext("Asked for. A second administrator approves and gets the one-time password to hand over.")
    return _act(services.request_access_reset, user_id, message=message)


def _act(service: Callable[..., Any], user_id: int, *args: Any, message: str) -> Response:
    return perform(
        lambda session: service(session, actor(), clock(), user_id, *args),
        then=lambda _result: url_for("identity.user", user_id=user_id),
        message=message,
    )


def _user_page(user_id: int, form: RoleForm) -> str:
    person = _person(user_id)
    ours = col(Approval.kind).in_(("identity.grant_role", "identity.reset_access"))
    undecided = select(Approval).where(ours, col(Approval.decided_at).is_(None))
    waiting = [row for row in session().scalars(undecided) if _concerns(row, user_id)]
    return render_template(
        "identity/user.html",
        person=person,
        form=form,
        state=_STATES[person.active],
        kinds=labels.KINDS,
        roles=labels.ROLES,
        grants=sorted(person.grants, key=lambda grant: (grant.revoked_at is not None, grant.id)),
        names=_names(person.grants),
        waiting=[(row, labels.summary(row)) for row in waiting if approvals.may_see(session(), actor(), row)],
    )


def _concerns(approval: Approval, user_id: int) -> bool:
    return approval.payload.get("user") == user_id or approval.subject_id == str(user_id)


def _names(grants: list[RoleGrant]) -> dict[int, str]:
    """The names of the people who asked for, approved or ended these grants."""
    ids = {key for grant in grants for key in (grant.granted_by, grant.approved_by, grant.revoked_by) if key}
    return {key: session().get_one(User, key).name for key in ids}


def _person(user_id: int) -> User:
    person = session().get(User, user_id)
    if person is None:
        raise NotFound(N_("There is no such account"))
    return person


def _role_form(person: User) -> RoleForm:
    form = RoleForm()
    held = person.role_names
    possible = roles_of_kind(person.organisation.kind.value) - held
    open_roles = {role for role in possible if not clashing_roles(held, role)}
    form.role.choices = [(role, label) for role, label in labels.ROLES.items() if role in open_roles]
    return form


def _url(row: User) -> str:
    return url_for("identity.user", user_id=row.id)


def _office(row: User) -> str:
    return row.organisation.name


def _holds(role: str) -> ColumnElement[bool]:
    return col(User.grants).any((col(RoleGrant.role) == role) & col(RoleGrant.revoked_at).is_(None))


def _is(state: str) -> ColumnElement[bool]:
    return col(User.disabled_at).is_(None) if state == "active" else col(User.disabled_at).is_not(None)


def _yes(value: bool) -> str:
    return gettext("set up") if value else gettext("none")
