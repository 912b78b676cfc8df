"""The login of a request: the cookie's token, the session row behind it, the person, and how fresh their proof is."""

import hashlib
import hmac
from http import HTTPStatus

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask import session as cookie
from flask_babel import gettext
from flask_login import user_logged_in, user_logged_out
from flask_security.tf_plugin import tf_clean_session
from flask_security.utils import set_request_attr
from sqlalchemy import select
from sqlmodel import col
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from core.db import transaction
from core.house import House
from core.identity import services
from core.identity.actor import GUEST, Actor
from core.identity.models import User, UserSession
from core.web.access import is_unseen

#: Where the cookie keeps the token of the session row.
TOKEN = "login"  # noqa: S105  (a key, not a secret)
#: Pages a person can use before they have replaced a one-time password.
_BEFORE_OWN_PASSWORD = ("identity.change_password", "security.logout", "language.switch", "static", "bootstrap.static")


def current_actor() -> Actor:
    """Who makes this request, read from the database once a request; GUEST when nobody is logged in.

    A disabled account, an ended session or a changed role counts from the next request on.
    """
    if "actor" not in g:
        login = current_login()
        person = _house().db.session.get(User, login.user_id) if login else None
        g.actor = person.as_actor() if person is not None and person.active else GUEST
    return g.actor


def current_login() -> UserSession | None:
    """The live session row behind this request's cookie, or None."""
    if "login" not in g:
        token = cookie.get(TOKEN)
        house = _house()
        g.login = services.live_session(house.db.session, house.clock, token) if token else None
    return g.login


def require_fresh() -> Response | None:
    """None when the person proved who they are within the last minutes; else the redirect to the page that asks.

    A page that was being sent is not lost: the person comes back to the page they sent it from.
    """
    login, house = current_login(), _house()
    if login is not None and services.is_recent(login, house.clock):
        return None
    flash(gettext("This act binds others: please prove once more who you are."), "info")
    back = request.full_path.rstrip("?") if request.method == "GET" else _page_before()
    return redirect(url_for("security.verify", next=back), 303)


def place_of(login_name: str) -> services.Place:
    """Where an attempt comes from, as hashes under the house's secret: comparable, but readable by nobody."""
    return services.Place(_keyed(login_name.strip().lower()), _keyed(client_address()))


def client_address() -> str:
    """The network address of this request, as the trusted proxy settings give it."""
    return (request.remote_addr or "")[:45]


def load_user(uniquifier: str) -> User | None:
    """For Flask-Login: the person of the live session row, if the cookie's account is still the same and active."""
    login = current_login()
    person = _house().db.session.get(User, login.user_id) if login else None
    if person is None or not person.active or person.fs_uniquifier != uniquifier:
        return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", cookie.get("fs_paa", 0))
    return person


def init_app(app: Flask) -> None:
    """Follow logins and logouts, keep sessions in use alive, and ask for an own password first."""
    user_logged_in.connect(_on_login, app)
    user_logged_out.connect(_on_logout, app)
    app.before_request(_forms_only)
    app.before_request(_no_second_setup)
    app.before_request(_keep_alive)
    app.before_request(_own_password_first)
    app.after_request(_record_denial)


def _on_login(_app: Flask, user: User) -> None:
    """A new token and a new CSRF secret at every login: a cookie planted before is worth nothing after."""
    cookie.pop("csrf_token", None)
    g.pop("csrf_token", None)
    house, actor = _house(), user.as_actor()
    place, agent = place_of(user.login), request.user_agent.string
    with transaction(house.db.session) as session:
        token = services.start_session(session, actor, house.clock, address=client_address(), agent=agent, place=place)
    cookie[TOKEN] = token
    _forget()


def _on_logout(_app: Flask, user: User | None) -> None:
    """End the row, so that a copy of the cookie opens nothing."""
    house, login, actor = _house(), current_login(), current_actor()
    if login is not None:
        session_id = login.id or 0
        with transaction(house.db.session) as session:
            services.end_session(session, actor, house.clock, session_id)
    cookie.pop(TOKEN, None)
    _forget()


def _forms_only() -> None:
    """Flask-Security would read JSON into its forms, where a field can be anything; people sign in with forms."""
    if request.blueprint == "security" and request.is_json:
        raise UnsupportedMediaType


def _record_denial(response: Response) -> Response:
    actor, house = current_actor(), _house()
    # A person refused at a bid would be named as a bidder: such a denial leaves no trace with a name.
    seen = not is_unseen(current_app, request.endpoint)
    if response.status_code == HTTPStatus.FORBIDDEN and actor.user_id and seen:
        with transaction(house.db.session) as session:
            services.record_denial(session, actor, house.clock, request.endpoint or "unknown")
    return response


def _no_second_setup() -> Response | None:
    """Refuse a cookie kept from a first login, once that account has an authenticator: it must not set up another."""
    if request.blueprint != "security" or cookie.get("tf_state") not in ("setup_from_login", "validating_profile"):
        return None
    if current_login() is not None:
        return None
    query = select(User).where(col(User.fs_uniquifier) == cookie.get("tf_user_id"))
    person = _house().db.session.scalars(query).one_or_none()
    if person is not None and not person.tf_totp_secret:
        return None
    tf_clean_session()
    return redirect(url_for("security.login"), 303)


def _keep_alive() -> None:
    login, house = current_login(), _house()
    if login is not None and house.clock.now() - login.last_seen_at >= services.SEEN_STEP:
        session_id = login.id or 0
        with transaction(house.db.session) as session:
            services.touch_session(session, house.clock, session_id)


def _own_password_first() -> Response | None:
    login = current_login()
    if login is None or request.endpoint in _BEFORE_OWN_PASSWORD:
        return None
    person = _house().db.session.get(User, login.user_id)
    if person is None or person.password_expired_at is None:
        return None
    return redirect(url_for("identity.change_password"), 303)


def _forget() -> None:
    g.pop("actor", None)
    g.pop("login", None)


def _page_before() -> str:
    """The path of the page this form was sent from; the referrer is ours, because foreign posts were refused before."""
    referrer = request.referrer or ""
    return referrer.removeprefix(request.host_url.rstrip("/")) if referrer.startswith(request.host_url) else "/"


def _house() -> House:
    return current_app.extensions["house"]


def _keyed(text: str) -> str:
    return hmac.new(_house().settings.secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
