"""The application put together: order matters here, so it is all in one place."""

from collections.abc import Callable

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect

from core.house import House
from core.identity.actor import GUEST, Actor
from core.web import access, clauses, context, errors, filters, headers, language, logs, navigation, status
from core.web.forms.controls import control


def init_app(app: Flask, house: House, current_actor: Callable[[], Actor] = lambda: GUEST) -> None:
    """Give the application everything that is the same on every page."""
    context.furnish(app, house, current_actor)
    app.config.update(
        SECRET_KEY=house.settings.secret,
        TESTING=house.settings.mode == "test",
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=12 * 3600,  # as long as a session may last
        WTF_CSRF_SSL_STRICT=True,
    )
    app.jinja_env.globals["control"] = control
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    headers.init_app(app)
    logs.init_app(app)
    language.init_app(app)
    Bootstrap5(app)
    CSRFProtect(app)
    app.before_request(access.check_access)
    errors.init_app(app)
    filters.init_app(app)
    clauses.init_app(app)
    navigation.init_app(app)
    app.register_blueprint(status.bp)
    access.open_to_all(app, "static", "bootstrap.static")
    app.teardown_appcontext(lambda _error: house.db.remove())
