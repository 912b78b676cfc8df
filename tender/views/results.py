"""Evaluation and award: how each score came about, the winners fixed by two people, letters and securities."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from core.clock import local_date
from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.web import Form, actor, allow, clock, now, perform, session
from tender import services
from tender.forms.text import choices
from tender.models import Bid, BidResult, Lot, Tender
from tender.rules.securities import YEAR_DAYS
from tender.services.awarding import proposed_winners
from tender.services.bidding import standing_bids
from tender.services.failing import GROUNDS
from tender.services.papers_review import price_sheet
from tender.services.replacing import CLAUSE, declined_awards, successor
from tender.services.results import result_of
from tender.services.securities import limit_of, securities
from tender.services.silence import silence_of
from tender.views import access, labels
from tender.views.blueprint import bp


def insurer_name(bid: Bid) -> str:
    """The bidder of an opened bid."""
    return session().get_one(Organisation, bid.bidder_id).name


def lots_with_results(tender: Tender) -> list[dict[str, Any]]:
    """The ranking of every lot with its winners; only after the evaluation."""
    winners = {row.bid_id for row in services.awards_by_tender(session(), tender.id or 0)}
    found = []
    for lot in services.lots_of(session(), tender.id or 0):
        pairs = [(bid, result_of(session(), bid)) for bid in standing_bids(session(), tender.id or 0, lot.id)]
        known = [(bid, row) for bid, row in pairs if row is not None]
        known.sort(key=lambda pair: (pair[1].rank is None, pair[1].rank or 0, pair[0].id))
        found.append(
            {
                "position": lot.position,
                "name": lot.name,
                "unit": labels.price_unit(lot.price_object),
                "failed": lot.end_reason,
                "rows": [_row(tender, lot, bid, row, bid.id in winners) for bid, row in known],
            }
        )
    return found


def _row(tender: Tender, lot: Lot, bid: Bid, row: BidResult, winner: bool) -> dict[str, Any]:
    sheet = price_sheet(session(), bid)
    return {
        "insurer": insurer_name(bid),
        "price": labels.price_text(lot.price_object, sheet.corrected_price if sheet else None),
        "technical": row.technical_score,
        "commercial": row.commercial_score,
        "price_score": row.price_score,
        "total": row.total,
        "rank": row.rank,
        "winner": winner,
        "invalid": labels.GROUNDS[row.invalid_ground] if row.invalid_ground else None,
        "reason": row.invalid_reason,
        "url": url_for("tender.result", tender_id=tender.id, _anchor=f"bid-{bid.id}"),
    }


@bp.get("/<int:tender_id>/result")
@allow("tender:view")
def result(tender_id: int) -> Any:
    """The evaluation: every bid's points by criterion and member, the price formula, ties and invalid bids."""
    tender = access.tender_for(tender_id)
    bids = standing_bids(session(), tender_id) if tender.evaluated_at else []
    known = [(bid, row) for bid in bids if (row := result_of(session(), bid)) is not None]
    return render_template(
        "tender/result.html",
        **access.page_of(tender, gettext("Evaluation")),
        lots=lots_with_results(tender) if tender.evaluated_at else [],
        bids=[
            {"id": bid.id, "insurer": insurer_name(bid), "lot": session().get_one(Lot, bid.lot_id), "result": row}
            for bid, row in known
            if row.rank is not None
        ],
        labels=labels,
        low_price_rule=not tender.rule_set.startswith("ORDER18"),
        may_evaluate=actor().may("tender:evaluate"),
    )


@bp.post("/<int:tender_id>/evaluate")
@allow("tender:evaluate", fresh=True)
def evaluate(tender_id: int) -> Any:
    """Compute and freeze the evaluation and issue its report."""
    return perform(
        lambda database: services.evaluate(database, actor(), clock(), tender_id),
        then=lambda _rows: url_for("tender.result", tender_id=tender_id),
        message=gettext("The evaluation is computed and the report is issued"),
    )


@bp.get("/<int:tender_id>/award")
@allow("tender:view")
def winners(tender_id: int) -> Any:
    """Who wins under the tender's rule, the two keys, and after the award the letters and securities."""
    tender = access.tender_for(tender_id)
    page = access.page_of(tender, gettext("Award"))
    deciding = page["stage"] is page["Stage"].DECISION
    return render_template(
        "tender/award.html",
        **page,
        proposed=_proposed(tender) if deciding else [],
        silence=silence_of(tender, now()) if deciding else None,
        awards=_awards(tender),
        declined=[
            (row, session().get_one(Organisation, row.insurer_id).name, session().get_one(Lot, row.lot_id))
            for row in declined_awards(session(), tender_id)
        ],
        replacement=access.two_keys_of("tender.replace", tender),
        keys=access.two_keys_of("tender.award", tender),
        files=access.files_list(session(), tender, "tender.paper"),
        securities=_securities(tender),
        year_days=YEAR_DAYS,
        labels=labels,
    )


