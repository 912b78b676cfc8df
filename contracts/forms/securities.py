"""The forms of a performance security: given, handed over after the end, returned."""

from decimal import Decimal

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from contracts import labels
from core.web.forms import DayField, Form, MoneyField
from tender.forms.securities import ReturnForm


class SecurityForm(Form):
    """A performance security, or a part of it, as it was given."""

    amount = MoneyField(lazy_gettext("Amount"), [InputRequired()], minimum=Decimal("0.01"))
    form = SelectField(
        lazy_gettext("Form"),
        [InputRequired()],
        choices=[SelectChoice(form.value, label) for form, label in labels.SECURITY_FORMS.items()],
    )
    paid_on = DayField(lazy_gettext("Given on"), [InputRequired()])
    reference = StringField(
        lazy_gettext("Number of the transfer, cheque or guarantee"), [InputRequired(), Length(max=60)]
    )
    valid_until = DayField(lazy_gettext("Guarantee holds until"), [Optional()])


class HandoverForm(Form):
    """When the insurer had handed everything over."""

    on = DayField(lazy_gettext("Handed over on"), [InputRequired()])


class SecurityReturnForm(ReturnForm):
    """How a performance security went back, and what was kept of it."""

    deducted = MoneyField(lazy_gettext("Kept for a breach"), [Optional()], minimum=Decimal("0.00"))
    deduction_reason = TextAreaField(lazy_gettext("Which breach"), [Optional(), Length(max=1000)])
