"""Stating the agreed cost of a signed contract year anew: drafted by the department, signed by both sides."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from contracts import services
from contracts.forms import AmendmentForm
from contracts.models import ContractAmendment
from contracts.services.amending import why_not_amended
from contracts.views import access
from contracts.views.agreed import target_of
from contracts.views.annual import page_of
from contracts.views.blueprint import bp
from core.errors import N_, NotFound, Refused
from core.web import actor, allow, clock, perform, session


@bp.route("/<int:contract_id>/amend", methods=["GET", "POST"])
@allow("contracts:prepare")
def amend(contract_id: int) -> Any:
    """Draft an amendment of the agreed cost."""
    year = access.year_for(contract_id)
    if refusal := why_not_amended(session(), year.contract):
        raise Refused(refusal)
    form = AmendmentForm()
    done = form.save(
        lambda database: services.prepare_amendment(
            database, actor(), clock(), contract_id, target_cost=form.target_cost.data, reason=form.reason.data or ""
        ),
        then=lambda _row: _to_contract(contract_id),
        message=gettext("The amendment is prepared; the insurer signs first"),
    )
    page = page_of(year, gettext("Amend the agreed cost"))
    return done or (render_template("contracts/amend.html", form=form, target=target_of(year.contract), **page),
                    form.status)  # fmt: skip


@bp.post("/amendments/<int:amendment_id>/sign")
@allow("contracts:sign", fresh=True)
def sign_amendment(amendment_id: int) -> Response:
    """The insurer's signature on an amendment."""
    contract_id = _contract_of(amendment_id)
    return perform(
        lambda session: services.sign_amendment(session, actor(), clock(), amendment_id),
        then=lambda _row: _to_contract(contract_id),
        message=gettext("Signed for the insurer"),
    )


@bp.post("/amendments/<int:amendment_id>/request-signature")
@allow("contracts:issue")
def request_amendment_signature(amendment_id: int) -> Response:
    """Ask a second person to sign an amendment for the agency."""
    contract_id = _contract_of(amendment_id)
    return perform(
        lambda session: services.request_amendment_signature(session, actor(), clock(), amendment_id),
        then=lambda _row: _to_contract(contract_id),
        message=gettext("Sent to a second person"),
    )


@bp.post("/amendments/<int:amendment_id>/discard")
@allow("contracts:prepare")
def discard_amendment(amendment_id: int) -> Response:
    """Throw away an amendment that nobody has signed."""
    contract_id = _contract_of(amendment_id)
    return perform(
        lambda session: services.discard_amendment(session, actor(), clock(), amendment_id),
        then=lambda _contract: _to_contract(contract_id),
        message=gettext("The draft is discarded"),
    )


def _contract_of(amendment_id: int) -> int:
    """The contract of an amendment that the acting person may see. Raises NotFound."""
    row = session().get(ContractAmendment, amendment_id)
    if row is None:
        raise NotFound(N_("There is no such amendment"))
    access.year_for(row.contract_id)
    return row.contract_id


def _to_contract(contract_id: int) -> str:
    return url_for("contracts.contract", contract_id=contract_id, _anchor="target")
