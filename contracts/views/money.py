"""Premium as it arrives, the clearing of the head count, and the assessment of a contract year."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext

from contracts import services
from contracts.forms import HeadCountForm, PaymentForm, assessment_form
from contracts.services import standing
from contracts.services.standing import Standing
from contracts.views import access
from contracts.views.annual import page_of
from contracts.views.blueprint import bp
from core.errors import N_, Refused
from core.web import actor, allow, clock


def _signed(contract_id: int) -> Standing:
    """A contract year that both sides have signed. Raises Refused for a draft."""
    year = access.year_for(contract_id)
    if year.contract.agency_signed_at is None:
        raise Refused(N_("The contract is not signed yet"))
    return year


@bp.route("/<int:contract_id>/payments/new", methods=["GET", "POST"])
@allow("contracts:pay_premium")
def pay(contract_id: int) -> Any:
    """Record premium that reached the insurer's premium-income account."""
    year = _signed(contract_id)
    form = PaymentForm()
    form.offer(year.premium)
    if not form.is_submitted():
        form.paid_on.data = access.today()
    done = form.save(
        lambda session: services.record_payment(
            session,
            actor(),
            clock(),
            contract_id,
            amount=form.amount.data,
            paid_on=form.paid_on.data,
            reference=(form.reference.data or "").strip(),
            instalment_position=form.position,
        ),
        then=lambda _row: url_for("contracts.contract", contract_id=contract_id, _anchor="premium"),
        message=gettext("The payment is recorded"),
    )
    page = page_of(year, gettext("Record premium"))
    clause = standing.cite(year.contract, "accounts")
    return done or (render_template("contracts/pay.html", form=form, clause=clause, **page), form.status)


@bp.route("/<int:contract_id>/head-count", methods=["GET", "POST"])
@allow("contracts:prepare")
def clear(contract_id: int) -> Any:
    """Fix the insured count that the premium is finally due for."""
    year = _signed(contract_id)
    if year.contract.cleared_count is not None:
        raise Refused(N_("The head count of this contract is already cleared"))
    form = HeadCountForm()
    done = form.save(
        lambda session: services.clear_head_count(session, actor(), clock(), contract_id, form.count.data),
        then=lambda _amount: url_for("contracts.contract", contract_id=contract_id, _anchor="premium"),
        message=gettext("The head count is cleared; the premium due follows it"),
    )
    page = page_of(year, gettext("Clear the head count"))
    day = standing.head_count_day(year.contract)
    return done or (render_template("contracts/clear.html", form=form, day=day, **page), form.status)


@bp.route("/<int:contract_id>/assessments/new", methods=["GET", "POST"])
@allow("contracts:assess")
def assess(contract_id: int) -> Any:
    """Assess a contract year by the indicators of its contract."""
    year = _signed(contract_id)
    dimensions = year.contract.service["assessment"]
    form = assessment_form(dimensions)
    if not form.is_submitted():
        form.period.data = gettext("Year %(year)s", year=year.contract.year)
    done = form.save(
        lambda session: services.assess(
            session,
            actor(),
            clock(),
            contract_id,
            period=(form.period.data or "").strip(),
            indicators=form.indicators(dimensions),
            deduction=form.deduction.data,
        ),
        then=lambda _row: url_for("contracts.contract", contract_id=contract_id, _anchor="assessment"),
        message=gettext("The assessment is recorded"),
    )
    page = page_of(year, gettext("Assess"))
    shown = {"dimensions": dimensions, "clause": standing.cite(year.contract, "assessment")}
    return done or (render_template("contracts/assess.html", form=form, **shown, **page), form.status)
