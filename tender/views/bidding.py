"""The insurer's pages: an opportunity, its documents and questions, and the bid with its two sealed envelopes."""

from io import BytesIO
from typing import Any

from flask import flash, render_template, request, send_file, url_for
from flask_babel import gettext
from sqlmodel import select

from core.clock import local_date
from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.web import accepts, actor, allow, clock, now, perform, session, unseen
from tender import services
from tender.forms.bidding import EnvelopeForm, QuestionForm, RecoveryFileForm, SecurityForm, SubmitForm
from tender.models import (
    Bid,
    BidSubmission,
    Clarification,
    EnvelopeKind,
    Lot,
    RefusedBid,
    RevealedEnvelope,
    RevealWindow,
    Tender,
)
from tender.rules.price_order import BESIDE
from tender.rules.proofs import asked, mandatory
from tender.rules.splitting import quantity_of
from tender.rules.stages import Stage
from tender.services.bidding import (
    last_submission,
    own_bid,
    receipt_file,
    receipt_number,
    released_of,
    security_of,
    submissions,
    uploaded,
)
from tender.services.clarification import answered, taker
from tender.services.correcting import submitted_before
from tender.services.destroying import objection_period, superseded, unsubmitted
from tender.services.papers import years_of
from tender.services.reconfirming import touching, unconfirmed
from tender.services.recovery import window_of
from tender.services.scoring import criteria_of
from tender.services.securities import limit_of
from tender.services.stage import cite
from tender.views import access, labels
from tender.views.blueprint import bp
from tender.views.changing import corrigenda_for
from tender.views.register import own_queries


def _page(tender: Tender, here: str = "") -> dict[str, Any]:
    crumbs = [
        (gettext("Tender opportunities"), url_for("tender.opportunities")),
        (tender.number, url_for("tender.opportunity", tender_id=tender.id) if here else ""),
    ]
    page = access.page_of(tender)
    return {**page, "crumbs": [*crumbs, *([(here, "")] if here else [])], "labels": labels}


@bp.get("/opportunities/<int:tender_id>")
@unseen
@allow("tender:take_documents")
def opportunity(tender_id: int) -> Any:
    """A published tender as an insurer sees it."""
    tender = access.published_tender(tender_id)
    mine = actor().organisation_id or 0
    asked = session().exec(
        select(Clarification).where(
            Clarification.tender_id == tender_id, Clarification.asked_by_organisation_id == mine
        )
    )
    return render_template(
        "tender/opportunity.html",
        **_page(tender),
        lots=services.lots_of(session(), tender_id),
        criteria=criteria_of(session(), tender_id),
        taken=taker(session(), tender_id, mine),
        corrigenda=corrigenda_for(tender, mine),
        clarifications=answered(session(), tender_id),
        own_questions=[row for row in asked if row.number is None],
        own_queries=own_queries(tender),
        files=access.files_list(session(), tender, "tender.opportunity_paper"),
        bids=[own_bid(session(), actor(), lot.id or 0) for lot in services.lots_of(session(), tender_id)],
    )


@bp.get("/opportunities/<int:tender_id>/papers/<int:paper_id>")
@unseen
@allow("tender:take_documents")
def opportunity_paper(tender_id: int, paper_id: int) -> Any:
    """A public paper of the tender, or a letter to one's own company."""
    return access.as_file(session(), access.published_tender(tender_id), paper_id)


@bp.post("/opportunities/<int:tender_id>/documents")
@unseen
@allow("tender:take_documents")
def take(tender_id: int) -> Any:
    """Take the tender document."""
    access.published_tender(tender_id)
    return perform(
        lambda database: services.take_documents(database, actor(), clock(), tender_id),
        then=lambda _row: url_for("tender.opportunity", tender_id=tender_id, _anchor="papers"),
        message=gettext("You have the tender document; nobody is told who took it"),
    )


