"""The plain values a document is made from: what is allowed in, and their one canonical form."""

import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import rfc8785

from core.errors import Invalid, N_

#: Layout and bidirectional controls could make a paper read otherwise than its text; private-use and unassigned
#: characters have no agreed look.
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
_SCALARS = {int, bool, type(None), Decimal, Fraction, date, datetime}


class NotPlain(TypeError):
    """A value that may not enter a document; the message says where it stands."""


def plain(value: Any, place: str = "context") -> Any:
    """The value as nested dicts, lists and scalars, ready for a template.

    Frozen dataclasses become dicts, enums their values. Raises NotPlain for floats, database rows, markup strings,
    naive instants and any other type, Invalid for text with control characters.
    """
    if isinstance(value, Enum):
        value = value.value
    kind = type(value)
    if kind is str:
        return _text(value, place)
    if kind is datetime and value.tzinfo is None:
        raise NotPlain(f"{place}: an instant needs a timezone")
    if kind in _SCALARS:
        return value
    if kind in (list, tuple):
        return [plain(item, f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, Mapping) and kind.__module__ in ("builtins", "types"):
        return {_key(key, place): plain(item, f"{place}.{key}") for key, item in value.items()}
    if is_dataclass(kind) and kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return {field.name: plain(getattr(value, field.name), f"{place}.{field.name}") for field in fields(value)}
    raise NotPlain(f"{place}: a document takes plain values, not {kind.__module__}.{kind.__qualname__}")


def _key(key: Any, place: str) -> str:
    if isinstance(key, Enum):
        key = key.value
    if type(key) is not str:
        raise NotPlain(f"{place}: keys are text, not {type(key).__name__}")
    return key


def _text(text: str, place: str) -> str:
    for character in text:
        if character not in "\n\t" and unicodedata.category(character) in _REFUSED_CATEGORIES:
            raise Invalid(
                N_("The character %(character)s may not stand in a document (%(place)s)"),
                character=f"U+{ord(character):04X}",
                place=place,
            )
    return text


def jsonable(value: Any) -> Any:
    """Plain values as JSON: exact numbers and dates become text, so that nothing is rounded on the way."""
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)  # beyond what RFC 8785 can write as a number
    return value


def canonical(value: Any) -> bytes:
    """The canonical bytes (RFC 8785) of plain values: what `inputs_sha256` is the hash of."""
    return rfc8785.dumps(jsonable(value))
