"""Payments by month: one bar a month with its figure on it."""

from dataclasses import dataclass
from decimal import Decimal

from core.charts.canvas import Canvas
from core.charts.model import Chart
from core.charts.scale import TEN_THOUSAND, Linear, in_wan, show, step_for
from core.charts.svg import finish
from core.charts.theme import ThemeName, WidthName, theme_for
from core.money import show_yuan


@dataclass(frozen=True)
class MonthBar:
    """A month's name, amount in yuan (zero or more), and whether it stands apart (the run-off after year end)."""

    label: str
    amount: Decimal
    apart: bool = False


@dataclass(frozen=True)
class MonthlyPayments:
    """The months in order; bars are printed in 10,000 yuan, the table in yuan."""

    title: str
    months: tuple[MonthBar, ...]
    headings: tuple[str, str]
    description: str = ""


def monthly_payments(data: MonthlyPayments, theme: ThemeName = "report", width: WidthName = "wide") -> Chart:
    """Upright bars; on a narrow drawing the bars lie, so that every month keeps its figure."""
    look = theme_for(theme, width)
    canvas = Canvas(look, look.em(1.9) * len(data.months) + look.em(1) if look.narrow else look.em(19))
    (_lying if look.narrow else _upright)(canvas, data)
    rows = ((month.label, show_yuan(month.amount)) for month in data.months)
    return finish(canvas, title=data.title, description=data.description, table=(data.headings, *rows))


def _upright(canvas: Canvas, data: MonthlyPayments) -> None:
    look = canvas.theme
    largest = max(month.amount for month in data.months) or Decimal(1)
    step = step_for(largest, 3)
    bottom, left, right = canvas.height - look.em(2), look.em(3.4), look.canvas_width - 2.0
    y = Linear(0, largest, bottom, look.em(1.6))
    for count in range(int(largest / step) + 1):
        at = y(step * count)
        canvas.line([(left, at), (right, at)], look.axis if count == 0 else look.grid, behind=True)
        label = show(step * count / TEN_THOUSAND, 0 if step >= TEN_THOUSAND or count == 0 else 2)
        canvas.words(left - look.em(0.5), at, label, look.muted, anchor="right")
    room = (right - left) / len(data.months)
    for order, month in enumerate(data.months):
        middle = left + room * (order + 0.5)
        color = look.highlight if month.apart else look.ink
        canvas.area(middle - room * 0.33, y(month.amount), middle + room * 0.33, bottom, color)
        canvas.words(middle, y(month.amount) - look.em(0.7), in_wan(month.amount), look.text, scale=0.94)
        canvas.words(middle, bottom + look.em(1), month.label, look.muted)


def _lying(canvas: Canvas, data: MonthlyPayments) -> None:
    look = canvas.theme
    largest = max(month.amount for month in data.months) or Decimal(1)
    left = max(canvas.width_of(month.label) for month in data.months) + look.em(0.8)
    figures = max(canvas.width_of(in_wan(month.amount)) for month in data.months) + look.em(0.8)
    x = Linear(0, largest, left, look.canvas_width - figures)
    for order, month in enumerate(data.months):
        middle = look.em(1.9) * (order + 0.5) + look.em(0.5)
        color = look.highlight if month.apart else look.ink
        canvas.area(left, middle - look.em(0.6), x(month.amount), middle + look.em(0.6), color)
        canvas.words(left - look.em(0.4), middle, month.label, look.muted, anchor="right")
        canvas.words(x(month.amount) + look.em(0.4), middle, in_wan(month.amount), look.text, anchor="left")
    canvas.line([(left, look.em(0.3)), (left, canvas.height - look.em(0.3))], look.axis)
