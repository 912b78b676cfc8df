"""Two calculations of the same contract year side by side: which rows of the sheet differ, and from what to what."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RowChange:
    """A row that differs; None where one of the two has no such row."""

    row: str
    before: str | None
    after: str | None


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[RowChange, ...]:
    """The rows in which two calculations differ, in the order of the sheet; values are compared as printed."""
    if before == after:
        return ()
    rows = sorted({*before, *after}, key=place)
    return tuple(RowChange(row, before.get(row), after.get(row)) for row in rows if before.get(row) != after.get(row))


def place(row: str) -> tuple[int, str, int]:
    """Where a row stands on the sheet: '3' < '3.1' < '4.2' < '4.10' < '7.6' < '7a.1' < '17' < '26d.1'."""
    number, _, part = row.partition(".")
    main = number.rstrip("abcd")
    return int(main), number.removeprefix(main), int(part or 0)
