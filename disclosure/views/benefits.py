"""What critical-illness insurance pays: the standards of a year from its contracts, and a calculator over them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import render_template, request
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from contracts.services.annual import benefit_terms
from core.clock import local_date
from core.money import from_fen, round_fen, to_fen, yuan
from core.policy.model import BenefitTerms
from core.web import Form, now, public, session
from core.web.forms import MoneyField
from disclosure.record import PublicYear, public_years
from disclosure.rules.benefit_words import audiences, band_words, benefit_table
from disclosure.views.blueprints import portal
from disclosure.views.labels import SCHEMES
from settlement.rules.benefits import BASIS_POINTS, curve, yearly_benefit
from tender.models import Scheme


@dataclass(frozen=True)
class SchemeBenefits:
    """The benefits of one scheme in one insurance year, from one of its contracts; they are the same in all."""

    scheme: Scheme
    year: int
    contract: str
    terms: tuple[BenefitTerms, ...]
    process: tuple[str, ...]
    telephone: str

    @property
    def name(self) -> Any:
        """The scheme in the reader's language."""
        return SCHEMES[self.scheme]

    @property
    def table(self) -> dict[str, Any]:
        """The standards as papers print them."""
        return benefit_table(self.terms)

    def on(self, day: date) -> BenefitTerms:
        """The terms in force on a day of the year, the last ones after it."""
        known = [terms for terms in self.terms if terms.in_force_from is None or terms.in_force_from <= day]
        return known[-1] if known else self.terms[0]


def current_benefits(years: list[PublicYear], today: date) -> list[SchemeBenefits]:
    """The benefits of each scheme in this year, or in the last year that has contracts."""
    known = sorted({year.contract.year for year in years})
    fitting = [year for year in known if year <= today.year] or known
    return benefits_of(years, fitting[-1]) if fitting else []


def benefits_of(years: list[PublicYear], insurance_year: int) -> list[SchemeBenefits]:
    """The benefits of each scheme in an insurance year."""
    found: dict[Scheme, SchemeBenefits] = {}
    for year in years:
        scheme = year.agreement.scheme
        if year.contract.year == insurance_year and scheme not in found:
            service = year.contract.service
            steps = tuple(step for step in service["payment_process"].replace("。", "").split("；") if step)
            terms = tuple(benefit_terms(session(), year.contract))
            found[scheme] = SchemeBenefits(
                scheme, insurance_year, year.contract.number, terms, steps, service["telephone"]
            )
    return [found[scheme] for scheme in Scheme if scheme in found]


class CalculatorForm(Form):
    """What the calculator asks: the scheme, whether a tilt applies, and the compliant costs borne in the year."""

    class Meta(Form.Meta):  # type: ignore[name-defined]
        csrf = False  # it reads and changes nothing

    scheme = SelectField(lazy_gettext("Scheme"), [InputRequired()])
    group = SelectField(lazy_gettext("Insured as"), [InputRequired()])
    cost = MoneyField(
        lazy_gettext("Compliant costs you bore this year"),
        [InputRequired()],
        minimum=yuan("0"),
        description=lazy_gettext("After the basic insurance has paid; in yuan"),
    )


@dataclass(frozen=True)
class Answer:
    """What the calculator found, in yuan: the payment, what is left, and each band's part of it."""

    cost: Decimal
    deductible: Decimal
    pays: Decimal
    left: Decimal
    maximum: Decimal | None
    parts: tuple[tuple[str, Decimal, Decimal, Decimal], ...]


@portal.get("/benefits")
@public
def benefits() -> str:
    """What is paid in a year and how, with the clauses, and a calculator."""
    years = public_years(session())
    known = sorted({year.contract.year for year in years}, reverse=True)
    today = local_date(now())
    asked = request.args.get("year", type=int)
    shown = benefits_of(years, asked) if asked in known else current_benefits(years, today)
    form = CalculatorForm(request.args)
    _offer(form, shown)
    asked_to_count = bool(shown) and "cost" in request.args
    answer = _answer(form, shown, today) if asked_to_count and form.validate() else None
    return render_template(
        "portal/benefits.html",
        shown=shown,
        known=known,
        year=shown[0].year if shown else None,
        form=form,
        asked=asked_to_count,
        answer=answer,
        policies={year.contract.pack for year in years if shown and year.contract.year == shown[0].year},
    )


def _offer(form: CalculatorForm, shown: list[SchemeBenefits]) -> None:
    form.scheme.choices = [SelectChoice(one.scheme.value, str(one.name)) for one in shown]
    groups = {audience.group: audience.name for one in shown for audience in audiences(one.terms[-1])}
    form.group.choices = [
        SelectChoice(group, gettext("General insured") if group == "general" else gettext("Poor (%(name)s)", name=name))
        for group, name in groups.items()
    ]


def _answer(form: CalculatorForm, shown: list[SchemeBenefits], today: date) -> Answer:
    """The benefit of a year's costs by the very rule that recomputes claims."""
    chosen = next(one for one in shown if one.scheme.value == form.scheme.data)
    terms = chosen.on(today)
    cost = form.cost.data
    drawn = curve(terms, form.group.data)
    pays = from_fen(yearly_benefit(terms, form.group.data, to_fen(cost)))
    parts = tuple(
        (
            band_words(band),
            from_fen(part),
            Decimal(piece.ratio) / BASIS_POINTS,
            round_fen(Fraction(part * piece.ratio, 100 * BASIS_POINTS)),
        )
        for band, part, piece in zip(terms.bands, drawn.parts(to_fen(cost)), drawn.slices, strict=False)
    )
    maximum = None if drawn.maximum is None else from_fen(drawn.maximum)
    return Answer(cost, from_fen(drawn.deductible), pays, cost - pays, maximum, parts)
