"""`flask tender`: what tenders there are, where they stand, and their lawful dates."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlmodel import col, select

from core.calendar import china
from core.cli import Commands, answer, as_json, house
from core.clock import local_time
from core.errors import FileInvalid, Invalid, N_, NotFound, Refused
from core.policy.procurement import limits
from tender.archive import verify
from tender.models import Tender
from tender.rules import committee, published_ranking
from tender.rules.timetable import Anchors, Timetable, plan
from tender.services import lots_of, publication_checks, stage_of, timetable_of
from tender.services.archiving import build

cli = Commands("tender", help="Tenders: stages, lots and timetables.")
_number = click.argument("number")


def _tender(number: str) -> Tender:
    found = house().db.session.exec(select(Tender).where(Tender.number == number)).one_or_none()
    if found is None:
        raise NotFound(N_("There is no tender %(number)s"), number=number)
    return found


@cli.command("list")
@as_json
def list_tenders(as_json: bool) -> None:
    """Every tender with its stage."""
    now = house().clock.now()
    rows = [
        {"number": row.number, "title": row.title, "stage": stage_of(row, now).value, "budget": str(row.budget)}
        for row in house().db.session.exec(select(Tender).order_by(col(Tender.id)))
    ]
    lines = [f"{row['number']:<20} {row['stage']:<14} {row['title']}" for row in rows]
    answer(rows, as_json, "\n".join(lines) or "no tenders")


@cli.command("show")
@_number
@as_json
def show(number: str, as_json: bool) -> None:
    """A tender with its lots; before the opening nothing here tells whether anybody bids."""
    row = _tender(number)
    lots = [
        {
            "position": lot.position,
            "name": lot.name,
            "insured": lot.insured_count,
            "ceiling": format(lot.ceiling, "f"),
            "winners": lot.winners,
        }
        for lot in lots_of(house().db.session, row.id or 0)
    ]
    data = {
        "number": row.number,
        "title": row.title,
        "stage": stage_of(row, house().clock.now()).value,
        "pack": row.pack,
        "rule_set": row.rule_set,
        "deadline": local_time(row.deadline).isoformat() if row.deadline else None,
        "lots": lots,
    }
    words = [f"{key}: {value}" for key, value in data.items() if key != "lots"]
    words += [f"lot {lot['position']}: {lot['name']}, {lot['insured']} insured" for lot in lots]
    answer(data, as_json, "\n".join(words))


@cli.command("stage")
@_number
@as_json
def stage(number: str, as_json: bool) -> None:
    """Where a tender stands now."""
    standing = stage_of(_tender(number), house().clock.now()).value
    answer({"number": number, "stage": standing}, as_json, standing)


@cli.command("timetable")
@_number
@as_json
def timetable(number: str, as_json: bool) -> None:
    """Every lawful date of a tender with its article; provisional ones are marked."""
    found = timetable_of(_tender(number))
    rows = _dates(found) if found else []
    answer(rows, as_json, "\n".join(map(_date_line, rows)) or "no timetable yet")


def _dates(found: Timetable) -> list[dict[str, Any]]:
    return [
        {
            "step": entry.step,
            "title": entry.title,
            "date": entry.day.isoformat(),
            "bound": entry.bound,
            "clause": entry.clause,
            "provisional": entry.provisional,
        }
        for entry in found.entries
    ]


def _date_line(row: dict[str, Any]) -> str:
    mark = " (provisional)" if row["provisional"] else ""
    return f"{row['step']:<5} {row['date']}{mark}  {row['title']}  {row['clause']}"


@cli.command("plan")
@click.option("--notice", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day of the notice.")
@click.option("--deadline", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day on which bids close.")
@as_json
def plan_dates(notice: datetime, deadline: datetime, as_json: bool) -> None:
    """Every lawful date T01–T31 that follows from two dates; ends with 1 where a limit is broken."""
    known = limits(notice.date())
    found = plan(Anchors(notice.date(), deadline.date()), known, china())
    faults = [_said(fault.message, fault.params, fault.clause) for fault in found.faults]
    data = {
        "dates": _dates(found),
        "open": [
            {"step": row.limit.id, "title": row.limit.step, "number": row.limit.number, "unit": row.limit.unit,
             "counted": row.limit.counted, "why": row.why, "clause": row.limit.clause}
            for row in found.open
        ],
        "faults": faults,
        "warnings": [_said(warning.message, warning.params, warning.clause) for warning in found.warnings],
    }  # fmt: skip
    lines = [_date_line(row) for row in data["dates"]]
    lines += [f"{row['step']:<5} {row['why']}  {row['title']}  {row['counted'] or ''}" for row in data["open"]]
    lines += [f"! {fault['message']}  {fault['clause']}" for fault in faults]
    lines += [f"? {warning['message']}" for warning in data["warnings"]]
    answer(data, as_json, "\n".join(lines))
    if faults:
        raise SystemExit(1)


def _said(message: str, params: Mapping[str, Any], clause: str) -> dict[str, str]:
    return {"message": message % params if params else message, "clause": clause}


@cli.command("check")
@_number
@as_json
def check(number: str, as_json: bool) -> None:
    """Whether a tender in preparation is ready to publish; ends with 1 while something blocks."""
    found = publication_checks(house().db.session, _tender(number))
    rows = [
        {"level": row.level.value, "what": row.what % row.params, "why": row.why % row.params if row.why else "",
         "clause": row.clause, "field": row.field}
        for row in found
    ]  # fmt: skip
    lines = [f"{row['level']:<6} {row['what']}  {row['why']}  {row['clause']}" for row in rows]
    answer(rows, as_json, "\n".join(lines))
    if any(row["level"] == "block" for row in rows):
        raise SystemExit(1)


def _json_file(path: Path, message: str) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as fault:
        raise FileInvalid(message, [("the file", str(fault))], file=path.name) from fault
    if not isinstance(document, dict):
        raise FileInvalid(message, [("the file", "expected an object")], file=path.name)
    return document


_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@cli.command("rank")
@_file
@as_json
def rank(file: Path, as_json: bool) -> None:
    """Rank the bids of a published ranking.json again; exit 1 where the results it states differ."""
    document = _json_file(file, published_ranking.UNUSABLE)
    outcomes = published_ranking.recompute(document, file.name)
    differing = published_ranking.wrong_prices(document) + published_ranking.differences(document, outcomes)
    corrected = [
        {"lot": lot, "number": number, "price": format(reading.price, "f"), "steps": [x.text for x in reading.steps]}
        for lot, number, reading in published_ranking.corrections(document)
        if reading.steps
    ]
    bidders = {(lot["position"], bid["number"]): bid["bidder"] for lot in document["lots"] for bid in lot["bids"]}
    shown = published_ranking.shown
    lots = [
        {
            "lot": lot.position,
            "winners": [bidders[lot.position, number] for number in lot.winners],
            "ranking": [
                {
                    "rank": place.rank, "number": place.bid, "bidder": bidders[lot.position, place.bid],
                    "technical": shown(place.technical), "commercial": shown(place.commercial),
                    "price": shown(place.price_score), "total": format(place.total, "f"), "tie": place.tie,
                }
                for place in lot.ranking
            ],
        }
        for lot in outcomes
    ]  # fmt: skip
    words = []
    for lot in lots:
        words.append(f"lot {lot['lot']}")
        for row in lot["ranking"]:
            parts = f"{row['technical']} + {row['commercial']} + {row['price']}"
            words.append(f"{row['rank']:>3}  {row['total']:>7}  = {parts}  {row['bidder']}")
    words += [f"lot {row['lot']}, bid {row['number']}: {step}" for row in corrected for step in row["steps"]]
    words += differing or ["the results in the file agree"]
    data = {"agrees": not differing, "differences": differing, "corrections": corrected, "lots": lots}
    answer(data, as_json, "\n".join(words))
    if differing:
        raise click.exceptions.Exit(1)


@cli.command("draw")
@click.option("--verify", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def draw(file: Path, as_json: bool) -> None:
    """Draw a committee again from its draw.json; exit 1 where list, numbers or order are not the stated ones."""
    found = committee.check(_json_file(file, committee.UNUSABLE), file.name)
    words = [f"{place:>3}  {number}" for place, number in enumerate(found.order, 1)]
    words += found.differences or ["list, numbers and order agree"]
    data = {"agrees": not found.differences, "differences": list(found.differences), "order": list(found.order)}
    answer(data, as_json, "\n".join(words))
    if found.differences:
        raise click.exceptions.Exit(1)


@cli.command("archive")
@click.argument("number", required=False)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the ZIP is written.")
@click.option("--check", type=click.Path(exists=True, path_type=Path), help="A ZIP or an unpacked folder to check.")
@as_json
def archive(number: str | None, out: Path | None, check: Path | None, as_json: bool) -> None:
    """Write the fifteen-year archive of tender NUMBER to --out, or say whether the archive in --check is whole."""
    if check is not None:
        contents = verify.read(check)
        found = verify.faults(contents)
        if found:
            raise Refused(N_("The archive does not hold: %(faults)s"), faults="; ".join(found))
        answer({"whole": True, "files": len(contents)}, as_json, f"whole: {len(contents)} files")
        return
    if number is None or out is None:
        raise Invalid(N_("Name a tender and --out, or give --check"))
    content, files = build(house().db.session, _tender(number))
    out.write_bytes(content)
    answer({"number": number, "files": files, "size": len(content), "out": str(out)}, as_json, f"{out}: {files} files")
