"""Navigation as data: which pages stand in the bar, for whom, and which of them is the current one."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext

from core.web.acts import new_once
from core.web.context import actor, now


@dataclass(frozen=True)
class Item:
    """One entry of the bar. rooms: blueprints whose pages count as inside it; insurer_label: what insurers call it."""

    endpoint: str
    label: Any
    permission: str
    rooms: tuple[str, ...]
    insurer_label: Any = None


#: The bar of people who have signed in.
DESK = (
    Item("home.index", lazy_gettext("Desk"), "home:view", ("home", "approvals", "tasks", "identity", "messages")),
    Item("tender.index", lazy_gettext("Tenders"), "tender:view", ("tender",)),
    Item("tender.opportunities", lazy_gettext("Tender opportunities"), "tender:take_documents", ("tender",)),
    Item("contracts.index", lazy_gettext("Agreements and contracts"), "contracts:view", ("contracts",)),
    Item(
        "settlement.index",
        lazy_gettext("Figures and settlement"),
        "settlement:view",
        ("settlement",),
        insurer_label=lazy_gettext("Reporting and settlement"),
    ),
    Item(
        "disclosure.index",
        lazy_gettext("Disclosure and filing"),
        "disclosure:view",
        ("disclosure",),
        insurer_label=lazy_gettext("Public disclosure"),
    ),
    Item("policy.index", lazy_gettext("Policy and calendar"), "policy:view", ("policy",)),
    Item("audit.index", lazy_gettext("Audit"), "audit:view", ("audit",)),
)

#: The masthead of the public portal.
PORTAL = (
    Item("portal.index", lazy_gettext("Home"), "disclosure:view", ()),
    Item("portal.notices", lazy_gettext("Notices"), "disclosure:view", ()),
    Item("portal.processes", lazy_gettext("Whole procurements"), "disclosure:view", ()),
    Item("portal.reports", lazy_gettext("Settlements and disclosures"), "disclosure:view", ()),
    Item("portal.opendata", lazy_gettext("Open data"), "disclosure:view", ()),
    Item("portal.verify", lazy_gettext("Verify"), "disclosure:view", ()),
    Item("policy.index", lazy_gettext("Policy and calendar"), "policy:view", ("policy",)),
)


@dataclass(frozen=True)
class Link:
    """An entry ready to be drawn."""

    label: Any
    url: str
    current: bool


def bar(items: tuple[Item, ...]) -> list[Link]:
    """The entries this person may use, the current one marked; an entry without such a page is left out."""
    person = actor()
    return [
        Link(
            item.insurer_label if person.is_insurer and item.insurer_label else item.label,
            url_for(item.endpoint),
            request.endpoint == item.endpoint or request.blueprint in item.rooms,
        )
        for item in items
        if item.endpoint in current_app.view_functions and person.may(item.permission)
    ]


def init_app(app: Flask) -> None:
    """Give the layouts what they draw, and macros what they call."""
    app.jinja_env.globals.update(
        demonstration=app.extensions["house"].settings.is_demonstration,
        desk_bar=lambda: bar(DESK),
        portal_bar=lambda: bar(PORTAL),
        new_once=new_once,
        has_endpoint=lambda endpoint: endpoint in app.view_functions,
    )

    @app.context_processor
    def shell() -> dict[str, Any]:
        return {"actor": actor(), "now": now()}
