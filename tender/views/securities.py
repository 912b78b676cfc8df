"""Refunds of bid securities, recorded by finance: of an ended tender by bid, of a withdrawn bid by its reference."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext

from core.clock import local_date
from core.errors import N_, NotFound
from core.policy.procurement import limits
from core.web import actor, allow, clock, now, session, unseen
from tender import services
from tender.forms.securities import RefundForm
from tender.models import Bid, BidSecurity, Tender
from tender.rules.securities import Case
from tender.services.securities import INTEREST, limit_of, released_security, securities
from tender.views import access
from tender.views.blueprint import bp
from tender.views.results import insurer_name


@bp.route("/<int:tender_id>/securities/<int:bid_id>/refund", methods=["GET", "POST"])
@allow("tender:refund_security")
def refund(tender_id: int, bid_id: int) -> Any:
    """Record that a bid security was paid back; a late one with its interest."""
    tender = access.tender_for(tender_id)
    pairs = {bid.id: (bid, row) for bid, row in securities(session(), tender) if row.reference is None}
    if bid_id not in pairs:
        raise NotFound(N_("No bid security was paid for this bid"))
    bid, row = pairs[bid_id]
    form = RefundForm()
    back = url_for("tender.winners", tender_id=tender_id, _anchor="securities")
    done = form.save(
        lambda database: services.refund_security(
            database, actor(), clock(), bid_id, form.payment(converted=bool(form.converted.data))
        ),
        then=lambda _row: back,
        message=gettext("The refund is recorded"),
    )
    return done or (_page(tender, bid, row, form, back), form.status)


@bp.route("/<int:tender_id>/securities/released/<reference>", methods=["GET", "POST"])
@unseen
@allow("tender:refund_security")
def refund_released(tender_id: int, reference: str) -> Any:
    """Whom to pay back because it withdrew, before the opening too, and the record that it was."""
    tender = access.tender_for(tender_id)
    bid, row = released_security(session(), tender, reference)
    form = RefundForm()
    own = url_for("tender.refund_released", tender_id=tender_id, reference=reference)
    done = form.save(
        lambda database: services.refund_released(database, actor(), clock(), tender_id, reference, form.payment()),
        then=lambda _row: own,
        message=gettext("The refund is recorded"),
    )
    return done or (_page(tender, bid, row, form, url_for("home.index")), form.status)


def _page(tender: Tender, bid: Bid, row: BidSecurity, form: RefundForm, back: str) -> str:
    limit = limit_of(session(), tender, bid, row)
    today = local_date(now())
    return render_template(
        "tender/refund.html", form=form, row=row, limit=limit, late=limit.days_late(today), insurer=insurer_name(bid),
        interest=limits(limit.last_day or today).get(INTEREST), winner=limit.case is Case.WINNER, back=back,
        **access.page_of(tender, gettext("Refund of a bid security")),
    )  # fmt: skip
