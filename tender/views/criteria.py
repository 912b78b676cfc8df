"""The scoring table editor: every line on one page, what the law says of it, and what example bids would score."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from core.web import actor, allow, clock, session
from tender import services
from tender.forms.criteria import CriteriaForm, edited, rows_of
from tender.models import Lot, Tender
from tender.rules.checking import LineFacts
from tender.rules.samples import Sample, example_prices, samples
from tender.rules.words import PriceObject
from tender.services.publication import scoring_checks
from tender.services.scoring import criteria_of
from tender.starting import CriterionDraft
from tender.views import access, labels
from tender.views.blueprint import bp
from tender.views.detail import shown


def drafts_of(tender_id: int) -> tuple[CriterionDraft, ...]:
    """The scoring table as it stands."""
    names = CriterionDraft.__dataclass_fields__
    return tuple(
        CriterionDraft(**{**{name: getattr(row, name) for name in names}, "options": tuple(row.options)})
        for row in criteria_of(session(), tender_id)
    )


@bp.route("/<int:tender_id>/criteria", methods=["GET", "POST"])
@allow("tender:prepare")
def edit_criteria(tender_id: int) -> Any:
    """Edit the whole scoring table; every press but 'Save' shows it again with what was typed, and saves nothing."""
    tender = access.tender_for(tender_id)
    form = CriteriaForm(data={"lines": rows_of(drafts_of(tender_id))})
    return edited_table(
        tender, form, "tender.edit_criteria", gettext("Scoring table"),
        lambda database: services.set_criteria(database, actor(), clock(), tender_id, form.drafts()),
        then=url_for("tender.edit_criteria", tender_id=tender_id, _anchor="samples"), message=gettext("Saved"),
    )  # fmt: skip


def edited_table(
    tender: Tender, form: CriteriaForm, endpoint: str, title: str, write: Callable[[Any], Any], *, then: str,
    message: str,
) -> Any:  # fmt: skip
    """The editor on any form of the table: a press edits what was typed, only the last one writes."""
    act = request.form.get("do", "")
    if act and act not in ("save", "check"):
        form = _pressed(form, act)
        return _page(tender, form, form.drafts() if _readable(form) else None, endpoint, title)
    if act == "check":
        good = form.validate()
        return _page(tender, form, form.drafts() if good else None, endpoint, title)
    done = form.save(write, then=lambda _result: then, message=message)
    return done or _page(tender, form, form.drafts() if _readable(form) else None, endpoint, title)


def _pressed(form: CriteriaForm, act: str) -> CriteriaForm:
    typed = {name: form[name].data for name in ("price_a", "price_b", "price_c", "reason", "deadline") if name in form}
    return type(form)(formdata=None, data={"lines": edited(form.lines.data, act), **typed})


def _readable(form: CriteriaForm) -> bool:
    """Whether the table can be computed as it stands, without showing errors that nobody asked for yet."""
    probe = CriteriaForm(formdata=None, data={"lines": form.lines.data}, meta={"csrf": False})
    return probe.validate()


def _page(
    tender: Tender, form: CriteriaForm, drafts: tuple[CriterionDraft, ...] | None, endpoint: str, title: str
) -> Any:
    lots = services.lots_of(session(), tender.id or 0)
    checks = scoring_checks(session(), tender, drafts) if drafts is not None else ()
    total = sum((draft.points for draft in drafts), 0) if drafts is not None else None
    body = render_template(
        "tender/criteria.html", form=form, title=title, endpoint=endpoint, labels=labels, total=total,
        unread=drafts is None, checks=[shown(tender, check) for check in checks],
        examples=_examples(form, drafts, lots),
        **access.page_of(tender, title),
    )  # fmt: skip
    return body, form.status


def _examples(
    form: CriteriaForm, drafts: tuple[CriterionDraft, ...] | None, lots: list[Lot]
) -> tuple[Lot, Sample] | None:
    """What the examples score in the first lot; nothing before there is a lot and a table."""
    if not drafts or not lots:
        return None
    lot = lots[0]
    rate = lot.price_object in labels.RATES
    prices = form.prices(example_prices(lot.price_object, lot.ceiling), rate)
    facts = [LineFacts(row.block, row.name, row.points, row.kind, row.options) for row in drafts]
    return lot, samples(facts, prices, fixed=lot.price_object is PriceObject.FIXED)
