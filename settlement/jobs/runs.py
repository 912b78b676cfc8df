"""Carrying a whole-area run out: in steps that each commit, so that a killed process goes on where it stood."""

from collections.abc import Callable, Iterator
from typing import cast

from sqlmodel import Session, col, select

from core.clock import Clock
from core.db import transaction
from core.identity.actor import Actor, require
from settlement.models import RunItem, RunKind, SettlementRun
from settlement.services import runs

#: Contract years calculated between two reports of progress.
BATCH = 50


def carry_out(
    session: Session, actor: Actor, clock: Clock, run_id: int, report: Callable[[int, int], None] | None = None
) -> None:
    """Do what is left of a run, every contract year by itself: what fails in one stops no other.

    report(done, total) is called between transactions. Raises Forbidden without the permission that the run needs.
    """
    run = session.get_one(SettlementRun, run_id)
    require(actor, "settlement:issue" if run.kind is RunKind.ISSUE else "settlement:prepare")
    if run.finished_at is not None:
        return
    steps = _calculate(session, actor, clock, run) if run.kind is RunKind.DRY else _act(session, actor, clock, run)
    for done, total in steps:
        if report is not None:
            report(done, total)
    with transaction(session):
        runs.finish_run(session, actor, clock, run_id)


def _calculate(session: Session, actor: Actor, clock: Clock, run: SettlementRun) -> Iterator[tuple[int, int]]:
    """A dry run: calculate outside any write, then keep a batch of results at once."""
    run_id = run.id or 0
    known = set(session.exec(select(RunItem.contract_id).where(RunItem.run_id == run_id)))
    every = runs.contract_ids(session, run.year, run.area)
    rest = [key for key in every if key not in known]
    session.rollback()
    for first in range(0, len(rest), BATCH):
        items = [runs.calculate_item(session, clock, run_id, key) for key in rest[first : first + BATCH]]
        session.rollback()
        with transaction(session):
            runs.keep_items(session, actor, items)
        yield len(known) + first + len(items), len(every)


def _act(session: Session, actor: Actor, clock: Clock, run: SettlementRun) -> Iterator[tuple[int, int]]:
    """Draft or issue: a transaction for each contract year; why one was refused is written in another."""
    query = select(RunItem.id, RunItem.done_at).where(RunItem.run_id == run.id).order_by(col(RunItem.id))
    found = session.exec(query).all()
    rest = [cast(int, key) for key, done_at in found if done_at is None]
    session.rollback()
    for number, item_id in enumerate(rest, start=1):
        try:
            with transaction(session):
                runs.act_on_item(session, actor, clock, item_id)
        except Exception as fault:  # the others go on
            with transaction(session):
                runs.refuse_item(session, clock, item_id, fault)
        yield len(found) - len(rest) + number, len(found)
