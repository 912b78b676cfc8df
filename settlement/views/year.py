"""A contract year: what has been reported for it, what is missing, and the versions of its settlement sheet."""

from dataclasses import dataclass
from typing import Any, cast

from flask import render_template, url_for
from flask_babel import gettext, ngettext
from sqlmodel import col, select
from wtforms.fields import SelectChoice

from contracts.services.premiums import premium_due, premium_received
from core.clock import local_date
from core.web import Action, actor, allow, clock, now, session
from core.web.filters import day, moment, number
from settlement import services
from settlement.forms import PrepareForm, PrepareScoredForm
from settlement.models import Cause, PolicyLossDecision, Settlement
from settlement.rules.stages import YearStage
from settlement.rules.together import alone, scored
from settlement.services.awaiting import NO_COUNT, NO_FIGURES, NO_FILE, NO_TARGET, Lack, lacking
from settlement.services.calculating import rule_if_any
from settlement.services.decisions import finds_amounts
from settlement.services.figures import latest_months
from settlement.services.pools import assessments_of
from settlement.services.standing import Standing, standing
from settlement.views import access, labels
from settlement.views.blueprint import bp


@dataclass(frozen=True)
class Input:
    """One thing the settlement needs: whether it is there, why not, and where to bring it."""

    level: str
    title: str
    why: str
    clause: str | None
    act: Action | None


@bp.route("/years/<int:contract_id>", methods=["GET", "POST"])
@allow("settlement:view")
def year(contract_id: int) -> Any:
    """The contract year and, for the department, drafting its sheet."""
    found = access.year_for(contract_id)
    form = _prepare_form(found)
    done = form.save(
        lambda s: services.prepare_sheet(
            s,
            actor(),
            clock(),
            contract_id,
            cause=Cause(form.cause.data),
            change_reason=form.change_reason.data or None,
            assessment_id=form.assessment.data if "assessment" in form else None,
        ),
        then=lambda sheet: url_for(".sheet", settlement_id=sheet.id),
        message=gettext("The draft was prepared and stands with the insurer"),
    )
    if done:
        return done
    found = access.year_for(contract_id)
    page = access.page_of(found)
    return render_template(
        "settlement/year.html",
        **page,
        form=form,
        inputs=[*inputs_of(found), *_others(found)],
        may_prepare=actor().may("settlement:prepare"),
        may_decide=actor().may("settlement:decide_policy_loss")
        and (found.needs_decision or finds_amounts(found.contract)),
        why_not=_why_not(found),
        premium_due=premium_due(found.contract),
        premium_received=premium_received(session(), contract_id),
        sheets=_sheets(contract_id),
        decisions=_decisions(contract_id),
        acts=_acts(found),
    ), form.status


def inputs_of(year: Standing) -> list[Input]:
    """What the settlement of a contract year needs, missing things with the act that helps."""
    contract_id, reports = cast(int, year.contract.id), actor().may("settlement:report")
    months = len(latest_months(session(), contract_id))
    figures = url_for("settlement.figures", contract_id=contract_id)
    claims = url_for("settlement.claims", contract_id=contract_id)
    month_words = ngettext("%(num)s of 15 months reported", "%(num)s of 15 months reported", months)
    cutoff_passed = local_date(now()) > year.contract.cutoff
    return [
        Input("good" if months == 15 else "warn", gettext("Monthly figures"), month_words, None,
              Action(gettext("Report") if reports else gettext("See"), figures)),
        Input("good" if year.has_confirmed_figures else "bad", gettext("Annual figures"), _figures_words(year), None,
              Action(gettext("Report") if reports else gettext("See"), f"{figures}#annual")),
        Input("good" if year.has_accepted_file else "bad", gettext("Claim file"), _file_words(year), "J6",
              Action(gettext("See"), claims)),
        Input("good" if year.contract.cleared_count is not None else "bad", gettext("Head count cleared"),
              gettext("%(count)s persons, %(time)s", count=number(year.contract.cleared_count),
                      time=moment(year.contract.cleared_at)) if year.contract.cleared_at
              else gettext("The premium finally due is not fixed yet"), "J1", None),
        Input("good" if cutoff_passed else "bad", gettext("Cut-off day"),
              gettext("Claims of the year count until %(day)s", day=day(year.contract.cutoff)), None, None),
    ]  # fmt: skip


