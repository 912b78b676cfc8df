"""The pages of those who watch a tender: hints of collusion, findings of the supervision, the fifteen-year archive."""

from io import BytesIO
from typing import Any

from flask import render_template, send_file, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.errors import N_, NotFound
from core.house import files_of
from core.identity.models import Organisation, User
from core.web import Form, actor, allow, clock, perform, session
from tender import services
from tender.models import Bid, SupervisionFinding, Tender
from tender.rules.collusion import ALIKE, HintKind
from tender.services.archiving import archive_of, ended_on, kept_until
from tender.services.collusion import ANNEXABLE, hints_of
from tender.services.review import committee_of
from tender.services.supervising import findings_of
from tender.views import access
from tender.views.blueprint import bp
from tender.views.labels import STAGES_BY_VALUE

HINTS = {
    HintKind.ACCOUNT: lazy_gettext("Bid securities from one account"),
    HintKind.PERSON: lazy_gettext("The same contact or address"),
    HintKind.SAME_FILE: lazy_gettext("The very same file"),
    HintKind.AUTHOR: lazy_gettext("The same author or last editor of a file"),
    HintKind.CREATED: lazy_gettext("Files made by one program at one instant"),
    HintKind.TEXT: lazy_gettext("Texts that are alike"),
    HintKind.STEPS: lazy_gettext("Prices on equal steps"),
    HintKind.MIRRORED: lazy_gettext("The distance of two prices, turned round in another lot"),
}


class NoteForm(Form):
    """What somebody thinks of a hint."""

    text = TextAreaField(lazy_gettext("What is to be thought of it"), [InputRequired()], render_kw={"rows": 3})


class FindingForm(Form):
    """A finding of the supervision."""

    text = TextAreaField(lazy_gettext("What is wrong"), [InputRequired()], render_kw={"rows": 5})
    article = StringField(lazy_gettext("Article it offends"), [InputRequired(), Length(max=100)])


class FindingReplyForm(Form):
    """The purchaser's reply."""

    reply = TextAreaField(lazy_gettext("What was done about it"), [InputRequired()], render_kw={"rows": 5})


def _opened_tender(tender_id: int) -> Tender:
    tender = access.tender_for(tender_id)
    if not access.may_see_bids(tender):
        raise NotFound(N_("There is no such tender"))
    return tender


@bp.get("/<int:tender_id>/hints")
@allow("tender:note_hint")
def hints(tender_id: int) -> Any:
    """What opened bids have in common, with evidence and notes; a hint never rejects a bid."""
    tender = _opened_tender(tender_id)
    seat = next((row for row in committee_of(session(), tender_id) if row.user_id == actor().user_id), None)
    page = access.page_of(tender, gettext("Hints of collusion"))
    annexable = page["stage"] in ANNEXABLE
    return render_template(
        "tender/hints.html",
        entries=[_shown(entry) for entry in hints_of(session(), tender)],
        alike=ALIKE,
        may_annex=bool(seat and seat.is_chair and annexable),
        **page,
    )


def _shown(entry: Any) -> dict[str, Any]:
    bids = [session().get_one(Bid, number) for number in entry.hint.bids]
    return {
        "key": entry.hint.key,
        "title": HINTS[entry.hint.kind],
        "clause": entry.hint.clause,
        "bidders": list(dict.fromkeys(session().get_one(Organisation, bid.bidder_id).name for bid in bids)),
        "evidence": entry.hint.evidence,
        "notes": [(session().get_one(User, note.noted_by).name, note) for note in entry.notes],
        "mine": any(note.noted_by == actor().user_id for note in entry.notes),
    }


@bp.route("/<int:tender_id>/hints/<key>", methods=["GET", "POST"])
@allow("tender:note_hint")
def note_hint(tender_id: int, key: str) -> Any:
    """Note what is to be thought of a hint."""
    tender = _opened_tender(tender_id)
    entry = next((entry for entry in hints_of(session(), tender) if entry.hint.key == key), None)
    if entry is None:
        raise NotFound(N_("There is no such hint"))
    form = NoteForm()
    done = form.save(
        lambda database: services.note_hint(database, actor(), clock(), tender_id, key, form.text.data or ""),
        then=lambda _row: url_for("tender.hints", tender_id=tender_id),
        message=gettext("Noted"),
    )
    page = access.page_of(tender, gettext("Hints of collusion"))
    return done or (render_template("tender/hint.html", form=form, entry=_shown(entry), **page), form.status)


