"""The page of an annual contract: terms and what each rests on, premium traced to its payments, due days, papers."""

from datetime import date
from fractions import Fraction
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import select
from werkzeug.wrappers import Response

from contracts import labels
from contracts.models import AnnualContract, Assessment
from contracts.rules import ContractStage
from contracts.services import standing
from contracts.services.annual import benefit_terms
from contracts.services.securities import LAW, security_standing
from contracts.services.standing import Standing
from contracts.views import access
from contracts.views.agreed import target_of
from contracts.views.blueprint import bp
from core.clock import local_date
from core.identity.models import Organisation
from core.money import round_fen
from core.policy import view
from core.policy.model import BenefitRule, BenefitTerms, Clause
from core.web import Action, actor, allow, now, session

#: What the page cites the paper for.
CITED = ("funding", "fallback", "accounts", "assessment", "termination")


@bp.get("/<int:contract_id>")
@allow("contracts:view")
def contract(contract_id: int) -> str:
    """Everything about one annual contract."""
    year = access.year_for(contract_id)
    row = year.contract
    assessments = list(session().exec(select(Assessment).where(Assessment.contract_id == contract_id)))
    return render_template(
        "contracts/contract.html",
        **page_of(year),
        acts=_acts(year),
        agency=session().get_one(Organisation, year.agreement.policyholder_id),
        payments=standing.payments_of(session(), contract_id),
        late=[part for part in year.premium.parts if part.late(access.today())],
        today=access.today(),
        benefits=[benefit_table(row.pack, terms) for terms in benefit_terms(session(), row)],
        head_count_on=standing.head_count_day(row),
        assessments=assessments,
        notice_limit=standing.notice_limit(row),
        filing_limit=standing.filing_limit(row),
        signing=access.keys_of("contracts.contract.sign", row),
        announcing=access.keys_of("contracts.contract.announce", row),
        target=target_of(row),
        cite={matter: standing.cite(row, matter) for matter in CITED},
        security=security_standing(session(), year.agreement, access.today()),
        security_law=LAW,
        files=access.papers(row),
        elsewhere=_elsewhere(row),
        entries=access.log_of(row),
        name_of=access.name_of,
    )  # fmt: skip


def _elsewhere(row: AnnualContract) -> list[tuple[Any, str]]:
    """The pages of other rooms: what the sharing rule leads to for this premium; once signed, the settlement."""
    found: list[tuple[str, Any, dict[str, Any]]] = []
    end = date(row.year, 12, 31)
    if view(row.pack, end).sharing is not None:
        label = (
            lazy_gettext("What the sharing rule leads to with this premium")
            if row.agency_signed_at
            else lazy_gettext("See what the sharing rule leads to with this premium, before anyone signs it.")
        )
        asked = {"name": row.pack, "premium": row.premium, "on": end.isoformat(), "_anchor": "incentives"}
        found.append(("policy.pack", label, asked))
    if row.agency_signed_at:
        label = lazy_gettext("Figures and settlement of this year")
        found.append(("settlement.year", label, {"contract_id": row.id}))
    return access.links(found)


@bp.get("/papers/<int:paper_id>")
@allow("contracts:view")
def paper(paper_id: int) -> Response:
    """A paper of an agreement or an annual contract as PDF."""
    return access.paper_for(paper_id)


def page_of(year: Standing, here: str = "") -> dict[str, Any]:
    """What the head of every page of an annual contract needs."""
    row, agreement = year.contract, year.agreement
    stage = labels.contract_standing(row, now())
    own = url_for("contracts.contract", contract_id=row.id)
    crumbs = [
        (gettext("Annual contracts"), url_for("contracts.index")),
        (agreement.number, url_for("contracts.agreement", agreement_id=agreement.id)),
        (row.number, own if here else ""),
    ]
    return {
        "contract": row,
        "agreement": agreement,
        "insurer": year.insurer,
        "premium": year.premium,
        "stage": stage,
        "Stage": ContractStage,
        "state": labels.CONTRACT_STAGES[stage],
        "steps": _steps(year, stage),
        "crumbs": [*crumbs, (here, "")] if here else crumbs,
        "labels": labels,
    }


def _steps(year: Standing, stage: ContractStage) -> list[tuple[Any, str, str]]:
    row = year.contract
    facts = (
        (gettext("Prepared"), local_date(row.created_at).isoformat()),
        (gettext("Insurer signs"), local_date(row.insurer_signed_at).isoformat() if row.insurer_signed_at else ""),
        (gettext("Agency signs"), local_date(row.agency_signed_at).isoformat() if row.agency_signed_at else ""),
        (gettext("Insurance year"), str(row.year)),
        (gettext("Claims run off"), gettext("until %(day)s", day=row.cutoff.isoformat())),
        (gettext("Claims closed"), ""),
    )
    order = [ContractStage.DRAFT, ContractStage.INSURER_SIGNED, ContractStage.SIGNED]
    at = {
        ContractStage.DRAFT: 1,
        ContractStage.INSURER_SIGNED: 2,
        ContractStage.SIGNED: 3,
        ContractStage.IN_FORCE: 3,
        ContractStage.RUN_OFF: 4,
        ContractStage.CLOSED: 5,
    }.get(stage)
    if at is None:
        ended = local_date(row.terminated_at).isoformat() if row.terminated_at else ""
        return [*[(label, note, "done") for label, note in facts[:3]], (gettext("Terminated"), ended, "now")]
    waiting = stage in order[2:]
    return [
        (label, note, "done" if place < at else "now" if place == at and not waiting else "")
        for place, (label, note) in enumerate(facts)
    ]


def _acts(year: Standing) -> list[Action]:
    """The next steps this person can take on a signed contract."""
    row, person = year.contract, actor()
    found: list[Action] = []
    if row.agency_signed_at is None or row.terminated_at is not None:
        return found
    if person.may("contracts:pay_premium"):
        found.append(
            Action(lazy_gettext("Record premium"), url_for("contracts.pay", contract_id=row.id),
                   primary=year.premium.outstanding != 0)
        )  # fmt: skip
    if person.may("contracts:prepare") and row.cleared_count is None and row.year <= access.today().year:
        found.append(Action(lazy_gettext("Clear the head count"), url_for("contracts.clear", contract_id=row.id)))
    if person.may("contracts:assess") and row.year <= access.today().year:
        found.append(Action(lazy_gettext("Assess"), url_for("contracts.assess", contract_id=row.id)))
    return found


def benefit_table(pack: str, terms: BenefitTerms) -> dict[str, Any]:
    """Benefit terms from one day on, with what the paper says about each: values, clauses and rules in its words."""
    starts = terms.in_force_from or date(terms.year, 1, 1)
    rule = view(pack, starts).benefits
    said = {parameter.key: parameter for parameter in rule.parameters} if rule else {}
    return {
        "starts": starts,
        "terms": terms,
        "said": said,
        "ratios": rule.ratios.clause if rule and rule.ratios else None,
        "tilts": [
            {
                "group": labels.group(key),
                "tilt": tilt,
                "deductible": round_fen(Fraction(terms.deductible) * (1 - Fraction(tilt.deductible_cut))),
                "clause": _tilt_clause(rule, key),
            }
            for key, tilt in terms.tilts.items()
        ],
    }


def _tilt_clause(rule: BenefitRule | None, key: str) -> Clause | None:
    tilt = rule.tilt_for(key) if rule else None
    return tilt.clause if tilt else None
