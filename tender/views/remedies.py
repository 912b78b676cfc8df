"""The department's pages of queries and complaints: letters, reply by two people, complaint, what is carried out."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from sqlmodel import col, select

from core.calendar import china
from core.errors import N_, NotFound
from core.identity.models import Organisation, OrganisationKind
from core.policy.procurement import limits
from core.web import Form, actor, allow, clock, now, session
from core.web.filters import limit_name
from tender import services
from tender.forms.remedies import (
    ABOUT,
    DECISIONS,
    OUTCOMES,
    ROUTES,
    ComplaintForm,
    DecisionForm,
    PostedLetterForm,
    RemedyForm,
    ReplyForm,
    ReportForm,
    TextForm,
)
from tender.forms.text import choices
from tender.models import Complaint, ComplaintOutcome, Query, QueryAbout, QueryOutcome, Tender
from tender.rules.remedies import Clock, clocks, consequence, touches
from tender.services.remedies import (
    OpenRemedy,
    complaint_of,
    open_remedies,
    register_is_public,
    waits_to_be_carried_out,
)
from tender.views import access, labels
from tender.views.blueprint import bp
from tender.views.register import letter_of


def _found(query_id: int) -> tuple[Query, Tender]:
    row = session().get(Query, query_id)
    if row is None:
        raise NotFound(N_("There is no such query"))
    return row, access.tender_for(row.tender_id)


@bp.get("/queries/<int:query_id>")
@allow("tender:answer_query")
def query(query_id: int) -> Any:
    """A query with its letter and clocks, the two keys of the reply, the complaint after it, and what it leads to.

    Before the opening the supplier is not named: that it queries tells that it holds the documents (87 art. 28).
    """
    row, tender = _found(query_id)
    asked = access.two_keys_of("tender.reply", row)
    complaint = complaint_of(session(), row)
    told = register_is_public(tender, now())
    return render_template(
        "tender/query.html", row=row, keys=asked, complaint=complaint, about=ABOUT, told=told, labels=labels,
        outcomes=OUTCOMES, decisions=DECISIONS, routes=ROUTES,
        supplier=session().get_one(Organisation, row.organisation_id).name if told else "",
        proposed=QueryOutcome(asked["approval"].payload["outcome"]) if asked["approval"] else None,
        follows=gettext(consequence(row.about, row.outcome)) if row.outcome else "",
        waiting=waits_to_be_carried_out(session(), row), remedy=_remedy_keys(row),
        clocks=_clocks(row, complaint), records=actor().may("tender:record_complaint"),
        **access.page_of(tender, gettext("Query No. %(number)s", number=row.number)),
    )  # fmt: skip


def _remedy_keys(row: Query) -> dict[str, Any]:
    """The two keys of what waits to be carried out: in this house, or recorded as done outside it."""
    inside = access.two_keys_of("tender.remedy", row)
    return inside if inside["approval"] else access.two_keys_of("tender.carried_out", row)


def _clocks(row: Query, complaint: Complaint | None) -> list[tuple[str, Clock]]:
    """The limits that run from this query and the complaint after it, each with the name of its step."""
    known = limits(row.received_on)
    copied = complaint.notified_on if complaint else None
    received = complaint.received_on if complaint else None
    suspended = complaint.suspended_on if complaint else None
    found = clocks(row.received_on, copied, received, suspended, known, china())
    return [(limit_name(clock.step), clock) for clock in found]


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
    queried = [lot for lot in services.lots_of(session(), tender.id or 0) if touches(row.lots, lot.position)]
    form.offer(queried, row.lots)
    done = form.save(
        lambda database: services.record_complaint(
            database, actor(), clock(), query_id, authority=form.authority.data or "",
            received_on=form.received_on.data, notified_on=form.notified_on.data,
            suspended_on=form.suspended_on.data, matters=form.matters.data or "",
            letter=services.ComplaintLetter(
                form.lodged_on.data, form.history.data or "", form.facts.data or "", form.basis.data or ""
            ),
            lots=form.positions() or row.lots,
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
    """Ask a second person to record what was done after a founded query or complaint; then signing goes on."""
    row, tender = _found(query_id)
    form = TextForm()
    done = form.save(
        lambda database: services.request_carried_out(database, actor(), clock(), query_id, form.text.data or ""),
        then=_back(query_id),
        message=gettext("A second person must approve now"),
    )
    return _act(form, done, row, tender, gettext("What was done"))


@bp.route("/queries/<int:query_id>/remedy", methods=["GET", "POST"])
@allow("tender:answer_query", fresh=True)
def remedy(query_id: int) -> Any:
    """Ask a second person to carry out what a founded query or complaint leads to."""
    row, tender = _found(query_id)
    form = RemedyForm()
    entries = open_remedies(session(), tender, row, now())
    form.key.choices = choices([(entry.key, _words(entry)) for entry in entries])
    if len(entries) == 1 and not form.is_submitted():
        form.key.data = entries[0].key
    done = form.save(
        lambda database: services.request_remedy(
            database, actor(), clock(), query_id, key=form.key.data or "", reason=form.reason.data or "",
            revoked_on=form.revoked_on.data,
        ),
        then=_back(query_id),
        message=gettext("A second person must approve now"),
    )  # fmt: skip
    return _act(form, done, row, tender, gettext("Carry out the outcome"))


def _words(entry: OpenRemedy) -> str:
    """An act with what it is done to and its article."""
    what = str(ROUTES[entry.remedy.route])
    if entry.award is not None:
        insurer = session().get_one(Organisation, entry.award.insurer_id).name
        lot = entry.lots[0].position
        what = gettext(
            "%(act)s (lot %(lot)s, place %(place)s, %(insurer)s)",
            act=what, lot=lot, place=entry.award.place, insurer=insurer,
        )  # fmt: skip
    elif entry.lots:
        what = gettext("%(act)s (lot %(lot)s)", act=what, lot="、".join(str(lot.position) for lot in entry.lots))
    return f"{what}  {entry.remedy.clause}"


@bp.route("/queries/<int:query_id>/report", methods=["GET", "POST"])
@allow("tender:record_complaint")
def report(query_id: int) -> Any:
    """Keep the day on which the finance department was told of the changed result."""
    row, tender = _found(query_id)
    form = ReportForm()
    done = form.save(
        lambda database: services.record_report(database, actor(), clock(), query_id, form.on.data),
        then=_back(query_id),
        message=gettext("Saved"),
    )
    return _act(form, done, row, tender, gettext("Report to the finance department"))


@bp.route("/<int:tender_id>/queries/post", methods=["GET", "POST"])
@allow("tender:record_complaint")
def post_query(tender_id: int) -> Any:
    """Register a query letter that came on paper; posted in time is in time."""
    tender = access.tender_for(tender_id)
    form = PostedLetterForm()
    form.offer(services.lots_of(session(), tender_id))
    insurers = select(Organisation).where(Organisation.kind == OrganisationKind.INSURER).order_by(col(Organisation.id))
    form.organisation_id.choices = choices([(row.id, row.name) for row in session().exec(insurers)])
    title = gettext("Register a query letter")
    done = form.save(
        lambda database: services.register_query(
            database, actor(), clock(), tender_id, QueryAbout(form.about.data), letter_of(form),
            organisation_id=form.organisation_id.data, posted_on=form.posted_on.data,
            received_on=form.received_on.data, lots=form.positions(),
        ),
        then=lambda row: url_for("tender.query", query_id=row.id),
        message=gettext("Saved"),
    )  # fmt: skip
    hints = {
        "posted_on": gettext("The day on the postmark; the time in transit does not count."),
        "received_on": gettext("The reply is due within seven working days of this day."),
    }
    body = render_template("tender/edit.html", form=form, title=title, hints=hints, **access.page_of(tender, title))
    return done or (body, form.status)
