"""Who may call a route: a view names its permission or says it is public; one that says neither is never served."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from core.errors import Forbidden
from core.identity.actor import permissions, require
from core.web.context import actor

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What a route asks of its caller. permission None means everyone; fresh: a recent proof of identity."""

    permission: str | None
    fresh: bool = False


def allow(permission: str, *, fresh: bool = False) -> Callable[[View], View]:
    """Serve the view only to holders of the permission ('room:verb' of policies/permissions.toml).

    fresh=True also asks for a proof of identity within the last minutes: for acts that bind.
    Raises KeyError at import for a permission nobody defined.
    """
    permissions()[permission]

    def mark(view: View) -> View:
        view.access = Access(permission, fresh)  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Serve the view to everyone, signed in or not."""
    view.access = Access(None)  # type: ignore[attr-defined]
    return view


def accepts(megabytes: int) -> Callable[[View], View]:
    """Let this route take a larger body than the usual 1 MB; for uploads."""

    def mark(view: View) -> View:
        view.megabytes = megabytes  # type: ignore[attr-defined]
        return view

    return mark


def unseen(view: View) -> View:
    """Keep who calls this route, and which it is, out of the request log and the record of denials.

    For acts whose very existence is secret for a while: before the opening, nobody may learn who bids or how many.
    """
    view.unseen = True  # type: ignore[attr-defined]
    return view


def is_unseen(app: Flask, endpoint: str | None) -> bool:
    """Whether the route leaves no name in the logs."""
    return endpoint is not None and getattr(app.view_functions[endpoint], "unseen", False)


def open_to_all(app: Flask, *endpoints: str) -> None:
    """Mark routes of libraries (static files, sign-in pages that guard themselves) as public."""
    for endpoint in endpoints:
        view = app.view_functions[endpoint]
        # A bound method cannot carry our mark, so it is wrapped in a function that can.
        app.view_functions[endpoint] = public(lambda *args, _view=view, **kwargs: _view(*args, **kwargs))


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the route asks, or None when its author forgot to say (the convention test refuses that)."""
    return getattr(app.view_functions[endpoint], "access", None)


def check_access() -> Response | None:
    """Before each request: refuse, ask to sign in, or let pass. Fails closed for a view without a mark."""
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if access is None:
        raise RuntimeError(f"route {request.endpoint} names no permission and is not public")
    if access.permission is None:
        return None
    person = actor()
    if not person.may(access.permission) and person.user_id == 0 and "security.login" in current_app.view_functions:
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    try:
        require(person, access.permission)
    except Forbidden:
        g.denied = access.permission  # the request log says which permission was missing
        raise
    check = current_app.extensions.get("require_fresh")
    return check() if access.fresh and check else None
