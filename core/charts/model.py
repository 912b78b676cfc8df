"""What a chart is once it is drawn: the picture, its words and its table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """A finished chart.

    svg: one `<svg role="img">` element with `<title>` and `<desc>`, usable inline and through `<img>`;
    title: what is shown; description: the result in words, also the `alt` text of an `<img>`;
    table: the figures of the picture, first row the headings, every cell as printed.
    """

    svg: str
    title: str
    description: str
    table: tuple[tuple[str, ...], ...]


def description_from(title: str, table: tuple[tuple[str, ...], ...]) -> str:
    """The table read aloud, for charts whose caller has no better sentence."""
    return f"{title}: " + "; ".join(" ".join(cell for cell in row if cell) for row in table[1:])
