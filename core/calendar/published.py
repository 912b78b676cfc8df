"""Reads policies/holidays: which years the State Council has published, by which notice, and our dated corrections."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.errors import FileInvalid, N_

HOLIDAYS = Path(__file__).parents[2] / "policies" / "holidays"
UNUSABLE = N_("The holiday file %(file)s cannot be used:")


@dataclass(frozen=True)
class Override:
    """A day on which our file corrects the library: off or worked, with the name shown."""

    day: date
    off: bool
    name: str


@dataclass(frozen=True)
class PublishedYear:
    """A year whose holidays are published. notices: titles of the notices; overrides: corrections by day."""

    year: int
    notices: tuple[str, ...]
    overrides: Mapping[date, Override]


def published_years(folder: Path = HOLIDAYS) -> dict[int, PublishedYear]:
    """All published years of a folder of YYYY.toml files. Raises FileInvalid with every fault of the first bad one."""
    return {year.year: year for year in map(_read, sorted(folder.glob("*.toml")))}


def _read(path: Path) -> PublishedYear:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileInvalid(UNUSABLE, [(path.name, f"is not TOML: {error}")], file=path.name) from None
    faults = [(key, "unknown key") for key in raw if key not in ("year", "notices", "days")]
    if str(raw.get("year")) != path.stem:
        faults.append(("year", f"must be {path.stem}, as the file is called"))
    notices = [notice.get("title", "") for notice in raw.get("notices", [])]
    if not notices or not all(notices):
        faults.append(("notices", "no source: name the notice that publishes the year"))
    overrides: dict[date, Override] = {}
    for number, entry in enumerate(raw.get("days", []), 1):
        faults.extend(_day_faults(f"days[{number}]", entry, path.stem, overrides))
        if not faults:
            overrides[entry["date"]] = Override(entry["date"], entry["off"], entry["name"])
    if faults:
        raise FileInvalid(UNUSABLE, faults, file=path.name)
    return PublishedYear(raw["year"], tuple(notices), MappingProxyType(overrides))


def _day_faults(place: str, entry: dict[str, Any], year: str, known: Mapping[date, Override]) -> list[tuple[str, str]]:
    day = entry.get("date")
    faults = [(f"{place}.{key}", "unknown key") for key in entry if key not in ("date", "off", "name")]
    if not isinstance(day, date) or isinstance(day, datetime) or str(day.year) != year:
        faults.append((f"{place}.date", f"must be a date of {year}"))
    elif day in known:
        faults.append((f"{place}.date", f"duplicate date: {day} appears twice"))
    if not isinstance(entry.get("off"), bool):
        faults.append((f"{place}.off", "must be true (a day off) or false (worked)"))
    if not isinstance(entry.get("name"), str) or not entry["name"]:
        faults.append((f"{place}.name", "missing: what the day is called"))
    return faults
