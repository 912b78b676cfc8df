"""The words of identity on a page: roles, kinds of organisation, and what a request for approval says."""

from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext

from core.identity.actor import Actor
from core.identity.approvals import executor_of
from core.identity.models import Approval, Decision, OrganisationKind
from core.web.tables import Chip

ROLES = {
    "handler": lazy_gettext("Handler"),
    "approver": lazy_gettext("Approver"),
    "opening_officer": lazy_gettext("Opening officer"),
    "recovery_holder": lazy_gettext("Recovery holder"),
    "expert": lazy_gettext("Evaluation expert"),
    "finance": lazy_gettext("Finance"),
    "supervisor": lazy_gettext("Supervisor"),
    "insurer_preparer": lazy_gettext("Insurer's preparer"),
    "insurer_signer": lazy_gettext("Insurer's signer"),
    "system_admin": lazy_gettext("System administrator"),
    "security_admin": lazy_gettext("Security administrator"),
    "audit_admin": lazy_gettext("Audit administrator"),
}

KINDS = {
    OrganisationKind.DEPARTMENT: lazy_gettext("Department"),
    OrganisationKind.AGENCY: lazy_gettext("Handling agency"),
    OrganisationKind.FINANCE: lazy_gettext("Finance authority"),
    OrganisationKind.SUPERVISION: lazy_gettext("Supervising authority"),
    OrganisationKind.INSURER: lazy_gettext("Insurer"),
    OrganisationKind.EXPERT_POOL: lazy_gettext("Expert pool"),
    OrganisationKind.PUBLIC: lazy_gettext("Public"),
}

DECISIONS = {
    None: Chip("wait", lazy_gettext("Waits for a second person")),
    Decision.APPROVED: Chip("ok", lazy_gettext("Approved")),
    Decision.REJECTED: Chip("stop", lazy_gettext("Rejected")),
    Decision.WITHDRAWN: Chip("", lazy_gettext("Withdrawn")),
}


def for_me() -> Chip:
    """The mark of a request that this person can decide on."""
    return Chip("run", lazy_gettext("Waiting for me"))


def role_names(roles: frozenset[str]) -> str:
    """The roles in words, in the order of the permission matrix."""
    return gettext(", ").join(str(ROLES[role]) for role in ROLES if role in roles)


def who_note(actor: Actor) -> str:
    """What stands beside a person's name in the bar."""
    return role_names(actor.roles)


def summary(approval: Approval) -> str:
    """What will happen on approval, in the reader's language."""
    params: dict[str, Any] = dict(approval.summary["params"])
    if params.get("role") in ROLES:
        params["role"] = ROLES[params["role"]]
    words: str = approval.summary["message"]
    return gettext(words, **params)


def subject_url(approval: Approval) -> str | None:
    """The page of what the request is about, or None where it has none."""
    page = executor_of(approval.kind).page
    if page is None:
        return None
    endpoint, argument = page
    values: dict[str, Any] = {argument: approval.subject_id}
    return url_for(endpoint, **values)
