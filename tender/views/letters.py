"""Pages of the committee's letters: the chair asks, the bidder answers in time, the committee reads the answer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.web import Form, actor, allow, clock, now, session
from core.web.forms import CountField, MoneyField, RateField
from tender.forms.text import choices
from tender.models import Bid, BidLetter, LetterKind, Lot, Tender
from tender.rules.stages import Stage
from tender.services import letters as services
from tender.services.papers_review import price_sheet
from tender.services.review import committee_of, opened_bids, qualified
from tender.services.stage import cite
from tender.views import access, labels
from tender.views.blueprint import bp


class AskForm(Form):
    """What the chair asks a bidder."""

    matter = TextAreaField(
        lazy_gettext("What is to be clarified"), [InputRequired(), Length(max=4000)], render_kw={"rows": 5}
    )
    minutes = CountField(lazy_gettext("Minutes for the answer"), [InputRequired()], minimum=1, maximum=10000)


class ConfirmationForm(Form):
    """The time for a bidder to confirm its corrected price."""

    minutes = CountField(lazy_gettext("Minutes for the answer"), [InputRequired()], minimum=1, maximum=10000)


class OtherPriceForm(Form):
    """What another paper of the bid states instead of its price sheet."""

    price = MoneyField(lazy_gettext("Price that the other paper states"), [InputRequired()])
    place = StringField(lazy_gettext("Paper and page"), [InputRequired(), Length(max=200)])


class OtherRateForm(OtherPriceForm):
    """The same where a rate is bid."""

    price = RateField(lazy_gettext("Price that the other paper states"), [InputRequired()])


class AnswerForm(Form):
    """The bidder's answer to a clarification."""

    answer = TextAreaField(lazy_gettext("Answer"), [InputRequired(), Length(max=20000)], render_kw={"rows": 10})


class ConfirmForm(Form):
    """The bidder's word on its corrected price."""

    confirmed = RadioField(
        lazy_gettext("Corrected price"), [InputRequired()],
        choices=choices([("yes", lazy_gettext("I confirm it")), ("no", lazy_gettext("I do not confirm it"))]),
    )  # fmt: skip
    answer = TextAreaField(lazy_gettext("Remark"), [Optional(), Length(max=2000)], render_kw={"rows": 3})


def _bids(tender: Tender) -> list[Bid]:
    if not access.may_see_bids(tender):
        return []
    return [bid for bid in opened_bids(session(), tender) if qualified(session(), bid)]


def _name(bid: Bid) -> str:
    return session().get_one(Organisation, bid.bidder_id).name


@bp.get("/<int:tender_id>/letters")
@allow("tender:review_price")
def letters(tender_id: int) -> Any:
    """Every letter with its answer, and the bids to which the chair can write."""
    tender = access.tender_for(tender_id)
    bids = _bids(tender)
    if not bids:
        raise NotFound(N_("There is no such tender"))
    seats = committee_of(session(), tender_id)
    chair = any(row.user_id == actor().user_id and row.is_chair and row.declared_at for row in seats)
    by_bid = {bid.id: bid for bid in bids}
    shown = [(row, by_bid[row.bid_id]) for row in services.letters_of(session(), tender) if row.bid_id in by_bid]
    corrected = {bid.id for bid in services.unasked(session(), tender)} if tender.price_opened_at else set()
    page = access.page_of(tender, gettext("Letters to bidders"))
    return render_template(
        "tender/letters.html",
        letters=[(row, _name(bid), session().get_one(Lot, bid.lot_id)) for row, bid in shown],
        bids=[
            {"bid": bid, "insurer": _name(bid), "lot": session().get_one(Lot, bid.lot_id),
             "sheet": price_sheet(session(), bid), "correct": bid.id in corrected,
             "may_note": page["stage"] is Stage.EVALUATION and services.confirmation_of(session(), bid) is None}
            for bid in bids
        ],
        may_write=chair and page["stage"] in services.STAGES,
        CORRECTION=LetterKind.CORRECTION, labels=labels, at=now(), clause=cite(tender, "clarify"), **page,
    )  # fmt: skip


def _bid_of(tender: Tender, bid_id: int) -> Bid:
    for bid in _bids(tender):
        if bid.id == bid_id:
            return bid
    raise NotFound(N_("There is no such bid"))


def _asking(tender: Tender, form: Form, title: str, hints: Mapping[str, str] = MappingProxyType({})) -> Any:
    page = access.page_of(tender, title)
    matter = gettext("Only what is unclear or contradicts itself; the answer may not change the substance.")
    back = url_for("tender.letters", tender_id=tender.id)
    said = {"matter": matter, **hints}
    body = render_template("tender/edit.html", form=form, title=title, hints=said, back=back, **page)
    return body, form.status


