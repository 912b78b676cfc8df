"""Validation by the OCDS schema from a local folder: extensions merged in order, every reference resolved, no network.

A validator that cannot load an extension accepts every field of it unseen; so a field the merged schema does not know
is a fault here, and so is a definition that does not resolve.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import Invalid, N_
from disclosure.opendata.exact import loads
from disclosure.opendata.ocds import EXTENSIONS

_BASE = "https://standard.open-contracting.org/schema/1__1__5/"


def schema_faults(document: dict[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Where a package breaks the schema in the folder: (place, reason). Raises Invalid for a folder without it."""
    from jsonschema import Draft4Validator

    release, package, registry = _prepared(folder, "records" in document)
    validator = Draft4Validator(package, registry=registry, format_checker=_formats())
    found = [
        ("/" + "/".join(str(part) for part in error.absolute_path), error.message[:200])
        for error in validator.iter_errors(document)
    ]
    for place, item in _releases(document):
        found += [
            (f"{place}{where}", "is a field the schema does not know") for where in _unknown(item, release, release)
        ]
    known = set(package["properties"])
    found += [(f"/{key}", "is a field the schema does not know") for key in document if key not in known]
    return found


def merged_schema(folder: Path) -> dict[str, Any]:
    """The release schema with our extensions, dependencies first. Raises Invalid where one is missing or dangles."""
    schema: dict[str, Any] = _read(folder / "schema" / "release-schema.json")
    for name in EXTENSIONS:
        _merge(schema, _read(folder / "extensions" / name / "release-schema.json"))
    for reference in _references(schema):
        name = reference.removeprefix("#/definitions/")
        if reference.startswith("#/definitions/") and name not in schema["definitions"]:
            raise Invalid(N_("The schema names a definition that is not there: %(name)s"), name=name)
    return schema


def _formats() -> Any:
    """Formats checked by ourselves: the library leaves out, in silence, those whose own checker is not installed."""
    from jsonschema import FormatChecker

    formats = FormatChecker(formats=())
    formats.checks("date-time", raises=ValueError)(_is_instant)
    formats.checks("uri", raises=ValueError)(_is_address)
    return formats


def _is_instant(text: Any) -> bool:
    return not isinstance(text, str) or ("T" in text and datetime.fromisoformat(text).tzinfo is not None)


def _is_address(text: Any) -> bool:
    return not isinstance(text, str) or (text.isascii() and bool(urlsplit(text).scheme))


@lru_cache(maxsize=4)
def _prepared(folder: Path, is_record: bool) -> tuple[dict[str, Any], dict[str, Any], Any]:
    from referencing import Registry, Resource

    release = merged_schema(folder)
    name = "record-package-schema.json" if is_record else "release-package-schema.json"
    versioned = _read(folder / "schema" / "versioned-release-validation-schema.json")
    resources = {
        "release-schema.json": release,
        "release-package-schema.json": _read(folder / "schema" / "release-package-schema.json"),
        "versioned-release-validation-schema.json": versioned,
    }
    registry: Any = Registry().with_resources(
        [(_BASE + key, Resource.from_contents(schema)) for key, schema in resources.items()]
    )
    return release, _read(folder / "schema" / name), registry


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = loads(path.read_bytes())
    except FileNotFoundError:
        raise Invalid(N_("The folder holds no OCDS schema: %(file)s is missing"), file=path.name) from None
    return found


def _merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    """JSON merge patch (RFC 7396): nothing removes, objects merge, all else replaces."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            target[key] = value


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _references(item)


def _releases(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, release in enumerate(document.get("releases", [])):
        yield f"/releases/{number}", release
    for number, record in enumerate(document.get("records", [])):
        for position, release in enumerate(record.get("releases", [])):
            yield f"/records/{number}/releases/{position}", release
        if "compiledRelease" in record:
            yield f"/records/{number}/compiledRelease", record["compiledRelease"]


def _unknown(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str = "") -> Iterator[str]:
    """Fields that no part of the schema describes."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].removeprefix("#/definitions/")]
    if isinstance(value, dict) and "properties" in schema:
        for key, item in value.items():
            if key in schema["properties"]:
                yield from _unknown(item, schema["properties"][key], root, f"{place}/{key}")
            else:
                yield f"{place}/{key}"
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(value):
            yield from _unknown(item, schema["items"], root, f"{place}/{number}")
