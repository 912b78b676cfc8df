"""The lists: annual contracts, service agreements, and everything of one insurer."""

from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import select

from contracts import labels
from contracts.models import Assessment, DedicatedAccount, ServiceAgreement
from contracts.services import standing
from contracts.services.standing import Standing
from contracts.views import access
from contracts.views.blueprint import bp
from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.web import Action, Column, Filter, Table, actor, allow, listing, now, session


@bp.get("/")
@allow("contracts:view")
def index() -> Any:
    """The annual contracts this person may see, the newest year first."""
    rows = standing.standings(session(), actor(), access.today())
    acts = [Action(lazy_gettext("Service agreements"), url_for("contracts.agreements"))]
    waiting = standing.awards_without_agreement(session()) if actor().may("contracts:prepare") else []
    tenders = {tender.id: (tender, standing.signing_limit(session(), award.id or 0)) for tender, award in waiting}
    return listing("contracts/index.html", contract_table(rows), acts=acts, undrafted=list(tenders.values()))


@bp.get("/agreements")
@allow("contracts:view")
def agreements() -> Any:
    """The service agreements this person may see, the newest term first."""
    rows = standing.agreements_for(session(), actor())
    acts = [Action(lazy_gettext("Annual contracts"), url_for("contracts.index"))]
    return listing("contracts/agreements.html", agreement_table(rows), acts=acts)


@bp.get("/insurers/<int:organisation_id>")
@allow("contracts:view")
def insurer(organisation_id: int) -> Any:
    """One insurer: its agreements, contracts, accounts and assessments."""
    organisation = session().get(Organisation, organisation_id)
    rows = [row for row in standing.agreements_for(session(), actor()) if row[0].insurer_id == organisation_id]
    if organisation is None or not rows:
        raise NotFound(N_("There is no such insurer"))
    years = [row for row in standing.standings(session(), actor(), access.today()) if row.insurer.id == organisation_id]
    tables = {
        "agreements": agreement_table(rows, name="agreements", of_one=True),
        "contracts": contract_table(years, name="contracts", of_one=True),
        "assessments": _assessments(years),
    }
    asked = next((table for table in tables.values() if table.asked("as")), tables["contracts"])
    return listing(
        "contracts/insurer.html",
        asked,
        organisation=organisation,
        accounts=_accounts([agreement for agreement, _ in rows]),
        labels=labels,
        **tables,
    )


