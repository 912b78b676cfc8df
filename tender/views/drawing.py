"""Pages of the draw: the expert pool, the list, the two supervisors' numbers, the order, refusals and the record."""

from io import BytesIO
from typing import Any

import rfc8785
from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlmodel import col, select
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from core.errors import Invalid, N_, NotFound
from core.identity.models import Organisation, OrganisationKind, User
from core.web import Action, Column, Form, Table, actor, allow, clock, listing, session
from core.web.forms import CountField, DayField
from tender import services
from tender.forms.text import choices
from tender.models import CommitteeDraw, CommitteeMember, Tender
from tender.rules.committee import commitment_of
from tender.services.drawing import (
    SUPERVISORS,
    draws_of,
    members_ever,
    numbers_of,
    open_draw,
    pool,
    profile_of,
    record_of,
    sorted_pool,
    vacant,
)
from tender.services.stage import cite
from tender.views import access
from tender.views.blueprint import bp

#: Why an expert is not in the list.
REASONS = {
    "employer": lazy_gettext("works for the purchaser or the policyholder"),
    "absent": lazy_gettext("absent"),
    "interest": lazy_gettext("interest in a party or a bidder"),
    "sat": lazy_gettext("sits or sat on this committee"),
}
#: A secret number that nobody can guess from its hash.
LEAST_LENGTH = 20


@bp.get("/<int:tender_id>/draw/<int:round>/draw.json")
@allow("tender:view")
def draw_file(tender_id: int, round: int) -> Any:
    """The record of a finished draw as the file with which anybody draws again."""
    tender = access.tender_for(tender_id)
    for row in draws_of(session(), tender_id):
        if row.round == round and row.drawn_at is not None:
            content = rfc8785.dumps(record_of(session(), tender, row))
            return send_file(BytesIO(content), "application/json", as_attachment=True, download_name="draw.json")
    raise NotFound(N_("There is no such draw"))


class CandidatesForm(Form):
    """What the handler fixes before a draw."""

    members = CountField(lazy_gettext("Members of the committee"), [Optional()], minimum=5, maximum=21)
    purchasers = SelectMultipleField(
        lazy_gettext("Purchaser's representatives"), [Optional()], coerce=int,
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip


class CommitForm(Form):
    """A supervisor's commitment: the hash made elsewhere, or the number itself, which is hashed and forgotten."""

    commitment = StringField(
        lazy_gettext("SHA-256 of my secret number"), [Optional(), Length(max=80)], render_kw={"autocomplete": "off"}
    )
    nonce = StringField(
        lazy_gettext("Or the secret number itself"), [Optional(), Length(min=LEAST_LENGTH, max=200)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip


class RevealForm(Form):
    """A supervisor's number, exactly as it was committed to."""

    nonce = StringField(
        lazy_gettext("My secret number"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "off"}
    )


class ReasonForm(Form):
    """A reason that stays in the record."""

    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=500)], render_kw={"rows": 3})


@bp.get("/<int:tender_id>/draw")
@allow("tender:view")
def draw(tender_id: int) -> Any:
    """Every draw of the committee with its list, commitments, numbers and order."""
    tender = access.tender_for(tender_id)
    person, running = actor(), open_draw(session(), tender_id)
    held = numbers_of(session(), running) if running else []
    own = next((row for row in held if row.user_id == person.user_id), None)
    seats = members_ever(session(), tender_id) if person.may("tender:appoint_committee") else []
    page = access.page_of(tender, gettext("Draw of the committee"))
    free, left_out = sorted_pool(session(), tender, clock().now())
    return render_template(
        "tender/draw.html",
        draws=[(row, _numbers(row)) for row in draws_of(session(), tender_id)],
        running=running,
        vacant=vacant(session(), tender_id),
        free=len(free),
        left_out=left_out,
        handler=person.may("tender:appoint_committee"),
        may_commit=running is not None and person.may("tender:supervise_draw") and len(held) < SUPERVISORS and not own,
        may_reveal=running is not None and running.root is not None and own is not None and own.revealed_at is None,
        seats=[(session().get_one(User, row.user_id).name, row) for row in seats],
        seat_of={row.user_id: row for row in members_ever(session(), tender_id)},
        names={row.user_id: session().get_one(User, row.user_id).name for row in seats},
        REASONS=REASONS,
        clause=cite(tender, "draw"),
        **page,
    )


