"""One POST, one effect: the verb, its audit event and the mark 'form used' are written together or not at all."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from core.db import transaction
from core.web.context import actor, house
from core.web.models import SubmittedForm

#: How long a used form is remembered: longer than a session can last (12 h), so no page still open can repeat an act.
REMEMBERED = timedelta(days=2)


def new_once() -> str:
    """A fresh token for a form's hidden field `once`."""
    return secrets.token_urlsafe(24)


class _Repeated(Exception):
    """The same form has already taken effect."""


def perform(verb: Callable[[Session], Any], then: Callable[[Any], str], message: str | None = None) -> Response:
    """Run a verb in one write transaction and answer with a redirect.

    verb gets the session and calls one service; then turns its result into the address to go to (inside the
    transaction, so the row can still be read); message is flashed. A form posted twice (double click, back button,
    retry) has one effect: the repetition is led to where the first one went. Errors of the verb pass through.
    """
    session = house().db.session
    key = _key(request.form.get("once", ""))
    try:
        with transaction(session):
            used = _claim(session, key, house().clock.now()) if key else None
            location = then(verb(session))
            if used is not None:
                used.location = location
    except _Repeated:
        first = session.get(SubmittedForm, key)
        flash(gettext("This had already been done; nothing was done twice."), "info")
        return redirect(first.location if first else request.path, 303)
    if message:
        flash(message, "success")
    return redirect(location, 303)


def _key(token: str) -> str:
    """The form's token bound to the person, so that nobody can use up another's form."""
    return hashlib.sha256(f"{actor().user_id}:{token}".encode()).hexdigest() if token else ""


def _claim(session: Session, key: str, at: datetime) -> SubmittedForm:
    """Mark the form as used. PostgreSQL makes a parallel twin wait here until the first commits or fails."""
    if session.get(SubmittedForm, key) is not None:
        raise _Repeated
    used = SubmittedForm(key=key, at=at)
    session.add(used)
    try:
        session.flush()
    except IntegrityError:
        raise _Repeated from None
    return used


def forget_used_forms(session: Session, now: datetime) -> int:
    """Delete marks that no open page can need any more; returns how many."""
    old = session.scalars(select(SubmittedForm.key).where(col(SubmittedForm.at) < now - REMEMBERED)).all()
    session.execute(delete(SubmittedForm).where(col(SubmittedForm.key).in_(old)))
    return len(old)
