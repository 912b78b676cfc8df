"""Forms of opening, review and scoring."""

from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, StopValidation

from core.web.forms import Form, RateField
from tender.forms.text import choices
from tender.models import Bid, Criterion, QualificationCondition

YES_NO = choices([("yes", lazy_gettext("Passes")), ("no", lazy_gettext("Does not pass"))])


class TypedUnlessOpened:
    """The passphrase is needed where the browser did not open the shares itself."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data and not form.opened.data:
            raise StopValidation(gettext("Give the passphrase of your key"))


class PassphraseForm(Form):
    """An officer opens the own key: in the browser, which sends what it opened, or by the passphrase without script."""

    passphrase = PasswordField(
        lazy_gettext("Passphrase of my key"), [TypedUnlessOpened(), Length(max=200)], render_kw={"autocomplete": "off"}
    )
    #: JSON: envelope → subset → proof or share, opened in the browser.
    opened = HiddenField()


class NewKeyForm(Form):
    """An officer makes a key kept here under a passphrase, or enrols one made elsewhere."""

    passphrase = PasswordField(
        lazy_gettext("Passphrase of my new key"),
        [Optional(), Length(min=12, max=200)],
        render_kw={"autocomplete": "off"},
    )
    recipient = StringField(lazy_gettext("Or the recipient of a key made elsewhere (age1…)"), [Optional()])
    #: base64: the private half of a key that the browser made, locked by the passphrase.
    wrapped = HiddenField()


class ConflictForm(Form):
    """A member's declaration before seeing any bid."""

    none = BooleanField(lazy_gettext("I have no interest in any bidder and no relation to one"))
    conflict = TextAreaField(lazy_gettext("Otherwise: what the interest is"), [Optional(), Length(max=500)])


class FindingForm(Form):
    """Whether a bid responds in substance."""

    passed = RadioField(lazy_gettext("Conformity"), [InputRequired()], choices=YES_NO)
    reason = TextAreaField(lazy_gettext("Reason, where it does not pass"), [Optional(), Length(max=1000)])


class ReopenForm(Form):
    """Why a member takes the own locked sheet back."""

    reason = TextAreaField(lazy_gettext("What is to be corrected"), [InputRequired(), Length(max=500)])


class ThresholdForm(Form):
    """The threshold of the joint check."""

    part = RateField(lazy_gettext("Part of a criterion's points"), [InputRequired()])


def check_form(line: Criterion, points: Any) -> Any:
    """The answer to a departing score: its points, unchanged or another entry of the closed list, and the reason."""
    options = [(str(option["points"]), _words(option)) for option in line.options]
    entries = {
        "points": SelectField(
            lazy_gettext("Points"), choices=choices(options), default=format(points.normalize(), "f")
        ),
        "reason": TextAreaField(
            lazy_gettext("Reason"), [InputRequired(), Length(max=1000)], render_kw={"rows": 4}
        ),
    }  # fmt: skip
    made: type[Form] = type("CheckForm", (Form,), entries)
    return made()


def qualification_form(conditions: list[QualificationCondition]) -> Form:
    """One answer and one reason for each condition; fields are named `condition-<id>` and `reason-<id>`."""
    entries: dict[str, Any] = {}
    for row in conditions:
        entries[f"condition-{row.id}"] = RadioField(row.text, [InputRequired()], choices=YES_NO)
        entries[f"reason-{row.id}"] = StringField(
            lazy_gettext("Reason, where it does not pass"), [Optional(), Length(max=500)]
        )
    made: type[Form] = type("QualificationForm", (Form,), entries)
    return made()


def score_form(bids: list[tuple[Bid, str]], criteria: list[Criterion], known: dict[tuple[int, int], Any]) -> Form:
    """One list of points for each bid and criterion, named `points-<bid>-<criterion>`."""
    entries: dict[str, Any] = {}
    for bid, insurer in bids:
        for row in criteria:
            given = known.get((bid.id or 0, row.id or 0))
            points = [(str(option["points"]), _words(option)) for option in row.options]
            entries[f"points-{bid.id}-{row.id}"] = SelectField(
                f"{insurer} {row.name}", [Optional()], choices=choices([("", "—"), *points]),
                default=format(given.normalize(), "f") if given is not None else "",
            )  # fmt: skip
    made: type[Form] = type("ScoreForm", (Form,), entries)
    return made()


def _words(option: dict[str, Any]) -> str:
    return f"{option['points']}  {option.get('when') or option.get('from', '') + '—' + option.get('to', '')}"


class RecoveryForm(PassphraseForm):
    """A recovery holder's passphrase and the public reason."""

    note = TextAreaField(
        lazy_gettext("Why the officers' shares do not suffice"), [InputRequired(), Length(max=500)],
        description=lazy_gettext("Everybody reads it in the opening record."),
    )  # fmt: skip


class RevealForm(Form):
    """Why no key can be rebuilt."""

    reason = TextAreaField(
        lazy_gettext("What was lost"), [InputRequired(), Length(max=500)],
        description=lazy_gettext("Bidders and the opening record read it."),
    )  # fmt: skip
