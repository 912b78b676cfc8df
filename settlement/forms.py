"""The settlement side's forms: figures, claim files, findings, disputes, decisions, transfers and the what-if."""

from typing import Any

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.money import ZERO, yuan
from core.web import Form
from core.web.forms import CountField, DayField, FileField, MoneyField
from settlement.models import Cause, FindingResolution

#: What an evidence file may be, and how large.
EVIDENCE = ("pdf", "xlsx", "csv", "jpg", "png", "docx")
EVIDENCE_MEGABYTES = 20
#: A claim file of a million rows as CSV is about this large.
CLAIM_FILE_MEGABYTES = 300


#: What only some rules need of the year: the amount, its evidence, and why it is asked.
ASKED = {
    "quality_expense": (
        lazy_gettext("Quality expense"),
        lazy_gettext("Evidence for the quality expense"),
        lazy_gettext("The contract's sharing rule counts it apart from other expense"),
    ),
    "risk_reserve_open": (
        lazy_gettext("Risk reserve, opening balance"),
        lazy_gettext("Evidence for the opening balance of the risk reserve"),
        lazy_gettext("Before the first year of the agreement; later years take it from the sheet of the year before"),
    ),
}


class MonthForm(Form):
    """One month of an insurer."""

    claims_paid = MoneyField(lazy_gettext("Claims paid in the month"), [InputRequired()], minimum=ZERO)
    persons = CountField(lazy_gettext("Persons paid"), [InputRequired()], minimum=0)
    cases = CountField(lazy_gettext("Cases paid"), [InputRequired()], minimum=0)
    expense = MoneyField(
        lazy_gettext("Expense of the month"),
        [InputRequired()],
        minimum=ZERO,
        description=lazy_gettext("Direct and allocated expense of the project, as its separate books show it"),
    )
    note = StringField(lazy_gettext("Note"), [Optional(), Length(max=500)])


class YearForm(Form):
    """The rows of the settlement sheet that only the insurer knows; each with the evidence it names."""

    claims_paid = MoneyField(lazy_gettext("Claims paid"), [InputRequired()], minimum=ZERO)
    recoveries = MoneyField(lazy_gettext("Recoveries and refusals"), [InputRequired()], minimum=ZERO)
    recovery_cases = CountField(lazy_gettext("Cases recovered or refused"), [InputRequired()], minimum=0)
    source_recoveries = StringField(lazy_gettext("Evidence for recoveries"), [Optional(), Length(max=200)])
    reserve_open = MoneyField(lazy_gettext("Outstanding claims reserve, opening"), [InputRequired()], minimum=ZERO)
    source_reserve_open = StringField(lazy_gettext("Evidence for the opening reserve"), [Optional(), Length(max=200)])
    reserve_close = MoneyField(lazy_gettext("Outstanding claims reserve, closing"), [InputRequired()], minimum=ZERO)
    source_reserve_close = StringField(
        lazy_gettext("Evidence for the closing reserve"), [InputRequired(), Length(max=200)]
    )
    direct_expense = MoneyField(lazy_gettext("Direct expense"), [InputRequired()], minimum=ZERO)
    source_direct_expense = StringField(lazy_gettext("Evidence for direct expense"), [Optional(), Length(max=200)])
    allocated_expense = MoneyField(lazy_gettext("Allocated expense"), [InputRequired()], minimum=ZERO)
    source_allocated_expense = StringField(
        lazy_gettext("Evidence for allocated expense"), [Optional(), Length(max=200)]
    )
    interest = MoneyField(lazy_gettext("Interest on the dedicated accounts"), [InputRequired()], minimum=ZERO)
    source_interest = StringField(lazy_gettext("Evidence for interest"), [Optional(), Length(max=200)])
    taxes = MoneyField(lazy_gettext("Taxes and levies"), [InputRequired()], minimum=ZERO, default=ZERO)
    commission = MoneyField(
        lazy_gettext("Commission"),
        [InputRequired()],
        minimum=ZERO,
        default=ZERO,
        description=lazy_gettext("Not allowed; the row is stated as zero"),
    )


