"""The verbs of messages: send to a person or an organisation's people, read, and say where copies go."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.errors import Invalid, N_, NotFound
from core.identity.actor import Actor, permissions, require
from core.identity.models import RoleGrant, User
from core.messages.models import MailAddress, MailCopy, Message

_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")


@dataclass(frozen=True)
class Person:
    """One person."""

    user_id: int


@dataclass(frozen=True)
class People:
    """Everybody of an organisation who holds a permission ('room:verb'); '' means all its people."""

    organisation_id: int
    permission: str = ""


Recipients = Person | People | Sequence[Person | People]


def send(
    session: Session, now: datetime, *, to: Recipients, subject: str, link: str, clause: str = "", key: str = "",
    **params: str | int | date | datetime,
) -> list[Message]:  # fmt: skip
    """Tell people something, in the caller's transaction; each gets it once. Returns the messages that are new.

    subject: an English message id N_("…%(name)s…") with its params; link: the path of the page where to act; clause:
    the article behind it; key: names the occasion ('tender:7:closing'), and a second message of the same key to the
    same person is not sent, so sweeps may repeat. Personal data, names and counts of bidders do not belong in it:
    a message may be copied by e-mail. Not audited: the verb that tells people is.
    """
    if not link.startswith("/") or link.startswith("//"):
        raise ValueError(f"a message leads to a page of this site, not to {link!r}")
    found: list[Message] = []
    for user_id in recipients(session, to):
        if key and _has(session, user_id, key):
            continue
        message = Message(
            reference=token_hex(16), recipient_id=user_id, sent_at=now, link=link, clause=clause, key=key,
            subject={"message": subject, "params": {name: _plain(value) for name, value in params.items()}},
        )  # fmt: skip
        session.add(message)
        session.flush()
        if session.info.get("mail") and session.get(MailAddress, user_id) is not None:
            session.add(MailCopy(message_id=message.id, due_at=now))
        found.append(message)
    return found


def recipients(session: Session, to: Recipients) -> list[int]:
    """The accounts in use that `to` means, each once, in order of their number."""
    groups = [to] if isinstance(to, Person | People) else to
    chosen: set[int] = set()
    for group in groups:
        people = select(User.id).where(col(User.disabled_at).is_(None))
        if isinstance(group, Person):
            people = people.where(User.id == group.user_id)
        else:
            people = people.where(User.organisation_id == group.organisation_id)
            if group.permission:
                holders = select(RoleGrant.user_id).where(
                    col(RoleGrant.role).in_(permissions()[group.permission]), col(RoleGrant.revoked_at).is_(None)
                )
                people = people.where(col(User.id).in_(holders))
        chosen |= {number for number in session.exec(people) if number}
    return sorted(chosen)


def _has(session: Session, user_id: int, key: str) -> bool:
    sent = select(Message.id).where(Message.recipient_id == user_id, Message.key == key)
    return session.exec(sent).first() is not None


def _plain(value: str | int | date | datetime) -> Any:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def params_of(message: Message) -> Mapping[str, Any]:
    """The parameters of the subject, days and instants as such again."""
    return {name: _value(value) for name, value in message.subject["params"].items()}


def _value(plain: Any) -> Any:
    if isinstance(plain, dict):
        return datetime.fromisoformat(plain["moment"]) if "moment" in plain else date.fromisoformat(plain["day"])
    return plain


def unread(session: Session, actor: Actor) -> int:
    """How many messages the person has not read."""
    rows = select(func.count()).where(Message.recipient_id == actor.user_id, col(Message.read_at).is_(None))
    return session.exec(rows).one()


def message_of(session: Session, actor: Actor, reference: str) -> Message:
    """The person's own message. Raises NotFound for another's too."""
    row = session.exec(
        select(Message).where(Message.reference == reference, Message.recipient_id == actor.user_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such message"))
    return row


def mark_read(session: Session, actor: Actor, clock: Clock, reference: str) -> Message:
    """Mark one's own message as read; the first reading counts."""
    require(actor, "home:view")
    row = message_of(session, actor, reference)
    row.read_at = row.read_at or clock.now()
    return row


def mark_all_read(session: Session, actor: Actor, clock: Clock) -> int:
    """Mark all one's own messages as read; returns how many were not."""
    require(actor, "home:view")
    now = clock.now()
    rows = session.exec(select(Message).where(Message.recipient_id == actor.user_id, col(Message.read_at).is_(None)))
    found = rows.all()
    for row in found:
        row.read_at = now
    return len(found)


def set_mail_address(session: Session, actor: Actor, clock: Clock, address: str) -> None:
    """Say where copies of one's messages go; '' for nowhere. Raises Invalid for what is no address."""
    require(actor, "identity:own_account")
    address = address.strip()
    if address and (len(address) > 254 or not _ADDRESS.match(address)):
        raise Invalid(N_("This is not an e-mail address"), field="address")
    present = session.get(MailAddress, actor.user_id, with_for_update=True)
    if present is not None:
        session.delete(present)
        session.flush()
    if address:
        session.add(MailAddress(user_id=actor.user_id, address=address))
    audit.record(session, clock.now(), actor, "messages:address:set", ("user_account", actor.user_id), on=bool(address))


def mail_address(session: Session, actor: Actor) -> str:
    """Where copies of the person's messages go, or ''."""
    row = session.get(MailAddress, actor.user_id)
    return row.address if row else ""
