"""The page of one tender: stages, dates, checks, the sealed state, lots, questions, result, papers and log."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import col, select
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from core.audit import AuditEvent
from core.clock import local_date
from core.identity.models import User
from core.web import Form, actor, allow, clock, now, session
from tender import services
from tender.models import Tender
from tender.rules.publication import Check, Level
from tender.rules.stages import OPENED, Stage, may_open_from
from tender.services.clarification import answered, unanswered
from tender.services.drawing import open_draw
from tender.services.fallback import following
from tender.services.keys import key_holders, unconfirmed
from tender.services.preparation import field_titles
from tender.services.publication import publication_checks, timetable_of
from tender.services.remedies import queries_of, suspended_lots
from tender.services.scoring import criteria_of
from tender.services.stage import cite
from tender.views import access, labels
from tender.views.blueprint import bp
from tender.views.changing import corrigenda_for, waiting_correction
from tender.views.planning import shown_plan
from tender.views.results import lots_with_results

#: Entries of the audit log that are shown as what was done, in words.
WORDS = {
    "tender:tender:create": lazy_gettext("Began the tender"),
    "tender:tender:clone": lazy_gettext("Began the tender from an earlier one"),
    "tender:tender:edit": lazy_gettext("Edited the preparation"),
    "tender:timetable:set": lazy_gettext("Set the timetable"),
    "tender:notice:publish": lazy_gettext("Published notice and tender document"),
    "tender:notice:correct": lazy_gettext("Published a corrigendum"),
    "tender:notice:extend": lazy_gettext("Extended the documents period and announced it"),
    "tender:tender:cancel": lazy_gettext("Cancelled the tender"),
    "tender:tender:close": lazy_gettext("The deadline passed; the sealed state was fixed"),
    "tender:sealed:disclose": lazy_gettext("Disclosed the sealed log entries"),
    "tender:qualification:finish": lazy_gettext("Finished the qualification review"),
    "tender:committee:appoint": lazy_gettext("Drew the committee"),
    "tender:conformity:finish": lazy_gettext("Finished the conformity review"),
    "tender:scores:lock_all": lazy_gettext("All technical scores are locked"),
    "tender:bids:evaluate": lazy_gettext("Computed the evaluation"),
    "tender:award:decide": lazy_gettext("Fixed the winners"),
    "tender:award:replace": lazy_gettext("A winner declined"),
    "tender:decision:record": lazy_gettext("Recorded the government's decision"),
    "tender:tender:fail": lazy_gettext("The tender failed"),
}


@bp.get("/<int:tender_id>")
@allow("tender:view")
def show(tender_id: int) -> Any:
    """Everything about one tender that this person may know at this stage."""
    tender = access.tender_for(tender_id)
    database, standing = session(), services.stage_of(tender, now())
    checks = publication_checks(database, tender) if standing is Stage.PREPARATION else ()
    return render_template(
        "tender/show.html",
        **access.page_of(tender),
        labels=labels,
        acts=_acts(tender, standing),
        **shown_plan(timetable_of(tender), local_date(now())),
        checks=[shown(tender, check) for check in checks],
        blocking=sum(check.level is Level.BLOCK for check in checks),
        publish=access.two_keys_of("tender.publish", tender),
        lots=services.lots_of(database, tender_id),
        criteria=criteria_of(database, tender_id),
        clarifications=answered(database, tender_id),
        queries=queries_of(database, tender_id) if actor().may("tender:answer_query") else [],
        suspended=suspended_lots(database, tender, local_date(now())),
        corrigenda=corrigenda_for(tender),
        correction=waiting_correction(tender),
        cancellation=access.two_keys_of("tender.cancel", tender),
        waiting=unanswered(database, tender_id) if actor().may("tender:answer") else [],
        holders=[database.get_one(User, key.user_id).name for key in key_holders(database, tender_id)],
        missing=[database.get_one(User, key.user_id).name for key in unconfirmed(database, tender_id)],
        keys=services.tender_keys(database, tender_id),
        may_open=may_open_from(tender.deadline, tender.grace_minutes) if tender.deadline else None,
        files=access.files_list(database, tender, "tender.paper"),
        result=lots_with_results(tender) if tender.evaluated_at else [],
        entries=_log(tender),
        secrecy=cite(tender, "secrecy"),
        first=database.get(Tender, tender.retender_of_id) if tender.retender_of_id else None,
        again=following(database, tender),
        opened=standing in OPENED,
    )


def _acts(tender: Tender, standing: Stage) -> list[Any]:
    """The next steps this person can take."""
    person, found = actor(), []
    next_page = {
        Stage.PREPARATION: ("tender:prepare", lazy_gettext("Edit"), "prepare"),
        Stage.SEALED: ("tender:open", lazy_gettext("Opening"), "opening"),
        Stage.QUALIFICATION: ("tender:review_qualification", lazy_gettext("Qualification review"), "qualification"),
        Stage.CONFORMITY: ("tender:review_conformity", lazy_gettext("Committee and conformity"), "conformity"),
        Stage.SCORING: ("tender:score", lazy_gettext("My scoring sheet"), "scoring"),
        Stage.PRICE_OPENING: ("tender:open", lazy_gettext("Opening"), "opening"),
        Stage.EVALUATION: ("tender:evaluate", lazy_gettext("Evaluation"), "result"),
        Stage.DECISION: ("tender:award", lazy_gettext("Award decision"), "winners"),
        Stage.AWARDED: ("tender:award", lazy_gettext("Award"), "winners"),
    }.get(standing)
    if next_page and person.may(next_page[0]):
        found.append(access.act(next_page[1], next_page[2], primary=True, tender_id=tender.id))
    if standing is Stage.PREPARATION and person.may("tender:confirm_key"):
        found.append(access.act(lazy_gettext("Confirm my shares"), "confirm", primary=True, tender_id=tender.id))
    if standing is Stage.BIDDING and person.may("tender:correct"):
        found.append(access.act(lazy_gettext("Corrigendum"), "correct", tender_id=tender.id))
    if standing in (Stage.BIDDING, Stage.SEALED) and person.may("tender:cancel"):
        found.append(access.act(lazy_gettext("Cancel the tender"), "cancel", tender_id=tender.id))
    if standing in (Stage.CANCELLED, Stage.FAILED) and person.may("tender:refund_security"):
        found.append(access.act(lazy_gettext("Bid securities"), "winners", primary=True, tender_id=tender.id))
    if standing in (Stage.SEALED, Stage.QUALIFICATION) and person.may("tender:appoint_committee"):
        found.append(access.act(lazy_gettext("Committee"), "conformity", tender_id=tender.id))
    if any(lot.failed_at for lot in services.lots_of(session(), tender.id or 0)) and standing in (
        Stage.FAILED, Stage.AWARDED,
    ):  # fmt: skip
        found.append(access.act(lazy_gettext("After the failure"), "fallback", tender_id=tender.id))
    if open_draw(session(), tender.id or 0) is not None and person.may("tender:supervise_draw"):
        found.append(access.act(lazy_gettext("Draw of the committee"), "draw", primary=True, tender_id=tender.id))
    return found + _watching(tender)


def _watching(tender: Tender) -> list[Any]:
    """The pages of those who watch: hints once the bids are open, findings, and the archive of an ended tender."""
    person, found = actor(), []
    if person.may("tender:note_hint") and access.may_see_bids(tender):
        found.append(access.act(lazy_gettext("Hints of collusion"), "hints", tender_id=tender.id))
    if person.may("tender:read_findings") and tender.published_at:
        found.append(access.act(lazy_gettext("Findings of the supervision"), "findings", tender_id=tender.id))
    if person.may("tender:archive") and (tender.awarded_at or tender.failed_at or tender.cancelled_at):
        found.append(access.act(lazy_gettext("Archive"), "archive", tender_id=tender.id))
    return found


#: Where the field of a check is edited.
PLACES = {
    "field": "edit_fields", "lots": "edit_lots", "lot": "edit_lots", "terms": "edit_lots", "history": "edit_lots",
    "criteria": "edit_criteria", "criterion": "edit_criteria", "conditions": "edit_conditions", "keys": "ceremony",
    "timetable": "edit_timetable", "deadline": "edit_timetable", "documents_until": "edit_timetable",
    "clarification_until": "edit_timetable", "notice_on": "edit_timetable", "evaluated_on": "edit_timetable",
    "decided_on": "edit_timetable", "award_on": "edit_timetable", "signed_on": "edit_timetable",
}  # fmt: skip


def shown(tender: Tender, check: Check) -> dict[str, Any]:
    """A check for the component `checklist`: translated, with the page where it is mended."""
    params: dict[str, Any] = dict(check.params)
    if check.field.startswith("field-"):
        params["key"] = field_titles(tender).get(str(params.get("key")), params.get("key"))
    place, values = _place(check.field)
    level = {Level.BLOCK: "bad", Level.WARN: "warn", Level.PASS: "good"}[check.level]
    mend = access.act(lazy_gettext("Mend"), place, primary=level == "bad", tender_id=tender.id, **values)
    return {
        "level": level,
        "title": gettext(check.what, **params),
        "why": gettext(check.why, **params) if check.why else "",
        "clause": check.clause,
        "act": mend if level != "good" and actor().may("tender:prepare") else None,
    }


def _place(field: str) -> tuple[str, dict[str, Any]]:
    """The page and the very field where a check is mended: a lot, a criterion, a mandatory field, a date."""
    kind, _, which = field.partition("-")
    place = PLACES.get(kind, "edit_basics")
    if kind in ("lot", "terms") and which:
        return "edit_lot", {"position": int(which), "_anchor": "sharing_reading" if kind == "terms" else None}
    if kind == "history" and which:
        return "add_year", {"position": int(which)}
    if kind == "criterion":
        return place, {"_anchor": field}
    if kind == "field":
        return place, {"_anchor": which}
    anchors = {"criteria": "checks", "timetable": None, "lots": None, "keys": None, "conditions": "conditions"}
    return place, {"_anchor": anchors.get(kind, field)}


def _log(tender: Tender) -> list[dict[str, Any]]:
    rows = session().exec(
        select(AuditEvent)
        .where(
            AuditEvent.object_type == "tender",
            AuditEvent.object_id == str(tender.id),
            col(AuditEvent.action).in_(list(WORDS)),
        )
        .order_by(col(AuditEvent.position).desc())
        .limit(30)
    )
    names: dict[int, str] = {0: gettext("the system")}
    found = []
    for row in rows:
        if row.actor_id not in names:
            names[row.actor_id] = session().get_one(User, row.actor_id).name
        found.append({"at": row.at, "by": names[row.actor_id], "words": WORDS[row.action]})
    return found


@bp.get("/<int:tender_id>/papers/<int:paper_id>")
@allow("tender:view")
def paper(tender_id: int, paper_id: int) -> Any:
    """A paper of the tender as PDF."""
    return access.as_file(session(), access.tender_for(tender_id), paper_id)


class AnswerForm(Form):
    """The department's answer to a question."""

    answer = TextAreaField(lazy_gettext("Answer"), [InputRequired()], render_kw={"rows": 6})


@bp.route("/<int:tender_id>/questions/<int:question_id>", methods=["GET", "POST"])
@allow("tender:answer")
def question(tender_id: int, question_id: int) -> Any:
    """Answer a question; who asked is shown to nobody."""
    tender = access.tender_for(tender_id)
    asked = next((row for row in unanswered(session(), tender_id) if row.id == question_id), None)
    form = AnswerForm()
    done = form.save(
        lambda database: services.answer(database, actor(), clock(), question_id, form.answer.data or ""),
        then=lambda _row: url_for("tender.show", tender_id=tender_id, _anchor="questions"),
        message=gettext("The answer is public now, without the asker"),
    )
    page = access.page_of(tender, gettext("Answer a question"))
    return done or (render_template("tender/answer.html", form=form, question=asked, **page), form.status)
