"""Forms of the preparation: head, lots with their contract parameters, fields, history, scoring table, dates, keys."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from core.web.forms import CountField, DayField, Form, MoneyField, RateField
from tender.forms.text import (
    LinesField,
    assessment_entries,
    choices,
    instalment_entries,
    split_entries,
)
from tender.rules.words import AwardRule, PriceObject, Scheme, SplitMethod
from tender.services import BasicsDraft, LotDraft, TermsDraft, YearDraft
from tender.views import labels


class BasicsForm(Form):
    """The head of a tender."""

    number = StringField(lazy_gettext("Project number"), [InputRequired(), Length(max=40)])
    title = StringField(lazy_gettext("Title"), [InputRequired(), Length(max=200)])
    policyholder_id = SelectField(lazy_gettext("Policyholder (the agency)"), coerce=int)
    budget = MoneyField(lazy_gettext("Budget of the term"), [InputRequired()], minimum=Decimal("0.01"))
    term_from = DayField(lazy_gettext("Term from"), [InputRequired()])
    term_until = DayField(lazy_gettext("Term until"), [InputRequired()])
    award_rule = RadioField(lazy_gettext("Several lots"), choices=choices(labels.AWARD_RULES), default="win_all")
    consortium_allowed = BooleanField(lazy_gettext("Consortia may bid"))
    queries_once = BooleanField(lazy_gettext("All queries on one step in one letter"))
    few_valid_go_on = BooleanField(lazy_gettext("Fewer than three valid bids left after the reviews: go on"))
    low_price_ratio = RateField(lazy_gettext("Ratio of the low-price review, raised"), [Optional()])
    bid_security = MoneyField(lazy_gettext("Bid security of a lot"), [InputRequired()], minimum=Decimal("0.00"))
    performance_security_rate = RateField(lazy_gettext("Performance security"), [InputRequired()])
    performance_return_days = CountField(
        lazy_gettext("Working days for its return"), [InputRequired()], minimum=1, default=5
    )
    bid_valid_days = CountField(lazy_gettext("Days a bid stays valid"), [InputRequired()], minimum=1)
    contact_name = StringField(lazy_gettext("Contact person"), [InputRequired(), Length(max=40)])
    contact_telephone = StringField(lazy_gettext("Telephone"), [InputRequired(), Length(max=40)])
    purchaser_address = StringField(lazy_gettext("Address"), [InputRequired(), Length(max=200)])
    opening_place = StringField(lazy_gettext("Place of the opening"), [InputRequired(), Length(max=200)])
    media = LinesField(lazy_gettext("Media of the notices, one a line"), [InputRequired()])

    def draft(self) -> BasicsDraft:
        """What was typed, for the service."""
        return BasicsDraft(
            number=self.number.data or "",
            title=self.title.data or "",
            policyholder_id=self.policyholder_id.data,
            budget=self.budget.data,
            term_from=self.term_from.data,
            term_until=self.term_until.data,
            award_rule=AwardRule(self.award_rule.data),
            consortium_allowed=self.consortium_allowed.data,
            queries_once=self.queries_once.data,
            few_valid_go_on=self.few_valid_go_on.data,
            low_price_ratio=self.low_price_ratio.data,
            bid_security=self.bid_security.data,
            performance_security_rate=self.performance_security_rate.data,
            performance_return_days=self.performance_return_days.data,
            bid_valid_days=self.bid_valid_days.data,
            contact_name=self.contact_name.data or "",
            contact_telephone=self.contact_telephone.data or "",
            purchaser_address=self.purchaser_address.data or "",
            opening_place=self.opening_place.data or "",
            media=tuple(self.media.lines),
        )


class NewTenderForm(BasicsForm):
    """A new tender: its head, and what it begins from."""

    source = SelectField(lazy_gettext("Begin from"))


class LotForm(Form):
    """A lot and the contract parameters that the tender fixes for it."""

    name = StringField(lazy_gettext("Name"), [InputRequired(), Length(max=100)])
    scheme = SelectField(lazy_gettext("Scheme"), choices=choices(labels.SCHEMES))
    area = StringField(lazy_gettext("Area"), [InputRequired(), Length(max=200)])
    insured_count = CountField(lazy_gettext("Insured"), [InputRequired()], minimum=1)
    price_object = SelectField(lazy_gettext("What is bid"), choices=choices(labels.PRICE_OBJECTS))
    ceiling = MoneyField(lazy_gettext("Ceiling, an amount"), [Optional()])
    ceiling_rate = RateField(lazy_gettext("Ceiling, a rate"), [Optional()])
    budget = MoneyField(lazy_gettext("Budget of the lot"), [InputRequired()], minimum=Decimal("0.01"))
    winners = CountField(lazy_gettext("Winners"), [InputRequired()], minimum=1, maximum=9)
    split_method = RadioField(lazy_gettext("Division of the insured"), choices=choices(labels.SPLITS), default="share")
    split = LinesField(lazy_gettext("Parts, one winner a line"), [InputRequired()])
    sharing_reading = SelectField(lazy_gettext("Reading of the sharing rule"), choices=choices(labels.READINGS))
    rate_definition = SelectField(
        lazy_gettext("Surplus-or-loss rate"), choices=choices(labels.RATE_DEFINITIONS), default="claims_and_expense"
    )
    expense_cap_rate = RateField(lazy_gettext("Cap of the expense"), [InputRequired()])
    claims_basis = SelectField(lazy_gettext("Claims base"), choices=choices(labels.CLAIMS_BASES))
    cutoff_month = CountField(lazy_gettext("Cut-off month"), [InputRequired()], default=3, minimum=1, maximum=12)
    cutoff_day = CountField(lazy_gettext("Cut-off day"), [InputRequired()], default=31, minimum=1, maximum=31)
    instalments = LinesField(lazy_gettext("Premium instalments, one a line"), [InputRequired()])

    assessment = LinesField(lazy_gettext("Assessment indicators, one a line"), [Optional()])

    def validate_assessment(self, field: LinesField) -> None:
        """Every line must be readable and the weights add up."""
        _readable(lambda: assessment_entries(field.lines))

    def validate_split(self, field: LinesField) -> None:
        """Every line must be readable."""
        _readable(lambda: split_entries(SplitMethod(self.split_method.data), field.lines))

    def validate_instalments(self, field: LinesField) -> None:
        """Every line must be readable and the shares add up."""
        _readable(lambda: instalment_entries(field.lines))

    def validate_price_object(self, field: SelectField) -> None:
        """The ceiling belongs to the kind of price, and only its own."""
        if self._ceiling() is None:
            raise ValidationError(gettext("Give the ceiling in the unit of what is bid"))
        other = self.ceiling if PriceObject(field.data) in labels.RATES else self.ceiling_rate
        if other.data is not None:
            raise ValidationError(gettext("Leave “%(field)s” empty for this price", field=other.label.text))

    def _ceiling(self) -> Decimal | None:
        rate = PriceObject(self.price_object.data) in labels.RATES
        return self.ceiling_rate.data if rate else self.ceiling.data

    def draft(self) -> LotDraft:
        """The lot, for the service."""
        method = SplitMethod(self.split_method.data)
        return LotDraft(
            name=self.name.data or "",
            scheme=Scheme(self.scheme.data),
            area=self.area.data or "",
            insured_count=self.insured_count.data,
            price_object=PriceObject(self.price_object.data),
            ceiling=self._ceiling() or Decimal(0),
            budget=self.budget.data,
            winners=self.winners.data,
            split_method=method,
            split=split_entries(method, self.split.lines),
        )

    def terms(self) -> TermsDraft:
        """The contract parameters, for the service."""
        return TermsDraft(
            sharing_reading=self.sharing_reading.data,
            rate_definition=self.rate_definition.data,
            expense_cap_rate=self.expense_cap_rate.data,
            claims_basis=self.claims_basis.data,
            instalments=instalment_entries(self.instalments.lines),
            cutoff_month=self.cutoff_month.data,
            cutoff_day=self.cutoff_day.data,
            assessment=assessment_entries(self.assessment.lines),
        )


def _readable(read: Any) -> None:
    try:
        read()
    except ValueError as fault:
        raise ValidationError(str(fault)) from None


def fields_form(titles: dict[str, str], texts: dict[str, str]) -> Form:
    """A form with one text area for each mandatory field of the pack."""
    entries = {
        key: TextAreaField(titles.get(key, key), [Optional()], default=text, render_kw={"rows": 4})
        for key, text in texts.items()
    }
    made: type[Form] = type("FieldsForm", (Form,), entries)
    return made()


class ConditionsForm(Form):
    """The qualification conditions: 'condition | proof | article' a line."""

    conditions = LinesField(lazy_gettext("Conditions, one a line"), [InputRequired()], render_kw={"rows": 10})

    def validate_conditions(self, field: LinesField) -> None:
        """Each line has three parts."""
        for line in field.lines:
            if len([part for part in line.split("|") if part.strip()]) != 3:
                raise ValidationError(gettext("Write condition | proof | article: %(line)s", line=line))


class YearForm(Form):
    """One past year of a lot's scheme."""

    year = CountField(lazy_gettext("Year"), [InputRequired()], minimum=2000, maximum=2100)
    insured_count = CountField(lazy_gettext("Insured"), [InputRequired()], minimum=1)
    premium = MoneyField(lazy_gettext("Premium"), [InputRequired()], minimum=Decimal(0))
    claims_paid = MoneyField(lazy_gettext("Claims paid"), [InputRequired()], minimum=Decimal(0))
    beneficiaries = CountField(lazy_gettext("Beneficiaries"), [InputRequired()], minimum=0)
    cases = CountField(lazy_gettext("Cases"), [InputRequired()], minimum=0)
    compliant_cost = MoneyField(lazy_gettext("Compliant costs"), [InputRequired()], minimum=Decimal(0))

    def draft(self) -> YearDraft:
        """The year, for the service."""
        names = YearDraft.__dataclass_fields__
        return YearDraft(**{name: getattr(self, name).data for name in names})


class CeremonyForm(Form):
    """Who holds the shares of the tender's keys."""

    officers = SelectMultipleField(
        lazy_gettext("Opening officers"), [InputRequired()], coerce=int, widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )  # fmt: skip
    recovery = SelectMultipleField(
        lazy_gettext("Recovery holders"), coerce=int, widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )  # fmt: skip
