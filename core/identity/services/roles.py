"""Roles: asked for by one security administrator, granted by another; taken away by one at once."""

from sqlmodel import Session

from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity import approvals
from core.identity.actor import Actor, require, roles_of_kind
from core.identity.models import Approval, RoleGrant, User
from core.identity.rules import clashing_roles


def request_role(session: Session, actor: Actor, clock: Clock, user_id: int, role: str) -> Approval:
    """Ask for a role for a person; another security administrator grants it by approving.

    Raises Invalid if the person's organisation cannot hold the role or an administration role excludes it,
    Refused if the person holds it already or the request waits already.
    """
    user = _user(session, user_id)
    _check(user, role)
    return approvals.request(
        session,
        actor,
        clock,
        "identity.grant_role",
        ("role_grant", f"{user.id}:{role}"),
        message=N_("Give %(name)s (%(organisation)s) the role %(role)s"),
        params={"name": user.name, "organisation": user.organisation.name, "role": role},
        payload={"user": user.id, "role": role},
    )


@approvals.executor(
    "identity.grant_role", permission="identity:approve_roles", request_permission="identity:grant_roles"
)
def grant_role(session: Session, actor: Actor, clock: Clock, approval: Approval) -> RoleGrant:
    """Executor: the role is in force from the person's next request. Nobody grants a role to themselves."""
    now = clock.now()
    user, role = _user(session, approval.payload["user"]), approval.payload["role"]
    _check(user, role)
    if actor.user_id == user.id:
        raise Refused(N_("You cannot approve a role for yourself"))
    grant = RoleGrant(
        user_id=user.id or 0, role=role, granted_by=approval.requested_by, approved_by=actor.user_id, granted_at=now
    )
    session.add(grant)
    audit.record(session, now, actor, "identity:role:grant", grant, user=user.id, role=role)
    return grant


def revoke_role(session: Session, actor: Actor, clock: Clock, user_id: int, role: str) -> RoleGrant:
    """Take a role away at once; one administrator is enough, because it binds nobody else. Raises NotFound."""
    require(actor, "identity:grant_roles")
    user = _user(session, user_id)
    grant = next((row for row in user.roles if row.role == role), None)
    if grant is None:
        raise NotFound(N_("This person does not hold the role %(role)s"), role=role)
    now = clock.now()
    grant.revoked_at, grant.revoked_by = now, actor.user_id or None
    audit.record(session, now, actor, "identity:role:revoke", grant, user=user.id, role=role)
    return grant


def _user(session: Session, user_id: int) -> User:
    user: User | None = locked(session, User, user_id)
    if user is None:
        raise NotFound(N_("There is no such account"))
    session.refresh(user, ["grants"])
    return user


def _check(user: User, role: str) -> None:
    if role not in roles_of_kind(user.organisation.kind.value):
        raise Invalid(N_("People of this organisation cannot hold the role %(role)s"), field="role", role=role)
    if role in user.role_names:
        raise Refused(N_("This person already holds the role %(role)s"), role=role)
    clash = sorted(clashing_roles(user.role_names, role))
    if clash:
        raise Invalid(
            N_("System, security and audit administration exclude each other; this person holds %(held)s"),
            clause="GB/T 22239-2019 8.1.4",
            field="role",
            held=", ".join(clash),
        )
