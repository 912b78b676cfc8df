"""The performance security of an agreement: recorded by finance, the handover by the handler, the return by finance."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext

from contracts import services
from contracts.forms import HandoverForm, SecurityForm, SecurityReturnForm
from contracts.services.securities import ARTICLE, LAW, security_standing
from contracts.views import access
from contracts.views.agreements import page_of
from contracts.views.blueprint import bp
from core.errors import N_, NotFound
from core.money import ZERO
from core.web import actor, allow, clock, session
from tender.models import SecurityForm as Form


def _to_agreement(agreement_id: int) -> str:
    return url_for("contracts.agreement", agreement_id=agreement_id, _anchor="security")


@bp.route("/agreements/<int:agreement_id>/security", methods=["GET", "POST"])
@allow("contracts:keep_security")
def security(agreement_id: int) -> Any:
    """Record a performance security that was given."""
    row = access.agreement_for(agreement_id)
    standing = security_standing(session(), row, access.today())
    form = SecurityForm()
    if not form.is_submitted():
        form.amount.data, form.paid_on.data = standing.open, access.today()
    done = form.save(
        lambda database: services.record_security(
            database, actor(), clock(), agreement_id, amount=form.amount.data, form=Form(form.form.data),
            paid_on=form.paid_on.data, reference=form.reference.data or "", valid_until=form.valid_until.data,
        ),
        then=lambda _row: _to_agreement(agreement_id),
        message=gettext("The performance security is recorded"),
    )  # fmt: skip
    page = page_of(row, gettext("Performance security"))
    return done or (
        render_template("contracts/security.html", form=form, standing=standing, clause=LAW, **page), form.status
    )  # fmt: skip


@bp.route("/agreements/<int:agreement_id>/handover", methods=["GET", "POST"])
@allow("contracts:prepare")
def handover(agreement_id: int) -> Any:
    """Record when the insurer had handed everything over."""
    row = access.agreement_for(agreement_id)
    form = HandoverForm()
    done = form.save(
        lambda database: services.record_handover(database, actor(), clock(), agreement_id, form.on.data),
        then=lambda _row: _to_agreement(agreement_id),
        message=gettext("The handover is recorded; the return of the security runs from it"),
    )
    page = page_of(row, gettext("Handover"))
    return done or (render_template("contracts/handover.html", form=form, clause=ARTICLE, **page), form.status)


@bp.route("/agreements/<int:agreement_id>/security/<int:security_id>/return", methods=["GET", "POST"])
@allow("contracts:keep_security")
def return_security(agreement_id: int, security_id: int) -> Any:
    """Record that a performance security went back; a late one with its interest."""
    row = access.agreement_for(agreement_id)
    standing = security_standing(session(), row, access.today())
    held = next((one for one in standing.rows if one.id == security_id), None)
    if held is None:
        raise NotFound(N_("There is no such security"))
    form = SecurityReturnForm()
    done = form.save(
        lambda database: services.return_security(
            database, actor(), clock(), security_id, form.payment(), deducted=form.deducted.data or ZERO,
            deduction_reason=form.deduction_reason.data or "",
        ),
        then=lambda _row: _to_agreement(agreement_id),
        message=gettext("The return is recorded"),
    )  # fmt: skip
    body = render_template(
        "contracts/security-return.html", form=form, held=held, standing=standing, article=ARTICLE,
        late=standing.limit.days_late(access.today()), **page_of(row, gettext("Return of the performance security")),
    )  # fmt: skip
    return done or (body, form.status)
