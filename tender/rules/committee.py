"""The evaluation committee: what makes one lawful under its rule set, and a draw that nobody can steer alone.

The draw: the list of candidates is fixed and hashed; two supervisors each commit to a secret number by its SHA-256;
the hash of the audit event of the second commitment is the root; then both reveal. The order is that of
HMAC-SHA256(key, candidate) with key = "root:number:number", the numbers in the order of the commitments.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from core.errors import FileInvalid, N_
from core.policy.procurement import CommitteeRule, cite

FORMAT = "chengban-draw/1"
UNUSABLE = N_("%(file)s is no draw record")


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


def list_hash(tender: str, number: int, candidates: Sequence[int]) -> str:
    """What the supervisors commit after: SHA-256 of "tender:round:number,number,…" with the numbers rising."""
    rising = ",".join(str(one) for one in sorted(candidates))
    return sha256(f"{tender}:{number}:{rising}".encode()).hexdigest()


def commitment_of(nonce: str) -> str:
    """The hash by which a supervisor commits; any tool that knows SHA-256 makes the same."""
    return sha256(nonce.encode()).hexdigest()


def ordered(candidates: Sequence[int], root: str, nonces: Sequence[str]) -> tuple[int, ...]:
    """Every candidate in the order of the draw."""
    key = ":".join([root, *nonces]).encode()
    return tuple(sorted(candidates, key=lambda number: hmac.digest(key, str(number).encode(), "sha256")))


@dataclass(frozen=True)
class DrawCheck:
    """What a draw record gives when it is drawn again: the order, and where the record says otherwise."""

    order: tuple[int, ...]
    differences: tuple[str, ...]


def check(record: Mapping[str, Any], file: str = "draw.json") -> DrawCheck:
    """Draw again from a record. Raises FileInvalid where the record is none."""
    try:
        if record["format"] != FORMAT:
            raise FileInvalid(UNUSABLE, [("format", f"expected {FORMAT}")], file=file)
        candidates = [int(number) for number in record["candidates"]]
        numbers = [(str(row["commitment"]), str(row["nonce"])) for row in record["supervisors"]]
        order = ordered(candidates, str(record["root"]), [nonce for _commitment, nonce in numbers])
        said = [int(number) for number in record["order"]]
        hashed = list_hash(str(record["tender"]), int(record["round"]), candidates)
        stated = str(record["list_sha256"])
    except (KeyError, TypeError, ValueError) as fault:
        raise FileInvalid(UNUSABLE, [("the record", f"{type(fault).__name__}: {fault}")], file=file) from fault
    found = []
    if hashed != stated:
        found.append("the list of candidates does not have the stated hash")
    if len(numbers) < 2:
        found.append("two supervisors are needed")
    for place, (commitment, nonce) in enumerate(numbers, 1):
        if commitment_of(nonce) != commitment:
            found.append(f"the number of supervisor {place} is not the one committed to")
    if said != list(order):
        found.append("the order is another one")
    return DrawCheck(order, tuple(found))
