"""The sharing rule as a curve: its jumps, the distance of a result from the next boundary, points to draw (J14)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import round_fen
from core.policy.model import Basis, Cause, Metric, SharingBand, SharingRule, Side
from settlement.rules.corridor import Corridor, SharingInvalid, corridor
from settlement.rules.sharing import SharingInputs, settle


@dataclass(frozen=True)
class CurvePoint:
    """At a signed rate, the insurer's part in yuan (negative: borne)."""

    rate: Fraction
    insurer: Decimal


@dataclass(frozen=True)
class CurveSegment:
    """A stretch of the curve inside one band, from the lower rate to the higher.

    points: at least its two ends; start_closed, end_closed: whether the end belongs to it (a jump has an open and a
    closed end); empty where the band is negotiated, whose stretch is start to end.
    """

    band: SharingBand
    start: Fraction
    end: Fraction
    start_closed: bool
    end_closed: bool
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Distance:
    """How far a result lies from a boundary of the rule.

    edge: the signed rate of the boundary; rate_gap: the rate less the edge; amount: the balance less the edge, in yuan
    half up to the fen; jump: what the insurer's part changes by when the rate rises past the edge, None where one
    side of it is negotiated.
    """

    edge: Fraction
    rate_gap: Fraction
    amount: Decimal
    jump: Decimal | None


def distances_to_boundaries(
    rule: SharingRule, inputs: SharingInputs, reading: str | None = None
) -> tuple[Distance, ...]:
    """Every boundary between bands, the nearest first (regulation E.5: a result near one deserves a second look)."""
    result = settle(rule, inputs, reading)
    base = Fraction(result.base)
    found = []
    for side in Side:
        bands = corridor(rule, result.reading, side, inputs.cause, base)
        for place in range(1, len(bands.bands)):
            edge = Fraction(bands.bands[place].lower)
            inner, outer = (bands.insurer(at, edge * base) for at in (place - 1, place))
            sign = 1 if side is Side.SURPLUS else -1
            jump = None if inner is None or outer is None else round_fen(sign * (outer - inner))
            gap = result.rate - sign * edge
            found.append(Distance(sign * edge, gap, round_fen(gap * base), jump))
    return tuple(sorted(found, key=lambda distance: (abs(distance.rate_gap), -distance.edge)))


def distance_to_boundary(rule: SharingRule, inputs: SharingInputs, reading: str | None = None) -> Distance:
    """The nearest boundary. Raises SharingInvalid for a rule of one band a side, which has none."""
    distances = distances_to_boundaries(rule, inputs, reading)
    if not distances:
        raise SharingInvalid("the rule has no boundary between bands")
    return distances[0]


def curve_points(
    rule: SharingRule,
    premium: Decimal,
    reading: str | None,
    lowest: Fraction,
    highest: Fraction,
    cause: Cause = Cause.OPERATING,
) -> tuple[CurveSegment, ...]:
    """The insurer's part over the rates from `lowest` to `highest`, one segment a band, lowest rate first.

    `premium` stands for the base of the rate, also where the rule measures against a target. Raises SharingInvalid for
    a rule on cost, whose base moves with the rate, and for an unknown reading.
    """
    if rule.metric is Metric.PROFIT_ON_COST:
        raise SharingInvalid("a rule on cost has no curve over one base")
    segments = []
    for side in (Side.LOSS, Side.SURPLUS):
        bands = corridor(rule, reading, side, cause, Fraction(premium))
        stretches = [_segment(bands, place, lowest, highest) for place in range(len(bands.bands))]
        segments += [stretch for stretch in stretches if stretch is not None][:: -1 if side is Side.LOSS else 1]
    return tuple(segments)


def _segment(bands: Corridor, place: int, lowest: Fraction, highest: Fraction) -> CurveSegment | None:
    band = bands.bands[place]
    sign = 1 if band.side is Side.SURPLUS else -1
    window = (lowest, highest) if sign > 0 else (-highest, -lowest)
    near, far = max(Fraction(band.lower), window[0]), window[1]
    near_closed, far_closed = band.lower_closed or near > band.lower, True
    if band.upper is not None and band.upper <= far:
        far, far_closed = Fraction(band.upper), band.upper_closed
    if near >= far:
        return None
    sizes = [near, *_kinks(bands, place, near, far), far]
    values = [(sign * size, bands.insurer(place, size * bands.base)) for size in sizes]
    points = [CurvePoint(rate, round_fen(value)) for rate, value in values if value is not None]
    ends = [(sign * near, near_closed), (sign * far, far_closed)][::sign]
    (start, start_closed), (end, end_closed) = ends
    return CurveSegment(band, start, end, start_closed, end_closed, tuple(points[::sign]))


def _kinks(bands: Corridor, place: int, near: Fraction, far: Fraction) -> list[Fraction]:
    """Rates inside a band where a floor or a bound of the rule takes over from the band's straight line."""
    if bands.bands[place].basis is Basis.NEGOTIATED:
        return []
    levels = [bound for bound in bands.bounds() if bound is not None] + bands.floors(place)
    low, high = bands.line(place, near * bands.base), bands.line(place, far * bands.base)
    if low == high:
        return []
    crossings = {near + (level - low) / (high - low) * (far - near) for level in levels}
    return sorted(rate for rate in crossings if near < rate < far)