@bp.route("/opportunities/<int:tender_id>/ask", methods=["GET", "POST"])
@unseen
@allow("tender:take_documents")
def ask(tender_id: int) -> Any:
    """Ask the department a question."""
    tender = access.published_tender(tender_id)
    form = QuestionForm()
    done = form.save(
        lambda database: services.ask(database, actor(), clock(), tender_id, form.question.data or ""),
        then=lambda _row: url_for("tender.opportunity", tender_id=tender_id, _anchor="questions"),
        message=gettext("Your question is sent; the answer will be public without your name"),
    )
    return done or (render_template("tender/ask.html", form=form, **_page(tender, gettext("Question"))), form.status)


@bp.get("/opportunities/<int:tender_id>/bid")
@unseen
@allow("tender:bid")
def bid(tender_id: int) -> Any:
    """One's own bid, lot by lot: what is uploaded, and whether it is submitted."""
    tender = access.published_tender(tender_id)
    return _bid_page(tender, {}), 200


def _bid_page(tender: Tender, forms: dict[tuple[int, str], Any]) -> str:
    keys = services.tender_keys(session(), tender.id or 0)
    refused = session().exec(
        select(RefusedBid).where(
            RefusedBid.tender_id == tender.id, RefusedBid.bidder_id == actor().organisation_id
        )
    ).all()
    open_now = services.stage_of(tender, now()) is Stage.BIDDING
    return render_template(
        "tender/bid.html",
        **_page(tender, gettext("Bid")),
        lots=[_lot(lot, keys, forms, open_now) for lot in services.lots_of(session(), tender.id or 0)],
        objections=objection_period(session(), tender, local_date(now())),
        refused=[{"row": row, "number": receipt_number(row)} for row in refused],
        open_now=open_now,
        may_submit=actor().may("tender:submit_bid"),
        receipt_clause=cite(tender, "receipt"),
        change_clause=cite(tender, "change"),
        correction_clause=cite(tender, "correction"),
    )


def _lot(
    lot: Lot, keys: dict[EnvelopeKind, Any], forms: dict[tuple[int, str], Any], open_now: bool
) -> dict[str, Any]:
    mine = own_bid(session(), actor(), lot.id or 0)
    tender = session().get_one(Tender, lot.tender_id)
    own = session().get_one(Organisation, actor().organisation_id)
    held = uploaded(session(), mine) if mine else {}
    last = last_submission(session(), mine) if mine else None
    counted = {last.technical_id, last.price_id} if last else set()
    fresh = {row.id for row in held.values()}
    quantity = quantity_of(lot.price_object, lot.insured_count, years_of(tender), lot.budget)
    return {
        "lot": lot,
        "position": lot.position,
        "bid": mine,
        "security": security_of(session(), mine) if mine else None,
        "envelopes": [
            {
                "kind": kind,
                "row": held.get(kind),
                "submitted": bool(held.get(kind)) and held[kind].id in counted and not (mine and mine.withdrawn_at),
                "recipient": keys[kind].recipient,
                "fingerprint": keys[kind].fingerprint,
                "form": forms.get((lot.position, kind.value)) or EnvelopeForm(prefix=f"{lot.position}-{kind.value}"),
                "rate": lot.price_object in labels.RATES,
            }
            for kind in EnvelopeKind
        ],
        "proofs": asked(local_date(tender.published_at or now())),
        "needed": mandatory(branch=own.parent_id is not None),
        "before": submitted_before(session(), mine) if mine else [],
        "touching": touching(session(), mine) if mine else [],
        "asked": unconfirmed(session(), mine),
        "last": last,
        "number": receipt_number(last) if last else "",
        "history": [(row, receipt_number(row)) for row in submissions(session(), mine)] if mine else [],
        "superseded": superseded(session(), mine) if mine and not open_now else [],
        "released": _released(tender, mine),
        "discardable": bool(mine and unsubmitted(session(), mine)),
        "withdrawn": mine is not None and mine.withdrawn_at is not None,
        "standing": last is not None and mine is not None and mine.withdrawn_at is None,
        "unsent": len(held) == 2 and (not fresh <= counted or mine is None or mine.withdrawn_at is not None),
        "complete": len(held) == 2,
        "submit": forms.get((lot.position, "submit")) or SubmitForm(prefix=f"{lot.position}-submit"),
        "pay": forms.get((lot.position, "security")) or SecurityForm(prefix=f"{lot.position}-security"),
        "unit": labels.price_unit(lot.price_object),
        "beside": BESIDE.get(lot.price_object),
        "quantity": format(quantity, "f") if quantity else "",
        "quantity_text": f"{quantity:,f}" if quantity else "",
        "reveals": _reveals(lot, last, forms) if last and mine and mine.withdrawn_at is None else [],
    }


