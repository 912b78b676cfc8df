"""Reading runs: how far one is, the run it is compared with, and which contract years can be drafted or issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlmodel import Session, col, func, select

from contracts.models import AnnualContract, ServiceAgreement
from core.errors import ChengbanError, N_
from core.identity import approvals
from core.identity.models import Decision
from settlement.models import RunItem, RunKind, Settlement, SettlementRun
from settlement.rules.comparison import RowChange, changes
from settlement.rules.runs import RunFacts, RunStage, stage
from settlement.services.figures import latest_settlement
from settlement.services.sheet import blockers


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
    of_run = RunItem.run_id == run.id
    query = select(func.count(), func.count(col(RunItem.done_at)), func.count(col(RunItem.refusal))).where(of_run)
    total, done, refused = session.exec(query).one()
    asked = approvals.latest(session, "settlement.run.issue", run) if run.kind is RunKind.ISSUE else None
    facts = RunFacts(
        needs_approval=run.kind is RunKind.ISSUE,
        approved=run.approved_at is not None,
        turned_down=asked is not None and asked.decision not in (None, Decision.APPROVED),
        finished=run.finished_at is not None,
    )
    return RunStanding(run, stage(facts), total, done, refused)


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


def values_of(item: RunItem) -> dict[str, str]:
    """The exact values of the rows that a sheet of this result would have."""
    return {row["row"]: row["value"] for row in item.rows}


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
    return [(item, sheet) for item in items if (sheet := issuable_sheet(session, item)) is not None]


def issuable_sheet(session: Session, item: RunItem) -> Settlement | None:
    """The newest sheet of a contract year if nothing keeps it from being issued, or None."""
    sheet = latest_settlement(session, item.contract_id)
    return sheet if sheet is not None and why_not_issued(session, sheet) is None else None


def why_not_issued(session: Session, sheet: Settlement) -> str | None:
    """The first thing that keeps a sheet from being issued in a run, as a message id; None where nothing does."""
    if sheet.issued_at is not None:
        return N_("Already issued")
    if approvals.pending(session, "settlement.sheet.issue", sheet):
        return N_("A second person was asked to issue this sheet alone")
    return next(iter(blockers(session, sheet)), None)
