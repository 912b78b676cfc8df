"""What a rule tempts the insurer to: the cliffs of regulation E.5 in yuan, where they pull, and rules without any."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from core.policy.library import load_sharing_rule
from core.policy.model import Base, Basis, Cause, Metric, SharingBand, Side
from settlement.rules.incentives import Incentives, incentives, of_premium
from settlement.rules.sharing import SharingInputs
from tests.factories.sharing import band, surplus_rule

SHAPES = Path(__file__).parents[1] / "data" / "sharing"
PREMIUM = Decimal(100_000_000)


def looked_at(name: str, reading: str | None = None, inputs: SharingInputs | None = None) -> Incentives:
    return incentives(load_sharing_rule(SHAPES / f"{name}.toml"), inputs or of_premium(PREMIUM), reading)


def jumps(found: Incentives) -> list[tuple[str, int, int]]:
    return [(percent(jump.edge), int(jump.inner), int(jump.outer)) for jump in found.jumps]


def temptations(found: Incentives) -> list[tuple[str, str, str, int]]:
    return [(percent(one.low), percent(one.high), percent(one.best), int(one.gain)) for one in found.temptations]


def percent(rate: Fraction | None) -> str:
    return "…" if rate is None else f"{float(rate * 100):g}"


JILIN = "e-jilin-2016-every-reading"


def test_jilin_read_on_the_whole_has_two_cliffs_and_pays_for_spending() -> None:
    """E.5: a drop of 2.1 % of the premium at 3 %; a loss of 3–5 % costs less than one of 2.51–3 %."""
    found = looked_at(JILIN)
    assert jumps(found) == [("-3", -3_000_000, -1_500_000), ("3", 3_000_000, 900_000)]
    assert temptations(found) == [("-3", "-1.5", "-3", 1_500_000), ("3", "…", "3", 2_100_000)]
    assert [str(jump.size) for jump in found.jumps] == ["1500000.00", "2100000.00"]
    assert not found.sound


def test_the_claims_in_which_a_temptation_holds() -> None:
    loss, surplus = looked_at(JILIN).temptations
    # A loss of 1.5 % to 3 % of 100 million is claims of 101.5 to 103 million; a surplus over 3 %, claims under 97.
    assert (str(loss.fewest), str(loss.most)) == ("101500000.00", "103000000.00")
    assert (surplus.fewest, str(surplus.most), str(surplus.part)) == (None, "97000000.00", "3000000.00")


def test_expense_that_counts_moves_the_claims() -> None:
    inputs = SharingInputs(PREMIUM, Decimal(94_000_000), expense=Decimal(3_000_000))
    assert [str(one.most) for one in looked_at(JILIN, None, inputs).temptations] == ["100000000.00", "94000000.00"]
    assert [str(jump.claims) for jump in looked_at(JILIN, None, inputs).jumps] == ["100000000.00", "94000000.00"]


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("slice", []),
        # W′ climbs again beyond 5 % and has caught up at 10 %.
        ("whole_beyond", [("-3", "-1.5", "-3", 1_500_000), ("3", "10", "3", 2_100_000)]),
        ("floor", [("-3", "-1.5", "-3", 1_500_000)]),
        # N2: a loss just over 5 % is all the insurer's, so nothing beyond it tempts.
        ("n2", [("-3", "-1.5", "-3", 1_500_000), ("3", "…", "3", 2_100_000)]),
    ],
)
def test_the_other_readings_of_jilin(reading: str, expected: list[tuple[str, str, str, int]]) -> None:
    assert temptations(looked_at(JILIN, reading)) == expected


def test_policy_losses_that_are_talked_about_leave_the_rest() -> None:
    inputs = SharingInputs(PREMIUM, PREMIUM, cause=Cause.POLICY)
    assert temptations(looked_at(JILIN, None, inputs)) == [("-3", "-1.5", "-3", 1_500_000), ("3", "…", "3", 2_100_000)]


@pytest.mark.parametrize(
    ("name", "flats"),
    [
        (JILIN, [("5", "…", 1_500_000)]),
        ("d1-10-premium-at-own-risk", []),
        ("d2-10-no-insurer-risk", [("…", "…", 0)]),
        ("d2-06-tiers-of-loss", [("…", "-10", -7_500_000)]),
        ("us-mssp-track-2", [("…", "-12.5", -5_000_000), ("-2", "2", 0)]),
    ],
)
def test_where_the_insurers_part_does_not_move(name: str, flats: list[tuple[str, str, int]]) -> None:
    found = looked_at(name).flats
    assert [(percent(one.low), percent(one.high), int(one.part)) for one in found] == flats


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("d1-07-fixed-fee-and-profit-limit", True),
        ("d2-02-fee-and-symmetric-corridor", True),
        ("d2-13-profit-on-cost", True),
        ("us-aca-risk-corridor", True),
        ("us-part-d-risk-corridor", True),
        ("us-texas-experience-rebate", True),
        # All of the savings from the first yuan at 2 %: a jump up, which tempts to save, not to spend.
        ("us-mssp-track-2", True),
        # An award of 200,000 at the least is more than a small surplus.
        ("d2-12-cost-plus-bounds", False),
    ],
)
def test_which_rules_are_sound(name: str, sound: bool) -> None:
    assert looked_at(name).sound is sound


def test_an_award_above_the_surplus_is_told() -> None:
    assert [percent(rate) for rate in looked_at("d2-12-cost-plus-bounds").excess] == ["0"]
    assert jumps(looked_at("d2-12-cost-plus-bounds")) == [("0", 0, 200_000)]


def test_a_part_that_falls_inside_a_band_tempts_there() -> None:
    # A burden of 2 % of the premium in any loss: below zero the insurer drops to −2 million at once.
    found = looked_at("d2-14-award-in-steps")
    assert jumps(found)[:1] == [("0", -2_000_000, 0)]
    assert [percent(rate) for rate in found.excess] == ["0"]


def test_where_it_would_be_best_off_is_told_apart_from_just_beyond() -> None:
    """A loss of 3 % is still the insurer's own: the better part begins past it. A surplus of 3 % is all its own."""
    assert [(percent(one.best), one.where) for one in looked_at(JILIN).temptations] == [("-3", "past"), ("3", "at")]


