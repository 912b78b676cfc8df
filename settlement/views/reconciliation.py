"""Whether the books agree: sheet, ledger, transfers and dedicated accounts of every contract year held together."""

from decimal import Decimal
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from core.errors import N_, NotFound
from core.money import ZERO
from core.web import Action, Chip, Column, Filter, Table, actor, allow, listing, session
from core.web.filters import named
from settlement.rules.reconciliation import Check, CheckKind, Name, Named
from settlement.services.reconciliation import Reconciled, reconciliation
from settlement.views import access
from settlement.views.blueprint import bp
from settlement.views.funds import SCHEMES

#: What each comparison holds against what.
CHECKS = {
    CheckKind.SHEET_LEDGER: (lazy_gettext("What the issued sheet brings the fund"), lazy_gettext("Fund ledger")),
    CheckKind.LEDGER_ZERO: (lazy_gettext("Ledger: the fund receives"), lazy_gettext("Ledger: the insurer pays")),
    CheckKind.LEDGER_ORDERS: (lazy_gettext("Fund ledger"), lazy_gettext("Ordered transfers")),
    CheckKind.ORDERS_PAID: (lazy_gettext("Ordered transfers"), lazy_gettext("Recorded payments")),
    CheckKind.PREMIUM_ACCOUNT: (lazy_gettext("Premium due"), lazy_gettext("Premium-income account")),
    CheckKind.PREMIUM_SHEET: (lazy_gettext("Premium due"), lazy_gettext("Premium on the issued sheet")),
    CheckKind.MONTHS_YEAR: (lazy_gettext("Claims-payout account, by month"), lazy_gettext("Annual figures")),
    CheckKind.YEAR_FILE: (lazy_gettext("Annual figures, claims paid"), lazy_gettext("Claim file as reported")),
    CheckKind.FILE_RECOMPUTED: (lazy_gettext("Claim file as reported"), lazy_gettext("Claim file as recomputed")),
    CheckKind.FILE_SHEET: (lazy_gettext("Claim file as recomputed"), lazy_gettext("Row 7 of the issued sheet")),
}
#: The clause each comparison rests on: the two dedicated accounts, the recomputation.
CLAUSES = dict.fromkeys((CheckKind.PREMIUM_ACCOUNT, CheckKind.MONTHS_YEAR), "J16") | {CheckKind.FILE_RECOMPUTED: "J6"}


@bp.get("/reconciliation")
@allow("settlement:view")
def reconcile() -> Response | str:
    """Every contract year with what does not agree yet, what that is, and what nobody can name."""
    found = reconciliation(session(), actor())
    years = sorted({one.contract.year for one in found}, reverse=True)
    table = Table(
        found,
        [
            Column("contract", lazy_gettext("Annual contract"), "code", value=lambda one: one.contract.number,
                   sort=True, link=lambda one: url_for(".reconcile_year", contract_id=one.contract.id),
                   note=lambda one: named(one.insurer)),
            Column("fund", lazy_gettext("Fund"), value=lambda one: SCHEMES[one.agreement.scheme]),
            Column("open", lazy_gettext("Transfers to pay"), "money", unit=lazy_gettext("yuan"), sort=True,
                   value=lambda one: _named(one, Name.ORDER_OPEN)),
            Column("arrears", lazy_gettext("Premium in arrears"), "money", unit=lazy_gettext("yuan"), sort=True,
                   value=lambda one: _named(one, Name.ARREARS) + _named(one, Name.OVERPAID)),
            Column("claims", lazy_gettext("Claims: findings and late files"), "money", unit=lazy_gettext("yuan"),
                   sort=True, value=lambda one: _named(one, Name.FINDINGS) + _named(one, Name.NEWER_FILE)),
            Column("unexplained", lazy_gettext("Unexplained"), "money", unit=lazy_gettext("yuan"), sort=True,
                   value=lambda one: one.unexplained),
            Column("state", lazy_gettext("State"), "chip", value=state_chip, when=True),
        ],
        caption=lazy_gettext("Books of the contract years"),
        filename="reconciliation",
        filters=[
            Filter("year", lazy_gettext("Year"), [(str(year), str(year)) for year in years],
                   lambda value: lambda one: str(one.contract.year) == value),
            Filter("state", lazy_gettext("State"), [("unexplained", lazy_gettext("Unexplained")),
                   ("named", lazy_gettext("Named, still open")), ("agree", lazy_gettext("Agree"))],
                   lambda value: lambda one: _state(one) == value),
        ],
        search=lambda one: f"{one.contract.number} {one.insurer.name} {one.contract.fund}",
        search_label=lazy_gettext("Contract, insurer or fund"),
        late=lambda one: _state(one) == "unexplained",
        empty=lazy_gettext("No contract year yet"),
        empty_note=lazy_gettext("A contract year appears here once both sides have signed the annual contract."),
    )  # fmt: skip
    total = sum((one.unexplained for one in found), ZERO)
    acts = [] if actor().is_insurer else [Action(gettext("Fund ledger"), url_for(".ledger"))]
    return listing("settlement/reconciliation.html", table, total=total, count=len(found), acts=acts)


