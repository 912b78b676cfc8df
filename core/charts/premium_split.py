"""Where each hundred yuan of premium went: one bar in parts, with a legend that prints every part."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.charts.canvas import Canvas
from core.charts.model import Chart
from core.charts.scale import show
from core.charts.svg import finish
from core.charts.theme import Theme, ThemeName, WidthName, theme_for
from core.money import round_fen, split

PartKind = Literal["claims", "reserve", "expense", "fund", "insurer"]
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class SplitPart:
    """A part of the premium in yuan, zero or more; kind chooses the colour."""

    label: str
    amount: Decimal
    kind: PartKind


@dataclass(frozen=True)
class PremiumSplit:
    """The parts of a year's premium. In a year of loss they add up to more than the premium; the bar then shows
    the mark of 100. unit: what stands after a figure (元); headings: of the table (part, yuan, per hundred)."""

    title: str
    premium: Decimal
    parts: tuple[SplitPart, ...]
    headings: tuple[str, str, str]
    unit: str = ""
    description: str = ""


def per_hundred(premium: Decimal, amounts: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    """The amounts per 100 yuan of premium, to the fen, adding up to the rounded whole."""
    return tuple(split(round_fen(sum(amounts, Decimal(0)) / premium * HUNDRED), amounts))


def premium_split(data: PremiumSplit, theme: ThemeName = "report", width: WidthName = "wide") -> Chart:
    """Draw the bar; parts of nothing are left out of the bar and kept in the table."""
    look = theme_for(theme, width)
    shares = per_hundred(data.premium, tuple(part.amount for part in data.parts))
    legend = _legend_places(data, shares, look)
    bar = look.em(3)
    canvas = Canvas(look, look.em(1.8) + bar + legend[-1][1] + look.em(2))
    top, left, right = look.em(1.2), 1.0, look.canvas_width - 1.0
    whole = sum(shares, Decimal(0))
    at = left
    for part, share in zip(data.parts, shares, strict=True):
        end = at + float(share / whole) * (right - left)
        color = _color(part.kind, look)
        canvas.area(at, top, max(end - 1, at), top + bar, color)
        text = show(share)
        if canvas.width_of(text) + look.em(0.5) < end - at:
            dark = part.kind in ("claims", "reserve", "fund")
            canvas.words((at + end) / 2, top + bar / 2, text, "#ffffff" if dark else look.text, bold=True)
        at = end
    if whole > HUNDRED:
        mark = left + float(HUNDRED / whole) * (right - left)
        canvas.line([(mark, top - look.em(0.3)), (mark, top + bar + look.em(0.3))], look.marker, 1.5)
        canvas.words(mark, top - look.em(0.7), "100", look.marker, bold=True)
    for (x, y), part, share in zip(legend, data.parts, shares, strict=True):
        y += top + bar + look.em(1.5)
        canvas.area(x, y - look.em(0.45), x + look.em(0.9), y + look.em(0.45), _color(part.kind, look))
        canvas.words(x + look.em(1.3), y, f"{part.label} {show(share)}{data.unit}", look.text, anchor="left")
    rows = ((part.label, show(part.amount), show(share)) for part, share in zip(data.parts, shares, strict=True))
    return finish(canvas, title=data.title, description=data.description, table=(data.headings, *rows))


def _color(kind: PartKind, look: Theme) -> str:
    return {
        "claims": look.ink,
        "reserve": look.second,
        "expense": look.third,
        "fund": look.highlight,
        "insurer": look.highlight_tint,
    }[kind]


def _legend_places(data: PremiumSplit, shares: tuple[Decimal, ...], look: Theme) -> list[tuple[float, float]]:
    """Where each entry starts, in reading order, a new row where the width ends."""
    canvas = Canvas(look, 1)
    places, x, row = [], 1.0, 0
    for part, share in zip(data.parts, shares, strict=True):
        wide = canvas.width_of(f"{part.label} {show(share)}{data.unit}") + look.em(3)
        if x > 1.0 and x + wide - look.em(1.4) > look.canvas_width:
            x, row = 1.0, row + 1
        places.append((x, row * look.em(1.7)))
        x += wide
    return places
