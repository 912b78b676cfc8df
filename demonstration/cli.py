"""`flask demo`: play the case into a folder, load it once into the served house, list its accounts."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
from flask import current_app

from core.cli import Commands, answer, as_json
from core.clock import FixedClock
from core.config import ROOT, Settings
from core.errors import N_, Refused
from core.house import House, build
from core.identity.models import Organisation
from demonstration.jilin.tender import passphrase
from demonstration.output import write
from demonstration.people import listed
from demonstration.play import OPENING, play
from demonstration.story import STORY, write_shift

cli = Commands("demo", help="The demonstration: the whole life of the Jilin case, with invented people and offices.")


@cli.command("play")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("out"), show_default=True)
def play_case(out: Path) -> None:
    """Play the whole case in a house of its own and write papers, open data and summary.json."""
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="chengban-demo-") as folder:
        house = _stage_house(replace(_settings(), data=Path(folder), database_url=_sqlite(Path(folder))))
        play(house, _say(started))
        write(house, out)
        house.db.engine.dispose()
    click.echo(f"{time.monotonic() - started:6.1f} s  {out / 'summary.json'}")


@cli.command("load")
def load() -> None:
    """Load the demonstration into the configured house, once; its clock then goes on from where the play ends."""
    settings = _settings()
    if (settings.data / STORY).exists():
        click.echo("the demonstration is already loaded")
        return
    house = _stage_house(settings, migrate=False)
    if house.db.session.query(Organisation).first() is not None:
        raise Refused(N_("This house is not empty: run `make clean-data` first, or set CHENGBAN_DATA to a new folder"))
    started = time.monotonic()
    ended = play(house, _say(started), leave_work=True)
    write_shift(settings.data / STORY, ended)
    click.echo(f"{time.monotonic() - started:6.1f} s  the demonstration is loaded")


@cli.command("accounts")
@as_json
def accounts(as_json: bool) -> None:
    """List the accounts of the demonstration, with their one password."""
    people = listed()
    offices = {entry["key"]: entry["short_name"] for entry in people["organisation"]}
    rows = [
        {
            "login": user["login"],
            "name": user["name"],
            "organisation": offices[user["organisation"]],
            "roles": user["roles"],
            "password": people["password"],
        }
        for user in people["user"]
    ]
    lines = [f"  {row['login']:<11} {'、'.join(row['roles']):<34} {row['name']}，{row['organisation']}" for row in rows]
    head = f"Demonstration accounts (password for all: {people['password']})"
    foot = f"Passphrases of the opening officers' keys: {passphrase('officer1')}, … ; the clock: /demonstration/"
    answer(rows, as_json, "\n".join([head, *lines, foot]))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["house"].settings
    if settings.is_production:
        raise Refused(N_("Production does not load a demonstration"))
    return settings


def _stage_house(settings: Settings, migrate: bool = True) -> House:
    """A house whose clock stands where the curtain rises."""
    if migrate:
        environment = {**os.environ, "CHENGBAN_DATA": str(settings.data), "DATABASE_URL": settings.database_url}
        program = [sys.executable, "-m", "alembic", "upgrade", "head"]
        subprocess.run(program, cwd=ROOT, env=environment, check=True)
    return build(settings, FixedClock(OPENING))


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'chengban.sqlite3'}"


def _say(started: float) -> Callable[[str], None]:
    """Each step with the seconds the play has taken so far."""
    return lambda text: click.echo(f"{time.monotonic() - started:6.1f} s  {text}")
