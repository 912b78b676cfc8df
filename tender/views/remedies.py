"""Pages of queries and complaints: lodging, reply by two people, complaint and decision, the public register."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.clock import local_date
from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.web import Form, actor, allow, clock, now, public, session
from core.web.forms import DayField
from tender import services
from tender.forms.text import choices
from tender.models import ComplaintOutcome, Query, QueryAbout, QueryOutcome, Tender
from tender.rules.remedies import consequence
from tender.services.remedies import complaint_of, queries_of, register_is_public
from tender.views import access
from tender.views.blueprint import bp

ABOUT = {
    QueryAbout.DOCUMENT: lazy_gettext("The tender document"),
    QueryAbout.PROCESS: lazy_gettext("The process"),
    QueryAbout.RESULT: lazy_gettext("The result"),
}
OUTCOMES = {
    QueryOutcome.UNFOUNDED: lazy_gettext("Unfounded"),
    QueryOutcome.NO_EFFECT: lazy_gettext("Founded, without effect on the result"),
    QueryOutcome.AFFECTS: lazy_gettext("Founded, may affect the result"),
}
DECISIONS = {
    ComplaintOutcome.REJECTED: lazy_gettext("Rejected"),
    ComplaintOutcome.FOUNDED: lazy_gettext("Founded"),
}


class LetterForm(Form):
    """A query letter; the supplier's name, the project and the date are known to the house."""

    about = RadioField(lazy_gettext("What the query is about"), [InputRequired()], choices=choices(ABOUT))
    address = StringField(lazy_gettext("Address"), [InputRequired(), Length(max=200)])
    postcode = StringField(lazy_gettext("Postcode"), [InputRequired(), Length(max=10)])
    contact = StringField(lazy_gettext("Contact"), [InputRequired(), Length(max=40)])
    telephone = StringField(lazy_gettext("Telephone"), [InputRequired(), Length(max=40)])
    matters = TextAreaField(lazy_gettext("Matters and requests"), [InputRequired()], render_kw={"rows": 4})
    facts = TextAreaField(lazy_gettext("Facts"), [InputRequired()], render_kw={"rows": 4})
    basis = TextAreaField(lazy_gettext("Legal grounds"), [InputRequired()], render_kw={"rows": 3})


class ReplyForm(Form):
    """The reply and its outcome."""

    outcome = RadioField(lazy_gettext("Outcome"), [InputRequired()], choices=choices(OUTCOMES))
    reply = TextAreaField(lazy_gettext("Reply with facts and legal grounds"), [InputRequired()], render_kw={"rows": 8})


class ComplaintForm(Form):
    """What the finance department's notice says of a complaint."""

    authority = StringField(lazy_gettext("Finance department"), [InputRequired(), Length(max=100)])
    received_on = DayField(lazy_gettext("Received by the finance department"), [InputRequired()])
    notified_on = DayField(lazy_gettext("Copy received here"), [InputRequired()])
    suspended_on = DayField(lazy_gettext("Procurement suspended by notice of"), [Optional()])
    matters = TextAreaField(lazy_gettext("Matters and requests"), [InputRequired()], render_kw={"rows": 4})


class TextForm(Form):
    """One text: a statement, or what was done."""

    text = TextAreaField(lazy_gettext("Text"), [InputRequired()], render_kw={"rows": 6})


class DecisionForm(Form):
    """The finance department's decision."""

    outcome = RadioField(lazy_gettext("Decision"), [InputRequired()], choices=choices(DECISIONS))
    decided_on = DayField(lazy_gettext("Day of the decision"), [InputRequired()])
    decision = TextAreaField(lazy_gettext("Text"), [InputRequired()], render_kw={"rows": 6})


def _found(query_id: int) -> tuple[Query, Tender]:
    row = session().get(Query, query_id)
    if row is None:
        raise NotFound(N_("There is no such query"))
    return row, access.tender_for(row.tender_id)


@bp.get("/queries/<int:query_id>")
@allow("tender:answer_query")
def query(query_id: int) -> Any:
    """A query with its letter, the two keys of the reply, and the complaint after it."""
    row, tender = _found(query_id)
    asked = access.two_keys_of("tender.reply", row)
    return render_template(
        "tender/query.html", row=row, keys=asked, complaint=complaint_of(session(), row), about=ABOUT,
        outcomes=OUTCOMES, decisions=DECISIONS, supplier=session().get_one(Organisation, row.organisation_id).name,
        proposed=QueryOutcome(asked["approval"].payload["outcome"]) if asked["approval"] else None,
        follows=gettext(consequence(row.about, row.outcome)) if row.outcome else "",
        records=actor().may("tender:record_complaint"),
        **access.page_of(tender, gettext("Query No. %(number)s", number=row.number)),
    )  # fmt: skip


def _act(form: Form, done: Any, row: Query, tender: Tender, title: str) -> Any:
    page = access.page_of(tender, title)
    body = render_template("tender/query_act.html", form=form, row=row, title=title, **page)
    return done or (body, form.status)


