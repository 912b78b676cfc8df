"""The preparation's pages: new tender, head, lots, fields, history, conditions, scoring table, dates; each a form."""

from dataclasses import asdict
from io import BytesIO
from typing import Any

from flask import redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlmodel import col, select

from core import policy
from core.errors import N_, NotFound
from core.identity.models import Organisation, OrganisationKind
from core.web import actor, allow, clock, now, perform, session
from tender import services
from tender.forms import (
    BasicsForm,
    ConditionsForm,
    LotForm,
    NewTenderForm,
    YearForm,
    fields_form,
)
from tender.forms.text import assessment_lines, choices, instalment_lines, split_lines
from tender.models import ContractTerms, HistoricalYear, Lot, Tender
from tender.services import previewing
from tender.services.drafts import BasicsDraft, LotDraft, TermsDraft, YearDraft
from tender.services.preparation import field_titles, mandatory_fields
from tender.services.review import conditions_of
from tender.services.scoring import criteria_of
from tender.starting import ConditionDraft
from tender.views import access, labels
from tender.views.blueprint import bp


def _agencies() -> list[tuple[int, str]]:
    kinds = (OrganisationKind.AGENCY, OrganisationKind.DEPARTMENT)
    rows = session().exec(select(Organisation).where(col(Organisation.kind).in_(kinds)).order_by(col(Organisation.id)))
    return [(row.id or 0, row.name) for row in rows]


def _sources() -> list[tuple[str, str]]:
    packs = [(f"pack:{name}", pack.identity.title) for name, pack in policy.packs().items()]
    own = select(Tender).where(Tender.purchaser_id == actor().organisation_id).order_by(col(Tender.id).desc())
    return packs + [(f"tender:{row.id}", f"{row.number} {row.title}") for row in session().exec(own)]


@bp.route("/new", methods=["GET", "POST"])
@allow("tender:prepare")
def new() -> Any:
    """Begin a tender from a policy pack or from an earlier tender."""
    form = NewTenderForm()
    form.policyholder_id.choices, form.source.choices = choices(_agencies()), choices(_sources())

    def begin(database: Any) -> Tender:
        kind, _, name = str(form.source.data).partition(":")
        if kind == "tender":
            return services.clone_tender(database, actor(), clock(), int(name), basics=form.draft())
        return services.create_tender(database, actor(), clock(), pack=name, basics=form.draft())

    done = form.save(
        begin,
        then=lambda tender: url_for("tender.prepare", tender_id=tender.id),
        message=gettext("The tender is begun; what the policy says is filled in"),
    )
    return done or (render_template("tender/new.html", form=form), form.status)


@bp.get("/<int:tender_id>/prepare")
@allow("tender:prepare")
def prepare(tender_id: int) -> Any:
    """All parts of the preparation on one page, each with its state."""
    tender = access.tender_for(tender_id)
    database = session()
    lots = services.lots_of(database, tender_id)
    return render_template(
        "tender/prepare.html",
        **access.page_of(tender, gettext("Preparation")),
        labels=labels,
        lots=lots,
        fields=[(row, field_titles(tender).get(row.key, row.key)) for row in mandatory_fields(database, tender_id)],
        history={lot.id: _years(lot) for lot in lots},
        conditions=conditions_of(database, tender_id),
        criteria=criteria_of(database, tender_id),
        keys=services.tender_keys(database, tender_id),
    )


@bp.get("/<int:tender_id>/preview/<kind>")
@allow("tender:view")
def preview(tender_id: int, kind: str) -> Any:
    """A paper as it would be issued now, for the purchaser's own people; it is rendered anew each time."""
    tender = access.tender_for(tender_id)
    if actor().organisation_id != tender.purchaser_id:
        raise NotFound(N_("There is no such tender"))
    job = previewing.preview(session(), tender, now(), kind, request.args.get("lot", 1, type=int))
    session().rollback()  # rendering takes seconds: nothing is held meanwhile
    return send_file(BytesIO(job.render().pdf), "application/pdf", download_name=f"{kind}-preview.pdf")


def _page(form: Any, tender: Tender, title: str, template: str = "tender/edit.html", **more: Any) -> Any:
    page = access.page_of(tender, title) | {"back": url_for("tender.prepare", tender_id=tender.id)} | more
    return render_template(template, form=form, title=title, **page), form.status


