"""Organisations and accounts: made, disabled, given a new password; a lost access is restored by two administrators."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity import approvals, passwords
from core.identity.actor import SYSTEM, Actor, require, roles_of_kind
from core.identity.models import Approval, Organisation, OrganisationKind, RoleGrant, User, UserSession


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """What an executed approval tells the approving person once and nobody stores: message id and parameters."""

    message: str
    params: dict[str, str]


def create_organisation(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    kind: OrganisationKind | str,
    name: str,
    short_name: str = "",
    english_name: str = "",
    credit_code: str = "",
    area: str = "",
    parent_id: int | None = None,
    demonstration: bool = False,
) -> Organisation:
    """Add an organisation. Raises Invalid for an empty or taken name, or an unknown kind."""
    require(actor, "identity:manage_users")
    now = clock.now()
    if not name.strip():
        raise Invalid(N_("An organisation needs a name"), field="name")
    if session.scalar(select(col(Organisation.id)).where(col(Organisation.name) == name.strip())):
        raise Invalid(N_("There is already an organisation of this name: %(name)s"), field="name", name=name.strip())
    try:
        kind = OrganisationKind(kind)
    except ValueError:
        raise Invalid(N_("Unknown kind of organisation: %(kind)s"), field="kind", kind=str(kind)) from None
    organisation = Organisation(
        kind=kind,
        name=name.strip(),
        short_name=short_name.strip() or name.strip()[:40],
        english_name=english_name,
        credit_code=credit_code,
        area=area,
        parent_id=parent_id,
        demonstration=demonstration,
        created_at=now,
    )
    session.add(organisation)
    audit.record(session, now, actor, "identity:organisation:create", organisation, kind=kind.value)
    return organisation


def create_user(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    login: str,
    name: str,
    organisation_id: int,
    password: str,
    roles: Iterable[str] = (),
) -> User:
    """Add an account. Raises Invalid for a taken login name, a weak password, or a role its organisation cannot hold.

    `roles` may be given here only by the system, for a demonstration organisation or while the house is being founded
    (fewer than two security administrators); afterwards a role needs two people (`request_role`).
    """
    require(actor, "identity:manage_users")
    now = clock.now()
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise Invalid(N_("There is no such organisation"), field="organisation_id")
    login = login.strip().lower()
    if not login or not name.strip():
        raise Invalid(N_("An account needs a login name and a name"), field="login" if not login else "name")
    if session.scalar(select(col(User.id)).where(col(User.login) == login)):
        raise Invalid(N_("This login name is taken"), field="login")
    if not organisation.demonstration:
        passwords.check_strength(password, login, name, organisation.name, organisation.short_name)
    user = User(
        login=login,
        name=name.strip(),
        organisation_id=organisation_id,
        password=passwords.hash_password(password, demonstration=organisation.demonstration),
        # Whoever made the account knows this password, so the person replaces it before anything else.
        password_expired_at=None if organisation.demonstration or actor == SYSTEM else now,
        fs_uniquifier=secrets.token_hex(32),
        created_at=now,
    )
    session.add(user)
    session.flush()
    roles = sorted(set(roles))
    _found_with_roles(session, actor, organisation, roles)
    session.add_all(RoleGrant(user_id=user.id or 0, role=role, granted_at=now) for role in roles)
    audit.record(session, now, actor, "identity:user:create", user, organisation=organisation_id, roles=roles)
    return user


def _found_with_roles(session: Session, actor: Actor, organisation: Organisation, roles: list[str]) -> None:
    if not roles:
        return
    if actor != SYSTEM or not (organisation.demonstration or count_security_admins(session) < 2):
        raise Refused(N_("A role needs two people: ask for it and let another security administrator approve"))
    for role in roles:
        if role not in roles_of_kind(organisation.kind.value):
            raise Invalid(N_("People of this organisation cannot hold the role %(role)s"), field="roles", role=role)


def count_security_admins(session: Session) -> int:
    """How many people can grant roles now: active accounts with the role in force."""
    query = select(func.count(col(User.id))).join(RoleGrant, col(RoleGrant.user_id) == col(User.id))
    in_force = (col(RoleGrant.revoked_at).is_(None), col(User.disabled_at).is_(None))
    return session.scalar(query.where(col(RoleGrant.role) == "security_admin", *in_force)) or 0


def find_user(session: Session, login: str) -> User:
    """The account with this login name. Raises NotFound."""
    user = session.scalars(select(User).where(col(User.login) == login.strip().lower())).one_or_none()
    if user is None:
        raise NotFound(N_("There is no account with this login name"))
    return user


def disable_user(session: Session, actor: Actor, clock: Clock, user_id: int) -> User:
    """Close an account at once: its next request is refused, its sessions are ended. Nothing is deleted."""
    require(actor, "identity:manage_users")
    now = clock.now()
    user = _locked_user(session, user_id)
    if user.id == actor.user_id:
        raise Refused(N_("You cannot disable your own account"))
    if user.disabled_at is not None:
        raise Refused(N_("This account is already disabled"))
    user.disabled_at = now
    _end_all_sessions(session, user, now)
    audit.record(session, now, actor, "identity:user:disable", user)
    return user


def enable_user(session: Session, actor: Actor, clock: Clock, user_id: int) -> User:
    """Open a disabled account again, with the roles it still holds."""
    require(actor, "identity:manage_users")
    now = clock.now()
    user = _locked_user(session, user_id)
    if user.disabled_at is None:
        raise Refused(N_("This account is not disabled"))
    user.disabled_at = None
    audit.record(session, now, actor, "identity:user:enable", user)
    return user


def change_password(session: Session, actor: Actor, clock: Clock, current: str, new: str) -> User:
    """Change one's own password; ends every session of the account, the caller's included.

    Raises Invalid (field 'current' or 'password') if the current one is wrong or the new one weak or the same.
    """
    require(actor, "identity:own_account")
    now = clock.now()
    user = _locked_user(session, actor.user_id)
    if not passwords.verify(user.password, current):
        raise Invalid(N_("This is not your current password"), field="current")
    if passwords.normalise(current) == passwords.normalise(new):
        raise Invalid(N_("The new password must differ from the current one"), field="password")
    passwords.check_strength(new, user.login, user.name, user.organisation.name, user.organisation.short_name)
    _set_password(session, user, new, now)
    user.password_expired_at = None
    audit.record(session, now, actor, "identity:user:change_password", user)
    return user


def request_access_reset(session: Session, actor: Actor, clock: Clock, user_id: int) -> Approval:
    """Ask a second administrator to restore an account whose password or second factor is lost.

    On approval the person gets a one-time password, the second factor is removed and every session ended.
    """
    user = _locked_user(session, user_id)
    return approvals.request(
        session,
        actor,
        clock,
        "identity.reset_access",
        user,
        message=N_("Restore the access of %(name)s (%(organisation)s): a one-time password, no second factor"),
        params={"name": user.name, "organisation": user.organisation.name},
    )


@approvals.executor("identity.reset_access", permission="identity:reset_access", page=("identity.user", "user_id"))
def reset_access(session: Session, actor: Actor, clock: Clock, approval: Approval) -> ShownOnce:
    """Executor: a new one-time password, told once to the approving administrator, who hands it over in person."""
    now = clock.now()
    user = _locked_user(session, int(approval.subject_id))
    if user.id == actor.user_id:
        raise Refused(N_("You cannot approve the reset of your own account"))
    one_time = "-".join(secrets.token_hex(2) for _ in range(4))
    _set_password(session, user, one_time, now)
    user.password_expired_at = now
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    audit.record(session, now, actor, "identity:user:reset_access", user)
    return ShownOnce(N_("One-time password for %(name)s: %(password)s"), {"name": user.name, "password": one_time})


def _set_password(session: Session, user: User, password: str, now: datetime) -> None:
    user.password = passwords.hash_password(password, demonstration=user.organisation.demonstration)
    user.fs_uniquifier = secrets.token_hex(32)
    _end_all_sessions(session, user, now)


def _end_all_sessions(session: Session, user: User, now: datetime) -> None:
    live = (col(UserSession.user_id) == user.id, col(UserSession.ended_at).is_(None))
    for row in session.scalars(select(UserSession).where(*live)):
        row.ended_at = now


def _locked_user(session: Session, user_id: int) -> User:
    user: User | None = locked(session, User, user_id)
    if user is None:
        raise NotFound(N_("There is no such account"))
    return user