def _back(query_id: int) -> Any:
    return lambda _row: url_for("tender.query", query_id=query_id)


@bp.route("/queries/<int:query_id>/reply", methods=["GET", "POST"])
@allow("tender:answer_query", fresh=True)
def reply(query_id: int) -> Any:
    """Ask a second person to reply."""
    row, tender = _found(query_id)
    form = ReplyForm()
    done = form.save(
        lambda database: services.request_reply(
            database, actor(), clock(), query_id, outcome=QueryOutcome(form.outcome.data), reply=form.reply.data or ""
        ),
        then=_back(query_id),
        message=gettext("A second person must approve now"),
    )
    return _act(form, done, row, tender, gettext("Reply to the query"))


@bp.route("/queries/<int:query_id>/complaint", methods=["GET", "POST"])
@allow("tender:record_complaint")
def complaint(query_id: int) -> Any:
    """Register a complaint that the finance department took up."""
    row, tender = _found(query_id)
    form = ComplaintForm()
    done = form.save(
        lambda database: services.record_complaint(
            database, actor(), clock(), query_id, authority=form.authority.data or "",
            received_on=form.received_on.data, notified_on=form.notified_on.data,
            suspended_on=form.suspended_on.data, matters=form.matters.data or "",
        ),
        then=_back(query_id),
        message=gettext("Saved"),
    )  # fmt: skip
    return _act(form, done, row, tender, gettext("Register a complaint"))


def _complaint_number(row: Query) -> int:
    known = complaint_of(session(), row)
    if known is None:
        raise NotFound(N_("There is no such complaint"))
    return known.id or 0


@bp.route("/queries/<int:query_id>/complaint/statement", methods=["GET", "POST"])
@allow("tender:record_complaint")
def statement(query_id: int) -> Any:
    """Keep the statement to the finance department."""
    row, tender = _found(query_id)
    number, form = _complaint_number(row), TextForm()
    done = form.save(
        lambda database: services.record_statement(database, actor(), clock(), number, form.text.data or ""),
        then=_back(query_id),
        message=gettext("Saved"),
    )
    return _act(form, done, row, tender, gettext("Statement on the complaint"))


@bp.route("/queries/<int:query_id>/complaint/decision", methods=["GET", "POST"])
@allow("tender:record_complaint")
def decision(query_id: int) -> Any:
    """Register the finance department's decision."""
    row, tender = _found(query_id)
    number, form = _complaint_number(row), DecisionForm()
    done = form.save(
        lambda database: services.record_decision(
            database, actor(), clock(), number, outcome=ComplaintOutcome(form.outcome.data),
            decided_on=form.decided_on.data, decision=form.decision.data or "",
        ),
        then=_back(query_id),
        message=gettext("Saved"),
    )  # fmt: skip
    return _act(form, done, row, tender, gettext("Decision on the complaint"))


@bp.route("/queries/<int:query_id>/carried-out", methods=["GET", "POST"])
@allow("tender:answer_query", fresh=True)
def carried_out(query_id: int) -> Any:
    """Say what was done after a founded query or complaint; signing goes on."""
    row, tender = _found(query_id)
    form = TextForm()
    done = form.save(
        lambda database: services.record_carried_out(database, actor(), clock(), query_id, form.text.data or ""),
        then=_back(query_id),
        message=gettext("Saved"),
    )
    return _act(form, done, row, tender, gettext("What was done"))


@bp.route("/opportunities/<int:tender_id>/query", methods=["GET", "POST"])
@allow("tender:query")
def lodge(tender_id: int) -> Any:
    """An insurer lodges a query in its company's name."""
    tender = access.published_tender(tender_id)
    form = LetterForm()

    def send(database: Any) -> Any:
        names = services.QueryLetter.__dataclass_fields__
        letter = services.QueryLetter(**{name: form[name].data or "" for name in names})
        return services.lodge_query(database, actor(), clock(), tender_id, QueryAbout(form.about.data), letter)

    done = form.save(
        send, then=lambda _row: url_for("tender.opportunity", tender_id=tender_id),
        message=gettext("Your query is lodged; the reply comes within seven working days"),
    )  # fmt: skip
    return done or (render_template("tender/lodge.html", form=form, tender=tender), form.status)


@bp.get("/register/<int:tender_id>")
@public
def register(tender_id: int) -> Any:
    """The public register of a tender's queries and complaints: what, when and how it ended, without names."""
    tender = access.published_tender(tender_id)
    lines = [
        {"row": row, "received": local_date(row.received_at), "complaint": complaint_of(session(), row)}
        for row in queries_of(session(), tender_id)
        if register_is_public(tender, now())
    ]
    return render_template(
        "tender/register.html", tender=tender, lines=lines, about=ABOUT, outcomes=OUTCOMES, decisions=DECISIONS
    )
