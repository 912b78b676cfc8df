"""Preparing a contract year: prefilled from the year before or the award, checked against the pack, written once."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from sqlmodel import col, select

from contracts import services
from contracts.forms import PrepareForm, prepare_form
from contracts.forms.preparation import BANDS, FIRST, LATER, Proposal
from contracts.models import AnnualContract, ServiceAgreement
from contracts.services import standing
from contracts.services.annual import benefit_terms
from contracts.services.dues import measured_against_cost
from contracts.sources import parameter_sources
from contracts.views import access
from contracts.views.agreements import RUNNING, page_of
from contracts.views.blueprint import bp
from core.errors import N_, NotFound, Refused
from core.policy import PolicyView, view
from core.policy.model import TiltTerms
from core.web import actor, allow, clock, session
from tender.models import Award, ContractTerms, Lot, MandatoryField
from tender.rules.words import PriceObject

#: Nothing taken off, nothing added.
NONE = Decimal(0)


@bp.route("/agreements/<int:agreement_id>/years/<int:year>/prepare", methods=["GET", "POST"])
@allow("contracts:prepare")
def prepare(agreement_id: int, year: int) -> Any:
    """Draft the annual contract of an insurance year."""
    row = access.agreement_for(agreement_id)
    page = page_of(row, gettext("Contract of %(year)s", year=year))
    if page["stage"] not in RUNNING:
        raise Refused(N_("The service agreement is not signed, or has ended"), clause=standing.cite(row, "agreement"))
    if year not in standing.years_without_contract(session(), row):
        raise NotFound(N_("This agreement has no such year to prepare"))
    seen, before = view(row.pack, date(year, 1, 1)), _year_before(row, year)
    form = prepare_form(_dimensions(row, seen, before), _proposal(row, year, seen, before))
    form.bind(row.pack, year)
    measured = measured_against_cost(row.pack, year)
    if measured is None:
        form.without_target()
    sources = before.service["sources"] if before else parameter_sources(seen)
    done = form.save(
        lambda database: _prepare(database, agreement_id, year, form, sources),
        then=lambda contract: url_for("contracts.contract", contract_id=contract.id),
        message=gettext("The contract is prepared; the insurer signs first"),
    )
    if done:
        return done
    shown = {"year": year, "before": before, "seen": seen, "bands": range(BANDS), "first": FIRST, "later": LATER,
             "measured": measured}  # fmt: skip
    return render_template("contracts/prepare.html", form=form, **shown, **page), form.status


def _prepare(database: Any, agreement_id: int, year: int, form: PrepareForm, sources: dict[str, str]) -> AnnualContract:
    return services.prepare_contract(
        database,
        actor(),
        clock(),
        agreement_id,
        year=year,
        insured_count=form.insured_count.data,
        funding_standard=form.funding_standard.data,
        benefits=form.benefits(),
        service=form.service(sources),
        target=form.target(),
    )


def _year_before(row: ServiceAgreement, year: int) -> AnnualContract | None:
    """The newest earlier contract year of the agreement."""
    earlier = (AnnualContract.agreement_id == row.id, AnnualContract.year < year)
    return session().exec(select(AnnualContract).where(*earlier).order_by(col(AnnualContract.year).desc())).first()


def _fixed_weights(row: ServiceAgreement) -> dict[str, Decimal]:
    """The assessment the tender fixed for the lot; empty where it left the weights to each year."""
    lot_id = session().get_one(Award, row.award_id).lot_id
    terms = session().exec(select(ContractTerms).where(ContractTerms.lot_id == lot_id)).one()
    return {part["name"]: Decimal(part["weight"]) for part in terms.assessment}


def _dimensions(row: ServiceAgreement, seen: PolicyView, before: AnnualContract | None) -> tuple[str, ...]:
    if before is not None:
        return tuple(part["name"] for part in before.service["assessment"])
    if fixed := _fixed_weights(row):
        return tuple(fixed)
    return tuple(part.title for part in seen.assessment.dimensions) if seen.assessment else ()


def _proposal(row: ServiceAgreement, year: int, seen: PolicyView, before: AnnualContract | None) -> Proposal:
    """Last year's contract carried over where there is one, else what award, tender document and paper say."""
    tilts = {
        group: TiltTerms(tilt.deductible_cut or NONE, tilt.ratio_points or NONE, cap_lifted=tilt.lifts_maximum)
        for tilt in (seen.benefits.tilts if seen.benefits else ())
        for group in tilt.groups
    }
    if before is None:
        return Proposal(_from_award(row), None, tilts, _fixed_weights(row))
    counted = standing.head_count_day(before)
    values: dict[str, Any] = {
        "insured_count": before.cleared_count or before.insured_count,
        "funding_standard": before.funding_standard,
        "headcount_on": counted.replace(year=year) if counted else None,
        "exclusions": "\n".join(before.service["exclusions"]),
        **{key: before.service[key] for key in ("payment_process", "service_points", "telephone")},
    }
    if before.target_part:
        values["target_part"] = before.target_part
    weights = {part["name"]: Decimal(part["weight"]) for part in before.service["assessment"]}
    return Proposal(values, benefit_terms(session(), before)[-1], tilts, weights)


def _from_award(row: ServiceAgreement) -> dict[str, Any]:
    award = session().get_one(Award, row.award_id)
    lot = session().get_one(Lot, award.lot_id)
    excluded = (MandatoryField.tender_id == award.tender_id, MandatoryField.key == "exclusions")
    said = session().exec(select(MandatoryField.text).where(*excluded)).first() or ""
    return {
        "insured_count": award.insured_count,
        "funding_standard": award.price if lot.price_object is PriceObject.PREMIUM_PER_HEAD else None,
        "exclusions": "\n".join(part for part in said.replace("；", "\n").splitlines() if part.strip()),
    }
