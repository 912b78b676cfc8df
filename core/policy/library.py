"""Loads packs and rule files, refuses what cannot be used, and finds the pack that rules a place on a day."""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.errors import FileInvalid, N_, NotFound
from core.policy import lint, sharing_lint
from core.policy.model import BenefitRule, SharingRule, WorkFundingRule
from core.policy.pack import SERIES, SETS, Dated, Identity, Pack, PolicyView, closed
from core.policy.reading import Reader

POLICIES = Path(__file__).parents[2] / "policies"
#: Folders of policies/ that hold other dated data than packs.
_NOT_PACKS = frozenset({"holidays", "procurement"})
UNUSABLE = N_("The policy file %(file)s cannot be used:")


def load(path: Path | str) -> Pack:
    """The pack in a TOML file, inside the project or out of it.

    Raises FileInvalid with every fault found: file, key and reason.
    """
    path = Path(path)
    raw = parse(path)
    head = raw.get("pack")
    reader = Reader(_document_of(head))
    reader.known_keys(raw, {"pack", *SERIES, *SETS}, "")
    identity = reader.read(Identity, head if head is not None else {}, "pack")
    series = {name: _series(reader, name, raw.get(name, []), identity) for name in SERIES}
    sets = {name: _set(reader, name, raw.get(name, [])) for name in SETS}
    if reader.faults or identity is None:
        raise FileInvalid(UNUSABLE, reader.faults, file=path)
    return Pack(identity.name, content_hash(raw), identity, MappingProxyType(series), MappingProxyType(sets))


def load_sharing_rule(path: Path | str) -> SharingRule:
    """The sharing rule of a rule file: a `document` and one [sharing] table, or a whole pack's newest rule.

    Raises FileInvalid with every fault found.
    """
    path = Path(path)
    raw = parse(path)
    if "pack" in raw:
        entries = load(path).series["sharing"]
        if not entries:
            raise FileInvalid(UNUSABLE, [("sharing", "the pack has no sharing rule")], file=path)
        rule: SharingRule = entries[-1].rule
        return rule
    reader = Reader(str(raw.get("document", "")))
    reader.known_keys(raw, {"document", "sharing"}, "")
    if not reader.document:
        reader.fault("document", "missing: the number or title of the paper the rule comes from")
    read = reader.read(SharingRule, raw.get("sharing", {}), "sharing")
    if read is not None:
        reader.faults.extend(sharing_lint.faults("sharing", read))
    if reader.faults or read is None:
        raise FileInvalid(UNUSABLE, reader.faults, file=path)
    return read


def check_file(path: Path | str) -> Pack | SharingRule:
    """Load whatever policy file this is. Raises FileInvalid with every fault found."""
    return load_sharing_rule(path) if "document" in parse(Path(path)) else load(path)


