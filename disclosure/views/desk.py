"""The desk of disclosures: what is due and until when, the prepared data, publishing by two people."""

from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from core.calendar import china
from core.clock import local_date
from core.errors import N_, NotFound
from core.identity import approvals
from core.identity.approval_views import two_keys
from core.web import Action, Chip, Column, Filter, Table, actor, allow, clock, listing, now, perform, session
from core.web.filters import named
from disclosure import services
from disclosure.forms import PrepareForm
from disclosure.models import Disclosure, DisclosureKind
from disclosure.papers.subject import subject
from disclosure.rules.stages import DisclosureStage, disclosure_stage
from disclosure.services.pending import DisclosureDuty, disclosures_due, is_late
from disclosure.services.publications import disclosure_paper, versions_of
from disclosure.views.blueprints import bp
from disclosure.views.labels import DISCLOSURES, disclosure_chip


@bp.get("/")
@allow("disclosure:view")
def index() -> Response | str:
    """Every disclosure of the contract years this person answers for; others read the public list."""
    if not actor().may("contracts:view"):
        return redirect(url_for("portal.reports"))
    table = Table(
        disclosures_due(session(), actor()),
        _columns(),
        caption=lazy_gettext("Disclosures"),
        search=lambda duty: f"{duty.contract.number} {duty.insurer.name} {duty.contract.year}",
        search_label=lazy_gettext("Contract or insurer"),
        filters=[
            Filter(
                "open",
                lazy_gettext("State"),
                [("yes", lazy_gettext("To be done")), ("no", lazy_gettext("Published"))],
                where=lambda value: lambda duty: duty.is_open == (value == "yes"),
            ),
            Filter(
                "kind",
                lazy_gettext("Kind"),
                [(kind.value, label) for kind, label in DISCLOSURES.items()],
                where=lambda value: lambda duty: duty.kind.value == value,
            ),
        ],
        late=lambda duty: is_late(duty, now()),
        action=lambda duty: _action(duty),
        empty=lazy_gettext("No contract has been signed yet"),
        filename="disclosures",
    )
    return listing("disclosure/index.html", table)


@bp.get("/contracts/<int:contract_id>/<kind>")
@allow("disclosure:view")
def duty(contract_id: int, kind: str) -> Response | str:
    """A disclosure that is not prepared yet: what it rests on, until when, and the button."""
    found = _duty(contract_id, kind)
    if found.row is not None:
        return redirect(url_for(".detail", disclosure_id=found.row.id))
    return render_template(
        "disclosure/duty.html", duty=found, kind=DISCLOSURES[found.kind], remaining=_remaining(found), crumbs=_crumbs()
    )


@bp.post("/contracts/<int:contract_id>/<kind>/prepare")
@allow("disclosure:prepare")
def prepare(contract_id: int, kind: str) -> Response:
    """Draw up a first version, or a draft again."""
    wanted = _kind(kind)
    return perform(
        lambda s: _flushed(s, services.prepare_disclosure(s, actor(), clock(), contract_id, wanted)),
        then=lambda row: url_for(".detail", disclosure_id=row.id),
        message=gettext("The disclosure was prepared; check it before it is published"),
    )


@bp.get("/<int:disclosure_id>")
@allow("disclosure:view")
def detail(disclosure_id: int) -> str:
    """A version with its data as it will be, or was, published."""
    row = _row(disclosure_id)
    versions = versions_of(session(), row.contract_id, row.kind)
    stage = disclosure_stage(
        row.published_at, has_successor=any(v.version > row.version and v.published_at for v in versions)
    )
    approval = approvals.latest(session(), "disclosure.disclosure.publish", row)
    pending = approvals.pending(session(), "disclosure.disclosure.publish", row)
    found = _duty(row.contract_id, row.kind.value)
    return render_template(
        "disclosure/detail.html",
        row=row,
        year=subject(session(), row.contract_id),
        paper=disclosure_paper(session(), row, local_date(now())),
        versions=versions,
        chip=disclosure_chip(stage),
        is_newest=row.id == versions[-1].id,
        published=stage is not DisclosureStage.PREPARED,
        outdated=found.outdated,
        remaining=_remaining(found),
        keys=two_keys(approval),
        pending=pending,
        may_decide=pending is not None and approvals.may_decide(session(), actor(), pending),
        kind=DISCLOSURES[row.kind],
        crumbs=_crumbs(),
    )


