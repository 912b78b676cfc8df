"""What if: other figures, another cause or another reading, calculated by the same rule on the server."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flask import render_template, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms.fields import SelectChoice

from contracts.services.amending import amended_by
from contracts.services.dues import premium_due, target_due
from core.errors import Invalid, N_, Refused
from core.money import ZERO, show_rate
from core.policy.model import Cause as PolicyCause
from core.policy.model import SharingRule
from core.web import allow, session
from settlement.forms import WhatIfForm
from settlement.models import Cause
from settlement.rules.corridor import SharingInvalid
from settlement.rules.incentives import incentives
from settlement.rules.sharing import SharingInputs, SharingResult, compare_readings
from settlement.rules.together import Part, Settled, own_only, part_of
from settlement.rules.words import explain, explain_part, warnings
from settlement.services.calculating import Calculation, calculate, calculation_from, rule_of
from settlement.services.lines import POOL_LABELS, STEP_LABELS
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
    if not rule.needs_agreed_cost:
        del form.target
    form.reading.choices = [SelectChoice(one.name, labels.reading_name(rule, one.name)) for one in rule.readings]
    good = form.validate() if given is not None else form.target is None or form.target.data is not None
    page = access.page_of(year, (gettext("What if"), ""))
    known, missing = _known(year, rule)
    shown = _shown(year, rule, form, known) if good and not missing else {}
    status = 200 if good or given is None else 400
    sliders = _sliders(premium_due(year.contract))
    return render_template("settlement/what_if.html", **page, form=form, rule=rule, sliders=sliders, missing=missing,
                           **shown), status  # fmt: skip


def _known(year: Standing, rule: SharingRule) -> tuple[Calculation | None, str]:
    """The year's own calculation; None where it lacks something, with what it lacks of others that count with it."""
    cause = year.sheet.cause if year.sheet else Cause.OPERATING
    try:
        return calculate(session(), year.contract, cause), ""
    except (Refused, Invalid) as refused:
        return None, "" if own_only(rule) else gettext(refused.message, **refused.params)


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
        "target": target_due(year.contract, amended_by(session(), year.contract)),
        "claims": sheet.claims if sheet else figures.claims_paid if figures else ZERO,
        "expense": expense,
        "cause": sheet.cause.value if sheet else Cause.OPERATING.value,
        "reading": year.contract.sharing_reading,
    }


def _shown(year: Standing, rule: SharingRule, form: WhatIfForm, known: Calculation | None) -> dict[str, Any]:
    """The answer. known: the year's own calculation, whose other figures stay; None where there is none yet."""
    cause = PolicyCause(form.cause.data)
    inputs = _tried(year, form, known, cause)
    if known is not None:
        tried = calculation_from(session(), year.contract, known.basis, Cause(cause.value), inputs)
        return _told(year, form, tried, cause)
    try:
        results = compare_readings(rule, inputs)
    except SharingInvalid as wrong:
        raise Invalid(N_("This cannot be shared: %(reason)s"), reason=str(wrong)) from wrong
    parts = {name: part_of(result) for name, result in results.items()}
    return _told(year, form, Tried(rule, inputs, results, parts), cause)


@dataclass(frozen=True)
class Tried:
    """Figures tried alone, before the contract year has its own: what `_told` shows of a calculation."""

    rule: SharingRule
    inputs: SharingInputs
    results: dict[str, SharingResult]
    parts: dict[str, Part]
    pools: None = None
    settled: tuple[Settled, ...] = ()
    interim: bool = False


def _tried(year: Standing, form: WhatIfForm, known: Calculation | None, cause: PolicyCause) -> SharingInputs:
    """The figures of the form; what the form does not ask for stays as the year has it."""
    fields = (form.premium, form.claims, form.expense, form.target)
    asked: dict[str, Any] = {field.name: field.data for field in fields if field is not None} | {"cause": cause}
    if known is None:
        return SharingInputs(**asked, expense_cap_rate=year.contract.expense_cap_rate)
    claims_only = {"reserve_change": ZERO, "carried": ZERO}
    return replace(known.own, **{**claims_only, **asked})


def _told(year: Standing, form: WhatIfForm, found: Calculation | Tried, cause: PolicyCause) -> dict[str, Any]:
    rule, chosen, part = found.rule, found.results[form.reading.data], found.parts[form.reading.data]
    together = found.pools is not None
    words = explain(rule, found.inputs, chosen)
    if together:
        words = (*words, *explain_part(part, found.settled, interim=found.interim))
    labelled = POOL_LABELS if together else STEP_LABELS
    own = year.sheet.insurer_part if year.sheet else None
    return {
        "result": chosen,
        "part": part,
        "together": together,
        "shown_rate": show_rate(chosen.rate),
        "band": labels.band_name(chosen.band),
        "against_sheet": _difference(part.insurer, own),
        "readings": [_reading(rule, name, one, part) for name, one in found.parts.items()],
        "words": [say(sentence) for sentence in words],
        "warnings": [say(sentence) for sentence in warnings(incentives(rule, found.inputs, chosen.reading))],
        "steps": [(labels.STEPS[labelled[line.step]], line) for line in chosen.lines],
        "curve": curve.drawn(rule, chosen, cause, year.contract.year),
        "cliffs": curve.cliffs(rule, chosen, cause),
    }


def _reading(rule: SharingRule, name: str, result: Part, chosen: Part) -> dict[str, Any]:
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
