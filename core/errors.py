"""What the house says no with: one family of errors whose message a person can act on, in either language."""

from dataclasses import dataclass
from typing import Any


def N_(message: str) -> str:  # noqa: N802  (gettext's customary name)
    """Mark a message for translation without translating it; the page that shows it does that."""
    return message


@dataclass(frozen=True)
class Words:
    """A parameter of a message that is itself one or several message ids; the page shows each in its language."""

    ids: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.ids)


class ChengbanError(Exception):
    """Something the user can understand and act on.

    message: an English message id with %(name)s placeholders; params: their values;
    clause: the article that asks for this, or None; field: the form field it belongs to, or None.
    """

    status = 400

    def __init__(self, message: str, *, clause: str | None = None, field: str | None = None, **params: Any) -> None:
        self.message, self.clause, self.field, self.params = message, clause, field, params
        super().__init__(self.in_english())

    def in_english(self) -> str:
        """The message for logs and the command line."""
        text = self.message % self.params if self.params else self.message
        return f"{text} [{self.clause}]" if self.clause else text


class Refused(ChengbanError):
    """The act is not lawful or not possible at this stage; nothing was written."""

    status = 409


class Invalid(ChengbanError):
    """What was given cannot be used; `field` or the message says where."""

    status = 400


class Forbidden(ChengbanError):
    """The actor's roles do not allow this act."""

    status = 403


class NotFound(ChengbanError):
    """There is no such thing, or the actor may not know that there is."""

    status = 404


class FileInvalid(Invalid):
    """A file that cannot be used. faults: one (place, reason) pair per fault: a row number, a key, a cell."""

    def __init__(self, message: str, faults: list[tuple[str, str]], **params: Any) -> None:
        self.faults = faults
        super().__init__(message, **params)

    def in_english(self) -> str:
        return "\n".join([super().in_english(), *(f"  {place}: {reason}" for place, reason in self.faults)])
