"""Two people for what binds others: one asks, another approves, and the act is executed in the approval's transaction.

A room registers what happens on approval, once, beside its services:

    @executor("tender.publish", permission="tender:publish")
    def publish(session, actor, clock, approval): ...

and calls `request(...)` where the first person acts. The executor runs as the person who approves, after the lock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.models import Approval, Decision, Organisation, OrganisationKind

Execute = Callable[[Session, Actor, Clock, Approval], Any]


@dataclass(frozen=True, slots=True)
class Executor:
    """What an approval of this kind does, who may approve it, who may ask for it, and where its subject is shown.

    page: (endpoint, argument) of the subject's page, whose argument is the subject's id; None where it has no page.
    """

    kind: str
    permission: str
    request_permission: str
    execute: Execute
    page: tuple[str, str] | None


_executors: dict[str, Executor] = {}


def executor(
    kind: str, *, permission: str, request_permission: str | None = None, page: tuple[str, str] | None = None
) -> Callable[[Execute], Execute]:
    """Register what an approval of this kind executes.

    permission: what the approving person must hold, and the asking one too unless `request_permission` names another.
    """

    def register(execute: Execute) -> Execute:
        if kind in _executors and _executors[kind].execute.__qualname__ != execute.__qualname__:
            raise ValueError(f"two executors for approvals of kind {kind}")
        _executors[kind] = Executor(kind, permission, request_permission or permission, execute, page)
        return execute

    return register


def executor_of(kind: str) -> Executor:
    """The registered executor. Raises KeyError for a kind nobody registered."""
    return _executors[kind]


def request(
    session: Session,
    actor: Actor,
    clock: Clock,
    kind: str,
    subject: Any,
    *,
    message: str,
    params: Mapping[str, str | int] | None = None,
    payload: Mapping[str, Any] | None = None,
) -> Approval:
    """Ask for a second person's approval; returns the pending request.

    subject: the row the act is about, or a (type, id) pair; message: an English message id (marked with N_) that says
    what will happen, with `params` for its placeholders; payload: what the executor needs, as JSON.
    Raises Refused if the same act on the same subject already waits, Forbidden without the permission to ask.
    """
    require(actor, executor_of(kind).request_permission)
    if not actor.user_id or actor.organisation_id is None:
        raise Forbidden(N_("Only a person can ask for an approval"))
    now = clock.now()
    subject_type, subject_id = _pair(session, subject)
    if pending(session, kind, (subject_type, subject_id)):
        raise Refused(N_("This already waits for a second person's decision"))
    approval = Approval(
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        summary={"message": message, "params": dict(params or {})},
        payload=dict(payload or {}),
        organisation_id=actor.organisation_id,
        requested_by=actor.user_id,
        requested_at=now,
    )
    session.add(approval)
    about = [subject_type, subject_id]
    audit.record(session, now, actor, "identity:approval:request", approval, kind=kind, about=about)
    return approval


def approve(session: Session, actor: Actor, clock: Clock, approval_id: int) -> Any:
    """Approve a request and execute it in this transaction; returns what the executor returns.

    Raises Refused if it is already decided or the actor asked for it, Forbidden without the permission,
    and whatever the executor raises; then nothing is written and the request still waits.
    """
    approval = _undecided(session, approval_id)
    _second_person(session, actor, approval)
    now = clock.now()
    approval.decided_by, approval.decided_at, approval.decision = actor.user_id, now, Decision.APPROVED
    audit.record(session, now, actor, "identity:approval:approve", approval, kind=approval.kind)
    return executor_of(approval.kind).execute(session, actor, clock, approval)


def reject(session: Session, actor: Actor, clock: Clock, approval_id: int, reason: str) -> Approval:
    """Refuse a request, with the reason its asker will read. Raises as `approve`, and Invalid without a reason."""
    approval = _undecided(session, approval_id)
    _second_person(session, actor, approval)
    if not reason.strip():
        raise Invalid(N_("Say why, so that the person who asked can act on it"), field="reason")
    return _decide(session, actor, clock.now(), approval, Decision.REJECTED, actor.user_id, reason.strip())


def withdraw(session: Session, actor: Actor, clock: Clock, approval_id: int, reason: str = "") -> Approval:
    """Take back one's own request. Raises Forbidden for anybody else's."""
    approval = _undecided(session, approval_id)
    if approval.requested_by != actor.user_id:
        raise Forbidden(N_("Only the person who asked can withdraw the request"))
    return _decide(session, actor, clock.now(), approval, Decision.WITHDRAWN, None, reason.strip())


def pending(session: Session, kind: str, subject: Any) -> Approval | None:
    """The request of this kind on this subject that waits for a decision, or None."""
    query = _about(kind, *_pair(session, subject)).where(col(Approval.decided_at).is_(None))
    return session.scalars(query).one_or_none()


def waiting(session: Session, kind: str, subjects: Sequence[Any]) -> set[int]:
    """Which of these rows of one table a request of this kind waits for, by their numbers."""
    if not subjects:
        return set()
    query = select(Approval.subject_id).where(
        Approval.kind == kind,
        Approval.subject_type == _pair(session, subjects[0])[0],
        col(Approval.subject_id).in_([_pair(session, one)[1] for one in subjects]),
        col(Approval.decided_at).is_(None),
    )
    return {int(key) for key in session.exec(query)}


def latest(session: Session, kind: str, subject: Any) -> Approval | None:
    """The newest request of this kind on this subject, decided or not, or None; what the two-keys bar shows."""
    newest_first = _about(kind, *_pair(session, subject)).order_by(col(Approval.id).desc())
    return session.scalars(newest_first.limit(1)).one_or_none()


def may_decide(session: Session, actor: Actor, approval: Approval) -> bool:
    """Whether this person could be the second one: holds the permission, did not ask, and stands on the same side."""
    another_person = actor.user_id not in (0, approval.requested_by)
    allowed = another_person and actor.may(executor_of(approval.kind).permission)
    return allowed and _same_side(session, actor, approval)


def visible_to(session: Session, actor: Actor, *, waiting: bool = False) -> list[Approval]:
    """The requests this person may know of, waiting ones first (or only), then the newest (see `may_see`)."""
    waiting_first = (col(Approval.decided_at).is_not(None), col(Approval.requested_at).desc(), col(Approval.id).desc())
    query = select(Approval).order_by(*waiting_first)
    if waiting:
        query = query.where(col(Approval.decided_at).is_(None))
    return [row for row in session.scalars(query) if may_see(session, actor, row)]


def may_see(session: Session, actor: Actor, approval: Approval) -> bool:
    """Whether this person may read the request: they asked or decided, or they could decide on acts of this kind."""
    if actor.user_id and actor.user_id in (approval.requested_by, approval.decided_by):
        return True
    return actor.may(executor_of(approval.kind).permission) and _same_side(session, actor, approval)


def _about(kind: str, subject_type: str, subject_id: str) -> Select[Approval]:
    same_subject = (col(Approval.subject_type) == subject_type, col(Approval.subject_id) == subject_id)
    return select(Approval).where(col(Approval.kind) == kind, *same_subject)


def _pair(session: Session, subject: Any) -> tuple[str, str]:
    if isinstance(subject, tuple):
        return subject[0], str(subject[1])
    session.flush()
    return subject.__tablename__, str(subject.id)


def _undecided(session: Session, approval_id: int) -> Approval:
    approval: Approval | None = locked(session, Approval, approval_id)
    if approval is None:
        raise NotFound(N_("There is no such request"))
    if approval.decided_at is not None:
        raise Refused(N_("This request is already decided"))
    return approval


def _second_person(session: Session, actor: Actor, approval: Approval) -> None:
    require(actor, executor_of(approval.kind).permission)
    if not actor.user_id:
        raise Forbidden(N_("Only a person can decide on a request"))
    if actor.user_id == approval.requested_by:
        raise Refused(N_("Two people are needed: the person who asked cannot decide"))
    if not _same_side(session, actor, approval):
        raise NotFound(N_("There is no such request"))


def _same_side(session: Session, actor: Actor, approval: Approval) -> bool:
    """An insurer's requests are decided inside that insurer, the public side's by the public side's people."""
    if actor.organisation_id == approval.organisation_id:
        return True
    asker = session.get_one(Organisation, approval.organisation_id)
    return not actor.is_insurer and asker.kind is not OrganisationKind.INSURER


def _decide(
    session: Session, actor: Actor, now: datetime, approval: Approval, decision: Decision, by: int | None, reason: str
) -> Approval:
    approval.decided_by, approval.decided_at, approval.decision, approval.reason = by, now, decision, reason
    audit.record(session, now, actor, f"identity:approval:{_VERB[decision]}", approval, kind=approval.kind)
    return approval


_VERB = {Decision.REJECTED: "reject", Decision.WITHDRAWN: "withdraw"}
