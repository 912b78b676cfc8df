"""The settlement sheet: result, rows that answer for themselves, curve, readings, steps, disputes and issue."""

import csv
import io
from fractions import Fraction
from typing import Any

from flask import Response as FlaskResponse
from flask import render_template, url_for
from flask_babel import gettext
from sqlmodel import col, select
from werkzeug.wrappers import Response

from core.documents.models import IssuedDocument
from core.errors import N_, NotFound
from core.house import files_of
from core.money import show_rate
from core.policy.model import Cause as PolicyCause
from core.web import Action, Chip, actor, allow, clock, now, perform, session
from settlement import services
from settlement.models import Outcome, PolicyLossDecision, Settlement, TransferOrder
from settlement.rules.curve import Distance, distance_to_boundary
from settlement.rules.sharing import SharingInvalid
from settlement.rules.words import explain, explain_part
from settlement.services.calculating import Calculation, calculation_of
from settlement.services.ledger import TRANSFER_WORKING_DAYS
from settlement.services.sheet import accepted_disputes, blocked_by_others, blockers, outdated
from settlement.services.standing import Standing
from settlement.views import access, curve, labels
from settlement.views.blueprint import bp
from settlement.views.disputes import may_answer, threads_of
from settlement.views.rule_panel import say
from settlement.views.tracing import Tracer

#: A rate this near a boundary is pointed out: a tenth of a percentage point (regulation E.5).
CLOSE = Fraction(1, 1000)


@bp.get("/sheets/<int:settlement_id>")
@allow("settlement:view")
def sheet(settlement_id: int) -> str:
    """One version of a settlement sheet with everything that explains it."""
    row, year = access.sheet_for(settlement_id)
    calculation = calculation_of(session(), row)
    cause, together = PolicyCause(row.cause.value), calculation.pools is not None
    tracer = Tracer(row, year.contract)
    threads = threads_of(row, year)
    distance = _distance(row, calculation)
    newest = year.sheet is not None and year.sheet.id == row.id
    rate, band = show_rate(calculation.chosen.rate), labels.band_name(access.band_of(year, row))
    page = access.page_of(year, (gettext("Settlement sheet, version %(version)s", version=row.version), ""))
    page["state"] = _state(row, year)
    return render_template(
        "settlement/sheet.html",
        **page,
        sheet=row,
        newest=newest,
        may_dispute=newest and row.issued_at is None and actor().may("settlement:dispute"),
        may_answer=may_answer(),
        groups=tracer.groups(),
        changes=tracer.changes(),
        steps=tracer.steps(rate, band),
        rule=calculation.rule,
        readings=_readings(row, calculation),
        near=curve.nearest(distance) if distance else "",
        close=distance is not None and abs(distance.rate_gap) < CLOSE,
        curve=curve.drawn(
            calculation.rule,
            calculation.chosen,
            cause,
            year.contract.year,
            decided=row.insurer_part if row.decision_id and not together else None,
        ),
        cliffs=curve.cliffs(calculation.rule, calculation.chosen, cause),
        words=_words(calculation),
        together=together,
        interim=calculation.interim,
        changed=[(gettext(one.what, number=one.contract.number), one.contract.id) for one in outdated(session(), row)]
        if newest
        else [],
        band=band,
        shown_rate=rate,
        threads=threads,
        accepted=bool(accepted_disputes(session(), settlement_id)),
        open_disputes=sum(thread.open for thread in threads),
        decision=session().get(PolicyLossDecision, row.decision_id) if row.decision_id else None,
        attachable=_attachable(row, year),
        issue=access.two_keys_of("settlement.sheet.issue", row),
        reasons=[gettext(reason) for reason in blockers(session(), row)],
        reasons_of_others=[gettext(reason) for reason in blocked_by_others(session(), row)] if newest else [],
        order=_order(row),
        transfer_days=TRANSFER_WORKING_DAYS,
        versions=_versions(row.contract_id),
        files=_files(row),
        acts=_acts(row, year),
    )


@bp.get("/sheets/<int:settlement_id>/rows.csv")
@allow("settlement:view")
def sheet_rows(settlement_id: int) -> Response:
    """The rows of a sheet as CSV with a byte-order mark, exact values."""
    row, year = access.sheet_for(settlement_id)
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow([gettext("Row"), gettext("Item"), gettext("Unit"), gettext("Amount"), gettext("Source")])
    for line in Tracer(row, year.contract).lines:
        write.writerow([line.row, labels.row_name(line), line.unit, line.value, line.source])
    name = f"{row.number}-v{row.version}.csv"
    heading = {"Content-Disposition": f'attachment; filename="{name}"'}
    return FlaskResponse("\ufeff" + out.getvalue(), mimetype="text/csv", headers=heading)


@bp.get("/sheets/<int:settlement_id>/papers/<sha256>")
@allow("settlement:view")
def sheet_paper(settlement_id: int, sha256: str) -> Response:
    """The issued PDF or one of its attachments. Raises NotFound for bytes that do not belong to this sheet."""
    row, _ = access.sheet_for(settlement_id)
    for name, content, kind in _papers(row):
        if content == sha256:
            return access.as_download(sha256, name, kind)
    raise NotFound(N_("There is no such document"))


