"""Reading runs: how far one is, the run it is compared with, and which contract years can be drafted or issued."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Text
from sqlalchemy import cast as cast_in_sql
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col, func, select

from contracts.models import AnnualContract, ServiceAgreement
from core.errors import ChengbanError, N_
from core.identity import approvals
from core.identity.models import Decision
from settlement.models import RunItem, RunKind, Settlement, SettlementRun
from settlement.rules.comparison import RowChange, changes
from settlement.rules.runs import RunFacts, RunStage, stage
from settlement.services.sheet import blockers_of


@dataclass(frozen=True)
class RunStanding:
    """A run with how far it is. total: of a dry run that has not begun, 0; refused: contract years without a result."""

    run: SettlementRun
    stage: RunStage
    total: int
    done: int
    refused: int


def run_standing(session: Session, run: SettlementRun) -> RunStanding:
    """How far a run is."""
    return run_standings(session, [run])[0]


def run_standings(session: Session, found: Sequence[SettlementRun]) -> list[RunStanding]:
    """How far each of these runs is; only those that wait for a second person are asked for one by one."""
    counted = (func.count(), func.count(col(RunItem.done_at)), func.count(col(RunItem.refusal)))
    query = select(RunItem.run_id, *counted).group_by(col(RunItem.run_id))
    rows = session.exec(query.where(col(RunItem.run_id).in_([run.id for run in found])))
    counts = {run_id: (total, done, refused) for run_id, total, done, refused in rows}
    standings = []
    for run in found:
        waits = run.kind is RunKind.ISSUE and run.approved_at is None
        asked = approvals.latest(session, "settlement.run.issue", run) if waits else None
        facts = RunFacts(
            needs_approval=run.kind is RunKind.ISSUE,
            approved=run.approved_at is not None,
            turned_down=asked is not None and asked.decision not in (None, Decision.APPROVED),
            finished=run.finished_at is not None,
        )
        standings.append(RunStanding(run, stage(facts), *counts.get(cast(int, run.id), (0, 0, 0))))
    return standings


def contract_ids(session: Session, year: int, area: str | None) -> list[int]:
    """The signed contracts of a year in the order of their numbers."""
    query = (
        select(AnnualContract.id)
        .join(ServiceAgreement, col(ServiceAgreement.id) == AnnualContract.agreement_id)
        .where(AnnualContract.year == year, col(AnnualContract.agency_signed_at).is_not(None))
        .order_by(AnnualContract.number)
    )
    if area is not None:
        query = query.where(ServiceAgreement.area == area)
    return [cast(int, key) for key in session.exec(query)]


def contract_numbers(session: Session, year: int) -> dict[int, str]:
    """The printed number of every contract of a year."""
    query = select(AnnualContract.id, AnnualContract.number).where(AnnualContract.year == year)
    return {cast(int, key): number for key, number in session.exec(query)}


def items_of(session: Session, run_id: int) -> list[RunItem]:
    """The contract years of a run, in the order in which they were taken."""
    return list(session.exec(select(RunItem).where(RunItem.run_id == run_id).order_by(col(RunItem.id))))


def results_of(session: Session, run_id: int) -> list[RunItem]:
    """The same without the rows and readings of each: those are read from the database when somebody asks for them."""
    heavy = (defer(RunItem.rows), defer(RunItem.readings))  # type: ignore[arg-type]
    query = select(RunItem).where(RunItem.run_id == run_id).order_by(col(RunItem.id))
    return list(session.exec(query.options(*heavy)))


def baseline(session: Session, run: SettlementRun) -> SettlementRun | None:
    """The last finished dry run before this one over the same year and area, with which it is compared; or None."""
    query = (
        select(SettlementRun)
        .where(
            SettlementRun.kind == RunKind.DRY,
            SettlementRun.year == run.year,
            col(SettlementRun.area).is_not_distinct_from(run.area),
            col(SettlementRun.id) < run.id,
            col(SettlementRun.finished_at).is_not(None),
        )
        .order_by(col(SettlementRun.id).desc())
        .limit(1)
    )
    return session.exec(query).one_or_none()


def row_changes(before: RunItem | None, after: RunItem) -> tuple[RowChange, ...]:
    """What differs from the run before, by row of the sheet; nothing where it had no result to compare with."""
    if before is None or not before.rows or not after.rows:
        return ()
    return changes(values_of(before), values_of(after))


def changes_between(session: Session, earlier_id: int, run_id: int) -> dict[int, tuple[RowChange, ...]]:
    """What differs between two runs, by contract; a contract year is only read where the database says that it does."""
    before, after = aliased(RunItem), aliased(RunItem)
    query = (
        select(after.contract_id, before.rows, after.rows)
        .join(before, before.contract_id == after.contract_id)  # type: ignore[arg-type]
        .where(
            before.run_id == earlier_id,
            after.run_id == run_id,
            cast_in_sql(before.rows, Text) != cast_in_sql(after.rows, Text),
        )
    )
    found = {}
    for contract_id, old, new in session.exec(query):
        if old and new:
            found[contract_id] = changes(_values(old), _values(new))
    return found


def values_of(item: RunItem) -> dict[str, str]:
    """The exact values of the rows that a sheet of this result would have."""
    return _values(item.rows)


def _values(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {row["row"]: row["value"] for row in rows}


def refusal_of(item: RunItem) -> ChengbanError | None:
    """Why a contract year has no result, or None."""
    if item.refusal is None:
        return None
    return ChengbanError(item.refusal, clause=item.refusal_clause, **item.refusal_params)


def may_draft(item: RunItem) -> bool:
    """Whether a contract year of a dry run has a result that a sheet can be drafted from."""
    return item.refusal is None and item.figures_id is not None


def may_issue(session: Session, items: Sequence[RunItem]) -> list[tuple[RunItem, Settlement]]:
    """The contract years whose newest sheet is confirmed and can be issued now, with that sheet."""
    query = select(Settlement).where(col(Settlement.contract_id).in_([item.contract_id for item in items]))
    newest = {sheet.contract_id: sheet for sheet in session.exec(query.order_by(col(Settlement.version)))}
    reasons = why_not_issued(session, list(newest.values()))
    found = [(item, newest[item.contract_id]) for item in items if item.contract_id in newest]
    return [(item, sheet) for item, sheet in found if reasons[cast(int, sheet.id)] is None]


def why_not_issued(session: Session, sheets: Sequence[Settlement]) -> dict[int, str | None]:
    """The first thing that keeps each sheet from being issued in a run, as a message id; None where nothing does."""
    asked = approvals.waiting(session, "settlement.sheet.issue", sheets)
    open_ones = [sheet for sheet in sheets if sheet.issued_at is None]
    reasons = blockers_of(session, open_ones)
    found: dict[int, str | None] = {}
    for sheet in sheets:
        key = cast(int, sheet.id)
        if sheet.issued_at is not None:
            found[key] = N_("Already issued")
        elif key in asked:
            found[key] = N_("A second person was asked to issue this sheet alone")
        else:
            found[key] = next(iter(reasons[key]), None)
    return found
