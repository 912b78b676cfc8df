"""Two languages, both complete: Chinese by default, English by a switch that keeps the page."""

from functools import cache, cached_property
from urllib.parse import urlsplit

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, make_response, redirect, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.wrappers import Response

from core.config import ROOT
from core.errors import N_, NotFound
from core.web.access import public

#: What the address and the cookie say → the locale; the catalogues' folders are called zh_CN.
LANGUAGES = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en")}
COOKIE = "language"

bp = Blueprint("language", __name__)


def selected() -> Locale:
    """The reader's locale: the cookie's choice, else Chinese whatever the browser wishes; the site is Chinese first."""
    return LANGUAGES.get(request.cookies.get(COOKIE, "") if request else "", LANGUAGES["zh"])


class Catalogues(Domain):
    """The messages of all rooms as one: translations/<room>/zh_CN/LC_MESSAGES/messages.mo.

    Flask-Babel by itself would look for zh_Hans_CN, the name that Babel gives the locale.
    """

    def get_translations(self) -> NullTranslations:
        """The translations of this request; English is what the messages are written in."""
        locale = get_locale()
        if locale is None or locale.language != "zh":
            return NullTranslations()
        return chinese_catalogue()


@cache
def chinese_catalogue() -> Translations:
    """The Chinese of all rooms as one."""
    merged = Translations()
    merged.plural = lambda _count: 0  # Chinese has one form for every number
    for room in sorted((ROOT / "translations").iterdir()):
        catalogue = Translations.load(room, ["zh_CN"])
        if isinstance(catalogue, Translations):  # a room whose catalogue is not compiled yet speaks English
            merged.merge(catalogue)
    return merged


def chinese_words(message: str) -> str:
    """A message id in Chinese, outside any request (letters, mails)."""
    words: str = chinese_catalogue().gettext(message)
    return words


class TwoLanguages(Babel):
    """Flask-Babel with our catalogues."""

    @cached_property
    def domain_instance(self) -> Catalogues:
        return Catalogues()


def init_app(app: Flask) -> None:
    """Choose the language of each request and offer the switch."""
    TwoLanguages(app, default_locale="zh_CN", default_timezone="Asia/Shanghai", locale_selector=selected)
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
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    return target