@bp.post("/<int:disclosure_id>/request")
@allow("disclosure:prepare", fresh=True)
def request_publication(disclosure_id: int) -> Response:
    """Ask the second person to publish."""
    return perform(
        lambda s: services.request_publication(s, actor(), clock(), disclosure_id),
        then=lambda _: url_for(".detail", disclosure_id=disclosure_id),
        message=gettext("The second person was asked to publish"),
    )


@bp.route("/<int:disclosure_id>/correct", methods=["GET", "POST"])
@allow("disclosure:prepare")
def correct(disclosure_id: int) -> Any:
    """Draw up the next version of a published disclosure, with its reason."""
    row = _row(disclosure_id)
    form = PrepareForm()
    done = form.save(
        lambda s: _flushed(
            s,
            services.prepare_disclosure(
                s, actor(), clock(), row.contract_id, row.kind, correction_reason=form.reason.data
            ),
        ),
        then=lambda new: url_for(".detail", disclosure_id=new.id),
        message=gettext("The correction was prepared; check it before it is published"),
    )
    crumbs = [*_crumbs(), (row.number, url_for(".detail", disclosure_id=row.id))]
    return done or (render_template("disclosure/correct.html", form=form, row=row, crumbs=crumbs), form.status)


def _columns() -> list[Column]:
    return [
        Column(
            "contract",
            lazy_gettext("Contract"),
            "code",
            value=lambda duty: duty.contract.number,
            link=_url,
            note=lambda duty: named(duty.insurer),
        ),
        Column("kind", lazy_gettext("Disclosure"), value=lambda duty: DISCLOSURES[duty.kind]),
        Column("clause", lazy_gettext("Clause"), "clause"),
        Column(
            "last_day",
            lazy_gettext("Last day"),
            "day",
            sort=True,
            when=True,
            provisional=lambda duty: duty.provisional,
        ),
        Column("version", lazy_gettext("Version"), "number", value=lambda duty: duty.row.version if duty.row else None),
        Column("stage", lazy_gettext("State"), "chip", value=_chip),
    ]


def _chip(duty: DisclosureDuty) -> Any:
    if duty.outdated:
        return Chip("stop", gettext("Needs a correction"))
    if duty.stage is not None:
        return disclosure_chip(duty.stage)
    if duty.last_day is None:
        return Chip("", gettext("After the settlement"))
    return Chip("wait", gettext("Not prepared"))


def _action(duty: DisclosureDuty) -> Action | None:
    if duty.last_day is None:
        return None
    return Action(gettext("Open"), _url(duty), primary=duty.is_open and actor().may("disclosure:prepare"))


def _url(duty: DisclosureDuty) -> str:
    if duty.row is not None:
        return url_for(".detail", disclosure_id=duty.row.id)
    return url_for(".duty", contract_id=duty.contract.id, kind=duty.kind.value)


def _duty(contract_id: int, kind: str) -> DisclosureDuty:
    wanted = _kind(kind)
    for found in disclosures_due(session(), actor()) if actor().may("contracts:view") else ():
        if found.contract.id == contract_id and found.kind is wanted:
            return found
    raise NotFound(N_("There is no such contract"))


def _row(disclosure_id: int) -> Disclosure:
    """A disclosure this person may see on the desk. Raises NotFound."""
    row = session().get(Disclosure, disclosure_id)
    if row is None:
        raise NotFound(N_("There is no such disclosure"))
    _duty(row.contract_id, row.kind.value)
    return row


def _kind(text: str) -> DisclosureKind:
    try:
        return DisclosureKind(text)
    except ValueError:
        raise NotFound(N_("There is no such disclosure")) from None


def _remaining(duty: DisclosureDuty) -> Any:
    return None if duty.last_day is None else china().remaining(local_date(now()), duty.last_day)


def _crumbs() -> list[tuple[str, str]]:
    return [(gettext("Disclosure and filing"), url_for(".index"))]


def _flushed(database: Any, row: Any) -> Any:
    """A new row with its key, so that the answer can lead to its page."""
    database.flush()
    return row
