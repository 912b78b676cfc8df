"""The JSON API for programs: the same public record as the portal, paged, amounts as exact texts."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response as FlaskResponse
from flask import jsonify, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from core.clock import local_time
from core.documents.models import IssuedDocument
from core.errors import Invalid, N_
from core.web import now, public, session
from disclosure.models import Disclosure
from disclosure.opendata.tables import FlatTable, contract_years, disclosures, settlements
from disclosure.record import (
    Process,
    contract_by_number,
    papers_of_process,
    process_by_number,
    public_papers,
    public_processes,
    public_years,
)
from disclosure.record.papers import paper_by_number
from disclosure.views.blueprints import api
from disclosure.views.openapi import document
from disclosure.views.reports import published

#: Entries of a page, and the most that may be asked for.
PAGE, MOST = 50, 200


@api.get("/openapi.json")
@public
def openapi() -> Response:
    """What the interface offers, as OpenAPI 3.1."""
    return jsonify(document(url_for("portal.index", _external=True).rstrip("/")))


@api.get("/processes")
@public
def processes() -> Response:
    """Published procurements, newest first."""
    return _page(public_processes(session(), now()), _process)


@api.get("/processes/<number>")
@public
def process(number: str) -> Response:
    """One procurement with its lots, awards, contract years and papers."""
    found = process_by_number(session(), number, now())
    papers = [_paper(paper) for paper in papers_of_process(session(), found)]
    years = _rows(contract_years(found.years))
    return jsonify({**_process(found), "contracts": years, "papers": papers})


@api.get("/notices")
@public
def notices() -> Response:
    """Public papers, newest first; ?kind= narrows."""
    kind = request.args.get("kind", "")
    query = public_papers(*([kind] if kind else []))
    total = session().scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number, size = _asked()
    rows = session().exec(query.offset((number - 1) * size).limit(size)).all()  # type: ignore[call-overload]
    return _answer([_paper(paper) for paper in rows], total, number, size)


@api.get("/notices/<number>")
@public
def notice(number: str) -> Response:
    """One public paper, newest version; ?version= names another."""
    return jsonify(_paper(paper_by_number(session(), number, request.args.get("version", type=int))))


@api.get("/contracts")
@public
def contracts() -> Response:
    """Announced contract years, newest first."""
    return _page(_rows(contract_years(public_years(session()))), dict)


@api.get("/contracts/<number>")
@public
def contract(number: str) -> Response:
    """One contract year."""
    return jsonify(_rows(contract_years([contract_by_number(session(), number)]))[0])


@api.get("/settlements")
@public
def settlement_list() -> Response:
    """Settlements whose final accounts are published, newest year first."""
    return _page(_rows(settlements(public_years(session()))), dict)


@api.get("/disclosures")
@public
def disclosure_list() -> Response:
    """Published disclosures, newest year first."""
    return _page(_rows(disclosures(public_years(session()))), dict)


@api.get("/disclosures/<number>")
@public
def disclosure(number: str) -> Response:
    """One disclosure with where its files are."""
    row = published(number, request.args.get("version", type=int))
    return jsonify(_disclosure(row))


def _disclosure(row: Disclosure) -> dict[str, Any]:
    place = {"number": row.number, "version": row.version, "_external": True}
    return {
        "number": row.number,
        "kind": row.kind.value,
        "version": row.version,
        "due_on": row.due_on.isoformat(),
        "clause": row.clause,
        "published_at": local_time(row.published_at).isoformat(),  # type: ignore[arg-type]
        "correction_reason": row.correction_reason,
        "pdf": url_for("portal.pdf", **place),
        "csv": url_for("portal.report_csv", **place),
        "json": url_for("portal.report_json", **place),
    }


def _process(found: Process) -> dict[str, Any]:
    tender = found.tender
    return {
        "number": tender.number,
        "title": tender.title,
        "stage": found.stage.value,
        "purchaser": found.purchaser.name,
        "budget": format(tender.budget, "f"),
        "published_at": local_time(tender.published_at).isoformat(),  # type: ignore[arg-type]
        "deadline": local_time(tender.deadline).isoformat() if tender.deadline else None,
        "pack": tender.pack,
        "demonstration": tender.demonstration,
        "lots": [
            {
                "position": lot.position,
                "name": lot.name,
                "scheme": lot.scheme.value,
                "insured": lot.insured_count,
                "ceiling": format(lot.ceiling, "f"),
                "failed": lot.failed_at is not None,
            }
            for lot in found.lots
        ],
        "awards": [
            {
                "lot": one.lot.position,
                "place": one.award.place,
                "insurer": one.insurer.name,
                "price": format(one.award.price, "f"),
                "area": one.award.area,
                "agreement": one.agreement.number if one.agreement else None,
            }
            for one in found.awards
        ],
    }


def _paper(paper: IssuedDocument) -> dict[str, Any]:
    place = {"number": paper.number, "version": paper.version, "_external": True}
    return {
        "number": paper.number,
        "version": paper.version,
        "kind": paper.kind,
        "title": paper.title,
        "published_at": local_time(paper.published_at).isoformat(),  # type: ignore[arg-type]
        "check_code": paper.check_code,
        "sha256": paper.pdf_sha256,
        "demonstration": paper.demonstration,
        "pdf": url_for("portal.pdf", **place),
        "files": [
            {
                "name": entry["name"],
                "sha256": entry["sha256"],
                "url": url_for("portal.enclosed", **place, name=entry["name"]),
            }
            for entry in paper.attachments
        ],
    }


def _rows(table: FlatTable) -> list[dict[str, Any]]:
    """A table's rows as objects, newest year first."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _page(items: Sequence[Any], shown: Callable[[Any], dict[str, Any]]) -> Response:
    number, size = _asked()
    first = (number - 1) * size
    return _answer([shown(item) for item in items[first : first + size]], len(items), number, size)


def _asked() -> tuple[int, int]:
    """Page and size as asked for. Raises Invalid for what is no count, or too many."""
    found = []
    for name, default, most in (("page", 1, 1_000_000), ("size", PAGE, MOST)):
        text = request.args.get(name, str(default))
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= most:
            raise Invalid(N_("%(name)s must be a number from 1 to %(most)s"), name=name, most=most)
        found.append(int(text))
    return found[0], found[1]


def _answer(items: list[Any], total: int, number: int, size: int) -> Response:
    response: FlaskResponse = jsonify({"total": total, "page": number, "size": size, "items": items})
    response.add_etag()
    return response.make_conditional(request)
