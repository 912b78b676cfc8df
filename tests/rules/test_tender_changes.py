"""The rules of a published tender: a correction moves the deadline, a price is too low (regulation A.3, A.11)."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from core.calendar import china
from core.clock import beijing
from core.policy.procurement import limits, rule_set
from tender.rules.correction import CorrectionFacts, correction_faults, least_deadline
from tender.rules.low_price import Priced, triggers

DEADLINE = beijing(2016, 9, 6, 9, 30)


def faults(today: date, after: datetime, *, affects: bool = True, documents: date | None = None) -> set[str]:
    """The fields that a correction of the test tender breaks."""
    facts = CorrectionFacts(
        today=today, deadline_before=DEADLINE, deadline_after=after, documents_before=date(2016, 8, 15),
        documents_after=documents or date(2016, 8, 15), affects_bids=affects,
    )  # fmt: skip
    return {fault.field for fault in correction_faults(facts, limits(today), china())}


@pytest.mark.parametrize(
    ("today", "after", "affects", "broken"),
    [
        (date(2016, 8, 22), DEADLINE, True, set()),  # exactly 15 days are left
        (date(2016, 8, 23), DEADLINE, True, {"deadline"}),
        (date(2016, 8, 23), beijing(2016, 9, 7), True, set()),
        (date(2016, 9, 5), DEADLINE, False, set()),
        (date(2016, 8, 10), beijing(2016, 9, 6, 9, 29), False, {"deadline"}),
    ],
)
def test_fifteen_days_are_left_and_the_deadline_moves_forward_only(
    today: date, after: datetime, affects: bool, broken: set[str]
) -> None:
    assert faults(today, after, affects=affects) == broken


def test_the_document_period_is_not_cut_short() -> None:
    assert faults(date(2016, 8, 10), DEADLINE, documents=date(2016, 8, 14)) == {"documents_until"}


def test_the_least_deadline_is_fifteen_days_after_the_change() -> None:
    assert least_deadline(date(2016, 8, 23), limits(date(2016, 8, 23)), china()) == date(2016, 9, 7)


def grounds(ceiling: str, *prices: str) -> list[list[str]]:
    """The grounds of each price in order."""
    rule = rule_set("LOW_PRICE_2026").low_price
    assert rule is not None
    found = triggers([Priced(number, Decimal(price)) for number, price in enumerate(prices)], Decimal(ceiling), rule)
    return [[trigger.ground for trigger in found if trigger.bid == number] for number in range(len(prices))]


@pytest.mark.parametrize(
    ("ceiling", "prices", "expected"),
    [
        ("40", ("17.99", "37", "38"), [["second_lowest", "ceiling"], [], []]),
        ("40", ("18", "35", "36"), [[], [], []]),  # 45 % of the ceiling exactly is not below it
        ("100", ("45", "90", "91"), [[], [], []]),  # half of the second lowest exactly is not below it
        ("40", ("18.49", "37", "38"), [["second_lowest"], [], []]),
        ("30", ("14", "14", "90"), [["mean"], ["mean"], []]),  # two equal lowest prices: the second lowest is as low
        ("40", (), []),
    ],
)
def test_a_price_strictly_below_a_limit_triggers(
    ceiling: str, prices: tuple[str, ...], expected: list[list[str]]
) -> None:
    assert grounds(ceiling, *prices) == expected