@pytest.mark.parametrize(("share", "caught_up"), [("0.2", "…"), ("0.2008", "24.9004")])
def test_a_rule_is_looked_at_twenty_points_beyond_its_last_boundary(share: str, caught_up: str) -> None:
    """All of the surplus to 5 %, then a share of it all, which gives 5 % of the premium again at 25 %."""
    bands = (
        band("own", Side.SURPLUS, "0", "0.05", Basis.WHOLE, "1"),
        band("shared", Side.SURPLUS, "0.05", None, Basis.WHOLE, share),
        band("loss", Side.LOSS, "0", None, Basis.WHOLE, "1"),
    )
    found = incentives(surplus_rule(bands), of_premium(PREMIUM)).temptations
    assert [(percent(one.low), percent(one.high)) for one in found] == [("5", caught_up)]


def test_claims_are_never_less_than_none() -> None:
    inputs = SharingInputs(PREMIUM, Decimal(1_000_000), expense=Decimal(98_000_000))
    assert [str(jump.claims) for jump in looked_at(JILIN, None, inputs).jumps] == ["5000000.00", "0.00"]


def test_a_year_of_hardly_any_claims_is_looked_at_too() -> None:
    """A profit of nine times the cost: the curve is drawn down to a loss of nearly the whole cost, not beyond it."""
    assert looked_at("d2-13-profit-on-cost", None, SharingInputs(PREMIUM, Decimal(10_000_000))).sound


def test_a_rule_on_cost_is_looked_at_down_to_a_loss_of_nearly_everything() -> None:
    # A loss is at most the whole cost; the jump at 98.5 % of it is still seen, and that at 3 % is too.
    bands = (
        band("own", Side.SURPLUS, "0", None, Basis.WHOLE, "1"),
        band("small", Side.LOSS, "0", "0.03", Basis.WHOLE, "1"),
        band("large", Side.LOSS, "0.03", "0.985", Basis.WHOLE, "0.5"),
        band("whole", Side.LOSS, "0.985", None, Basis.WHOLE, "1"),
    )
    rule = surplus_rule(bands, metric=Metric.PROFIT_ON_COST)
    found = incentives(rule, SharingInputs(PREMIUM, PREMIUM))
    assert [jump.edge for jump in found.jumps] == [Fraction("-0.985"), Fraction("-0.03")]


