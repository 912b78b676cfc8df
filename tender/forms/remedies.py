"""Forms of queries and complaints: the letters with their six fields, replies, decisions, and what is carried out."""

from collections.abc import Collection, Sequence

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from core.web.forms import DayField, Form
from tender.forms.text import choices
from tender.models import ComplaintOutcome, Lot, QueryAbout, QueryOutcome, RemedyRoute

ABOUT = {
    QueryAbout.DOCUMENT: lazy_gettext("The tender document"),
    QueryAbout.PROCESS: lazy_gettext("The process"),
    QueryAbout.RESULT: lazy_gettext("The result"),
}
OUTCOMES = {
    QueryOutcome.UNFOUNDED: lazy_gettext("Unfounded"),
    QueryOutcome.NO_EFFECT: lazy_gettext("Founded, without effect on the result"),
    QueryOutcome.AFFECTS: lazy_gettext("Founded, may affect the result"),
}
DECISIONS = {
    ComplaintOutcome.REJECTED: lazy_gettext("Rejected"),
    ComplaintOutcome.FOUNDED: lazy_gettext("Founded"),
}
ROUTES = {
    RemedyRoute.CORRECT: lazy_gettext("The corrected document settles it"),
    RemedyRoute.RESTART: lazy_gettext("End it and begin again"),
    RemedyRoute.NEXT: lazy_gettext("The award is void; the next candidate wins"),
    RemedyRoute.DAMAGES: lazy_gettext("The contract is performed: damages before the court"),
}


class LotsForm(Form):
    """A letter about one lot, several or the whole tender."""

    lots = SelectMultipleField(
        lazy_gettext("Lots"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
        description=lazy_gettext("None ticked: the whole tender. What follows touches only the lots named here."),
    )  # fmt: skip

    def offer(self, lots: Sequence[Lot], asked: Collection[int] = ()) -> None:
        """Let these lots be ticked, at first the asked ones; where there is only one there is nothing to choose."""
        if len(lots) < 2:
            del self.lots
            return
        self.lots.choices = choices([(lot.position, f"{lot.position} {lot.name}") for lot in lots])
        if not self.is_submitted():
            self.lots.data = list(asked)

    def positions(self) -> list[int]:
        """What was ticked."""
        return list(self.lots.data or []) if "lots" in self else []


class LetterForm(LotsForm):
    """A query letter; the supplier's name, the project and the date are known to the house."""

    about = RadioField(lazy_gettext("What the query is about"), [InputRequired()], choices=choices(ABOUT))
    address = StringField(lazy_gettext("Postal address"), [InputRequired(), Length(max=200)])
    postcode = StringField(lazy_gettext("Postcode"), [InputRequired(), Length(max=10)])
    contact = StringField(lazy_gettext("Contact"), [InputRequired(), Length(max=40)])
    telephone = StringField(lazy_gettext("Telephone"), [InputRequired(), Length(max=40)])
    matters = TextAreaField(lazy_gettext("Matters and requests"), [InputRequired()], render_kw={"rows": 4})
    facts = TextAreaField(lazy_gettext("Facts"), [InputRequired()], render_kw={"rows": 4})
    basis = TextAreaField(lazy_gettext("Legal grounds"), [InputRequired()], render_kw={"rows": 3})


class ReplyForm(Form):
    """The reply and its outcome."""

    outcome = RadioField(lazy_gettext("Outcome"), [InputRequired()], choices=choices(OUTCOMES))
    reply = TextAreaField(lazy_gettext("Reply with facts and legal grounds"), [InputRequired()], render_kw={"rows": 8})


class ComplaintForm(LotsForm):
    """What the finance department's notice says of a complaint, and the letter with its six fields (94 art. 18)."""

    authority = StringField(lazy_gettext("Finance department"), [InputRequired(), Length(max=100)])
    received_on = DayField(lazy_gettext("Received by the finance department"), [InputRequired()])
    notified_on = DayField(lazy_gettext("Copy received here"), [InputRequired()])
    suspended_on = DayField(lazy_gettext("Procurement suspended by notice of"), [Optional()])
    lodged_on = DayField(lazy_gettext("Day on the complaint letter"), [InputRequired()])
    history = TextAreaField(lazy_gettext("The query and the reply to it"), [InputRequired()], render_kw={"rows": 3})
    matters = TextAreaField(lazy_gettext("Matters and requests"), [InputRequired()], render_kw={"rows": 4})
    facts = TextAreaField(lazy_gettext("Facts"), [InputRequired()], render_kw={"rows": 4})
    basis = TextAreaField(lazy_gettext("Legal grounds"), [InputRequired()], render_kw={"rows": 3})


class TextForm(Form):
    """One text: a statement, or what was done."""

    text = TextAreaField(lazy_gettext("Text"), [InputRequired()], render_kw={"rows": 6})


class DecisionForm(Form):
    """The finance department's decision."""

    outcome = RadioField(lazy_gettext("Decision"), [InputRequired()], choices=choices(DECISIONS))
    decided_on = DayField(lazy_gettext("Day of the decision"), [InputRequired()])
    decision = TextAreaField(lazy_gettext("Text"), [InputRequired()], render_kw={"rows": 6})


class PostedLetterForm(LetterForm):
    """A query letter that came on paper: whose it is, when it was posted and when it was received."""

    organisation_id = SelectField(lazy_gettext("Supplier"), coerce=int)
    posted_on = DayField(lazy_gettext("Posted on"), [Optional()])
    received_on = DayField(lazy_gettext("Received on"), [InputRequired()])


class RemedyForm(Form):
    """What the outcome leads to: one of the acts that the law leaves open now."""

    key = RadioField(lazy_gettext("What is done"), [InputRequired()])
    reason = TextAreaField(lazy_gettext("What is done and why"), [InputRequired()], render_kw={"rows": 4})
    revoked_on = DayField(lazy_gettext("Signed contract revoked on"), [Optional()])


class ReportForm(Form):
    """The day of the written report to the finance department."""

    on = DayField(lazy_gettext("Reported in writing on"), [InputRequired()])