@bp.post("/sheets/<int:settlement_id>/confirm")
@allow("settlement:confirm_sheet", fresh=True)
def confirm_sheet(settlement_id: int) -> Response:
    """The insurer agrees to the draft."""
    return perform(
        lambda s: services.confirm_sheet(s, actor(), clock(), settlement_id),
        then=lambda row: url_for(".sheet", settlement_id=row.id, _anchor="issue"),
        message=gettext("The sheet was confirmed"),
    )


@bp.post("/sheets/<int:settlement_id>/request-issue")
@allow("settlement:issue", fresh=True)
def request_issue(settlement_id: int) -> Response:
    """Ask a second person to issue the sheet."""
    return perform(
        lambda s: services.request_issue(s, actor(), clock(), settlement_id),
        then=lambda _approval: url_for(".sheet", settlement_id=settlement_id, _anchor="issue"),
        message=gettext("A second person was asked to issue the sheet"),
    )


@bp.post("/sheets/<int:settlement_id>/decision/<int:decision_id>")
@allow("settlement:decide_policy_loss")
def attach_decision(settlement_id: int, decision_id: int) -> Response:
    """Settle the sheet by an approved decision of the departments."""
    return perform(
        lambda s: services.attach_decision(s, actor(), clock(), settlement_id, decision_id),
        then=lambda row: url_for(".sheet", settlement_id=row.id),
        message=gettext("The decision of the departments was attached"),
    )


def _state(row: Settlement, year: Standing) -> Chip:
    """The newest version says where the year stands, an older one that it is superseded."""
    if year.sheet is not None and year.sheet.id == row.id:
        return labels.stage_chip(year.stage(now()))
    return Chip("frozen", gettext("Issued, replaced") if row.issued_at else gettext("Superseded draft"))


def _readings(row: Settlement, calculation: Calculation) -> list[dict[str, Any]]:
    chosen, rule = calculation.part, calculation.rule
    return [
        {
            "name": labels.reading_name(rule, name),
            "base": labels.reading_base(rule, name),
            "chosen": name == row.reading,
            "insurer": part.insurer,
            "fund": part.fund,
            "difference": None
            if name == row.reading or part.insurer is None or chosen.insurer is None
            else part.insurer - chosen.insurer,
        }
        for name, part in calculation.parts.items()
    ]


def _distance(row: Settlement, calculation: Calculation) -> Distance | None:
    """How far the rate lies from the nearest boundary; None for a rule without boundaries."""
    try:
        return distance_to_boundary(calculation.rule, calculation.inputs, row.reading)
    except SharingInvalid:
        return None


def _words(calculation: Calculation) -> list[str]:
    """Every number of the calculation, one sentence a step."""
    said = explain(calculation.rule, calculation.inputs, calculation.chosen)
    if calculation.pools is not None:
        said = (*said, *explain_part(calculation.part, calculation.settled, interim=calculation.interim))
    return [say(sentence) for sentence in said]


def _attachable(row: Settlement, year: Standing) -> list[PolicyLossDecision]:
    """Approved decisions of the contract year that could settle this sheet."""
    if row.issued_at is not None or row.outcome is Outcome.SHARED or year.sheet is None or year.sheet.id != row.id:
        return []
    query = select(PolicyLossDecision).where(
        PolicyLossDecision.contract_id == row.contract_id, col(PolicyLossDecision.approved_at).is_not(None)
    )
    return [decision for decision in session().exec(query) if decision.id != row.decision_id]


def _order(row: Settlement) -> TransferOrder | None:
    return session().exec(select(TransferOrder).where(TransferOrder.settlement_id == row.id)).one_or_none()


def _versions(contract_id: int) -> list[Settlement]:
    query = select(Settlement).where(Settlement.contract_id == contract_id)
    return list(session().exec(query.order_by(col(Settlement.version).desc())))


def _papers(row: Settlement) -> list[tuple[str, str, str]]:
    """Name, hash and kind of the issued PDF and its attachments."""
    paper = session().get(IssuedDocument, row.document_id) if row.document_id else None
    if paper is None:
        return []
    attachments = [(one["name"], one["sha256"], "application/octet-stream") for one in paper.attachments]
    return [(f"{row.number}-v{row.version}.pdf", paper.pdf_sha256, "application/pdf"), *attachments]


def _files(row: Settlement) -> list[dict[str, Any]]:
    """The papers for the component `files`."""
    store = files_of(session())
    return [
        {
            "title": name,
            "url": url_for(".sheet_paper", settlement_id=row.id, sha256=sha256),
            "note": f"SHA-256 {sha256[:16]}…",
            "size": store.path(sha256).stat().st_size,
        }
        for name, sha256, _ in _papers(row)
    ]


def _acts(row: Settlement, year: Standing) -> list[Action]:
    acts = [Action(gettext("What if"), url_for(".what_if", contract_id=year.contract.id))]
    files = _files(row)
    if files:
        acts.append(Action(gettext("Download PDF"), files[0]["url"]))
    return acts
