"""The public pages: home, notices, whole procurements and search; read through the public record only."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import col
from werkzeug.wrappers import Response

from core.clock import beijing, local_date
from core.documents.models import IssuedDocument
from core.money import show_rate, show_yuan
from core.web import Column, Filter, Table, clock, listing, now, public, session
from core.web.filters import number as grouped
from core.web.filters import percent
from disclosure.record import (
    Process,
    PublicYear,
    YearTotals,
    linked_processes,
    papers_of_process,
    process_by_number,
    public_papers,
    public_processes,
    public_years,
    replacement,
    totals,
)
from disclosure.record.papers import CIRCULARS, CONTRACT, PROCUREMENT, REPORTS
from disclosure.rules.open_tables import OpenTable, as_text
from disclosure.views.benefits import current_benefits
from disclosure.views.blueprints import bp, portal
from disclosure.views.comparison import comparison
from disclosure.views.labels import PAPERS, binds, paper_kind, process_chip
from disclosure.views.life import life
from disclosure.views.public_files import paper_url, shown_paper

#: How many notices the home page shows.
LATEST = 8


@portal.context_processor
@bp.context_processor
def words() -> dict[str, Any]:
    """What every public template calls things by."""
    return {"paper_kind": paper_kind, "paper_url": paper_url, "binds": binds, "process_chip": process_chip}


@portal.app_template_filter("open_value")
def open_value(value: Any) -> str:
    """A value of a published table as a page writes it; amounts and counts with their separators."""
    if isinstance(value, Decimal):
        return show_yuan(value) if value.as_tuple().exponent == -2 else percent(value)
    if isinstance(value, Fraction):
        return show_rate(value, 2).lstrip("+")
    return grouped(value) if isinstance(value, int) else as_text(value)


@portal.app_template_filter("numeric_column")
def numeric_column(table: OpenTable, number: int) -> bool:
    """Whether a column of a published table holds figures, which stand at the right."""
    return any(isinstance(row[number], int | Decimal | Fraction) for row in table.rows)


@portal.get("/")
@public
def index() -> str:
    """The home page: search, the year's figures, latest notices, open tenders, verifying, what is paid."""
    processes = public_processes(session(), now())
    years = public_years(session())
    kinds = [kind for kind in (*PROCUREMENT, *CONTRACT, *REPORTS, *CIRCULARS) if kind != "tender_document"]
    latest = session().exec(public_papers(*kinds).limit(LATEST)).all()  # type: ignore[call-overload]
    shown = _shown_year(years)
    return render_template(
        "portal/index.html",
        latest=latest,
        open=[process for process in processes if process.is_open],
        processes=processes,
        totals=shown,
        settled=[year for year in years if shown and year.contract.year == shown.year and year.sheet],
        benefits=current_benefits(years, local_date(now())),
    )


@portal.get("/notices")
@public
def notices() -> Response | str:
    """Every public notice, filtered by kind and year."""
    columns = [
        Column("title", lazy_gettext("Notice"), link=paper_url, note=lambda paper: paper.number),
        Column("kind", lazy_gettext("Kind"), value=paper_kind),
        Column("version", lazy_gettext("Version"), "number"),
        Column("published_at", lazy_gettext("Published on"), "day", sort=col(IssuedDocument.published_at), when=True),
    ]
    first, last = _years_of_notices()
    table = Table(
        public_papers(),
        columns,
        caption=lazy_gettext("Notices"),
        search=[col(IssuedDocument.number), col(IssuedDocument.title)],
        search_label=lazy_gettext("Number or title"),
        filters=[
            Filter(
                "kind",
                lazy_gettext("Kind"),
                [(kind, label) for kind, (label, _) in PAPERS.items()],
                where=lambda kind: col(IssuedDocument.kind) == kind,
            ),
            Filter(
                "year",
                lazy_gettext("Year"),
                [(str(year), str(year)) for year in range(last, first - 1, -1)],
                where=_published_in,
            ),
        ],
        order=[col(IssuedDocument.published_at).desc(), col(IssuedDocument.id).desc()],
        empty=lazy_gettext("Nothing has been published yet"),
        filename="notices",
    )
    return listing("portal/notices.html", table)


@portal.get("/notices/<number>")
@public
def notice(number: str) -> str:
    """A public paper: what it is, its file and fingerprint, its versions (?version=)."""
    version = request.args.get("version", type=int)
    paper = shown_paper(number, version)
    query = public_papers().where(col(IssuedDocument.number) == number)
    versions = session().exec(query).all()  # type: ignore[call-overload]
    return render_template(
        "portal/notice.html",
        paper=paper,
        versions=versions,
        newest=replacement(session(), paper),
        process=_process_of(paper),
    )


