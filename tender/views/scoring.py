"""Scoring: a member's own sheets, the joint check of departing scores, and the threshold from which it asks."""

from decimal import Decimal
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from core.errors import N_, NotFound
from core.web import actor, allow, clock, perform, session
from tender import services
from tender.forms.review import (
    ReopenForm,
    ThresholdForm,
    check_form,
    score_form,
)
from tender.models import (
    Bid,
    CommitteeMember,
    Criterion,
    Score,
    ScoreCheck,
    Tender,
)
from tender.services.joint_check import checks_of, own_checks, threshold_of, unanswered
from tender.services.scoring import scores_of, sheet_of
from tender.services.stage import cite
from tender.views import access, labels
from tender.views.blueprint import bp
from tender.views.results import insurer_name
from tender.views.review import documents_of, lot_of_bid, own_seat


@bp.get("/<int:tender_id>/scoring")
@allow("tender:score")
def scoring(tender_id: int) -> Any:
    """A member's own sheets, lot by lot."""
    tender = access.tender_for(tender_id)
    mine = _seat(tender)
    lots = [lot for lot in services.lots_of(session(), tender_id) if lot.failed_at is None]
    page = access.page_of(tender, gettext("My scoring sheet"))
    sheets = [(lot, sheet_of(session(), mine, lot.id or 0)) for lot in lots]
    held = checks_of(session(), tender)
    return render_template(
        "tender/scoring.html", sheets=sheets, checking=bool(held), mine=mine,
        waiting=len(unanswered(session(), tender)),
        own=[_check(row, score, bid) for row, score, bid in own_checks(session(), mine, tender)],
        threshold=threshold_of(tender), clause=cite(tender, "objective"), **page,
    )  # fmt: skip


def _check(row: ScoreCheck, score: Score, bid: Bid) -> dict[str, Any]:
    line = session().get_one(Criterion, score.criterion_id)
    return {"row": row, "score": score, "insurer": insurer_name(bid), "lot": lot_of_bid(bid), "line": line}


@bp.route("/<int:tender_id>/scoring/checks/<int:check_id>", methods=["GET", "POST"])
@allow("tender:score", fresh=True)
def answer_check(tender_id: int, check_id: int) -> Any:
    """Stand by a departing score or correct it, with a reason."""
    tender = access.tender_for(tender_id)
    found = next((one for one in own_checks(session(), _seat(tender), tender) if one[0].id == check_id), None)
    if found is None or found[0].answered_at is not None:
        raise NotFound(N_("There is no such score"))
    shown = _check(*found)
    form = check_form(shown["line"], shown["score"].points)
    done = form.save(
        lambda database: services.answer_check(
            database, actor(), clock(), check_id, reason=form.reason.data or "", points=Decimal(form.points.data)
        ),
        then=lambda _row: url_for("tender.scoring", tender_id=tender_id),
        message=gettext("Your answer is recorded"),
    )
    page = access.page_of(tender, gettext("Joint check of the scores"))
    return done or (render_template("tender/check.html", form=form, check=shown, **page), form.status)


@bp.post("/<int:tender_id>/scoring/checks/end")
@allow("tender:score", fresh=True)
def end_check(tender_id: int) -> Any:
    """The chair ends the joint check."""
    return perform(
        lambda database: services.end_check(database, actor(), clock(), tender_id),
        then=lambda _row: url_for("tender.scoring", tender_id=tender_id),
        message=gettext("The joint check is ended and the technical scores are fixed"),
    )


@bp.route("/<int:tender_id>/scoring/<int:position>/reopen", methods=["GET", "POST"])
@allow("tender:score", fresh=True)
def reopen_sheet(tender_id: int, position: int) -> Any:
    """Take the own locked sheet back while others are still open."""
    tender = access.tender_for(tender_id)
    _seat(tender)
    lot = next((row for row in services.lots_of(session(), tender_id) if row.position == position), None)
    if lot is None:
        raise NotFound(N_("There is no such lot"))
    form, number = ReopenForm(), lot.id or 0
    done = form.save(
        lambda database: services.reopen_sheet(database, actor(), clock(), number, form.reason.data or ""),
        then=lambda _row: url_for("tender.score", tender_id=tender_id, position=position),
        message=gettext("Your sheet is open again"),
    )
    title = gettext("Reopen my sheet")
    page = access.page_of(tender, title)
    back = url_for("tender.scoring", tender_id=tender_id)
    body = render_template("tender/edit.html", form=form, title=title, back=back, **page)
    return done or (body, form.status)


@bp.route("/<int:tender_id>/committee/threshold", methods=["GET", "POST"])
@allow("tender:appoint_committee")
def threshold(tender_id: int) -> Any:
    """How far a score may depart from the others' mean without a reason."""
    tender = access.tender_for(tender_id)
    form = ThresholdForm(data={"part": threshold_of(tender)})
    done = form.save(
        lambda database: services.set_threshold(database, actor(), clock(), tender_id, form.part.data or Decimal(0)),
        then=lambda _row: url_for("tender.conformity", tender_id=tender_id),
        message=gettext("Saved"),
    )
    title = gettext("Threshold of the joint check")
    page = access.page_of(tender, title)
    hints = {"part": gettext("No text sets a number; the evaluation report prints the one chosen.")}
    back = url_for("tender.conformity", tender_id=tender_id)
    body = render_template("tender/edit.html", form=form, title=title, hints=hints, back=back, **page)
    return done or (body, form.status)


def _seat(tender: Tender) -> CommitteeMember:
    mine = own_seat(tender)
    if mine is None or mine.declared_at is None:
        raise NotFound(N_("There is no such tender"))
    return mine


@bp.route("/<int:tender_id>/scoring/<int:position>", methods=["GET", "POST"])
@allow("tender:score")
def score(tender_id: int, position: int) -> Any:
    """One's own sheet for a lot: points from the closed list of every criterion, for every bid."""
    tender = access.tender_for(tender_id)
    mine = _seat(tender)
    lot = next((row for row in services.lots_of(session(), tender_id) if row.position == position), None)
    if lot is None:
        raise NotFound(N_("There is no such lot"))
    bids = [(bid, insurer_name(bid)) for bid in services.scored_bids(session(), tender, lot.id)]
    criteria = services.scored_criteria(session(), tender_id)
    sheet = sheet_of(session(), mine, lot.id or 0)
    known = {(row.bid_id, row.criterion_id): row.points for row in scores_of(session(), sheet)} if sheet else {}
    form = score_form(bids, criteria, known)
    number = lot.id or 0

    def write(database: Any) -> Any:
        points = [
            services.Points(bid.id or 0, row.id or 0, Decimal(form[f"points-{bid.id}-{row.id}"].data))
            for bid, _insurer in bids
            for row in criteria
            if form[f"points-{bid.id}-{row.id}"].data
        ]
        services.enter_scores(database, actor(), clock(), number, points)
        if request.form.get("lock"):
            services.lock_scores(database, actor(), clock(), number)
        return tender

    done = form.save(
        write, then=lambda _row: url_for("tender.scoring", tender_id=tender_id), message=gettext("Your scores are kept")
    )
    page = access.page_of(tender, gettext("My scoring sheet"))
    body = render_template(
        "tender/score.html", form=form, lot=lot, bids=bids, criteria=criteria, sheet=sheet, labels=labels,
        documents={bid.id: documents_of(tender, bid) for bid, _insurer in bids}, **page,
    )  # fmt: skip
    return done or (body, form.status)