@bp.route("/<int:tender_id>/letters/<int:bid_id>/clarification", methods=["GET", "POST"])
@allow("tender:review_price", fresh=True)
def ask_clarification(tender_id: int, bid_id: int) -> Any:
    """The chair asks a bidder to clarify."""
    tender = access.tender_for(tender_id)
    bid = _bid_of(tender, bid_id)
    form = AskForm(data={"minutes": 120})
    done = form.save(
        lambda database: services.ask_clarification(
            database, actor(), clock(), bid_id, matter=form.matter.data or "", minutes=form.minutes.data or 0
        ),
        then=lambda _row: url_for("tender.letters", tender_id=tender_id),
        message=gettext("The letter is issued; the bidder sees it on its desk"),
    )
    return done or _asking(tender, form, gettext("Ask %(name)s to clarify", name=_name(bid)))


@bp.route("/<int:tender_id>/letters/<int:bid_id>/correction", methods=["GET", "POST"])
@allow("tender:review_price", fresh=True)
def ask_confirmation(tender_id: int, bid_id: int) -> Any:
    """The chair asks a bidder to confirm its corrected price."""
    tender = access.tender_for(tender_id)
    bid = _bid_of(tender, bid_id)
    form = ConfirmationForm(data={"minutes": 120})
    done = form.save(
        lambda database: services.ask_confirmation(
            database, actor(), clock(), bid_id, minutes=form.minutes.data or 0
        ),
        then=lambda _row: url_for("tender.letters", tender_id=tender_id),
        message=gettext("The letter is issued; the bidder sees it on its desk"),
    )  # fmt: skip
    return done or _asking(tender, form, gettext("Ask %(name)s to confirm the corrected price", name=_name(bid)))


@bp.route("/<int:tender_id>/letters/<int:bid_id>/other-price", methods=["GET", "POST"])
@allow("tender:review_price", fresh=True)
def note_price(tender_id: int, bid_id: int) -> Any:
    """The chair records another price that a paper of the bid states; the price sheet governs all the same."""
    tender = access.tender_for(tender_id)
    bid = _bid_of(tender, bid_id)
    rate = session().get_one(Lot, bid.lot_id).price_object in labels.RATES
    form = OtherRateForm() if rate else OtherPriceForm()
    done = form.save(
        lambda database: services.note_other_price(
            database, actor(), clock(), bid_id, price=form.price.data, place=form.place.data or ""
        ),
        then=lambda _row: url_for("tender.letters", tender_id=tender_id),
        message=gettext("Recorded: the price sheet governs, and the bidder is to be asked"),
    )
    hint = gettext("It changes no price: what the price sheet says governs. The bidder is asked to confirm.")
    title = gettext("Other price in the bid of %(name)s", name=_name(bid))
    return done or _asking(tender, form, title, {"price": hint})


@bp.route("/opportunities/<int:tender_id>/letters/<int:letter_id>", methods=["GET", "POST"])
@allow("tender:answer_letter")
def answer_letter(tender_id: int, letter_id: int) -> Any:
    """The bidder reads the letter and answers it once, in time."""
    tender = access.published_tender(tender_id)
    row = session().get(BidLetter, letter_id)
    bid = session().get(Bid, row.bid_id) if row is not None else None
    if row is None or bid is None or row.tender_id != tender_id or bid.bidder_id != actor().organisation_id:
        raise NotFound(N_("There is no such letter"))
    correcting = row.kind is LetterKind.CORRECTION
    form: Any = ConfirmForm() if correcting else AnswerForm()
    done = form.save(
        lambda database: services.answer_letter(
            database, actor(), clock(), letter_id, answer=form.answer.data or "",
            confirmed=form.confirmed.data == "yes" if correcting else None,
        ),
        then=lambda _row: url_for("tender.answer_letter", tender_id=tender_id, letter_id=letter_id),
        message=gettext("Your answer is with the committee"),
    )  # fmt: skip
    body = render_template(
        "tender/letter.html", form=form, letter=row, lot=session().get_one(Lot, bid.lot_id), tender=tender,
        correcting=correcting, sheet=price_sheet(session(), bid) if correcting else None, labels=labels,
        clause=cite(tender, "correction" if correcting else "clarify"), late=now() > row.answer_by,
    )  # fmt: skip
    return done or (body, form.status)