def parse(path: Path) -> dict[str, Any]:
    """The tables of a TOML file with exact decimals. Raises FileInvalid when it is missing or no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise FileInvalid(UNUSABLE, [(path.name, error.strerror or str(error))], file=path) from None
    except UnicodeDecodeError:
        raise FileInvalid(UNUSABLE, [(path.name, "is not UTF-8 text")], file=path) from None
    except tomllib.TOMLDecodeError as error:
        raise FileInvalid(UNUSABLE, [(path.name, f"is not TOML: {error}")], file=path) from None


def content_hash(raw: dict[str, Any]) -> str:
    """SHA-256 (hex) of what the file says, not of how it is written: numbers as 0.3, keys in order, no comments."""
    canonical = json.dumps(_canonical(raw), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_canonical(entry) for entry in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return {"number": f"{Decimal(value).normalize():f}"}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def _document_of(head: Any) -> str:
    """What the sources of a pack refer to: its number, or its title where the copy bears no number."""
    head = head if isinstance(head, dict) else {}
    return str(head.get("document") or head.get("title") or "")


def _series(reader: Reader, name: str, value: Any, identity: Identity | None) -> tuple[Dated, ...]:
    entries = []
    for place, table in reader.tables(value, name):
        rest = {key: entry for key, entry in table.items() if key not in ("from", "until")}
        start, until = table.get("from"), table.get("until")
        if type(start) is not date:
            reader.fault(f"{place}.from", "missing: the first day of these values, written as 2017-01-01")
            continue
        if until is not None and type(until) is not date:
            reader.fault(f"{place}.until", "must be a date written as 2017-12-31")
            continue
        rule = reader.read(SERIES[name], rest, place)
        reader.faults.extend(_contradictions(place, rule))
        entries.append(Dated(start, until, rule))
    if identity is not None:
        reader.faults.extend(lint.dates(name, entries, identity))
    return closed(entries)


def _set(reader: Reader, name: str, value: Any) -> tuple[Any, ...]:
    entries: list[Any] = []
    seen: set[str] = set()
    for place, table in reader.tables(value, name):
        rule = reader.read(SETS[name], table, place)
        if rule is None:
            continue
        if rule.key in seen:
            reader.fault(place, "the key appears twice")
        seen.add(rule.key)
        reader.faults.extend(_contradictions(place, rule))
        entries.append(rule)
    return tuple(entries)


def _contradictions(place: str, rule: Any) -> Iterator[lint.Fault]:
    if isinstance(rule, SharingRule):
        yield from sharing_lint.faults(place, rule)
    elif isinstance(rule, BenefitRule):
        yield from lint.benefits(place, rule)
    elif isinstance(rule, WorkFundingRule):
        yield from lint.work_funding(place, rule)


@cache
def packs() -> dict[str, Pack]:
    """All packs of policies/, by name. Raises FileInvalid for the first file that cannot be used."""
    found: dict[str, Pack] = {}
    for path in sorted(POLICIES.glob("*/*.toml")):
        if path.parent.name in _NOT_PACKS:
            continue
        pack = load(path)
        expected = f"{path.parent.name}-{path.stem}"
        if pack.name != expected:
            raise FileInvalid(
                UNUSABLE, [("pack.name", f"must be {expected}, after its folder and file")], file=path
            )
        found[pack.name] = pack
    for pack in found.values():
        for name in pack.identity.overrides:
            if name not in found:
                raise FileInvalid(UNUSABLE, [("pack.overrides", f"there is no pack {name}")], file=f"{pack.name}.toml")
    return found


def get(name: str, on: date | None = None) -> Pack:
    """A pack by its name or the beginning of it that only one place has ('jilin', 'yunnan').

    Of several papers of one place, the newest in force `on` that day is meant (the newest of all without a day).
    Raises NotFound for an unknown or ambiguous name.
    """
    known = packs()
    if name in known:
        return known[name]
    matching = [pack for pack in known.values() if pack.name.startswith(name)] if name else []
    places = {pack.identity.jurisdiction for pack in matching}
    if len(places) != 1:
        message = N_("There is no policy pack “%(name)s”; there are: %(known)s")
        raise NotFound(message, name=name, known=", ".join(sorted(known)))
    in_force = [pack for pack in matching if on is None or pack.identity.covers(on)]
    return max(in_force or matching, key=lambda pack: pack.identity.in_force_from)


def view(name: str, on: date) -> PolicyView:
    """What rules under a pack on a day, with what it leaves standing of the earlier papers it overrides.

    Raises NotFound when there is no such pack or it is not in force on that day.
    """
    pack = get(name, on)
    if not pack.identity.covers(on):
        message = N_("The policy pack %(name)s is not in force on %(day)s; it is in force from %(start)s")
        raise NotFound(message, name=pack.name, day=on.isoformat(), start=pack.identity.in_force_from.isoformat())
    seen = pack.on(on)
    for earlier in (packs()[override] for override in pack.identity.overrides):
        if earlier.identity.covers(on):
            seen = _inherit(seen, earlier.on(on))
    later = (other for other in packs().values() if pack.name in other.identity.overrides)
    return replace(seen, overridden_by=tuple(other.name for other in later if other.identity.covers(on)))


def _inherit(seen: PolicyView, earlier: PolicyView) -> PolicyView:
    """Sections on which the newer paper is silent go on as the earlier one has them."""
    silent = [name for name in (*SERIES, *SETS) if not getattr(seen, name) and getattr(earlier, name)]
    taken = {name: getattr(earlier, name) for name in silent}
    inherited = (*seen.inherited, *((name, earlier.pack) for name in silent))
    return replace(seen, **taken, inherited=inherited)
