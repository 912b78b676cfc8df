"""The forms of a security's return: when it went back, and what a late one cost."""

from flask_babel import lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from core.web.forms import DayField, Form, RateField
from tender.services import Payment


class ReturnForm(Form):
    """When a security went back; the last three only for a late one."""

    paid_on = DayField(lazy_gettext("Paid on"), [Optional()])
    base_rate = RateField(lazy_gettext("Base lending rate a year"), [Optional()])
    rate_source = StringField(lazy_gettext("Source of the rate"), [Optional(), Length(max=200)])
    bidders_fault = TextAreaField(lazy_gettext("Or how the bidder caused the delay"), [Optional(), Length(max=500)])

    def payment(self, *, converted: bool = False) -> Payment:
        """What was typed, for the service."""
        return Payment(
            paid_on=self.paid_on.data, converted=converted, base_rate=self.base_rate.data,
            rate_source=self.rate_source.data or "", bidders_fault=self.bidders_fault.data or "",
        )  # fmt: skip


class RefundForm(ReturnForm):
    """How a bid security went back."""

    converted = BooleanField(lazy_gettext("Turned into the performance security"))
