"""The time limits of an open tender on a day, as a list."""

from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from core.clock import local_date
from core.policy.procurement import limits as limits_on
from core.web.access import allow
from core.web.context import now
from core.web.policy.limits import rule
from core.web.policy.views import asked_day, bp, layout
from core.web.tables import Column, Table, listing


@bp.get("/policies/open-tender")
@allow("policy:view")
def limits() -> Response | str:
    """Every time limit of procurement law in force on a day (`on`, today by default)."""
    day = asked_day("on", local_date(now()))
    columns = [
        Column("id", lazy_gettext("Number"), "code", sort=True),
        Column("step", lazy_gettext("Step")),
        Column("rule", lazy_gettext("Limit"), value=rule),
        Column("clause", lazy_gettext("Legal basis"), "clause"),
    ]
    table = Table(
        list(limits_on(day).values()),
        columns,
        caption=lazy_gettext("Procurement time limits"),
        search=lambda limit: f"{limit.id} {limit.step} {limit.clause} {rule(limit)}",
        filename="procurement-limits",
    )
    return listing("policy/limits.html", table, layout=layout(), day=day)
