"""Benefit terms of a year as a TOML file, for recomputing without a contract, and their fingerprint (J4, J6, J7)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.errors import FileInvalid, N_
from core.policy.library import parse
from core.policy.model import BenefitBand, BenefitTerms, TiltTerms
from core.policy.model.base import Rate, Yuan
from core.policy.reading import Reader
from settlement.rules.benefits import TermsInvalid, YearTerms

UNUSABLE = N_("The file of benefit terms %(file)s cannot be used:")


@dataclass(frozen=True)
class TiltTable:
    """[[terms.tilts]]: what one group gets beyond the general terms."""

    group: str
    deductible_cut: Rate = Decimal(0)
    ratio_points: Rate = Decimal(0)
    ratio_floor: Rate | None = None
    maximum_lifted: bool = False


@dataclass(frozen=True)
class TermsTable:
    """[[terms]]: what applies from one day of the year on; amounts in yuan, ratios as fractions."""

    laid_down_in: str
    deductible: Yuan
    bands: tuple[BenefitBand, ...]
    maximum: Yuan | None
    tilts: tuple[TiltTable, ...] = ()
    in_force_from: date | None = None
    band_basis: str = "excess"


def read_terms(path: Path) -> YearTerms:
    """The terms of a year from a file (docs/claims-format.md). Raises FileInvalid with file, key and reason."""
    raw = parse(path)
    reader = Reader(document=path.name)
    reader.known_keys(raw, {"year", "terms"}, "")
    year = raw.get("year")
    if type(year) is not int:
        reader.fault("year", "missing, or not a whole number")
    tables = [reader.read(TermsTable, table, place) for place, table in reader.tables(raw.get("terms", []), "terms")]
    versions = [_terms(table, year) for table in tables if table is not None and isinstance(year, int)]
    if not reader.faults and isinstance(year, int):
        try:
            return YearTerms(year, tuple(sorted(versions, key=lambda terms: terms.in_force_from or date(year, 1, 1))))
        except TermsInvalid as wrong:
            reader.fault("terms", str(wrong))
    raise FileInvalid(UNUSABLE, reader.faults, file=path.name)


def terms_data(terms: YearTerms) -> dict[str, Any]:
    """The terms as exact strings: for frozen inputs, for a landed file that carries its terms, and for `terms_hash`."""
    return {
        "year": terms.year,
        "versions": [
            {
                "in_force_from": day.isoformat(),
                "clause": version.clause,
                "deductible": _plain(version.deductible),
                "maximum": None if version.cap is None else _plain(version.cap),
                "band_basis": version.band_basis,
                "bands": [
                    [_plain(band.lower), None if band.upper is None else _plain(band.upper), _plain(band.ratio)]
                    for band in version.bands
                ],
                "tilts": {
                    group: [
                        _plain(tilt.deductible_cut),
                        _plain(tilt.ratio_points),
                        None if tilt.ratio_floor is None else _plain(tilt.ratio_floor),
                        tilt.cap_lifted,
                    ]
                    for group, tilt in sorted(version.tilts.items())
                },
            }
            for day, version in zip(terms.days(), terms.versions, strict=True)
        ],
    }


def as_toml(terms: YearTerms) -> str:
    """The terms as a file that `read_terms` reads."""
    lines = [f"year = {terms.year}"]
    for day, version in zip(terms.days(), terms.versions, strict=True):
        lines += ["", "[[terms]]", f"in_force_from = {day}", f'laid_down_in = "{version.clause}"']
        lines += [f"deductible = {_plain(version.deductible)}"]
        lines += [f"maximum = {_plain(version.cap)}"] if version.cap is not None else []
        lines += [f'band_basis = "{version.band_basis}"', "bands = ["]
        for band in version.bands:
            upper = "" if band.upper is None else f" upper = {_plain(band.upper)},"
            lines.append(f"    {{ lower = {_plain(band.lower)},{upper} ratio = {_plain(band.ratio)} }},")
        lines += ["]", "tilts = ["]
        for group, tilt in sorted(version.tilts.items()):
            floor = "" if tilt.ratio_floor is None else f", ratio_floor = {_plain(tilt.ratio_floor)}"
            lifted = ", maximum_lifted = true" if tilt.cap_lifted else ""
            cut, points = _plain(tilt.deductible_cut), _plain(tilt.ratio_points)
            cuts = f"deductible_cut = {cut}, ratio_points = {points}{floor}{lifted}"
            lines.append(f'    {{ group = "{group}", {cuts} }},')
        lines += ["]"]
    return "\n".join([*lines, ""])


def terms_of(data: dict[str, Any]) -> YearTerms:
    """The terms that `terms_data` wrote down."""
    return YearTerms(data["year"], tuple(_version_of(version, data["year"]) for version in data["versions"]))


def terms_hash(terms: YearTerms) -> str:
    """SHA-256 (hex) of what the terms pay, not of how they are written down."""
    paying = terms_data(terms)
    for version in paying["versions"]:
        del version["clause"]
    canonical = json.dumps(paying, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _terms(table: TermsTable, year: int) -> BenefitTerms:
    tilts = {
        tilt.group: TiltTerms(tilt.deductible_cut, tilt.ratio_points, tilt.ratio_floor, tilt.maximum_lifted)
        for tilt in table.tilts
    }
    basis: Any = table.band_basis  # YearTerms refuses what is neither of the two
    return BenefitTerms(
        year, table.deductible, table.bands, table.maximum, tilts, table.in_force_from, basis, table.laid_down_in
    )


def _version_of(data: dict[str, Any], year: int) -> BenefitTerms:
    tilts = {
        group: TiltTerms(Decimal(cut), Decimal(points), _number(floor), lifted)
        for group, (cut, points, floor, lifted) in data["tilts"].items()
    }
    return BenefitTerms(
        year,
        Decimal(data["deductible"]),
        tuple(BenefitBand(Decimal(lower), _number(upper), Decimal(ratio)) for lower, upper, ratio in data["bands"]),
        _number(data["maximum"]),
        tilts,
        date.fromisoformat(data["in_force_from"]),
        data["band_basis"],
        data["clause"],
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
