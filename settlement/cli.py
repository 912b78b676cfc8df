"""Settlement from the command line: a sharing rule on any figures, and runs over every contract year of an area."""

from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import click
from sqlalchemy import select
from sqlmodel import Session, col

from core.cli import Commands, answer, as_json, house
from core.db import transaction
from core.errors import Invalid, N_, NotFound
from core.identity.actor import SYSTEM, Actor
from core.identity.models import User
from core.money import ZERO
from settlement.jobs.runs import carry_out
from settlement.models import RunItem, SettlementRun
from settlement.rules.sharing import exact_text
from settlement.services import runs
from settlement.services.reconciliation import as_data, reconciliation
from settlement.simulating import simulate

cli = Commands("settlement", help="The year's settlement: who keeps the surplus and bears the loss.")

cli.add_command(simulate)


@cli.command("run")
@click.option("--year", type=int, required=True, help="The insurance year.")
@click.option("--area", help="The area of the service agreements; every area if absent.")
@click.option("--dry-run", is_flag=True, help="Calculate and compare only; nothing that binds is written.")
@click.option("--as", "asker", metavar="LOGIN", help="The account that drafts; needed without --dry-run.")
@click.option("--reason", help="What a new version of an issued sheet says of its change.")
@as_json
def run(year: int, area: str | None, dry_run: bool, asker: str | None, reason: str | None, as_json: bool) -> None:
    """Calculate every contract year of YEAR, compare with the last run, and draft the sheets unless it is a dry run.

    Issuing stays with two people in the browser.
    """
    session, clock = house().db.session, house().clock
    if asker is None and not dry_run:
        raise Invalid(N_("Drafting is done in a person's name: give --as LOGIN, or --dry-run"))
    actor = _person(session, asker) if asker else SYSTEM
    with transaction(session):
        run_id = runs.ask_dry_run(session, actor, clock, year=year, area=area, queue=False).id or 0
    carry_out(session, actor, clock, run_id)
    drafted: dict[int, RunItem] = {}
    if not dry_run:
        chosen = [item.id or 0 for item in runs.items_of(session, run_id) if runs.may_draft(item)]
        with transaction(session):
            draft_id = runs.ask_to_draft(session, actor, clock, run_id, chosen, reason, queue=False).id or 0
        carry_out(session, actor, clock, draft_id)
        drafted = {item.contract_id: item for item in runs.items_of(session, draft_id)}
    data = _run_data(session, session.get_one(SettlementRun, run_id), drafted)
    lines = [_contract_words(row) for row in data["contracts"]]
    closing = f"run {run_id}: {len(lines)} contract years, {data['refused']} without result"
    answer(data, as_json, "\n".join([*lines, closing]))


@cli.command("reconcile")
@click.option("--year", type=int, help="The insurance year; every year if absent.")
@as_json
def reconcile(year: int | None, as_json: bool) -> None:
    """Hold sheets, ledger, transfers and the dedicated accounts against one another; exit 1 where something is left."""
    found = reconciliation(house().db.session, SYSTEM, year=year)
    data = as_data(found)
    contracts = data["contracts"]
    total = sum((one.unexplained for one in found), ZERO)
    lines = [f"{row['contract']:<22} {row['fund']}  unexplained {row['unexplained']}" for row in contracts]
    closing = f"{len(contracts)} contract years, {total} yuan without a name"
    answer(data, as_json, "\n".join([*lines, closing]))
    if total:
        raise click.exceptions.Exit(1)


def _person(session: Session, login: str) -> Actor:
    found = session.scalars(select(User).where(col(User.login) == login)).one_or_none()
    if found is None or not found.active:
        raise NotFound(N_("There is no account %(login)s"), login=login)
    return found.as_actor()


def _run_data(session: Session, run: SettlementRun, drafted: dict[int, RunItem]) -> dict[str, Any]:
    """A run as data: exact strings in yuan; changes against the last run by row; refusals in words."""
    earlier = runs.baseline(session, run)
    before = {item.contract_id: item for item in runs.items_of(session, earlier.id or 0)} if earlier else {}
    numbers = runs.contract_numbers(session, run.year)
    contracts = []
    for item in runs.items_of(session, run.id or 0):
        draft = drafted.get(item.contract_id)
        refused = runs.refusal_of(draft) if draft and draft.refusal else runs.refusal_of(item)
        changed = runs.row_changes(before.get(item.contract_id), item)
        contracts.append(
            {
                "contract": numbers[item.contract_id],
                "rate": None if item.rate is None else exact_text(Fraction(item.rate)),
                **{name: _text(getattr(item, name)) for name in ("balance", "insurer_part", "fund_part")},
                "outcome": item.outcome.value if item.outcome else None,
                "reading": item.reading,
                "changes": [asdict(change) for change in changed],
                "sheet": draft.settlement_id if draft else None,
                "refused": refused.in_english() if refused else None,
            }
        )
    refusals = sum(1 for row in contracts if row["refused"])
    return {"run": run.id, "year": run.year, "area": run.area, "compared_with": earlier.id if earlier else None,
            "refused": refusals, "contracts": contracts}  # fmt: skip


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _contract_words(row: dict[str, Any]) -> str:
    if row["refused"]:
        return f"{row['contract']:<22} not settled: {row['refused']}"
    changed = f", {len(row['changes'])} rows differ from the last run" if row["changes"] else ""
    parts = f"balance {row['balance']:>18}  fund {row['fund_part'] or '—':>18}  {row['outcome']}"
    return f"{row['contract']:<22} {parts}{changed}"