def year_form(asked: tuple[str, ...]) -> type[YearForm]:
    """The annual form with what only the contract's rule needs: 'quality_expense', 'risk_reserve_open'."""
    fields: dict[str, object] = {}
    for name in asked:
        amount, evidence, hint = ASKED[name]
        fields[name] = MoneyField(amount, [InputRequired()], minimum=ZERO, description=hint)
        fields[f"source_{name}"] = StringField(evidence, [InputRequired(), Length(max=200)])
    return type("AskedYearForm", (YearForm,), fields) if fields else YearForm


class ClaimFileForm(Form):
    """The upload of a claim-level file."""

    file = FileField(
        lazy_gettext("Claim file"),
        [InputRequired()],
        suffixes=("csv", "xlsx", "parquet"),
        megabytes=CLAIM_FILE_MEGABYTES,
    )


class ResolutionForm(Form):
    """How a finding was settled."""

    resolution = RadioField(lazy_gettext("Resolution"), [InputRequired()], coerce=FindingResolution)
    reason = TextAreaField(lazy_gettext("Reason"), [InputRequired(), Length(max=1000)])


class RevealForm(Form):
    """Why one claim has to be seen unmasked."""

    reason = TextAreaField(
        lazy_gettext("Why this claim has to be seen"),
        [InputRequired(), Length(min=6, max=500)],
        description=lazy_gettext("Kept in the audit log with your name; write no names or diagnoses here"),
    )


class PrepareForm(Form):
    """What a draft needs besides the figures."""

    cause = SelectField(
        lazy_gettext("Cause of the result"),
        choices=[
            SelectChoice(Cause.OPERATING.value, lazy_gettext("Operating")),
            SelectChoice(Cause.POLICY.value, lazy_gettext("Policy change, certified by the departments")),
        ],
    )
    change_reason = TextAreaField(
        lazy_gettext("Reason of the new version"),
        [Optional(), Length(max=500)],
        description=lazy_gettext("Needed where an issued sheet is corrected; printed in row 25"),
    )


class PrepareScoredForm(PrepareForm):
    """A draft whose rule takes a score, of a contract year with several assessments."""

    assessment = SelectField(
        lazy_gettext("Assessment that counts"),
        [InputRequired()],
        coerce=int,
        description=lazy_gettext("The rule takes one score, and this contract year has several assessments"),
    )


class DisputeForm(Form):
    """A row that the insurer contests."""

    row = SelectField(lazy_gettext("Row"), [InputRequired()])
    text = TextAreaField(lazy_gettext("What is wrong and what would be right"), [InputRequired(), Length(max=4000)])
    evidence = FileField(lazy_gettext("Evidence"), [Optional()], suffixes=EVIDENCE, megabytes=EVIDENCE_MEGABYTES)


class AnswerForm(Form):
    """A statement in a dispute."""

    text = TextAreaField(lazy_gettext("Answer"), [InputRequired(), Length(max=4000)])
    evidence = FileField(lazy_gettext("Evidence"), [Optional()], suffixes=EVIDENCE, megabytes=EVIDENCE_MEGABYTES)


class DecisionForm(Form):
    """The departments' decision on a policy-driven loss; the offices that sign are added by `with_offices`."""

    finding = TextAreaField(
        lazy_gettext("Joint finding"),
        [InputRequired(), Length(max=4000)],
        description=lazy_gettext("Which policy change or force majeure drove the loss, in the words of the decision"),
    )
    attributable = MoneyField(
        lazy_gettext("Part of the loss attributed to the policy change"), [InputRequired()], minimum=ZERO
    )
    meeting_held_on = DayField(lazy_gettext("Day of the joint meeting"), [InputRequired()])
    insurer_bears = MoneyField(lazy_gettext("The insurer bears"), [InputRequired()], minimum=ZERO)
    fund_bears = MoneyField(lazy_gettext("The fund bears"), [InputRequired()], minimum=ZERO)
    evidence = FileField(
        lazy_gettext("Signed decision document"), [InputRequired()], suffixes=("pdf", "jpg", "png"),
        megabytes=EVIDENCE_MEGABYTES,
    )  # fmt: skip


