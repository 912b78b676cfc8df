"""The list of contract years: what each came to, which band applies, who gets what, and where it stands."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from contracts.services.premiums import premium_due
from core.web import Action, Column, Filter, Table, actor, allow, listing, now, session
from core.web.filters import chinese, named
from settlement.models import Outcome
from settlement.rules.stages import YearStage
from settlement.services.standing import Standing, standings
from settlement.views import access, labels
from settlement.views.blueprint import bp


@bp.get("/")
@allow("settlement:view")
def index() -> Response | str:
    """Every contract year the person may see, the newest first."""
    found = standings(session(), actor())
    at = now()
    years = sorted({one.contract.year for one in found}, reverse=True)
    insurers = sorted({(str(one.insurer.id), named(one.insurer)) for one in found}, key=lambda pair: pair[1])
    filters = [
        Filter("year", lazy_gettext("Year"), [(str(year), str(year)) for year in years], _of_year),
        Filter("stage", lazy_gettext("Stage"), [(stage.value, labels.STAGES[stage][1]) for stage in YearStage],
               lambda value: lambda one: one.stage(at).value == value),
    ]  # fmt: skip
    if not actor().is_insurer:
        filters.insert(1, Filter("insurer", lazy_gettext("Insurer"), insurers, _of_insurer))
    table = Table(
        found,
        _columns(at, {one.contract.id for one in found}),
        caption=lazy_gettext("Contract years"),
        filename="settlement",
        search=lambda one: f"{one.contract.number} {one.insurer.name} {one.contract.year}",
        search_label=lazy_gettext("Contract or insurer"),
        filters=filters,
        action=lambda one: Action(
            gettext("Sheet"), url_for(".sheet", settlement_id=one.sheet.id)
        ) if one.sheet else Action(gettext("Figures"), url_for(".year", contract_id=one.contract.id)),
        empty=lazy_gettext("No contract year yet"),
        empty_note=lazy_gettext("A contract year appears here once both sides have signed the annual contract."),
    )  # fmt: skip
    return listing("settlement/index.html", table, acts=_acts())


def _columns(at: datetime, seen: set[int | None]) -> list[Column]:
    """seen: the contract years whose pages the person may open."""
    return [
        Column("contract", lazy_gettext("Annual contract"), "code", value=lambda one: one.contract.number,
               sort=True, link=lambda one: url_for(".year", contract_id=one.contract.id),
               note=lambda one: named(one.insurer)),
        Column("premium", lazy_gettext("Premium due"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda one: premium_due(one.contract)),
        Column("claims", lazy_gettext("Claims incurred"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda one: one.sheet.claims if one.sheet else None),
        Column("balance", lazy_gettext("Balance"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda one: one.sheet.balance if one.sheet else None),
        Column("rate", lazy_gettext("Rate"), "rate", sort=True,
               value=lambda one: Fraction(one.sheet.rate) if one.sheet else None, note=_band),
        Column("insurer_part", lazy_gettext("Insurer's part"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda one: one.sheet.insurer_part if one.sheet else None, note=_outcome),
        Column("fund_part", lazy_gettext("Fund's part"), "money", unit=lazy_gettext("yuan"), sort=True,
               value=lambda one: one.sheet.fund_part if one.sheet else None),
        Column("stage", lazy_gettext("Stage"), "chip", value=lambda one: labels.stage_chip(one.stage(at)), when=True,
               link=lambda one: _way_to_awaited(one, at, seen), note=lambda one: _awaited(one, at)),
    ]  # fmt: skip


def _band(one: Standing) -> Any:
    if one.sheet is None:
        return None
    return one.sheet.band if chinese() else labels.band_name(access.band_of(one))


def _outcome(one: Standing) -> Any:
    """Only what is out of the ordinary is said: a result that the rule alone does not share."""
    if one.sheet is None or one.sheet.outcome is Outcome.SHARED:
        return None
    return gettext("Decided by the departments") if one.sheet.decision_id else labels.OUTCOMES[one.sheet.outcome]


def _awaited(one: Standing, at: datetime) -> str | None:
    """What is waited for first and from whom, and how much else; only where that is what keeps the year."""
    if one.stage(at) is not YearStage.AWAITING:
        return None
    words = labels.awaited(*one.awaits[0])
    more = len(one.awaits) - 1
    return words + ngettext(", and %(num)s more", ", and %(num)s more", more) if more else words


def _way_to_awaited(one: Standing, at: datetime, seen: set[int | None]) -> str | None:
    """The contract year that is waited for; the own page, where all is listed, for who may not open it."""
    if one.stage(at) is not YearStage.AWAITING:
        return None
    awaited = one.awaits[0][0].contract.id
    return url_for(".year", contract_id=awaited if awaited in seen else one.contract.id)


def _of_year(value: str) -> Any:
    return lambda one: str(one.contract.year) == value


def _of_insurer(value: str) -> Any:
    return lambda one: str(one.insurer.id) == value


def _acts() -> list[Action]:
    reconcile = Action(gettext("Reconciliation"), url_for(".reconcile"))
    if actor().is_insurer:
        return [reconcile]
    return [
        Action(gettext("Funds"), url_for(".funds")),
        reconcile,
        Action(gettext("Runs over all contracts"), url_for(".runs")),
        Action(gettext("Transfers"), url_for(".transfers")),
        Action(gettext("Fund ledger"), url_for(".ledger")),
    ]
