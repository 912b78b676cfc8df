"""Silence after the report: five working days, the holiday of October 2016 in between."""

from datetime import date

import pytest

from core.calendar import china
from core.policy.procurement import limits
from tender.rules.deemed import silence

CASES = [
    ("the last day itself", date(2016, 9, 28), date(2016, 10, 10), date(2016, 10, 10), False),
    ("the day after it", date(2016, 9, 28), date(2016, 10, 11), date(2016, 10, 10), True),
    ("in 2026", date(2026, 4, 30), date(2026, 5, 11), date(2026, 5, 11), False),
    ("in 2026, a day late", date(2026, 4, 30), date(2026, 5, 12), date(2026, 5, 11), True),
]


@pytest.mark.parametrize("received, today, last, deemed", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_after_the_last_day_of_t11_the_first_ranked_are_deemed_the_winners(
    received: date, today: date, last: date, deemed: bool
) -> None:
    found = silence(received, today, limits(received)["T11"], china())
    assert (found.last_day, found.deemed) == (last, deemed)
    assert "43" in found.clause
