"""Funds: three years and all areas at a glance, one fund with its surplus rates and limits, and its successor."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlmodel import col, select
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.charts import ContractBalance, YearBalances, year_balances
from core.errors import N_, NotFound
from core.policy import view
from core.web import Action, Column, Filter, Table, accepts, actor, allow, clock, listing, now, session
from core.web.filters import named
from settlement.forms import EVIDENCE_MEGABYTES, FundYearForm, MergerForm
from settlement.models import FundSuccession, FundYear, LedgerAccount, Settlement
from settlement.rules.fund import FundAccount
from settlement.services import funds as services
from settlement.services.ledger import entries_by_year
from settlement.services.standing import standings
from settlement.views import access, labels
from settlement.views.blueprint import bp
from tender.models import Scheme

#: Years that the overview draws.
YEARS_DRAWN = 3
SCHEMES = {
    Scheme.NRCMS: lazy_gettext("Fund of the new rural cooperative medical scheme"),
    Scheme.URBAN: lazy_gettext("Fund of urban residents' basic medical insurance"),
    Scheme.RESIDENT: lazy_gettext("Fund of urban and rural residents' basic medical insurance"),
}


@dataclass(frozen=True)
class FundRow:
    """One year of one fund: what its contracts came to, and what finance states of it."""

    fund: services.Fund
    year: services.ContractYears
    account: FundAccount | None

    @property
    def rate(self) -> Fraction | None:
        """The contracts' balance over their premium; None before a sheet is issued."""
        return Fraction(self.year.balance) / Fraction(self.year.premium) if self.year.premium else None


@bp.get("/funds")
@allow("settlement:view")
def funds() -> Response | str:
    """Every fund by year, with a chart of the last three years."""
    _department_only()
    rows = [_row(fund, year) for fund in services.funds(session()) for year in fund.years[::-1]]
    years = sorted({row.year.year for row in rows}, reverse=True)
    areas = sorted({(str(row.fund.policyholder.id), named(row.fund.policyholder)) for row in rows})
    table = Table(
        rows,
        [
            Column("fund", lazy_gettext("Fund"), value=lambda row: fund_name(row.fund.scheme), sort=True,
                   link=lambda row: fund_url(row.fund), note=lambda row: named(row.fund.policyholder)),
            Column("year", lazy_gettext("Year"), "code", value=lambda row: row.year.year, sort=True,
                   note=lambda row: gettext("%(issued)s of %(count)s settled", issued=row.year.issued,
                                            count=len(row.year.contracts))),
            Column("premium", lazy_gettext("Premium"), "money", unit=lazy_gettext("yuan"), sort=True,
                   value=lambda row: row.year.premium),
            Column("balance", lazy_gettext("Balance"), "money", unit=lazy_gettext("yuan"), sort=True,
                   value=lambda row: row.year.balance),
            Column("rate", lazy_gettext("Rate"), "rate", sort=True, value=lambda row: row.rate),
            Column("fund_part", lazy_gettext("To the fund (+) or from it (−)"), "money", unit=lazy_gettext("yuan"),
                   sort=True, value=lambda row: row.year.fund_part),
            Column("transferred", lazy_gettext("Transferred"), "money", unit=lazy_gettext("yuan"), sort=True,
                   value=lambda row: row.year.transferred),
            Column("year_rate", lazy_gettext("Fund's surplus rate of the year"), "rate", sort=True,
                   value=lambda row: row.account.year_rate if row.account else None),
            Column("cumulative", lazy_gettext("Fund's cumulative surplus rate"), "rate", sort=True,
                   value=lambda row: row.account.cumulative_rate if row.account else None),
        ],
        caption=lazy_gettext("Funds by year"),
        filename="funds",
        filters=[
            Filter("year", lazy_gettext("Year"), [(str(year), str(year)) for year in years],
                   lambda value: lambda row: str(row.year.year) == value),
            Filter("agency", lazy_gettext("Agency"), areas,
                   lambda value: lambda row: str(row.fund.policyholder.id) == value),
        ],
        search=lambda row: f"{row.fund.name} {row.fund.policyholder.name} {row.year.year}",
        search_label=lazy_gettext("Fund, agency or year"),
        empty=lazy_gettext("No fund yet"),
        empty_note=lazy_gettext("A fund appears here with the first annual contract whose premium it pays."),
    )  # fmt: skip
    acts = [
        Action(gettext("Reconciliation"), url_for(".reconcile")),
        Action(gettext("Fund ledger"), url_for(".ledger")),
    ]
    return listing("settlement/funds.html", table, chart=_chart(rows), acts=acts)


