"""Insurers' disclosures for the public: the list, and each report with the same tables as its PDF, CSV and JSON."""

from typing import Any

from flask import Response as FlaskResponse
from flask import render_template, request, url_for
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlmodel import col, select
from werkzeug.wrappers import Response

from contracts.models import AnnualContract
from core.clock import local_date
from core.documents.models import IssuedDocument
from core.errors import N_, NotFound
from core.web import Column, Filter, Table, listing, now, public, session
from core.web.filters import chinese, named
from disclosure.models import Disclosure, DisclosureKind
from disclosure.record import contract_by_number, public_years, replacement
from disclosure.services.publications import disclosure_paper
from disclosure.views.blueprints import portal
from disclosure.views.labels import DISCLOSURES
from settlement.services.funds import present_fund


@portal.get("/disclosures")
@public
def reports() -> Response | str:
    """Every published disclosure, newest version of each."""
    years = public_years(session())
    rows = [(year, row) for year in years for row in (year.final, year.signing) if row is not None]
    columns = [
        Column(
            "contract",
            lazy_gettext("Disclosure"),
            value=lambda row: f"{named(row[0].insurer)} {row[0].contract.year}",
            link=lambda row: url_for(".report", number=row[1].number),
            note=lambda row: row[1].number,
        ),
        Column("kind", lazy_gettext("Kind"), value=lambda row: DISCLOSURES[row[1].kind]),
        Column("premium", lazy_gettext("Premium"), "money", value=_premium, unit=lazy_gettext("yuan")),
        Column("rate", lazy_gettext("Surplus or loss rate"), "rate", value=_rate),
        Column("version", lazy_gettext("Version"), "number", value=lambda row: row[1].version),
        Column("published", lazy_gettext("Published on"), "day", value=lambda row: row[1].published_at, when=True),
    ]
    insurers = {named(year.insurer) for year in years}
    table = Table(
        rows,
        columns,
        caption=lazy_gettext("Settlements and disclosures"),
        search=lambda row: f"{row[1].number} {row[0].contract.number} {row[0].insurer.name} {row[0].agreement.area}",
        search_label=lazy_gettext("Number, insurer or area"),
        filters=[
            Filter(
                "kind",
                lazy_gettext("Kind"),
                [(kind.value, label) for kind, label in DISCLOSURES.items()],
                where=lambda value: lambda row: row[1].kind.value == value,
            ),
            Filter(
                "year",
                lazy_gettext("Year"),
                [(str(year), str(year)) for year in sorted({one.contract.year for one in years}, reverse=True)],
                where=lambda value: lambda row: str(row[0].contract.year) == value,
            ),
            Filter(
                "insurer",
                lazy_gettext("Insurer"),
                [(name, name) for name in sorted(insurers)],
                where=lambda value: lambda row: named(row[0].insurer) == value,
            ),
        ],
        empty=lazy_gettext("No disclosure has been published yet"),
        filename="disclosures",
    )
    return listing("portal/reports.html", table)


@portal.get("/disclosures/<number>")
@public
def report(number: str) -> str:
    """One disclosure: key figures, every table, charts, files and versions (?version=)."""
    row = published(number, request.args.get("version", type=int))
    paper = disclosure_paper(session(), row, local_date(now()))
    issued = session().get_one(IssuedDocument, row.document_id)
    versions = session().exec(
        select(Disclosure)
        .where(Disclosure.number == number, col(Disclosure.published_at).is_not(None))
        .order_by(col(Disclosure.version).desc())
    )
    # The drawings are our own and escape their words.
    charts = [(chart, Markup(chart.svg)) for chart in paper.context["charts"].values()]  # noqa: S704
    year = contract_by_number(session(), _contract_number(row))
    return render_template(
        "portal/report.html",
        row=row,
        year=year,
        paper=paper,
        fund=present_fund(session(), year.contract, local_date(now())),
        issued=issued,
        newest=replacement(session(), issued),
        versions=list(versions),
        charts=charts,
        kind=DISCLOSURES[row.kind],
        is_final=row.kind is DisclosureKind.FINAL_ACCOUNTS,
        in_chinese=chinese(),
    )


@portal.get("/disclosures/<number>/<int:version>/data.csv")
@public
def report_csv(number: str, version: int) -> Response:
    """The report's values, one a line; the very file inside its PDF."""
    return _data(number, version, "csv")


@portal.get("/disclosures/<number>/<int:version>/data.json")
@public
def report_json(number: str, version: int) -> Response:
    """The report's tables as JSON; the very file inside its PDF."""
    return _data(number, version, "json")


def published(number: str, version: int | None = None) -> Disclosure:
    """A published disclosure by number, the newest version unless one is named. Raises NotFound."""
    query = select(Disclosure).where(Disclosure.number == number, col(Disclosure.published_at).is_not(None))
    if version is not None:
        query = query.where(Disclosure.version == version)
    row = session().exec(query.order_by(col(Disclosure.version).desc())).first()
    if row is None:
        raise NotFound(N_("There is no published disclosure with this number"))
    return row


def _data(number: str, version: int, kind: str) -> Response:
    row = published(number, version)
    paper = disclosure_paper(session(), row, local_date(now()))
    content = paper.csv if kind == "csv" else paper.json
    response = FlaskResponse(content, mimetype={"csv": "text/csv", "json": "application/json"}[kind])
    response.headers.set("Content-Disposition", "attachment", filename=f"{number}-v{version}.{kind}")
    response.add_etag()
    response.last_modified = row.published_at
    return response.make_conditional(request)


def _contract_number(row: Disclosure) -> str:
    return session().get_one(AnnualContract, row.contract_id).number


def _premium(row: Any) -> Any:
    year, shown = row
    is_final = shown.kind is DisclosureKind.FINAL_ACCOUNTS and year.figures is not None
    return year.figures["premium"] if is_final else year.contract.premium


def _rate(row: Any) -> Any:
    return row[0].rate if row[1].kind is DisclosureKind.FINAL_ACCOUNTS else None
