"""The evaluation committee: how many members, how many experts, and a draw anybody can repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tender.rules.scoring import draw

CLAUSE = "87 art. 47"
#: From this budget in yuan on, or where the social impact is large, seven members are the least (87 art. 47).
LARGE_BUDGET = Decimal(10_000_000)


@dataclass(frozen=True)
class CommitteeSize:
    """The least lawful size: members in all (odd) and experts among them (two thirds or more)."""

    members: int
    experts: int


def least_size(budget: Decimal, *, complex_or_large_impact: bool = False) -> CommitteeSize:
    """Five and odd; seven and odd from 10 million yuan on; experts at least two thirds (87 art. 47)."""
    members = 7 if budget >= LARGE_BUDGET or complex_or_large_impact else 5
    return CommitteeSize(members, least_experts(members))


def least_experts(members: int) -> int:
    """The smallest number of experts that is two thirds of the committee or more."""
    return -(-2 * members // 3)


@dataclass(frozen=True)
class Fault:
    """Why a committee is not lawful."""

    why: str
    clause: str = CLAUSE


def faults(budget: Decimal, experts: int, purchasers: int, *, chair_is_purchaser: bool = False) -> tuple[Fault, ...]:
    """What is wrong with a committee of so many experts and purchaser's representatives; empty when lawful."""
    members = experts + purchasers
    least = least_size(budget)
    found = []
    if members < least.members:
        found.append(Fault(f"{members} members; at least {least.members} are needed"))
    if members % 2 == 0:
        found.append(Fault(f"{members} members; the number must be odd"))
    if experts * 3 < members * 2:
        found.append(Fault(f"{experts} of {members} are experts; at least {least_experts(members)} are needed"))
    if chair_is_purchaser:
        found.append(Fault("the purchaser's representative cannot chair", "87 art. 45"))
    return tuple(found)


def drawn(candidates: Sequence[int], number: int, seed: str) -> tuple[int, ...]:
    """The candidates drawn by the published seed, in order. Raises ValueError where there are too few."""
    if len(candidates) < number:
        raise ValueError(f"{number} experts are needed, only {len(candidates)} can be drawn")
    places = draw(candidates, seed)
    return tuple(sorted(candidates, key=places.__getitem__)[:number])
