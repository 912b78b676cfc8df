"""Lays a view of a pack out as rows, each value with its clause: what `policy show` and the policy page print."""

from collections.abc import Iterator
from dataclasses import Field, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.policy.model import (
    Base,
    Basis,
    Cause,
    Clause,
    HouseChoice,
    HouseDefault,
    NamedItem,
    Reading,
    Scored,
    SharingBand,
    SharingRule,
)
from core.policy.pack import SERIES, SETS, PolicyView


@dataclass(frozen=True)
class Row:
    """One value in force. key: 'benefits.ratios.start'; value: text, true/false, a whole number or a list of texts.

    house: the paper is silent or open here, the value is the house's own; the clause then says where it is silent.
    """

    section: str
    key: str
    value: Any
    clause: Clause
    house: bool = False

    def as_json(self) -> dict[str, Any]:
        """The row for --json: numbers with decimals and dates as exact strings."""
        clause = {name: getattr(self.clause, name) for name in ("document", "article", "quote", "row")}
        return {"key": self.key, "value": self.value, "clause": clause, "house": self.house}


def rows(view: PolicyView) -> tuple[Row, ...]:
    """Every value of the view in the order of the paper's sections; what the paper is silent about has no row."""
    found: list[Row] = []
    for section in SERIES:
        rule = getattr(view, section)
        if rule is not None:
            found.extend(_rows(section, section, rule, rule.clause, house=False))
    for section in SETS:
        for rule in getattr(view, section):
            found.extend(_rows(section, f"{section}.{rule.key}", rule, rule.clause, house=False))
    return tuple(found)


def _rows(section: str, place: str, rule: Any, clause: Clause, *, house: bool) -> Iterator[Row]:
    clause = getattr(rule, "clause", clause)
    house = house or _is_house(rule)
    settled = _settled(rule)
    for entry in fields(rule):
        value = getattr(rule, entry.name)
        if _says_nothing(rule, entry, value):
            continue
        key = f"{place}.{entry.name}"
        if isinstance(value, tuple) and is_dataclass(value[0]) and not isinstance(value[0], NamedItem):
            for number, member in enumerate(value, 1):
                yield from _rows(section, f"{key}.{_mark(member, number)}", member, clause, house=house)
        elif is_dataclass(value):
            yield from _rows(section, key, value, clause, house=house)
        else:
            yield Row(section, key, shown(value), clause, house or entry.name in settled)


def _is_house(rule: Any) -> bool:
    """Whether all of it is the house's own: a default, a choice, a reading, a band the paper does not settle."""
    return isinstance(rule, HouseDefault | HouseChoice | Reading) or (
        isinstance(rule, SharingBand) and rule.house is not None
    )


def _settled(rule: Any) -> set[str]:
    """The fields of a sharing rule that the house filled."""
    return {name for choice in rule.house for name in choice.settles} if isinstance(rule, SharingRule) else set()


def _says_nothing(rule: Any, entry: Field[Any], value: Any) -> bool:
    """Silence, the clause itself, the name that is already part of the key, and plain defaults of a band."""
    if value is None or value == () or value == "" or isinstance(value, Clause) or entry.name in _MARKS:
        return True
    return value == entry.default and (value is False or isinstance(rule, SharingBand))


#: Fields that name an entry of a list; the first one it has becomes part of the key.
_MARKS = ("key", "name", "band", "number")


def _mark(member: Any, number: int) -> str:
    return next((str(getattr(member, name)) for name in _MARKS if hasattr(member, name)), str(number))


def shown(value: Any) -> Any:
    """A value as JSON can carry it exactly."""
    if isinstance(value, tuple):
        return [shown(entry) for entry in value]
    if isinstance(value, NamedItem):
        return f"{value.key}: {value.title}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, bool | int) else str(value)


def in_words(band: SharingBand) -> str:
    """A band in one line of English: 'surplus over 3% up to 5%: insurer 30% of the whole'."""
    edges = f"{'from' if band.lower_closed else 'over'} {_percent(band.lower)}"
    if band.upper is not None:
        edges += f" {'up to' if band.upper_closed else 'to under'} {_percent(band.upper)}"
    cause = "" if len(band.causes) == len(Cause) else f" ({' or '.join(band.causes)} cause)"
    return f"{band.side} {edges}{cause}: {_share(band)}{', provisional' if band.provisional else ''}"


def _share(band: SharingBand) -> str:
    if band.basis is Basis.NEGOTIATED or (band.share is None and band.amount is None):
        return "negotiated, nothing is computed"
    if band.amount is not None:
        return f"insurer {band.amount:f} yuan"
    of_what = "the premium" if band.base is Base.PREMIUM else f"the {band.side}"
    share = _percent(band.share or Decimal(0))
    if band.scored is not None:
        share = f"{share} × score" if band.scored is Scored.SHARE else f"(100% − {share} × score)"
    if band.basis is Basis.SLICE:
        return f"insurer as at {_percent(band.lower)}, plus {share} of the part of {of_what} above it"
    return f"insurer {share} of the whole of {of_what}"


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}%"
