"""Whole-area runs: start one, watch it, compare it with the last, read what each contract year came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import defer
from sqlmodel import col, select
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from contracts.models import AnnualContract, ServiceAgreement
from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.tasks.queue import progress
from core.web import Action, Chip, Column, Filter, Table, actor, allow, clock, listing, session
from core.web.errors import explain
from core.web.filters import chinese, named
from core.web.task_views import shown
from settlement.forms import RunForm
from settlement.models import Outcome, RunItem, RunKind, Settlement, SettlementRun
from settlement.rules.comparison import RowChange
from settlement.rules.runs import RunStage
from settlement.rules.sheet import SheetRow
from settlement.rules.together import alone
from settlement.services import runs as services
from settlement.services.awaiting import Lack, lacking, refused_for
from settlement.services.calculating import rule_if_any
from settlement.views import access, labels
from settlement.views.blueprint import bp
from settlement.views.tracing import shown_value


@dataclass(frozen=True)
class RunRow:
    """One contract year of a run ready for a list.

    changes: rows that differ from the run before; awaits: what another contract year lacks, where that is why there is
    no result, with its insurer.
    """

    item: RunItem
    contract: AnnualContract
    insurer: Organisation
    changes: tuple[RowChange, ...]
    sheet: Settlement | None
    compared: bool
    awaits: tuple[Lack, Organisation] | None = None


@bp.route("/runs", methods=["GET", "POST"])
@allow("settlement:view")
def runs() -> Any:
    """Every run, the newest first, and where the next dry run is started."""
    _department_only()
    form = RunForm()
    years, areas = _scope()
    form.year.choices = [SelectChoice(year, str(year)) for year in years]
    form.area.choices = [SelectChoice("", gettext("All areas")), *(SelectChoice(area, area) for area in areas)]
    done = form.save(
        lambda s: services.ask_dry_run(s, actor(), clock(), year=form.year.data, area=form.area.data or None),
        then=lambda run: url_for(".run", run_id=run.id),
        message=gettext("The dry run was queued; nothing that binds is written"),
    ) if actor().may("settlement:prepare") else None  # fmt: skip
    if done:
        return done
    standings = services.run_standings(session(), session().exec(select(SettlementRun)).all())
    table = Table(
        standings[::-1],
        [
            Column("id", lazy_gettext("Run"), "code", value=lambda one: one.run.id, sort=True,
                   link=lambda one: url_for(".run", run_id=one.run.id),
                   note=lambda one: labels.RUN_KINDS[one.run.kind]),
            Column("year", lazy_gettext("Year"), "code", value=lambda one: one.run.year, sort=True,
                   note=lambda one: one.run.area or gettext("All areas")),
            Column("asked", lazy_gettext("Asked for"), "moment", value=lambda one: one.run.requested_at, sort=True,
                   note=lambda one: asker(one.run)),
            Column("done", lazy_gettext("Contract years"), "number", value=lambda one: one.done, sort=True),
            Column("refused", lazy_gettext("Without result"), "number", value=lambda one: one.refused, sort=True),
            Column("stage", lazy_gettext("State"), "chip", value=lambda one: Chip(*labels.RUN_STAGES[one.stage]),
                   when=True),
        ],
        caption=lazy_gettext("Runs"),
        name="runs",
        filename="settlement-runs",
        filters=[
            Filter("year", lazy_gettext("Year"), [(str(year), str(year)) for year in years],
                   lambda value: lambda one: str(one.run.year) == value),
            Filter("kind", lazy_gettext("What"), [(kind.value, labels.RUN_KINDS[kind]) for kind in RunKind],
                   lambda value: lambda one: one.run.kind.value == value),
        ],
        search=lambda one: f"{one.run.id} {one.run.year} {one.run.area or ''}",
        search_label=lazy_gettext("Number, year or area"),
        empty=lazy_gettext("No run yet"),
        empty_note=lazy_gettext("A dry run calculates every contract year of an insurance year and writes nothing."),
    )  # fmt: skip
    page = listing("settlement/runs.html", table, form=form, may_run=actor().may("settlement:prepare"))
    return page if isinstance(page, Response) else (page, form.status)


@bp.get("/runs/<int:run_id>")
@allow("settlement:view")
def run(run_id: int) -> Response | str:
    """One run: how far it is, what each contract year came to, and what differs from the run before."""
    row = run_for(run_id)
    standing = services.run_standing(session(), row)
    earlier = services.baseline(session(), row) if row.kind is RunKind.DRY else None
    rows = rows_of(row, earlier)
    task = shown(progress(session(), row.task_id)) if row.task_id else None
    return listing(
        "settlement/run.html",
        _items_table(row, rows),
        run=row,
        kind=labels.RUN_KINDS[row.kind],
        standing=standing,
        state=Chip(*labels.RUN_STAGES[standing.stage]),
        task=task,
        earlier=earlier,
        totals=_totals(rows),
        crumbs=crumbs((gettext("Run %(number)s", number=row.id), "")),
        keys=access.two_keys_of("settlement.run.issue", row) if row.kind is RunKind.ISSUE else None,
        children=session().exec(select(SettlementRun).where(SettlementRun.parent_id == row.id)).all(),
        labels=labels,
        asker=asker(row),
        acts=_acts(row, standing.stage),
    )


@bp.get("/runs/<int:run_id>/contracts/<int:item_id>")
@allow("settlement:view")
def run_item(run_id: int, item_id: int) -> str:
    """One contract year of a run: every row it would have, beside the run before and the newest sheet."""
    row = run_for(run_id)
    item = session().get(RunItem, item_id)
    if item is None or item.run_id != run_id:
        raise NotFound(N_("There is no such entry"))
    year = access.year_for(item.contract_id)
    earlier = services.baseline(session(), row) if row.kind is RunKind.DRY else None
    before = {change.row: change for change in _changes_of(item, earlier)}
    rows = [_shown_row(one, before.get(one["row"])) for one in item.rows]
    for band in (one for one in rows if one["row"] == "19"):
        band["shown"] = labels.band_name(access.band_for(year.contract, item))
    page = access.page_of(year)
    page["crumbs"] = crumbs(
        (gettext("Run %(number)s", number=run_id), url_for(".run", run_id=run_id)), (year.contract.number, "")
    )
    page["state"] = result_chip(item)
    refusal = services.refusal_of(item)
    return render_template(
        "settlement/run_item.html", **page, run=row, item=item, rows=rows, earlier=earlier, changes=len(before),
        refusal=explain(refusal) if refusal else "", clause=item.refusal_clause, awaited=_awaited(item, year.contract),
        readings=[
            (labels.READINGS.get(one["reading"], one["reading"]), one["reading"], _amount(one["insurer"]),
             _amount(one["fund"]))
            for one in item.readings
        ],
    )  # fmt: skip


def _awaited(item: RunItem, contract: AnnualContract) -> list[tuple[str, str]]:
    """Everything that a contract year without result waits for today, each with the page where it is brought."""
    rule = rule_if_any(contract)
    if item.refusal is None or rule is None or alone(rule):
        return []
    return [
        (labels.awaited(lack, access.insurer_of(lack.contract)), url_for(".year", contract_id=lack.contract.id))
        for lack in lacking(session(), contract, rule)
    ]


def run_for(run_id: int) -> SettlementRun:
    """A run, for the department's side. Raises NotFound for insurers: they meet their sheets, not the runs."""
    _department_only()
    found = session().get(SettlementRun, run_id)
    if found is None:
        raise NotFound(N_("There is no such run"))
    return found


