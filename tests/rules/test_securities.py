"""Until when a bid security goes back, on the boundary days, and the interest of a late one, as tables."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.calendar import china
from core.policy.procurement import limits
from tender.rules.securities import Case, RefundLimit, late_interest, refund_limit

CASES = [
    # whose            counted from           step   last lawful day       (30 April 2026: holidays until 5 May)
    (Case.LOSER, date(2026, 4, 30), "T14", date(2026, 5, 11)),
    (Case.WINNER, date(2026, 4, 30), "T16", date(2026, 5, 11)),
    (Case.WITHDRAWN, date(2026, 4, 30), "T08", date(2026, 5, 11)),
    (Case.CANCELLED, date(2026, 4, 30), "T07", date(2026, 5, 11)),
    (Case.LOSER, date(2016, 9, 28), "T14", date(2016, 10, 10)),
]


@pytest.mark.parametrize("case, start, step, last", CASES)
def test_the_last_day_keeps_the_limit_and_the_next_is_one_day_late(
    case: Case, start: date, step: str, last: date
) -> None:
    limit = refund_limit(case, start, limits(start), china())
    assert (limit.step, limit.last_day) == (step, last)
    assert limit.days_late(last) == 0
    assert limit.days_late(last + timedelta(days=1)) == 1
    assert limit.days_late(last + timedelta(days=30)) == 30


@pytest.mark.parametrize("case", [Case.FAILED, Case.DECLINED])
def test_what_the_law_gives_no_day_is_never_late(case: Case) -> None:
    assert refund_limit(case, date(2026, 4, 30), limits(date(2026, 4, 30)), china()) == RefundLimit(case)
    assert RefundLimit(case).days_late(date(2099, 1, 1)) == 0


def test_a_winners_limit_does_not_run_before_the_signing() -> None:
    limit = refund_limit(Case.WINNER, None, limits(date(2026, 4, 30)), china())
    assert (limit.step, limit.last_day, limit.days_late(date(2099, 1, 1))) == ("T16", None, 0)


def test_orders_of_2016_know_no_limit_for_a_cancelled_tender() -> None:
    on = date(2016, 9, 1)
    assert refund_limit(Case.CANCELLED, on, limits(on), china()).last_day is None


INTERESTS = [
    # principal        base rate   days   interest: principal × rate × 1.2 × days ÷ 360
    ("1000000.00", "0.0435", 10, "1450.00"),
    ("1000000.00", "0.0435", 1, "145.00"),
    ("500000.00", "0.0435", 360, "26100.00"),
    ("990000.00", "0.0475", 7, "1097.25"),
    ("1000000.01", "0.0435", 1, "145.00"),  # half a fen is never lost, a hundredth is
    ("1000000.00", "0.0435", 0, "0.00"),
]


@pytest.mark.parametrize("amount, rate, days, interest", INTERESTS)
def test_interest_is_the_base_rate_and_a_fifth_a_day(amount: str, rate: str, days: int, interest: str) -> None:
    assert late_interest(Decimal(amount), Decimal(rate), days) == Decimal(interest)
