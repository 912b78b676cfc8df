"""Forms of identity: Flask-Security's own, in our words and with our checks, and those of the administration pages."""

from typing import Any

from flask import current_app
from flask_babel import gettext, lazy_gettext
from flask_security import forms as fs
from flask_security.proxies import _security
from flask_security.recovery_codes import MfRecoveryForm
from wtforms import PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from core.identity.passwords import MAXIMUM, MINIMUM
from core.identity.proof import attempt, prove_password
from core.identity.services import TooManyFailures
from core.web.errors import explain
from core.web.forms import Form

REQUIRED = InputRequired(lazy_gettext("This is needed"))
_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "6"}


class LoginForm(Form, fs.LoginForm):
    """Login name and password. One answer for an unknown name, a wrong password and a disabled account."""

    email = None
    remember = None
    login = StringField(
        lazy_gettext("Login name"),
        [REQUIRED, Length(max=64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        lazy_gettext("Password"), [REQUIRED, Length(max=MAXIMUM)], render_kw={"autocomplete": "current-password"}
    )

    def validate(self, **kwargs: Any) -> bool:
        if not super(fs.LoginForm, self).validate(**kwargs):
            return False
        try:
            self.user = prove_password(self.login.data or "", self.password.data or "")
        except TooManyFailures as error:
            self.problem = explain(error)
            return False
        if self.user is None:
            self.problem = gettext("The login name or the password is wrong.")
        return self.user is not None


class VerifyForm(Form, fs.VerifyForm):
    """The password once more, and a code where an authenticator is set up."""

    user: Any
    password = PasswordField(
        lazy_gettext("Password"), [REQUIRED, Length(max=MAXIMUM)], render_kw={"autocomplete": "current-password"}
    )
    code = StringField(lazy_gettext("Code from the authenticator"), [Optional()], render_kw=_CODE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.user.tf_totp_secret:
            del self.code

    def validate(self, **kwargs: Any) -> bool:
        if not super(fs.VerifyForm, self).validate(**kwargs):
            return False
        try:
            if prove_password(self.user.login, self.password.data or "") is None:
                self.password.errors = [gettext("This is not your password.")]
                return False
            if self.code is not None and not _code_is_right(self.user, self.code.data):
                self.code.errors = [gettext("This code is not valid, or was used before. Wait for the next one.")]
                return False
        except TooManyFailures as error:
            self.problem = explain(error)
            return False
        current_app.extensions["proved_again"]()
        return True


def _code_is_right(user: Any, code: str | None) -> bool:
    window = current_app.config["SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY"]
    return _security.totp_factory.verify_totp(code or "", user.tf_totp_secret, user, window)


class SecondFactorSetupForm(Form, fs.TwoFactorSetupForm):
    """One button: begin with an authenticator (or give it up, where that is allowed)."""

    user: Any
    setup = StringField()  # the value of the button pressed
    phone = None

    def validate(self, **kwargs: Any) -> bool:
        if not super(fs.TwoFactorSetupForm, self).validate(**kwargs):
            return False
        allowed = ("authenticator",) if self.user.check_tf_required_setup() else ("authenticator", "disable")
        if self.setup.data not in allowed:
            self.problem = gettext("Choose one of the ways shown.")
        return self.setup.data in allowed


class CodeForm(Form, fs.TwoFactorVerifyCodeForm):
    """Six digits from the authenticator."""

    code = StringField(lazy_gettext("Code from the authenticator"), [REQUIRED], render_kw=_CODE)

    def validate(self, **kwargs: Any) -> bool:
        try:
            return super().validate(**kwargs)
        except TooManyFailures as error:
            self.problem = explain(error)
            return False


class RescueForm(Form):
    """What Flask-Security asks for beside the code; our page offers a recovery code instead, so it has no choices."""

    help_setup = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help_setup.choices = []


class RecoveryForm(Form, MfRecoveryForm):
    """A one-time recovery code, when the authenticator is lost."""

    user: Any
    code = StringField(lazy_gettext("Recovery code"), [REQUIRED], render_kw={"autocomplete": "off", "maxlength": "20"})

    def validate(self, **kwargs: Any) -> bool:
        if not super(MfRecoveryForm, self).validate(**kwargs):
            return False
        check = _security.mf_recovery_codes_util.check_recovery_code
        code = (self.code.data or "").strip().lower()
        try:
            if attempt(self.user.login, "recovery_code", lambda: check(self.user, code)):
                self.code.data = code
                return True
            self.code.errors = [gettext("This recovery code is not valid, or was used before.")]
        except TooManyFailures as error:
            self.problem = explain(error)
        return False


class ChangePasswordForm(Form):
    """The current password and a new one, typed twice."""

    current = PasswordField(
        lazy_gettext("Current password"), [REQUIRED], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        lazy_gettext("New password"),
        [REQUIRED],
        description=lazy_gettext("At least %(length)d characters; several unrelated words are best.", length=MINIMUM),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(lazy_gettext("New password, again"), [REQUIRED], render_kw={"autocomplete": "new-password"})

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(gettext("The two new passwords differ"))


class NewUserForm(Form):
    """A new account; its roles are asked for afterwards."""

    login = StringField(lazy_gettext("Login name"), [REQUIRED, Length(max=64)], render_kw={"autocomplete": "off"})
    name = StringField(lazy_gettext("Name"), [REQUIRED, Length(max=80)], render_kw={"autocomplete": "off"})
    organisation_id = SelectField(lazy_gettext("Organisation"), coerce=int)
    password = PasswordField(
        lazy_gettext("First password"),
        [REQUIRED],
        description=lazy_gettext("Hand it over in person; the person replaces it at the first sign-in."),
        render_kw={"autocomplete": "new-password"},
    )


class RoleForm(Form):
    """A role to ask for."""

    role = SelectField(lazy_gettext("Role"))


class DecisionForm(Form):
    """Approve, reject (with a reason) or withdraw a request."""

    reason = TextAreaField(lazy_gettext("Reason"), [Length(max=500)], render_kw={"rows": "3"})
