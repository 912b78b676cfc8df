"""Small cells: which counts of a public table are withheld so that nobody in them can be singled out.

PDF, CSV, JSON and portal all show what `suppress` returns, so that no format gives back what another withholds.
"""

import heapq
from collections.abc import Sequence
from decimal import Decimal

#: Counts of people below this are withheld (the papers are silent; the house's rule, explained under every table).
THRESHOLD = 10
#: What stands for a cell withheld only because a subtraction from a total would give a small one back.
COMPLEMENT = "※"

Marked = tuple[tuple[int | str, ...], ...]
Cell = tuple[int, int]


def suppress(
    counts: Sequence[Sequence[int]],
    *,
    threshold: int = THRESHOLD,
    row_totals: bool = True,
    column_totals: bool = True,
) -> Marked:
    """The table as it may be published: counts, '＜10' for small ones, '※' for those that would give them back.

    counts: people by row and column, without totals; the totals asked for are added as last column and last row.
    A zero is shown: it is about nobody. No '＜10' can be computed from what is shown by any addition or subtraction of
    rows, columns and totals. Withheld besides are the smallest cells that do, totals only where nothing else helps.
    Raises ValueError for ragged rows and negative counts.
    """
    table = _with_totals(counts, row_totals, column_totals)
    small = [(r, c) for r, row in enumerate(table) for c, count in enumerate(row) if 0 < count < threshold]
    withheld = set(small)
    for cell in small:
        withheld |= _way_around(cell, table, withheld, threshold, (row_totals, column_totals))
    marks = dict.fromkeys(withheld, COMPLEMENT) | dict.fromkeys(small, f"＜{threshold}")
    return tuple(tuple(marks.get((r, c), count) for c, count in enumerate(row)) for r, row in enumerate(table))


def amounts_beside(marked: Marked, amounts: Sequence[Sequence[Decimal]]) -> tuple[tuple[Decimal | str, ...], ...]:
    """Amounts of the same cells, totals included: withheld exactly where the count is, since one person's amount
    would otherwise stand alone. Raises ValueError when the shapes differ."""
    return tuple(
        tuple(COMPLEMENT if isinstance(count, str) else amount for count, amount in zip(row, values, strict=True))
        for row, values in zip(marked, amounts, strict=True)
    )


def is_withheld(marked: Marked) -> bool:
    """Whether anything in the table is withheld, so that the note under it is due."""
    return any(isinstance(cell, str) for row in marked for cell in row)


def _with_totals(counts: Sequence[Sequence[int]], row_totals: bool, column_totals: bool) -> list[list[int]]:
    if len({len(row) for row in counts}) > 1:
        raise ValueError("the rows of a table must be of one length")
    if any(count < 0 for row in counts for count in row):
        raise ValueError("a count of people cannot be negative")
    table = [[*row, sum(row)] if row_totals else list(row) for row in counts]
    if column_totals:
        table.append([sum(column) for column in zip(*table, strict=True)])
    return table


def _way_around(
    cell: Cell, table: list[list[int]], withheld: set[Cell], threshold: int, totals: tuple[bool, bool]
) -> set[Cell]:
    """The cheapest further cells whose withholding leaves `cell` undetermined.

    Rows and columns are the places of a graph and withheld cells its edges. Sums fix a withheld cell exactly when no
    other way of withheld cells joins its row and its column; so the cheapest such way is what must be withheld too.
    A direction without totals has no sums: all its lines count as one place.
    """
    start, goal = _ends(cell, totals)
    best: list[tuple[int, tuple[str, int], tuple[Cell, ...]]] = [(0, start, ())]
    seen = set()
    while best:
        cost, place, way = heapq.heappop(best)
        if place == goal:
            return set(way)
        if place in seen:
            continue
        seen.add(place)
        for r, row in enumerate(table):
            for c, count in enumerate(row):
                ends = _ends((r, c), totals)
                if (r, c) == cell or place not in ends:
                    continue
                other = ends[1] if ends[0] == place else ends[0]
                is_total = (totals[0] and c == len(row) - 1) + (totals[1] and r == len(table) - 1)
                price = 0 if (r, c) in withheld else _price(count, is_total, threshold)
                heapq.heappush(best, (cost + price, other, (*way, (r, c))))
    return set()


def _ends(cell: Cell, totals: tuple[bool, bool]) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("row", cell[0] if totals[0] else 0), ("column", cell[1] if totals[1] else 0)


def _price(count: int, is_total: int, threshold: int) -> int:
    """What withholding a cell costs the reader: few cells before many, small before large, totals last.

    A cell just above the threshold, or of nobody, hides badly: that it is no small cell itself narrows the rest.
    """
    if is_total:
        return 10**18 * is_total + count
    poor_cover = count < 2 * threshold
    return 10**12 * poor_cover + 10**9 + count
