"""The list itself: reads what the address asks for, fetches one page of rows, knows its own addresses."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote

from flask import render_template, request
from jinja2 import Template
from sqlalchemy import Select, func, or_, select
from werkzeug.wrappers import Response

from core.web.context import session
from core.web.tables.export import export
from core.web.tables.model import Action, Column, Filter

PAGE_SIZES = (20, 50, 100)


class Table:
    """A list over a query or over rows in memory.

    source: a Select of one entity (or of several columns) or a sequence of rows; search: SQL expressions, or for rows
    in memory a function row → text; order: ORDER BY of the query when nobody asked for another (end it with a key, so
    that pages do not overlap); late: rows to mark in red; action: the one thing to do with a row; caption: what a
    screen reader calls the list; name: a prefix when a page has two lists; empty: what is said when there is nothing.
    """

    def __init__(
        self,
        source: Select | Sequence[Any],
        columns: Sequence[Column],
        *,
        caption: Any,
        filters: Sequence[Filter] = (),
        search: Sequence[Any] | Callable[[Any], str] = (),
        search_label: Any = None,
        order: Sequence[Any] = (),
        action: Callable[[Any], Action | None] | None = None,
        late: Callable[[Any], bool] | None = None,
        empty: Any = None,
        empty_note: Any = None,
        name: str = "",
        filename: str = "list",
    ) -> None:
        self.source, self.columns, self.filters, self.caption = source, tuple(columns), tuple(filters), caption
        self.search, self.search_label, self.order = search, search_label, tuple(order)
        self.action, self.late, self.empty, self.empty_note = action, late, empty, empty_note
        self.name, self.filename = name, filename

    # What the address asks for -------------------------------------------------------------------------------------

    def key(self, word: str) -> str:
        """The name of a parameter of this list in the address."""
        return f"{self.name}-{word}" if self.name else word

    def asked(self, word: str) -> str:
        """A parameter of this list as given, or ''."""
        return request.args.get(self.key(word), "").strip()

    @cached_property
    def words(self) -> str:
        return self.asked("q")[:100]

    @cached_property
    def chosen(self) -> dict[str, str]:
        """The filters in use: key → value; a value that is none of the choices is ignored."""
        given = {item.key: self.asked(item.key) for item in self.filters}
        allowed = {item.key: {str(value) for value, _ in item.choices} for item in self.filters}
        return {key: value for key, value in given.items() if value and value in allowed[key]}

    @cached_property
    def sorting(self) -> tuple[Column, bool] | None:
        """The column asked for and whether downwards ('-amount')."""
        wanted = self.asked("sort")
        for column in self.columns:
            if column.sort is not None and column.key == wanted.lstrip("-"):
                return column, wanted.startswith("-")
        return None

    @cached_property
    def size(self) -> int:
        given = self.asked("size")
        return int(given) if given in map(str, PAGE_SIZES) else PAGE_SIZES[0]

    @cached_property
    def page(self) -> int:
        given = self.asked("page")
        wanted = int(given) if given.isdecimal() and len(given) < 9 else 1
        return min(max(wanted, 1), self.pages)

    # Rows ----------------------------------------------------------------------------------------------------------

    @cached_property
    def total(self) -> int:
        if isinstance(self.source, Select):
            return session().scalar(select(func.count()).select_from(self._narrowed.order_by(None).subquery())) or 0
        return len(self._narrowed)

    @cached_property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of this page."""
        first = (self.page - 1) * self.size
        if isinstance(self.source, Select):
            return self._fetch(self._ordered.offset(first).limit(self.size))
        return self._ordered[first : first + self.size]

    def every_row(self) -> list[Any]:
        """All rows that the search and filters leave, in order; for export."""
        return self._fetch(self._ordered) if isinstance(self.source, Select) else self._ordered

    @cached_property
    def _narrowed(self) -> Any:
        conditions = [item.where(self.chosen[item.key]) for item in self.filters if item.key in self.chosen]
        if isinstance(self.source, Select):
            query = self.source.where(*conditions)
            parts = () if callable(self.search) or not self.words else self.search
            found = [part.icontains(self.words, autoescape=True) for part in parts]
            return query.where(or_(*found)) if found else query
        rows = [row for row in self.source if all(test(row) for test in conditions)]
        if self.words and callable(self.search):
            rows = [row for row in rows if self.words.casefold() in self.search(row).casefold()]
        return rows

    @cached_property
    def _ordered(self) -> Any:
        if isinstance(self.source, Select):
            query = self._narrowed
            if self.sorting:
                column, downwards = self.sorting
                given = column.sort.desc() if downwards else column.sort.asc()
                return query.order_by(None).order_by(given, *self.order)
            return query.order_by(None).order_by(*self.order) if self.order else query
        if not self.sorting:
            return self._narrowed
        column, downwards = self.sorting
        known = [row for row in self._narrowed if column.of(row) is not None]
        unknown = [row for row in self._narrowed if column.of(row) is None]
        return sorted(known, key=column.of, reverse=downwards) + unknown

    def _fetch(self, query: Select) -> list[Any]:
        result = session().execute(query)
        return list(result.scalars() if len(query.column_descriptions) == 1 else result)

    # Addresses -----------------------------------------------------------------------------------------------------

    def url(self, **changes: Any) -> str:
        """This page with other parameters of this list; '' removes one. The rest of the address stays."""
        args = request.args.to_dict()
        for word, value in changes.items():
            args.pop(self.key(word), None)
            if value != "":
                args[self.key(word)] = str(value)
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in args.items())
        return f"{request.path}?{query}" if query else request.path

    def clear_url(self) -> str:
        """This page without search, filters and page number of this list."""
        return self.url(**dict.fromkeys(("q", "page", *(item.key for item in self.filters)), ""))

    def sort_url(self, column: Column) -> str:
        """Sort by this column; again: the other way."""
        downwards = self.sorting is not None and self.sorting == (column, False)
        return self.url(sort=f"-{column.key}" if downwards else column.key, page="")

    def direction(self, column: Column) -> str:
        """For aria-sort: ascending, descending or none."""
        if self.sorting is None or self.sorting[0] is not column:
            return "none"
        return "descending" if self.sorting[1] else "ascending"

    @property
    def narrowed(self) -> bool:
        """Whether a search or filter is in use."""
        return bool(self.words or self.chosen)

    @property
    def others(self) -> list[tuple[str, str]]:
        """Parameters of the address that the filter form must keep: those of other lists, sorting and size."""
        own = {self.key(word) for word in ("q", "page", "as", *(item.key for item in self.filters))}
        return [(name, value) for name, value in request.args.items() if name not in own]

    def window(self) -> list[int | None]:
        """Page numbers to show; None is a gap."""
        near = sorted({1, self.pages, *range(max(1, self.page - 2), min(self.pages, self.page + 2) + 1)})
        shown: list[int | None] = []
        for number in near:
            if shown and shown[-1] is not None and number - shown[-1] > 1:
                shown.append(None)
            shown.append(number)
        return shown


def listing(template: str | Template, table: Table, **context: Any) -> Response | str:
    """The page of a list, or its export when the address asks `as=csv` or `as=xlsx`."""
    if table.asked("as") in ("csv", "xlsx"):
        return export(table, table.asked("as"))
    return render_template(template, table=table, **context)