def test_a_part_that_falls_inside_a_band_is_best_where_the_band_begins() -> None:
    # The insurer gets a tenth of the cost: of 100 m at a rate of 0, of 83.33 m at 20 %, so that every saving costs it.
    own = replace(band("own", Side.SURPLUS, "0", None, Basis.WHOLE, "0.1"), base=Base.PREMIUM)
    rule = surplus_rule((own, band("loss", Side.LOSS, "0", None, Basis.WHOLE, "1")), metric=Metric.PROFIT_ON_COST)
    (found,) = incentives(rule, SharingInputs(PREMIUM, PREMIUM)).temptations
    assert (found.low, found.high, str(found.most)) == (0, None, "100000000.00")
    assert (found.best, found.where, str(found.part), str(found.gain)) == (0, "at", "10000000.00", "1666666.67")


def test_where_the_part_falls_beyond_an_open_edge_it_is_best_just_short_of_the_edge() -> None:
    # A twentieth of the cost up to 5 %, a tenth of it beyond: every saving beyond 5 % costs the insurer.
    small = replace(band("small", Side.SURPLUS, "0", "0.05", Basis.WHOLE, "0.05"), base=Base.PREMIUM)
    large = replace(band("large", Side.SURPLUS, "0.05", None, Basis.WHOLE, "0.1"), base=Base.PREMIUM)
    loss = band("loss", Side.LOSS, "0", None, Basis.WHOLE, "1")
    rule = surplus_rule((small, large, loss), metric=Metric.PROFIT_ON_COST)
    (found,) = incentives(rule, SharingInputs(PREMIUM, PREMIUM)).temptations
    assert (percent(found.low), found.high, percent(found.best), found.where) == ("0", None, "5", "before")


def test_of_equal_parts_the_nearest_is_the_best_one() -> None:
    # Two million anywhere from 1 to 5 %, nothing beyond: from beyond 5 % it is enough to spend down to 5 %.
    bands = (
        band("own", Side.SURPLUS, "0", "0.01", Basis.WHOLE, "1"),
        band("fixed", Side.SURPLUS, "0.01", "0.05", Basis.FIXED, None, amount="2000000"),
        band("none", Side.SURPLUS, "0.05", None, Basis.WHOLE, "0"),
        band("loss", Side.LOSS, "0", None, Basis.WHOLE, "1"),
    )
    (found,) = incentives(surplus_rule(bands), of_premium(PREMIUM)).temptations
    assert (percent(found.best), found.where, str(found.part)) == ("5", "at", "2000000.00")


@pytest.mark.parametrize("edge_is_below", [True, False])
def test_a_part_that_both_bands_give_at_their_edge_is_reached(edge_is_below: bool) -> None:
    # All of the profit up to 3 % of the cost, then 3 % of the cost, which falls as the cost does.
    own = band("own", Side.SURPLUS, "0", "0.03", Basis.WHOLE, "1", closed=(True, edge_is_below))
    rest = band("rest", Side.SURPLUS, "0.03", None, Basis.WHOLE, "0.03", closed=(not edge_is_below, False))
    loss = band("loss", Side.LOSS, "0", None, Basis.WHOLE, "1")
    rule = surplus_rule((own, replace(rest, base=Base.PREMIUM), loss), metric=Metric.PROFIT_ON_COST)
    assert incentives(rule, SharingInputs(PREMIUM, PREMIUM)).jumps == ()
    (found,) = incentives(rule, SharingInputs(PREMIUM, PREMIUM)).temptations
    assert (percent(found.low), percent(found.best), found.where) == ("3", "3", "at")


def test_a_jump_is_the_clause_of_the_band_beyond_it() -> None:
    def told(key: str, side: Side, lower: str, upper: str | None, share: str) -> SharingBand:
        plain = band(key, side, lower, upper, Basis.WHOLE, share)
        return replace(plain, clause=replace(plain.clause, article=key))

    bands = (
        told("surplus-small", Side.SURPLUS, "0", "0.03", "1"),
        told("surplus-large", Side.SURPLUS, "0.03", None, "0.3"),
        told("loss-small", Side.LOSS, "0", "0.03", "1"),
        told("loss-large", Side.LOSS, "0.03", None, "0.5"),
    )
    found = incentives(surplus_rule(bands), of_premium(PREMIUM)).jumps
    assert [jump.clause.article for jump in found] == ["loss-large", "surplus-large"]


def test_half_of_a_surplus_of_one_yuan_is_no_excess() -> None:
    bands = (
        band("half", Side.SURPLUS, "0", "0.01", Basis.WHOLE, "0.5"),
        band("more", Side.SURPLUS, "0.01", None, Basis.WHOLE, "0.5"),
        band("loss", Side.LOSS, "0", None, Basis.WHOLE, "0.5"),
    )
    assert incentives(surplus_rule(bands), of_premium(Decimal(100))).excess == ()
