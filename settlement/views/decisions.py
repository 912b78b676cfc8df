"""Policy-driven losses: recording the departments' joint decision with every signature, and reading it (J15)."""

from decimal import Decimal
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from core.web import accepts, actor, allow, clock, session
from settlement import services
from settlement.forms import EVIDENCE_MEGABYTES, DecisionForm, with_offices
from settlement.services.decisions import divides_any_balance, finds_amounts
from settlement.views import access
from settlement.views.blueprint import bp


@bp.route("/years/<int:contract_id>/decision", methods=["GET", "POST"])
@allow("settlement:decide_policy_loss")
@accepts(EVIDENCE_MEGABYTES + 1)
def record_decision(contract_id: int) -> Any:
    """Record the decision and ask a second person to approve it."""
    year = access.year_for(contract_id)
    offices = services.deciding_offices(session(), year.contract)
    finds, any_balance = finds_amounts(year.contract), divides_any_balance(year.contract)
    form = with_offices(offices, finds=finds, any_balance=any_balance)()
    done = form.save(
        lambda s: services.record_decision(
            s, actor(), clock(), contract_id,
            attributable=form.attributable.data,
            finding=form.finding.data,
            meeting_held_on=form.meeting_held_on.data,
            signatures=_signatures(form, offices),
            insurer_part=_borne(form.insurer_bears.data),
            fund_part=_borne(form.fund_bears.data),
            evidence=form.evidence.data.read(),
        ),
        then=lambda approval: url_for("approvals.show", approval_id=approval.id),
        message=gettext("The decision was recorded; a second person approves it"),
    )  # fmt: skip
    if done:
        return done
    year = access.year_for(contract_id)
    page = access.page_of(year, (gettext("Decision on a policy-driven loss"), ""))
    fields = [(form[f"signed_by_{place}"], form[f"signed_on_{place}"]) for place in range(len(offices))]
    return render_template("settlement/decide.html", **page, form=form, fields=fields), form.status


@bp.get("/decisions/<int:decision_id>")
@allow("settlement:view")
def decision(decision_id: int) -> str:
    """A recorded decision with its signatures and document."""
    row, year = access.decision_for(decision_id)
    page = access.page_of(year, (gettext("Decision on a policy-driven loss"), ""))
    keys = access.two_keys_of("settlement.decision.approve", row)
    return render_template("settlement/decision.html", **page, decision=row, keys=keys)


@bp.get("/decisions/<int:decision_id>/evidence")
@allow("settlement:view")
def decision_evidence(decision_id: int) -> Response:
    """The signed decision document, as it was uploaded."""
    row, year = access.decision_for(decision_id)
    return access.as_download(row.evidence_sha256, f"{year.contract.number}-decision-{decision_id}")


def _borne(amount: Decimal | None) -> Decimal | None:
    """What is borne is a negative part; nothing where the departments only find an amount."""
    return None if amount is None else -amount


def _signatures(form: DecisionForm, offices: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {
            "organisation": office,
            "signed_by": form[f"signed_by_{place}"].data,
            "signed_on": form[f"signed_on_{place}"].data.isoformat(),
        }
        for place, office in enumerate(offices)
    ]