def _released(tender: Tender, mine: Bid | None) -> list[dict[str, Any]]:
    """The bid securities that withdrawals released, each with its last day."""
    rows = released_of(session(), mine) if mine else []
    return [{"row": row, "limit": limit_of(session(), tender, mine, row)} for row in rows if mine]


def _reveals(lot: Lot, last: BidSubmission, forms: dict[tuple[int, str], Any]) -> list[dict[str, Any]]:
    """What the bidder is asked to re-reveal because the keys are lost, and what it gave already."""
    found = []
    for kind, number in ((EnvelopeKind.TECHNICAL, last.technical_id), (EnvelopeKind.PRICE, last.price_id)):
        window: RevealWindow | None = window_of(session(), lot.tender_id, kind)
        if window is not None:
            key = f"reveal-{kind.value}"
            form = forms.get((lot.position, key)) or RecoveryFileForm(prefix=f"{lot.position}-{key}")
            given = session().get(RevealedEnvelope, number)
            runs = now() < window.closes_at
            found.append({"kind": kind, "window": window, "given": given, "form": form, "runs": runs})
    return found


def lot_of(tender: Tender, position: int) -> Lot:
    lot = next((row for row in services.lots_of(session(), tender.id or 0) if row.position == position), None)
    if lot is None:
        raise NotFound(N_("There is no such lot"))
    return lot


def _to_lot(tender_id: int, position: int) -> Any:
    return lambda _result: url_for("tender.bid", tender_id=tender_id, _anchor=f"lot-{position}")


@bp.post("/opportunities/<int:tender_id>/bid/<int:position>/envelopes/<kind>")
@unseen
@allow("tender:bid")
@accepts(310)
def upload(tender_id: int, position: int, kind: str) -> Any:
    """Keep a sealed envelope; this is not yet a bid."""
    tender = access.published_tender(tender_id)
    lot = lot_of(tender, position)
    if kind not in {member.value for member in EnvelopeKind}:
        raise NotFound(N_("There is no such envelope"))
    form = EnvelopeForm(prefix=f"{position}-{kind}")
    number = lot.id or 0
    done = form.save(
        lambda database: services.upload_envelope(
            database, actor(), clock(), number, EnvelopeKind(kind), form.sealed.data.read(), form.commitment.data or ""
        ),
        then=_to_lot(tender_id, position),
        message=gettext("The envelope is uploaded. This is not yet a bid: press “Submit the bid”."),
    )
    return done or (_bid_page(tender, {(position, kind): form}), form.status)


@bp.post("/opportunities/<int:tender_id>/bid/<int:position>/reveal/<kind>")
@unseen
@allow("tender:submit_bid")
@accepts(620)
def reveal(tender_id: int, position: int, kind: str) -> Any:
    """Give the recovery file of the submitted envelope, when the opening keys are lost."""
    tender = access.published_tender(tender_id)
    number = lot_of(tender, position).id or 0
    if kind not in {member.value for member in EnvelopeKind}:
        raise NotFound(N_("There is no such envelope"))
    form = RecoveryFileForm(prefix=f"{position}-reveal-{kind}")
    done = form.save(
        lambda database: services.reveal(
            database, actor(), clock(), number, EnvelopeKind(kind), form.recovery.data.read()
        ),
        then=_to_lot(tender_id, position),
        message=gettext("The recovery file fits what you submitted; it will be used at the opening"),
    )
    return done or (_bid_page(tender, {(position, f"reveal-{kind}"): form}), form.status)


