"""The evaluation committee: what makes one lawful under its rule set, and a draw anybody can repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.errors import N_
from core.policy.procurement import CommitteeRule, cite
from tender.rules.scoring import draw


@dataclass(frozen=True)
class Fault:
    """Why a committee is not lawful: a message id with its numbers, and the article."""

    message: str
    params: dict[str, int]
    clause: str


def faults(rule: CommitteeRule, budget: Decimal, experts: int, purchasers: int) -> tuple[Fault, ...]:
    """What is wrong with a committee of so many experts and purchaser's representatives; empty when lawful."""
    members, clause = experts + purchasers, cite(rule.article)
    least, found = rule.least_members(budget), []
    if members < least:
        text = N_("A committee of %(members)s is too small: at least %(least)s members are needed")
        found.append(Fault(text, {"members": members, "least": least}, clause))
    if members % 2 == 0:
        text = N_("A committee of %(members)s is even: the number must be odd")
        found.append(Fault(text, {"members": members}, clause))
    if experts < rule.least_experts(members):
        text = N_("Only %(experts)s of %(members)s members are experts: at least %(least)s are needed")
        numbers = {"experts": experts, "members": members, "least": rule.least_experts(members)}
        found.append(Fault(text, numbers, clause))
    return tuple(found)


def drawn(candidates: Sequence[int], number: int, seed: str) -> tuple[int, ...]:
    """The candidates drawn by the published seed, in order. Raises ValueError where there are too few."""
    if len(candidates) < number:
        raise ValueError(f"{number} experts are needed, only {len(candidates)} can be drawn")
    places = draw(candidates, seed)
    return tuple(sorted(candidates, key=places.__getitem__)[:number])
