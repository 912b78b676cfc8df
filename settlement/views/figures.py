"""Figures of a contract year: fifteen months with their versions, and the annual figures with their second person."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlmodel import col, select
from werkzeug.wrappers import Response

from core.charts import MonthBar, MonthlyPayments, monthly_payments
from core.clock import local_date
from core.web import actor, allow, clock, now, perform, session
from settlement import services
from settlement.forms import ASKED, MonthForm, YearForm, year_form
from settlement.models import AnnualFigures, MonthlyFigures
from settlement.services.calculating import rule_if_any
from settlement.services.figures import latest_months
from settlement.services.pools import asked
from settlement.services.standing import Standing
from settlement.views import access
from settlement.views.blueprint import bp

#: Twelve months of the insurance year and three of run-off.
MONTHS = range(1, 16)
#: The amounts of the annual form, in the order of the sheet, with the key of their evidence.
AMOUNTS = (
    ("claims_paid", None), ("recoveries", "recoveries"), ("reserve_open", "reserve_open"),
    ("reserve_close", "reserve_close"), ("direct_expense", "direct_expense"),
    ("allocated_expense", "allocated_expense"), ("interest", "interest"), ("taxes", None), ("commission", None),
)  # fmt: skip


@dataclass(frozen=True)
class Month:
    """A month of the grid: its name, whether it has ended, and the newest report with the earlier ones."""

    number: int
    name: str
    ended: bool
    newest: MonthlyFigures | None
    earlier: tuple[MonthlyFigures, ...]


@bp.get("/years/<int:contract_id>/figures")
@allow("settlement:view")
def figures(contract_id: int) -> str:
    """What the insurer has reported, by month and for the year, and what is missing."""
    year = access.year_for(contract_id)
    months = _months(year)
    annual = _annual(contract_id)
    return render_template(
        "settlement/figures.html",
        **access.page_of(year, (gettext("Figures"), "")),
        months=months,
        missing=sum(month.ended and month.newest is None for month in months),
        annual=annual,
        amounts=[(getattr(YearForm, name).args[0], name, key) for name, key in AMOUNTS] + _asked_amounts(annual),
        charts=_charts(year, months),
        may_report=actor().may("settlement:report"),
        year_ended=local_date(now()) > (year.contract.covered_until or date(year.contract.year, 12, 31)),
        may_confirm=_may_confirm(annual[0]) if annual else False,
    )


@bp.route("/years/<int:contract_id>/months/<int:month>", methods=["GET", "POST"])
@allow("settlement:report")
def report_month(contract_id: int, month: int) -> Any:
    """Report one month; what was reported before stays as an earlier version."""
    year = access.year_for(contract_id)
    newest = {row.month: row for row in latest_months(session(), contract_id)}.get(month)
    form = MonthForm(obj=newest)
    done = form.save(
        lambda s: services.report_month(
            s, actor(), clock(), contract_id, month,
            services.MonthReport(form.claims_paid.data, form.persons.data, form.cases.data, form.expense.data,
                                 form.note.data or None),
        ),
        then=lambda _row: url_for(".figures", contract_id=contract_id),
        message=gettext("The month was reported"),
    )  # fmt: skip
    if done:
        return done
    year = access.year_for(contract_id)
    name = month_name(year.contract.year, month)
    crumbs = ((gettext("Figures"), url_for(".figures", contract_id=contract_id)), (name, ""))
    page = access.page_of(year, *crumbs)
    return render_template("settlement/month.html", **page, form=form, name=name, version=_next(newest)), form.status


@bp.route("/years/<int:contract_id>/annual", methods=["GET", "POST"])
@allow("settlement:report")
def report_year(contract_id: int) -> Any:
    """Report the year; a correction is a new version and needs its own confirmation."""
    year = access.year_for(contract_id)
    newest = year.figures
    sources = {f"source_{key}": value for key, value in newest.sources.items()} if newest else {}
    rule = rule_if_any(year.contract)
    extra = asked(session(), year.contract, rule) if rule is not None else ()
    form = year_form(extra)(obj=newest, data=sources)
    done = form.save(
        lambda s: services.report_year(s, actor(), clock(), contract_id, _report(form)),
        then=lambda _row: url_for(".figures", contract_id=contract_id, _anchor="annual"),
        message=gettext("The annual figures were reported; a second person of the insurer confirms them"),
    )
    if done:
        return done
    year = access.year_for(contract_id)
    crumbs = ((gettext("Figures"), url_for(".figures", contract_id=contract_id)), (gettext("Annual figures"), ""))
    page = access.page_of(year, *crumbs)
    return render_template("settlement/annual.html", **page, form=form, version=_next(year.figures),
                           asked=extra), form.status  # fmt: skip


@bp.post("/figures/<int:figures_id>/confirm")
@allow("settlement:confirm_figures")
def confirm_figures(figures_id: int) -> Response:
    """The insurer's second person confirms the annual figures."""
    return perform(
        lambda s: services.confirm_year(s, actor(), clock(), figures_id),
        then=lambda row: url_for(".figures", contract_id=row.contract_id, _anchor="annual"),
        message=gettext("The annual figures were confirmed"),
    )


