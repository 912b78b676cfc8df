"""The sharing rule as a curve: its jumps, the distance of a result from the next boundary, points to draw (J14)."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from core.money import round_fen
from core.policy.model import Basis, Cause, Metric, SharingBand, SharingRule, Side
from settlement.rules.corridor import Corridor, SharingInvalid, corridor
from settlement.rules.sharing import SharingInputs, SharingResult, settle

#: Into how many pieces a bent curve is cut in each band.
_STEPS = 16


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
    score, spent = Fraction(inputs.score), Fraction(result.expense_allowed)
    start = Fraction(curve_base(rule, result))
    found = []
    for side in Side:
        bands = corridor(rule, result.reading, side, inputs.cause, start, score=score, spent=spent)
        for place in range(1, len(bands.bands)):
            edge = Fraction(bands.bands[place].lower)
            sign = 1 if side is Side.SURPLUS else -1
            inner, outer = (_value(bands, at, sign, edge) for at in (place - 1, place))
            jump = None if inner is None or outer is None else round_fen(sign * (outer - inner))
            amount = result.rate * Fraction(result.base) - sign * edge * _base_at(bands, sign * edge)
            found.append(Distance(sign * edge, result.rate - sign * edge, round_fen(amount), jump))
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
    *,
    score: Fraction = Fraction(1),
    spent: Fraction = Fraction(0),
) -> tuple[CurveSegment, ...]:
    """The insurer's part over the rates from `lowest` to `highest`, one segment a band, lowest rate first.

    `premium` stands for the base of the rate, also where the rule measures against a target. For a rule on cost, whose
    base moves with the rate, it is the income, and the bent curve is given by many points. Raises SharingInvalid for an
    unknown reading.
    """
    segments = []
    for side in (Side.LOSS, Side.SURPLUS):
        bands = corridor(rule, reading, side, cause, Fraction(premium), score=score, spent=spent)
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
    sizes = [near, *_inner(bands, place, near, far), far]
    values = [(sign * size, _value(bands, place, sign, size)) for size in sizes]
    points = [CurvePoint(rate, round_fen(value)) for rate, value in values if value is not None]
    ends = [(sign * near, near_closed), (sign * far, far_closed)][::sign]
    (start, start_closed), (end, end_closed) = ends
    return CurveSegment(band, start, end, start_closed, end_closed, tuple(points[::sign]))


def curve_base(rule: SharingRule, result: SharingResult) -> Decimal:
    """What a curve through a result starts from, in yuan: the base of its rate; for a rule on cost, the income."""
    if rule.metric is not Metric.PROFIT_ON_COST:
        return result.base
    return round_fen(Fraction(result.base) * (1 + result.rate))


def _base_at(bands: Corridor, rate: Fraction) -> Fraction:
    """The base of a signed rate; over cost it is what is left of the income at that rate."""
    return bands.base / (1 + rate) if bands.rule.metric is Metric.PROFIT_ON_COST else bands.base


def _value(bands: Corridor, place: int, sign: int, size: Fraction) -> Fraction | None:
    """The insurer's part at a rate of a size on one side."""
    bands = replace(bands, base=_base_at(bands, sign * size))
    return bands.insurer(place, size * bands.base)


def _inner(bands: Corridor, place: int, near: Fraction, far: Fraction) -> list[Fraction]:
    """Rates inside a band at which the curve bends."""
    if bands.rule.metric is not Metric.PROFIT_ON_COST:
        return _kinks(bands, place, near, far)
    return [near + (far - near) * Fraction(step, _STEPS) for step in range(1, _STEPS)]


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
