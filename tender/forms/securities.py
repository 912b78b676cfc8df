"""The form of a bid security's refund."""

from flask_babel import lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from core.web.forms import DayField, Form, RateField


class RefundForm(Form):
    """How a bid security went back; the last three only for a late one."""

    paid_on = DayField(lazy_gettext("Paid on"), [Optional()])
    converted = BooleanField(lazy_gettext("Turned into the performance security"))
    base_rate = RateField(lazy_gettext("Base lending rate a year"), [Optional()])
    rate_source = StringField(lazy_gettext("Source of the rate"), [Optional(), Length(max=200)])
    bidders_fault = TextAreaField(lazy_gettext("Or how the bidder caused the delay"), [Optional(), Length(max=500)])
