"""Low-price review pages: what triggers, the chair's request and decision, the bidder's explanation in time."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.web import Form, actor, allow, clock, now, session
from core.web.forms import CountField
from tender import services
from tender.forms.text import choices
from tender.models import Bid, Lot, Tender
from tender.services.low_price import clause_of, least_minutes, low_prices, review_of
from tender.services.papers_review import price_sheet
from tender.services.review import committee_of
from tender.views import access, labels
from tender.views.blueprint import bp

#: What a trigger says, by its ground.
TRIGGERS = {
    "mean": lazy_gettext("far below the mean"),
    "second_lowest": lazy_gettext("far below the second lowest"),
    "ceiling": lazy_gettext("far below the ceiling"),
}


class AskForm(Form):
    """The chair asks a bidder to explain its price."""

    minutes = CountField(lazy_gettext("Minutes for the explanation"), [InputRequired()], minimum=1, maximum=1440)
    reason = TextAreaField(
        lazy_gettext("The committee's own reason"), [Optional(), Length(max=1000)], render_kw={"rows": 3}
    )


class DecisionForm(Form):
    """The committee's decision on an explained price."""

    proven = RadioField(
        lazy_gettext("Decision"), [InputRequired()],
        choices=choices([("yes", lazy_gettext("The price is proven")), ("no", lazy_gettext("The bid is invalid"))]),
    )  # fmt: skip
    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=1000)], render_kw={"rows": 4})


class ExplanationForm(Form):
    """The bidder's explanation."""

    explanation = TextAreaField(
        lazy_gettext("Explanation"), [InputRequired(), Length(max=20000)], render_kw={"rows": 12}
    )


def _chairs(tender: Tender) -> bool:
    seats = committee_of(session(), tender.id or 0)
    return any(row.user_id == actor().user_id and row.is_chair and row.declared_at for row in seats)


def _lines(tender: Tender) -> list[dict[str, Any]]:
    triggered = low_prices(session(), tender)
    return [
        {
            "bid": bid,
            "lot": session().get_one(Lot, bid.lot_id),
            "insurer": session().get_one(Organisation, bid.bidder_id).name,
            "sheet": price_sheet(session(), bid),
            "triggers": [TRIGGERS[row.ground] for row in triggered.get(bid.id or 0, [])],
            "review": review_of(session(), bid),
        }
        for bid in services.scored_bids(session(), tender)
    ]


@bp.get("/<int:tender_id>/prices")
@allow("tender:review_price")
def prices(tender_id: int) -> Any:
    """Every conforming price, what triggers a review, and how each review stands."""
    tender = access.tender_for(tender_id)
    opened = tender.price_opened_at is not None and access.may_see_bids(tender)
    page = access.page_of(tender, gettext("Low-price review"))
    return render_template(
        "tender/prices.html", lines=_lines(tender) if opened else [], labels=labels, chair=_chairs(tender),
        clause=clause_of(tender), at=now(), **page,
    )  # fmt: skip


def _seen_bid(tender: Tender, bid_id: int) -> dict[str, Any]:
    if tender.price_opened_at is None or not access.may_see_bids(tender):
        raise NotFound(N_("There is no such bid"))
    for line in _lines(tender):
        if line["bid"].id == bid_id:
            return line
    raise NotFound(N_("There is no such bid"))


@bp.route("/<int:tender_id>/prices/<int:bid_id>/ask", methods=["GET", "POST"])
@allow("tender:review_price")
def ask_price(tender_id: int, bid_id: int) -> Any:
    """The chair asks for an explanation."""
    tender = access.tender_for(tender_id)
    line = _seen_bid(tender, bid_id)
    form = AskForm(data={"minutes": max(30, least_minutes(tender))})
    done = form.save(
        lambda database: services.ask_explanation(
            database, actor(), clock(), bid_id, minutes=form.minutes.data or 0, reason=form.reason.data or ""
        ),
        then=lambda _row: url_for("tender.prices", tender_id=tender_id),
        message=gettext("The letter is issued; the bidder sees it on its desk"),
    )
    return done or _act(tender, form, line, gettext("Ask for an explanation"))


@bp.route("/<int:tender_id>/prices/<int:bid_id>/decide", methods=["GET", "POST"])
@allow("tender:review_price", fresh=True)
def decide_on_price(tender_id: int, bid_id: int) -> Any:
    """The chair records the decision of the committee."""
    tender = access.tender_for(tender_id)
    line = _seen_bid(tender, bid_id)
    form = DecisionForm()
    done = form.save(
        lambda database: services.decide_price(
            database, actor(), clock(), bid_id, proven=form.proven.data == "yes", reason=form.reason.data or ""
        ),
        then=lambda _row: url_for("tender.prices", tender_id=tender_id),
        message=gettext("The decision is recorded"),
    )
    return done or _act(tender, form, line, gettext("Decide on the price"))


def _act(tender: Tender, form: Form, line: dict[str, Any], title: str) -> Any:
    body = render_template(
        "tender/price_act.html", form=form, line=line, labels=labels, title=title, clause=clause_of(tender),
        **access.page_of(tender, title),
    )  # fmt: skip
    return body, form.status


@bp.route("/opportunities/<int:tender_id>/prices/<int:bid_id>", methods=["GET", "POST"])
@allow("tender:explain_price")
def explain(tender_id: int, bid_id: int) -> Any:
    """The bidder explains its price until the instant that the letter names."""
    tender = access.published_tender(tender_id)
    bid = session().get(Bid, bid_id)
    review = review_of(session(), bid) if bid is not None else None
    if bid is None or review is None or bid.bidder_id != actor().organisation_id:
        raise NotFound(N_("There is no such bid"))
    form = ExplanationForm()
    done = form.save(
        lambda database: services.explain_price(database, actor(), clock(), bid_id, form.explanation.data or ""),
        then=lambda _row: url_for("tender.explain", tender_id=tender_id, bid_id=bid_id),
        message=gettext("Your explanation is with the committee"),
    )
    body = render_template(
        "tender/explain.html", form=form, review=review, lot=session().get_one(Lot, bid.lot_id), tender=tender,
        clause=clause_of(tender), late=now() > review.answer_by,
    )  # fmt: skip
    return done or (body, form.status)
