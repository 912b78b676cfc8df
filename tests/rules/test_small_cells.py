"""Small cells (F.1): what is withheld in a public table, and that no subtraction gives it back."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.rules.small_cells import COMPLEMENT, amounts_beside, is_withheld, suppress

NOTHING_SMALL = [[14402, 2375], [742, 109]]
ONE_SMALL = [[14402, 2375], [742, 109], [254, 20], [37, 7]]


def test_a_table_without_small_cells_is_shown_with_its_totals() -> None:
    assert suppress(NOTHING_SMALL) == ((14402, 2375, 16777), (742, 109, 851), (15144, 2484, 17628))
    assert not is_withheld(suppress(NOTHING_SMALL))


def test_a_small_cell_takes_three_others_with_it() -> None:
    """One in its row, one in its column, and the corner that these two would give back."""
    assert suppress(ONE_SMALL) == (
        (14402, 2375, 16777),
        (742, 109, 851),
        (COMPLEMENT, COMPLEMENT, 274),
        (COMPLEMENT, "＜10", 44),
        (15435, 2511, 17946),
    )


@pytest.mark.parametrize(
    ("counts", "totals", "shown"),
    [
        pytest.param([[0, 40], [30, 50]], {}, ((0, 40, 40), (30, 50, 80), (30, 90, 120)), id="nobody is shown"),
        pytest.param([[9]], {"row_totals": False, "column_totals": False}, (("＜10",),), id="no sums"),
        pytest.param(
            [[40], [9], [60]], {"row_totals": False}, ((COMPLEMENT,), ("＜10",), (60,), (109,)), id="one column"
        ),
        pytest.param(
            [[40, 9, 60]], {"column_totals": False}, ((COMPLEMENT, "＜10", 60, 109),), id="one row with its total"
        ),
        pytest.param([[9, 10]], {"threshold": 5, "column_totals": False}, ((9, 10, 19),), id="another threshold"),
        pytest.param([[3, 4]], {"column_totals": False}, (("＜10", "＜10", "＜10"),), id="a small total too"),
    ],
)
def test_totals_decide_what_must_be_withheld(counts: list[list[int]], totals: dict, shown: tuple) -> None:
    assert suppress(counts, **totals) == shown


def test_a_cell_just_above_the_threshold_covers_badly_and_is_passed_over() -> None:
    assert suppress([[11, 9, 60]], column_totals=False) == ((11, "＜10", COMPLEMENT, 80),)


def test_amounts_are_withheld_where_the_count_is() -> None:
    marked = suppress([[40, 9, 60]], column_totals=False)
    amounts = [[Decimal("80.00"), Decimal("7.00"), Decimal("90.00"), Decimal("177.00")]]
    assert amounts_beside(marked, amounts) == ((COMPLEMENT, COMPLEMENT, Decimal("90.00"), Decimal("177.00")),)


@pytest.mark.parametrize(("counts", "why"), [([[1, 2], [3]], "one length"), ([[-1]], "negative")])
def test_impossible_tables_are_refused(counts: list[list[int]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        suppress(counts)


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(st.integers(0, 12), st.integers(0, 400)), min_size=width, max_size=width),
        min_size=1,
        max_size=5,
    )
)


@given(tables, st.booleans(), st.booleans())
def test_no_small_cell_is_determined_by_the_sums_shown(
    counts: list[list[int]], row_totals: bool, column_totals: bool
) -> None:
    marked = suppress(counts, row_totals=row_totals, column_totals=column_totals)
    determined = determined_cells(marked, row_totals, column_totals)
    small = {(r, c) for r, row in enumerate(marked) for c, cell in enumerate(row) if cell == "＜10"}
    assert not small & determined


@given(tables)
def test_what_is_shown_is_true_and_what_is_small_is_never_shown(counts: list[list[int]]) -> None:
    marked = suppress(counts)
    true = [[*row, sum(row)] for row in counts]
    true.append([sum(column) for column in zip(*true, strict=True)])
    for shown_row, row in zip(marked, true, strict=True):
        for shown, count in zip(shown_row, row, strict=True):
            assert shown == count if not isinstance(shown, str) else True
            assert (shown == "＜10") == (0 < count < 10)


def determined_cells(marked: tuple, row_totals: bool, column_totals: bool) -> set[tuple[int, int]]:
    """The withheld cells whose value follows from the sums alone: Gauss–Jordan, a row left with one unknown."""
    unknown = [(r, c) for r, row in enumerate(marked) for c, cell in enumerate(row) if isinstance(cell, str)]
    width, height = len(marked[0]), len(marked)
    lines = [[(r, c) for c in range(width)] for r in range(height)] if row_totals else []
    lines += [[(r, c) for r in range(height)] for c in range(width)] if column_totals else []
    equations = [[Fraction((cell in line) * (-1 if cell == line[-1] else 1)) for cell in unknown] for line in lines]
    for column in range(len(unknown)):
        pivot = next((e for e in equations if e[column] and not any(e[:column])), None)
        if pivot is None:
            continue
        pivot[:] = [value / pivot[column] for value in pivot]
        for equation in equations:
            if equation is not pivot and equation[column]:
                factor = equation[column]
                equation[:] = [a - factor * b for a, b in zip(equation, pivot, strict=True)]
    return {unknown[next(i for i, v in enumerate(e) if v)] for e in equations if sum(1 for value in e if value) == 1}