def _securities(tender: Tender) -> list[dict[str, Any]]:
    """Every security with its limit; of a tender that was never opened only finance may learn who bid."""
    if tender.technical_opened_at is None and not actor().may("tender:refund_security"):
        return []
    today = local_date(now())
    found = []
    for bid, row in securities(session(), tender):
        limit = limit_of(session(), tender, bid, row)
        found.append(
            {"bid": bid.id, "insurer": insurer_name(bid), "row": row, "limit": limit, "late": limit.days_late(today)}
        )
    return found


def _proposed(tender: Tender) -> list[dict[str, Any]]:
    found = []
    for lot, winners in proposed_winners(session(), tender):
        bids = [session().get_one(Bid, number) for number in winners.bids]
        found.append(
            {
                "lot": lot,
                "winners": [(bid, insurer_name(bid), result_of(session(), bid)) for bid in bids],
                "passed": [insurer_name(session().get_one(Bid, number)) for number in winners.passed_over],
            }
        )
    return found


def _awards(tender: Tender) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "lot": session().get_one(Lot, row.lot_id),
            "insurer": session().get_one(Organisation, row.insurer_id).name,
        }
        for row in services.awards_by_tender(session(), tender.id or 0)
    ]


@bp.post("/<int:tender_id>/award")
@allow("tender:award", fresh=True)
def ask_award(tender_id: int) -> Any:
    """Ask the second person to fix the winners."""
    return perform(
        lambda database: services.request_award(database, actor(), clock(), tender_id),
        then=lambda _approval: url_for("tender.winners", tender_id=tender_id),
        message=gettext("A second person must approve now"),
    )


class ReplacementForm(Form):
    """A winner declines: what it stated, and what follows."""

    reason = TextAreaField(lazy_gettext("What the winner stated"), [InputRequired()], render_kw={"rows": 4})
    route = RadioField(
        lazy_gettext("What follows"), [InputRequired()],
        choices=choices([
            (services.Route.NEXT, lazy_gettext("The next candidate in the ranking")),
            (services.Route.AGAIN, lazy_gettext("A new procurement")),
        ]),
    )  # fmt: skip


@bp.route("/<int:tender_id>/awards/<int:award_id>/declined", methods=["GET", "POST"])
@allow("tender:replace_winner", fresh=True)
def replace(tender_id: int, award_id: int) -> Any:
    """Ask a second person to record that a winner declines, and what follows."""
    tender = access.tender_for(tender_id)
    award = next((row for row in services.awards_by_tender(session(), tender_id) if row.id == award_id), None)
    if award is None:
        raise NotFound(N_("There is no such award"))
    form = ReplacementForm()
    done = form.save(
        lambda database: services.request_replacement(
            database, actor(), clock(), award_id, route=services.Route(form.route.data), reason=form.reason.data or ""
        ),
        then=lambda _approval: url_for("tender.winners", tender_id=tender_id, _anchor="awards"),
        message=gettext("A second person must approve now"),
    )
    following = successor(session(), tender, award)
    body = render_template(
        "tender/replace.html", form=form, clause=CLAUSE, lot=session().get_one(Lot, award.lot_id),
        insurer=session().get_one(Organisation, award.insurer_id).name,
        following=insurer_name(following) if following is not None else None,
        **access.page_of(tender, gettext("A winner declines")),
    )  # fmt: skip
    return done or (body, form.status)


class FailureForm(Form):
    """Declaring a tender, or one lot of it, failed."""

    ground = SelectField(lazy_gettext("Ground"), choices=choices(GROUNDS))
    lot = SelectField(lazy_gettext("What fails"), coerce=int)
    reason = TextAreaField(lazy_gettext("Facts"), [InputRequired()], render_kw={"rows": 4})


@bp.route("/<int:tender_id>/failure", methods=["GET", "POST"])
@allow("tender:fail")
def failure(tender_id: int) -> Any:
    """Ask a second person to declare the tender or a lot failed."""
    tender = access.tender_for(tender_id)
    form = FailureForm()
    lots = services.lots_of(session(), tender_id)
    live = [(row.id, f"{row.position} {row.name}") for row in lots if row.failed_at is None]
    form.lot.choices = choices([(0, gettext("The whole tender")), *live])
    done = form.save(
        lambda database: services.request_failure(
            database, actor(), clock(), tender_id, ground=form.ground.data, reason=form.reason.data or "",
            lot_id=form.lot.data or None,
        ),
        then=lambda _approval: url_for("tender.show", tender_id=tender_id),
        message=gettext("A second person must approve now"),
    )  # fmt: skip
    page = access.page_of(tender, gettext("Declare failed"))
    return done or (render_template("tender/failure.html", form=form, **page), form.status)

