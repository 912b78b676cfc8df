"""Reads TOML tables into the frozen rules, collecting every fault with its key and reason before refusing."""

import difflib
import types
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from core.policy.model import Clause
from core.policy.model.base import Within

T = TypeVar("T")
_BAD = object()  # a value that could not be read; its fault is already on the list


@dataclass
class Reader:
    """Reads the tables of one file. document: what a source refers to when it names no document of its own."""

    document: str
    faults: list[tuple[str, str]] = field(default_factory=list)

    def fault(self, place: str, reason: str) -> object:
        """Note a fault; returns the mark of an unreadable value."""
        self.faults.append((place, reason))
        return _BAD

    def read(self, kind: type[T], table: Any, place: str) -> T | None:
        """The dataclass `kind` from a TOML table, or None when a fault was noted."""
        value = self._dataclass(kind, table, place)
        return None if value is _BAD else value

    def tables(self, value: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
        """The tables of an array of tables, each with its place; anything else is a fault."""
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.fault(place, f"must be written as [[{place}]], one table for each entry")
            return []
        return [(_place_of(place, number, entry), entry) for number, entry in enumerate(value, 1)]

    def known_keys(self, table: dict[str, Any], known: set[str], place: str) -> None:
        """Note a fault for each key of the table that nobody reads."""
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"; did you mean “{near[0]}”?" if near else f"; known here: {', '.join(sorted(known))}"
                self.fault(f"{place}.{key}" if place else key, f"unknown key{hint}")

    def _dataclass(self, kind: Any, table: Any, place: str) -> Any:
        if not isinstance(table, dict):
            return self.fault(place, "must be a table of keys and values")
        expected = {_file_key(entry): entry for entry in fields(kind)}
        self.known_keys(table, set(expected), place)
        hints = _hints(kind)
        values = {}
        for key, entry in expected.items():
            if key in table:
                values[entry.name] = self._value(hints[entry.name], table[key], f"{place}.{key}")
            elif kind is Clause and key == "document":
                values["document"] = self.document
            elif entry.default is MISSING and _may_be_silent(hints[entry.name]):
                values[entry.name] = None
            elif entry.default is MISSING and entry.default_factory is MISSING:
                values[entry.name] = self.fault(f"{place}.{key}", _missing(key))
        bad = any(value is _BAD for value in values.values())
        return _BAD if bad or not set(table) <= set(expected) else kind(**values)

    def _value(self, hint: Any, value: Any, place: str) -> Any:
        origin = get_origin(hint)
        if origin in (Union, types.UnionType):
            return self._one_of([member for member in get_args(hint) if member is not type(None)], value, place)
        if origin is Annotated:
            number, within = get_args(hint)
            return self._number(number, within, value, place)
        if origin is tuple:
            return self._tuple(get_args(hint)[0], value, place)
        if is_dataclass(hint):
            return self._dataclass(hint, value, place)
        return self._plain(hint, value, place)

    def _one_of(self, members: list[Any], value: Any, place: str) -> Any:
        if len(members) == 1:
            return self._value(members[0], value, place)
        if type(value) in members:
            return value
        return self.fault(place, "must be " + " or ".join(member.__name__ for member in members))

    def _tuple(self, member: Any, value: Any, place: str) -> Any:
        if not isinstance(value, list):
            return self.fault(place, "must be a list")
        read = [self._value(member, entry, _place_of(place, number, entry)) for number, entry in enumerate(value, 1)]
        keys = [entry["key"] for entry in value if isinstance(entry, dict) and isinstance(entry.get("key"), str)]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            read.append(self.fault(f"{place}[{key}]", "the key appears twice"))
        return _BAD if any(entry is _BAD for entry in read) else tuple(read)

    def _number(self, number: type, within: Within, value: Any, place: str) -> Any:
        read = self._plain(number, value, place)
        if read is _BAD:
            return _BAD
        if read < within.least or (within.most is not None and read > within.most):
            bounds = f"between {within.least} and {within.most}" if within.most is not None else f"≥ {within.least}"
            hint = f"; write {Decimal(read) / 100} for {read} %" if within.most == 1 and 1 < read <= 100 else ""
            return self.fault(place, f"{read} is not {within.means} {bounds}{hint}")
        return read

    def _plain(self, hint: Any, value: Any, place: str) -> Any:
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            if value in list(hint):
                return hint(value)
            return self.fault(place, f"“{value}” is not one of {', '.join(hint)}")
        if hint is Decimal:
            exact = isinstance(value, Decimal) and value.is_finite() or type(value) is int
            return Decimal(value) if exact else self.fault(place, f"must be a number, not “{value}”")
        if hint is str:
            if isinstance(value, str) and value.strip():
                return value.strip()
            return self.fault(place, "must be text and not empty")
        if hint is date:
            if isinstance(value, date) and not isinstance(value, datetime):
                return value
            return self.fault(place, f"must be a date written as 2017-01-01, without quotes, not “{value}”")
        if type(value) is hint:
            return value
        return self.fault(place, f"must be {_WORDS[hint]}, not “{value}”")


_WORDS = {bool: "true or false", int: "a whole number"}


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _file_key(entry: Field[Any]) -> str:
    """What a field is called in the file: the clause of a value is its `source` there."""
    return "source" if entry.name == "clause" else entry.name


def _may_be_silent(hint: Any) -> bool:
    return type(None) in get_args(hint)


def _missing(key: str) -> str:
    if key == "source":
        return "no source: give the article and the quoted sentence, source = { article = …, quote = … }"
    return "missing"


def _place_of(place: str, number: int, entry: Any) -> str:
    """How a person finds an entry of a list: by its date, its key, else its number."""
    if isinstance(entry, dict):
        mark = next((entry[name] for name in ("from", "key", "id", "name", "band") if name in entry), number)
        return f"{place}[{mark}]"
    return f"{place}[{number}]"
