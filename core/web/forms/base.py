"""The form every room derives from: translated, protected, and able to carry out its service."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlmodel import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.fields import Field

from core.errors import FileInvalid, Invalid, Refused
from core.web.acts import new_once, perform
from core.web.errors import explain, explain_faults

#: More faults of one file than a person reads on a page; the rest is counted.
FAULTS_SHOWN = 50


class Form(FlaskForm):
    """A form of the house; fields are class attributes as in WTForms, labels by lazy_gettext.

    After a failed `save`: `status` is the HTTP status to answer with, `problem` the refusal that belongs to no field,
    with `clause`, and `faults` the (place, reason) pairs of a file.
    """

    once = HiddenField(default=new_once)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.status = 200
        self.problem: str | None = None
        self.clause: str | None = None
        self.faults: list[tuple[str, str]] = []
        self.more_faults = 0

    def save(
        self, verb: Callable[[Session], Any], then: Callable[[Any], str], message: str | None = None
    ) -> Response | None:
        """If the form was sent and is valid, run the verb in one transaction and return the redirect; else None.

        verb(session) calls one service; then(result) is the address to go to. Invalid and Refused are put beside
        their field (`field=`) or on top, with their clause; Forbidden and NotFound become their pages.
        """
        if not self.is_submitted():
            return None
        if not self.validate():
            self.status = 400
            return None
        try:
            return perform(verb, then, message)
        except (Invalid, Refused) as error:
            self.refuse(error)
            return None

    def refuse(self, error: Invalid | Refused) -> None:
        """Show an error of the house on this form."""
        self.status = error.status
        field = self._fields.get(error.field or "")
        if field is not None:
            field.errors = [*field.errors, explain(error)]
            field.clause = error.clause
            return
        self.problem, self.clause = explain(error), error.clause
        if isinstance(error, FileInvalid):
            faults = explain_faults(error)
            self.faults, self.more_faults = faults[:FAULTS_SHOWN], max(0, len(faults) - FAULTS_SHOWN)

    def mistakes(self) -> list[tuple[Field, str]]:
        """Every field with its first error, top to bottom, for the summary."""
        return [(field, _first(field.errors)) for field in self if field.errors]

    @property
    def has_mistakes(self) -> bool:
        return bool(self.problem or self.mistakes())


def _first(errors: Any) -> str:
    """The first message of a field; a nested form's errors are a mapping, a list of forms' a list of mappings."""
    if isinstance(errors, dict):
        return _first(next(iter(errors.values()), gettext("See below.")))
    for error in errors:
        return _first(error) if isinstance(error, (dict, list, tuple)) else str(error)
    return gettext("See below.")


#: The standard label of the button that keeps a form's content.
SAVE = lazy_gettext("Save")
