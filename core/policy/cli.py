"""`flask policy`: list the packs, show what was in force on a day, check a pack or rule file of one's own."""

import json
from datetime import datetime
from pathlib import Path

import click

from core.cli import Commands
from core.policy.advice import advisers
from core.policy.library import check_file, content_hash, packs, parse, view
from core.policy.listing import in_words, rows
from core.policy.model import Clause
from core.policy.pack import Pack, PolicyView

cli = Commands("policy", help="Policy packs: dated rules, each value with its clause.")


@cli.command("list", with_appcontext=False)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def list_packs(as_json: bool) -> None:
    """List the packs that are there."""
    found = list(packs().values())
    if as_json:
        click.echo(json.dumps([_identity(pack) for pack in found], ensure_ascii=False, indent=2))
        return
    for pack in found:
        paper = pack.identity
        until = paper.in_force_until.isoformat() if paper.in_force_until else ""
        click.echo(f"{pack.name:<16}{paper.in_force_from}…{until:<12}{pack.hash[:12]}  {paper.title}")


@cli.command("show", with_appcontext=False)
@click.argument("name")
@click.option("--on", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day, as 2017-03-01.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def show(name: str, day: datetime, as_json: bool) -> None:
    """Show what was in force under NAME (a pack, or the beginning of its name) on a day, each value with its clause."""
    seen = view(name, day.date())
    if as_json:
        click.echo(json.dumps(_view(seen), ensure_ascii=False, indent=2))
        return
    _print_view(seen)


@cli.command("check", with_appcontext=False)
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check a pack or a sharing-rule file, inside the project or out of it; exit 1 with file, key and reason."""
    found = check_file(file)
    name = found.name if isinstance(found, Pack) else "sharing rule"
    click.echo(f"{file}: {name} is in order, hash {content_hash(parse(file))}")
    for rule in [entry.rule for entry in found.series["sharing"]] if isinstance(found, Pack) else [found]:
        for sentence in (sentence for advise in advisers for sentence in advise(rule)):
            click.echo(sentence)


def _identity(pack: Pack) -> dict[str, str | None]:
    paper = pack.identity
    return {
        "pack": pack.name,
        "title": paper.title,
        "document": paper.document,
        "issuer": paper.issuer,
        "in_force_from": paper.in_force_from.isoformat(),
        "in_force_until": paper.in_force_until.isoformat() if paper.in_force_until else None,
        "hash": pack.hash,
    }


def _view(seen: PolicyView) -> dict[str, object]:
    return {
        "pack": seen.pack,
        "title": seen.identity.title,
        "document": seen.identity.document,
        "on": seen.on.isoformat(),
        "in_force_from": seen.identity.in_force_from.isoformat(),
        "hash": seen.hash,
        "overridden_by": list(seen.overridden_by),
        "inherited": dict(seen.inherited),
        "values": [row.as_json() for row in rows(seen)],
    }


def _print_view(seen: PolicyView) -> None:
    number = f"（{seen.identity.document}）" if seen.identity.document else ""
    click.echo(f"{seen.identity.title}{number}")
    click.echo(f"{seen.pack} on {seen.on}, in force from {seen.identity.in_force_from}, hash {seen.hash}")
    for later in seen.overridden_by:
        click.echo(f"{later} prevails over it on this day wherever the two differ.")
    inherited, section, lines = dict(seen.inherited), "", _lines(seen)
    width = max((len(key) for _, key, _, _ in lines), default=0)
    for of_section, key, text, source in lines:
        if of_section != section:
            section = of_section
            click.echo(f"\n[{section}]" + (f" as in {inherited[section]}" if section in inherited else ""))
        click.echo(f"  {key:<{width}}  {text}  〔{source}〕")


def _lines(seen: PolicyView) -> list[tuple[str, str, str, str]]:
    """Section, key, text and source of each value; a band of the sharing rule is one line, not one for each edge."""
    lines = [
        (row.section, row.key.removeprefix(f"{row.section}."), _text(row.value), _source(row.clause, row.house))
        for row in rows(seen)
        if not row.key.startswith("sharing.bands.")
    ]
    bands = seen.sharing.bands if seen.sharing else ()
    at = next((number for number, line in enumerate(lines) if line[0] == "sharing"), 0)
    lines[at:at] = [
        ("sharing", f"bands.{band.key}", in_words(band), _source(band.clause, band.house is not None)) for band in bands
    ]
    return lines


def _source(clause: Clause, house: bool) -> str:
    return f"house choice, silent: {clause}" if house else str(clause)


def _text(value: object) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
