"""The sharing curve: what the insurer keeps or bears over the rate, this contract's reading strong, others beside."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.charts.canvas import Canvas, Point
from core.charts.model import Chart
from core.charts.scale import TEN_THOUSAND, Exact, Linear, in_wan, show, step_for
from core.charts.svg import finish
from core.charts.theme import Theme, ThemeName, WidthName, theme_for
from core.money import show_rate


@dataclass(frozen=True)
class CurveBand:
    """A band of rates between two edges (fractions of the premium) and its name above the curve.

    short: the name on a narrow drawing; shaded: the band that is the insurer's own risk; low, high None: open.
    """

    low: Exact | None
    high: Exact | None
    label: str
    short: str = ""
    shaded: bool = False


@dataclass(frozen=True)
class CurveSegment:
    """One unbroken piece of a curve as (rate, insurer's part in yuan); a part is negative when a loss is borne.

    includes_first, includes_last: whether the end point belongs to the piece (a full dot at a jump) or not (open);
    provisional: drawn dotted, because nothing is computed there without a decision.
    """

    points: tuple[tuple[Exact, Decimal], ...]
    includes_first: bool = True
    includes_last: bool = True
    provisional: bool = False


@dataclass(frozen=True)
class CurveLine:
    """A reading of the rule: its name and its pieces from left to right; main: the reading of this contract.

    short: the name on a narrow drawing.
    """

    name: str
    segments: tuple[CurveSegment, ...]
    main: bool = False
    short: str = ""


@dataclass(frozen=True)
class CurvePoint:
    """This year's rate and insurer's part, and the words beside the point (two lines on a narrow drawing)."""

    rate: Exact
    amount: Decimal
    words: tuple[str, ...]


@dataclass(frozen=True)
class SharingCurve:
    """All a sharing curve shows. Ticks are at the band edges and zero; amounts are printed in 10,000 yuan.

    headings: (rate, then one per line) head the table; jump: the word for a jump, printed beside the main line's jumps.
    """

    title: str
    bands: tuple[CurveBand, ...]
    lines: tuple[CurveLine, ...]
    headings: tuple[str, ...]
    x_title: str
    jump: str = ""
    point: CurvePoint | None = None
    description: str = ""
    extent: tuple[Exact, Exact] = (Fraction(-6, 100), Fraction(7, 100))


def sharing_curve(data: SharingCurve, theme: ThemeName = "page", width: WidthName = "wide") -> Chart:
    """Draw the curve; the table has one row per end of a piece of the main line."""
    look = theme_for(theme, width)
    canvas = Canvas(look, look.em(30 if look.narrow else 30.5))
    left, right = look.em(3.4), look.canvas_width - look.em(0.6)
    low, high = _extent(data)
    x = Linear(data.extent[0], data.extent[1], left, right)
    y = Linear(low, high, canvas.height - look.em(3.2), look.em(2.4))
    _frame(canvas, data, look, x, y)
    for line in sorted(data.lines, key=lambda line: line.main):
        _curve(canvas, data, line, look, x, y)
    if data.point:
        _point(canvas, data, data.point, look, x, y)
    return finish(canvas, title=data.title, description=data.description, table=_table(data))


def _extent(data: SharingCurve) -> tuple[Decimal, Decimal]:
    amounts = [amount for line in data.lines for piece in line.segments for _, amount in _clipped(piece, data.extent)]
    if data.point:
        amounts.append(data.point.amount)
    step = step_for(max(amounts) - min(amounts) or Decimal(1), 8)
    steps = max(amounts) // step + 1
    if (steps * step - max(amounts)) * 5 < step * 3:  # the highest line's name stands above it
        steps += 1
    return (min(amounts) // step - 1) * step, steps * step


def _clipped(piece: CurveSegment, extent: tuple[Exact, Exact]) -> tuple[tuple[Fraction, Decimal], ...]:
    """The piece inside the drawn range; a leg that leaves it is cut where it crosses the edge."""
    left, right = (Fraction(edge) for edge in extent)
    kept: list[tuple[Fraction, Decimal]] = []
    points = [(Fraction(rate), amount) for rate, amount in piece.points]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x1 < left or x0 > right or x0 == x1:
            continue
        for rate in (max(x0, left), min(x1, right)):
            part = (rate - x0) / (x1 - x0)
            amount = _between(y0, y1, part)
            if not kept or kept[-1] != (rate, amount):
                kept.append((rate, amount))
    return tuple(kept)


def _frame(canvas: Canvas, data: SharingCurve, look: Theme, x: Linear, y: Linear) -> None:
    bottom, top = y.start, y.end
    edges = {Fraction(edge) for band in data.bands for edge in (band.low, band.high) if edge is not None}
    for band in data.bands:
        start = x(band.low) if band.low is not None else x.start
        end = x(band.high) if band.high is not None else x.end
        if band.shaded:
            canvas.area(start, top, end, bottom, look.tint, behind=True)
        label = (band.short or band.label) if look.narrow else band.label
        canvas.words((start + end) / 2, top - look.em(0.9), label, look.muted, scale=0.92 if look.narrow else 1)
    for edge in sorted(edges | {Fraction(0)}):
        canvas.line([(x(edge), top - look.em(1.6)), (x(edge), bottom)], look.grid, behind=True)
        label = "0" if edge == 0 else _edge(edge)
        canvas.words(x(edge), bottom + look.em(1.1), label, look.muted)
    low, high = Fraction(y.low), Fraction(y.high)
    step = step_for(high - low, 9)
    for count in range(int(low / Fraction(step)), int(high / Fraction(step)) + 1):
        amount = step * count
        if not low < amount < high:
            continue
        canvas.line([(x.start, y(amount)), (x.end, y(amount))], look.axis if amount == 0 else look.grid, behind=True)
        shown = show(amount / TEN_THOUSAND, 0 if step >= TEN_THOUSAND else 1)
        canvas.words(x.start - look.em(0.5), y(amount), shown, look.muted, anchor="right")
    canvas.line([(x.start, top), (x.start, bottom), (x.end, bottom)], look.axis)
    canvas.words((x.start + x.end) / 2, bottom + look.em(2.4), data.x_title, look.muted)


def _edge(rate: Fraction) -> str:
    """A boundary with every decimal it has, two at most: +3%, +2.5%."""
    places = next((places for places in range(2) if (rate * 100 * 10**places).denominator == 1), 2)
    return show_rate(rate, places)


def _curve(canvas: Canvas, data: SharingCurve, line: CurveLine, look: Theme, x: Linear, y: Linear) -> None:
    color = look.ink if line.main else look.third
    drawn = []
    for piece in line.segments:
        points = [(x(rate), y(amount)) for rate, amount in _clipped(piece, data.extent)]
        if len(points) > 1:
            dash = (2, 4) if piece.provisional else (() if line.main else (6, 4))
            canvas.line(points, color, 3 if line.main and not piece.provisional else 2, dash)
            drawn.append((piece, points))
    if line.main:
        for (before, ends), (after, starts) in zip(drawn, drawn[1:], strict=False):
            if ends[-1] != starts[0]:
                _jump(canvas, data.jump, look, (ends[-1], before.includes_last), (starts[0], after.includes_first))
    if drawn:
        end_x, end_y = drawn[-1][1][-1]
        name = (line.short or line.name) if look.narrow else line.name
        side = look.em(0.9 if _name_below(data, line, y, look) else -0.9)
        canvas.words(end_x - look.em(0.4), end_y + side, name, look.ink if line.main else look.second, anchor="right",
                     bold=line.main)  # fmt: skip


def _name_below(data: SharingCurve, line: CurveLine, y: Linear, look: Theme) -> bool:
    """Whether a line's name stands under its end: another line or its name is in the way above it."""
    ends = {other: y(other.segments[-1].points[-1][1]) for other in data.lines}
    higher = [ends[line] - end for other, end in ends.items() if other is not line and end <= ends[line]]
    return bool(higher) and (not line.main or min(higher) < look.em(3.2))


def _jump(canvas: Canvas, word: str, look: Theme, before: tuple[Point, bool], after: tuple[Point, bool]) -> None:
    canvas.line([before[0], after[0]], look.marker, 1.5, (3, 3))
    for (px, py), belongs in (before, after):
        canvas.dot(px, py, look.ink, filled=belongs)
    rising = before[0][0] < canvas.width / 2
    if look.narrow and rising:  # no room between the curve and the edge
        return
    px = before[0][0] + look.em(-0.7 if rising else 0.7)
    middle = (before[0][1] + after[0][1]) / 2
    canvas.words(px, middle, word, look.marker, anchor="right" if rising else "left")


def _point(canvas: Canvas, data: SharingCurve, point: CurvePoint, look: Theme, x: Linear, y: Linear) -> None:
    """The year's point, and its words where no curve and not the zero line strikes them out."""
    px, py = x(point.rate), y(point.amount)
    canvas.dot(px, py, look.marker, shape="diamond", size=90)
    lines = point.words if look.narrow else (_joined(point.words),)
    wide, high = max(canvas.width_of(text) for text in lines), look.em(1.35)
    px = min(max(px, x.start + look.em(0.5)), x.end - wide - look.em(0.2))
    ink = list(_ink(data, x, y))
    below, above = py + look.em(2.0), py - look.em(1.2) - high * (len(lines) - 1)
    places = [below, above, below + high, above - high, y(0) + look.em(1.0), y(0) - look.em(1.0) - high]
    inside = [place for place in places if y.end < place < y.start - high * len(lines)] or places
    struck = [sum(px <= ix <= px + wide and -high / 2 < iy - place < high * (len(lines) - 0.5) for ix, iy in ink)
              for place in inside]  # fmt: skip
    first = inside[struck.index(min(struck))]
    for order, text in enumerate(lines):
        canvas.words(px, first + high * order, text, look.marker, anchor="left", bold=True)


def _ink(data: SharingCurve, x: Linear, y: Linear) -> Iterator[Point]:
    """Points close together along everything that could strike words out: every line, and zero."""
    zero = [((x.start, y(0)), (x.end, y(0)))]
    pieces = [
        [(x(rate), y(amount)) for rate, amount in _clipped(piece, data.extent)]
        for line in data.lines
        for piece in line.segments
    ]
    legs = zero + [leg for piece in pieces for leg in zip(piece, piece[1:], strict=False)]
    for (x0, y0), (x1, y1) in legs:
        for part in range(101):
            yield x0 + (x1 - x0) * part / 100, y0 + (y1 - y0) * part / 100


def _joined(words: tuple[str, ...]) -> str:
    """The words of the point on one line, with a comma of their own script between."""
    comma = "，" if any(ord(character) > 0x2E80 for word in words for character in word) else ", "
    return comma.join(words)


def _table(data: SharingCurve) -> tuple[tuple[str, ...], ...]:
    """Every rate at which a line bends, jumps or ends, with the amounts just at it (two when it jumps)."""
    rates = sorted({Fraction(rate) for line in data.lines for piece in line.segments for rate, _ in piece.points})
    rows = [(show_rate(rate), *(" / ".join(_amounts_at(line, rate)) or "—" for line in data.lines)) for rate in rates]
    return (data.headings, *rows)


def _amounts_at(line: CurveLine, rate: Fraction) -> Iterator[str]:
    shown: dict[str, None] = {}
    for piece in line.segments:
        for (x0, y0), (x1, y1) in zip(piece.points, piece.points[1:], strict=False):
            if Fraction(x0) <= rate <= Fraction(x1) and x0 != x1:
                part = (rate - Fraction(x0)) / (Fraction(x1) - Fraction(x0))
                shown[in_wan(_between(y0, y1, part))] = None
    return iter(shown)


def _between(start: Decimal, end: Decimal, part: Fraction) -> Decimal:
    return start + (end - start) * Decimal(part.numerator) / Decimal(part.denominator)
