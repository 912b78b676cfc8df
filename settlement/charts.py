"""The chart of a sharing rule: the insurer's part over the rate under every reading, with a point or without."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from core.charts import Chart, CurveBand, CurveLine, CurvePoint, CurveSegment, SharingCurve, sharing_curve
from core.errors import N_
from core.money import show_rate, show_yuan
from core.policy.model import Basis, Metric, SharingBand, SharingRule, Side
from settlement.rules.curve import CurveSegment as Stretch
from settlement.rules.curve import curve_base, curve_points
from settlement.rules.figures import SharingInputs, percent
from settlement.rules.sharing import SharingResult, settle
from settlement.rules.words import Said

Say = Callable[[Said], str]
#: How far the picture reaches beyond the last boundary and beyond the rate in hand.
MARGIN = Fraction(2, 100)
MOST_LINES = 4


def rule_chart(
    rule: SharingRule,
    inputs: SharingInputs,
    reading: str | None,
    say: Say,
    *,
    point: bool = True,
    width: Literal["wide", "narrow"] = "wide",
) -> Chart:
    """The rule for a contract of this premium. point: whether the rate of these figures is marked."""
    result = settle(rule, inputs, reading)
    low, high = _extent(rule, result)
    lines = tuple(
        CurveLine(
            name=one.title,
            segments=tuple(_drawn(stretch) for stretch in _stretches(rule, inputs, result, one.name, low, high)),
            main=one.name == result.reading,
        )
        for one in rule.readings
    )
    lines = tuple(_told_apart(lines))
    data = SharingCurve(
        title=say(Said(N_("Insurer's part by the rule, base %(base)s yuan"), {"base": show_yuan(result.base)})),
        bands=tuple(_bands(rule, inputs, result)),
        lines=lines,
        headings=(say(Said(N_("Rate"))), *(line.name for line in lines)),
        x_title=say(Said(N_("Surplus or loss rate; upwards the insurer's part in 10,000 yuan"))),
        jump=say(Said(N_("cliff"))),
        point=_point(result, say) if point else None,
        extent=(low, high),
    )
    return sharing_curve(data, "page", width)


def _told_apart(lines: tuple[CurveLine, ...]) -> list[CurveLine]:
    """The main line and at most three that run otherwise: more would only cover each other."""
    kept: list[CurveLine] = []
    for line in sorted(lines, key=lambda line: not line.main):
        if line.segments and len(kept) < MOST_LINES and all(line.segments != other.segments for other in kept):
            kept.append(line)
    return kept


def _extent(rule: SharingRule, result: SharingResult) -> tuple[Fraction, Fraction]:
    edges = {
        side: max([Fraction(band.lower) for band in rule.bands if band.side is side], default=Fraction(0))
        for side in Side
    }
    lowest = min(-edges[Side.LOSS] - MARGIN, result.rate - MARGIN / 2)
    if rule.metric is Metric.PROFIT_ON_COST:
        lowest = max(lowest, Fraction(-9, 10))
    return lowest, max(edges[Side.SURPLUS] + MARGIN, result.rate + MARGIN / 2)


def _stretches(
    rule: SharingRule, inputs: SharingInputs, result: SharingResult, reading: str, low: Fraction, high: Fraction
) -> list[Stretch]:
    score, spent = Fraction(inputs.score), Fraction(result.expense_allowed)
    base = curve_base(rule, result)
    found = curve_points(rule, base, reading, low, high, inputs.cause, score=score, spent=spent)
    return [stretch for stretch in found if stretch.points]


def _drawn(stretch: Stretch) -> CurveSegment:
    points = tuple((point.rate, point.insurer) for point in stretch.points)
    return CurveSegment(points, stretch.start_closed, stretch.end_closed, stretch.band.provisional)


def _bands(rule: SharingRule, inputs: SharingInputs, result: SharingResult) -> list[CurveBand]:
    losses = rule.bands_for(result.reading, Side.LOSS, inputs.cause)[::-1]
    gains = rule.bands_for(result.reading, Side.SURPLUS, inputs.cause)
    return [_band(band) for band in (*losses, *gains)]


def _band(band: SharingBand) -> CurveBand:
    near, far = Fraction(band.lower), None if band.upper is None else Fraction(band.upper)
    words = _short(band)
    if band.side is Side.SURPLUS:
        return CurveBand(near, far, words, words)
    return CurveBand(None if far is None else -far, -near, words, words)


def _short(band: SharingBand) -> str:
    """The insurer's share in a sign or two, the same in every language: 30% of the whole, +30% of what lies above."""
    if band.basis is Basis.NEGOTIATED:
        return "?"
    if band.basis is Basis.FIXED:
        return f"={show_yuan(band.amount).removesuffix('.00')}"
    share = percent(band.share or Decimal(0))
    return f"+{share}" if band.basis is Basis.SLICE and band.lower > 0 else share


def _point(result: SharingResult, say: Say) -> CurvePoint | None:
    if result.insurer is None:
        return None
    words = Said(N_("insurer %(amount)s yuan"), {"amount": show_yuan(result.insurer)})
    return CurvePoint(result.rate, result.insurer, (show_rate(result.rate), say(words)))