def contract_table(rows: list[Standing], *, name: str = "", of_one: bool = False) -> Table:
    """Annual contracts as a list; of_one: of one insurer, whose name then stands above."""

    def page(row: Standing) -> str:
        return url_for("contracts.contract", contract_id=row.contract.id)

    columns = [
        Column(
            "number", lazy_gettext("Contract"), "code", value=lambda row: row.contract.number, sort=True, link=page,
            note=lambda row: labels.scheme(row.agreement.scheme),
        ),
        Column("year", lazy_gettext("Year"), "code", value=lambda row: row.contract.year, sort=True),
        Column("insurer", lazy_gettext("Insurer"), value=lambda row: labels.named(row.insurer), sort=True),
        Column(
            "insured", lazy_gettext("Insured"), "number", unit=lazy_gettext("persons"), sort=True,
            value=lambda row: row.contract.cleared_count or row.contract.insured_count,
        ),
        Column("due", lazy_gettext("Premium due"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda row: row.premium.due),
        Column("received", lazy_gettext("Premium received"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda row: row.premium.received),
        Column("arrears", lazy_gettext("In arrears"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda row: row.premium.arrears),
        Column("stage", lazy_gettext("Stage"), "chip", when=True, value=lambda row: _contract_chip(row)),
    ]  # fmt: skip
    return Table(
        rows,
        [column for column in columns if not (of_one and column.key == "insurer")],
        caption=lazy_gettext("Annual contracts"),
        name=name,
        filename="annual-contracts",
        search=lambda row: f"{row.contract.number} {row.insurer.name} {row.agreement.number} {row.agreement.area}",
        search_label=lazy_gettext("Number, insurer or area"),
        filters=() if of_one else _contract_filters(rows),
        late=lambda row: row.premium.arrears > 0,
        empty=lazy_gettext("No annual contract yet"),
        empty_note=lazy_gettext("Annual contracts are prepared from a signed service agreement."),
    )


def agreement_table(
    rows: list[tuple[ServiceAgreement, Organisation]], *, name: str = "", of_one: bool = False
) -> Table:
    """Service agreements as a list; of_one: of one insurer, whose name then stands above."""

    def page(row: Any) -> str:
        return url_for("contracts.agreement", agreement_id=row[0].id)

    columns = [
        Column("number", lazy_gettext("Agreement"), "code", value=lambda row: row[0].number, sort=True, link=page,
               note=lambda row: labels.scheme(row[0].scheme)),
        Column("insurer", lazy_gettext("Insurer"), value=lambda row: labels.named(row[1]), sort=True),
        Column("area", lazy_gettext("Area"), value=lambda row: row[0].area, sort=True),
        Column("term", lazy_gettext("Term"), value=lambda row: _term(row[0]), sort=True),
        Column("stage", lazy_gettext("Stage"), "chip", when=True, value=lambda row: _agreement_chip(row[0])),
    ]  # fmt: skip
    return Table(
        rows,
        [column for column in columns if not (of_one and column.key == "insurer")],
        caption=lazy_gettext("Service agreements"),
        name=name,
        filename="service-agreements",
        search=lambda row: f"{row[0].number} {row[1].name} {row[0].area}",
        search_label=lazy_gettext("Number, insurer or area"),
        filters=() if of_one else _agreement_filters(rows),
        empty=lazy_gettext("No service agreement yet"),
        empty_note=lazy_gettext("Agreements are drafted from the award of a tender."),
    )


def _contract_filters(rows: list[Standing]) -> list[Filter]:
    years = sorted({row.contract.year for row in rows}, reverse=True)
    filters = [
        Filter("year", lazy_gettext("Year"), [(str(year), str(year)) for year in years],
               where=lambda value: lambda row: str(row.contract.year) == value),
        _by_scheme(lambda row: row.agreement),
        _by_insurer([row.insurer for row in rows], lambda row: row.insurer),
        Filter("stage", lazy_gettext("Stage"), _stages(labels.CONTRACT_STAGES),
               where=lambda value: lambda row: labels.contract_standing(row.contract, now()).value == value),
    ]  # fmt: skip
    return [item for item in filters if item.key != "insurer" or not actor().is_insurer]


def _agreement_filters(rows: list[tuple[ServiceAgreement, Organisation]]) -> list[Filter]:
    filters = [
        _by_scheme(lambda row: row[0]),
        _by_insurer([insurer for _, insurer in rows], lambda row: row[1]),
        Filter("stage", lazy_gettext("Stage"), _stages(labels.AGREEMENT_STAGES),
               where=lambda value: lambda row: labels.agreement_standing(row[0], now()).value == value),
    ]  # fmt: skip
    return [item for item in filters if item.key != "insurer" or not actor().is_insurer]


def _by_scheme(agreement_of: Any) -> Filter:
    choices = [(scheme.value, label) for scheme, label in labels.SCHEMES.items()]
    label = lazy_gettext("Scheme")
    return Filter("scheme", label, choices, where=lambda value: lambda row: agreement_of(row).scheme.value == value)


def _by_insurer(insurers: list[Organisation], insurer_of: Any) -> Filter:
    known = {str(row.id): labels.named(row) for row in insurers}
    choices = sorted(known.items(), key=lambda choice: choice[1])
    label = lazy_gettext("Insurer")
    return Filter("insurer", label, choices, where=lambda value: lambda row: str(insurer_of(row).id) == value)


def _stages(chips: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [(stage.value, chip.word) for stage, chip in chips.items()]


def _term(agreement: ServiceAgreement) -> str:
    return f"{agreement.term_from.year}–{agreement.term_until.year}"


def _contract_chip(row: Standing) -> Any:
    return labels.CONTRACT_STAGES[labels.contract_standing(row.contract, now())]


def _agreement_chip(agreement: ServiceAgreement) -> Any:
    return labels.AGREEMENT_STAGES[labels.agreement_standing(agreement, now())]


def _accounts(agreements: list[ServiceAgreement]) -> list[tuple[ServiceAgreement, DedicatedAccount]]:
    found = []
    for agreement in agreements:
        query = select(DedicatedAccount).where(DedicatedAccount.agreement_id == agreement.id)
        found += [(agreement, account) for account in session().exec(query)]
    return found


def _assessments(years: list[Standing]) -> Table:
    numbers = {row.contract.id: row for row in years}
    rows = [row for row in session().exec(select(Assessment)) if row.contract_id in numbers]
    rows.sort(key=lambda row: row.decided_at, reverse=True)
    columns = [
        Column("contract", lazy_gettext("Contract"), "code", value=lambda row: numbers[row.contract_id].contract.number,
               link=lambda row: url_for("contracts.contract", contract_id=row.contract_id, _anchor="assessment")),
        Column("period", lazy_gettext("Period")),
        Column("score", lazy_gettext("Score"), "number"),
        Column("deduction", lazy_gettext("Deduction"), "money", unit=lazy_gettext("yuan")),
        Column("decided_at", lazy_gettext("Decided at"), "moment", when=True),
    ]  # fmt: skip
    return Table(
        rows, columns, caption=gettext("Assessments"), name="assessments", filename="assessments",
        empty=gettext("No assessment yet"),
    )  # fmt: skip
