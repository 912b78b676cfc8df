"""Error pages: what happened, which clause, what to do next; never a stack trace."""

from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from core.errors import ChengbanError, FileInvalid, Words
from core.web.context import actor
from core.web.filters import day, moment

#: status → what the page is called and what to do about it.
PAGES = {
    400: (
        lazy_gettext("This could not be understood"),
        lazy_gettext("Go back, check what was entered, and try again."),
    ),
    401: (lazy_gettext("Please sign in"), lazy_gettext("This page is for people with an account.")),
    403: (lazy_gettext("Not allowed"), lazy_gettext("Ask the person who manages roles in your office.")),
    404: (
        lazy_gettext("There is no such page"),
        lazy_gettext("Check the address, or start again from the front page."),
    ),
    405: (lazy_gettext("This address does not take that"), lazy_gettext("Go back and use the buttons of the page.")),
    409: (
        lazy_gettext("This is not possible now"),
        lazy_gettext("Nothing was changed. Go back and see what is missing."),
    ),
    413: (
        lazy_gettext("The file is too large"),
        lazy_gettext("Split it or make it smaller; the field says how large it may be."),
    ),
    429: (lazy_gettext("Too many attempts"), lazy_gettext("Wait a little and try again.")),
    500: (
        lazy_gettext("Something went wrong on our side"),
        lazy_gettext("Nothing was changed. Tell the administrator the number below: it finds the log entry."),
    ),
}


def init_app(app: Flask) -> None:
    """Show every error of the house as a page, or as JSON under /api/."""
    app.register_error_handler(ChengbanError, _own)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)


def explain(error: ChengbanError) -> str:
    """The error's message in the reader's language."""
    shown = {name: _shown(value) for name, value in error.params.items()}
    return gettext(error.message, **shown)


def explain_faults(error: FileInvalid) -> list[tuple[str, str]]:
    """The faults of a file with their reasons in the reader's language, where they are message ids."""
    return [(place, gettext(reason)) for place, reason in error.faults]


def _shown(value: Any) -> Any:
    """Dates and instants inside a message are written as everywhere else; message ids are translated."""
    if isinstance(value, Words):
        return gettext("; ").join(gettext(one) for one in value.ids)
    return moment(value) if hasattr(value, "tzinfo") else day(value) if hasattr(value, "isoformat") else value


def _own(error: ChengbanError) -> Response | tuple:
    faults = explain_faults(error) if isinstance(error, FileInvalid) else []
    return answer(error.status, message=explain(error), clause=error.clause, faults=faults)


def _csrf(_error: CSRFError) -> Response | tuple:
    return answer(
        400,
        message=gettext("The page was open too long or was sent from elsewhere. Load it again and repeat the step."),
    )


def _http(error: HTTPException) -> Response | tuple:
    if error.code is None or error.code < 400:
        return error.get_response()
    return answer(error.code, headers=dict(error.get_headers()) if error.code in (405, 429) else None)


def answer(
    status: int, message: str = "", clause: str | None = None, faults: list | None = None, headers: Any = None
) -> Any:
    """An error as the caller can read it. Raises nothing: an error page that fails would hide the first failure."""
    title, advice = PAGES.get(status, PAGES[500 if status >= 500 else 400])
    kept = {name: value for name, value in (headers or {}).items() if name in ("Allow", "Retry-After")}
    if request.path.startswith("/api/"):
        body = {
            "error": str(message or title),
            "clause": clause,
            "faults": faults or [],
            "request": g.get("request_id"),
        }
        return jsonify(body), status, kept
    if isinstance(request.routing_exception, SecurityError):  # a host that is not ours: no address can be built
        return Response(str(title), status, kept, content_type="text/plain; charset=utf-8")
    g.failed = status >= 500
    layout = "layout/desk.html" if actor().user_id else "layout/portal.html"
    page = render_template(
        "errors/error.html",
        layout=layout,
        status=status,
        title=title,
        advice=advice,
        message=message,
        clause=clause,
        faults=faults or [],
        back=page_before(),
    )
    return page, status, kept


def page_before() -> str | None:
    """The page of this site that the request was sent from, if it was another one."""
    referrer = request.referrer or ""
    path = referrer.removeprefix(request.host_url.rstrip("/"))
    return path if referrer.startswith(request.host_url) and path != request.full_path.rstrip("?") else None
