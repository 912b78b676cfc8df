"""Choosing from a dry run: the contract years whose sheets are drafted, the sheets that two people issue."""

from collections.abc import Callable
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from sqlmodel import Session
from wtforms.fields import SelectChoice

from core.errors import N_
from core.web import actor, allow, clock, session
from core.web.filters import named
from settlement.forms import ChooseForm
from settlement.services import runs as services
from settlement.views.blueprint import bp
from settlement.views.runs import RunRow, crumbs, rows_of, run_for, why_no_result


@bp.route("/runs/<int:run_id>/draft", methods=["GET", "POST"])
@allow("settlement:prepare")
def draft_run(run_id: int) -> Any:
    """Choose the contract years whose sheets are drafted from this dry run."""
    form = ChooseForm()

    def why_not(row: RunRow) -> str | None:
        if not services.may_draft(row.item):
            return why_no_result(row)
        same = row.sheet is not None and row.sheet.figures_id == row.item.figures_id
        if same and row.sheet is not None and row.sheet.claim_file_id == row.item.claim_file_id:
            return gettext("Drafted already from the same figures and claim file")
        return None

    def ready(rows: list[RunRow]) -> list[str | None]:
        return [why_not(row) for row in rows]

    return _choose(
        run_id, form, ready,
        lambda s: services.ask_to_draft(s, actor(), clock(), run_id, form.items.data or [], form.reason.data),
        then=lambda found: url_for(".run", run_id=found.id),
        message=gettext("The sheets are drafted, each by itself"),
        title=gettext("Draft the chosen sheets"),
        act="draft",
    )  # fmt: skip


@bp.route("/runs/<int:run_id>/issue", methods=["GET", "POST"])
@allow("settlement:issue", fresh=True)
def issue_run(run_id: int) -> Any:
    """Choose the sheets that a second person is asked to issue, each by itself."""
    form = ChooseForm()

    def ready(rows: list[RunRow]) -> list[str | None]:
        reasons = services.why_not_issued(session(), [row.sheet for row in rows if row.sheet is not None])
        found = []
        for row in rows:
            reason = reasons[row.sheet.id or 0] if row.sheet else N_("No sheet is drafted")
            found.append(gettext(reason) if reason else None)
        return found

    return _choose(
        run_id, form, ready,
        lambda s: services.ask_to_issue(s, actor(), clock(), run_id, form.items.data or []),
        then=lambda approval: url_for(".run", run_id=int(approval.subject_id)),
        message=gettext("A second person was asked to issue the sheets"),
        title=gettext("Issue the chosen sheets"),
        act="issue",
    )  # fmt: skip


def _choose(
    run_id: int,
    form: ChooseForm,
    ready: Callable[[list[RunRow]], list[str | None]],
    verb: Callable[[Session], Any],
    *,
    then: Callable[[Any], str],
    message: str,
    title: str,
    act: str,
) -> Any:
    every = rows_of(run_for(run_id), None)
    form.items.choices = [SelectChoice(one.item.id, one.contract.number) for one in every]
    if form.is_submitted():
        done = form.save(verb, then, message)
        if done:
            return done
        every = rows_of(run_for(run_id), None)  # a refused save has begun the session anew
    row = run_for(run_id)
    rows = list(zip(every, ready(every), strict=True))
    chosen = set(form.items.data or []) if form.is_submitted() else {one.item.id for one, why in rows if why is None}
    page = crumbs((gettext("Run %(number)s", number=run_id), url_for(".run", run_id=run_id)), (title, ""))
    return render_template(
        "settlement/choose.html", run=row, form=form, rows=rows, chosen=chosen, title=title, act=act, crumbs=page,
        ready=sum(1 for _, why in rows if why is None), named=named,
        corrected=any(one.sheet is not None and one.sheet.issued_at for one, why in rows if why is None),
    ), form.status  # fmt: skip
