"""Asking for a corrigendum: dates, texts, budget, lots and terms on one page, the scoring table on its own."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext

from core.web import actor, allow, clock, session
from tender import services
from tender.forms.changing import LOT_FIELDS, TERM_FIELDS, TableCorrectionForm, correction_form
from tender.forms.criteria import rows_of
from tender.rules import clauses
from tender.services.correctable import BUDGET, CHOICE_TITLES, HEAD_TITLES
from tender.services.preparation import field_titles, mandatory_fields
from tender.services.stage import cite
from tender.views import access
from tender.views.blueprint import bp
from tender.views.criteria import drafts_of, edited_table
from tender.views.preparation import draft_of, lot_hints, lot_values, terms_of


@bp.route("/<int:tender_id>/correct", methods=["GET", "POST"])
@allow("tender:correct", fresh=True)
def correct(tender_id: int) -> Any:
    """Ask a second person to publish a corrigendum: what shall stand, and why."""
    tender = access.tender_for(tender_id)
    texts = {row.key: row.text for row in mandatory_fields(session(), tender_id)}
    standing = {name: getattr(tender, name) for name in (*HEAD_TITLES, BUDGET, *CHOICE_TITLES)}
    lots = {lot.position: lot for lot in services.lots_of(session(), tender_id)}
    known = {position: (draft_of(lot), terms_of(lot)) for position, lot in lots.items()}
    values = {position: lot_values(lot) for position, lot in lots.items()}
    form = correction_form(field_titles(tender), texts, standing, known, values)
    done = form.save(
        lambda database: services.request_correction(
            database, actor(), clock(), tender_id, form.correction(list(texts))
        ),
        then=lambda _approval: url_for("tender.show", tender_id=tender_id, _anchor="corrigenda"),
        message=gettext("A second person must approve now"),
    )
    page = access.page_of(tender, gettext("Corrigendum"))
    body = render_template(
        "tender/correct.html", form=form, keys=list(texts), lots=lots, names=(*LOT_FIELDS, *TERM_FIELDS),
        hints=lot_hints(tender), clause=cite(tender, "clarification"),
        kept=clauses.unchangeable(tender.rule_set), **page,
    )  # fmt: skip
    return done or (body, form.status)


@bp.route("/<int:tender_id>/correct/criteria", methods=["GET", "POST"])
@allow("tender:correct", fresh=True)
def correct_criteria(tender_id: int) -> Any:
    """Ask a second person to correct the scoring table; every press but the last one only shows what was typed."""
    tender = access.tender_for(tender_id)
    form = TableCorrectionForm(data={"lines": rows_of(drafts_of(tender_id)), "deadline": tender.deadline})
    return edited_table(
        tender, form, "tender.correct_criteria", gettext("Correct the scoring table"),
        lambda database: services.request_correction(
            database, actor(), clock(), tender_id,
            services.Correction(
                reason=form.reason.data or "", deadline=form.deadline.data, criteria=form.drafts()
            ),
        ),
        then=url_for("tender.show", tender_id=tender_id, _anchor="corrigenda"),
        message=gettext("A second person must approve now"),
    )  # fmt: skip
