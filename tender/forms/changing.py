"""Forms that change or end a published tender: a correction with its reason, a cancellation."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.web.forms import DayField, Form, InstantField, MoneyField, RateField
from tender.forms.criteria import CriteriaForm
from tender.forms.preparation import LotForm
from tender.forms.text import assessment_entries, instalment_entries, split_entries
from tender.rules.words import PriceObject, SplitMethod
from tender.services.correcting import Correction
from tender.services.drafts import LotDraft, TermsDraft
from tender.views import labels

#: What of a lot and its contract parameters the form shows; what it leaves out is the subject and stands as published.
LOT_FIELDS = ("insured_count", "price_object", "ceiling", "ceiling_rate", "budget", "winners", "split_method", "split")
TERM_FIELDS = (
    "sharing_reading", "rate_definition", "expense_cap_rate", "claims_basis", "cutoff_month", "cutoff_day",
    "instalments", "assessment",
)  # fmt: skip


class CorrectionForm(Form):
    """What shall stand after the correction; mandatory fields and lots are added by `correction_form`."""

    #: The lots as they stand, by position: what is not on the form is kept from them.
    lots: ClassVar[Mapping[int, tuple[LotDraft, TermsDraft | None]]] = {}

    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=2000)], render_kw={"rows": 3})
    affects_bids = BooleanField(lazy_gettext("The change may affect how bids are written"))
    deadline = InstantField(lazy_gettext("Bids close"), [InputRequired()])
    documents_until = DayField(lazy_gettext("Documents until"), [Optional()])
    clarification_until = InstantField(lazy_gettext("Questions until"), [Optional()])
    opening_place = StringField(lazy_gettext("Place of the opening"), [InputRequired(), Length(max=200)])
    contact_name = StringField(lazy_gettext("Contact"), [InputRequired(), Length(max=40)])
    contact_telephone = StringField(lazy_gettext("Telephone"), [InputRequired(), Length(max=40)])
    purchaser_address = StringField(lazy_gettext("Purchaser's address"), [InputRequired(), Length(max=200)])

    budget = MoneyField(lazy_gettext("Budget of the term"), [InputRequired()])
    few_valid_go_on = BooleanField(lazy_gettext("Fewer than three valid bids left after the reviews: go on"))
    low_price_ratio = RateField(lazy_gettext("Ratio of the low-price review, raised"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Every line of a division, of instalments and of an assessment must be readable."""
        good: bool = super().validate(extra_validators)
        for position in self.lots:
            own, other = self._ceilings(position)
            if own.data is None:
                own.errors = [*own.errors, gettext("Give the ceiling in the unit of what is bid")]
                good = False
            if other.data is not None:
                said = gettext("Leave “%(field)s” empty for this price", field=other.label.text)
                other.errors, good = [*other.errors, said], False
            method = SplitMethod(self[f"lot-{position}-split_method"].data)
            good = _reads(self[f"lot-{position}-split"], lambda lines, how=method: split_entries(how, lines)) and good
            for name, read in (("instalments", instalment_entries), ("assessment", assessment_entries)):
                if f"lot-{position}-{name}" in self:
                    good = _reads(self[f"lot-{position}-{name}"], read) and good
        return good

    def _ceilings(self, position: int) -> tuple[Any, Any]:
        """The ceiling in the unit of what is bid, and the one of the other unit."""
        rate = PriceObject(self[f"lot-{position}-price_object"].data) in labels.RATES
        names = (f"lot-{position}-ceiling_rate", f"lot-{position}-ceiling")
        first, second = names if rate else reversed(names)
        return self[first], self[second]

    def typed(self, position: int) -> tuple[LotDraft, TermsDraft | None]:
        """A lot with what was typed; only after `validate`."""
        lot, terms = self.lots[position]
        said = {name: self[f"lot-{position}-{name}"] for name in LOT_FIELDS if f"lot-{position}-{name}" in self}
        method = SplitMethod(said["split_method"].data)
        lot = replace(
            lot, insured_count=said["insured_count"].data, ceiling=self._ceilings(position)[0].data,
            price_object=PriceObject(said["price_object"].data), budget=said["budget"].data,
            winners=said["winners"].data, split_method=method, split=split_entries(method, said["split"].lines),
        )  # fmt: skip
        if terms is not None:
            entries = {name: self[f"lot-{position}-{name}"] for name in TERM_FIELDS}
            values = {name: entry.data for name, entry in entries.items()}
            values["instalments"] = instalment_entries(entries["instalments"].lines)
            values["assessment"] = assessment_entries(entries["assessment"].lines)
            terms = replace(terms, **values)
        return lot, terms

    def correction(self, keys: list[str]) -> Correction:
        """The correction, for the service; keys: the mandatory fields on the form."""
        names = ("deadline", "documents_until", "clarification_until", "opening_place", "contact_name",
                 "contact_telephone", "purchaser_address")  # fmt: skip
        return Correction(
            reason=self.reason.data or "",
            affects_bids=self.affects_bids.data,
            fields={key: self[f"field-{key}"].data or "" for key in keys},
            budget=self.budget.data,
            few_valid_go_on=self.few_valid_go_on.data,
            low_price_ratio=self.low_price_ratio.data or Decimal(0),
            lots={position: self.typed(position)[0] for position in self.lots},
            terms={position: terms for position in self.lots if (terms := self.typed(position)[1]) is not None},
            **{name: self[name].data for name in names},
        )


def _reads(field: Any, read: Any) -> bool:
    try:
        read(field.lines)
    except ValueError as fault:
        field.errors = [*field.errors, str(fault)]
        return False
    return True


def correction_form(
    titles: Mapping[str, str], texts: Mapping[str, str], standing: Mapping[str, Any],
    lots: Mapping[int, tuple[LotDraft, TermsDraft | None]], values: Mapping[int, Mapping[str, Any]],
) -> CorrectionForm:  # fmt: skip
    """The form with what stands now filled in: `field-<key>` a mandatory field, `lot-<position>-<name>` of a lot.

    values: of each lot by position as `LotForm` takes them.
    """
    entries: dict[str, Any] = {
        f"field-{key}": TextAreaField(titles.get(key, key), [InputRequired()], default=text, render_kw={"rows": 4})
        for key, text in texts.items()
    }
    data = {**standing, "affects_bids": True}
    for position, (_lot, terms) in lots.items():
        for name in (*LOT_FIELDS, *(TERM_FIELDS if terms is not None else ())):
            entries[f"lot-{position}-{name}"] = getattr(LotForm, name)
            data[f"lot-{position}-{name}"] = values[position][name]
    made: type[CorrectionForm] = type("FilledCorrectionForm", (CorrectionForm,), {**entries, "lots": lots})
    return made(data=data)


class TableCorrectionForm(CriteriaForm):
    """The scoring table as it shall stand, with the reason and, where the time is short, the new deadline."""

    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=2000)], render_kw={"rows": 3})
    deadline = InstantField(lazy_gettext("Bids close"), [InputRequired()])


class CancellationForm(Form):
    """Cancelling a published tender."""

    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=2000)], render_kw={"rows": 4})
