"""One's own account: who I am here, my second factor, my password, and where I am logged in."""

from flask import current_app, redirect, render_template, url_for
from flask_babel import gettext
from flask_security.utils import logout_user
from werkzeug.wrappers import Response

from core.identity import labels, services
from core.identity.forms import ChangePasswordForm
from core.identity.login import current_login
from core.identity.models import User
from core.identity.views import bp
from core.web import actor, allow, clock, perform, session


@bp.get("/account")
@allow("identity:own_account")
def account() -> str:
    """Who I am, my second factor and my sessions."""
    login = current_login()
    return render_template(
        "identity/account.html",
        person=session().get_one(User, actor().user_id),
        role_names=labels.role_names(actor().roles),
        sessions=services.own_sessions(session(), actor(), clock()),
        current_id=login.id if login else None,
    )


@bp.route("/account/password", methods=["GET", "POST"])
@allow("identity:own_account")
def change_password() -> str | Response | tuple:
    """Choose a new password; afterwards one logs in again, on every device."""
    form = ChangePasswordForm()
    person = session().get_one(User, actor().user_id)
    forced = person.password_expired_at is not None
    done = form.save(
        lambda session: services.change_password(
            session, actor(), clock(), form.current.data or "", form.password.data or ""
        ),
        then=lambda _user: url_for("security.login"),
        message=gettext("The password is changed. Please sign in with the new one."),
    )
    if done:
        logout_user()
        return done
    return render_template("identity/change-password.html", form=form, forced=forced), form.status


@bp.post("/account/sessions/<int:session_id>/end")
@allow("identity:own_account")
def end_session(session_id: int) -> Response:
    """Log out on another device."""
    return perform(
        lambda session: services.end_session(session, actor(), clock(), session_id),
        then=lambda _none: url_for("identity.account"),
        message=gettext("That session is ended."),
    )


@bp.post("/account/sessions/end-others")
@allow("identity:own_account")
def end_other_sessions() -> Response:
    """Log out everywhere but here."""
    login = current_login()
    if login is None:
        return redirect(current_app.url_for("security.login"))
    keep = login.id or 0
    return perform(
        lambda session: services.end_other_sessions(session, actor(), clock(), keep),
        then=lambda _count: url_for("identity.account"),
        message=gettext("All other sessions are ended."),
    )
