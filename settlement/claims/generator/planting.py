"""Plants wrong reported benefits of known kinds into invented claims, so that there is something to find."""

import numpy as np

from settlement.claims.findings import KINDS, Kind
from settlement.claims.generator.paying import Claims, running, uncut
from settlement.claims.generator.stream import Stream, Whole
from settlement.rules.benefits import GROUPS

#: One claim in so many is reported wrong.
ONE_IN = 1000


def plant(stream: Stream, claims: Claims, group: Whole, burden: Whole, right: Whole) -> tuple[Whole, dict[int, Kind]]:
    """The reported benefits in fen, and the kind of fault by place; each kind where it can occur at all."""
    wrong = _wrong(stream, claims, group, burden, right)
    reported, planted = right.copy(), dict[int, Kind]()
    each = -(-len(right) // (ONE_IN * len(KINDS)))
    for kind in KINDS:
        others = [wrong[other] for other in KINDS if other != kind and other != "other"]
        clear = (np.abs(wrong[kind] - right) > (kind != "rounding")) & (wrong[kind] >= 0) & (right > 0)
        for other in others:
            clear &= wrong[kind] != other
        possible = np.flatnonzero(clear)
        if not len(possible):
            continue
        for at in possible[stream.below(len(possible), each)].tolist():
            if at not in planted:
                reported[at], planted[at] = wrong[kind][at], kind
    return reported, planted


def _wrong(stream: Stream, claims: Claims, group: Whole, burden: Whole, right: Whole) -> dict[Kind, Whole]:
    """What each kind of fault would report for each claim."""
    after = running(burden, claims.first)
    general = claims.which - claims.which % len(GROUPS)
    return {
        "rounding": right + 1 - 2 * stream.below(2, len(right)),
        "without_tilt": uncut(claims, after, general) - uncut(claims, after - burden, general),
        "without_cumulation": uncut(claims, burden),
        "over_maximum": uncut(claims, after) - uncut(claims, after - burden),
        "other": right + (1 + stream.below(50, len(right))) * 100_00,
    }
