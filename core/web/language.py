"""Two languages, both complete: Chinese by default, English by a switch that keeps the page."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, make_response, redirect, request
from flask_babel import Babel
from werkzeug.wrappers import Response

from core.config import ROOT
from core.errors import N_, NotFound
from core.web.access import public

LANGUAGES = {"zh": "zh_CN", "en": "en"}
COOKIE = "language"

bp = Blueprint("language", __name__)


def selected() -> str:
    """The reader's locale: the cookie's choice, else Chinese whatever the browser wishes; the site is Chinese first."""
    return LANGUAGES.get(request.cookies.get(COOKIE, "") if request else "", "zh_CN")


def init_app(app: Flask) -> None:
    """Load the catalogue of every room (translations/<room>/<locale>/LC_MESSAGES/messages.mo)."""
    rooms = sorted(folder for folder in (ROOT / "translations").iterdir() if folder.is_dir())
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, rooms))
    Babel(app, default_locale="zh_CN", default_timezone="Asia/Shanghai", locale_selector=selected)
    app.register_blueprint(bp)


@bp.get("/language/<code>")
@public
def switch(code: str) -> Response:
    """Remember the language in a cookie and go back to the page (`next`, a path on this site)."""
    if code not in LANGUAGES:
        raise NotFound(N_("There is no page in this language"))
    response = make_response(redirect(local_path(request.args.get("next", "/")), 302))
    response.set_cookie(COOKIE, code, max_age=365 * 86400, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


def local_path(target: str) -> str:
    """The target if it is a path on this site, else '/'; an outside address is never followed."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return "/"
    return target
