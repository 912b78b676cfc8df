"""The sharing curve of a page: the rule over the rates with this year's point, its table, and its jumps in words."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from core.charts import CurveBand, CurveLine, CurvePoint, CurveSegment, SharingCurve, sharing_curve
from core.money import round_fen, show_rate, show_yuan
from core.policy.model import Basis, Cause, Metric, SharingBand, SharingRule, Side
from core.web.filters import percent, wan
from settlement.rules.curve import CurveSegment as RuleSegment
from settlement.rules.curve import Distance, curve_points
from settlement.rules.sharing import SharingResult
from settlement.views import labels

#: How far the curve reaches beyond the last boundary and beyond this year's rate.
MARGIN = Fraction(2, 100)


@dataclass(frozen=True)
class Drawn:
    """A curve ready for its page. wide, narrow: SVG; table: rows as printed, headings first."""

    wide: Markup
    narrow: Markup
    table: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Cliff:
    """A boundary at which the insurer's part jumps. inner, outer: at the boundary and one fen beyond it, yuan.

    limit: the most the insurer gets anywhere beyond it;
    extra, gain: where this year's result lies beyond a boundary that pays the insurer to spend: how much more cost
    would lead back to it, and what that would bring; None elsewhere.
    """

    edge: str
    inner: Decimal
    outer: Decimal
    limit: Decimal
    clause: Any
    extra: Decimal | None = None
    gain: Decimal | None = None

    @property
    def drop(self) -> Decimal:
        """What the insurer loses at the boundary; negative where it gains."""
        return self.inner - self.outer


def drawn(
    rule: SharingRule, result: SharingResult, cause: Cause, year: int, decided: Decimal | None = None
) -> Drawn | None:
    """The rule under every reading over the rates around this result; the result's own reading strong.

    decided: the insurer's part (yuan) by a decision of the departments, which the point then shows. None for a rule
    on cost, whose base moves with the rate.
    """
    if rule.metric is Metric.PROFIT_ON_COST:
        return None
    part = result.insurer if decided is None else decided
    low, high = _extent(rule, result)
    lines = tuple(
        CurveLine(
            name=str(labels.reading_name(rule, reading.name)),
            segments=tuple(
                _piece(segment) for segment in curve_points(rule, result.base, reading.name, low, high, cause)
                if segment.points
            ),
            main=reading.name == result.reading,
            short=str(labels.SHORT_READINGS.get(reading.name, "")),
        )
        for reading in rule.readings
    )  # fmt: skip
    data = SharingCurve(
        title=_title(rule, result.base),
        bands=_bands(rule, result.reading, cause),
        lines=lines,
        headings=(gettext("Rate"), *(line.name for line in lines)),
        x_title=gettext("Surplus or loss rate"),
        jump=gettext("cliff"),
        point=_point(result, part, year),
        description=_description(result, part, year),
        extent=(low, high),
    )
    charts = [sharing_curve(data, "page", width) for width in ("wide", "narrow")]  # type: ignore[arg-type]
    return Drawn(Markup(charts[0].svg), Markup(charts[1].svg), charts[0].table)  # noqa: S704  (our own drawing)


def _title(rule: SharingRule, base: Decimal) -> str:
    """What the rates of the curve are taken of, in yuan."""
    if rule.metric is Metric.COST_TO_TARGET:
        return gettext("Sharing curve, agreed cost %(cost)s yuan", cost=show_yuan(base))
    return gettext("Sharing curve, premium %(premium)s yuan", premium=show_yuan(base))


def _extent(rule: SharingRule, result: SharingResult) -> tuple[Fraction, Fraction]:
    edges = {Side.SURPLUS: Fraction(0), Side.LOSS: Fraction(0)}
    for band in rule.bands:
        edges[band.side] = max(edges[band.side], Fraction(band.lower))
    half = MARGIN / 2
    return min(-edges[Side.LOSS] - MARGIN, result.rate - half), max(edges[Side.SURPLUS] + MARGIN, result.rate + half)


def _piece(segment: RuleSegment) -> CurveSegment:
    points = tuple((point.rate, point.insurer) for point in segment.points)
    return CurveSegment(points, segment.start_closed, segment.end_closed, segment.band.provisional)


def _bands(rule: SharingRule, reading: str, cause: Cause) -> tuple[CurveBand, ...]:
    """The bands from loss to surplus; the two around zero are drawn as one where both are the insurer's."""
    losses = rule.bands_for(reading, Side.LOSS, cause)[::-1]
    gains = rule.bands_for(reading, Side.SURPLUS, cause)
    if losses and gains and _alone(losses[-1]) and _alone(gains[0]):
        low, high = losses[-1].upper, gains[0].upper
        words = labels.treatment(gains[0])
        middle = CurveBand(None if low is None else -Fraction(low), high, words, words, shaded=True)
        return (*(_band(band) for band in losses[:-1]), middle, *(_band(band) for band in gains[1:]))
    return tuple(_band(band) for band in (*losses, *gains))


