"""Forms that change or end a published tender: a correction with its reason, a cancellation."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.web.forms import DayField, Form, InstantField
from tender.services.correcting import Correction


class CorrectionForm(Form):
    """What shall stand after the correction; the mandatory fields are added by `correction_form`."""

    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=2000)], render_kw={"rows": 3})
    affects_bids = BooleanField(lazy_gettext("The change may affect how bids are written"))
    deadline = InstantField(lazy_gettext("Bids close"), [InputRequired()])
    documents_until = DayField(lazy_gettext("Documents until"), [Optional()])
    clarification_until = InstantField(lazy_gettext("Questions until"), [Optional()])
    opening_place = StringField(lazy_gettext("Place of the opening"), [InputRequired(), Length(max=200)])
    contact_name = StringField(lazy_gettext("Contact"), [InputRequired(), Length(max=40)])
    contact_telephone = StringField(lazy_gettext("Telephone"), [InputRequired(), Length(max=40)])
    purchaser_address = StringField(lazy_gettext("Purchaser's address"), [InputRequired(), Length(max=200)])

    def correction(self, keys: list[str]) -> Correction:
        """The correction, for the service; keys: the mandatory fields on the form."""
        names = ("deadline", "documents_until", "clarification_until", "opening_place", "contact_name",
                 "contact_telephone", "purchaser_address")  # fmt: skip
        return Correction(
            reason=self.reason.data or "",
            affects_bids=self.affects_bids.data,
            fields={key: self[f"field-{key}"].data or "" for key in keys},
            **{name: self[name].data for name in names},
        )


def correction_form(titles: Mapping[str, str], texts: Mapping[str, str], standing: Mapping[str, Any]) -> CorrectionForm:
    """The form with what stands now filled in; a mandatory field is named `field-<key>`."""
    entries = {
        f"field-{key}": TextAreaField(titles.get(key, key), [InputRequired()], default=text, render_kw={"rows": 4})
        for key, text in texts.items()
    }
    made: type[CorrectionForm] = type("FilledCorrectionForm", (CorrectionForm,), entries)
    return made(data={**standing, "affects_bids": True})


class CancellationForm(Form):
    """Cancelling a published tender."""

    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=2000)], render_kw={"rows": 4})