def rows_of(run: SettlementRun, earlier: SettlementRun | None) -> list[RunRow]:
    """The contract years of a run with their contracts, newest sheets and what differs from the run before."""
    items = services.results_of(session(), run.id or 0)
    compared: set[int] = set()
    differing: dict[int, tuple[RowChange, ...]] = {}
    if earlier is not None:
        compared = set(session().exec(select(RunItem.contract_id).where(RunItem.run_id == earlier.id)))
        differing = services.changes_between(session(), earlier.id or 0, run.id or 0)
    query = (
        select(AnnualContract, Organisation)
        .join(ServiceAgreement, col(ServiceAgreement.id) == AnnualContract.agreement_id)
        .join(Organisation, col(Organisation.id) == ServiceAgreement.insurer_id)
        .where(AnnualContract.year == run.year)
        .options(defer(AnnualContract.service))  # type: ignore[arg-type]
    )
    contracts = {contract.id: (contract, insurer) for contract, insurer in session().exec(query)}
    by_number = {contract.number: (contract, insurer) for contract, insurer in contracts.values()}
    sheets = _newest_sheets(run.year)
    return [
        RunRow(
            item,
            *contracts[item.contract_id],
            changes=differing.get(item.contract_id, ()),
            sheet=sheets.get(item.contract_id),
            compared=item.contract_id in compared,
            awaits=_awaits(item, by_number),
        )
        for item in items
    ]


