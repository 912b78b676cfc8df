"""Copies by e-mail: one attempt for each that is due, later and later on failure, given up after the last."""

import logging
import ssl
from contextlib import AbstractContextManager
from datetime import timedelta
from email.message import EmailMessage
from smtplib import SMTP, SMTP_SSL, SMTPException
from urllib.parse import unquote, urlsplit

from sqlmodel import Session, col, select

from core.config import Settings
from core.db import locked, transaction
from core.house import House
from core.messages.models import MailAddress, MailCopy, Message
from core.messages.words import in_chinese

log = logging.getLogger(__name__)

#: After each failed attempt; after the last the copy is given up. The message itself is on the person's page anyway.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720, 1440))
#: A sweep does not hold the scheduler longer than so many copies take.
AT_ONCE = 100
TIMEOUT_SECONDS = 20


def send_copies(house: House, session: Session) -> int:
    """Send the copies that are due over one connection. No transaction is open while the mail server is spoken to."""
    due = _due(session, house)
    if not due or not house.settings.smtp:
        return 0
    try:
        with connection(house.settings) as server:
            for number, letter in due:
                _settle(house, session, number, _attempt(server, letter))
    except (OSError, SMTPException) as fault:
        log.warning("the mail server cannot be reached", extra={"fault": type(fault).__name__})
        for number, _letter in due:
            _settle(house, session, number, type(fault).__name__)
    return len(due)


def _due(session: Session, house: House) -> list[tuple[int, EmailMessage]]:
    rows = session.exec(
        select(MailCopy, Message, MailAddress)
        .join(Message, col(Message.id) == MailCopy.message_id)
        .join(MailAddress, col(MailAddress.user_id) == Message.recipient_id)
        .where(col(MailCopy.sent_at).is_(None), col(MailCopy.failed_at).is_(None), MailCopy.due_at <= house.clock.now())
        .order_by(col(MailCopy.due_at), col(MailCopy.message_id))
        .limit(AT_ONCE)
    ).all()
    letters = [(copy.message_id, _letter(house, message, to.address)) for copy, message, to in rows]
    session.rollback()
    return letters


def _letter(house: House, message: Message, address: str) -> EmailMessage:
    """The subject and where to act; the same Message-ID at every attempt, so that a repetition is folded away."""
    letter = EmailMessage()
    letter["Subject"] = words = " ".join(in_chinese(message).split())
    letter["From"], letter["To"] = house.settings.mail_from, address
    host = urlsplit(house.settings.public_url).hostname or "localhost"
    letter["Message-ID"], letter["Date"] = f"<{message.reference}@{host}>", message.sent_at
    page = f"{house.settings.public_url}/messages/{message.reference}"
    lines = [words, *([f"依据：{message.clause}"] if message.clause else []), f"登录后查看并办理：{page}"]
    letter.set_content("\n\n".join([*lines, "本邮件由系统自动发出，请勿回复。"]))
    return letter


def connection(settings: Settings) -> AbstractContextManager[SMTP]:
    """A connection to the mail server of CHENGBAN_SMTP: smtps:// for TLS, smtp:// with STARTTLS where it is offered."""
    parts = urlsplit(settings.smtp)
    host = parts.hostname or "localhost"
    server: SMTP
    if parts.scheme == "smtps":
        server = SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    else:
        server = SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _attempt(server: SMTP, letter: EmailMessage) -> str:
    """'' when the server took it, else the kind of error; one refused letter does not stop the others."""
    try:
        server.send_message(letter)
    except (OSError, SMTPException) as fault:
        return type(fault).__name__
    return ""


def _settle(house: House, session: Session, number: int, fault: str) -> None:
    with transaction(session):
        copy = locked(session, MailCopy, number)
        if copy is None or copy.sent_at is not None:
            return
        now = house.clock.now()
        copy.attempts, copy.fault = copy.attempts + 1, fault
        if not fault:
            copy.sent_at = now
        elif copy.attempts > len(WAITS):
            copy.failed_at = now
        else:
            copy.due_at = now + WAITS[copy.attempts - 1]
