"""Asking every room what is due and blocked, and putting it in order."""

from dataclasses import dataclass
from datetime import date, datetime
from types import ModuleType
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext, ngettext
from sqlmodel import Session

from core.calendar import china
from core.clock import local_date
from core.home.items import BlockedItem, DueItem, Panel, Urgent
from core.identity.actor import Actor
from core.web.context import actor, now, session

#: Fewer working days left than this counts as soon.
SOON = 3


def install(app: Flask, rooms: list[ModuleType]) -> None:
    """Tell the desk which rooms to ask: modules with due(session, actor, now) and blocked, panels, acts alike.

    What rooms find `urgent` stands on every page of the desk.
    """
    app.extensions["home"] = rooms
    app.jinja_env.globals["urgent"] = urgent


def urgent() -> list[Urgent]:
    """What no page of this person may hide."""
    person, at = actor(), now()
    if not person.user_id:
        return []
    return [item for room in current_app.extensions["home"] for item in _ask(room, "urgent", session(), person, at)]


@dataclass(frozen=True)
class DueLine:
    """A due item with how it stands today: state over, today, soon, later or idle; days: working days."""

    item: DueItem
    state: str
    days: int | None


@dataclass(frozen=True)
class Desk:
    """All that the page shows."""

    due: list[DueLine]
    blocked: list[BlockedItem]
    panels: list[Panel]
    acts: list[Any]

    @property
    def overdue(self) -> str:
        """'1 overdue', the part of the heading in red; '' when nothing is."""
        late = sum(line.state == "over" for line in self.due)
        return ngettext("%(num)s overdue", "%(num)s overdue", late) if late else ""

    @property
    def rest(self) -> list[str]:
        """The other parts of the heading; what is neither late nor due today comes last."""
        today = sum(line.state == "today" for line in self.due)
        running = sum(line.state in ("soon", "later", "idle") for line in self.due)
        parts = [
            ngettext("%(num)s due today", "%(num)s due today", today) if today else "",
            ngettext("%(num)s blocked", "%(num)s blocked", len(self.blocked)) if self.blocked else "",
        ]
        if not any(parts) and not self.overdue:
            parts = [gettext("Nothing is overdue or blocked")]
        coming = ngettext("%(num)s coming up", "%(num)s coming up", running) if running else ""
        return [part for part in (*parts, coming) if part]

    @property
    def has_provisional(self) -> bool:
        return any(line.item.provisional for line in self.due)


def gather(session: Session, actor: Actor, now: datetime) -> Desk:
    """What every room has for this person, soonest first; items without a running period come last."""
    rooms = current_app.extensions["home"]
    due = [standing(item, now) for room in rooms for item in _ask(room, "due", session, actor, now)]
    due.sort(key=lambda line: (line.item.last_day is None, line.item.last_day or local_date(now), str(line.item.title)))
    return Desk(
        due,
        [item for room in rooms for item in _ask(room, "blocked", session, actor, now)],
        [panel for room in rooms for panel in _ask(room, "panels", session, actor, now)],
        [act for room in rooms for act in _ask(room, "acts", session, actor, now)],
    )


def _ask(room: ModuleType, what: str, session: Session, actor: Actor, now: datetime) -> list[Any]:
    answer = getattr(room, what, None)
    return list(answer(session, actor, now)) if answer else []


def standing(item: DueItem, now: datetime) -> DueLine:
    """How the item stands today, in working days; an instant that has passed is late even on its own day."""
    if item.last_day is None:
        return DueLine(item, "idle", None)
    today = local_date(now)
    if item.last_day < today or (item.at is not None and item.at <= now):
        return DueLine(item, "over", working_days(item.last_day, today))
    if item.last_day == today:
        return DueLine(item, "today", 0)
    days = working_days(today, item.last_day)
    return DueLine(item, "soon" if days <= SOON else "later", days)


def working_days(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`, by the State Council's calendar."""
    return china().between(start, end)
