"""What a corrected disclosure changes: every public value that differs from the version before, old and new."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from disclosure.rules.open_tables import OpenTable, Value, as_text


@dataclass(frozen=True)
class Change:
    """One value that differs. place: table, row and column as printed; '—' where one of the versions has none."""

    place: str
    before: str
    after: str


def changes(before: Sequence[OpenTable], after: Sequence[OpenTable]) -> tuple[Change, ...]:
    """Every value that differs between two versions of the same tables, in printed order."""
    old, new = _cells(before), _cells(after)
    places = [*new, *(place for place in old if place not in new)]
    return tuple(
        Change(" ".join(place), old.get(place, "—"), new.get(place, "—"))
        for place in places
        if old.get(place) != new.get(place)
    )


def _cells(tables: Sequence[OpenTable]) -> dict[tuple[str, ...], str]:
    return {place: as_text(value) for table in tables for place, value in _values(table) if value is not None}


def _values(table: OpenTable) -> Iterator[tuple[tuple[str, ...], Value]]:
    for row in table.rows:
        for column, value in zip(table.columns[1:], row[1:], strict=True):
            yield (table.name, as_text(row[0]), column), value
