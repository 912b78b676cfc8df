"""A pack's values on a day as lines a person can read, each with its clause."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from core.policy.listing import Row, rows
from core.policy.model import Clause, SharingBand
from core.policy.pack import PolicyView
from core.web.filters import chinese, number, percent
from core.web.policy.words import AMOUNTS, FIELDS, POINTS, RATES, SECTIONS, SILENT, VALUES

#: Lists whose entries have a title of their own: it becomes the heading of their lines.
_TITLED = ("parameters", "readings")


@dataclass(frozen=True)
class Line:
    """One value: what it is, how it reads, where it comes from; house: the house's choice where the paper is silent."""

    label: Any
    value: Any
    clause: Clause
    house: bool = False


@dataclass
class Part:
    """Lines under one heading ('' for those of the section itself)."""

    heading: Any
    lines: list[Line] = field(default_factory=list)


@dataclass
class Section:
    """One section of a pack."""

    name: str
    title: Any
    inherited: str | None
    parts: list[Part] = field(default_factory=list)


def sections(view: PolicyView) -> list[Section]:
    """Every section the paper speaks on, in its order."""
    inherited, found = dict(view.inherited), {}
    titles = {row.key.removesuffix(".title"): str(row.value) for row in rows(view) if row.key.endswith(".title")}
    for row in rows(view):
        if row.section not in found:
            found[row.section] = Section(row.section, SECTIONS[row.section], inherited.get(row.section))
        section = found[row.section]
        if row.key.startswith("sharing.bands."):
            continue
        line = _line(row)
        if line is not None:
            _part(section, _heading(row, titles)).lines.append(line)
    if view.sharing is not None:
        bands = Part(gettext("Bands"), [line for band in view.sharing.bands for line in _band(band)])
        found["sharing"].parts.insert(1, bands)
    for section in found.values():
        section.parts = [part for part in section.parts if part.lines]
    return [section for section in found.values() if section.parts]


def _part(section: Section, heading: Any) -> Part:
    for part in section.parts:
        if part.heading == heading:
            return part
    section.parts.append(Part(heading))
    return section.parts[-1]


def _heading(row: Row, titles: dict[str, str]) -> Any:
    """The title of the entry the row belongs to: 'filings.local_rules.by' → the filing's title."""
    steps = row.key.split(".")
    for length in range(len(steps) - 1, 1, -1):
        title = titles.get(".".join(steps[:length]))
        if title is not None:
            return title
    inner = [step for step in steps[1:-1] if step not in _TITLED]
    if not inner or inner[0] in ("house", "house_days"):
        return ""
    words = [str(FIELDS.get(step, "" if not step.isdecimal() else step)) for step in inner]
    return " ".join(word for word in words if word)


def _line(row: Row) -> Line | None:
    name = row.key.rsplit(".", 1)[-1]
    if ".house" in row.key:
        return Line(gettext("The house's choice"), row.value, row.clause, house=True) if name == "reason" else None
    if name in SILENT or row.value is False or ".treatments." in row.key:
        return None
    return Line(FIELDS.get(name, name), _value(name, row.value), row.clause)


def _value(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return ("、" if chinese() else ", ").join(str(_value(name, entry)) for entry in value)
    if name in RATES:
        return percent(Decimal(value))
    if name in POINTS:
        return percent(Decimal(value)).rstrip("%")
    if name in AMOUNTS:
        return f"{Decimal(value):,f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    text = str(value)
    head, _, title = text.partition(": ")  # a named item is listed as 'key: title'
    return VALUES.get(text) or (title if title and head.isidentifier() and head.isascii() else text)


def _band(band: SharingBand) -> Iterator[Line]:
    """One band in words: 'loss 3%–5%' → 'on the whole amount; the insurer's share is 50%'."""
    lower = ("≥ " if band.lower_closed else "> ") + percent(band.lower)
    upper = "" if band.upper is None else (", ≤ " if band.upper_closed else ", < ") + percent(band.upper)
    cause = ""
    if len(band.causes) == 1:
        cause = gettext(" (cause: %(cause)s)", cause=VALUES[band.causes[0].value])
    share = gettext("; insurer's share %(share)s", share=percent(band.share)) if band.share is not None else ""
    if band.scored is not None:
        share += gettext(", moved by the assessment score")
    provisional = gettext("; provisional") if band.provisional else ""
    yield Line(
        f"{VALUES[band.side.value]} {lower}{upper}{cause}",
        f"{VALUES[band.basis.value]}{share}{provisional}",
        band.clause,
    )
    if band.house:
        yield Line(gettext("The house's choice"), band.house, band.clause, house=True)
