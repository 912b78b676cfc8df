"""docs/policies.md against the program: its worked pack loads, and it explains every key that a file may hold."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

from core.policy import load
from core.policy.model import Clause
from core.policy.pack import SERIES, SETS, Identity

DOCUMENT = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")


def kinds_in(kind: Any) -> Iterator[type]:
    """A rule's dataclass and those it holds."""
    if is_dataclass(kind) and isinstance(kind, type) and kind is not Clause:
        yield kind
        for hint in get_type_hints(kind).values():
            yield from kinds_in(hint)
    for argument in get_args(kind):
        yield from kinds_in(argument)


def test_the_worked_pack_loads(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example is not None
    path = tmp_path / "2017.toml"
    path.write_text(example[1], encoding="utf-8")
    benefits = load(path).on(date(2018, 1, 1)).benefits
    assert benefits is not None
    assert benefits.ratios is not None
    assert benefits.ratios.start == Decimal("0.55")


def test_every_section_and_key_is_explained() -> None:
    prose = re.sub(r"```.*?```", "", DOCUMENT, flags=re.DOTALL)
    explained = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", prose))))
    keys = {
        entry.name
        for kind in (Identity, *SERIES.values(), *SETS.values())
        for found in kinds_in(kind)
        for entry in fields(found)
        if entry.name != "clause"
    }
    assert (keys | set(SERIES) | set(SETS)) - explained == set()