def _prepare_form(year: Standing) -> Any:
    """The form of a draft; it asks which assessment counts where the rule takes a score and there are several."""
    rule = rule_if_any(year.contract)
    several = assessments_of(session(), year.contract) if rule is not None and scored(rule) else []
    if len(several) < 2:
        return PrepareForm()
    choices = [SelectChoice(one.id, f"{one.period} {one.score:f}") for one in several]
    form = PrepareScoredForm()
    form.assessment.choices = choices
    return form


def _others(year: Standing) -> list[Input]:
    """What the contract years counted with this one still need, and the sheets that it rests on."""
    rule = rule_if_any(year.contract)
    if rule is None or alone(rule):
        return []
    missing = [
        one
        for one in lacking(session(), year.contract, rule)
        if one.contract.id != year.contract.id or one.what not in (NO_FIGURES, NO_FILE, NO_COUNT)
    ]
    title = gettext("Counted together")
    if not missing:
        words = gettext("Everything that the rule counts with this contract year is there")
        return [Input("good", title, words, str(rule.clause), None)]
    return [
        Input("bad", title, labels.awaited(one, access.insurer_of(one.contract)), None, _way_to(one))
        for one in missing
    ]


def _way_to(lack: Lack) -> Action | None:
    """The page where it is brought: the contract for its agreed cost, else the contract year; none for an insurer that
    may not see it."""
    contract_id = lack.contract.id or 0
    if standing(session(), actor(), contract_id) is None:
        return None
    if lack.what == NO_TARGET:
        return Action(gettext("See"), url_for("contracts.contract", contract_id=contract_id, _anchor="target"))
    return Action(gettext("See"), url_for(".year", contract_id=contract_id))


def _figures_words(year: Standing) -> str:
    row = year.figures
    if row is None:
        return gettext("Not reported yet")
    if row.confirmed_at is None:
        return gettext("Version %(version)s waits for the insurer's second person", version=row.version)
    return gettext("Version %(version)s, confirmed %(time)s", version=row.version, time=moment(row.confirmed_at))


def _file_words(year: Standing) -> str:
    row = year.file
    if row is None:
        return gettext("Not received yet")
    values = {"version": row.version, "rows": number(row.rows)}
    if row.accepted_at is not None:
        return gettext("Version %(version)s, %(rows)s claims, accepted", **values)
    if row.recomputed_at is None:
        return gettext("Version %(version)s, %(rows)s claims, to be recomputed", **values)
    if year.open_findings:
        return ngettext(
            "Version %(version)s: %(num)s finding to resolve", "Version %(version)s: %(num)s findings to resolve",
            year.open_findings, version=row.version,
        )  # fmt: skip
    return gettext("Version %(version)s, recomputed, to be accepted", **values)


def _why_not(year: Standing) -> str:
    """Why no sheet can be drafted now; empty when one can."""
    stage = year.stage(now())
    if stage is YearStage.RUNNING:
        return gettext("Claims still count until %(day)s", day=day(year.contract.cutoff))
    rule = rule_if_any(year.contract)
    if rule is not None and not alone(rule) and lacking(session(), year.contract, rule):
        return gettext("Something that is counted with this contract year is missing")
    complete = year.has_confirmed_figures and year.has_accepted_file and year.contract.cleared_count is not None
    return "" if complete else gettext("Figures, claim file or head count are missing")


def _sheets(contract_id: int) -> list[Settlement]:
    query = select(Settlement).where(Settlement.contract_id == contract_id)
    return list(session().exec(query.order_by(col(Settlement.version).desc())))


def _decisions(contract_id: int) -> list[PolicyLossDecision]:
    query = select(PolicyLossDecision).where(PolicyLossDecision.contract_id == contract_id)
    return list(session().exec(query.order_by(col(PolicyLossDecision.id).desc())))


def _acts(year: Standing) -> list[Action]:
    contract_id = year.contract.id
    acts = [
        Action(gettext("What if"), url_for(".what_if", contract_id=contract_id)),
        Action(gettext("Reconciliation"), url_for(".reconcile_year", contract_id=contract_id)),
    ]
    if year.sheet is not None:
        acts.append(Action(gettext("Settlement sheet"), url_for(".sheet", settlement_id=year.sheet.id), primary=True))
    return acts
