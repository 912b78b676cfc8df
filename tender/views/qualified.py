"""Pages of the register of qualified insurers: the list in force, its versions, and taking over a new one."""

from typing import Any

from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.clock import local_date
from core.errors import N_, NotFound
from core.house import files_of
from core.web import Action, Column, Filter, Form, Table, accepts, actor, allow, clock, listing, now, session
from core.web.forms import DayField, FileField
from tender.models import QualifiedList
from tender.rules.qualified import BRANCH, COLUMNS, HEAD
from tender.services.qualified import CLAUSE, entries_of, keep_list, list_on, lists
from tender.views.blueprint import bp

MEGABYTES = 5


class ListForm(Form):
    """A published version of the list."""

    published_on = DayField(lazy_gettext("Published on"), [InputRequired()])
    issuer = StringField(lazy_gettext("Published by"), [InputRequired(), Length(max=120)])
    title = StringField(lazy_gettext("Title"), [InputRequired(), Length(max=200)])
    file = FileField(lazy_gettext("The list"), [InputRequired()], suffixes=("csv", "xlsx"), megabytes=MEGABYTES)


@bp.get("/qualified-insurers")
@allow("tender:view")
def qualified_insurers() -> ResponseReturnValue:
    """The list in force today, or an earlier version."""
    versions = lists(session())
    shown = _shown(versions)
    columns = [
        Column("name", lazy_gettext("Insurer"), value=lambda one: one.name, sort=True),
        Column(
            "level", lazy_gettext("Level"), sort=True,
            value=lambda one: gettext("Provincial branch") if one.is_branch else gettext("Head office"),
        ),
        Column("area", lazy_gettext("Area"), value=lambda one: one.area, sort=True),
        Column("head", lazy_gettext("Head office"), value=lambda one: one.head_office),
    ]  # fmt: skip
    table = Table(
        entries_of(session(), shown) if shown else [], columns, caption=lazy_gettext("Qualified insurers"),
        filename="qualified-insurers", search=lambda one: f"{one.name} {one.area} {one.head_office}",
        search_label=lazy_gettext("Name, area or head office"),
        filters=[
            Filter(
                "level", lazy_gettext("Level"),
                [("head", lazy_gettext("Head office")), ("branch", lazy_gettext("Provincial branch"))],
                where=lambda value: lambda one: one.is_branch == (value == "branch"),
            )
        ],
        empty=lazy_gettext("No list is kept yet"),
    )  # fmt: skip
    may = actor().may("tender:keep_register")
    acts = [Action(lazy_gettext("Take over a list"), url_for(".keep_qualified"), primary=True)] if may else []
    return listing(
        "tender/qualified.html", table, acts=acts, versions=versions, shown=shown, clause=CLAUSE,
        in_force=list_on(session(), local_date(now())),
    )


def _shown(versions: list[QualifiedList]) -> QualifiedList | None:
    wanted = request.args.get("version", "")
    chosen = next((row for row in versions if str(row.id) == wanted), None)
    return chosen or list_on(session(), local_date(now()))


@bp.get("/qualified-insurers/<int:list_id>/source")
@allow("tender:view")
def qualified_source(list_id: int) -> Any:
    """The file from which a version was taken over."""
    row = session().get(QualifiedList, list_id)
    if row is None:
        raise NotFound(N_("There is no such list"))
    return send_file(
        files_of(session()).path(row.source_sha256), "application/octet-stream", as_attachment=True,
        download_name=row.source_name,
    )  # fmt: skip


@bp.route("/qualified-insurers/new", methods=["GET", "POST"])
@allow("tender:keep_register")
@accepts(MEGABYTES + 1)
def keep_qualified() -> Any:
    """Take over a published version."""
    form = ListForm()

    def write(database: Any) -> Any:
        return keep_list(
            database, actor(), clock(), published_on=form.published_on.data, issuer=form.issuer.data or "",
            title=form.title.data or "", content=form.file.data.read(), file_name=form.file.data.filename or "",
        )  # fmt: skip

    done = form.save(write, then=lambda _row: url_for("tender.qualified_insurers"), message=gettext("Saved"))
    words = {"columns": "、".join(COLUMNS), "levels": "、".join((HEAD, BRANCH))}
    body = render_template("tender/qualified_new.html", form=form, clause=CLAUSE, **words)
    return done or (body, form.status)
