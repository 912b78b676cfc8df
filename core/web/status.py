"""What machines ask: is the house well, and what time is it."""

from typing import Any

from flask import Blueprint, jsonify
from sqlalchemy import text
from werkzeug.wrappers import Response

from core.clock import local_time
from core.tasks.queue import last_sweep
from core.web.access import public
from core.web.context import house, now, session

bp = Blueprint("status", __name__)


@bp.get("/time")
@public
def time() -> Response:
    """The server's clock, the only one that counts at a deadline; in UTC and Beijing time."""
    at = now()
    beijing = local_time(at).isoformat(timespec="milliseconds")
    answer = jsonify(utc=at.isoformat(timespec="milliseconds"), beijing=beijing)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/healthz")
@public
def healthz() -> tuple[Response, int]:
    """200 when database and files answer, else 503 naming which does not; also when the last sweep ran."""
    checks = {"database": _works(_database), "files": _works(_files)}
    sweep = last_sweep(session()) if checks["database"] else None
    body = {"ok": all(checks.values()), **checks, "last_sweep": sweep.isoformat() if sweep else None}
    return jsonify(body), 200 if body["ok"] else 503


def _works(check: Any) -> bool:
    try:
        check()
    except Exception:
        return False
    return True


def _database() -> None:
    session().execute(text("SELECT 1"))


def _files() -> None:
    """The folder must take a file; a full or read-only disk shows here before an insurer meets it."""
    folder = house().files.folder
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / ".healthz"
    probe.write_bytes(b"ok")
    probe.unlink(missing_ok=True)
