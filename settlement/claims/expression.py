"""The benefit of every claim as one expression in whole fen, for DuckDB in process or for Spark (J6, J7).

The expression says what settlement.rules.benefits says, for all persons at once; a test holds the two together.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import ibis
from ibis.expr import types as ir

from settlement.rules.benefits import BASIS_POINTS, GROUPS, Curve, YearTerms, curve

#: What a landed claim file gives to the calculation.
SCHEMA = ibis.schema(
    {
        "row": "int64",
        "claim_id": "string",
        "person_id": "string",
        "settled_on": "date",
        "group": "string",
        "county": "string",
        "channel": "string",
        "total_cost": "int64",
        "compliant_cost": "int64",
        "basic_fund_paid": "int64",
        "self_paid_compliant": "int64",
        "reported_benefit": "int64",
        "accepted_on": "date",
        "paid_on": "date",
    }
)


def recomputed(claims: ir.Table, terms: YearTerms) -> ir.Table:
    """The claims with what the rules in force on each claim's day pay; amounts in fen.

    Adds: first (the person's first claim), burden_before, burden_after (of the year), version (place of the terms),
    band (0 under the deductible, then the highest band reached), benefit_before (paid earlier in the year), uncut,
    benefit (recomputed).
    """
    order = [claims.settled_on, claims.claim_id]
    so_far = ibis.window(group_by=claims.person_id, order_by=order, preceding=None, following=0)
    burden = claims.self_paid_compliant
    claims = claims.mutate(
        version=_version(claims, terms),
        burden_after=_narrow(burden.sum().over(so_far)),
        first=ibis.row_number().over(ibis.window(group_by=claims.person_id, order_by=order)) == 0,
    )
    claims = claims.mutate(burden_before=claims.burden_after - claims.self_paid_compliant)
    curves = _distinct_curves(terms)
    claims = claims.mutate(curve=_curve_of(claims, terms, curves))
    claims = claims.mutate(
        uncut=_by_curve(
            claims, curves, lambda one: _uncut(one, claims.burden_after) - _uncut(one, claims.burden_before)
        ),
        band=_by_curve(claims, curves, lambda one: _band(one, claims.burden_after)),
        maximum=_by_curve(claims, curves, lambda one: ibis.literal(_maximum(one), "int64")),
    )
    order = [claims.settled_on, claims.claim_id]
    so_far = ibis.window(group_by=claims.person_id, order_by=order, preceding=None, following=0)
    claims = claims.mutate(total=_narrow(claims.uncut.sum().over(so_far)))
    benefit_before = ibis.least(claims.total - claims.uncut, claims.maximum)
    claims = claims.mutate(
        benefit_before=benefit_before, benefit=ibis.least(claims.total, claims.maximum) - benefit_before
    )
    return claims.drop("total", "maximum", "curve")


def _narrow(total: ir.Value) -> ir.Value:
    """Back to 64 bits: DuckDB adds up in 128, and all that follows would; ibis drops a cast it holds for needless."""
    return total.cast("decimal(38, 0)").cast("int64")


def _version(claims: ir.Table, terms: YearTerms) -> ir.Value:
    later = [(claims.settled_on >= ibis.date(day), at) for at, day in enumerate(terms.days()) if at]
    if not later:
        return ibis.literal(0, "int64")
    return ibis.cases(*reversed(later), else_=0).cast("int64")


def _distinct_curves(terms: YearTerms) -> list[Curve]:
    return list(dict.fromkeys(curve(version, group) for version in terms.versions for group in GROUPS))


def _curve_of(claims: ir.Table, terms: YearTerms, curves: list[Curve]) -> ir.Value:
    """Which of the curves a claim is paid by: those of its version and group."""
    cases = [
        ((claims.version == at) & (claims.group == group), curves.index(curve(version, group)))
        for at, version in enumerate(terms.versions)
        for group in GROUPS
    ]
    return ibis.cases(*cases).cast("int64")


def _by_curve(claims: ir.Table, curves: list[Curve], value: Callable[[Curve], ir.Value]) -> ir.Value:
    if len(curves) == 1:
        return value(curves[0])
    return ibis.cases(*((claims.curve == at, value(one)) for at, one in enumerate(curves)))


def _uncut(one: Curve, burden: ir.Value) -> ir.Value:
    """B(burden) before the maximum: basis points × fen, halved up to the fen.

    Divided only after the rest is taken off: ibis's // goes through a binary fraction and is wrong for large sums.
    """
    parts = [_part(piece.lower, piece.upper, burden) * piece.ratio for piece in one.slices]
    exact = _sum(parts) + BASIS_POINTS // 2
    return ((exact - exact % BASIS_POINTS) / BASIS_POINTS).round().cast("int64")


def _part(lower: int, upper: int | None, burden: ir.Value) -> ir.Value:
    within = burden if upper is None else ibis.least(burden, ibis.literal(upper, "int64"))
    return ibis.greatest(within - lower, ibis.literal(0, "int64"))


def _band(one: Curve, burden: ir.Value) -> ir.Value:
    return _sum([(burden > piece.lower).cast("int64") for piece in one.slices])


def _sum(parts: list[Any]) -> ir.Value:
    return reduce(lambda left, right: left + right, parts)


#: More than any benefit: the maximum of a curve that has none.
_NO_MAXIMUM = 2**62


def _maximum(one: Curve) -> int:
    return _NO_MAXIMUM if one.maximum is None else one.maximum
