"""`flask opendata`: write the open data into a folder, and check such a folder."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from core.cli import Commands, answer, as_json, house
from disclosure.opendata import check as check_export
from disclosure.opendata import open_files, write

cli = Commands("opendata", help="The public record as open data.")


@cli.command("export")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write into."
)
@as_json
@with_appcontext
def export(out: Path, as_json: bool) -> None:
    """Write OCDS packages, CSV and JSON tables with their checksums into a folder."""
    session = house().db.session
    files = open_files(session, house().clock.now())
    write(out, files)
    listed = [{"name": file.name, "sha256": file.sha256, "size": len(file.content)} for file in files]
    answer(listed, as_json, f"{len(files)} files written into {out}")


@cli.command("check")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--schema",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with schema/ and extensions/ of OCDS 1.1.5.",
)
@as_json
def check(folder: Path, schema: Path | None, as_json: bool) -> None:
    """Check checksums, shape and references of an export; with --schema also by the OCDS schema."""
    faults = check_export(folder, schema)
    words = "\n".join(f"{fault.file}{fault.place}: {fault.reason}" for fault in faults)
    held = "the data hold" if schema else "the data hold (without the OCDS schema)"
    listed = [{"file": fault.file, "place": fault.place, "reason": fault.reason} for fault in faults]
    answer({"ok": not faults, "faults": listed}, as_json, words or held)
    if faults:
        raise click.exceptions.Exit(1)
