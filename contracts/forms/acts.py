"""Forms of single acts: an early end, the accounts, a payment, the head count, an assessment."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import DecimalField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from contracts import labels
from contracts.rules import PartYear, PremiumStanding, TargetPart
from contracts.services import AgreedCost
from core.money import ZERO, show_yuan
from core.web.forms import CountField, DayField, Form, MoneyField


class TerminationForm(Form):
    """Why an agreement ends early."""

    reason = TextAreaField(
        lazy_gettext("Breach or harm"),
        [InputRequired(), Length(max=2000)],
        description=lazy_gettext("What happened, when, and what proves it; both sides read it"),
        render_kw={"rows": 6},
    )
    last_day = DayField(
        lazy_gettext("Last day of cover"),
        [Optional()],
        description=lazy_gettext("In the running year; the day of the approval if none is given"),
    )
    part_year = SelectField(
        lazy_gettext("Premium of the part-year"),
        [InputRequired()],
        choices=[
            SelectChoice(PartYear.DAY.value, lazy_gettext("By days of cover")),
            SelectChoice(PartYear.MONTH.value, lazy_gettext("By months, a month begun counts whole")),
        ],
        description=lazy_gettext("As the agreement says; printed on the settlement sheet"),
    )


class TargetFields(Form):
    """The agreed cost; its two fields are only there where the paper's rule is measured against one."""

    target_cost = MoneyField(
        lazy_gettext("Agreed cost"),
        [InputRequired()],
        minimum=Decimal("0.01"),
        description=lazy_gettext(
            "The year's cost is measured against it; it does not follow the head count, and the contract prints it"
        ),
    )
    target_part = SelectField(
        lazy_gettext("Where the contract ends within the year"),
        [InputRequired()],
        choices=[SelectChoice(part.value, label) for part, label in labels.TARGET_PARTS.items()],
    )

    def without_target(self) -> None:
        """Ask for no agreed cost; before `save`."""
        del self.target_cost, self.target_part

    def target(self) -> AgreedCost | None:
        """The agreed cost, where it was asked for."""
        if self.target_cost is None:
            return None
        return AgreedCost(self.target_cost.data, TargetPart(self.target_part.data))


class AmendmentForm(Form):
    """The agreed cost of a signed contract year stated anew."""

    target_cost = MoneyField(lazy_gettext("Agreed cost"), [InputRequired()], minimum=Decimal("0.01"))
    reason = TextAreaField(
        lazy_gettext("Why it is stated anew"),
        [InputRequired(), Length(max=2000)],
        description=lazy_gettext("Printed in the amendment; both sides sign it"),
        render_kw={"rows": 4},
    )


class BridgeForm(TargetFields):
    """For how long, why and at what premium cover goes on after an agreement's term (J11)."""

    ground = SelectField(
        lazy_gettext("Ground"),
        [InputRequired()],
        choices=[SelectChoice(ground.value, label) for ground, label in labels.BRIDGE_GROUNDS.items()],
    )
    reason = TextAreaField(
        lazy_gettext("What keeps a new agreement from beginning in time"),
        [InputRequired(), Length(max=2000)],
        description=lazy_gettext("Printed in the contract: which tender, since when, what is expected"),
        render_kw={"rows": 4},
    )
    until = DayField(lazy_gettext("Last day of cover"), [InputRequired()])
    part_year = SelectField(
        lazy_gettext("Premium of the part-year"),
        [InputRequired()],
        choices=[
            SelectChoice(PartYear.DAY.value, lazy_gettext("By days of cover")),
            SelectChoice(PartYear.MONTH.value, lazy_gettext("By months, a month begun counts whole")),
        ],
    )
    insured_count = CountField(lazy_gettext("Insured"), [InputRequired()], minimum=1)
    funding_standard = MoneyField(
        lazy_gettext("Funding standard, yuan a person and year"), [InputRequired()], minimum=Decimal("0.01")
    )
    headcount_on = DayField(
        lazy_gettext("Day of the head count"),
        [InputRequired()],
        description=lazy_gettext("The premium finally due follows the insured of this day"),
    )


_DIGITS = Regexp(r"[0-9]{4,8}$", message=lazy_gettext("Four to eight digits"))


class AccountsForm(Form):
    """The two dedicated accounts; only the last digits of their numbers are kept."""

    bank = StringField(lazy_gettext("Bank"), [InputRequired(), Length(max=100)])
    premium = StringField(lazy_gettext("Premium-income account, last digits"), [InputRequired(), _DIGITS])
    claims = StringField(lazy_gettext("Claims-payout account, last digits"), [InputRequired(), _DIGITS])


class PaymentForm(Form):
    """Premium that reached the premium-income account."""

    part = SelectField(lazy_gettext("For"))
    amount = MoneyField(
        lazy_gettext("Amount"), [InputRequired()], description=lazy_gettext("Negative where premium was paid back")
    )
    paid_on = DayField(lazy_gettext("Arrived on"), [InputRequired()])
    reference = StringField(
        lazy_gettext("Reference"), [InputRequired(), Length(max=60)], description=lazy_gettext("As the bank wrote it")
    )

    def offer(self, premium: PremiumStanding) -> None:
        """Offer the instalments and the true-up; on a fresh form choose what is open next, with its amount."""
        self.part.choices = [
            SelectChoice(
                str(part.position),
                gettext("Instalment %(number)s, %(open)s yuan open", number=part.position, open=show_yuan(part.open)),
            )
            for part in premium.parts
        ]
        self.part.choices.append(SelectChoice("", gettext("True-up of the head count")))
        if self.is_submitted():
            return
        following = next((part for part in premium.parts if part.open > ZERO), None)
        self.part.data = str(following.position) if following else ""
        self.amount.data = following.open if following else premium.outstanding

    @property
    def position(self) -> int | None:
        """The instalment chosen, None for the true-up."""
        return int(self.part.data) if self.part.data else None


class HeadCountForm(Form):
    """The insured counted for the premium finally due."""

    count = CountField(lazy_gettext("Insured as counted"), [InputRequired()], minimum=1)


class AssessmentForm(Form):
    """An assessment of a contract year; `assessment_form` adds the contract's own indicators."""

    period = StringField(lazy_gettext("Period"), [InputRequired(), Length(max=20)])
    deduction = MoneyField(
        lazy_gettext("Deduction"), [InputRequired()], minimum=ZERO,
        description=lazy_gettext("Outside the sharing of surplus or loss; 0 where none"),
    )  # fmt: skip

    def indicators(self, dimensions: list[dict[str, str]]) -> list[dict[str, str]]:
        """What was typed, for the service."""
        return [
            {
                "indicator": part["name"],
                "weight": part["weight"],
                "score": format(self[f"score_{place}"].data, "f"),
                "note": self[f"note_{place}"].data or "",
            }
            for place, part in enumerate(dimensions)
        ]


def assessment_form(dimensions: list[dict[str, str]]) -> AssessmentForm:
    """A form with a score and a note for each indicator of the contract."""
    fields: dict[str, Any] = {}
    for place, part in enumerate(dimensions):
        fields[f"score_{place}"] = DecimalField(
            gettext("Score: %(name)s", name=part["name"]), [InputRequired(), NumberRange(0, 100)], places=None,
            render_kw={"inputmode": "decimal"},
        )  # fmt: skip
        fields[f"note_{place}"] = StringField(
            gettext("Note: %(name)s", name=part["name"]), [Optional(), Length(max=200)]
        )
    form: AssessmentForm = type("AssessmentForm", (AssessmentForm,), fields)()
    return form
