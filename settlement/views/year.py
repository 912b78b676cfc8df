"""A contract year: what has been reported for it, what is missing, and the versions of its settlement sheet."""

from dataclasses import dataclass
from typing import Any, cast

from flask import render_template, url_for
from flask_babel import gettext, ngettext
from sqlmodel import col, select

from contracts.services.premiums import premium_due, premium_received
from core.clock import local_date
from core.web import Action, actor, allow, clock, now, session
from core.web.filters import day, moment, number
from settlement import services
from settlement.forms import PrepareForm
from settlement.models import Cause, PolicyLossDecision, Settlement
from settlement.rules.stages import YearStage
from settlement.services.figures import latest_months
from settlement.services.standing import Standing
from settlement.views import access
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
    form = PrepareForm()
    done = form.save(
        lambda s: services.prepare_sheet(
            s,
            actor(),
            clock(),
            contract_id,
            cause=Cause(form.cause.data),
            change_reason=form.change_reason.data or None,
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
        inputs=inputs_of(found),
        may_prepare=actor().may("settlement:prepare"),
        may_decide=actor().may("settlement:decide_policy_loss") and found.needs_decision,
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