def _back(tender_id: int, anchor: str) -> Any:
    return lambda _result: url_for("tender.prepare", tender_id=tender_id, _anchor=anchor)


@bp.route("/<int:tender_id>/basics", methods=["GET", "POST"])
@allow("tender:prepare")
def edit_basics(tender_id: int) -> Any:
    """Edit the head of the tender."""
    tender = access.tender_for(tender_id)
    values = {name: getattr(tender, name) for name in BasicsDraft.__dataclass_fields__}
    values |= {"award_rule": tender.award_rule.value, "media": "\n".join(tender.media)}
    form = BasicsForm(data=values)
    form.policyholder_id.choices = choices(_agencies())
    done = form.save(
        lambda database: services.edit_basics(database, actor(), clock(), tender_id, form.draft()),
        then=_back(tender_id, "basics"),
        message=gettext("Saved"),
    )
    return done or _page(form, tender, gettext("Basic facts"))


def draft_of(lot: Lot) -> LotDraft:
    """A lot as the draft it could be written from."""
    values = {name: getattr(lot, name) for name in LotDraft.__dataclass_fields__}
    return LotDraft(**{**values, "split": tuple(lot.split)})


@bp.route("/<int:tender_id>/lots/<int:position>", methods=["GET", "POST"])
@allow("tender:prepare")
def edit_lot(tender_id: int, position: int) -> Any:
    """Edit a lot, or add the next one, with the contract parameters it fixes."""
    tender = access.tender_for(tender_id)
    lots = services.lots_of(session(), tender_id)
    if not 1 <= position <= len(lots) + 1:
        raise NotFound(N_("There is no such lot"))
    form = LotForm(data=lot_values(lots[position - 1]) if position <= len(lots) else {})
    drafts = [draft_of(lot) for lot in lots]

    def write(database: Any) -> Any:
        written = services.set_lots(
            database, actor(), clock(), tender_id, [*drafts[: position - 1], form.draft(), *drafts[position:]]
        )
        return services.set_contract_terms(
            database, actor(), clock(), written[position - 1].id or 0, form.terms()
        )

    done = form.save(write, then=_back(tender_id, "lots"), message=gettext("Saved"))
    return done or _page(form, tender, gettext("Lot %(number)s", number=position), hints=lot_hints(tender))


def lot_hints(tender: Tender) -> dict[str, str]:
    """How the lines of a lot's form are written."""
    return {
        "split": gettext("By share: per cent, as 60. By district: the districts, a space and the insured."),
        "instalments": gettext("Per cent, a space and month-day, as 60 03-31; they add up to 100."),
        "assessment": gettext("Indicator, a space and its per cent; they add up to 100. Empty: set each year."),
        "expense_cap_rate": gettext("Of the premium; the text is silent, so the tender must choose."),
        "sharing_reading": _reading_hint(tender),
    }


def _reading_hint(tender: Tender) -> str:
    """What a reading is, and where to see what each leads to; the paper of the term may leave sharing open."""
    hint = gettext("The text can be read in several ways; the chosen one is printed in the contract.")
    if policy.view(tender.pack, tender.term_from).sharing is None:
        return hint
    address = url_for("policy.pack", name=tender.pack, on=tender.term_from.isoformat(), _anchor="incentives")
    look = gettext("See what each reading leads to, in yuan, before anyone signs it.")
    return Markup('{} <a href="{}">{}</a>').format(hint, address, look)


def terms_of(lot: Lot) -> TermsDraft | None:
    """The contract parameters of a lot as the draft they could be written from; None before they are chosen."""
    row = session().exec(select(ContractTerms).where(ContractTerms.lot_id == lot.id)).one_or_none()
    if row is None:
        return None
    values = {name: getattr(row, name) for name in TermsDraft.__dataclass_fields__}
    lists = {name: tuple(values[name]) for name in ("instalments", "assessment")}
    return TermsDraft(**{**values, **lists})


def lot_values(lot: Lot) -> dict[str, Any]:
    """A lot and its contract parameters as `LotForm` takes them."""
    values = asdict(draft_of(lot))
    rate = lot.price_object in labels.RATES
    values |= {
        "scheme": lot.scheme.value,
        "price_object": lot.price_object.value,
        "split_method": lot.split_method.value,
        "split": split_lines(lot.split_method, lot.split),
        "ceiling": None if rate else lot.ceiling,
        "ceiling_rate": lot.ceiling if rate else None,
    }
    terms = session().exec(select(ContractTerms).where(ContractTerms.lot_id == lot.id)).one_or_none()
    if terms is not None:
        lines = {
            "instalments": instalment_lines(terms.instalments), "assessment": assessment_lines(terms.assessment)
        }  # fmt: skip
        values |= {**terms.model_dump(exclude={"id", "lot_id"}), **lines}
    return values


