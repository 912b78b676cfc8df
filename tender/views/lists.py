"""The list of the department's tenders, and the insurers' list of tender opportunities."""

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext
from sqlmodel import col, select

from core.web import Action, Column, Filter, Table, actor, allow, listing, now, session
from tender.models import CommitteeMember, Tender
from tender.rules.stages import Stage
from tender.services import stage_of
from tender.views.blueprint import bp
from tender.views.labels import STAGES, stage_chip


def _columns(link: Any) -> list[Column]:
    return [
        Column("number", lazy_gettext("Number"), "code", sort=True, link=link, note=lambda row: row.title),
        Column("budget", lazy_gettext("Budget of the term"), "money", unit=lazy_gettext("yuan"), sort=True),
        Column("published_at", lazy_gettext("Notice"), "moment", sort=True),
        Column("deadline", lazy_gettext("Bids close"), "moment", sort=True, when=True),
        Column("stage", lazy_gettext("Stage"), "chip", value=lambda row: stage_chip(row, now())),
    ]


@bp.get("/")
@allow("tender:view")
def index() -> Any:
    """All tenders of the house, newest first; an expert sees those of the own committees."""

    def page(row: Tender) -> str:
        return url_for("tender.show", tender_id=row.id)

    rows = select(Tender).order_by(col(Tender.id).desc())
    if actor().roles == {"expert"}:  # an expert finds only what `access.tender_for` opens
        seats = select(CommitteeMember.tender_id).where(CommitteeMember.user_id == actor().user_id)
        rows = rows.where(col(Tender.id).in_(seats))
    table = Table(
        list(session().exec(rows)),
        _columns(page),
        caption=lazy_gettext("Tenders"),
        filename="tenders",
        search=lambda row: f"{row.number} {row.title}",
        search_label=lazy_gettext("Number or title"),
        filters=[
            Filter(
                "stage",
                lazy_gettext("Stage"),
                [(stage.value, label) for stage, label in STAGES.items()],
                where=lambda value: lambda row: stage_of(row, now()).value == value,
            )
        ],
        action=lambda row: Action(lazy_gettext("Open"), page(row)),
        empty=lazy_gettext("No tender yet"),
        empty_note=lazy_gettext("A tender begins from a policy pack or from an earlier tender."),
    )
    acts = [Action(lazy_gettext("Timetable planner"), url_for("tender.planner"))]
    if actor().roles != {"expert"}:
        acts.append(Action(lazy_gettext("Qualified insurers"), url_for("tender.qualified_insurers")))
    if actor().may("tender:keep_pool"):
        acts.append(Action(lazy_gettext("Expert pool"), url_for("tender.experts")))
    if actor().may("tender:prepare"):
        acts.append(Action(lazy_gettext("New tender"), url_for("tender.new"), primary=True))
    return listing("tender/index.html", table, acts=acts)


@bp.get("/opportunities")
@allow("tender:take_documents")
def opportunities() -> Any:
    """Published tenders, for insurers; how many others look at them or bid is told to nobody."""

    def page(row: Tender) -> str:
        return url_for("tender.opportunity", tender_id=row.id)

    published = select(Tender).where(col(Tender.published_at).is_not(None)).order_by(col(Tender.deadline).desc())
    table = Table(
        list(session().exec(published)),
        _columns(page),
        caption=lazy_gettext("Tender opportunities"),
        filename="opportunities",
        search=lambda row: f"{row.number} {row.title}",
        search_label=lazy_gettext("Number or title"),
        action=lambda row: Action(
            lazy_gettext("Take part") if stage_of(row, now()) is Stage.BIDDING else lazy_gettext("Open"), page(row)
        ),
        empty=lazy_gettext("No tender is published"),
        empty_note=lazy_gettext("Published tenders appear here on the day of their notice."),
    )
    return listing("tender/opportunities.html", table)
