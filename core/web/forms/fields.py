"""Fields that take figures the way people write them and give back exact values."""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext
from wtforms import StringField
from wtforms.validators import StopValidation
from wtforms.widgets import DateInput, DateTimeLocalInput, TextInput

from core.clock import BEIJING, local_time
from core.money import MoneyError, show_yuan, yuan


class _Figure(StringField):
    """A text box whose text is read into an exact value; a text that cannot be read is shown again as typed."""

    unit = ""
    #: The largest figure, with either sign, that every database keeps exactly; none where it is kept as text.
    largest: Any = None
    widget = TextInput()

    def __init__(
        self, label: Any = None, validators: Any = (), *, minimum: Any = None, maximum: Any = None, **kwargs: Any
    ) -> None:
        keys = {"inputmode": "decimal", "autocomplete": "off", **kwargs.pop("render_kw", {})}
        super().__init__(label, validators, render_kw=keys, **kwargs)
        self.minimum, self.maximum = minimum, maximum

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        text = _plain(valuelist[0])
        self.data = None
        if text:
            self.data = self.read(text)
            self._check_range()

    def _check_range(self) -> None:
        if self.largest is not None and abs(self.data) > self.largest:
            raise ValueError(gettext("At most %(limit)s", limit=self.show(self.largest)))
        if self.minimum is not None and self.data < self.minimum:
            raise ValueError(gettext("At least %(limit)s", limit=self.show(self.minimum)))
        if self.maximum is not None and self.data > self.maximum:
            raise ValueError(gettext("At most %(limit)s", limit=self.show(self.maximum)))

    def pre_validate(self, form: Any) -> None:
        """One wrong figure, one message: further validators do not speak about a text that could not be read."""
        if self.process_errors:
            raise StopValidation

    def _value(self) -> str:
        if self.process_errors:
            return self.raw_data[0] if self.raw_data else ""
        return "" if self.data is None else self.show(self.data)

    def read(self, text: str) -> Any:
        """The exact value of a text in ASCII without separators. Raises ValueError with a message for the user."""
        raise NotImplementedError

    def show(self, value: Any) -> str:
        """The value as it stands in the box."""
        raise NotImplementedError


def _plain(text: str) -> str:
    """Full-width digits and signs as ASCII, thousands separators and spaces gone."""
    text = unicodedata.normalize("NFKC", text).replace("−", "-")
    return re.sub(r"[,，\s'_]", "", text)


class MoneyField(_Figure):
    """An amount in yuan → Decimal; takes 1,234.50, full-width digits, ¥ and 元; refuses fractions of a fen."""

    unit = "yuan"
    largest = Decimal("9999999999999999.99")

    def read(self, text: str) -> Decimal:
        try:
            return yuan(_decimal(text.removeprefix("¥").removeprefix("￥").removesuffix("元")))
        except MoneyError:
            raise ValueError(gettext("An amount has at most two decimals (fen): %(text)s", text=text)) from None

    def show(self, value: Decimal) -> str:
        return show_yuan(value).replace("−", "-")


class RateField(_Figure):
    """A rate typed in per cent → exact Decimal fraction: 3.5 or 3.5% → 0.035."""

    unit = "percent"

    def read(self, text: str) -> Decimal:
        return _decimal(text.removesuffix("%")).scaleb(-2)

    def show(self, value: Decimal) -> str:
        return format(value.scaleb(2).normalize(), "f")


class CountField(_Figure):
    """A whole number (people, cases); takes 1,624,000 and 人 behind it."""

    unit = "count"
    largest = 2_147_483_647

    def read(self, text: str) -> int:
        digits = text.rstrip("人件份个")
        if not re.fullmatch(r"-?[0-9]{1,18}", digits):
            raise ValueError(gettext("This is not a whole number: %(text)s", text=text))
        return int(digits)

    def show(self, value: int) -> str:
        return f"{value:,}"


def _decimal(text: str) -> Decimal:
    """Plain decimal notation only: an exponent or a word in an amount is a mistake, not a number."""
    if not re.fullmatch(r"[-+]?[0-9]{1,18}(\.[0-9]{0,12})?|[-+]?\.[0-9]{1,12}", text):
        raise ValueError(gettext("This is not a number: %(text)s", text=text))
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(gettext("This is not a number: %(text)s", text=text)) from None


class DayField(_Figure):
    """A calendar day → date; takes 2026-11-24, 2026/11/24, 20261124 and 2026年11月24日."""

    unit = "day"
    widget = DateInput()

    def read(self, text: str) -> date:
        match = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", text)
        try:
            return date(*map(int, match.groups()))  # type: ignore[union-attr]
        except (AttributeError, ValueError):
            raise ValueError(gettext("This is not a date: %(text)s", text=text)) from None

    def show(self, value: date) -> str:
        return value.isoformat()


class InstantField(_Figure):
    """A day and time in Beijing → aware UTC datetime; takes 2026-11-24 09:30 and the browser's 2026-11-24T09:30."""

    unit = "instant"
    widget = DateTimeLocalInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and valuelist[0].strip():
            text = unicodedata.normalize("NFKC", valuelist[0]).strip()
            self.data = None
            self.data = self.read(text)
            self._check_range()
        elif valuelist:
            self.data = None

    def read(self, text: str) -> datetime:
        match = re.fullmatch(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?", text)
        try:
            parts = [int(part or 0) for part in match.groups()]  # type: ignore[union-attr]
            return datetime(*parts, tzinfo=BEIJING).astimezone(UTC)  # type: ignore[misc, arg-type]
        except (AttributeError, ValueError):
            raise ValueError(gettext("This is not a date and time: %(text)s", text=text)) from None

    def show(self, value: datetime) -> str:
        return f"{local_time(value):%Y-%m-%dT%H:%M}"
