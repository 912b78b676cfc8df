"""What changed in a published tender: corrigenda with their difference, confirmations of takers, cancellation."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext

from core.errors import N_, NotFound
from core.web import Form, actor, allow, clock, now, perform, session, unseen
from tender import services
from tender.forms.changing import CancellationForm
from tender.models import Tender
from tender.rules import clauses
from tender.rules.stages import Stage
from tender.services.bidding import own_bid
from tender.services.correcting import confirmed, corrigenda, differences
from tender.services.papers_notices import with_pieces
from tender.services.reconfirming import touching
from tender.services.stage import cite
from tender.views import access
from tender.views.blueprint import bp


def corrigenda_for(tender: Tender, organisation: int | None = None) -> list[dict[str, Any]]:
    """The corrigenda with their differences; organisation: the taker whose own confirmation is shown."""
    return [
        {
            "number": number,
            "row": notice,
            "changes": [with_pieces(change) for change in notice.changes],
            "confirmed": organisation is not None and confirmed(session(), notice, organisation),
        }
        for number, notice in enumerate(corrigenda(session(), tender.id or 0), 1)
    ]


def waiting_correction(tender: Tender) -> dict[str, Any]:
    """The two keys of a correction and, while it waits, its differences and reason."""
    keys = access.two_keys_of("tender.correct", tender)
    asked = keys["approval"]
    payload = asked.payload if asked else {"changes": {}, "reason": ""}
    changes = [with_pieces(change) for change in differences(session(), tender, payload["changes"])]
    return {**keys, "changes": changes, "reason": payload["reason"]}


@bp.route("/<int:tender_id>/cancel", methods=["GET", "POST"])
@allow("tender:cancel", fresh=True)
def cancel(tender_id: int) -> Any:
    """Ask a second person to cancel the tender."""
    tender = access.tender_for(tender_id)
    form = CancellationForm()
    done = form.save(
        lambda database: services.request_cancellation(
            database, actor(), clock(), tender_id, form.reason.data or ""
        ),
        then=lambda _approval: url_for("tender.show", tender_id=tender_id),
        message=gettext("A second person must approve now"),
    )
    page = access.page_of(tender, gettext("Cancel the tender"))
    body = render_template("tender/cancel.html", form=form, clause=clauses.cancellation(tender.rule_set), **page)
    return done or (body, form.status)


@bp.route("/opportunities/<int:tender_id>/bid/<int:position>/reconfirm", methods=["GET", "POST"])
@unseen
@allow("tender:submit_bid")
def reconfirm(tender_id: int, position: int) -> Any:
    """A bidder whose lot changed after it submitted sees what touches it, and lets its bid stand or replaces it."""
    tender = access.published_tender(tender_id)
    lot = next((row for row in services.lots_of(session(), tender_id) if row.position == position), None)
    bid = own_bid(session(), actor(), lot.id or 0) if lot is not None else None
    entries = touching(session(), bid) if bid is not None and bid.withdrawn_at is None else []
    if lot is None or not entries:
        raise NotFound(N_("There is no such bid"))
    form, number, to_bid = Form(), lot.id or 0, url_for("tender.bid", tender_id=tender_id, _anchor=f"lot-{position}")
    done = form.save(
        lambda database: services.reconfirm_bid(database, actor(), clock(), number),
        then=lambda _rows: url_for("tender.reconfirm", tender_id=tender_id, position=position),
        message=gettext("Your bid stands as it is; nobody is told"),
    )
    open_now = services.stage_of(tender, now()) is Stage.BIDDING
    body = render_template(
        "tender/reconfirm.html", form=form, tender=tender, lot=lot, to_bid=to_bid, open_now=open_now,
        entries=[
            {"number": entry.number, "row": entry.notice, "reconfirmed": entry.reconfirmed,
             "changes": [with_pieces(change) for change in entry.changes]}
            for entry in entries
        ],
        waits=any(entry.reconfirmed is None for entry in entries),
        another_price=any(entry.another_price and entry.reconfirmed is None for entry in entries),
        clause=cite(tender, "change"),
    )  # fmt: skip
    return done or (body, form.status)


@bp.post("/opportunities/<int:tender_id>/corrigenda/<int:notice_id>/confirm")
@unseen
@allow("tender:take_documents")
def confirm_corrigendum(tender_id: int, notice_id: int) -> Any:
    """A taker confirms having read a corrigendum."""
    access.published_tender(tender_id)
    return perform(
        lambda database: services.confirm_corrigendum(database, actor(), clock(), notice_id),
        then=lambda _row: url_for("tender.opportunity", tender_id=tender_id, _anchor="corrigenda"),
        message=gettext("Your confirmation is recorded; nobody is told who confirmed"),
    )
