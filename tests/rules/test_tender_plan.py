"""Stages, timetable, committee and the checks before publication."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from core.calendar import china
from core.clock import beijing
from core.policy.procurement import limits, rule_set
from tender.rules.committee import faults
from tender.rules.publication import DraftFacts, Level, LineFacts, LotFacts, checks
from tender.rules.stages import Stage, TenderFacts, may_open_from, stage
from tender.rules.timetable import Anchors, plan
from tender.rules.words import CriterionKind, PriceObject, ScoreBlock, SplitMethod
from tender.starting import statutory_conditions, suggested_criteria

T = beijing(2016, 9, 6, 9, 30)
DONE = T + timedelta(days=1)
PUBLISHED = TenderFacts(published_at=T - timedelta(days=30), deadline=T)


@pytest.mark.parametrize(
    "facts, now, expected",
    [
        (TenderFacts(), T, Stage.PREPARATION),
        (PUBLISHED, T - timedelta(seconds=1), Stage.BIDDING),
        (PUBLISHED, T, Stage.SEALED),
        (replace(PUBLISHED, technical_opened_at=DONE), DONE, Stage.QUALIFICATION),
        (replace(PUBLISHED, technical_opened_at=DONE, qualification_reviewed_at=DONE), DONE, Stage.CONFORMITY),
        (replace(PUBLISHED, conformity_reviewed_at=DONE), DONE, Stage.SCORING),
        (replace(PUBLISHED, technical_locked_at=DONE), DONE, Stage.PRICE_OPENING),
        (replace(PUBLISHED, price_opened_at=DONE), DONE, Stage.EVALUATION),
        (replace(PUBLISHED, evaluated_at=DONE), DONE, Stage.DECISION),
        (replace(PUBLISHED, evaluated_at=DONE, awarded_at=DONE), DONE, Stage.AWARDED),
        (replace(PUBLISHED, evaluated_at=DONE, failed_at=DONE), DONE, Stage.FAILED),
        (replace(PUBLISHED, failed_at=DONE, cancelled_at=DONE), DONE, Stage.CANCELLED),
    ],
)
def test_the_stage_follows_from_the_facts(facts: TenderFacts, now: datetime, expected: Stage) -> None:
    assert stage(facts, now) is expected


def test_the_opening_waits_for_the_grace() -> None:
    assert may_open_from(T, 60) == beijing(2016, 9, 6, 10, 30)


def planned(notice: date, deadline: date, **more: date):  # type: ignore[no-untyped-def]
    return plan(Anchors(notice, deadline, **more), limits(notice), china())


@pytest.mark.parametrize(
    "deadline, broken",
    [(date(2026, 12, 13), False), (date(2026, 12, 12), True)],
    ids=["the twentieth day", "one day short"],
)
def test_bidders_have_twenty_days(deadline: date, broken: bool) -> None:
    found = planned(date(2026, 11, 23), deadline)  # regulation A.2: +20 days is 2026-12-13
    assert [fault.field for fault in found.faults] == (["deadline"] if broken else [])
    assert found.day("T02") == date(2026, 11, 30)  # five working days


def test_documents_and_questions_have_their_limits_too() -> None:
    found = planned(
        date(2026, 11, 23), date(2026, 12, 20), documents_until=date(2026, 11, 27), clarification_on=date(2026, 12, 6)
    )
    assert [fault.field for fault in found.faults] == ["documents_until", "clarification_until"]


def test_dates_in_a_year_that_is_not_published_are_provisional() -> None:
    found = planned(date(2026, 11, 23), date(2026, 12, 20))
    assert found.provisional
    assert not next(entry for entry in found.entries if entry.step == "T02").provisional


def test_the_law_of_2016_knows_no_period_of_the_notice() -> None:
    steps = {entry.step for entry in planned(date(2016, 8, 8), date(2016, 9, 6)).entries}
    assert {"T01", "T13"} & steps == set()
    assert {"T02", "T04", "T05", "T11", "T15"} <= steps


@pytest.mark.parametrize(
    "name, budget, experts, purchasers, lawful",
    [
        ("ORDER87_2017", 9_999_999, 4, 1, True),
        ("ORDER87_2017", 10_000_000, 4, 1, False),  # from ten million on, seven
        ("ORDER87_2017", 10_000_000, 5, 2, True),
        ("ORDER87_2017", 10_000_000, 4, 3, False),  # fewer than two thirds are experts
        ("ORDER87_2017", 10_000_000, 6, 2, False),  # even
        ("ORDER18_2004", 240_000_000, 4, 1, True),
        ("ORDER18_2004", 240_000_000, 3, 0, False),
    ],
)
def test_size_of_the_committee(name: str, budget: int, experts: int, purchasers: int, lawful: bool) -> None:
    assert (faults(rule_set(name).committee, Decimal(budget), experts, purchasers) == ()) is lawful


LOT = LotFacts(
    position=1, insured=100, area="全省", price_object=PriceObject.PREMIUM_PER_HEAD, ceiling=Decimal(40),
    budget=Decimal(240_000_000), winners=2, split_method=SplitMethod.SHARE,
    split=({"share": "0.60"}, {"share": "0.40"}), historical_years=2, has_terms=True,
)  # fmt: skip
DRAFT = DraftFacts(
    budget=Decimal(240_000_000), bid_security=Decimal(4_800_000), performance_security_rate=Decimal("0.10"),
    term_from=date(2017, 1, 1), term_until=date(2019, 12, 31), fields={"deductible": "逐年确定"},
    conditions=("具有独立承担民事责任的能力",),
    lots=(LOT,),
    lines=tuple(LineFacts(row.block, row.name, row.points, row.kind, row.options) for row in suggested_criteria()),
    timetable=planned(date(2016, 8, 8), date(2016, 9, 6)), pack_winners=2, pack_years=3, keys_made=True, unconfirmed=0,
)  # fmt: skip
PRICE = LineFacts(ScoreBlock.PRICE, "投标报价", Decimal(20), CriterionKind.FORMULA, ())


def other(points: int, name: str = "服务方案") -> LineFacts:
    options = ({"points": str(points), "when": "好"},)
    return LineFacts(ScoreBlock.TECHNICAL, name, Decimal(points), CriterionKind.LEVELS, options)


def price(points: int) -> LineFacts:
    return replace(PRICE, points=Decimal(points))


@pytest.mark.parametrize(
    "change, field, level",
    [
        ({}, None, None),
        ({"fields": {"deductible": ""}}, "field-deductible", Level.BLOCK),
        ({"bid_security": Decimal("4800000.01")}, "bid_security", Level.BLOCK),  # two per cent is the most
        ({"performance_security_rate": Decimal("0.1001")}, "performance_security_rate", Level.BLOCK),
        ({"term_until": date(2018, 12, 31)}, "term_from", Level.BLOCK),
        ({"lots": ()}, "lots", Level.BLOCK),
        ({"lots": (replace(LOT, winners=3),)}, "lot-1", Level.BLOCK),
        ({"lots": (replace(LOT, historical_years=0),)}, "history-1", Level.BLOCK),
        ({"lots": (replace(LOT, has_terms=False),)}, "terms-1", Level.BLOCK),
        ({"lots": (replace(LOT, split=({"share": "0.60"}, {"share": "0.30"})),)}, "lot-1", Level.BLOCK),
        ({"lines": (price(20), other(79))}, "criteria", Level.BLOCK),
        ({"lines": (price(10), other(90))}, None, None),
        ({"lines": (price(9), other(91))}, "criteria", Level.BLOCK),
        ({"lines": (price(30), other(70))}, None, None),
        ({"lines": (price(31), other(69))}, "criteria", Level.BLOCK),  # Order 18: at most thirty
        ({"lines": (price(20), other(80, "注册资本"))}, "criterion-2", Level.BLOCK),
        ({"lines": (price(20), other(80, "市场份额"))}, "criterion-2", Level.WARN),
        ({"timetable": None}, "timetable", Level.BLOCK),
        ({"keys_made": False}, "keys", Level.BLOCK),
        ({"unconfirmed": 1}, "keys", Level.BLOCK),
    ],
)
def test_what_blocks_a_publication(change: dict, field: str | None, level: Level | None) -> None:
    found = [check for check in checks(replace(DRAFT, **change), rule_set("ORDER18_2004")) if check.level != Level.PASS]
    assert {(check.field, check.level) for check in found} == ({(field, level)} if field else set())


def test_order_87_knows_no_upper_limit_of_the_price_weight() -> None:
    heavy = replace(DRAFT, lines=(price(60), other(40)))
    assert all(check.level is Level.PASS for check in checks(heavy, rule_set("ORDER87_2017")))


def test_what_a_tender_starts_with_adds_up() -> None:
    assert sum(row.points for row in suggested_criteria()) == 100
    assert all(row.clause.startswith("政府采购法") for row in statutory_conditions())
