"""What the checks before publication look at and what each of them says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as by_default
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tender.rules.words import CriterionKind, PriceObject, ScoreBlock, SplitMethod


class Level(StrEnum):
    """How a check came out."""

    BLOCK = "block"
    WARN = "warn"
    PASS = "pass"  # noqa: S105  (a word, not a password)


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, how it came out and why (message ids with `params`), the article, the field."""

    level: Level
    what: str
    why: str
    clause: str
    field: str
    params: Mapping[str, str | int] = by_default(default_factory=dict)


@dataclass(frozen=True)
class LotFacts:
    """A lot as the checks see it."""

    position: int
    insured: int
    area: str
    price_object: PriceObject
    ceiling: Decimal
    budget: Decimal
    winners: int
    split_method: SplitMethod
    split: Sequence[Mapping[str, Any]]
    historical_years: int
    has_terms: bool


@dataclass(frozen=True)
class LineFacts:
    """A line of the scoring table as the checks see it."""

    block: ScoreBlock
    name: str
    points: Decimal
    kind: CriterionKind
    options: Sequence[Mapping[str, Any]]
