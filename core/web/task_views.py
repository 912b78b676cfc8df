"""Long work on a page: how far it is, for a person and for the little script that moves the bar."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import and_, or_, select
from sqlmodel import Session, col
from werkzeug.wrappers import Response

from core.errors import N_, NotFound
from core.home.items import Panel, PanelRow
from core.identity.actor import Actor
from core.tasks.models import Task
from core.tasks.queue import Progress, progress, state
from core.web.access import allow
from core.web.context import actor, session
from core.web.filters import number
from core.web.language import local_path
from core.web.tables import Chip, Column, Table, listing

bp = Blueprint("tasks", __name__, url_prefix="/tasks")

_CHIPS = {
    "waiting": ("wait", N_("Waiting")),
    "running": ("run", N_("Running")),
    "finished": ("ok", N_("Done")),
    "failed": ("stop", N_("Failed")),
}


@bp.get("/")
@allow("home:view")
def index() -> Response | str:
    """The long work this person has asked for, newest first."""
    columns = [
        Column("id", gettext("Number"), "code", link=lambda task: url_for(".detail", task_id=task.id)),
        Column("kind", gettext("What"), value=lambda task: _message(progress(session(), task.id)) or task.kind),
        Column("requested_at", gettext("Asked for"), "moment", sort=Task.requested_at),
        Column("state", gettext("State"), "chip", value=lambda task: chip(state(task))),
    ]
    mine = select(Task).where(col(Task.requested_by) == actor().user_id)
    table = Table(
        mine,
        columns,
        caption=gettext("My tasks"),
        order=[col(Task.id).desc()],
        empty=gettext("No long work so far"),
        filename="tasks",
    )
    return listing("tasks/index.html", table)


@bp.get("/<int:task_id>")
@allow("home:view")
def detail(task_id: int) -> str:
    """One task; `next` is the page it belongs to, offered when it is over."""
    return render_template(
        "tasks/detail.html", task=shown(mine(task_id)), back=local_path(request.args.get("next", ""))
    )


@bp.get("/<int:task_id>/progress")
@allow("home:view")
def state_of(task_id: int) -> Response:
    """How far the task is, for the script: percent, count in words, finished."""
    task = shown(mine(task_id))
    return jsonify(percent=task["percent"], count=str(task["count"]), finished=task["over"])


def mine(task_id: int) -> Progress:
    """The task, if this person asked for it. Raises NotFound for another's too: nobody learns what others run."""
    found = progress(session(), task_id)
    if found.requested_by != actor().user_id:
        raise NotFound(N_("There is no task %(id)s"), id=task_id)
    return found


def shown(task: Progress) -> dict[str, Any]:
    """A task as the macro `job` draws it; rooms that show one on their own page pass this to it."""
    return {
        "id": task.id,
        "title": _message(task) or task.kind,
        "chip": chip(task.state),
        "percent": 100 if task.state == "finished" else task.percent or 0,
        "count": f"{number(task.done)} / {number(task.total)}" if task.total else "",
        "over": task.is_over,
        "failed": task.state == "failed",
        "error": gettext(task.error, **task.error_params) if task.error else "",
        "clause": task.clause,
        "began": task.requested_at,
        "ended": task.ended_at,
        "url": url_for("tasks.detail", task_id=task.id),
        "progress_url": url_for("tasks.state_of", task_id=task.id),
    }


def chip(word: str) -> Chip:
    """The mark and word of a task's state."""
    mark, message = _CHIPS[word]
    return Chip(mark, gettext(message))


def panels(session: Session, actor: Actor, now: datetime) -> list[Panel]:
    """For the desk: this person's long work that still goes on, or failed or ended within the last day."""
    finished, failed, lately = col(Task.finished_at), col(Task.failed_at), now - timedelta(days=1)
    current = or_(and_(finished.is_(None), failed.is_(None)), finished > lately, failed > lately)
    asked = select(Task).where(col(Task.requested_by) == actor.user_id, current).order_by(col(Task.id).desc()).limit(5)
    rows = [_row(progress(session, task.id or 0)) for task in session.scalars(asked)]
    return [Panel(gettext("Long work"), tuple(rows), more_url=url_for("tasks.index"))] if rows else []


def _row(task: Progress) -> PanelRow:
    done = f"{task.percent}%" if task.state == "running" and task.percent is not None else ""
    return PanelRow(_message(task) or task.kind, url_for("tasks.detail", task_id=task.id), done, chip(task.state))


def _message(task: Progress) -> str:
    return gettext(task.message, **task.params) if task.message else ""