def _alone(band: SharingBand) -> bool:
    return band.basis is not Basis.NEGOTIATED and band.share == 1


def _band(band: SharingBand) -> CurveBand:
    words, short = labels.treatment(band), labels.short_treatment(band)
    near, far = Fraction(band.lower), None if band.upper is None else Fraction(band.upper)
    if band.side is Side.SURPLUS:
        return CurveBand(near, far, words, short)
    return CurveBand(None if far is None else -far, -near, words, short)


def _point(result: SharingResult, part: Decimal | None, year: int) -> CurvePoint | None:
    if part is None:
        return None
    words = (
        gettext("%(year)s: %(rate)s", year=year, rate=show_rate(result.rate)),
        gettext("insurer %(amount)s × 10,000 yuan", amount=wan(part)),
    )
    return CurvePoint(result.rate, part, words)


def _description(result: SharingResult, part: Decimal | None, year: int) -> str:
    rate = show_rate(result.rate)
    if part is None:
        return gettext("In %(year)s the rate is %(rate)s; nothing is computed there.", year=year, rate=rate)
    return gettext(
        "In %(year)s the rate is %(rate)s and the insurer's part %(amount)s yuan.",
        year=year,
        rate=rate,
        amount=show_yuan(part),
    )


def cliffs(rule: SharingRule, result: SharingResult, cause: Cause) -> list[Cliff]:
    """Every boundary at which the insurer's part jumps under the result's reading, surplus side first."""
    if rule.metric is Metric.PROFIT_ON_COST:
        return []
    reach = max((Fraction(band.lower) for band in rule.bands), default=Fraction(0)) + MARGIN
    segments = [one for one in curve_points(rule, result.base, result.reading, -reach, reach, cause) if one.points]
    found = []
    for before, after in zip(segments, segments[1:], strict=False):
        if before.end != after.start or before.points[-1].insurer == after.points[0].insurer:
            continue
        outward = after.band.side is Side.SURPLUS
        inner, outer = (before.points[-1], after.points[0]) if outward else (after.points[0], before.points[-1])
        band = after.band if outward else before.band
        extra = gain = None
        if result.insurer is not None and inner.insurer > result.insurer and result.rate > inner.rate and outward:
            extra = round_fen((result.rate - inner.rate) * Fraction(result.base))
            gain = inner.insurer - result.insurer
        beyond = [one for one in segments if one.band.side is band.side and _beyond(one, inner.rate)]
        limit = max(point.insurer for one in beyond for point in one.points)
        found.append(Cliff(edge_name(inner.rate), inner.insurer, outer.insurer, limit, band.clause, extra, gain))
    return found[::-1]


def edge_name(rate: Fraction) -> str:
    """A boundary without needless zeros: 3%, −3%, 12.5%."""
    places = next(places for places in range(9) if (rate * 100 * 10**places).denominator == 1 or places == 8)
    return show_rate(rate, places).lstrip("+") if rate else percent(Decimal(0))


def nearest(distance: Distance) -> str:
    """How far the year's rate lies from a boundary, in points and yuan."""
    gap = show_rate(abs(distance.rate_gap)).strip("+%")
    values = {"edge": edge_name(distance.edge), "gap": gap, "amount": show_yuan(abs(distance.amount))}
    if distance.rate_gap > 0:
        return gettext("%(gap)s points (%(amount)s yuan) above the %(edge)s line", **values)
    return gettext("%(gap)s points (%(amount)s yuan) below the %(edge)s line", **values)


def _beyond(segment: RuleSegment, edge: Fraction) -> bool:
    return min(abs(segment.start), abs(segment.end)) >= abs(edge)
