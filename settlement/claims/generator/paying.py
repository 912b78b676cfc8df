"""What invented claims pay, for all of them at once: settlement.rules.benefits over columns of whole fen."""

from dataclasses import dataclass

import numpy as np

from settlement.claims.generator.stream import Whole
from settlement.rules.benefits import BASIS_POINTS, GROUPS, Curve, YearTerms, curve

_NO_MAXIMUM = 2**62


@dataclass(frozen=True)
class Claims:
    """Claims sorted by person, day and claim_id. first: where a person begins; which: the curve of each claim."""

    curves: list[Curve]
    which: Whole
    first: np.ndarray


def sorted_claims(terms: YearTerms, group: Whole, day: Whole, first: np.ndarray) -> Claims:
    """The claims with the curve of their group (a place in GROUPS) and day (days since 1970)."""
    curves = [curve(version, name) for version in terms.versions for name in GROUPS]
    begins = np.array(terms.days(), "datetime64[D]").astype(np.int64)
    version = np.searchsorted(begins, day, side="right") - 1
    return Claims(curves, version * len(GROUPS) + group, first)


def benefits(claims: Claims, burden: Whole) -> Whole:
    """The benefit of each claim in fen, of burdens in fen."""
    after = running(burden, claims.first)
    marginal = uncut(claims, after) - uncut(claims, after - burden)
    total = running(marginal, claims.first)
    most = np.array([_NO_MAXIMUM if one.maximum is None else one.maximum for one in claims.curves])[claims.which]
    return np.minimum(total, most) - np.minimum(total - marginal, most)


def uncut(claims: Claims, burden: Whole, which: Whole | None = None) -> Whole:
    """The curve's value at each burden before the maximum, half up to the fen; `which` puts other curves in place."""
    which = claims.which if which is None else which
    paid = np.zeros(len(burden), np.int64)
    for place, one in enumerate(claims.curves):
        chosen = np.flatnonzero(which == place)
        exact = np.full(len(chosen), BASIS_POINTS // 2, np.int64)
        for piece in one.slices:
            within = burden[chosen] if piece.upper is None else np.minimum(burden[chosen], piece.upper)
            exact += np.maximum(within - piece.lower, 0) * piece.ratio
        paid[chosen] = exact // BASIS_POINTS
    return paid


def running(amounts: Whole, first: np.ndarray) -> Whole:
    """Running sums that begin anew with each person."""
    sums = np.cumsum(amounts)
    starts = np.flatnonzero(first)
    before = np.concatenate(([0], sums[starts[1:] - 1]))
    return sums - np.repeat(before, np.diff(np.append(starts, len(amounts))))
