"""Scores that depart from those of the other members: shown only when every sheet is locked (87 art. 64)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

#: The departure from the others' mean, as a part of the criterion's points, above which a score needs a reason.
#: No text sets a number; it is the tender's printed parameter.
DEFAULT = Decimal("0.30")


@dataclass(frozen=True)
class Given:
    """One member's points for one bid under one criterion, of which `most` points can be given."""

    score: int
    member: int
    bid: int
    criterion: int
    points: Decimal
    most: Decimal


@dataclass(frozen=True)
class Outlier:
    """A score whose member must give a reason; others: the exact mean of the other members' points."""

    score: int
    others: Fraction


def outliers(scores: Sequence[Given], part: Decimal) -> tuple[Outlier, ...]:
    """Every score that is further from the mean of the others than `part` of the criterion's points (exactly: not)."""
    groups: dict[tuple[int, int], list[Given]] = {}
    for score in scores:
        groups.setdefault((score.bid, score.criterion), []).append(score)
    found = []
    for group in groups.values():
        for score in group if len(group) > 2 else ():
            rest = [Fraction(other.points) for other in group if other.score != score.score]
            others = sum(rest, Fraction(0)) / len(rest)
            if abs(Fraction(score.points) - others) > Fraction(part) * Fraction(score.most):
                found.append(Outlier(score.score, others))
    return tuple(sorted(found, key=lambda one: one.score))