def _numbers(row: CommitteeDraw) -> list[tuple[str, Any]]:
    return [(session().get_one(User, one.user_id).name, one) for one in numbers_of(session(), row)]


def _form_page(tender: Tender, form: Form, title: str, hints: dict[str, str] | None = None) -> Any:
    page = access.page_of(tender, title)
    body = render_template(
        "tender/edit.html", form=form, title=title, hints=hints or {}, back=_back(tender.id or 0), **page
    )
    return body, form.status


def _back(tender_id: int) -> str:
    return url_for("tender.draw", tender_id=tender_id)


@bp.route("/<int:tender_id>/draw/candidates", methods=["GET", "POST"])
@allow("tender:appoint_committee", fresh=True)
def fix_candidates(tender_id: int) -> Any:
    """Fix the list from which the committee is drawn."""
    tender = access.tender_for(tender_id)
    form = CandidatesForm()
    rows = session().exec(
        select(User).where(User.organisation_id == tender.purchaser_id, col(User.disabled_at).is_(None))
    )
    form.purchasers.choices = choices([(row.id, row.name) for row in rows if "handler" in row.role_names])
    done = form.save(
        lambda database: services.fix_candidates(
            database, actor(), clock(), tender_id, purchasers=form.purchasers.data or [], members=form.members.data
        ),
        then=lambda _row: _back(tender_id),
        message=gettext("The list is fixed; now two supervisors commit to a secret number each"),
    )
    hints = {
        "members": gettext("Empty: the least lawful number."),
        "purchasers": gettext("At least two thirds of the members are drawn experts."),
    }
    return done or _form_page(tender, form, gettext("Fix the list of candidates"), hints)


def _running(tender_id: int) -> int:
    running = open_draw(session(), tender_id)
    if running is None:
        raise NotFound(N_("There is no such draw"))
    return running.id or 0


@bp.route("/<int:tender_id>/draw/commit", methods=["GET", "POST"])
@allow("tender:supervise_draw", fresh=True)
def commit_number(tender_id: int) -> Any:
    """A supervisor commits to a secret number."""
    tender = access.tender_for(tender_id)
    form, number = CommitForm(), _running(tender_id)

    def write(database: Any) -> Any:
        given, made = (form.nonce.data or "").strip(), (form.commitment.data or "").strip()
        if bool(given) == bool(made):
            raise Invalid(N_("Give either the hash or the number"), field="commitment")
        return services.commit_number(database, actor(), clock(), number, made or commitment_of(given))

    done = form.save(
        write, then=lambda _row: _back(tender_id),
        message=gettext("Your commitment is recorded; keep the number: without it the draw cannot be finished"),
    )  # fmt: skip
    hints = {
        "commitment": gettext("Best made on your own computer, with any tool that knows SHA-256."),
        "nonce": gettext("At least 20 characters that nobody can guess; it is hashed here and not kept."),
    }
    return done or _form_page(tender, form, gettext("Commit to a secret number"), hints)


@bp.route("/<int:tender_id>/draw/reveal", methods=["GET", "POST"])
@allow("tender:supervise_draw", fresh=True)
def reveal_number(tender_id: int) -> Any:
    """A supervisor reveals the number; the second one makes the draw."""
    tender = access.tender_for(tender_id)
    form, number = RevealForm(), _running(tender_id)
    done = form.save(
        lambda database: services.reveal_number(database, actor(), clock(), number, (form.nonce.data or "").strip()),
        then=lambda _row: _back(tender_id), message=gettext("Your number is revealed"),
    )  # fmt: skip
    return done or _form_page(tender, form, gettext("Reveal my number"))


@bp.route("/<int:tender_id>/draw/abandon", methods=["GET", "POST"])
@allow("tender:appoint_committee", fresh=True)
def abandon_draw(tender_id: int) -> Any:
    """Give up a draw that cannot go on."""
    tender = access.tender_for(tender_id)
    form, number = ReasonForm(), _running(tender_id)
    done = form.save(
        lambda database: services.abandon_draw(database, actor(), clock(), number, form.reason.data or ""),
        then=lambda _row: _back(tender_id), message=gettext("The draw is given up; its reason stays in the record"),
    )  # fmt: skip
    return done or _form_page(tender, form, gettext("Give up this draw"))


