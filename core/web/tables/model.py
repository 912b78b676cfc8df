"""What a list is made of: columns with a kind, filters with their conditions, marks and row actions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

#: How a value is written and exported. money: Decimal yuan; rate: signed, exact fraction; percent: unsigned fraction;
#: code: a number or identifier in its own words; chip: a Chip; clause: a clause that links to its words.
Kind = Literal["text", "code", "money", "rate", "percent", "number", "day", "moment", "chip", "clause"]
NUMERIC = ("money", "rate", "percent", "number")


class Chip(NamedTuple):
    """A state: its mark ('' not begun, run, ok, wait, stop, frozen) and its word."""

    mark: str
    word: Any


class Action(NamedTuple):
    """The one thing to do with a row."""

    label: Any
    url: str
    primary: bool = False


@dataclass(frozen=True)
class Column:
    """One column.

    value: the raw value of a row (default: the attribute named `key`); sort: an SQL expression for a query, True for
    rows in memory; link: the address of the row's page; note: a second, quieter line; unit: shown under the head;
    when: on a phone this column stands at the top right of the row.
    """

    key: str
    label: Any
    kind: Kind = "text"
    value: Callable[[Any], Any] | None = None
    sort: Any = None
    link: Callable[[Any], str | None] | None = None
    note: Callable[[Any], Any] | None = None
    unit: Any = ""
    when: bool = False
    provisional: Callable[[Any], bool] | None = None

    def of(self, row: Any) -> Any:
        """The raw value in this row."""
        return self.value(row) if self.value else getattr(row, self.key)

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC


@dataclass(frozen=True)
class Filter:
    """A choice above the list. choices: (value, label); where: value → SQL condition, or test of a row in memory."""

    key: str
    label: Any
    choices: Sequence[tuple[str, Any]]
    where: Callable[[str], Any]
