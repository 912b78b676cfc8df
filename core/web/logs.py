"""The request log: one JSON line a request, with its number and the route, and nothing personal."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from flask import Flask, current_app, g, got_request_exception, request
from werkzeug.wrappers import Response

from core.web.access import is_unseen
from core.web.context import actor, house

log = logging.getLogger(__name__)
#: Our own rooms speak at INFO, libraries only when they warn.
OURS = ("core", "tender", "contracts", "settlement", "disclosure")

#: What stands for a route whose use is secret.
UNSEEN = "(unseen)"


class JsonLines(logging.Formatter):
    """A log record as one line of JSON; extra facts come in `record.facts`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            # Type and places only: the text of an exception may hold what someone typed.
            kind, _, trace = record.exc_info
            line["error"] = getattr(kind, "__name__", str(kind))
            frames = traceback.extract_tb(trace)[-12:]
            line["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False)


def init_app(app: Flask) -> None:
    """Log each request and each failure."""
    if not app.testing:
        _write_json_lines(logging.getLogger())
        for room in OURS:
            logging.getLogger(room).setLevel(logging.INFO)
        app.logger.setLevel(logging.CRITICAL)  # Flask's report of a failure prints what was sent; ours does not
    app.before_request(_begin)
    app.after_request(_request_line)
    got_request_exception.connect(_failure_line, app)


def _write_json_lines(root: logging.Logger) -> None:
    if not any(isinstance(handler.formatter, JsonLines) for handler in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root.addHandler(handler)


def _begin() -> None:
    g.begun = house().clock.now()


def _request_line(response: Response) -> Response:
    if request.endpoint in ("static", "bootstrap.static"):
        return response
    secret = is_unseen(current_app, request.endpoint)
    facts = {
        "request": g.get("request_id"),
        "method": None if secret else request.method,
        "route": _route(),
        "status": response.status_code,
        "denied": None if secret else g.get("denied"),
    }
    if response.status_code < 500 and not secret:
        facts["user"] = actor().user_id
    if "begun" in g:
        facts["ms"] = round((house().clock.now() - g.begun).total_seconds() * 1000)
    log.info("request", extra={"facts": {key: value for key, value in facts.items() if value is not None}})
    return response


def _route() -> str | None:
    """The route in words of the code; one word for all those whose use is secret."""
    if is_unseen(current_app, request.endpoint):
        return UNSEEN
    return request.url_rule.rule if request.url_rule else None


def _failure_line(app: Flask, exception: BaseException, **_extra: object) -> None:
    log.error(
        "failed",
        exc_info=(type(exception), exception, exception.__traceback__),
        extra={"facts": {"request": g.get("request_id"), "route": _route()}},
    )
