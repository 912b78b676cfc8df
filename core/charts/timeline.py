"""The tender timeline: the dates a tender must keep, to scale, with what is done, due and today."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.charts.canvas import Canvas
from core.charts.model import Chart
from core.charts.scale import Linear
from core.charts.svg import finish
from core.charts.theme import Theme, ThemeName, WidthName, theme_for

EventKind = Literal["done", "due", "today"]


@dataclass(frozen=True)
class TimelineEvent:
    """A date with its name, what it is, and the clause or the reckoning that sets it."""

    day: date
    label: str
    kind: EventKind
    note: str = ""


@dataclass(frozen=True)
class TenderTimeline:
    """The events of a tender; they are drawn by date, whatever their order. headings: (date, event, basis)."""

    title: str
    events: tuple[TimelineEvent, ...]
    headings: tuple[str, str, str]
    description: str = ""


def tender_timeline(data: TenderTimeline, theme: ThemeName = "page", width: WidthName = "wide") -> Chart:
    """Draw the line; names take the nearest free row above or below it; a narrow drawing is a list with a line."""
    look = theme_for(theme, width)
    events = sorted(data.events, key=lambda event: event.day)
    canvas = _list(events, look) if look.narrow else _scaled(events, look)
    rows = ((event.day.isoformat(), event.label, event.note) for event in events)
    return finish(canvas, title=data.title, description=data.description, table=(data.headings, *rows))


def _scaled(events: list[TimelineEvent], look: Theme) -> Canvas:
    measure = Canvas(look, 1)
    days = [event.day.toordinal() for event in events]
    x = Linear(min(days), max(max(days), min(days) + 1), look.em(4), look.canvas_width - look.em(4))
    places, rows_used = [], {1: 1, -1: 1}
    taken: dict[tuple[int, int], float] = {}
    for order, event in enumerate(events):
        half = max(measure.width_of(text, 0.94) for text in (event.label, event.day.isoformat())) / 2 + look.em(0.4)
        middle = min(max(x(event.day.toordinal()), half), look.canvas_width - half)
        side = 1 if order % 2 else -1
        tries = [(s, row) for row in range(1, len(events) + 1) for s in (side, -side)]
        side, row = next(place for place in tries if taken.get(place, 0.0) <= middle - half)
        taken[side, row] = middle + half
        rows_used[side] = max(rows_used[side], row)
        places.append((middle, side, row))
    line = look.em(0.8 + 3.2 * rows_used[-1])
    canvas = Canvas(look, line + look.em(0.8 + 3.2 * rows_used[1]))
    canvas.line([(x.start - look.em(1), line), (x.end + look.em(1), line)], look.axis, 2)
    for event, (middle, side, row) in zip(events, places, strict=True):
        at, color = x(event.day.toordinal()), _color(event, look)
        y = line + side * look.em(3.2 * row - 1.1)
        canvas.line([(at, line), (at, y - side * look.em(1.3))], look.grid, behind=True)
        canvas.dot(at, line, color, filled=event.kind != "due", shape="diamond" if event.kind == "today" else "circle")
        canvas.words(middle, y - look.em(0.62), event.label, color, bold=event.kind == "today", scale=0.94)
        canvas.words(middle, y + look.em(0.62), event.day.isoformat(), look.muted, scale=0.94)
    return canvas


def _list(events: list[TimelineEvent], look: Theme) -> Canvas:
    step = look.em(3.3)
    canvas = Canvas(look, step * len(events) + look.em(0.4))
    x = look.em(0.9)
    canvas.line([(x, step * 0.5), (x, step * (len(events) - 0.5))], look.axis, 2)
    for order, event in enumerate(events):
        y, color = step * (order + 0.5), _color(event, look)
        canvas.dot(x, y, color, filled=event.kind != "due", shape="diamond" if event.kind == "today" else "circle")
        canvas.words(look.em(2.2), y - look.em(0.65), event.label, color, anchor="left", bold=event.kind == "today")
        day = f"{event.day.isoformat()}  {event.note}".strip()
        canvas.words(look.em(2.2), y + look.em(0.7), day, look.muted, anchor="left", scale=0.94)
    return canvas


def _color(event: TimelineEvent, look: Theme) -> str:
    return {"done": look.ink, "due": look.text, "today": look.marker}[event.kind]
