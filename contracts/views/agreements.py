"""The page of a service agreement: stage, parties, terms, annual contracts, accounts, signing and early end."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from sqlmodel import select
from werkzeug.wrappers import Response

from contracts import labels, services
from contracts.forms import AccountsForm, TerminationForm
from contracts.models import AccountKind, DedicatedAccount, ServiceAgreement
from contracts.rules import AgreementStage, PartYear
from contracts.services import bridging, standing
from contracts.services.dues import measured_against_cost
from contracts.services.securities import ARTICLE, LAW, security_standing
from contracts.views import access
from contracts.views.blueprint import bp
from core.clock import local_date
from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.web import actor, allow, clock, now, session
from tender.models import Award, ContractTerms, Lot, Tender
from tender.rules.securities import YEAR_DAYS

#: Stages in which annual contracts are made and an early end is possible.
RUNNING = (AgreementStage.SIGNED, AgreementStage.IN_FORCE)


@bp.get("/agreements/<int:agreement_id>")
@allow("contracts:view")
def agreement(agreement_id: int) -> str:
    """Everything about one service agreement."""
    row = access.agreement_for(agreement_id)
    database, stage = session(), labels.agreement_standing(row, now())
    award = database.get_one(Award, row.award_id)
    contracts = standing.standings(database, actor(), access.today(), agreement_id=agreement_id)
    return render_template(
        "contracts/agreement.html",
        **page_of(row),
        award=award,
        tender=database.get_one(Tender, award.tender_id),
        lot=database.get_one(Lot, award.lot_id),
        terms=database.exec(select(ContractTerms).where(ContractTerms.lot_id == award.lot_id)).one(),
        security=security_standing(database, row, access.today()),
        security_law=LAW,
        security_article=ARTICLE,
        against_cost=measured_against_cost(row.pack, row.term_from.year) is not None,
        year_days=YEAR_DAYS,
        today=access.today(),
        running=stage in RUNNING,
        years=_years(row, contracts),
        accounts=list(database.exec(select(DedicatedAccount).where(DedicatedAccount.agreement_id == row.id))),
        signing=access.keys_of("contracts.agreement.sign", row),
        ending=access.keys_of("contracts.agreement.terminate", row),
        limit=standing.signing_limit(database, row.award_id),
        lapses=bridging.why_not_bridged(database, row, clock()) is None,
        cite={matter: standing.cite(row, matter) for matter in ("agreement", "fallback", "termination", "accounts")},
        files=access.papers(row, *[entry.contract for entry in contracts]),
        entries=access.log_of(row),
    )


def page_of(row: ServiceAgreement, here: str = "") -> dict[str, Any]:
    """What the head of every page of an agreement needs."""
    own = url_for("contracts.agreement", agreement_id=row.id)
    crumbs = [(gettext("Service agreements"), url_for("contracts.agreements")), (row.number, own if here else "")]
    stage = labels.agreement_standing(row, now())
    return {
        "agreement": row,
        "stage": stage,
        "Stage": AgreementStage,
        "state": labels.AGREEMENT_STAGES[stage],
        "steps": _steps(row, stage),
        "insurer": session().get_one(Organisation, row.insurer_id),
        "agency": session().get_one(Organisation, row.policyholder_id),
        "crumbs": [*crumbs, (here, "")] if here else crumbs,
        "labels": labels,
    }


def _steps(row: ServiceAgreement, stage: AgreementStage) -> list[tuple[Any, str, str]]:
    facts = (
        (gettext("Drafted"), local_date(row.created_at).isoformat()),
        (gettext("Insurer signs"), local_date(row.insurer_signed_at).isoformat() if row.insurer_signed_at else ""),
        (gettext("Agency signs"), local_date(row.agency_signed_at).isoformat() if row.agency_signed_at else ""),
        (gettext("In force"), row.term_from.isoformat()),
        (gettext("Ends"), bridging.covered_until(row).isoformat()),
    )
    at = {
        AgreementStage.DRAFT: 1,
        AgreementStage.INSURER_SIGNED: 2,
        AgreementStage.SIGNED: 3,
        AgreementStage.IN_FORCE: 3,
        AgreementStage.ENDED: 5,
    }.get(stage)
    if at is None:
        ended = local_date(row.terminated_at).isoformat() if row.terminated_at else ""
        return [(label, note, "done") for label, note in facts[:3]] + [(gettext("Terminated"), ended, "now")]
    began = stage is not AgreementStage.SIGNED
    return [
        (label, note, "done" if place < at else "now" if place == at and began else "")
        for place, (label, note) in enumerate(facts)
    ]


def _years(row: ServiceAgreement, contracts: list[standing.Standing]) -> list[dict[str, Any]]:
    """One entry for each insurance year of the term, with its contract where there is one, and for a bridged year."""
    known = {entry.contract.year: entry for entry in contracts}
    found = []
    bridged = [year for year in known if year > row.term_until.year]
    for year in [*range(row.term_from.year, row.term_until.year + 1), *bridged]:
        entry = known.get(year)
        stage = labels.contract_standing(entry.contract, now()) if entry else None
        found.append({"year": year, "entry": entry, "chip": labels.CONTRACT_STAGES[stage] if stage else None})
    return found


@bp.route("/agreements/<int:agreement_id>/terminate", methods=["GET", "POST"])
@allow("contracts:terminate", fresh=True)
def terminate(agreement_id: int) -> Any:
    """Ask a second person to end an agreement at once."""
    row = access.agreement_for(agreement_id)
    form = TerminationForm()
    done = form.save(
        lambda database: services.terminate(
            database,
            actor(),
            clock(),
            agreement_id,
            form.reason.data or "",
            last_day=form.last_day.data,
            part_year=PartYear(form.part_year.data),
        ),
        then=lambda _row: url_for("contracts.agreement", agreement_id=agreement_id, _anchor="end"),
        message=gettext("Sent to a second person"),
    )
    page = page_of(row, gettext("End early"))
    contracts = standing.standings(session(), actor(), access.today(), agreement_id=agreement_id)
    hit = [entry for entry in contracts if entry.contract.year >= access.today().year]
    clause = standing.cite(row, "termination")
    return done or (render_template("contracts/terminate.html", form=form, hit=hit, clause=clause, **page), form.status)


@bp.route("/agreements/<int:agreement_id>/accounts", methods=["GET", "POST"])
@allow("settlement:report")
def accounts(agreement_id: int) -> Response | tuple[str, int]:
    """The insurer records its two dedicated accounts."""
    row = access.agreement_for(agreement_id)
    if not actor().is_insurer:
        raise NotFound(N_("There is no such agreement"))
    form = AccountsForm()
    done = form.save(
        lambda database: services.open_accounts(
            database,
            actor(),
            clock(),
            agreement_id,
            form.bank.data or "",
            {AccountKind.PREMIUM: form.premium.data or "", AccountKind.CLAIMS: form.claims.data or ""},
        ),
        then=lambda _rows: url_for("contracts.agreement", agreement_id=agreement_id, _anchor="accounts"),
        message=gettext("Both accounts are recorded"),
    )
    page = page_of(row, gettext("Dedicated accounts"))
    clause = standing.cite(row, "accounts")
    return done or (render_template("contracts/accounts.html", form=form, clause=clause, **page), form.status)
