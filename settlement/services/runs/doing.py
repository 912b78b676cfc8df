"""What a run does with one contract year: calculate it, draft or issue its sheet, or write down why not."""

import logging
import secrets
from collections.abc import Sequence
from typing import Any, cast

from sqlmodel import Session, select

from contracts.models import AnnualContract
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import ChengbanError, N_, Refused
from core.identity.actor import Actor, require
from settlement.models import Cause, RunItem, RunKind, SettlementRun
from settlement.rules.sheet import SheetRow
from settlement.services import sheet as sheets
from settlement.services.calculating import after_cutoff, calculation_from, rule_of
from settlement.services.figures import latest_settlement
from settlement.services.lines import rows_of
from settlement.services.pools import basis_of

log = logging.getLogger(__name__)


def calculate_item(session: Session, clock: Clock, run_id: int, contract_id: int) -> RunItem:
    """One contract year under every reading with all its rows, or why it cannot be settled; nothing is written yet."""
    values: dict[str, Any] = {"run_id": run_id, "contract_id": contract_id, "done_at": clock.now()}
    try:
        contract = session.get_one(AnnualContract, contract_id)
        newest = latest_settlement(session, contract_id)
        values["cause"] = cause = newest.cause if newest else Cause.OPERATING
        after_cutoff(contract, local_date(clock.now()))
        rule = rule_of(contract)
        basis = basis_of(session, contract, rule)
        for one in basis.members:
            after_cutoff(one.contract, local_date(clock.now()))
        own = basis.of(contract)
        values.update(figures_id=own.figures.id, claim_file_id=own.file.id, reading=contract.sharing_reading)
        found = calculation_from(session, contract, basis, cause, rule=rule)
        rows = rows_of(session, contract, found)
        values.update(sheets.result_columns(contract, found), rows=[_row(row) for row in rows])
    except Exception as fault:  # one contract year's fault must not stop the others
        values.update(_refusal(fault, contract_id))
    return RunItem(**values)


def keep_items(session: Session, actor: Actor, items: Sequence[RunItem]) -> None:
    """Write calculated contract years of a dry run."""
    require(actor, "settlement:prepare")
    session.add_all(items)


def act_on_item(session: Session, actor: Actor, clock: Clock, item_id: int) -> RunItem:
    """Draft or issue the sheet of one chosen contract year. Raises Refused where that is not possible any more."""
    item = cast(RunItem, locked(session, RunItem, item_id))
    run = session.get_one(SettlementRun, item.run_id)
    if run.kind is RunKind.ISSUE:
        sheet = sheets.issue(session, actor, clock, cast(int, item.settlement_id))
    else:
        sheet = _draft(session, actor, clock, run, item)
    item.settlement_id, item.done_at = sheet.id, clock.now()
    session.add(item)
    return item


def refuse_item(session: Session, clock: Clock, item_id: int, fault: Exception) -> RunItem:
    """Write down why one contract year could not be drafted or issued."""
    item = cast(RunItem, locked(session, RunItem, item_id))
    item.sqlmodel_update({**_refusal(fault, item.contract_id), "done_at": clock.now()})
    session.add(item)
    return item


def finish_run(session: Session, actor: Actor, clock: Clock, run_id: int) -> SettlementRun:
    """Every contract year of the run has its result or its reason."""
    run = cast(SettlementRun, locked(session, SettlementRun, run_id))
    run.finished_at = clock.now()
    session.add(run)
    refusals = session.exec(select(RunItem.refusal).where(RunItem.run_id == run_id)).all()
    refused = sum(1 for refusal in refusals if refusal)
    audit.record(
        session, run.finished_at, actor, "settlement:run:finish", run, contracts=len(refusals), refused=refused
    )
    return run


def _row(row: SheetRow) -> dict[str, str]:
    return {"row": row.row, "label": row.label, "unit": row.unit, "value": row.value}


def _draft(session: Session, actor: Actor, clock: Clock, run: SettlementRun, item: RunItem) -> Any:
    """Draft the sheet if the contract year still has the inputs that the dry run counted."""
    contract = session.get_one(AnnualContract, item.contract_id)
    own = basis_of(session, contract, rule_of(contract)).of(contract)
    if (own.figures.id, own.file.id) != (item.figures_id, item.claim_file_id):
        raise Refused(N_("New figures or a new claim file came after the dry run: run it again"))
    sheet = sheets.prepare_sheet(session, actor, clock, item.contract_id, cause=item.cause, change_reason=run.reason)
    if (sheet.balance, sheet.fund_part) != (item.balance, item.fund_part):
        raise Refused(N_("The result is no longer that of the dry run: run it again"))
    return sheet


def _refusal(fault: Exception, contract_id: int) -> dict[str, Any]:
    """Why there is no result, in words a person can act on; an unexpected fault is logged under its number."""
    if not isinstance(fault, ChengbanError):
        incident = secrets.token_hex(4)
        log.error("contract year failed", exc_info=fault, extra={"contract": contract_id, "incident": incident})
        message = N_("This contract year stopped at an unexpected fault, incident %(incident)s")
        fault = ChengbanError(message, incident=incident)
    params = {name: str(value) for name, value in fault.params.items()}
    return {"refusal": fault.message, "refusal_params": params, "refusal_clause": fault.clause}
