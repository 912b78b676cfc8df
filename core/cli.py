"""The house's own commands (audit, backup, restore, jobs) and what every room's commands share."""

import errno
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from core import audit as audit_log
from core import backup as backups
from core.db import trouble
from core.errors import ChengbanError, Invalid, N_
from core.house import House
from core.tasks import scheduler
from core.tasks.registry import sweeps
from core.tasks.sweeping import run_due
from core.tasks.work import run_waiting


class Commands(AppGroup):
    """A group of commands that says a refusal in one clear message and exits with 1; every group is one.

    So does a folder that cannot be written, a file that cannot be read, a database that is not there.
    """

    def invoke(self, ctx: click.Context) -> Any:
        return _in_words(lambda: super(Commands, self).invoke(ctx))


class Command(click.Command):
    """A single command that refuses as `Commands` does."""

    def invoke(self, ctx: click.Context) -> Any:
        return _in_words(lambda: super(Command, self).invoke(ctx))


def _in_words(run: Callable[[], Any]) -> Any:
    try:
        return run()
    except ChengbanError as refused:
        raise click.ClickException(refused.in_english()) from refused
    except (OperationalError, ProgrammingError) as failed:
        raise click.ClickException(trouble(failed)) from failed
    except OSError as failed:
        if failed.errno == errno.EPIPE:  # whoever read our answer has gone; click ends quietly
            raise
        place = f"{failed.filename}: " if failed.filename else ""
        raise click.ClickException(f"{place}{failed.strerror or failed}") from failed


def house() -> House:
    """The house of the running command."""
    return current_app.extensions["house"]


as_json = click.option("--json", "as_json", is_flag=True, help="Answer with data.")


def answer(data: Mapping[str, Any] | Sequence[Any], as_json: bool, words: str) -> None:
    """Print data as JSON for programs, or words for people."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=1) if as_json else words)


audit = Commands("audit", help="The append-only log of what happened.")


@audit.command("verify")
@as_json
def audit_verify(as_json: bool) -> None:
    """Walk the whole chain; exit 1 and name the positions where it does not hold."""
    session = house().db.session
    faults = [{"position": fault.position, "reason": fault.reason} for fault in audit_log.verify(session)]
    head = session.get(audit_log.AuditHead, 1)
    size, last = (head.size, head.hash.hex()) if head else (0, audit_log.GENESIS.hex())
    words = [f"position {fault['position']}: {fault['reason']}" for fault in faults]
    closing = f"{len(faults)} faults in {size} events" if faults else f"{size} events hold; the head is {last}"
    answer({"ok": not faults, "events": size, "head": last, "faults": faults}, as_json, "\n".join([*words, closing]))
    if faults:
        raise click.exceptions.Exit(1)


@click.command("backup", cls=Command)
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--to", "recipients", multiple=True, metavar="age1…", help="Encrypt to this age recipient; repeatable.")
@as_json
@with_appcontext
def backup(target: Path, recipients: tuple[str, ...], as_json: bool) -> None:
    """Write a consistent copy of database and files, with a manifest.

    With --to, or CHENGBAN_BACKUP_RECIPIENTS, TARGET is one file encrypted with age; else a folder that anybody who has
    it can read, which is refused while a tender is between publication and opening.
    """
    keys = recipients or house().settings.backup_recipients
    if not keys:
        _tell("backed up", backups.backup(house(), target), as_json)
        return
    made = backups.backup_sealed(house(), target, keys)
    words = f"backed up: {made.database_kind} database, encrypted to {made.recipients} recipients, {made.size} bytes"
    answer(asdict(made), as_json, f"{words}; the audit head is {made.audit_hash or 'empty'}")


@click.command("restore", cls=Command)
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--identity", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="age identity file.")
@click.option("--check", is_flag=True, help="Only check that every byte is there and unaltered; write nothing.")
@click.option("--force", is_flag=True, help="Replace the content of the house.")
@as_json
@with_appcontext
def restore(source: Path, identity: Path | None, check: bool, force: bool, as_json: bool) -> None:
    """Check the backup SOURCE (folder or encrypted file) and put it back; stop web and scheduler first."""
    settings = house().settings
    house().db.remove()
    house().db.engine.dispose()
    with _readable(source, identity, settings.data) as folder:
        if check:
            _tell("whole", backups.checked(folder), as_json)
        else:
            _tell("restored", backups.restore(settings, folder, force=force), as_json)


def _readable(source: Path, identity: Path | None, data: Path) -> AbstractContextManager[Path]:
    if not backups.is_sealed(source):
        return nullcontext(source)
    if identity is None:
        raise Invalid(N_("This backup is encrypted: name the identity file with --identity"))
    return backups.unsealed(source, identity, data)


def _tell(verb: str, manifest: backups.Manifest, as_json: bool) -> None:
    facts = {
        "made_at": manifest.made_at,
        "database": manifest.database_kind,
        "files": len(manifest.files),
        "bytes": sum(manifest.files.values()),
        "audit_events": manifest.audit_size,
        "audit_head": manifest.audit_hash,
    }
    words = f"{verb}: {manifest.database_kind} database, {facts['files']} files, {manifest.audit_size} audit events"
    answer(facts, as_json, f"{words}; the audit head is {manifest.audit_hash or 'empty'}")


jobs = Commands("jobs", help="Long work and sweeps.")


@jobs.command("run")
def jobs_run() -> None:
    """Be the scheduler process: do queued work and run sweeps until stopped; a second one stands by."""
    scheduler.run(house())


@jobs.command("due")
@as_json
def jobs_due(as_json: bool) -> None:
    """Do now what is due: every sweep whose time has come and all waiting work."""
    ran, done = run_due(house()), run_waiting(house())
    answer({"sweeps": ran, "tasks": done}, as_json, f"{len(ran)} of {len(sweeps())} sweeps were due; {done} tasks done")


#: What wsgi registers on `flask`.
groups: tuple[click.Command, ...] = (audit, backup, restore, jobs)
