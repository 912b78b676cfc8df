"""Disputes by row: the insurer contests with evidence, the department answers, keeps the row or changes it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from sqlmodel import col, select
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.calendar import add_working_days
from core.clock import local_date
from core.errors import N_, NotFound
from core.home.gather import working_days
from core.web import Chip, accepts, actor, allow, clock, now, perform, session
from core.web.filters import named
from settlement import services
from settlement.forms import EVIDENCE_MEGABYTES, AnswerForm, DisputeForm
from settlement.models import DisputeMessage, LineDispute, Settlement
from settlement.services.lines import lines_of
from settlement.services.standing import Standing
from settlement.views import access, labels
from settlement.views.blueprint import bp


@dataclass(frozen=True)
class Said:
    """One statement, ready for the page. ours: said by the public side; file: the address of its evidence."""

    by: str
    at: datetime
    text: str
    ours: bool
    file: str | None
    file_name: str | None


@dataclass(frozen=True)
class Thread:
    """A dispute ready for the page. last_day: until when the side whose turn it is should answer, while open."""

    id: int
    row: str
    name: Any
    chip: Chip
    open: bool
    messages: tuple[Said, ...]
    last_day: date | None
    days: int
    state: str


@bp.route("/sheets/<int:settlement_id>/dispute", methods=["GET", "POST"])
@allow("settlement:dispute")
@accepts(EVIDENCE_MEGABYTES + 1)
def raise_dispute(settlement_id: int) -> Any:
    """Contest one row of a draft."""
    row, year = access.sheet_for(settlement_id)
    form = DisputeForm()
    form.row.choices = _choices(settlement_id)
    if not form.is_submitted() and request.args.get("row"):
        form.row.data = request.args["row"]
    done = form.save(
        lambda s: services.raise_dispute(
            s, actor(), clock(), settlement_id, form.row.data, form.text.data, evidence_of(form)
        ),
        then=lambda dispute: url_for(".sheet", settlement_id=settlement_id, _anchor=f"dispute-{dispute.id}"),
        message=gettext("The dispute was raised; the department answers"),
    )
    if done:
        return done
    row, year = access.sheet_for(settlement_id)
    sheet = gettext("Settlement sheet, version %(version)s", version=row.version)
    crumbs = ((sheet, url_for(".sheet", settlement_id=settlement_id)), (gettext("Dispute a row"), ""))
    return render_template("settlement/raise.html", **access.page_of(year, *crumbs), form=form, sheet=row), form.status


@bp.route("/disputes/<int:dispute_id>", methods=["GET", "POST"])
@allow("settlement:view")
@accepts(EVIDENCE_MEGABYTES + 1)
def dispute(dispute_id: int) -> Any:
    """One dispute with its thread; either side answers here."""
    row, sheet, year = access.dispute_for(dispute_id)
    form = AnswerForm()
    done = form.save(
        lambda s: services.answer(s, actor(), clock(), dispute_id, form.text.data, evidence_of(form)),
        then=lambda _said: url_for(".sheet", settlement_id=row.settlement_id, _anchor=f"dispute-{dispute_id}"),
        message=gettext("The answer was sent"),
    )
    if done:
        return done
    row, sheet, year = access.dispute_for(dispute_id)
    thread = next(one for one in threads_of(sheet, year) if one.id == dispute_id)
    title = gettext("Settlement sheet, version %(version)s", version=sheet.version)
    name = gettext("Dispute of row %(row)s", row=row.row)
    crumbs = ((title, url_for(".sheet", settlement_id=sheet.id)), (name, ""))
    page = access.page_of(year, *crumbs)
    page["state"] = thread.chip
    return render_template(
        "settlement/dispute.html", **page, form=form, thread=thread, sheet=sheet, may_answer=may_answer(), name=name
    ), form.status


@bp.post("/disputes/<int:dispute_id>/close/<outcome>")
@allow("settlement:answer_dispute")
def close_dispute(dispute_id: int, outcome: str) -> Response:
    """The department keeps the row, or accepts and changes it in the next version."""
    if outcome not in ("accepted", "kept"):
        raise NotFound(N_("There is no such entry"))
    return perform(
        lambda s: services.close(s, actor(), clock(), dispute_id, accepted=outcome == "accepted"),
        then=lambda row: url_for(".sheet", settlement_id=row.settlement_id, _anchor="disputes"),
        message=gettext("The dispute was closed"),
    )


@bp.get("/disputes/<int:dispute_id>/evidence/<int:message_id>")
@allow("settlement:view")
def evidence(dispute_id: int, message_id: int) -> Response:
    """The evidence of one statement."""
    access.dispute_for(dispute_id)
    said = session().get(DisputeMessage, message_id)
    if said is None or said.dispute_id != dispute_id or not said.evidence_sha256:
        raise NotFound(N_("There is no such document"))
    return access.as_download(said.evidence_sha256, said.evidence_name or "evidence")


def evidence_of(form: DisputeForm | AnswerForm) -> tuple[str, bytes] | None:
    """The uploaded file as services take it."""
    upload = form.evidence.data
    return (upload.filename, upload.read()) if upload and upload.filename else None


def may_answer() -> bool:
    """Whether this person may speak in a dispute."""
    return actor().may("settlement:dispute" if actor().is_insurer else "settlement:answer_dispute")


def threads_of(sheet: Settlement, year: Standing) -> list[Thread]:
    """The disputes of a sheet with all that was said, open ones first."""
    disputes = session().exec(select(LineDispute).where(LineDispute.settlement_id == sheet.id).order_by(LineDispute.id))
    names = {line.row: labels.row_name(line) for line in lines_of(session(), sheet.id or 0)}
    found = [_thread(one, names.get(one.row, one.row), year) for one in disputes]
    return sorted(found, key=lambda thread: not thread.open)


def _thread(row: LineDispute, name: Any, year: Standing) -> Thread:
    query = select(DisputeMessage).where(DisputeMessage.dispute_id == row.id).order_by(col(DisputeMessage.id))
    messages = tuple(_said(one, year) for one in session().exec(query))
    is_open, department_next = row.closed_at is None, not messages[-1].ours
    today = local_date(now())
    last = add_working_days(local_date(messages[-1].at), year.contract.dispute_working_days).date if is_open else None
    days = working_days(*sorted((today, last))) if last else 0
    state = "over" if last and last < today else "today" if last == today else "later"
    return Thread(row.id or 0, row.row, name, _chip(row, department_next), is_open, messages, last, days, state)


def _chip(row: LineDispute, department_next: bool) -> Chip:
    if row.closed_at is not None:
        accepted = row.outcome == "accepted"
        return Chip("ok", gettext("Accepted, row changes") if accepted else gettext("Row kept"))
    mine = department_next != actor().is_insurer
    if mine:
        return Chip("wait", gettext("Our answer due"))
    return Chip("run", gettext("The department answers") if department_next else gettext("The insurer answers"))


def _said(row: DisputeMessage, year: Standing) -> Said:
    organisation = access.organisation_of(row.said_by)
    ours = organisation is None or organisation.id != year.insurer.id
    by = f"{named(organisation)}　{access.person(row.said_by)}" if organisation else access.person(row.said_by)
    url = url_for(".evidence", dispute_id=row.dispute_id, message_id=row.id) if row.evidence_sha256 else None
    return Said(by, row.said_at, row.text, ours, url, row.evidence_name)


def _choices(settlement_id: int) -> list[SelectChoice]:
    """Rows that carry a figure; the calculation's steps and the parts of row 7 follow from them."""
    return [
        SelectChoice(line.row, f"{line.row}　{labels.row_name(line)}")
        for line in lines_of(session(), settlement_id)
        if not line.row.startswith("S") and line.unit
    ]
