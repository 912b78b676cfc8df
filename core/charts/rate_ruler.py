"""The rate ruler: the bands of the sharing rule side by side, not to scale, and the mark of this year's rate."""

from dataclasses import dataclass
from fractions import Fraction

from core.charts.canvas import Canvas
from core.charts.model import Chart
from core.charts.scale import Exact
from core.charts.svg import finish
from core.charts.theme import Theme, ThemeName, WidthName, theme_for
from core.money import show_rate


@dataclass(frozen=True)
class RulerBand:
    """A band between two edges (None: open), its name, and who gets or bears what in it.

    includes_low, includes_high: to which side an edge belongs, so that a rate at an edge is marked in its own band.
    """

    low: Exact | None
    high: Exact | None
    label: str
    note: str
    includes_low: bool = False
    includes_high: bool = True


@dataclass(frozen=True)
class RateRuler:
    """The bands from the deepest loss to the highest surplus, the exact rate, and the words on the mark.

    headings: of the table (band, consequence, this year); here: what the table says beside the band that applies.
    """

    title: str
    bands: tuple[RulerBand, ...]
    rate: Exact
    words: str
    headings: tuple[str, str, str]
    here: str = ""
    description: str = ""


def rate_ruler(data: RateRuler, theme: ThemeName = "report", width: WidthName = "wide") -> Chart:
    """Draw the ruler; on a narrow drawing the bands stand one under another."""
    look = theme_for(theme, width)
    applied = _band_of(data)
    canvas = Canvas(look, look.em(3.2) * len(data.bands) if look.narrow else look.em(10.4))
    (_standing if look.narrow else _lying)(canvas, data, applied)
    rows = (
        (band.label, band.note, f"{data.here} {show_rate(Fraction(data.rate))}".strip() if order == applied else "")
        for order, band in enumerate(data.bands)
    )
    return finish(canvas, title=data.title, description=data.description, table=(data.headings, *rows))


def _band_of(data: RateRuler) -> int:
    rate = Fraction(data.rate)
    for order, band in enumerate(data.bands):
        above = band.low is None or rate > band.low or (band.includes_low and rate == band.low)
        below = band.high is None or rate < band.high or (band.includes_high and rate == band.high)
        if above and below:
            return order
    raise ValueError(f"no band holds the rate {show_rate(Fraction(data.rate))}")


def _within(data: RateRuler, applied: int) -> float:
    """How far into its band the rate lies, kept off the edges so that the mark never stands between two bands."""
    band = data.bands[applied]
    if band.low is None or band.high is None:
        return 0.5
    low, high = Fraction(band.low), Fraction(band.high)
    return min(max(float((Fraction(data.rate) - low) / (high - low)), 0.04), 0.96)


def _colors(bands: tuple[RulerBand, ...], look: Theme) -> list[str]:
    """Losses and surpluses in their own hue, stronger outwards; a band with zero inside is neutral."""
    colors = []
    for band in bands:
        if band.high is not None and band.high <= 0:
            colors.append(look.losses[0] if band.low is None else look.losses[1])
        elif band.low is not None and band.low >= 0:
            colors.append(look.surpluses[1] if band.high is None else look.surpluses[0])
        else:
            colors.append(look.neutral)
    return colors


def _lying(canvas: Canvas, data: RateRuler, applied: int) -> None:
    look = canvas.theme
    room = (look.canvas_width - 2) / len(data.bands)
    top, bottom = look.em(3.3), look.em(5.2)
    for order, (band, color) in enumerate(zip(data.bands, _colors(data.bands, look), strict=True)):
        start, end = 1 + room * order, 1 + room * (order + 1)
        canvas.area(start, top, end - 1.5, bottom, color)
        if band.high is not None:
            canvas.words(end - 0.75, bottom + look.em(0.95), show_rate(Fraction(band.high), 0), look.muted, scale=0.9)
        chosen = order == applied
        middle = (start + end) / 2
        canvas.words(middle, bottom + look.em(2.6), band.label, look.marker if chosen else look.text, bold=True)
        canvas.words(middle, bottom + look.em(4), band.note, look.marker if chosen else look.muted, scale=0.92)
    x = 1 + room * (applied + _within(data, applied))
    canvas.line([(x, look.em(2)), (x, bottom)], look.marker, 2)
    canvas.dot(x, look.em(2.1), look.marker, shape="triangle-down", size=70)
    half = canvas.width_of(data.words) / 2 + 2
    canvas.words(min(max(x, half), look.canvas_width - half), look.em(0.9), data.words, look.marker, bold=True)


def _standing(canvas: Canvas, data: RateRuler, applied: int) -> None:
    look = canvas.theme
    room = look.em(3.2)
    for order, (band, color) in enumerate(zip(data.bands, _colors(data.bands, look), strict=True)):
        top = room * order
        chosen = order == applied
        canvas.area(1, top + 1, look.em(1.6), top + room - 0.5, color)
        text = look.marker if chosen else look.text
        canvas.words(look.em(2.8), top + look.em(1), band.label, text, anchor="left", bold=True)
        note = data.words if chosen else band.note
        canvas.words(look.em(2.8), top + look.em(2.3), note, text if chosen else look.muted, anchor="left", scale=0.95)
        if chosen:
            canvas.dot(look.em(2.1), top + room / 2, look.marker, shape="triangle-left", size=80)
