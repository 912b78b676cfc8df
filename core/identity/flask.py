"""Flask-Security fitted to the house: its settings, its messages in our words, and the guards around it."""

from datetime import timedelta

from flask import Flask, redirect, url_for
from flask_babel import lazy_gettext
from flask_security import Security
from werkzeug.wrappers import Response

from core.db import transaction
from core.house import House
from core.identity import forms, labels, login, services
from core.identity.datastore import Datastore
from core.identity.login import current_actor
from core.identity.proof import authenticator, derived_key
from core.identity.rules import FRESH
from core.web.access import open_to_all

__all__ = ["current_actor", "init_app"]

#: Flask-Security's messages that our configuration can show, in our words.
MESSAGES = {
    "TWO_FACTOR_INVALID_TOKEN": (
        lazy_gettext("This code is not valid, or was used before. Wait for the next one."),
        "danger",
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (lazy_gettext("Your code was accepted."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        lazy_gettext("The authenticator is set up. Now print recovery codes, in case the phone is lost."),
        "success",
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (lazy_gettext("Please sign in first."), "warning"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (lazy_gettext("Choose one of the ways shown."), "danger"),
    "TWO_FACTOR_DISABLED": (lazy_gettext("The second factor is switched off."), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (lazy_gettext("Setting up took too long. Please begin again."), "warning"),
    "NO_RECOVERY_CODES_SETUP": (lazy_gettext("There are no recovery codes yet."), "info"),
    "REAUTHENTICATION_REQUIRED": (lazy_gettext("Please prove once more who you are."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (lazy_gettext("Thank you. You can go on."), "success"),
    "UNAUTHENTICATED": (lazy_gettext("Please sign in first."), "info"),
    "INVALID_REDIRECT": (lazy_gettext("The address to go on to was not on this site."), "warning"),
}

#: Pages that check by themselves who may use them: signing in, and a signed-in person's own second factor.
OWN_GUARD = (
    "login",
    "logout",
    "verify",
    "two_factor_setup",
    "two_factor_setup_validate",
    "two_factor_token_validation",
    "two_factor_rescue",
    "tf_select",
    "mf_recovery",
    "mf_recovery_codes",
)


def init_app(app: Flask, house: House) -> None:
    """Install login, second factor and sessions; called after core.web's. The pages are core.identity.views."""
    app.config.update(_settings(house))
    app.config.update({f"SECURITY_MSG_{key}": message for key, message in MESSAGES.items()})
    security = Security(
        app,
        Datastore(house),
        totp_cls=authenticator(house),
        login_form=forms.LoginForm,
        verify_form=forms.VerifyForm,
        two_factor_setup_form=forms.SecondFactorSetupForm,
        two_factor_verify_code_form=forms.CodeForm,
        two_factor_rescue_form=forms.RescueForm,
        mf_recovery_form=forms.RecoveryForm,
    )
    security.login_manager.user_loader(login.load_user)
    security.login_manager.request_loader(lambda _request: None)  # the cookie is the only key; no token in an address
    login.init_app(app)
    app.view_functions["security.two_factor_rescue"] = _no_mail_rescue
    app.view_functions["security.tf_select"] = _one_second_factor
    open_to_all(app, *(f"security.{name}" for name in OWN_GUARD))
    app.extensions["require_fresh"] = login.require_fresh
    app.extensions["proved_again"] = lambda: _proved_again(house)
    app.context_processor(lambda: {"who_note": labels.who_note})


def _settings(house: House) -> dict:
    return {
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"login": {"mapper": str.lower, "case_insensitive": True}}],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_CLI_USERS_NAME": "",
        "SECURITY_CLI_ROLES_NAME": "",
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_LOGIN_URL": "/login",
        "SECURITY_LOGOUT_URL": "/logout",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_LOGOUT_CSRF": True,
        "SECURITY_POST_LOGIN_VIEW": "home.index",
        "SECURITY_VERIFY_URL": "/account/prove",
        "SECURITY_FRESHNESS": FRESH,
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_SETUP_URL": "/account/second-factor",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/login/rescue",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/login/choose",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "security.mf_recovery_codes",
        "SECURITY_TOTP_SECRETS": {"1": derived_key(house, "totp")},
        "SECURITY_TOTP_ISSUER": "Chengban",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/login/recovery",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [derived_key(house, "recovery codes")],
    }


def _no_mail_rescue() -> Response:
    """The ways back are a recovery code or two administrators, never an e-mail."""
    return redirect(url_for("security.mf_recovery"))


def _one_second_factor() -> Response:
    """There is one kind of second factor, so there is nothing to choose."""
    return redirect(url_for("security.two_factor_token_validation"))


def _proved_again(house: House) -> None:
    row, actor = login.current_login(), login.current_actor()
    if row is not None:
        session_id = row.id or 0
        with transaction(house.db.session) as session:
            services.prove_again(session, actor, house.clock, session_id)
