"""The acts that are one button: draft, sign, ask for the agency's signature, announce, discard a draft."""

from typing import Any

from flask import url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from contracts import services
from contracts.views import access
from contracts.views.blueprint import bp
from core.web import actor, allow, clock, perform


def _to_agreement(agreement_id: int) -> str:
    return url_for("contracts.agreement", agreement_id=agreement_id)


def _to_contract(contract_id: int) -> str:
    return url_for("contracts.contract", contract_id=contract_id)


@bp.post("/tenders/<int:tender_id>/draft")
@allow("contracts:prepare")
def draft(tender_id: int) -> Response:
    """Draft one agreement for each winner of a tender."""
    return perform(
        lambda session: services.draft_agreements(session, actor(), clock(), tender_id),
        then=lambda _drafted: url_for("contracts.agreements"),
        message=gettext("The agreements are drafted; the insurers sign first"),
    )


@bp.post("/agreements/<int:agreement_id>/sign")
@allow("contracts:sign", fresh=True)
def sign_agreement(agreement_id: int) -> Response:
    """The insurer's signature on an agreement."""
    access.agreement_for(agreement_id)
    return perform(
        lambda session: services.sign_agreement(session, actor(), clock(), agreement_id),
        then=lambda _row: _to_agreement(agreement_id),
        message=gettext("Signed for the insurer"),
    )


@bp.post("/agreements/<int:agreement_id>/request-signature")
@allow("contracts:issue")
def request_agreement_signature(agreement_id: int) -> Response:
    """Ask a second person to sign an agreement for the agency."""
    return perform(
        lambda session: services.request_agency_signature(session, actor(), clock(), agreement_id),
        then=lambda _row: _to_agreement(agreement_id),
        message=gettext("Sent to a second person"),
    )


@bp.post("/<int:contract_id>/sign")
@allow("contracts:sign", fresh=True)
def sign_contract(contract_id: int) -> Response:
    """The insurer's signature on an annual contract."""
    access.year_for(contract_id)
    return perform(
        lambda session: services.sign_contract(session, actor(), clock(), contract_id),
        then=lambda _row: _to_contract(contract_id),
        message=gettext("Signed for the insurer"),
    )


@bp.post("/<int:contract_id>/request-signature")
@allow("contracts:issue")
def request_contract_signature(contract_id: int) -> Response:
    """Ask a second person to sign an annual contract for the agency."""
    return perform(
        lambda session: services.request_contract_signature(session, actor(), clock(), contract_id),
        then=lambda _row: _to_contract(contract_id),
        message=gettext("Sent to a second person"),
    )


@bp.post("/<int:contract_id>/request-notice")
@allow("contracts:issue")
def request_notice(contract_id: int) -> Response:
    """Ask a second person to publish the contract notice."""
    return perform(
        lambda session: services.request_contract_notice(session, actor(), clock(), contract_id),
        then=lambda _row: _to_contract(contract_id),
        message=gettext("Sent to a second person"),
    )


@bp.post("/<int:contract_id>/discard")
@allow("contracts:prepare")
def discard(contract_id: int) -> Any:
    """Throw away a draft that nobody has signed."""
    return perform(
        lambda session: services.discard_draft(session, actor(), clock(), contract_id),
        then=lambda agreement: _to_agreement(agreement.id),
        message=gettext("The draft is discarded"),
    )