def month_name(year: int, month: int) -> str:
    """'2017-03'; the thirteenth month is January of the next year."""
    return f"{year + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}"


def _report(form: YearForm) -> services.YearReport:
    extra = [name for name in ASKED if name in form]
    amounts = {name: getattr(form, name).data for name in [*(name for name, _ in AMOUNTS), *extra]}
    sources = {key: getattr(form, f"source_{key}").data for key in [*(key for _, key in AMOUNTS if key), *extra]}
    return services.YearReport(
        **amounts,
        recovery_cases=form.recovery_cases.data,
        sources={key: text.strip() for key, text in sources.items() if text and text.strip()},
    )


def _next(newest: MonthlyFigures | AnnualFigures | None) -> int:
    return newest.version + 1 if newest else 1


def _months(year: Standing) -> list[Month]:
    rows = session().exec(
        select(MonthlyFigures)
        .where(MonthlyFigures.contract_id == year.contract.id)
        .order_by(col(MonthlyFigures.month), col(MonthlyFigures.version).desc())
    )
    by_month: dict[int, list[MonthlyFigures]] = {}
    for row in rows:
        by_month.setdefault(row.month, []).append(row)
    this_month = f"{local_date(now()):%Y-%m}"
    found = []
    for month in MONTHS:
        name, versions = month_name(year.contract.year, month), by_month.get(month, [])
        found.append(Month(month, name, name < this_month, versions[0] if versions else None, tuple(versions[1:])))
    return found


def _annual(contract_id: int) -> list[AnnualFigures]:
    query = select(AnnualFigures).where(AnnualFigures.contract_id == contract_id)
    return list(session().exec(query.order_by(col(AnnualFigures.version).desc())))


def _may_confirm(newest: AnnualFigures) -> bool:
    may = actor().may("settlement:confirm_figures") and newest.confirmed_at is None
    return may and newest.reported_by != actor().user_id


def _asked_amounts(annual: list[AnnualFigures]) -> list[tuple[Any, str, str]]:
    """The amounts that only the contract's rule needs, where they were stated."""
    stated = [name for name in ASKED if annual and getattr(annual[0], name) is not None]
    return [(ASKED[name][0], name, name) for name in stated]


def _charts(year: Standing, months: list[Month]) -> list[Markup]:
    """Claims paid by month, drawn wide and narrow; nothing before the first report."""
    bars = tuple(
        MonthBar(month.name[2:], month.newest.claims_paid, month.number > 12) for month in months if month.newest
    )
    if not bars:
        return []
    title = gettext("Claims paid by month, %(number)s", number=year.contract.number)
    data = MonthlyPayments(title, bars, (gettext("Month"), gettext("Claims paid (yuan)")))
    drawings = (monthly_payments(data, "page", "wide"), monthly_payments(data, "page", "narrow"))
    return [Markup(drawing.svg) for drawing in drawings]  # noqa: S704  (our own drawing)
