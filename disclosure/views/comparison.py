"""Comparing the settled years of a procurement: one chart wide, one narrow, and the same figures as a table."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from core.charts import ContractBalance, YearBalances, year_balances
from core.money import show_rate
from core.web.filters import named
from disclosure.record import Process, PublicYear
from settlement.services.calculating import rule_of


@dataclass(frozen=True)
class ComparedYears:
    """The settled contract years, newest first, and their chart as SVG for wide and narrow screens."""

    years: tuple[PublicYear, ...]
    wide: Markup
    narrow: Markup
    note: str


def comparison(process: Process) -> ComparedYears | None:
    """The comparison of a procurement's settled years; None before the first is published."""
    settled = [year for year in process.years if year.sheet is not None and year.rate is not None]
    if not settled:
        return None
    ordered = sorted(settled, key=lambda year: (year.lot.position, year.award.place, year.contract.year))
    balances = tuple(_balance(year) for year in ordered)
    edges = tuple(sorted(_edges(ordered[0])))
    data = YearBalances(
        title=gettext("Surplus or loss rate by contract and year"),
        balances=balances,
        headings=(gettext("Contract"), gettext("Year"), gettext("Balance (yuan)"), gettext("Rate"), gettext("Band")),
        edges=edges,
        description=_spoken(balances),
    )
    # The drawing is our own and escapes its words.
    wide, narrow = (Markup(year_balances(data, "page", width).svg) for width in ("wide", "narrow"))  # noqa: S704
    return ComparedYears(tuple(settled), wide, narrow, _note(settled))


def _balance(year: PublicYear) -> ContractBalance:
    sheet: Any = year.sheet
    name = f"{gettext('Lot %(number)s', number=year.lot.position)} {named(year.insurer)}"
    return ContractBalance(name, str(year.contract.year), sheet.balance, Fraction(sheet.rate), sheet.band)


def _edges(year: PublicYear) -> set[Fraction]:
    """The rates at which the sharing changes, losses negative."""
    edges = set()
    for band in rule_of(year.contract).bands:
        for edge in (band.lower, band.upper):
            if edge:
                edges.add(Fraction(edge) if band.side.value == "surplus" else -Fraction(edge))
    return edges


def _spoken(balances: tuple[ContractBalance, ...]) -> str:
    lines = (f"{one.contract} {one.year} {show_rate(Fraction(one.rate), 2)}" for one in balances)
    return gettext("Surplus is positive, loss negative: %(list)s", list="; ".join(lines))


def _note(years: list[PublicYear]) -> str:
    within = sum(1 for year in years if year.sheet is not None and not year.sheet.fund_part)
    return gettext(
        "In %(within)s of %(all)s settled contract years the insurer kept the surplus or bore the loss alone; "
        "in the others the fund took part.",
        within=within,
        all=len(years),
    )