@bp.get("/years/<int:contract_id>/reconciliation")
@allow("settlement:view")
def reconcile_year(contract_id: int) -> str:
    """One contract year: each comparison with both sides, the difference, and the name of every part of it."""
    year = access.year_for(contract_id)
    found = reconciliation(session(), actor(), contract_id=contract_id)
    if not found:
        raise NotFound(N_("There is no such contract"))
    page = access.page_of(year, (gettext("Reconciliation"), ""))
    page["state"] = state_chip(found[0])
    rows = [(*CHECKS[check.kind], check, [name_words(one) for one in check.named], CLAUSES.get(check.kind),
             _links(check, year)) for check in found[0].checks]  # fmt: skip
    return render_template("settlement/reconcile_year.html", **page, rows=rows, found=found[0])


def state_chip(one: Reconciled) -> Chip:
    """Whether the books of a contract year agree."""
    return {
        "unexplained": Chip("stop", gettext("Unexplained")),
        "named": Chip("wait", gettext("Named, still open")),
        "agree": Chip("ok", gettext("Agree")),
    }[_state(one)]


def name_words(one: Named) -> str:
    """What a part of a difference is, in words."""
    return {
        Name.ORDER_OPEN: lambda: gettext("transfer due %(day)s not paid yet", day=one.what),
        Name.ARREARS: lambda: gettext("premium in arrears (row 5)"),
        Name.OVERPAID: lambda: gettext("more premium arrived than is due"),
        Name.MONTHS_MISSING: lambda: gettext("%(count)s months not reported", count=one.what),
        Name.FINDINGS: lambda: gettext("%(count)s findings of the recomputation", count=one.what),
        Name.NEWER_FILE: lambda: gettext("claim file version %(version)s is not settled yet", version=one.what),
    }[one.name]()


def _state(one: Reconciled) -> str:
    if one.unexplained:
        return "unexplained"
    # A finding is settled with its file; every other name is something that somebody still has to do.
    return "named" if any(part.name is not Name.FINDINGS for _, part in one.named) else "agree"


def _named(one: Reconciled, name: Name) -> Decimal:
    return sum((part.amount for _, part in one.named if part.name is name), ZERO)


def _links(check: Check, year: Any) -> str:
    """Where the left side of a comparison can be looked at."""
    contract_id = year.contract.id
    if check.kind in (CheckKind.MONTHS_YEAR, CheckKind.YEAR_FILE):
        return url_for(".figures", contract_id=contract_id)
    if check.kind in (CheckKind.FILE_RECOMPUTED, CheckKind.FILE_SHEET):
        return url_for(".claims", contract_id=contract_id)
    if check.kind is CheckKind.ORDERS_PAID:
        return url_for(".transfers")
    if year.issued is not None and check.kind is CheckKind.SHEET_LEDGER:
        return url_for(".sheet", settlement_id=year.issued.id)
    if check.kind is CheckKind.PREMIUM_ACCOUNT:
        return url_for("contracts.contract", contract_id=contract_id)
    return ""
