"""Routes of the policy pages; everyone may read them, the law is public."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from core.clock import local_date
from core.errors import NotFound
from core.policy import packs, view
from core.policy.advice import panels
from core.policy.pack import Pack
from core.web.access import allow
from core.web.clauses import find, limits_under
from core.web.context import actor, now
from core.web.policy.limits import rule
from core.web.policy.sheet import sections
from core.web.tables import Action, Chip, Column, Table, listing

bp = Blueprint("policy", __name__)


@bp.get("/policies")
@allow("policy:view")
def index() -> Response | str:
    """All policy packs."""
    today = local_date(now())
    columns = [
        Column("name", lazy_gettext("Pack"), "code", sort=True, link=_url, note=lambda pack: pack.identity.issuer),
        Column("title", lazy_gettext("Paper"), value=lambda pack: pack.identity.title, note=_number),
        Column("in_force_from", lazy_gettext("In force from"), "day", value=_from, sort=True, when=True),
        Column("state", lazy_gettext("State"), "chip", value=lambda pack: _state(pack, today)),
        Column("hash", lazy_gettext("Hash"), "code", value=lambda pack: pack.hash[:12]),
    ]
    table = Table(
        list(packs().values()),
        columns,
        caption=lazy_gettext("Policy packs"),
        search=lambda pack: f"{pack.name} {pack.identity.title} {pack.identity.document} {pack.identity.issuer}",
        action=lambda pack: Action(lazy_gettext("Read"), _url(pack)),
        filename="policies",
    )
    return listing("policy/index.html", table, layout=layout())


@bp.get("/policies/<name>")
@allow("policy:view")
def pack(name: str) -> str:
    """One pack on a day (`on`, today by default): every value with its clause and the quoted words."""
    found = packs().get(name)
    if found is None:
        view(name, local_date(now()))  # says which packs there are
        raise NotFound(name)
    paper = found.identity
    day = asked_day("on", max(local_date(now()), paper.in_force_from))
    seen = view(name, day) if paper.covers(day) else None
    return render_template(
        "policy/pack.html",
        layout=layout(),
        pack=found,
        day=day,
        seen=seen,
        sections=sections(seen) if seen else [],
        panels=[panel for add in panels if (panel := add(seen)) is not None] if seen else [],
    )


@bp.get("/clauses")
@allow("policy:view")
def clause() -> tuple[str, int]:
    """The words of the clause named in `ref`, wherever a pack quotes it, and the time limits that rest on it."""
    ref = request.args.get("ref", "")[:400]
    found, limits = find(ref), limits_under(ref)
    page = render_template(
        "policy/clause.html", layout=layout(), ref=ref, found=found, limits=limits, rule=rule, packs=packs()
    )
    return page, 200 if found or limits else 404


def layout() -> str:
    """Signed-in people keep their bar; others read the same page on the portal."""
    return "layout/desk.html" if actor().user_id else "layout/portal.html"


def asked_day(word: str, default: date) -> date:
    """A day from the address, or the default when it is missing or none."""
    try:
        return date.fromisoformat(request.args.get(word, ""))
    except ValueError:
        return default


def _url(pack: Pack) -> str:
    return url_for("policy.pack", name=pack.name)


def _number(pack: Pack) -> Any:
    return pack.identity.document or gettext("without a number")


def _from(pack: Pack) -> date:
    return pack.identity.in_force_from


def _state(pack: Pack, today: date) -> Chip:
    if not pack.identity.covers(today):
        return Chip("", gettext("Not in force today"))
    later = [
        other for other in packs().values() if pack.name in other.identity.overrides and other.identity.covers(today)
    ]
    return Chip("wait", gettext("Partly replaced")) if later else Chip("ok", gettext("In force"))
