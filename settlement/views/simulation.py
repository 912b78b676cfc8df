"""What if: other figures, another cause or another reading, calculated by the same rule on the server."""

from decimal import Decimal
from typing import Any

from flask import render_template, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms.fields import SelectChoice

from contracts.services.premiums import premium_due
from core.errors import Invalid, N_
from core.money import ZERO, show_rate
from core.policy.model import Cause as PolicyCause
from core.policy.model import SharingRule
from core.web import allow
from settlement.forms import WhatIfForm
from settlement.models import Cause
from settlement.rules.corridor import SharingInvalid
from settlement.rules.incentives import incentives
from settlement.rules.sharing import SharingInputs, SharingResult, compare_readings
from settlement.rules.words import explain, warnings
from settlement.services.lines import STEP_LABELS
from settlement.services.sheet import rule_of
from settlement.services.standing import Standing
from settlement.views import access, curve, labels
from settlement.views.blueprint import bp
from settlement.views.rule_panel import say


@bp.get("/years/<int:contract_id>/what-if")
@allow("settlement:view")
def what_if(contract_id: int) -> Any:
    """Try figures against the contract's rule; nothing is stored, and the address carries the figures."""
    year = access.year_for(contract_id)
    rule = rule_of(year.contract)
    given = MultiDict(request.args) if "premium" in request.args else None
    form = WhatIfForm(given, meta={"csrf": False}, **({} if given else _start(year)))
    form.reading.choices = [SelectChoice(one.name, labels.reading_name(rule, one.name)) for one in rule.readings]
    good = given is None or form.validate()
    page = access.page_of(year, (gettext("What if"), ""))
    shown = _shown(year, rule, form) if good else {}
    status = 200 if good else 400
    sliders = _sliders(premium_due(year.contract))
    return render_template("settlement/what_if.html", **page, form=form, rule=rule, sliders=sliders, **shown), status


def _sliders(premium: Decimal) -> list[tuple[str, int, int, int]]:
    """Field, least, most and step of each slider, in yuan: fine enough that no band of the rule is jumped over."""
    step = max(int(premium / 1000), 1)
    return [
        ("premium", step * 500, step * 1500, step),
        ("claims", 0, step * 1500, step),
        ("expense", 0, step * 150, step),
    ]


def _start(year: Standing) -> dict[str, Any]:
    """The year's own figures, as far as they are known."""
    figures, sheet = year.figures, year.sheet
    expense = figures.direct_expense + figures.allocated_expense if figures else ZERO
    return {
        "premium": premium_due(year.contract),
        "claims": sheet.claims if sheet else figures.claims_paid if figures else ZERO,
        "expense": expense,
        "cause": sheet.cause.value if sheet else Cause.OPERATING.value,
        "reading": year.contract.sharing_reading,
    }


def _shown(year: Standing, rule: SharingRule, form: WhatIfForm) -> dict[str, Any]:
    cause = PolicyCause(form.cause.data)
    inputs = SharingInputs(
        form.premium.data,
        form.claims.data,
        form.expense.data,
        cause=cause,
        expense_cap_rate=year.contract.expense_cap_rate,
    )
    try:
        results = compare_readings(rule, inputs)
    except SharingInvalid as wrong:
        raise Invalid(N_("This cannot be shared: %(reason)s"), reason=str(wrong)) from wrong
    chosen = results[form.reading.data]
    own = year.sheet.insurer_part if year.sheet else None
    return {
        "result": chosen,
        "shown_rate": show_rate(chosen.rate),
        "band": labels.band_name(chosen.band),
        "against_sheet": _difference(chosen.insurer, own),
        "readings": [_reading(rule, name, result, chosen) for name, result in results.items()],
        "words": [say(sentence) for sentence in explain(rule, inputs, chosen)],
        "warnings": [say(sentence) for sentence in warnings(incentives(rule, inputs, chosen.reading))],
        "steps": [(labels.STEPS[STEP_LABELS[line.step]], line) for line in chosen.lines],
        "curve": curve.drawn(rule, chosen, cause, year.contract.year),
        "cliffs": curve.cliffs(rule, chosen, cause),
    }


def _reading(rule: SharingRule, name: str, result: SharingResult, chosen: SharingResult) -> dict[str, Any]:
    return {
        "name": labels.reading_name(rule, name),
        "base": labels.reading_base(rule, name),
        "chosen": result is chosen,
        "insurer": result.insurer,
        "fund": result.fund,
        "difference": None if result is chosen else _difference(result.insurer, chosen.insurer),
    }


def _difference(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other
