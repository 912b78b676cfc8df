"""Surplus and loss of several years: one bar a contract-year over the band lines of the sharing rule."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.charts.canvas import Canvas
from core.charts.model import Chart
from core.charts.scale import Exact, Linear
from core.charts.svg import finish
from core.charts.theme import ThemeName, WidthName, theme_for
from core.money import show_rate, show_yuan


@dataclass(frozen=True)
class ContractBalance:
    """One contract-year: surplus (positive) or loss in yuan, its exact rate, and the band applied in words."""

    contract: str
    year: str
    balance: Decimal
    rate: Exact
    band: str = ""


@dataclass(frozen=True)
class YearBalances:
    """Contract-years grouped by contract, in order; edges: the rates at which the rule changes."""

    title: str
    balances: tuple[ContractBalance, ...]
    headings: tuple[str, str, str, str, str]
    edges: tuple[Exact, ...] = ()
    description: str = ""


def year_balances(data: YearBalances, theme: ThemeName = "report", width: WidthName = "wide") -> Chart:
    """Upright bars of the rate, grouped by contract; lying bars on a narrow drawing."""
    look = theme_for(theme, width)
    contracts = list(dict.fromkeys(balance.contract for balance in data.balances))
    rows_high = look.em(1.9) * (len(data.balances) + 1.2 * len(contracts)) + look.em(1.5)
    canvas = Canvas(look, rows_high if look.narrow else look.em(22))
    (_lying if look.narrow else _upright)(canvas, data, contracts)
    rows = ((b.contract, b.year, show_yuan(b.balance), show_rate(Fraction(b.rate)), b.band) for b in data.balances)
    return finish(canvas, title=data.title, description=data.description, table=(data.headings, *rows))


def _edges(data: YearBalances) -> list[Fraction]:
    return sorted({Fraction(edge) for edge in data.edges} | {Fraction(0)})


def _range(data: YearBalances) -> tuple[Fraction, Fraction]:
    reach = [Fraction(balance.rate) for balance in data.balances] + _edges(data)
    room = (max(reach) - min(reach) or Fraction(1, 100)) / 10
    return min(reach) - room, max(reach) + room


def _upright(canvas: Canvas, data: YearBalances, contracts: list[str]) -> None:
    look = canvas.theme
    left, right, bottom = look.em(3.4), look.canvas_width - 2.0, canvas.height - look.em(3.6)
    low, high = _range(data)
    y = Linear(low, high, bottom, look.em(0.8))
    for edge in _edges(data):
        canvas.line([(left, y(edge)), (right, y(edge))], look.axis if edge == 0 else look.grid, behind=True)
        label = "0" if edge == 0 else show_rate(edge, 0)
        canvas.words(left - look.em(0.5), y(edge), label, look.muted, anchor="right")
    slots = len(data.balances) + 0.8 * len(contracts)
    room = (right - left) / slots
    at = left + room * 0.4
    for contract in contracts:
        group = [balance for balance in data.balances if balance.contract == contract]
        middle = at + room * len(group) / 2
        for balance in group:
            center = at + room / 2
            end, gain = y(balance.rate), balance.rate >= 0
            color = look.ink if gain else look.highlight
            canvas.area(center - room * 0.36, min(end, y(0)), center + room * 0.36, max(end, y(0)), color)
            figure = show_rate(Fraction(balance.rate), 2)
            canvas.words(center, end + look.em(-0.75 if gain else 0.75), figure, look.text, scale=0.92)
            canvas.words(center, bottom + look.em(1), balance.year, look.muted)
            at += room
        canvas.words(middle, bottom + look.em(2.6), contract, look.text, bold=True)
        at += room * 0.8


def _lying(canvas: Canvas, data: YearBalances, contracts: list[str]) -> None:
    look = canvas.theme
    left = look.em(3.4)
    low, high = _range(data)
    room = (high - low) / 5
    x = Linear(low - room, high + room, left, look.canvas_width - 1.0)
    for edge in _edges(data):
        ends = [(x(edge), 0.0), (x(edge), canvas.height - look.em(1.5))]
        canvas.line(ends, look.axis if edge == 0 else look.grid, behind=True)
        label = "0" if edge == 0 else show_rate(edge, 0)
        canvas.words(x(edge), canvas.height - look.em(0.7), label, look.muted, scale=0.85)
    at = look.em(1)
    for contract in contracts:
        canvas.words(2, at, contract, look.text, anchor="left", bold=True)
        at += look.em(1.9)
        for balance in (b for b in data.balances if b.contract == contract):
            end, gain = x(balance.rate), balance.rate >= 0
            color = look.ink if gain else look.highlight
            canvas.area(min(end, x(0)), at - look.em(0.6), max(end, x(0)), at + look.em(0.6), color)
            figure, gap = show_rate(Fraction(balance.rate), 2), look.em(0.3)
            canvas.words(end + gap if gain else end - gap, at, figure, look.text, anchor="left" if gain else "right")
            canvas.words(left - look.em(0.5), at, balance.year, look.muted, anchor="right")
            at += look.em(1.9)
        at += look.em(0.38)