def _awaits(
    item: RunItem, by_number: dict[str, tuple[AnnualContract, Organisation]]
) -> tuple[Lack, Organisation] | None:
    """What a contract year without result waits for, and whose it is to bring."""
    contract, insurer = by_number.get(str(item.refusal_params.get("number")), (None, None))
    if contract is None or insurer is None:
        return None
    lack = refused_for(item.refusal, contract)
    return (lack, insurer) if lack else None


def _changes_of(item: RunItem, earlier: SettlementRun | None) -> tuple[RowChange, ...]:
    """What differs in one contract year from the run before."""
    if earlier is None:
        return ()
    query = select(RunItem).where(RunItem.run_id == earlier.id, RunItem.contract_id == item.contract_id)
    return services.row_changes(session().exec(query).one_or_none(), item)


def asker(run: SettlementRun) -> str:
    """Who asked for a run."""
    return access.person(run.requested_by) if run.requested_by else gettext("Command line")


def result_chip(item: RunItem) -> Chip:
    """What became of a contract year in a run."""
    if item.refusal is not None:
        return Chip("stop", gettext("No result"))
    if item.done_at is None:
        return Chip("", gettext("Waiting"))
    if item.settlement_id is not None:
        return Chip("ok", gettext("Done"))
    mark = "ok" if item.outcome is Outcome.SHARED else "wait"
    return Chip(mark, labels.OUTCOMES[item.outcome or Outcome.SHARED])


def _newest_sheets(year: int) -> dict[int, Settlement]:
    query = (
        select(Settlement)
        .join(AnnualContract, col(AnnualContract.id) == Settlement.contract_id)
        .where(AnnualContract.year == year)
        .order_by(col(Settlement.version))
        .options(defer(Settlement.readings))  # type: ignore[arg-type]
    )
    return {sheet.contract_id: sheet for sheet in session().exec(query)}


