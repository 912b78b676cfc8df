"""The upload field: says what it takes and how much, and refuses the rest before anything reads it."""

from typing import Any

from flask_babel import gettext
from flask_wtf.file import FileField as WtfFileField
from wtforms.validators import StopValidation


class FileField(WtfFileField):
    """One uploaded file. suffixes: accepted endings without the dot; megabytes: the limit shown to the user.

    The route itself needs @accepts(megabytes) with room for the other fields.
    """

    def __init__(
        self, label: Any = None, validators: Any = (), *, suffixes: tuple[str, ...], megabytes: int, **kwargs: Any
    ) -> None:
        keys = {"accept": ",".join(f".{suffix}" for suffix in suffixes), **kwargs.pop("render_kw", {})}
        super().__init__(label, validators, render_kw=keys, **kwargs)
        self.suffixes, self.megabytes = suffixes, megabytes

    @property
    def rule(self) -> str:
        """What the field takes, for its hint."""
        return gettext("%(kinds)s, at most %(size)s MB", kinds=" / ".join(self.suffixes).upper(), size=self.megabytes)

    def pre_validate(self, form: Any) -> None:
        if not self.data or not self.data.filename:
            return
        if self.data.filename.rsplit(".", 1)[-1].lower() not in self.suffixes:
            raise StopValidation(gettext("This kind of file is not taken here: %(rule)s", rule=self.rule))
        self.data.stream.seek(0, 2)
        size = self.data.stream.tell()
        self.data.stream.seek(0)
        if size == 0:
            raise StopValidation(gettext("The file is empty"))
        if size > self.megabytes * 1_000_000:
            raise StopValidation(gettext("The file is too large: %(rule)s", rule=self.rule))
