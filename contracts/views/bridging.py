"""Extending cover after an agreement's term by a bridge contract: prefilled from its last year (J11)."""

from datetime import date
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from sqlmodel import col, select

from contracts import services
from contracts.forms import BridgeForm
from contracts.models import AnnualContract
from contracts.rules import BridgeGround, PartYear
from contracts.services import bridging, standing
from contracts.services.dues import measured_against_cost
from contracts.views import access
from contracts.views.agreements import page_of
from contracts.views.blueprint import bp
from core.errors import Refused
from core.web import actor, allow, clock, session


@bp.route("/agreements/<int:agreement_id>/bridge", methods=["GET", "POST"])
@allow("contracts:prepare")
def bridge(agreement_id: int) -> Any:
    """Draft the contract that bridges the year after an agreement's term."""
    row = access.agreement_for(agreement_id)
    clause = standing.cite(row, "fallback")
    if refusal := bridging.why_not_bridged(session(), row, clock()):
        raise Refused(refusal, clause=clause)
    year, last = bridging.bridge_year(row), _last(agreement_id)
    form = BridgeForm(
        until=date(year, 12, 31),
        headcount_on=date(year, 1, 1),
        insured_count=last.cleared_count or last.insured_count,
        funding_standard=last.funding_standard,
    )
    measured = measured_against_cost(row.pack, year)
    if measured is None:
        form.without_target()
    done = form.save(
        lambda database: services.prepare_bridge(
            database,
            actor(),
            clock(),
            agreement_id,
            ground=BridgeGround(form.ground.data),
            reason=form.reason.data or "",
            until=form.until.data,
            part_year=PartYear(form.part_year.data),
            insured_count=form.insured_count.data,
            funding_standard=form.funding_standard.data,
            headcount_on=form.headcount_on.data,
            target=form.target(),
        ),
        then=lambda contract: url_for("contracts.contract", contract_id=contract.id),
        message=gettext("The bridge contract is prepared; the insurer signs first"),
    )
    page = page_of(row, gettext("Extend cover"))
    shown = {"form": form, "clause": clause, "year": year, "last": last, "measured": measured}
    return done or (render_template("contracts/bridge.html", **shown, **page), form.status)


def _last(agreement_id: int) -> AnnualContract:
    years = select(AnnualContract).where(AnnualContract.agreement_id == agreement_id)
    return session().exec(years.order_by(col(AnnualContract.year).desc()).limit(1)).one()
