"""Plain values as JSON that can be read back exactly: how a disclosure keeps what its PDF, files and page show."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

#: One key each, so that a value says what it is; no context uses these names for its own keys.
_DECIMAL, _RATE, _DAY = "decimal", "rate", "day"


def freeze(value: Any) -> Any:
    """The value for a JSON column: amounts, exact rates and days become one-key objects, all else stays itself.

    Raises TypeError for what a disclosure may not hold: floats, rows, instants.
    """
    if isinstance(value, Mapping):
        return {str(key): freeze(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [freeze(item) for item in value]
    if isinstance(value, Decimal):
        return {_DECIMAL: format(value, "f")}
    if isinstance(value, Fraction):
        return {_RATE: f"{value.numerator}/{value.denominator}"}
    if type(value) is date:
        return {_DAY: value.isoformat()}
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"a disclosure holds plain values, not {type(value).__name__}")


def thaw(value: Any) -> Any:
    """What `freeze` was given, with lists for tuples."""
    if isinstance(value, list):
        return [thaw(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, text),) = value.items()
        if isinstance(text, str) and key in (_DECIMAL, _RATE, _DAY):
            return {_DECIMAL: Decimal, _RATE: Fraction, _DAY: date.fromisoformat}[key](text)  # type: ignore[operator]
    return {key: thaw(item) for key, item in value.items()}
