"""The scoring table as one form: lines with levels or intervals, added, moved and removed without losing a word."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, FieldList, FormField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.fields import Field

from core.web.forms import Form
from tender.forms.text import choices
from tender.rules.words import CriterionKind, ScoreBlock
from tender.starting import CriterionDraft
from tender.views import labels

#: More lines or levels than any table has; a form of any size is nobody's table.
MOST_LINES, MOST_OPTIONS = 60, 20
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,4})?")

Row = dict[str, Any]


class OptionForm(PlainForm):
    """A level (points and what it takes) or an interval (points, from, to); kept as typed until the table is saved."""

    points = StringField(lazy_gettext("Points"))
    low = StringField(lazy_gettext("From (included)"))
    high = StringField(lazy_gettext("To below"))
    when = StringField(lazy_gettext("What it takes"))


class LineForm(PlainForm):
    """A criterion of the table."""

    block = SelectField(lazy_gettext("Block"), choices=choices(labels.BLOCKS), default="technical")
    name = StringField(lazy_gettext("Criterion"))
    points = StringField(lazy_gettext("Points"))
    kind = SelectField(lazy_gettext("How points are given"), choices=choices(labels.KINDS), default="levels")
    objective = BooleanField(lazy_gettext("Objective factor: every member must score it alike"))
    options = FieldList(FormField(OptionForm), max_entries=MOST_OPTIONS)


class CriteriaForm(Form):
    """The whole table, with the prices of the three example bids."""

    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)
    price_a = StringField(lazy_gettext("Price of example A"))
    price_b = StringField(lazy_gettext("Price of example B"))
    price_c = StringField(lazy_gettext("Price of example C"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Every figure must be one number; what the law says of the table is said by the checks, not here."""
        good: bool = super().validate(extra_validators)
        for line in self.lines:
            _need(line.form.name, bool((line.form.name.data or "").strip()), gettext("Name the criterion"))
            _number(line.form.points)
            for option in line.form.options if line.form.kind.data != CriterionKind.FORMULA.value else ():
                _check_option(option.form, CriterionKind(line.form.kind.data))
        return good and not self.mistakes()

    def mistakes(self) -> list[tuple[Field, str]]:
        """Every field with an error, down to the levels, each named with its line."""
        found: list[tuple[Field, str]] = [
            (field, str(field.errors[0])) for field in (self.price_a, self.price_b, self.price_c) if field.errors
        ]
        for number, line in enumerate(self.lines, 1):
            fields = [line.form.name, line.form.points, line.form.block, line.form.kind]
            for option in line.form.options:
                fields += [option.form.points, option.form.low, option.form.high, option.form.when]
            for field in fields:
                if field.errors:
                    found.append((field, gettext("line %(number)s: %(why)s", number=number, why=field.errors[0])))
        return found

    def drafts(self) -> tuple[CriterionDraft, ...]:
        """The table, for the service; only after `validate`."""
        return tuple(_draft(line.form) for line in self.lines)

    def prices(self, examples: Sequence[Decimal], rate: bool) -> list[Decimal]:
        """The typed prices of the examples, in the unit of the price object; what cannot be read keeps the example."""
        found = []
        for field, example in zip((self.price_a, self.price_b, self.price_c), examples, strict=True):
            text = _plain(field.data).rstrip("%")
            value = Decimal(text) if _NUMBER.fullmatch(text) else Decimal(0)
            found.append((value / 100 if rate else value) if value > 0 else example)
        return found


def _plain(text: Any) -> str:
    return str(text or "").strip().replace(",", "")


def _need(field: Field, good: bool, message: str) -> None:
    if not good:
        field.errors = [*field.errors, message]


def _number(field: Field, *, empty: bool = False) -> None:
    text = _plain(field.data)
    good = bool(_NUMBER.fullmatch(text)) or (empty and not text)
    _need(field, good, gettext("Give one number, as 8 or 7.5"))


def _check_option(form: Any, kind: CriterionKind) -> None:
    _number(form.points)
    if kind is CriterionKind.LEVELS:
        _need(form.when, bool((form.when.data or "").strip()), gettext("Say what a bid must hold for these points"))
        return
    _number(form.low, empty=True)
    _number(form.high, empty=True)
    _need(form.low, bool(_plain(form.low.data) or _plain(form.high.data)), gettext("Give at least one end"))


def _draft(form: Any) -> CriterionDraft:
    kind = CriterionKind(form.kind.data)
    rows = [] if kind is CriterionKind.FORMULA else [_option(option.form, kind) for option in form.options]
    return CriterionDraft(
        block=ScoreBlock(form.block.data),
        name=form.name.data.strip(),
        points=Decimal(_plain(form.points.data)),
        kind=kind,
        options=tuple(rows),
        objective=form.objective.data or kind is CriterionKind.FORMULA,
    )


def _option(form: Any, kind: CriterionKind) -> dict[str, str]:
    points = _plain(form.points.data)
    if kind is CriterionKind.LEVELS:
        return {"points": points, "when": form.when.data.strip()}
    ends = {"from": _plain(form.low.data), "to": _plain(form.high.data)}
    return {"points": points, **{key: value for key, value in ends.items() if value}}


def rows_of(drafts: Sequence[CriterionDraft]) -> list[Row]:
    """The lines of a table as the form takes them."""
    return [
        {
            "block": draft.block.value, "name": draft.name, "points": format(draft.points.normalize(), "f"),
            "kind": draft.kind.value, "objective": draft.objective,
            "options": [
                {"points": option["points"], "low": option.get("from"), "high": option.get("to"),
                 "when": option.get("when")}
                for option in draft.options
            ],
        }
        for draft in drafts
    ]  # fmt: skip


def edited(rows: list[Row], act: str) -> list[Row]:
    """The typed rows after a press of 'add', 'up-2', 'down-2', 'drop-2', 'option-2' or 'without-2-3' (counted from 1).

    Any other act, or one that points past the table, changes nothing.
    """
    verb, *places = act.split("-")
    if verb == "add" and len(rows) < MOST_LINES:
        return [*rows, {"block": "technical", "kind": "levels", "options": [{}, {}]}]
    if not places or not all(place.isascii() and place.isdigit() for place in places):
        return rows
    at = int(places[0]) - 1
    if not 0 <= at < len(rows):
        return rows
    moved = list(rows)
    if verb == "drop":
        del moved[at]
    elif verb in ("up", "down"):
        other = at + (1 if verb == "down" else -1)
        if 0 <= other < len(moved):
            moved[at], moved[other] = moved[other], moved[at]
    else:
        moved[at] = {**moved[at], "options": _edited_options(list(moved[at]["options"]), verb, places[1:])}
    return moved


def _edited_options(options: list[Row], verb: str, places: list[str]) -> list[Row]:
    if verb == "option" and len(options) < MOST_OPTIONS:
        return [*options, {}]
    if verb == "without" and places and 0 < int(places[0]) <= len(options):
        del options[int(places[0]) - 1]
    return options
