"""A drawing surface in pixels that becomes one layered Altair chart: charts lay out, Altair and vl-convert draw."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.charts.theme import FONT, Theme

if TYPE_CHECKING:
    import altair as alt

Anchor = Literal["left", "center", "right"]
Point = tuple[float, float]
Row = dict[str, Any]


class Canvas:
    """Collects marks by kind; y grows downwards from the top edge.

    Order of painting: areas and lines behind, areas, lines, dots, words; within a kind, the order of the calls.
    """

    def __init__(self, theme: Theme, height: float) -> None:
        self.theme, self.width, self.height = theme, float(theme.canvas_width), float(height)
        self._areas: dict[bool, list[Row]] = {True: [], False: []}
        self._lines: dict[bool, list[Row]] = {True: [], False: []}
        self._dots: list[Row] = []
        self._words: list[Row] = []

    def area(self, x0: float, y0: float, x1: float, y1: float, color: str, *, behind: bool = False) -> None:
        """A filled rectangle."""
        row = {"x": _px(x0), "y": _px(y0), "x2": _px(x1), "y2": _px(y1), "c": color}
        self._areas[behind].append(row)

    def line(
        self,
        points: Sequence[Point],
        color: str,
        width: float = 1,
        dash: tuple[int, ...] = (),
        *,
        behind: bool = False,
    ) -> None:
        """A polyline through the points; dash as in SVG, empty for an unbroken line."""
        number = self._lines[behind][-1]["l"] + 1 if self._lines[behind] else 0
        style = {"l": number, "c": color, "w": width, "d": list(dash)}
        for order, (x, y) in enumerate(points):
            self._lines[behind].append({"x": _px(x), "y": _px(y), "o": order, **style})

    def dot(
        self, x: float, y: float, color: str, *, filled: bool = True, shape: str = "circle", size: float = 44
    ) -> None:
        """A point mark: filled, or open on white; size is its area in square pixels."""
        fill = color if filled else "#ffffff"
        self._dots.append({"x": _px(x), "y": _px(y), "c": color, "f": fill, "m": shape, "s": size})

    def words(
        self,
        x: float,
        y: float,
        text: str,
        color: str,
        *,
        anchor: Anchor = "center",
        bold: bool = False,
        scale: float = 1.0,
    ) -> None:
        """A line of text, centred vertically on y; scale is relative to the theme's size."""
        if text:
            style = {"a": anchor, "s": _px(self.theme.size * scale), "w": "bold" if bold else "normal", "c": color}
            self._words.append({"x": _px(x), "y": _px(y), "t": text, **style})

    def width_of(self, text: str, scale: float = 1.0) -> float:
        """About how wide a text is drawn: full-width characters one em, others somewhat more than half."""
        ems = sum(1.0 if ord(character) > 0x2000 else 0.57 for character in text)
        return ems * self.theme.size * scale

    def spec(self) -> dict[str, Any]:
        """The Vega-Lite specification of everything drawn."""
        rows = {
            "areas-behind": self._areas[True],
            "lines-behind": self._lines[True],
            "areas": self._areas[False],
            "lines": self._lines[False],
            "dots": self._dots,
            "words": self._words,
        }
        layers = [layer for layer in _skeleton()["layer"] if rows[layer["data"]["name"]]]
        size = {"width": self.width, "height": self.height}
        return {**_skeleton(), **size, "layer": layers, "datasets": {name: rows[name] for name in rows if rows[name]}}


@functools.cache
def _skeleton() -> dict[str, Any]:
    """The layers without their rows; built and validated by Altair once in a process, which is slower than drawing."""
    import altair as alt  # here and below: a process that draws nothing need not load it

    layers = [
        _at("areas-behind").mark_rect(fill=_from("c")).encode(x2="x2:Q", y2="y2:Q"),
        _lines("lines-behind"),
        _at("areas").mark_rect(fill=_from("c")).encode(x2="x2:Q", y2="y2:Q"),
        _lines("lines"),
        _at("dots").mark_point(
            shape=_from("m"), size=_from("s"), fill=_from("f"), stroke=_from("c"), strokeWidth=1.6, opacity=1
        ),
        _at("words")
        .mark_text(align=_from("a"), baseline="middle", fontSize=_from("s"), fontWeight=_from("w"), fill=_from("c"))
        .encode(text="t:N"),
    ]
    chart = alt.layer(*layers).properties(autosize=alt.AutoSizeParams(type="none"), padding=0)
    return chart.configure(font=FONT, background="transparent").configure_view(stroke=None).to_dict()


def _lines(name: str) -> "alt.Chart":
    mark = _at(name).mark_line(stroke=_from("c"), strokeWidth=_from("w"), strokeDash=_from("d"))
    return mark.encode(detail="l:N", order="o:Q")


def _at(name: str) -> "alt.Chart":
    """Marks placed in pixels of the drawing, rows from the named dataset."""
    import altair as alt

    return alt.Chart(alt.NamedData(name)).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, alt.expr("width")], nice=False, zero=False)),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[alt.expr("height"), 0], nice=False, zero=False)),
    )


def _from(field: str) -> "alt.ExprRef":
    """A property of the mark that each row brings along."""
    import altair as alt

    return alt.expr(f"datum.{field}")


def _px(value: float) -> float:
    return round(float(value), 2)
