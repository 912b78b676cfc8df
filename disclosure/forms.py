"""Forms of the room: a correction's reason, a new filing, a package sent back."""

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.web import Form
from core.web.forms import FileField

#: The largest further paper of a filing.
MEGABYTES = 50


class PrepareForm(Form):
    """Why a published disclosure is corrected; not asked for a first version."""

    reason = TextAreaField(
        lazy_gettext("Reason of the correction"),
        [InputRequired(), Length(max=500)],
        description=lazy_gettext("It is published with the new version"),
    )


class FilingForm(Form):
    """What is filed, to whom and by which rule; blanks are filled from the rule."""

    kind = SelectField(lazy_gettext("What is filed"), [InputRequired()])
    subject = SelectField(lazy_gettext("Tender or contract"), [InputRequired()])
    addressee = StringField(
        lazy_gettext("Addressee"),
        [Optional(), Length(max=100)],
        description=lazy_gettext("Blank: the office that the rule names"),
    )
    copied_to = StringField(
        lazy_gettext("Copied to"),
        [Optional(), Length(max=300)],
        description=lazy_gettext("Several offices with “、” between them"),
    )
    rule = StringField(
        lazy_gettext("Rule"),
        [Optional(), Length(max=100)],
        description=lazy_gettext("Blank: the article of the policy pack or of procurement law"),
    )
    file = FileField(
        lazy_gettext("Further paper"),
        [Optional()],
        suffixes=("pdf", "zip"),
        megabytes=MEGABYTES,
        description=lazy_gettext("A paper that was not issued here, for example the local rules"),
    )


class ReturnForm(Form):
    """What a package lacks."""

    reason = TextAreaField(lazy_gettext("What must be corrected"), [InputRequired(), Length(max=500)])
