"""What a room tells the desk: an item that is due, an item that cannot go on, a panel for the side."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class DueItem:
    """Something this person has to do, with the law behind it.

    title: the act; context: which tender or contract; clause and rule: the article and its rule in words; last_day:
    the lawful last day, None while the period has not begun (then `waiting` says for what); at: the exact instant
    when the law or the notice names one; provisional: the day rests on a calendar that is not published yet;
    action: the button's word; url: where to do it.
    """

    title: Any
    context: Any
    url: str
    clause: Any = None
    rule: Any = ""
    last_day: date | None = None
    at: datetime | None = None
    provisional: bool = False
    action: Any = ""
    waiting: Any = ""


@dataclass(frozen=True)
class BlockedItem:
    """Something that cannot go on, why, and the one act that helps."""

    title: Any
    context: Any
    why: Any
    url: str
    action: Any
    clause: Any = None


@dataclass(frozen=True)
class Panel:
    """A side panel: a heading and a few rows of what is under way; `more_url` leads to the list."""

    title: Any
    rows: tuple["PanelRow", ...]
    empty: Any = ""
    more_url: str | None = None


@dataclass(frozen=True)
class PanelRow:
    """One row of a panel; chip is a core.web.Chip or None, figure a right-aligned text."""

    title: Any
    url: str
    note: Any = ""
    chip: Any = None
    figure: str = ""


@dataclass(frozen=True)
class Urgent:
    """What stands on top of every page of this person until it is done: a sentence, and the page where to act."""

    text: Any
    url: str
    action: Any