@bp.post("/<int:tender_id>/lots/<int:position>/remove")
@allow("tender:prepare")
def remove_lot(tender_id: int, position: int) -> Any:
    """Take a lot out of the preparation."""
    drafts = [draft_of(lot) for lot in services.lots_of(session(), tender_id) if lot.position != position]
    return perform(
        lambda database: services.set_lots(database, actor(), clock(), tender_id, drafts),
        then=_back(tender_id, "lots"),
        message=gettext("The lot is removed"),
    )


@bp.get("/<int:tender_id>/lots")
@allow("tender:prepare")
def edit_lots(tender_id: int) -> Any:
    """Where the checks send for lots: the first lot, or a new one."""
    return redirect(url_for("tender.edit_lot", tender_id=tender_id, position=1))


@bp.route("/<int:tender_id>/fields", methods=["GET", "POST"])
@allow("tender:prepare")
def edit_fields(tender_id: int) -> Any:
    """The mandatory fields the tender document must state (J10)."""
    tender = access.tender_for(tender_id)
    rows = mandatory_fields(session(), tender_id)
    form = fields_form(field_titles(tender), {row.key: row.text for row in rows})
    keys = [row.key for row in rows]
    done = form.save(
        lambda database: services.set_mandatory_fields(
            database, actor(), clock(), tender_id, {key: form[key].data or "" for key in keys}
        ),
        then=_back(tender_id, "fields"),
        message=gettext("Saved"),
    )
    return done or _page(form, tender, gettext("Mandatory fields"))


def _years(lot: Lot) -> list[HistoricalYear]:
    rows = select(HistoricalYear).where(HistoricalYear.lot_id == lot.id).order_by(col(HistoricalYear.year))
    return list(session().exec(rows))


@bp.route("/<int:tender_id>/lots/<int:position>/history", methods=["GET", "POST"])
@allow("tender:prepare")
def add_year(tender_id: int, position: int) -> Any:
    """Write one past year of a lot; a year that is there already is replaced."""
    tender = access.tender_for(tender_id)
    lot = next((row for row in services.lots_of(session(), tender_id) if row.position == position), None)
    if lot is None:
        raise NotFound(N_("There is no such lot"))
    known = [YearDraft(**row.model_dump(exclude={"id", "lot_id"})) for row in _years(lot)]
    asked = request.args.get("year", type=int)
    form = YearForm(data=next((asdict(year) for year in known if year.year == asked), {}))
    number = lot.id or 0
    done = form.save(
        lambda database: services.set_historical_years(
            database, actor(), clock(), number,
            [*(year for year in known if year.year != form.year.data), form.draft()],
        ),
        then=_back(tender_id, "history"),
        message=gettext("Saved"),
    )  # fmt: skip
    return done or _page(form, tender, gettext("Historical data of lot %(number)s", number=position))


@bp.route("/<int:tender_id>/conditions", methods=["GET", "POST"])
@allow("tender:prepare")
def edit_conditions(tender_id: int) -> Any:
    """The conditions a bidder must meet, one a line with proof and article."""
    tender = access.tender_for(tender_id)
    lines = [f"{row.text} | {row.proof} | {row.clause}" for row in conditions_of(session(), tender_id)]
    form = ConditionsForm(data={"conditions": "\n".join(lines)})
    done = form.save(
        lambda database: services.set_conditions(
            database, actor(), clock(), tender_id,
            [ConditionDraft(*(part.strip() for part in line.split("|"))) for line in form.conditions.lines],
        ),
        then=_back(tender_id, "conditions"),
        message=gettext("Saved"),
    )  # fmt: skip
    return done or _page(form, tender, gettext("Qualification conditions"))


@bp.post("/<int:tender_id>/publish")
@allow("tender:publish", fresh=True)
def publish(tender_id: int) -> Any:
    """Ask a second person to publish."""
    return perform(
        lambda database: services.request_publication(database, actor(), clock(), tender_id),
        then=lambda _approval: url_for("tender.show", tender_id=tender_id, _anchor="checks"),
        message=gettext("A second person must approve now"),
    )
