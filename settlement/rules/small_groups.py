"""Small groups of a split joined to the next larger ones, so that no row of a page speaks of a handful of persons."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

#: Groups of fewer persons are not shown by themselves (the papers are silent; the same number as in public tables).
THRESHOLD = 10


@dataclass(frozen=True)
class Part:
    """One row of a split. values: the values it stands for, several where small groups are joined; amounts in yuan."""

    values: tuple[str, ...]
    claims: int
    persons: int
    compliant_cost: Decimal
    reported_benefit: Decimal
    benefit: Decimal

    @property
    def joined(self) -> bool:
        """Whether several values stand together."""
        return len(self.values) > 1


def joined(dimension: str, split: Mapping[str, Mapping[str, Any]]) -> list[Part]:
    """The parts of a split (as `Totals.as_data` writes it) in order, none but an empty one with fewer than THRESHOLD
    persons: the smallest are added up until they are enough. The parts still add up to the whole.
    """
    parts = [_part(value, tally) for value, tally in split.items()]
    if dimension in ("month", "band"):
        parts.sort(key=lambda part: int(part.values[0]))
    small = sorted((part for part in parts if 0 < part.persons < THRESHOLD), key=lambda part: part.persons)
    if not small:
        return parts
    larger = sorted((part for part in parts if part.persons >= THRESHOLD), key=lambda part: part.persons)
    together = list(small)
    while larger and (len(together) < 2 or sum(part.persons for part in together) < THRESHOLD):
        together.append(larger.pop(0))
    in_order = [part for part in parts if part in together]
    return [*(part for part in parts if part not in together), _sum(in_order)]


def _part(value: str, tally: Mapping[str, Any]) -> Part:
    return Part(
        (value,),
        tally["claims"],
        tally["persons"],
        Decimal(tally["compliant_cost"]),
        Decimal(tally["reported_benefit"]),
        Decimal(tally["benefit"]),
    )


def _sum(parts: list[Part]) -> Part:
    zero = Decimal("0.00")
    return Part(
        tuple(value for part in parts for value in part.values),
        sum(part.claims for part in parts),
        sum(part.persons for part in parts),
        sum((part.compliant_cost for part in parts), zero),
        sum((part.reported_benefit for part in parts), zero),
        sum((part.benefit for part in parts), zero),
    )
