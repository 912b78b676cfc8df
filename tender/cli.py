"""`flask tender`: what tenders there are, where they stand, and their lawful dates."""

import click
from sqlmodel import col, select

from core.cli import Commands, answer, as_json, house
from core.clock import local_time
from core.errors import N_, NotFound
from tender.models import Tender
from tender.services import lots_of, stage_of, timetable_of

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
    plan = timetable_of(_tender(number))
    rows = [
        {
            "step": entry.step,
            "title": entry.title,
            "date": entry.day.isoformat(),
            "bound": entry.bound,
            "clause": entry.clause,
            "provisional": entry.provisional,
        }
        for entry in (plan.entries if plan else ())
    ]
    lines = [
        f"{row['step']}  {row['date']}{' (provisional)' if row['provisional'] else ''}  {row['title']}  {row['clause']}"
        for row in rows
    ]
    answer(rows, as_json, "\n".join(lines) or "no timetable yet")