@bp.route("/<int:tender_id>/committee/<int:member_id>/refusal", methods=["GET", "POST"])
@allow("tender:appoint_committee", fresh=True)
def refusal(tender_id: int, member_id: int) -> Any:
    """Record that a drawn expert does not come; the next in order is seated."""
    tender = access.tender_for(tender_id)
    seat = session().get(CommitteeMember, member_id)
    if seat is None or seat.tender_id != tender_id:
        raise NotFound(N_("There is no such member"))
    form = ReasonForm()
    done = form.save(
        lambda database: services.record_refusal(database, actor(), clock(), member_id, form.reason.data or ""),
        then=lambda _row: _back(tender_id), message=gettext("Recorded; the next in the order of the draw follows"),
    )  # fmt: skip
    name = session().get_one(User, seat.user_id).name
    return done or _form_page(tender, form, gettext("%(name)s does not come", name=name))


@bp.get("/experts")
@allow("tender:keep_pool")
def experts() -> ResponseReturnValue:
    """The expert pool."""
    profiles = {user.id: profile_of(session(), user.id or 0) for user in pool(session())}
    organisations = {row.id: row.name for row in session().exec(select(Organisation))}

    def of(user: User, name: str) -> Any:
        return getattr(profiles[user.id], name, None)

    def interests(user: User) -> str:
        return "、".join(organisations.get(row["organisation"], "") for row in of(user, "recusals") or [])

    columns = [
        Column("number", lazy_gettext("Number"), "number", value=lambda one: one.id, sort=True),
        Column("name", lazy_gettext("Name"), value=lambda one: one.name, sort=True),
        Column("specialty", lazy_gettext("Field"), value=lambda one: of(one, "specialty") or "", sort=True),
        Column("employer", lazy_gettext("Employer"), value=lambda one: of(one, "employer") or "", sort=True),
        Column("recusals", lazy_gettext("Recusals"), value=interests),
        Column("absent", lazy_gettext("Absent until"), "day", value=lambda one: of(one, "absent_until")),
    ]
    table = Table(
        pool(session()), columns, caption=lazy_gettext("Expert pool"), filename="experts",
        search=lambda one: f"{one.name} {of(one, 'specialty') or ''} {of(one, 'employer') or ''}",
        search_label=lazy_gettext("Name, field or employer"),
        action=lambda one: Action(lazy_gettext("Edit"), url_for(".expert", user_id=one.id)),
        empty=lazy_gettext("No expert has an account yet"),
    )  # fmt: skip
    return listing("tender/experts.html", table)


class ExpertForm(Form):
    """An expert's entry in the pool."""

    specialty = StringField(lazy_gettext("Field"), [InputRequired(), Length(max=100)])
    employer = StringField(lazy_gettext("Employer"), [InputRequired(), Length(max=120)])
    recusals = SelectMultipleField(
        lazy_gettext("Interests within three years"), [Optional()], coerce=int,
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip
    reason = StringField(lazy_gettext("What the interests are"), [Optional(), Length(max=200)])
    absent_until = DayField(lazy_gettext("Absent until"), [Optional()])


@bp.route("/experts/<int:user_id>", methods=["GET", "POST"])
@allow("tender:keep_pool")
def expert(user_id: int) -> Any:
    """One expert's entry."""
    user = next((row for row in pool(session()) if row.id == user_id), None)
    if user is None:
        raise NotFound(N_("There is no such expert"))
    known = profile_of(session(), user_id)
    form = ExpertForm(data=_entry(known) if known and request.method == "GET" else {})
    kinds = [OrganisationKind.INSURER, OrganisationKind.DEPARTMENT, OrganisationKind.AGENCY]
    rows = session().exec(
        select(Organisation).where(col(Organisation.kind).in_(kinds)).order_by(col(Organisation.kind), Organisation.id)
    )
    form.recusals.choices = choices([(row.id, row.name) for row in rows])
    done = form.save(
        lambda database: services.keep_expert(
            database, actor(), clock(), user_id, specialty=form.specialty.data or "",
            employer=form.employer.data or "", absent_until=form.absent_until.data,
            recusals=[(number, form.reason.data or "") for number in form.recusals.data or []],
        ),
        then=lambda _row: url_for("tender.experts"),
        message=gettext("Saved"),
    )  # fmt: skip
    return done or (render_template("tender/expert.html", form=form, user=user), form.status)


def _entry(known: Any) -> dict[str, Any]:
    return {
        "specialty": known.specialty, "employer": known.employer, "absent_until": known.absent_until,
        "recusals": [row["organisation"] for row in known.recusals],
        "reason": known.recusals[0]["reason"] if known.recusals else "",
    }  # fmt: skip