@bp.get("/funds/<int:policyholder_id>/<scheme>")
@allow("settlement:view")
def fund(policyholder_id: int, scheme: str) -> str:
    """One fund: its years, its surplus rates with what the paper says of their limits, what it succeeded."""
    row = fund_for(policyholder_id, scheme)
    known = {one.contract.id: one for one in standings(session(), actor())}
    rows = [_row(row, year) for year in row.years[::-1]]
    own = {contract.id for year in row.years for contract in year.contracts}
    sheets = {one.id: one for one in session().exec(select(Settlement).where(col(Settlement.contract_id).in_(own)))}
    postings = [one for one in entries_by_year(session()) if one.settlement_id in sheets]
    return render_template(
        "settlement/fund.html",
        fund=row, name=fund_name(row.scheme), rows=rows, known=known, crumbs=_crumbs((fund_name(row.scheme), "")),
        accounts=[(one, services.account(one)) for one in sorted(row.accounts.values(), key=lambda one: -one.year)],
        control=_control(row), predecessors=[(fund_name(one), one) for one in row.predecessors],
        successor=fund_name(Scheme(row.successor.successor)) if row.successor else "",
        postings=[(one, sheets[one.settlement_id]) for one in postings if one.account is LedgerAccount.FUND],
        chart=_chart(rows), labels=labels, person=access.person, named=named, access=access,
        acts=_acts(row),
    )  # fmt: skip


@bp.route("/funds/<int:policyholder_id>/<scheme>/state", methods=["GET", "POST"])
@allow("settlement:post")
def state_fund(policyholder_id: int, scheme: str) -> Any:
    """Finance states what the fund took in and paid out in a year."""
    row = fund_for(policyholder_id, scheme)
    form = FundYearForm()
    years = [year.year for year in row.years] or [now().year]
    form.year.choices = [SelectChoice(year, str(year)) for year in range(min(years), now().year + 1)]
    done = form.save(
        lambda s: services.state_fund_year(
            s, actor(), clock(), policyholder_id, row.scheme,
            year=form.year.data, opening_balance=form.opening_balance.data, income=form.income.data,
            expenditure=form.expenditure.data, source=form.source.data or "",
        ),
        then=lambda _row: url_for(".fund", policyholder_id=policyholder_id, scheme=scheme, _anchor="rates"),
        message=gettext("The fund's year was stated"),
    )  # fmt: skip
    if done:
        return done
    row = fund_for(policyholder_id, scheme)
    crumbs = _crumbs((fund_name(row.scheme), fund_url(row)), (gettext("State a year"), ""))
    page = render_template("settlement/fund_year.html", form=form, fund=row, name=fund_name(row.scheme), crumbs=crumbs)
    return page, form.status


@bp.route("/funds/<int:policyholder_id>/<scheme>/merge", methods=["GET", "POST"])
@allow("settlement:merge_funds")
@accepts(EVIDENCE_MEGABYTES + 1)
def merge_fund(policyholder_id: int, scheme: str) -> Any:
    """Record that the fund is merged into another; a second person approves."""
    row = fund_for(policyholder_id, scheme)
    form = MergerForm()
    form.successor.choices = [SelectChoice(one.value, fund_name(one)) for one in Scheme if one is not row.scheme]
    if not form.is_submitted():
        form.successor.data = Scheme.RESIDENT.value if row.scheme is not Scheme.RESIDENT else None
    done = form.save(
        lambda s: services.record_succession(
            s, actor(), clock(), policyholder_id, row.scheme,
            successor=Scheme(form.successor.data), from_day=form.from_day.data, document=form.document.data or "",
            evidence=form.evidence.data.read(),
        ),
        then=lambda approval: url_for("approvals.show", approval_id=approval.id),
        message=gettext("The merger was recorded; a second person approves it"),
    )  # fmt: skip
    if done:
        return done
    row = fund_for(policyholder_id, scheme)
    crumbs = _crumbs((fund_name(row.scheme), fund_url(row)), (gettext("Record a merger"), ""))
    page = render_template("settlement/merge_fund.html", form=form, fund=row, name=fund_name(row.scheme), crumbs=crumbs)
    return page, form.status