def _items_table(run: SettlementRun, rows: list[RunRow]) -> Table:
    insurers = sorted({(str(row.insurer.id), named(row.insurer)) for row in rows}, key=lambda pair: pair[1])
    columns = [
        Column("contract", lazy_gettext("Annual contract"), "code", value=lambda row: row.contract.number, sort=True,
               link=lambda row: url_for(".run_item", run_id=run.id, item_id=row.item.id),
               note=lambda row: named(row.insurer)),
        Column("balance", lazy_gettext("Balance"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda row: row.item.balance),
        Column("rate", lazy_gettext("Rate"), "rate", sort=True,
               value=lambda row: Fraction(row.item.rate) if row.item.rate else None, note=_band),
        Column("insurer_part", lazy_gettext("Insurer's part"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda row: row.item.insurer_part),
        Column("fund_part", lazy_gettext("Fund's part"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda row: row.item.fund_part),
    ]  # fmt: skip
    if run.kind is RunKind.DRY:
        columns.append(Column("changes", lazy_gettext("Rows that differ"), "number", sort=True,
                              value=lambda row: len(row.changes) if row.compared else None))  # fmt: skip
    columns += [
        Column("sheet", lazy_gettext("Sheet"), value=lambda row: _sheet_words(row.sheet), link=lambda row:
               url_for(".sheet", settlement_id=row.sheet.id) if row.sheet else None),
        Column("result", lazy_gettext("Result of the run"), "chip", value=lambda row: result_chip(row.item), when=True,
               note=why_no_result, link=lambda row: url_for(".year", contract_id=row.awaits[0].contract.id)
               if row.awaits else None),
    ]  # fmt: skip
    filters = [
        Filter("insurer", lazy_gettext("Insurer"), insurers,
               lambda value: lambda row: str(row.insurer.id) == value),
        Filter("result", lazy_gettext("Result of the run"), [("refused", lazy_gettext("No result")),
               *((one.value, labels.OUTCOMES[one]) for one in Outcome)],
               lambda value: lambda row: row.item.refusal is not None if value == "refused"
               else row.item.refusal is None and row.item.outcome is not None and row.item.outcome.value == value),
    ]  # fmt: skip
    if run.kind is RunKind.DRY:
        filters.append(Filter("differs", lazy_gettext("Against the last run"), [
            ("yes", lazy_gettext("Differs")), ("no", lazy_gettext("The same"))],
            lambda value: lambda row: bool(row.changes) == (value == "yes")))  # fmt: skip
    return Table(
        rows,
        columns,
        caption=lazy_gettext("Contract years"),
        filename=f"settlement-run-{run.id}",
        search=lambda row: f"{row.contract.number} {row.insurer.name}",
        search_label=lazy_gettext("Contract or insurer"),
        filters=filters,
        late=lambda row: row.item.refusal is not None,
        empty=lazy_gettext("Nothing calculated yet"),
        empty_note=lazy_gettext("The page fills while the work goes on; load it again."),
    )


def _band(row: RunRow) -> Any:
    if row.item.band is None:
        return None
    return row.item.band if chinese() else labels.band_name(access.band_for(row.contract, row.item))


def _sheet_words(sheet: Settlement | None) -> str | None:
    if sheet is None:
        return None
    if sheet.issued_at:
        return gettext("%(version)s, issued", version=sheet.version)
    return gettext("%(version)s, draft", version=sheet.version)


def why_no_result(row: RunRow) -> str | None:
    """The reason in the reader's language, and who is awaited; None where there is a result."""
    if row.awaits:
        return labels.awaited(*row.awaits)
    refusal = services.refusal_of(row.item)
    return explain(refusal) if refusal else None


def _totals(rows: Sequence[RunRow]) -> dict[str, Any]:
    """What the results add up to; only amounts that are computed count."""
    amounts = {
        name: sum((value for row in rows if (value := getattr(row.item, name)) is not None), start=0)
        for name in ("premium", "balance", "insurer_part", "fund_part")
    }
    return {**amounts, "differing": sum(1 for row in rows if row.changes)}


def _shown_row(row: dict[str, str], change: RowChange | None) -> dict[str, Any]:
    line = SheetRow(row["row"], row["label"], row["unit"], row["value"], "")
    return {
        "row": line.row,
        "name": labels.row_name(line),
        "shown": shown_value(line.unit, line.value),
        "before": shown_value(line.unit, change.before) if change and change.before is not None else "",
    }


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _department_only() -> None:
    if actor().is_insurer:
        raise NotFound(N_("There is no such entry"))


def _scope() -> tuple[list[int], list[str]]:
    """The years and areas that have signed contracts."""
    query = (
        select(AnnualContract.year, ServiceAgreement.area)
        .join(ServiceAgreement, col(ServiceAgreement.id) == AnnualContract.agreement_id)
        .where(col(AnnualContract.agency_signed_at).is_not(None))
        .distinct()
    )
    found = session().exec(query).all()
    return sorted({year for year, _ in found}, reverse=True), sorted({area for _, area in found})


def crumbs(*trail: tuple[Any, str]) -> list[tuple[Any, str]]:
    """The way to a page of runs."""
    return [
        (gettext("Figures and settlement"), url_for(".index")),
        (gettext("Runs over all contracts"), url_for(".runs") if trail else ""),
        *trail,
    ]


def _acts(run: SettlementRun, stage: RunStage) -> list[Action]:
    """What can be done with a finished dry run."""
    if run.kind is not RunKind.DRY or stage is not RunStage.FINISHED:
        return []
    acts = []
    if actor().may("settlement:prepare"):
        acts.append(Action(gettext("Draft the chosen sheets"), url_for(".draft_run", run_id=run.id)))
    if actor().may("settlement:issue"):
        acts.append(Action(gettext("Issue the chosen sheets"), url_for(".issue_run", run_id=run.id), primary=True))
    return acts
