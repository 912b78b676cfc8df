"""`flask calendar`: the last day of a time limit, with the mark of a year not yet published."""

import json
from datetime import datetime

import click

from core.calendar import china
from core.calendar.working import Unit
from core.cli import Commands

cli = Commands("calendar", help="Working days by the State Council's notices.")


@cli.command("add", with_appcontext=False, context_settings={"ignore_unknown_options": True})
@click.argument("start", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("number", metavar="N", type=click.IntRange(-10_000, 10_000))
@click.option("--unit", type=click.Choice(["workday", "day"]), default="workday", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def add(start: datetime, number: int, unit: Unit, as_json: bool) -> None:
    """Count N days from DATE, which itself is not counted; a negative N counts back."""
    calendar = china()
    result = calendar.add(start.date(), number, unit)
    if as_json:
        click.echo(json.dumps({"date": result.date.isoformat(), "provisional": result.provisional}))
        return
    name = calendar.name_of(result.date)
    mark = "  (provisional: holidays of that year are not yet published)" if result.provisional else ""
    click.echo(f"{result.date.isoformat()}{f'  {name}' if name else ''}{mark}")