@portal.get("/processes")
@public
def processes() -> Response | str:
    """Every published procurement from tender to settlement."""
    columns = [
        Column(
            "number",
            lazy_gettext("Project"),
            value=lambda one: one.tender.title,
            link=lambda one: url_for(".process", number=one.tender.number),
            note=lambda one: one.tender.number,
        ),
        Column("lots", lazy_gettext("Lots"), "number", value=lambda one: len(one.lots)),
        Column(
            "budget", lazy_gettext("Budget"), "money", value=lambda one: one.tender.budget, unit=lazy_gettext("yuan")
        ),
        Column("published", lazy_gettext("Published on"), "day", value=lambda one: one.tender.published_at, when=True),
        Column("stage", lazy_gettext("Stage"), "chip", value=lambda one: process_chip(one.stage)),
    ]
    table = Table(
        public_processes(session(), now()),
        columns,
        caption=lazy_gettext("Whole procurements"),
        search=lambda one: " ".join([one.tender.number, one.tender.title, *(year.insurer.name for year in one.years)]),
        search_label=lazy_gettext("Number, title or insurer"),
        filters=[
            Filter(
                "open",
                lazy_gettext("Bids"),
                [("yes", lazy_gettext("Open for bids")), ("no", lazy_gettext("Closed"))],
                where=lambda value: lambda one: one.is_open == (value == "yes"),
            )
        ],
        empty=lazy_gettext("No tender has been published yet"),
        filename="processes",
    )
    return listing("portal/processes.html", table)


@portal.get("/processes/<number>")
@public
def process(number: str) -> str:
    """The whole life of one procurement on one page."""
    found = process_by_number(session(), number, now())
    papers = papers_of_process(session(), found)
    return render_template(
        "portal/process.html",
        process=found,
        events=life(found, papers, clock().now()),
        comparison=comparison(found),
        groups=_grouped(papers, found),
        linked=linked_processes(session(), found, now()),
        ranking=next((paper for paper in papers if paper.kind == "award_notice" and paper.attachments), None),
    )


@portal.get("/search")
@public
def search() -> str:
    """Notices, procurements and contracts that match a number, insurer or year."""
    words = request.args.get("q", "").strip()[:100]
    found: dict[str, Any] = {"papers": [], "processes": [], "years": []}
    if words:
        pattern = f"%{words}%"
        query = public_papers().where(
            col(IssuedDocument.number).ilike(pattern) | col(IssuedDocument.title).ilike(pattern)
        )
        found["papers"] = session().exec(query.limit(30)).all()  # type: ignore[call-overload]
        years = public_years(session())
        found["years"] = [year for year in years if words.lower() in _text_of_year(year).lower()]
        found["processes"] = [
            one
            for one in public_processes(session(), now())
            if words.lower() in f"{one.tender.number} {one.tender.title}".lower()
        ]
    return render_template("portal/search.html", words=words, nothing=not any(found.values()), **found)


def _grouped(papers: list[IssuedDocument], found: Process) -> list[tuple[Any, list[IssuedDocument]]]:
    """The papers to take away: those of the tender, then those of each insurance year, newest year first."""
    contracts = {str(year.contract.id): year.contract.year for year in found.years}
    reports = {
        str(row.id): year.contract.year for year in found.years for row in (year.signing, year.final) if row is not None
    }
    years = {"annual_contract": contracts, "disclosure": reports}
    of_year: dict[int, list[IssuedDocument]] = {}
    tender: list[IssuedDocument] = []
    for paper in papers:
        year = years.get(paper.subject_type, {}).get(paper.subject_id)
        (tender if year is None else of_year.setdefault(year, [])).append(paper)
    groups = [(gettext("Year %(year)s", year=year), of_year[year]) for year in sorted(of_year, reverse=True)]
    return [(gettext("Tender"), tender), *groups]


def _shown_year(years: list[PublicYear]) -> YearTotals | None:
    """The newest year all of whose contracts are settled; while there is none, the newest with any."""
    sums = totals(years)
    announced = Counter(year.contract.year for year in years)
    return next((one for one in sums if one.contracts == announced[one.year]), sums[0] if sums else None)


def _text_of_year(year: Any) -> str:
    insurer = year.insurer
    return f"{year.contract.number} {year.contract.year} {insurer.name} {insurer.short_name} {insurer.english_name}"


def _years_of_notices() -> tuple[int, int]:
    """The first and last year in which something was published."""
    newest = session().exec(public_papers().limit(1)).first()  # type: ignore[call-overload]
    oldest = session().exec(public_papers().order_by(None).order_by(col(IssuedDocument.published_at)).limit(1)).first()  # type: ignore[call-overload]
    if newest is None or oldest is None:
        return (local_date(now()).year, local_date(now()).year)
    return local_date(oldest.published_at).year, local_date(newest.published_at).year


def _published_in(year: str) -> Any:
    start, end = beijing(int(year), 1, 1), beijing(int(year) + 1, 1, 1)
    return (col(IssuedDocument.published_at) >= start) & (col(IssuedDocument.published_at) < end)


def _process_of(paper: IssuedDocument) -> Process | None:
    """The procurement a public paper belongs to, if it belongs to one."""
    for found in public_processes(session(), now()):
        if any(one.id == paper.id for one in papers_of_process(session(), found)):
            return found
    return None