def with_offices(offices: tuple[str, ...], *, finds: bool = False, any_balance: bool = False) -> type[DecisionForm]:
    """The decision form with two fields for each office that signs: who signed, and on which day.

    finds: the rule divides a loss by its causes, so that the parts may stay empty; any_balance: the contract is counted
    with others, and a part may be a gain, written with a minus.
    """
    fields: dict[str, object] = {}
    if finds or any_balance:
        given: Any = Optional() if finds else InputRequired()
        hint = (
            lazy_gettext("Left empty where the departments only find the amount, which the rule then divides")
            if finds
            else lazy_gettext("With a minus where it receives: the contract is counted with others")
        )
        least = None if any_balance else ZERO
        for name, label in (
            ("insurer_bears", lazy_gettext("The insurer bears")), ("fund_bears", lazy_gettext("The fund bears")),
        ):  # fmt: skip
            fields[name] = MoneyField(label, [given], minimum=least, description=hint)
    for place, office in enumerate(offices):
        fields[f"signed_by_{place}"] = StringField(
            lazy_gettext("%(office)s: signed by", office=office), [InputRequired(), Length(max=60)]
        )
        fields[f"signed_on_{place}"] = DayField(lazy_gettext("%(office)s: signed on", office=office), [InputRequired()])
    return type("OfficesDecisionForm", (DecisionForm,), fields)


class TransferForm(Form):
    """A transfer that was made."""

    paid_on = DayField(lazy_gettext("Day of payment"), [InputRequired()])
    reference = StringField(lazy_gettext("Bank reference"), [InputRequired(), Length(max=60)])


class WhatIfForm(Form):
    """Figures to try; sent by GET without a token, so that a result can be shared as an address."""

    premium = MoneyField(lazy_gettext("Premium due"), [InputRequired()], minimum=yuan("0.01"))
    claims = MoneyField(lazy_gettext("Claims incurred"), [InputRequired()], minimum=ZERO)
    expense = MoneyField(lazy_gettext("Expense"), [InputRequired()], minimum=ZERO)
    #: Only where the rule is measured against one.
    target = MoneyField(lazy_gettext("Agreed cost"), [InputRequired()], minimum=yuan("0.01"))
    cause = SelectField(
        lazy_gettext("Cause"),
        choices=[
            SelectChoice(Cause.OPERATING.value, lazy_gettext("Operating")),
            SelectChoice(Cause.POLICY.value, lazy_gettext("Policy change, certified by the departments")),
        ],
    )
    reading = SelectField(lazy_gettext("Reading of the rule"), [InputRequired()])


class RunForm(Form):
    """What a dry run covers."""

    year = SelectField(lazy_gettext("Insurance year"), [InputRequired()], coerce=int)
    area = SelectField(
        lazy_gettext("Area"), [Optional()], description=lazy_gettext("Of the service agreements; all areas if none")
    )


class ChooseForm(Form):
    """The contract years of a dry run that are to be drafted or issued."""

    items = SelectMultipleField(lazy_gettext("Contract years"), coerce=int)
    reason = TextAreaField(
        lazy_gettext("Reason of the new version"),
        [Optional(), Length(max=500)],
        description=lazy_gettext("Needed where an issued sheet is corrected; printed in row 25"),
    )


class FundYearForm(Form):
    """What finance states of a fund's year."""

    year = SelectField(lazy_gettext("Year"), [InputRequired()], coerce=int)
    opening_balance = MoneyField(lazy_gettext("Balance at the beginning of the year"), [InputRequired()])
    income = MoneyField(lazy_gettext("Income of the year"), [InputRequired()], minimum=ZERO)
    expenditure = MoneyField(lazy_gettext("Expenditure of the year"), [InputRequired()], minimum=ZERO)
    source = StringField(
        lazy_gettext("Source"),
        [InputRequired(), Length(max=300)],
        description=lazy_gettext("The fund's final accounts, by title and number"),
    )


class MergerForm(Form):
    """That a fund is merged into another."""

    successor = SelectField(lazy_gettext("Merged into"), [InputRequired()])
    from_day = DayField(lazy_gettext("From"), [InputRequired()])
    document = StringField(
        lazy_gettext("Paper"), [InputRequired(), Length(max=200)], description=lazy_gettext("By title and number")
    )
    evidence = FileField(
        lazy_gettext("The paper as a file"), [InputRequired()], suffixes=EVIDENCE, megabytes=EVIDENCE_MEGABYTES
    )
