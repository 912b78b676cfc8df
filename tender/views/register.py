"""Queries as suppliers and the public see them: lodging one, one's own with its dates, and the public register."""

from typing import Any, NamedTuple

from flask import render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import col, select

from core.calendar import china
from core.errors import N_, NotFound
from core.policy.procurement import limits
from core.web import Action, Chip, Column, Filter, Table, actor, allow, clock, listing, now, public, session
from tender import services
from tender.forms.remedies import ABOUT, DECISIONS, OUTCOMES, LetterForm
from tender.models import Complaint, ComplaintOutcome, Query, QueryAbout, QueryOutcome, Tender
from tender.rules.remedies import last_day
from tender.services.remedies import complaint_of, queries_of, register_is_public
from tender.views import access, labels
from tender.views.blueprint import bp


def letter_of(form: LetterForm) -> services.QueryLetter:
    """The letter as it was typed."""
    names = services.QueryLetter.__dataclass_fields__
    return services.QueryLetter(**{name: form[name].data or "" for name in names})


@bp.route("/opportunities/<int:tender_id>/query", methods=["GET", "POST"])
@allow("tender:query")
def lodge(tender_id: int) -> Any:
    """An insurer lodges a query in its company's name."""
    tender = access.published_tender(tender_id)
    form = LetterForm()
    form.offer(services.lots_of(session(), tender_id))
    done = form.save(
        lambda database: services.lodge_query(
            database, actor(), clock(), tender_id, QueryAbout(form.about.data), letter_of(form), form.positions()
        ),
        then=lambda row: url_for("tender.my_query", query_id=row.id),
        message=gettext("Your query is lodged; the reply comes within seven working days"),
    )
    return done or (render_template("tender/lodge.html", form=form, tender=tender), form.status)


@bp.get("/opportunities/queries/<int:query_id>")
@allow("tender:query")
def my_query(query_id: int) -> Any:
    """One's own query: letter, when the reply is due, the reply, and until when a complaint can follow."""
    row = session().get(Query, query_id)
    if row is None or row.organisation_id != actor().organisation_id:
        raise NotFound(N_("There is no such query"))
    tender = access.published_tender(row.tender_id)
    law = limits(row.received_on)
    reply_by = last_day("T21", row.received_on, law, china())
    return render_template(
        "tender/my_query.html", row=row, tender=tender, labels=labels, about=ABOUT, outcomes=OUTCOMES,
        decisions=DECISIONS, complaint=complaint_of(session(), row), reply_by=reply_by, reply_clause=law["T21"].clause,
        complain_by=last_day("T22", reply_by, law, china()), complain_clause=law["T22"].clause,
    )  # fmt: skip


def own_queries(tender: Tender) -> list[Query]:
    """The acting insurer's queries of a tender."""
    return [row for row in queries_of(session(), tender.id or 0) if row.organisation_id == actor().organisation_id]


class Line(NamedTuple):
    """A line of the public register: what, when and how it ended, without names."""

    tender: Tender
    row: Query
    complaint: Complaint | None


def _lines(tenders: list[Tender]) -> list[Line]:
    """Every query of tenders whose register is public, newest first."""
    shown = [tender for tender in tenders if register_is_public(tender, now())]
    found = [
        Line(tender, row, complaint_of(session(), row))
        for tender in shown
        for row in queries_of(session(), tender.id or 0)
    ]
    return sorted(found, key=lambda line: (line.row.received_on, line.row.id), reverse=True)


def _complaint_word(line: Line) -> Chip:
    if line.complaint is None:
        return Chip("", lazy_gettext("no complaint"))
    if line.complaint.outcome is None:
        return Chip("wait", lazy_gettext("not decided"))
    mark = "stop" if line.complaint.outcome is ComplaintOutcome.FOUNDED else "ok"
    return Chip(mark, DECISIONS[line.complaint.outcome])


def _outcome_word(line: Line) -> Chip:
    if line.row.outcome is None:
        return Chip("wait", lazy_gettext("waits for a reply"))
    return Chip("stop" if line.row.outcome is QueryOutcome.AFFECTS else "ok", OUTCOMES[line.row.outcome])


def _done(line: Line) -> str:
    return line.row.carried_out or (line.complaint.carried_out if line.complaint else None) or "—"


def _table(lines: list[Line]) -> Table:
    return Table(
        lines,
        [
            Column("number", lazy_gettext("Project number"), "code", value=lambda line: line.tender.number, sort=True,
                   note=lambda line: line.tender.title),
            Column("query", lazy_gettext("Query"), "code", value=lambda line: line.row.number, sort=True),
            Column("about", lazy_gettext("What the query is about"), value=lambda line: ABOUT[line.row.about]),
            Column("lots", lazy_gettext("Lots"), value=lambda line: labels.lots_text(line.row.lots)),
            Column("received", lazy_gettext("Received on"), "day", value=lambda line: line.row.received_on, sort=True,
                   when=True),
            Column("outcome", lazy_gettext("Outcome"), "chip", value=_outcome_word),
            Column("complaint", lazy_gettext("Complaint"), "chip", value=_complaint_word),
            Column("done", lazy_gettext("How it was carried out"), value=_done),
        ],
        caption=lazy_gettext("Public register"),
        filename="queries",
        search=lambda line: f"{line.tender.number} {line.tender.title}",
        search_label=lazy_gettext("Number or title"),
        filters=[
            Filter("about", lazy_gettext("What the query is about"), [(key.value, word) for key, word in ABOUT.items()],
                   where=lambda value: lambda line: line.row.about.value == value),
        ],
        action=lambda line: Action(lazy_gettext("Notices"), url_for("portal.process", number=line.tender.number)),
        empty=lazy_gettext("No query is public yet"),
        empty_note=lazy_gettext("Queries become public once the bids are opened."),
    )  # fmt: skip


@bp.get("/register")
@public
def registers() -> Any:
    """The public register of every tender's queries and complaints."""
    tenders = list(session().exec(select(Tender).where(col(Tender.published_at).is_not(None))))
    return listing("tender/register.html", _table(_lines(tenders)), tender=None)


@bp.get("/register/<int:tender_id>")
@public
def register(tender_id: int) -> Any:
    """The public register of a tender's queries and complaints: what, when and how it ended, without names."""
    tender = access.published_tender(tender_id)
    return listing("tender/register.html", _table(_lines([tender])), tender=tender)
