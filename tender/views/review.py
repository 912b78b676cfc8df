"""Review pages: qualification by the department, the committee and its declarations, conformity, scoring sheets."""

from decimal import Decimal
from io import BytesIO
from typing import Any

from flask import render_template, request, send_file, url_for
from flask_babel import gettext
from sqlmodel import select

from core.clock import local_date
from core.errors import Invalid, N_, NotFound
from core.house import files_of
from core.identity.models import Organisation, User
from core.web import actor, allow, clock, perform, session
from tender import services
from tender.forms.review import (
    ConflictForm,
    FindingForm,
    ReopenForm,
    ThresholdForm,
    check_form,
    qualification_form,
    score_form,
)
from tender.models import (
    Bid,
    CommitteeMember,
    CommitteeSeat,
    Criterion,
    EnvelopeKind,
    Lot,
    QualificationFinding,
    Score,
    ScoreCheck,
    Tender,
)
from tender.rules.proofs import carried
from tender.seal import read
from tender.services.bidding import counted_envelope
from tender.services.joint_check import checks_of, own_checks, threshold_of, unanswered
from tender.services.qualified import CLAUSE as LIST_CLAUSE
from tender.services.qualified import membership
from tender.services.review import conditions_of, conformity_of, qualified
from tender.services.scoring import scores_of, sheet_of
from tender.services.stage import cite
from tender.views import access, labels
from tender.views.blueprint import bp


def _name(bid: Bid) -> str:
    return session().get_one(Organisation, bid.bidder_id).name


def _lot(bid: Bid) -> Lot:
    return session().get_one(Lot, bid.lot_id)


def _opened_bid(tender: Tender, bid_id: int) -> Bid:
    bid = next((row for row in services.opened_bids(session(), tender) if row.id == bid_id), None)
    if bid is None or not access.may_see_bids(tender):
        raise NotFound(N_("There is no such bid"))
    return bid


@bp.get("/<int:tender_id>/qualification")
@allow("tender:review_qualification")
def qualification(tender_id: int) -> Any:
    """Every opened bid with the state of its qualification review."""
    tender = access.tender_for(tender_id)
    bids = [
        {
            "bid": bid, "insurer": _name(bid), "lot": _lot(bid), "qualified": qualified(session(), bid),
            "listed": membership(session(), bid).listed,
        }  # fmt: skip
        for bid in services.opened_bids(session(), tender)
    ]
    page = access.page_of(tender, gettext("Qualification review"))
    return render_template("tender/qualification.html", bids=bids, **page)


@bp.route("/<int:tender_id>/qualification/<int:bid_id>", methods=["GET", "POST"])
@allow("tender:review_qualification")
def qualify(tender_id: int, bid_id: int) -> Any:
    """One bid against every condition, with its technical envelope's documents beside."""
    tender = access.tender_for(tender_id)
    bid = _opened_bid(tender, bid_id)
    conditions = conditions_of(session(), tender_id)
    form = qualification_form(conditions)
    if not form.is_submitted():
        for row in session().exec(select(QualificationFinding).where(QualificationFinding.bid_id == bid_id)):
            form[f"condition-{row.condition_id}"].data = "yes" if row.passed else "no"
            form[f"reason-{row.condition_id}"].data = row.reason or ""
    done = form.save(
        lambda database: services.review_qualification(database, actor(), clock(), bid_id, _findings(form, conditions)),
        then=lambda _rows: url_for("tender.qualification", tender_id=tender_id),
        message=gettext("Saved"),
    )
    page = access.page_of(tender, gettext("Qualification review"))
    body = render_template(
        "tender/qualify.html", form=form, insurer=_name(bid), lot=_lot(bid), conditions=conditions,
        documents=documents_of(tender, bid), proofs=proofs_of(tender, bid), membership=membership(session(), bid),
        list_clause=LIST_CLAUSE, **page,
    )  # fmt: skip
    return done or (body, form.status)


def _findings(form: Any, conditions: list[Any]) -> dict[int, services.Finding]:
    return {
        row.id: services.Finding(form[f"condition-{row.id}"].data == "yes", form[f"reason-{row.id}"].data or "")
        for row in conditions
    }


def documents_of(tender: Tender, bid: Bid) -> list[dict[str, Any]]:
    """The documents of a bid's opened technical envelope, for the component `files`."""
    content = _container(bid, EnvelopeKind.TECHNICAL)
    return [
        {
            "title": file.name,
            "url": url_for("tender.bid_document", tender_id=tender.id, bid_id=bid.id, number=number),
            "note": "",
            "size": len(file.content),
        }
        for number, file in enumerate(read(content).files if content else (), 1)
    ]


def proofs_of(tender: Tender, bid: Bid) -> dict[str, Any]:
    """The proofs asked for with the documents that are said to be them, for the component of the two reviews."""
    content = _container(bid, EnvelopeKind.TECHNICAL)
    said = [file.proof for file in read(content).files] if content else []
    documents = documents_of(tender, bid)
    branch = session().get_one(Organisation, bid.bidder_id).parent_id is not None
    published = local_date(tender.published_at) if tender.published_at else tender.term_from
    return {
        "lines": [(line, [documents[place - 1] for place in line.places])
                  for line in carried(published, said, branch=branch)],
        "typed": any(said),
        "branch": branch,
    }  # fmt: skip


