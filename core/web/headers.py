"""What every answer carries and every request must satisfy: headers, origin check, body size, request number."""

import secrets

from flask import Flask, current_app, g, request
from werkzeug.exceptions import Forbidden
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from core.web.context import actor, house

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
MEGABYTE = 1_000_000
#: Enough for any form without a file; routes that take files say so with @accepts(megabytes).
USUAL_BODY = 1
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def number_request() -> None:
    """Give the request the number that its log line and a 500 page carry."""
    g.request_id = secrets.token_hex(8)


def limit_body() -> None:
    """Set how much this route takes before anything reads the body."""
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "megabytes", USUAL_BODY) * MEGABYTE


def refuse_foreign_posts() -> None:
    """Refuse a change that another site's page sends (browsers say so); CSRF tokens stand behind this."""
    origin = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method not in SAFE_METHODS and origin not in ("same-origin", "none"):
        raise Forbidden


def add_headers(response: Response) -> Response:
    """Headers of every answer; pages of signed-in people are kept nowhere."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    response.vary.add("Cookie")  # the language and the person are in it
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if "request_id" in g:
        headers["X-Request-Id"] = g.request_id
    if house().settings.is_production:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint not in ("static", "bootstrap.static") and _signed_in(response):
        headers["Cache-Control"] = "no-store"
    return response


def _signed_in(response: Response) -> bool:
    """A failure to tell (no database) counts as signed in: the answer is then kept nowhere."""
    if response.status_code >= 500:
        return True
    return actor().user_id > 0


def init_app(app: Flask) -> None:
    """Install the checks, in this order, and the headers."""
    settings = app.extensions["house"].settings
    app.config.update(
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        MAX_CONTENT_LENGTH=USUAL_BODY * MEGABYTE,
        MAX_FORM_MEMORY_SIZE=USUAL_BODY * MEGABYTE,
        SESSION_COOKIE_NAME="__Host-chengban" if settings.is_production else "chengban",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    if settings.is_production:
        # One proxy stands in front (docs/running.md); what it says of the visitor's address and scheme is believed.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    app.before_request(number_request)
    app.before_request(limit_body)
    app.before_request(refuse_foreign_posts)
    app.after_request(add_headers)