@bp.post("/opportunities/<int:tender_id>/bid/<int:position>/security")
@unseen
@allow("tender:bid")
def security(tender_id: int, position: int) -> Any:
    """Record from where the bid security was paid."""
    tender = access.published_tender(tender_id)
    number = lot_of(tender, position).id or 0
    form = SecurityForm(prefix=f"{position}-security")
    done = form.save(
        lambda database: services.pay_security(
            database, actor(), clock(), number, payer_account=form.payer_account.data or ""
        ),
        then=_to_lot(tender_id, position),
        message=gettext("The payment is recorded"),
    )
    return done or (_bid_page(tender, {(position, "security"): form}), form.status)


@bp.post("/opportunities/<int:tender_id>/bid/<int:position>/submit")
@unseen
@allow("tender:submit_bid")
def submit(tender_id: int, position: int) -> Any:
    """Submit the two newest envelopes; the answer is a receipt, or the certificate that it came too late."""
    tender = access.published_tender(tender_id)
    lot = lot_of(tender, position)
    number = lot.id or 0
    form = SubmitForm(prefix=f"{position}-submit")
    mine = own_bid(session(), actor(), number)
    held = uploaded(session(), mine) if mine else {}
    chosen = {kind: held[kind].id if kind in held else 0 for kind in EnvelopeKind}
    outcome: list[BidSubmission | RefusedBid] = []

    def send(database: Any) -> Any:
        outcome.append(
            services.submit_bid(
                database, actor(), clock(), number, technical_id=chosen[EnvelopeKind.TECHNICAL] or 0,
                price_id=chosen[EnvelopeKind.PRICE] or 0, idempotency_key=request.form.get("once", "")[:64],
            )
        )  # fmt: skip
        return outcome[0]

    done = form.save(send, then=_to_lot(tender_id, position))
    if done and outcome and isinstance(outcome[0], RefusedBid):
        flash(gettext("Too late: the bid was refused. The certificate below says when it came."), "danger")
    elif done and outcome:
        flash(gettext("Submitted. Keep the receipt."), "success")
    return done or (_bid_page(tender, {(position, "submit"): form}), form.status)


@bp.post("/opportunities/<int:tender_id>/bid/<int:position>/withdraw")
@unseen
@allow("tender:submit_bid")
def withdraw(tender_id: int, position: int) -> Any:
    """Take the bid back."""
    number = lot_of(access.published_tender(tender_id), position).id or 0
    return perform(
        lambda database: services.withdraw_bid(database, actor(), clock(), number),
        then=_to_lot(tender_id, position),
        message=gettext("The bid is withdrawn; it will never be opened"),
    )


@bp.post("/opportunities/<int:tender_id>/bid/<int:position>/discard")
@unseen
@allow("tender:bid")
def discard(tender_id: int, position: int) -> Any:
    """Discard one's own files that were never submitted."""
    number = lot_of(access.published_tender(tender_id), position).id or 0
    return perform(
        lambda database: services.discard_uploads(database, actor(), clock(), number),
        then=_to_lot(tender_id, position),
        message=gettext("The files that were not submitted are destroyed; what was submitted stands"),
    )


@bp.get("/opportunities/<int:tender_id>/receipts/<number>")
@unseen
@allow("tender:bid")
def receipt(tender_id: int, number: str) -> Any:
    """A receipt, or a refusal's certificate, of one's own company as the file that is verified offline."""
    tender = access.published_tender(tender_id)
    for row in _own_receipts(tender):
        if receipt_number(row) == number:
            return send_file(
                BytesIO(receipt_file(row)), "application/json", as_attachment=True, download_name=f"{number}.json"
            )
    raise NotFound(N_("There is no such receipt"))


def _own_receipts(tender: Tender) -> list[BidSubmission | RefusedBid]:
    mine = actor().organisation_id
    bids = session().exec(select(Bid).where(Bid.tender_id == tender.id, Bid.bidder_id == mine)).all()
    found: list[BidSubmission | RefusedBid] = [row for own in bids for row in submissions(session(), own)]
    refused = select(RefusedBid).where(RefusedBid.tender_id == tender.id, RefusedBid.bidder_id == mine)
    return [*found, *session().exec(refused)]

