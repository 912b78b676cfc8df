"""Asking for a run: a dry run over a year, then drafting or issuing the contract years chosen from it."""

from collections.abc import Sequence
from typing import cast

from sqlmodel import Session

from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval
from core.tasks.queue import enqueue
from settlement.models import RunItem, RunKind, SettlementRun
from settlement.services.runs.reading import contract_ids, items_of, may_draft, may_issue

#: The long work that carries a run out (settlement/jobs.py).
TASK = "settlement.run"


def ask_dry_run(
    session: Session, actor: Actor, clock: Clock, *, year: int, area: str | None = None, queue: bool = True
) -> SettlementRun:
    """Calculate every contract year of an insurance year, of one area or all; nothing that binds is written.

    queue: the scheduler does it; the command line carries it out itself. Raises Invalid where there is no contract.
    """
    require(actor, "settlement:prepare")
    if not contract_ids(session, year, area):
        raise Invalid(N_("There is no signed contract of %(year)s there"), field="year", year=year)
    run = SettlementRun(
        kind=RunKind.DRY, year=year, area=area, requested_by=actor.user_id or None, requested_at=clock.now()
    )
    session.add(run)
    session.flush()
    audit.record(session, run.requested_at, actor, "settlement:run:ask", run, year=year, run=run.kind.value)
    if queue:
        _queue(session, actor, clock, run)
    return run


def ask_to_draft(
    session: Session,
    actor: Actor,
    clock: Clock,
    dry_run_id: int,
    item_ids: Sequence[int],
    reason: str | None = None,
    *,
    queue: bool = True,
) -> SettlementRun:
    """Draft the sheets of the chosen contract years of a dry run, each by itself, on the inputs that the run counted.

    reason: what row 25 of a corrected sheet says; needed where one of the chosen is issued already.
    """
    require(actor, "settlement:prepare")
    chosen = [item for item in _chosen(session, dry_run_id, item_ids) if may_draft(item)]
    run = _begun(session, actor, clock, RunKind.DRAFT, dry_run_id, chosen, reason)
    if queue:
        _queue(session, actor, clock, run)
    return run


def ask_to_issue(session: Session, actor: Actor, clock: Clock, dry_run_id: int, item_ids: Sequence[int]) -> Approval:
    """Ask a second person to issue the chosen sheets; on approval each is issued by itself, whatever happens to others.

    Raises Invalid where none of the chosen has a sheet that can be issued now.
    """
    require(actor, "settlement:issue")
    found = may_issue(session, _chosen(session, dry_run_id, item_ids))
    chosen = [item.model_copy(update={"settlement_id": sheet.id}) for item, sheet in found]
    run = _begun(session, actor, clock, RunKind.ISSUE, dry_run_id, chosen)
    return approvals.request(
        session,
        actor,
        clock,
        "settlement.run.issue",
        run,
        message=N_("Issue %(count)s settlement sheets of %(year)s, each by itself"),
        params={"count": len(chosen), "year": run.year},
    )


@approvals.executor("settlement.run.issue", permission="settlement:issue", page=("settlement.run", "run_id"))
def _approved(session: Session, actor: Actor, clock: Clock, approval: Approval) -> SettlementRun:
    """The sheets are issued by the scheduler in the name of the person who approves, each in its own transaction."""
    run = cast(SettlementRun, locked(session, SettlementRun, int(approval.subject_id)))
    run.approved_at, run.approved_by = clock.now(), actor.user_id
    session.add(run)
    audit.record(session, run.approved_at, actor, "settlement:run:approve", run)
    _queue(session, actor, clock, run)
    return run


def _chosen(session: Session, dry_run_id: int, item_ids: Sequence[int]) -> list[RunItem]:
    run: SettlementRun | None = locked(session, SettlementRun, dry_run_id)
    if run is None or run.kind is not RunKind.DRY:
        raise NotFound(N_("There is no such run"))
    if run.finished_at is None:
        raise Refused(N_("This run has not ended yet"))
    wanted = set(item_ids)
    return [item for item in items_of(session, dry_run_id) if item.id in wanted]


def _begun(
    session: Session,
    actor: Actor,
    clock: Clock,
    kind: RunKind,
    dry_run_id: int,
    chosen: Sequence[RunItem],
    reason: str | None = None,
) -> SettlementRun:
    """A run over the chosen contract years, which take along the inputs of the dry run."""
    if not chosen:
        raise Invalid(N_("Choose at least one contract year that is ready for it"), field="items")
    parent = session.get_one(SettlementRun, dry_run_id)
    run = SettlementRun(
        kind=kind,
        year=parent.year,
        area=parent.area,
        parent_id=dry_run_id,
        reason=(reason or "").strip() or None,
        requested_by=actor.user_id,
        requested_at=clock.now(),
    )
    session.add(run)
    session.flush()
    kept = {"contract_id", "figures_id", "claim_file_id", "cause", "reading", "premium", "claims", "balance", "rate",
            "band", "outcome", "insurer_part", "fund_part", "settlement_id"}  # fmt: skip
    session.add_all(RunItem(run_id=run.id, **item.model_dump(include=kept)) for item in chosen)
    audit.record(
        session, run.requested_at, actor, "settlement:run:ask", run, year=run.year, run=kind.value, count=len(chosen)
    )
    return run


def _queue(session: Session, actor: Actor, clock: Clock, run: SettlementRun) -> None:
    run.task_id = enqueue(session, actor, clock, TASK, run_id=run.id).id
    session.add(run)
