"""The pages of messages: one's own, newest first, and the one to act on."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import col, select
from werkzeug.wrappers import Response
from wtforms import StringField

from core.messages import services
from core.messages.models import Message
from core.messages.words import shown
from core.web import Chip, Column, Filter, Form, Table, actor, allow, clock, house, listing, perform, session
from core.web.language import local_path

bp = Blueprint("messages", __name__, url_prefix="/messages")


class AddressForm(Form):
    """Where copies go."""

    address = StringField(lazy_gettext("E-mail address for copies"), description=lazy_gettext("Leave empty for none"))


def unread_messages() -> int:
    """How many messages this person has not read; for the bar of every page."""
    return services.unread(session(), actor())


@bp.get("/")
@allow("home:view")
def index() -> Response | str:
    """One's own messages."""
    table = Table(
        select(Message).where(Message.recipient_id == actor().user_id),
        [
            Column("subject", lazy_gettext("Message"), value=shown, link=_url),
            Column("clause", lazy_gettext("Clause"), "clause", value=lambda row: row.clause or None),
            Column("sent_at", lazy_gettext("Sent"), "moment", sort=Message.sent_at),
            Column("state", lazy_gettext("State"), "chip", value=_chip, when=True),
        ],
        caption=lazy_gettext("Messages"), filename="messages",
        filters=[Filter("state", lazy_gettext("State"), _STATES, _is)],
        order=[col(Message.sent_at).desc(), col(Message.id).desc()],
        empty=lazy_gettext("No message so far"),
    )  # fmt: skip
    return listing("messages/index.html", table)


_STATES = [("unread", lazy_gettext("Unread")), ("read", lazy_gettext("Read"))]


def _is(state: str) -> Any:
    unread = col(Message.read_at).is_(None)
    return unread if state == "unread" else ~unread


def _url(row: Message) -> str:
    return url_for(".detail", reference=row.reference)


def _chip(row: Message) -> Chip:
    return Chip("", gettext("Read")) if row.read_at else Chip("wait", gettext("Unread"))


@bp.get("/<reference>")
@allow("home:view")
def detail(reference: str) -> str:
    """One message: what it says, the article behind it, and the way to the page where to act."""
    row = services.message_of(session(), actor(), reference)
    return render_template("messages/detail.html", row=row, words=shown(row))


@bp.post("/<reference>/read")
@allow("home:view")
def read(reference: str) -> Response:
    """Mark the message as read and go to the page it leads to."""
    return perform(
        lambda database: services.mark_read(database, actor(), clock(), reference),
        then=lambda row: local_path(row.link),
    )


@bp.post("/read-all")
@allow("home:view")
def read_all() -> Response:
    """Mark all messages as read."""
    return perform(
        lambda database: services.mark_all_read(database, actor(), clock()),
        then=lambda _count: url_for(".index"),
        message=gettext("All messages are marked as read"),
    )


@bp.route("/copies", methods=["GET", "POST"])
@allow("identity:own_account")
def copies() -> Any:
    """Say where copies by e-mail go."""
    form = AddressForm(address=services.mail_address(session(), actor()))
    done = form.save(
        lambda database: services.set_mail_address(database, actor(), clock(), form.address.data or ""),
        then=lambda _none: url_for(".index"),
        message=gettext("Saved"),
    )
    page = {"form": form, "mail_is_on": bool(house().settings.smtp)}
    return done or (render_template("messages/copies.html", **page), form.status)
