"""Findings: claims whose reported benefit differs from the recomputed one, with how the right one comes about (J6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from core.money import from_fen
from settlement.rules.benefits import Claim, ClaimBenefit, YearTerms, curve, person_year

Kind = Literal["rounding", "without_tilt", "without_cumulation", "over_maximum", "other"]
#: What most likely went wrong, in the order in which it is tried.
KINDS: tuple[Kind, ...] = ("rounding", "without_tilt", "without_cumulation", "over_maximum", "other")


class EnginesDisagree(RuntimeError):
    """The set-wise recomputation and the explanation of a single person gave different amounts: a fault of ours."""


@dataclass(frozen=True)
class Finding:
    """A claim reported with another benefit than the rules give; amounts in yuan.

    row: of the claim file; explanation: how the recomputed benefit comes about, as exact strings.
    """

    claim_id: str
    row: int
    kind: Kind
    reported: Decimal
    recomputed: Decimal
    explanation: dict[str, Any]


def find(terms: YearTerms, rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Findings among recomputed rows (fen), in the order of the file; every claim of the persons concerned is given.

    Each person is computed again by the pure rule; raises EnginesDisagree where that gives another amount.
    """
    persons: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        persons.setdefault(row["person_id"], []).append(row)
    found = [finding for person in persons.values() for finding in _of_person(terms, person)]
    return sorted(found, key=lambda finding: finding.row)


def _of_person(terms: YearTerms, rows: list[Mapping[str, Any]]) -> list[Finding]:
    by_id = {row["claim_id"]: row for row in rows}
    claims = [Claim(row["claim_id"], row["settled_on"], row["group"], row["self_paid_compliant"]) for row in rows]
    found = []
    for right in person_year(terms, claims):
        row = by_id[right.claim.claim_id]
        if right.benefit != row["benefit"]:
            raise EnginesDisagree(f"claim in row {row['row']}: {row['benefit']} fen, by the rule {right.benefit} fen")
        reported = row["reported_benefit"]
        if reported != right.benefit:
            kind, explanation = _kind(terms, right, reported), _explanation(right)
            found.append(
                Finding(
                    right.claim.claim_id, row["row"], kind, from_fen(reported), from_fen(right.benefit), explanation
                )
            )
    return found


def _kind(terms: YearTerms, right: ClaimBenefit, reported: int) -> Kind:
    general = curve(terms.versions[right.version], "general")
    if abs(reported - right.benefit) == 1:
        return "rounding"
    if right.curve != general and reported == general.uncut(right.after) - general.uncut(right.before):
        return "without_tilt"
    if right.before and reported == right.curve.uncut(right.claim.burden):
        return "without_cumulation"
    if reported == right.uncut:
        return "over_maximum"
    return "other"


def _explanation(right: ClaimBenefit) -> dict[str, Any]:
    """Whoever reads it can redo the sum: benefit(after) − benefit(before), in whole yuan and fen."""
    return {
        "group": right.claim.group,
        "settled_on": right.claim.settled_on.isoformat(),
        "burden_before": str(from_fen(right.before)),
        "burden_after": str(from_fen(right.after)),
        "deductible": str(from_fen(right.curve.deductible)),
        "bands": [
            {
                "lower": str(from_fen(piece.lower)),
                "upper": None if piece.upper is None else str(from_fen(piece.upper)),
                "ratio": str(Decimal(piece.ratio).scaleb(-4)),
                "burden_in_band": str(from_fen(part)),
            }
            for piece, part in zip(right.curve.slices, right.parts, strict=True)
        ],
        "maximum": None if right.curve.maximum is None else str(from_fen(right.curve.maximum)),
        "before_maximum": str(from_fen(right.uncut)),
        "benefit": str(from_fen(right.benefit)),
        "formula": right.formula(),
        "clause": right.clause,
    }
