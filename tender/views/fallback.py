"""The way on after a failure: the tender begun again, or the government's decision with its document."""

from decimal import Decimal
from typing import Any

from flask import render_template, send_file, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import col, select
from wtforms import DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.clock import local_date
from core.documents.models import IssuedDocument
from core.errors import N_, NotFound
from core.house import files_of
from core.identity.models import Organisation, OrganisationKind
from core.web import Form, accepts, actor, allow, clock, now, perform, session
from core.web.forms import DayField, FileField
from tender import services
from tender.forms.text import choices
from tender.models import Award, GovernmentDecision, Lot, Tender
from tender.services.fallback import (
    MEGABYTES,
    SUFFIXES,
    Choice,
    clause_of,
    decisions_of,
    following,
    open_lots,
)
from tender.views import access, labels
from tender.views.blueprint import bp


class DecisionFormBase(Form):
    """The government's decision: its document, and who takes over each lot."""

    number = StringField(lazy_gettext("Number of the document"), [InputRequired(), Length(max=80)])
    issuer = StringField(lazy_gettext("Decided by"), [InputRequired(), Length(max=120)])
    decided_on = DayField(lazy_gettext("Day of the decision"), [InputRequired()])
    method = TextAreaField(
        lazy_gettext("How the insurers are found"), [InputRequired(), Length(max=4000)], render_kw={"rows": 4}
    )
    file = FileField(
        lazy_gettext("The document (PDF)"), [InputRequired()], suffixes=SUFFIXES, megabytes=MEGABYTES
    )


def _decision_form(lots: list[Lot]) -> Any:
    rows = session().exec(
        select(Organisation).where(Organisation.kind == OrganisationKind.INSURER).order_by(col(Organisation.id))
    )
    insurers = [(0, "—"), *((row.id, row.name) for row in rows)]
    entries: dict[str, Any] = {}
    for lot in lots:
        for place in range(1, lot.winners + 1):
            entries[f"insurer-{lot.id}-{place}"] = SelectField(
                gettext("Lot %(lot)s, place %(place)s: insurer", lot=lot.position, place=place), coerce=int,
                choices=choices(insurers), default=0,
            )  # fmt: skip
            entries[f"price-{lot.id}-{place}"] = DecimalField(
                gettext("Lot %(lot)s, place %(place)s: price", lot=lot.position, place=place), [Optional()],
                description=gettext(
                    "%(unit)s; ceiling %(ceiling)s", unit=labels.price_unit(lot.price_object) or gettext("a fraction"),
                    ceiling=labels.price_text(lot.price_object, lot.ceiling),
                ),
            )  # fmt: skip
    made: type[Form] = type("DecisionForm", (DecisionFormBase,), entries)
    return made()


def _chosen(form: Any, lots: list[Lot]) -> list[Choice]:
    return [
        Choice(lot.id or 0, form[f"insurer-{lot.id}-{place}"].data, form[f"price-{lot.id}-{place}"].data or Decimal(0))
        for lot in lots
        for place in range(1, lot.winners + 1)
        if form[f"insurer-{lot.id}-{place}"].data
    ]


@bp.get("/<int:tender_id>/after-failure")
@allow("tender:view")
def fallback(tender_id: int) -> Any:
    """What follows a failed tender or lot."""
    tender = access.tender_for(tender_id)
    lots = open_lots(session(), tender)
    again = following(session(), tender)
    return render_template(
        "tender/fallback.html",
        lots=lots,
        again=again,
        decisions=[_shown(row) for row in decisions_of(session(), tender_id)],
        keys=access.two_keys_of("tender.decision", tender),
        may_record=actor().may("tender:record_decision") and actor().organisation_id == tender.purchaser_id,
        clause=clause_of(tender, local_date(now())),
        labels=labels,
        **access.page_of(tender, gettext("After the failure")),
    )


def _shown(row: GovernmentDecision) -> dict[str, Any]:
    awards = session().exec(select(Award).where(Award.decision_id == row.id).order_by(col(Award.id)))
    return {
        "row": row,
        "notice": session().get_one(IssuedDocument, row.document_id),
        "awards": [
            (award, session().get_one(Lot, award.lot_id), session().get_one(Organisation, award.insurer_id).name)
            for award in awards
        ],
    }


@bp.route("/<int:tender_id>/after-failure/decision", methods=["GET", "POST"])
@allow("tender:record_decision", fresh=True)
@accepts(MEGABYTES + 1)
def government_decision(tender_id: int) -> Any:
    """Ask a second person to record the government's decision."""
    tender = access.tender_for(tender_id)
    lots = open_lots(session(), tender)
    form = _decision_form(lots)

    def write(database: Any) -> Any:
        return services.request_decision(
            database, actor(), clock(), tender_id, number=form.number.data or "", issuer=form.issuer.data or "",
            decided_on=form.decided_on.data, method=form.method.data or "", content=form.file.data.read(),
            file_name=form.file.data.filename or "decision.pdf", choices=_chosen(form, lots),
        )  # fmt: skip

    done = form.save(
        write, then=lambda _approval: url_for("tender.fallback", tender_id=tender_id),
        message=gettext("A second person must approve now"),
    )  # fmt: skip
    title = gettext("Record the government's decision")
    clause = clause_of(tender, local_date(now()))
    page = access.page_of(tender, title)
    return done or (render_template("tender/decision.html", form=form, clause=clause, title=title, **page), form.status)


@bp.get("/<int:tender_id>/after-failure/decisions/<int:decision_id>/document")
@allow("tender:view")
def decision_document(tender_id: int, decision_id: int) -> Any:
    """The decision's document as it was uploaded."""
    tender: Tender = access.tender_for(tender_id)
    row = next((one for one in decisions_of(session(), tender.id or 0) if one.id == decision_id), None)
    if row is None:
        raise NotFound(N_("There is no such document"))
    return send_file(
        files_of(session()).path(row.file_sha256), "application/pdf", as_attachment=True, download_name=row.file_name
    )


@bp.post("/<int:tender_id>/after-failure/again")
@allow("tender:prepare")
def retender(tender_id: int) -> Any:
    """Begin the tender again for its failed lots."""
    return perform(
        lambda database: services.retender(database, actor(), clock(), tender_id),
        then=lambda again: url_for("tender.prepare", tender_id=again.id),
        message=gettext("The tender is begun again and linked to the first one"),
    )
