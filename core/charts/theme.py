"""The two liveries of a chart, web page and printed report, and the sizes that go with them."""

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["page", "report"]
WidthName = Literal["wide", "narrow"]

FONT = "Noto Sans CJK SC"


@dataclass(frozen=True)
class Theme:
    """Colours by what they mean, and sizes in pixels of the drawing.

    ink: the main line or bar; second, third: the same hue, lighter; tint: an area behind;
    highlight, highlight_tint: money that goes back to the fund and what must stand out; marker: this year's point;
    losses, neutral, surpluses: the bands of the ruler from the outside in, and from the inside out.
    """

    ink: str
    second: str
    third: str
    tint: str
    highlight: str
    highlight_tint: str
    marker: str
    text: str
    muted: str
    axis: str
    grid: str
    losses: tuple[str, str]
    neutral: str
    surpluses: tuple[str, str]
    canvas_width: int
    size: float
    narrow: bool = False

    def em(self, count: float) -> float:
        """A length in pixels given in characters of the chart's text."""
        return self.size * count


_PAGE = Theme(
    ink="#1c4274",
    second="#4d6a91",
    third="#6f8bb0",
    tint="#e5ecf4",
    highlight="#8a5a12",
    highlight_tint="#d9b06a",
    marker="#b4301d",
    text="#22262b",
    muted="#565b61",
    axis="#817b71",
    grid="#e4e0d8",
    losses=("#d9c39c", "#ece0c8"),
    neutral="#e9e6df",
    surpluses=("#b9cbe0", "#7f9cc0"),
    canvas_width=950,
    size=13,
)
_REPORT = Theme(
    ink="#1f5468",
    second="#4f7f90",
    third="#8fb0bb",
    tint="#e9eff1",
    highlight="#b9812a",
    highlight_tint="#dcb877",
    marker="#b3261e",
    text="#1d2a33",
    muted="#5a6870",
    axis="#8b979d",
    grid="#dde3e6",
    losses=("#d9c39c", "#ece0c8"),
    neutral="#e6ecee",
    surpluses=("#a9c6cf", "#6f9aa8"),
    canvas_width=554,
    size=8.5,
)


def theme_for(theme: ThemeName, width: WidthName) -> Theme:
    """The livery of a place: 'page' or 'report', each 'wide', or 'narrow' for a phone or half a column."""
    chosen = {"page": _PAGE, "report": _REPORT}[theme]
    if width == "wide":
        return chosen
    narrow = {"page": (360, 12.0), "report": (270, 8.0)}[theme]
    return Theme(**{**chosen.__dict__, "canvas_width": narrow[0], "size": narrow[1], "narrow": True})
