"""What the law says of a scoring table, line by line, and what example bids would score under it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.policy.procurement import factors
from tender.rules.checking import Level, LineFacts
from tender.rules.factors import longest_common, table_checks, word_checks
from tender.rules.samples import example_prices, price_points, samples
from tender.rules.words import CriterionKind, PriceObject, ScoreBlock

LAW_2026 = factors(date(2026, 11, 23))
PRICE = LineFacts(ScoreBlock.PRICE, "投标报价", Decimal(20), CriterionKind.FORMULA, ())
LOW = [{"points": "20", "when": "低"}]
BLOCK, WARN = Level.BLOCK, Level.WARN


def levels(name: str, *options: tuple[str, str], points: int = 10) -> LineFacts:
    """A technical criterion with described levels."""
    listed = [{"points": score, "when": when} for score, when in options] or [{"points": str(points), "when": "有安排"}]
    return LineFacts(ScoreBlock.TECHNICAL, name, Decimal(points), CriterionKind.LEVELS, listed)


def intervals(*options: tuple[str | None, str | None, str]) -> LineFacts:
    """A commercial criterion with intervals: from, to, points."""
    listed: list[dict[str, Any]] = [{"from": low, "to": high, "points": score} for low, high, score in options]
    return LineFacts(ScoreBlock.COMMERCIAL, "偿付能力充足率", Decimal(8), CriterionKind.INTERVALS, listed)


def found(line: LineFacts, *conditions: str) -> list[tuple[Level, str]]:
    """What is wrong with a line: level and article."""
    checks = table_checks([line], conditions, LAW_2026, "财政部令第87号第55条")
    return [(check.level, check.clause) for check in checks if check.level is not Level.PASS]


@pytest.mark.parametrize(
    ("line", "level", "article"),
    [
        (levels("注册资本"), BLOCK, "87号）第17条"),
        (levels("资产总额"), BLOCK, "87号）第17条"),
        (levels("上年度营业收入"), BLOCK, "46号）第5条"),
        (levels("从业人员数量"), BLOCK, "87号）第17条"),
        (levels("净利润"), BLOCK, "87号）第17条"),
        (levels("年纳税额"), BLOCK, "87号）第17条"),
        (levels("市场份额排名"), WARN, "658号）第20条"),
        (levels("世界500强企业"), WARN, "658号）第20条"),
        (levels("本市现有服务网点"), WARN, "38号"),
        (levels("服务方案", ("10", "方案优秀"), ("6", "有方案")), WARN, "第55条"),
        (levels("服务方案", ("10", "内容完整，得8—10分"), ("6", "有方案")), BLOCK, "第55条"),
        (levels("服务方案", ("8", "覆盖全流程"), ("6", "有方案")), BLOCK, "第55条"),  # the best gives 8 of 10
        (intervals(("2.00", None, "8"), ("1.50", "2.00", "5"), (None, "1.00", "0")), BLOCK, "第55条"),  # a gap
        (intervals(("2.00", None, "8"), ("1.00", "2.50", "5"), (None, "1.00", "0")), BLOCK, "第55条"),  # an overlap
        (intervals(("2.00", None, "8"), ("2.00", "1.00", "5")), BLOCK, "第55条"),  # holds nothing
        (intervals(("2.00", None, "8"), ("1.00", "2.00", "5")), WARN, "第55条"),  # what below 1.00?
        (LineFacts(ScoreBlock.PRICE, "报价", Decimal(20), CriterionKind.LEVELS, LOW), BLOCK, "第55条"),
        (LineFacts(ScoreBlock.TECHNICAL, "方案", Decimal(20), CriterionKind.FORMULA, ()), BLOCK, "第55条"),
    ],
)
def test_a_forbidden_or_doubtful_line_is_named_with_its_article(line: LineFacts, level: Level, article: str) -> None:
    assert [mark for mark, clause in found(line) if article in clause] == [level]


@pytest.mark.parametrize(
    "line",
    [
        PRICE,
        LineFacts(ScoreBlock.PRICE, "利润率报价", Decimal(20), CriterionKind.FORMULA, ()),  # bid, not scored as profit
        levels("服务方案", ("10", "覆盖受理、审核、支付全流程"), ("4", "只覆盖支付"), ("0", "无方案")),
        intervals(("2.00", None, "8"), ("1.00", "2.00", "5"), (None, "1.00", "0")),
    ],
)
def test_a_closed_and_measured_line_passes(line: LineFacts) -> None:
    assert found(line) == []


def test_a_qualification_condition_is_not_scored_again() -> None:
    line = levels("健全的财务会计制度")
    assert [level for level, _clause in found(line, "具有良好的商业信誉和健全的财务会计制度")] == [WARN]
    assert found(levels("大病保险承办业绩"), "具有大病保险经营资质的商业保险机构") == []
    assert longest_common("良好的商业信誉|健全的财务会计制度", "财务会计制度健全") == "财务会计制度"


@pytest.mark.parametrize(
    ("text", "blocked"),
    [
        ("报价不得低于每人65元", True),
        ("最低限价为每人65元", True),
        ("本项目不设最低限价", False),
        ("报价不得超过最高限价", False),
    ],
)
def test_a_minimum_price_is_refused_with_its_article(text: str, blocked: bool) -> None:
    checks = list(word_checks("x", text, "field-x", ("minimum_price",), LAW_2026, {}))
    assert bool(checks) is blocked
    assert all(check.level is BLOCK and "第12条" in check.clause and "第30条" in check.clause for check in checks)


def test_a_tender_of_2016_is_measured_by_the_law_of_2016() -> None:
    scale = next(factor for factor in factors(date(2016, 9, 1)) if factor.kind == "scale")
    assert "第20条" in scale.clause
    assert "87号" not in scale.clause


def four(values: tuple[Any, ...]) -> list[str]:
    """Points to four places."""
    return [format((Decimal(v.numerator) / Decimal(v.denominator)).quantize(Decimal("0.0001")), "f") for v in values]


def test_the_price_vector_of_regulation_c4() -> None:
    prices, weight = [Decimal("66.60"), Decimal("67.00"), Decimal("65.00")], Decimal(20)
    assert four(price_points(prices, weight)) == ["19.5195", "19.4030", "20.0000"]
    assert four(price_points(prices[:2], weight)) == ["20.0000", "19.8806"]  # 65.00 ruled invalid


@pytest.mark.parametrize(
    ("price_object", "ceiling", "prices"),
    [
        (PriceObject.PREMIUM_PER_HEAD, "67.00", ["67.00", "64.99", "62.98"]),
        (PriceObject.TOTAL_PREMIUM, "1056942000", ["1056942000.00", "1025233740.00", "993525480.00"]),
        (PriceObject.FEE_AMOUNT, "8260000", ["8260000.00", "8012200.00", "7764400.00"]),
        (PriceObject.FEE_RATE, "0.08", ["0.0800", "0.0776", "0.0752"]),  # a rate: lower is better as well
        (PriceObject.PROFIT_RATE, "0.04", ["0.0400", "0.0388", "0.0376"]),
    ],
)
def test_samples_are_scored_for_every_price_object(price_object: PriceObject, ceiling: str, prices: list[str]) -> None:
    examples = example_prices(price_object, Decimal(ceiling))
    assert [format(price, "f") for price in examples] == prices
    sample = samples([PRICE, levels("方案", ("80", "全"), ("40", "半"), ("0", "无"), points=80)], examples, fixed=False)
    assert four(sample.price_scores)[2] == "20.0000"
    assert [row.points for row in sample.rows] == [(80, 40, 0)]
    assert sample.ranks == (1, 2, 3)
    assert sample.without_lowest[2] is None
    assert four(sample.without_lowest[1:2]) == ["20.0000"]


def test_a_fixed_price_is_not_scored() -> None:
    table = [levels("方案", ("100", "全"), ("50", "半"), points=100)]
    sample = samples(table, [Decimal(40)] * 3, fixed=True)
    assert sample.price_scores == (0, 0, 0)
    assert sample.totals == (Decimal("100.00"), Decimal("100.00"), Decimal("50.00"))
    assert sample.without_lowest == ()
