"""What a new tender starts with where the pack is silent: the statute's conditions and a suggested scoring table."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tender.rules.words import CriterionKind, ScoreBlock


@dataclass(frozen=True)
class ConditionDraft:
    """A condition a bidder must meet, the proof asked for and the article it rests on."""

    text: str
    proof: str
    clause: str


@dataclass(frozen=True)
class CriterionDraft:
    """One line of a scoring table; options as `tender.models.Criterion` documents them."""

    block: ScoreBlock
    name: str
    points: Decimal
    kind: CriterionKind
    options: tuple[dict[str, Any], ...] = ()
    objective: bool = False


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("starting.toml").read_text("utf-8"))


def statutory_conditions() -> tuple[ConditionDraft, ...]:
    """The conditions of GPL art. 22 that every bidder must meet."""
    return tuple(ConditionDraft(**entry) for entry in _content()["conditions"])


def suggested_criteria() -> tuple[CriterionDraft, ...]:
    """A scoring table of 100 points to begin from; a suggestion of the house, not law."""
    return tuple(
        CriterionDraft(
            block=ScoreBlock(entry["block"]),
            name=entry["name"],
            points=Decimal(entry["points"]),
            kind=CriterionKind(entry["kind"]),
            options=tuple(entry.get("options", ())),
            objective=entry.get("objective", False),
        )
        for entry in _content()["criteria"]
    )