def _container(bid: Bid, kind: EnvelopeKind) -> bytes | None:
    envelope = counted_envelope(session(), bid, kind)
    return files_of(session()).get(envelope.content_sha256) if envelope.content_sha256 else None


@bp.get("/<int:tender_id>/bids/<int:bid_id>/documents/<int:number>")
@allow("tender:read_bids")
def bid_document(tender_id: int, bid_id: int, number: int) -> Any:
    """A document of an opened technical envelope, as a download that no browser runs."""
    tender = access.tender_for(tender_id)
    bid = _opened_bid(tender, bid_id)
    content = _container(bid, EnvelopeKind.TECHNICAL)
    held = read(content).files if content else ()
    if not 1 <= number <= len(held):
        raise NotFound(N_("There is no such document"))
    return send_file(
        BytesIO(held[number - 1].content), "application/octet-stream", as_attachment=True,
        download_name=held[number - 1].name,
    )  # fmt: skip


@bp.post("/<int:tender_id>/qualification/finish")
@allow("tender:review_qualification", fresh=True)
def finish_qualification(tender_id: int) -> Any:
    """End the qualification review."""
    return perform(
        lambda database: services.finish_qualification(database, actor(), clock(), tender_id),
        then=lambda _row: url_for("tender.show", tender_id=tender_id),
        message=gettext("The qualification review is finished"),
    )


def _members(tender: Tender) -> list[CommitteeMember]:
    return services.committee_of(session(), tender.id or 0)


def _mine(tender: Tender) -> CommitteeMember | None:
    return next((member for member in _members(tender) if member.user_id == actor().user_id), None)


@bp.get("/<int:tender_id>/committee")
@allow("tender:review_conformity")
def conformity(tender_id: int) -> Any:
    """The committee, one's own declaration, and the conformity review of every qualified bid."""
    tender = access.tender_for(tender_id)
    mine = _mine(tender)
    seen = access.may_see_bids(tender)
    bids = [bid for bid in services.opened_bids(session(), tender) if qualified(session(), bid)] if seen else []
    handler = actor().may("tender:appoint_committee")
    names = {member.user_id: session().get_one(User, member.user_id).name for member in _members(tender)}
    return render_template(
        "tender/committee.html",
        **access.page_of(tender, gettext("Committee and conformity")),
        members=[(names[member.user_id], member) for member in _members(tender)] if handler or mine else [],
        mine=mine,
        handler=handler,
        bids=[
            {"bid": bid, "insurer": _name(bid), "lot": _lot(bid), "finding": conformity_of(session(), bid)}
            for bid in bids
        ],
        Seat=CommitteeSeat,
        threshold=threshold_of(tender),
    )


@bp.route("/<int:tender_id>/committee/declare", methods=["GET", "POST"])
@allow("tender:score")
def declare(tender_id: int) -> Any:
    """A member declares before seeing any bid."""
    tender = access.tender_for(tender_id)
    form = ConflictForm()

    def write(database: Any) -> Any:
        if form.none.data == bool((form.conflict.data or "").strip()):
            raise Invalid(N_("Say either that there is no interest, or what it is"), field="conflict")
        return services.declare_conflict(database, actor(), clock(), tender_id, form.conflict.data or "")

    done = form.save(write, then=lambda _row: url_for("home.index"), message=gettext("Your declaration is recorded"))
    page = access.page_of(tender, gettext("Declaration"))
    body = render_template("tender/edit.html", form=form, title=gettext("Declaration"), **page)
    return done or (body, form.status)


@bp.route("/<int:tender_id>/conformity/<int:bid_id>", methods=["GET", "POST"])
@allow("tender:review_conformity")
def conform(tender_id: int, bid_id: int) -> Any:
    """One bid: whether it responds in substance."""
    tender = access.tender_for(tender_id)
    bid = _opened_bid(tender, bid_id)
    known = conformity_of(session(), bid)
    form = FindingForm(
        data={"passed": "yes" if known.passed else "no", "reason": known.reason} if known is not None else {}
    )
    finding = services.Finding(form.passed.data == "yes", form.reason.data or "")
    done = form.save(
        lambda database: services.review_conformity(database, actor(), clock(), bid_id, finding),
        then=lambda _row: url_for("tender.conformity", tender_id=tender_id),
        message=gettext("Saved"),
    )
    page = access.page_of(tender, gettext("Conformity review"))
    body = render_template(
        "tender/conform.html", form=form, insurer=_name(bid), lot=_lot(bid), documents=documents_of(tender, bid),
        proofs=proofs_of(tender, bid), **page
    )
    return done or (body, form.status)


@bp.post("/<int:tender_id>/conformity/finish")
@allow("tender:review_conformity", fresh=True)
def finish_conformity(tender_id: int) -> Any:
    """The chair ends the conformity review."""
    return perform(
        lambda database: services.finish_conformity(database, actor(), clock(), tender_id),
        then=lambda _row: url_for("tender.scoring", tender_id=tender_id),
        message=gettext("The conformity review is finished"),
    )


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
    return {"row": row, "score": score, "insurer": _name(bid), "lot": _lot(bid), "line": line}


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
    mine = _mine(tender)
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
    bids = [(bid, _name(bid)) for bid in services.scored_bids(session(), tender, lot.id)]
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

