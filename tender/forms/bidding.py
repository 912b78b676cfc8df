"""Forms of a bidder: a sealed envelope, the bid security, the confirmation that submits, a question."""

from flask_babel import lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.web.forms import FileField, Form


class EnvelopeForm(Form):
    """An envelope sealed elsewhere (`flask seal`, stock age, or this page's script) and its commitment."""

    sealed = FileField(lazy_gettext("Sealed file (.age)"), [InputRequired()], suffixes=("age",), megabytes=300)
    commitment = StringField(lazy_gettext("Commitment"), [InputRequired(), Length(min=64, max=64)])


class SecurityForm(Form):
    """The account from which the bid security was paid."""

    payer_account = StringField(lazy_gettext("Account it was paid from"), [InputRequired(), Length(max=60)])


class SubmitForm(Form):
    """The small act that makes an upload a bid."""

    entitled = BooleanField(
        lazy_gettext("I may act for my company; until the deadline I can replace or withdraw"), [InputRequired()]
    )


class QuestionForm(Form):
    """A question to the department."""

    question = TextAreaField(lazy_gettext("Question"), [InputRequired(), Length(max=4000)], render_kw={"rows": 5})


class RecoveryFileForm(Form):
    """The recovery file that was saved at sealing; asked for only when the opening keys are lost."""

    recovery = FileField(
        lazy_gettext("Recovery file (.recovery.json)"), [InputRequired()], suffixes=("json",), megabytes=610
    )
