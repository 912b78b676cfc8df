"""Comparison bars: one measure of several subjects, lying bars with the figure at the end."""

from dataclasses import dataclass
from decimal import Decimal

from core.charts.canvas import Canvas
from core.charts.model import Chart
from core.charts.scale import Linear, show
from core.charts.svg import finish
from core.charts.theme import ThemeName, WidthName, theme_for


@dataclass(frozen=True)
class ComparisonBar:
    """A subject and its figure, zero or more; chosen: the one this page is about."""

    label: str
    value: Decimal
    chosen: bool = False


@dataclass(frozen=True)
class Comparison:
    """The subjects in the order to be read; places: decimals printed; unit: what stands after the figure."""

    title: str
    bars: tuple[ComparisonBar, ...]
    headings: tuple[str, str]
    unit: str = ""
    places: int = 2
    description: str = ""


def comparison_bars(data: Comparison, theme: ThemeName = "page", width: WidthName = "wide") -> Chart:
    """Draw the bars from zero; on a narrow drawing the name stands above its bar."""
    look = theme_for(theme, width)
    step = look.em(3.4 if look.narrow else 1.9)
    canvas = Canvas(look, step * len(data.bars) + look.em(0.6))
    figures = [show(bar.value, data.places) + data.unit for bar in data.bars]
    names = max(canvas.width_of(bar.label) for bar in data.bars)
    left = 1.0 if look.narrow else names + look.em(1)
    x = Linear(
        0,
        max(bar.value for bar in data.bars) or Decimal(1),
        left,
        look.canvas_width - max(canvas.width_of(figure) for figure in figures) - look.em(1),
    )
    for order, (bar, figure) in enumerate(zip(data.bars, figures, strict=True)):
        middle = step * (order + 0.5) + look.em(0.3)
        if look.narrow:
            canvas.words(left, middle - look.em(0.9), bar.label, look.text, anchor="left", bold=bar.chosen)
            middle += look.em(0.5)
        else:
            canvas.words(left - look.em(0.5), middle, bar.label, look.text, anchor="right", bold=bar.chosen)
        color = look.ink if bar.chosen else look.third
        canvas.area(left, middle - look.em(0.65), x(bar.value), middle + look.em(0.65), color)
        canvas.words(x(bar.value) + look.em(0.5), middle, figure, look.text, anchor="left", bold=bar.chosen)
    if not look.narrow:
        canvas.line([(left, 0), (left, canvas.height)], look.axis)
    rows = ((bar.label, figure) for bar, figure in zip(data.bars, figures, strict=True))
    return finish(canvas, title=data.title, description=data.description, table=(data.headings, *rows))
