"""A hundred thousand random cases: the parts add up, and every rule moves without a jump exactly where it says so."""

import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from core.money import yuan
from core.policy.library import load_sharing_rule
from core.policy.model import Cause, ExpenseTreatment, Item, Metric, SharingRule
from settlement.rules.curve import curve_base, curve_points
from settlement.rules.sharing import SharingInputs, SharingResult, settle

SHAPES = sorted((Path(__file__).parents[1] / "data" / "sharing").glob("*.toml"))
CASES = 100_000
#: Rules under which the insurer may get more than the surplus, or bear more than the loss: they have a least amount.
BEYOND = {"d2-12-cost-plus-bounds"}
FEN = Decimal("0.01")


@cache
def rule(path: Path) -> SharingRule:
    return load_sharing_rule(path)


def figures(chance: random.Random, of: SharingRule) -> SharingInputs:
    """A year of any size, near a boundary of the rule as often as not."""
    premium = Decimal(chance.randrange(10_000, 10**12)).scaleb(-2)
    size = (
        chance.choice([band.lower for band in of.bands])
        if chance.random() < 0.5
        else Decimal(chance.randrange(300)).scaleb(-3)
    )
    claims = yuan((premium * (1 + chance.choice((-1, 1)) * size)).quantize(FEN))
    spent = (
        yuan((premium * chance.randrange(80) / 1000).quantize(FEN))
        if of.expense is not ExpenseTreatment.EXCLUDED
        else Decimal(0)
    )
    target = premium if Item.TARGET in of.income else Decimal(0)
    score = Decimal(chance.randrange(101)).scaleb(-2)
    claims = max(claims - spent + chance.choice((-1, 0, 1)) * FEN, Decimal(0))
    if of.metric is Metric.PROFIT_ON_COST:
        claims = max(claims, FEN)
    opening = premium * chance.randrange(12) / 100 if of.reserve else Decimal(0)
    return SharingInputs(
        premium, claims, spent, target=target, score=score, cause=chance.choice(list(Cause)),
        reserve_opening=opening.quantize(FEN),
    )  # fmt: skip


def cases() -> Iterator[tuple[Path, SharingInputs, SharingResult]]:
    chance = random.Random("regulation D and E")
    for number in range(CASES):
        path = SHAPES[number % len(SHAPES)]
        inputs = figures(chance, rule(path))
        yield path, inputs, settle(rule(path), inputs, chance.choice(rule(path).readings).name)


def test_the_parts_add_up_and_nobody_gets_more_than_there_is() -> None:
    negotiated = 0
    for path, inputs, result in cases():
        if result.outcome == "negotiated":
            negotiated += 1
            assert result.insurer is result.fund is None
            continue
        assert result.insurer + result.fund == result.balance, (path.stem, inputs)
        assert yuan(result.insurer) == result.insurer
        if path.stem in BEYOND:
            continue
        shared = sum(portion.amount for portion in result.portions)
        low, high = sorted((Decimal(0), shared))
        fixed = any(
            portion.band.amount is not None or portion.band.base.value == "premium" for portion in result.portions
        )
        assert fixed or low <= result.insurer <= high, (path.stem, inputs)
    assert 0 < negotiated < CASES / 20


@pytest.mark.parametrize("path", SHAPES, ids=[path.stem for path in SHAPES])
def test_a_jump_is_where_the_curve_says_and_nowhere_else(path: Path) -> None:
    """Two years a fen apart: their parts differ by a fen at most, unless the curve has a jump between them."""
    of, chance = rule(path), random.Random(path.stem)
    for _ in range(150):
        inputs = figures(chance, of)
        reading = chance.choice(of.readings).name
        here = settle(of, inputs, reading)
        more = settle(of, _with(inputs, inputs.claims + FEN), reading)
        if here.insurer is None or more.insurer is None:
            continue
        step = Decimal(1) if of.round_to is not None else FEN
        if abs(here.insurer - more.insurer) > step + (FEN if of.metric is Metric.PROFIT_ON_COST else 0):
            assert _jumps_between(of, inputs, more.rate, here.rate, here), (inputs, reading)


def _with(inputs: SharingInputs, claims: Decimal) -> SharingInputs:
    values = {name: getattr(inputs, name) for name in SharingInputs.__dataclass_fields__}
    return SharingInputs(**{**values, "claims": claims})


def _jumps_between(
    of: SharingRule, inputs: SharingInputs, low: Fraction, high: Fraction, result: SharingResult
) -> bool:
    margin = Fraction(1, 10**6) + abs(high - low)
    stretches = curve_points(
        of, curve_base(of, result), result.reading, low - margin, high + margin, inputs.cause,
        score=Fraction(inputs.score), spent=Fraction(result.expense_allowed),
    )  # fmt: skip
    ends = [(one, other) for one, other in zip(stretches, stretches[1:], strict=False) if one.points and other.points]
    return any(abs(one.points[-1].insurer - other.points[0].insurer) > FEN for one, other in ends)
