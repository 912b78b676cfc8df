"""Fields that people type as lines: how the insured are divided, instalments, assessment."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from flask_babel import gettext
from wtforms import TextAreaField
from wtforms.fields import SelectChoice

from tender.rules.words import SplitMethod


def choices(words: Mapping[Any, Any] | Sequence[tuple[Any, Any]]) -> list[SelectChoice]:
    """The options of a select or radio field from (value, label) pairs; a value may be a member of a closed list."""
    pairs = words.items() if isinstance(words, Mapping) else words
    return [SelectChoice(value.value if isinstance(value, Enum) else value, label) for value, label in pairs]


class LinesField(TextAreaField):
    """A text area whose lines are read by `read_line`; `data` stays the text, `parsed` are the entries."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, render_kw={"rows": 5, **kwargs.pop("render_kw", {})}, **kwargs)

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty."""
        return [line.strip() for line in (self.data or "").splitlines() if line.strip()]


def split_entries(method: SplitMethod, lines: list[str]) -> tuple[dict[str, Any], ...]:
    """'60%' a line by share; '长河市、松原县 2118696' a line by district. Raises ValueError with the line."""
    if method is SplitMethod.SHARE:
        return tuple({"share": format(_percent(line), "f")} for line in lines)
    entries = []
    for line in lines:
        match = re.fullmatch(r"(.+?)[\s:：]+([\d,，]+)人?", line)
        if match is None:
            raise ValueError(gettext("Write the districts, a space and the insured: %(line)s", line=line))
        names = [name for name in re.split(r"[、,，;；]", match.group(1)) if name]
        entries.append({"districts": names, "insured": int(re.sub(r"[,，]", "", match.group(2)))})
    return tuple(entries)


def split_lines(method: SplitMethod, entries: list[dict[str, Any]]) -> str:
    """The entries of a split as they are typed."""
    if method is SplitMethod.SHARE:
        return "\n".join(f"{format((Decimal(str(entry['share'])) * 100).normalize(), 'f')}%" for entry in entries)
    return "\n".join(f"{'、'.join(entry['districts'])} {entry['insured']}" for entry in entries)


def instalment_entries(lines: list[str]) -> tuple[dict[str, str], ...]:
    """'60% 03-31' a line. Raises ValueError with the line, or where the shares do not add up to 100 %."""
    entries = []
    for line in lines:
        match = re.fullmatch(r"([\d.]+)%?\s+(\d{1,2})[-/月](\d{1,2})日?", line)
        if match is None:
            raise ValueError(gettext("Write the share, a space and month-day: %(line)s", line=line))
        by = f"{int(match.group(2)):02d}-{int(match.group(3)):02d}"
        entries.append({"share": format(_percent(match.group(1)), "f"), "by": by})
    if sum((Decimal(entry["share"]) for entry in entries), Decimal(0)) != 1:
        raise ValueError(gettext("The instalments must add up to 100"))
    return tuple(entries)


def instalment_lines(entries: list[dict[str, Any]]) -> str:
    """Instalments as they are typed."""
    return "\n".join(
        f"{format((Decimal(str(entry['share'])) * 100).normalize(), 'f')}% {entry['by']}" for entry in entries
    )


def assessment_entries(lines: list[str]) -> tuple[dict[str, str], ...]:
    """'保障能力 40%' a line. Raises ValueError with the line, or where the weights do not add up to 100 %."""
    entries = []
    for line in lines:
        match = re.fullmatch(r"(.+?)[\s:：]+([\d.]+)%?", line)
        if match is None:
            raise ValueError(gettext("Write the indicator, a space and its weight: %(line)s", line=line))
        entries.append({"name": match.group(1), "weight": format(_percent(match.group(2)), "f")})
    if entries and sum((Decimal(entry["weight"]) for entry in entries), Decimal(0)) != 1:
        raise ValueError(gettext("The weights of the assessment must add up to 100"))
    return tuple(entries)


def assessment_lines(entries: list[dict[str, Any]]) -> str:
    """The indicators of an assessment as they are typed."""
    return "\n".join(
        f"{entry['name']} {format((Decimal(str(entry['weight'])) * 100).normalize(), 'f')}%" for entry in entries
    )


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text.strip().rstrip("%")) / 100
    except InvalidOperation:
        raise ValueError(gettext("This is not a number: %(text)s", text=text)) from None
