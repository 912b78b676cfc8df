"""Forms of the planner: two dates give all the others, and any later one can be moved."""

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms.validators import InputRequired, Optional, ValidationError

from core.calendar import china
from core.policy.procurement import limits
from core.web.forms import CountField, DayField, Form, InstantField
from tender.rules.timetable import LATER, Anchors, Timetable, plan


class _LaterDates(Form):
    """The milestones after the opening; each left empty takes its last lawful day."""

    evaluated_on = DayField(lazy_gettext("Evaluation ends on"), [Optional()])
    decided_on = DayField(lazy_gettext("Winners fixed on"), [Optional()])
    award_on = DayField(lazy_gettext("Award notice and letters on"), [Optional()])
    signed_on = DayField(lazy_gettext("Contract signed on"), [Optional()])

    def later(self) -> dict[str, date]:
        """The chosen days."""
        return {name: self[name].data for name in LATER if self[name].data}


class TimetableForm(_LaterDates):
    """The dates of a tender."""

    notice_on = DayField(lazy_gettext("Day of the notice"), [InputRequired()])
    deadline = InstantField(lazy_gettext("Bids close"), [InputRequired()])
    documents_until = DayField(lazy_gettext("Documents until"), [Optional()])
    clarification_until = InstantField(lazy_gettext("Questions until"), [Optional()])
    extend_documents_days = CountField(
        lazy_gettext("Working days of an extension"), [Optional()], minimum=1, maximum=60
    )

    def dates(self) -> dict[str, Any]:
        """The dates, as the services take them."""
        names = ("notice_on", "deadline", "documents_until", "clarification_until")
        return {name: self[name].data for name in names} | {"later": self.later()}


class PlannerForm(_LaterDates):
    """Dates to try, without a tender; sent by GET, so that a plan has an address."""

    notice_on = DayField(lazy_gettext("Day of the notice"), [InputRequired()])
    deadline_on = DayField(lazy_gettext("Bids close"), [InputRequired()])
    documents_until = DayField(lazy_gettext("Documents until"), [Optional()])

    def validate_notice_on(self, field: DayField) -> None:
        """The rules begin with Order 18."""
        if not 2004 < field.data.year < 2060:
            raise ValidationError(gettext("Choose a day between 2005 and 2059"))

    def validate_deadline_on(self, field: DayField) -> None:
        """The deadline comes after the notice."""
        if self.notice_on.data and not 0 < (field.data - self.notice_on.data).days < 3660:
            raise ValidationError(gettext("The deadline must come after the notice"))

    def plan(self) -> Timetable:
        """The plan that follows."""
        anchors = Anchors(
            self.notice_on.data, self.deadline_on.data, documents_until=self.documents_until.data, **self.later()
        )
        return plan(anchors, limits(self.notice_on.data), china())
