"""Checks an export: every file as summed, every JSON well-formed and of the shape we publish, every reference resolved.

With a folder of the OCDS schema and its extensions, also valid by the schema and without a field it does not know.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from disclosure.opendata.exact import loads
from disclosure.opendata.export import FILES
from disclosure.opendata.schema import schema_faults
from disclosure.opendata.sense import sense_faults
from disclosure.opendata.shape import RECORDS, RELEASES, shape_faults

OCDS = {"releases.json": RELEASES, "records.json": RECORDS}


@dataclass(frozen=True)
class Fault:
    """One thing wrong: the file, the place in it, and why."""

    file: str
    place: str
    reason: str


def check(folder: Path, schema: Path | None = None) -> list[Fault]:
    """Everything wrong with an export; empty when it holds. schema: a folder with `schema/` and `extensions/`."""
    faults = list(_sums(folder))
    for name in sorted(FILES):
        path = folder / name
        if not path.is_file():
            faults.append(Fault(name, "", "the file is missing"))
        elif name.endswith(".json"):
            faults += _json(name, path.read_bytes(), schema)
    return faults


def _sums(folder: Path) -> Iterator[Fault]:
    listing = folder / "SHA256SUMS"
    if not listing.is_file():
        return
    summed = {}
    for number, line in enumerate(listing.read_text("utf-8").splitlines(), start=1):
        digest, _, name = line.partition("  ")
        if name not in FILES:
            yield Fault("SHA256SUMS", f"line {number}", f"names a file that is not part of the data: {name}")
        summed[name] = digest
    for path in sorted(folder.iterdir()):
        if path.name == "SHA256SUMS":
            continue
        if path.name not in summed:
            yield Fault(path.name, "", "is not in SHA256SUMS")
        elif sha256(path.read_bytes()).hexdigest() != summed[path.name]:
            yield Fault(path.name, "", "differs from its checksum")


def _json(name: str, content: bytes, schema: Path | None) -> list[Fault]:
    try:
        document: Any = loads(content)
    except ValueError as error:
        return [Fault(name, "", f"is no JSON: {error}")]
    if name not in OCDS:
        return [Fault(name, place, reason) for place, reason in _rows(document)]
    found = list(shape_faults(document, OCDS[name]))
    if not found:
        found += sense_faults(document)
    if schema is not None:
        found += schema_faults(document, schema)
    return [Fault(name, place, reason) for place, reason in found]


def _rows(document: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(document, list):
        yield "", "is not a list of rows"
        return
    for number, row in enumerate(document):
        if not isinstance(row, dict) or row.keys() != document[0].keys():
            yield f"/{number}", "does not have the columns of the first row"
        elif not all(isinstance(value, str) for value in row.values()):
            yield f"/{number}", "holds a value that is not a text"
