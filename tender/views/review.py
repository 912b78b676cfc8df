"""Review pages: qualification by the department, the committee and its declarations, conformity."""

from io import BytesIO
from typing import Any

from flask import render_template, send_file, url_for
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
    qualification_form,
)
from tender.models import (
    Bid,
    CommitteeMember,
    CommitteeSeat,
    EnvelopeKind,
    Lot,
    QualificationFinding,
    Tender,
)
from tender.rules.proofs import carried
from tender.seal import read
from tender.services.bidding import counted_envelope
from tender.services.joint_check import threshold_of
from tender.services.qualified import CLAUSE as LIST_CLAUSE
from tender.services.qualified import membership
from tender.services.review import conditions_of, conformity_of, qualified
from tender.views import access
from tender.views.blueprint import bp
from tender.views.results import insurer_name


def lot_of_bid(bid: Bid) -> Lot:
    """The lot a bid is for."""
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
            "bid": bid, "insurer": insurer_name(bid), "lot": lot_of_bid(bid), "qualified": qualified(session(), bid),
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
        "tender/qualify.html", form=form, insurer=insurer_name(bid), lot=lot_of_bid(bid), conditions=conditions,
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


def own_seat(tender: Tender) -> CommitteeMember | None:
    """The acting person's seat on the committee, or None."""
    return next((member for member in _members(tender) if member.user_id == actor().user_id), None)


@bp.get("/<int:tender_id>/committee")
@allow("tender:review_conformity")
def conformity(tender_id: int) -> Any:
    """The committee, one's own declaration, and the conformity review of every qualified bid."""
    tender = access.tender_for(tender_id)
    mine = own_seat(tender)
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
            {"bid": bid, "insurer": insurer_name(bid), "lot": lot_of_bid(bid), "finding": conformity_of(session(), bid)}
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
        "tender/conform.html", form=form, insurer=insurer_name(bid), lot=lot_of_bid(bid),
        documents=documents_of(tender, bid), proofs=proofs_of(tender, bid), **page
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