@bp.get("/fund-mergers/<int:merger_id>")
@allow("settlement:view")
def merger(merger_id: int) -> str:
    """A recorded merger with its paper, for the second person."""
    row = _merger(merger_id)
    found = fund_for(row.policyholder_id, row.scheme.value)
    keys = access.two_keys_of("settlement.fund.merge", row)
    crumbs = _crumbs((fund_name(row.scheme), fund_url(found)), (gettext("Merger"), ""))
    return render_template(
        "settlement/merger.html", merger=row, fund=found, name=fund_name(row.scheme), keys=keys, crumbs=crumbs,
        successor=fund_name(Scheme(row.successor)), named=named,
    )  # fmt: skip


@bp.get("/fund-mergers/<int:merger_id>/paper")
@allow("settlement:view")
def merger_paper(merger_id: int) -> Response:
    """The paper that merges the schemes, as it was uploaded."""
    return access.as_download(_merger(merger_id).evidence_sha256, f"merger-{merger_id}")


def fund_for(policyholder_id: int, scheme: str) -> services.Fund:
    """A fund, for the department's side. Raises NotFound."""
    _department_only()
    if scheme not in {one.value for one in Scheme}:
        raise NotFound(N_("There is no such fund"))
    return services.fund(session(), policyholder_id, Scheme(scheme))


def fund_name(scheme: Scheme) -> Any:
    """A fund in the reader's language."""
    return SCHEMES[scheme]


def fund_url(row: services.Fund) -> str:
    """The page of a fund."""
    return url_for(".fund", policyholder_id=row.policyholder.id, scheme=row.scheme.value)


def _row(fund: services.Fund, year: services.ContractYears) -> FundRow:
    stated: FundYear | None = fund.accounts.get(year.year)
    return FundRow(fund, year, services.account(stated) if stated else None)


def _chart(rows: Sequence[FundRow]) -> dict[str, Any] | None:
    """Balances of the last years by fund, wide and narrow; the table of the page says the same in rows."""
    shown = [row for row in rows if row.rate is not None]
    last = sorted({row.year.year for row in shown})[-YEARS_DRAWN:]
    several = len({row.fund.policyholder.id for row in shown}) > 1
    balances = tuple(
        ContractBalance(
            f"{named(row.fund.policyholder)} {_short(row.fund.scheme)}" if several else _short(row.fund.scheme),
            str(row.year.year), row.year.balance, row.rate or Fraction(0),
        )
        for row in sorted(shown, key=lambda row: (row.fund.policyholder.id, row.fund.scheme.value, row.year.year))
        if row.year.year in last
    )  # fmt: skip
    if not balances:
        return None
    data = YearBalances(
        gettext("Balance of the contracts over their premium, by fund and year"), balances,
        (gettext("Fund"), gettext("Year"), gettext("Balance"), gettext("Rate"), ""),
    )  # fmt: skip
    return {width: Markup(year_balances(data, "page", width).svg) for width in ("wide", "narrow")}  # noqa: S704


def _short(scheme: Scheme) -> str:
    return {
        Scheme.NRCMS: gettext("Rural fund"),
        Scheme.URBAN: gettext("Urban fund"),
        Scheme.RESIDENT: gettext("Residents' fund"),
    }[scheme]


def _control(row: services.Fund) -> dict[str, Any]:
    """What the paper says of the fund's surplus rates: its words where it has any; no paper here names a number."""
    rule = view(row.pack, now().date()).accounts
    words = [one for one in rule.principles if "结余率" in one] if rule else []
    return {"words": words, "clause": str(rule.clause) if rule and words else None}


def _merger(merger_id: int) -> FundSuccession:
    _department_only()
    row = session().get(FundSuccession, merger_id)
    if row is None:
        raise NotFound(N_("There is no such entry"))
    return row


def _department_only() -> None:
    if actor().is_insurer:
        raise NotFound(N_("There is no such entry"))


def _crumbs(*trail: tuple[Any, str]) -> list[tuple[Any, str]]:
    home = (gettext("Figures and settlement"), url_for(".index"))
    return [home, (gettext("Funds"), url_for(".funds")), *trail]


def _acts(row: services.Fund) -> list[Action]:
    scheme = {"policyholder_id": row.policyholder.id, "scheme": row.scheme.value}
    acts = []
    if actor().may("settlement:merge_funds") and row.successor is None:
        acts.append(Action(gettext("Record a merger"), url_for(".merge_fund", **scheme)))
    if actor().may("settlement:post"):
        acts.append(Action(gettext("State a year"), url_for(".state_fund", **scheme), primary=True))
    return acts