@bp.post("/<int:tender_id>/hints/annex")
@allow("tender:score", fresh=True)
def annex_hints(tender_id: int) -> Any:
    """The chair has the hints printed in the evaluation report."""
    _opened_tender(tender_id)
    return perform(
        lambda database: services.annex_hints(database, actor(), clock(), tender_id),
        then=lambda _row: url_for("tender.hints", tender_id=tender_id),
        message=gettext("The hints will stand in the evaluation report as an annex"),
    )


@bp.get("/<int:tender_id>/findings")
@allow("tender:read_findings")
def findings(tender_id: int) -> Any:
    """The findings of the supervision with the purchaser's replies."""
    tender = access.tender_for(tender_id)
    rows = [(session().get_one(User, row.recorded_by).name, row) for row in findings_of(session(), tender_id)]
    page = access.page_of(tender, gettext("Findings of the supervision"))
    return render_template("tender/findings.html", rows=rows, stages=STAGES_BY_VALUE, **page)


@bp.route("/<int:tender_id>/findings/new", methods=["GET", "POST"])
@allow("tender:supervise")
def new_finding(tender_id: int) -> Any:
    """The supervisor records a finding."""
    tender = access.tender_for(tender_id)
    form = FindingForm()
    done = form.save(
        lambda database: services.record_finding(
            database, actor(), clock(), tender_id, text=form.text.data or "", clause=form.article.data or ""
        ),
        then=lambda _row: url_for("tender.findings", tender_id=tender_id),
        message=gettext("The finding stands on the purchaser's desk until it is answered"),
    )
    title = gettext("Record a finding")
    page = access.page_of(tender, title) | {"back": url_for("tender.findings", tender_id=tender_id)}
    return done or (render_template("tender/edit.html", form=form, title=title, hints={}, **page), form.status)


@bp.route("/findings/<int:finding_id>/reply", methods=["GET", "POST"])
@allow("tender:answer_finding")
def reply_finding(finding_id: int) -> Any:
    """The purchaser replies to a finding."""
    row = session().get(SupervisionFinding, finding_id)
    if row is None:
        raise NotFound(N_("There is no such finding"))
    tender = access.tender_for(row.tender_id)
    form = FindingReplyForm()
    done = form.save(
        lambda database: services.reply_finding(database, actor(), clock(), finding_id, form.reply.data or ""),
        then=lambda _row: url_for("tender.findings", tender_id=row.tender_id),
        message=gettext("Saved"),
    )
    title = gettext("Reply to finding No. %(number)s", number=row.number)
    hints = {"reply": f"{row.text} （{row.clause}）"}
    page = access.page_of(tender, title) | {"back": url_for("tender.findings", tender_id=row.tender_id)}
    return done or (render_template("tender/edit.html", form=form, title=title, hints=hints, **page), form.status)


@bp.get("/<int:tender_id>/archive")
@allow("tender:archive")
def archive(tender_id: int) -> Any:
    """The package of the whole procurement: until when it is kept, building it, and its download."""
    tender = access.tender_for(tender_id)
    return render_template(
        "tender/archive.html",
        archive=archive_of(session(), tender),
        ended=ended_on(session(), tender),
        keep_until=kept_until(session(), tender),
        **access.page_of(tender, gettext("Archive")),
    )


@bp.post("/<int:tender_id>/archive/build")
@allow("tender:archive")
def build_archive(tender_id: int) -> Any:
    """Queue the building of the package."""
    access.tender_for(tender_id)
    return perform(
        lambda database: services.request_archive(database, actor(), clock(), tender_id),
        then=lambda task: url_for(
            "tasks.detail", task_id=task.id, next=url_for("tender.archive", tender_id=tender_id)
        ),
        message=gettext("The archive is being built"),
    )


@bp.get("/<int:tender_id>/archive/download")
@allow("tender:archive")
def download_archive(tender_id: int) -> Any:
    """The newest package as a ZIP."""
    tender = access.tender_for(tender_id)
    row = archive_of(session(), tender)
    if row is None:
        raise NotFound(N_("The archive is not built yet"))
    content = files_of(session()).get(row.sha256)
    return send_file(BytesIO(content), "application/zip", as_attachment=True, download_name=f"{tender.number}.zip")
