"""Every shape of regulation D and E and five foreign rules as rule files, each with a table worked out by hand.

Amounts in millions unless a column says otherwise; a premium of 100 million unless given. The shapes of D.2 are
unverified recollections: they try the language, they are nobody's rule.
"""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.policy.library import load_sharing_rule
from core.policy.model import Cause, SharingRule
from settlement.rules.carrying import YearBalance, carried_into
from settlement.rules.corridor import SharingInvalid
from settlement.rules.pooling import Member, settle_together
from settlement.rules.sharing import SharingInputs, SharingResult, own_balance, settle

SHAPES = Path(__file__).parents[1] / "data" / "sharing"


def rule(name: str) -> SharingRule:
    return load_sharing_rule(SHAPES / f"{name}.toml")


def million(amount: str | Decimal) -> Decimal:
    return Decimal(amount) * 1_000_000


def year(name: str, claims: str, *, premium: str = "100", reading: str | None = None, **more: str) -> SharingResult:
    amounts = {key: Decimal(value) if key == "score" else million(value) for key, value in more.items()}
    return settle(rule(name), SharingInputs(million(premium), million(claims), **amounts), reading)


def insurer(name: str, claims: str, **more: str) -> Decimal:
    """The insurer's part in millions; the fund always has the rest."""
    result = year(name, claims, **more)
    assert result.insurer + result.fund == result.balance
    return result.insurer / 1_000_000


@pytest.mark.parametrize(
    ("claims", "whole", "slice_", "floor", "whole_beyond"),
    [
        # E.4, surplus: claims, then the insurer's part (yuan) under W, M, C and W′
        ("97.01", "2990000", "2990000", "2990000", "2990000"),
        ("97", "3000000", "3000000", "3000000", "3000000"),
        ("96.999999", "900000.30", "3000000.30", "3000000", "900000.30"),
        ("96.99", "903000", "3003000", "3000000", "903000"),
        ("96", "1200000", "3300000", "3000000", "1200000"),
        ("95", "1500000", "3600000", "3000000", "1500000"),
        ("94.99", "1500000", "3600000", "3000000", "1503000"),
        ("94", "1500000", "3600000", "3000000", "1800000"),
        ("90", "1500000", "3600000", "3000000", "3000000"),
    ],
)
def test_jilin_surplus_under_every_reading(claims: str, whole: str, slice_: str, floor: str, whole_beyond: str) -> None:
    readings = ("whole", "slice", "floor", "whole_beyond")
    parts = [year("e-jilin-2016-every-reading", claims, reading=name) for name in readings]
    assert [part.insurer for part in parts] == [Decimal(amount) for amount in (whole, slice_, floor, whole_beyond)]
    assert all(part.fund == million(100) - million(claims) - part.insurer for part in parts)


@pytest.mark.parametrize(
    ("claims", "n1", "n2", "n3", "n4", "m1", "m_half", "m0"),
    [
        # E.4, loss without policy cause: what the insurer bears under W with N1 … N4 and M with x = 1, 0.5, 0
        ("102.99", "2.99", "2.99", "2.99", "2.99", "2.99", "2.99", "2.99"),
        ("103", "3", "3", "3", "3", "3", "3", "3"),
        ("103.01", "1.505", "1.505", "1.505", "1.505", "3.005", "3.005", "3.005"),
        ("104", "2", "2", "2", "2", "3.5", "3.5", "3.5"),
        ("105", "2.5", "2.5", "2.5", "2.5", "4", "4", "4"),
        ("105.01", "2.51", "5.01", "2.505", "2.5", "4.01", "4.005", "4"),
        ("106", "3.5", "6", "3", "2.5", "5", "4.5", "4"),
        ("110", "7.5", "10", "5", "2.5", "9", "6.5", "4"),
    ],
)
def test_jilin_loss_under_every_reading(
    claims: str, n1: str, n2: str, n3: str, n4: str, m1: str, m_half: str, m0: str
) -> None:
    readings = ("whole", "n2", "n3", "n4", "slice", "slice_half", "slice_none")
    borne = [-insurer("e-jilin-2016-every-reading", claims, reading=name) for name in readings]
    assert borne == [Decimal(amount) for amount in (n1, n2, n3, n4, m1, m_half, m0)]


def test_jilin_at_exactly_three_percent_the_other_way() -> None:
    """J4: who reads 3%—5%（含） with 3 % inside it gives the insurer 30 % of 3 million."""
    assert insurer("e-jilin-2016-every-reading", "97", reading="three_in_second") == Decimal("0.9")
    assert insurer("e-jilin-2016-every-reading", "97.00000001", reading="three_in_second") == Decimal("2.99999999")


@pytest.mark.parametrize(
    ("claims", "outcome"), [("104.99999999", "shared"), ("105", "negotiated"), ("120", "negotiated")]
)
def test_jilin_policy_loss(claims: str, outcome: str) -> None:
    inputs = SharingInputs(million("100"), million(claims), cause=Cause.POLICY)
    results = [settle(rule("e-jilin-2016-every-reading"), inputs, one) for one in ("whole", "slice", "floor", "n2")]
    assert {result.outcome for result in results} == {outcome}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        # (claims, insurer)
        ("d1-05-bid-profit-rate", [("98", "2"), ("97.5", "2.5"), ("90", "2.5"), ("107", "-7")]),
        ("d1-06-agreed-surplus-rate", [("98", "2"), ("97", "3"), ("91", "3"), ("104", "-4")]),
        # Balance = 100 − claims − 6; profit kept up to 4.
        ("d1-07-fixed-fee-and-profit-limit", [("92", "2"), ("90", "4"), ("80", "4"), ("97", "-3")]),
        # The fee of 8 is cost; what is left, either way, is the fund's: 100 − 90 − 8 = 2, 100 − 95 − 8 = −3.
        ("d1-08-bid-rate-as-fee", [("90", "0"), ("95", "0")]),
        ("d1-08-bid-rate-as-profit", [("95", "5"), ("92", "8"), ("80", "8"), ("103", "-3")]),
        ("d1-09-fee-bid-claims-pass-through", [("80", "0"), ("99", "0")]),
        ("d1-10-premium-at-own-risk", [("80", "20"), ("100", "0"), ("115.5", "-15.5")]),
        # Balance = 100 − claims − 4.5, halved.
        ("d2-01-cost-and-halves", [("85.5", "5"), ("95.5", "0"), ("97.5", "-1")]),
        # Balance = 100 − claims − 3: 7 = 3 + half of 4; −7 = −(3 + half of 4).
        ("d2-02-fee-and-symmetric-corridor", [("95", "2"), ("94", "3"), ("90", "5"), ("104", "-5")]),
        ("d2-03-payout-floor", [("96", "4"), ("95", "5"), ("92", "5"), ("101", "-1")]),
        ("d2-06-tiers-of-loss", [("95", "5"), ("104", "-4"), ("105", "-5"), ("108", "-6.5"), ("130", "-7.5")]),
        ("d2-10-no-insurer-risk", [("90", "0"), ("110", "0")]),
        # Half of the surplus between 0.2 and 1; a loss up to 0.5.
        ("d2-12-cost-plus-bounds", [("99.9", "0.2"), ("99", "0.5"), ("98", "1"), ("90", "1"), ("100.3", "-0.3")]),
        ("d2-12-cost-plus-bounds", [("100.5", "-0.5"), ("105", "-0.5")]),
        # Cost 80: profit 20, 5 % of 80 is 4, half of the other 16 is 8. Cost 96: 4 is 4.1667 % of 96, kept.
        ("d2-13-profit-on-cost", [("80", "12"), ("96", "4"), ("104", "-4")]),
        ("d2-14-award-in-steps", [("98.01", "0"), ("98", "0.5"), ("95.01", "0.5"), ("95", "1.2"), ("90", "1.2")]),
        ("d2-14-award-in-steps", [("101", "-2")]),
    ],
)  # fmt: skip
def test_what_the_insurer_gets_or_bears(name: str, rows: list[tuple[str, str]]) -> None:
    assert [str(insurer(name, claims).normalize()) for claims, _ in rows] == [
        str(Decimal(part).normalize()) for _, part in rows
    ]


@pytest.mark.parametrize(
    ("name", "claims", "expense", "allowed", "balance"),
    [
        # A fee is paid whatever was spent; what counts of it lowers the balance.
        ("d1-07-fixed-fee-and-profit-limit", "90", "9", "6", "4"),
        ("d1-08-bid-rate-as-fee", "90", "1", "8", "2"),
        ("d1-09-fee-bid-claims-pass-through", "90", "0", "8.26", "1.74"),
        ("d2-10-no-insurer-risk", "90", "5", "1.5", "8.5"),
        ("d2-04-expense-and-profit-limit", "90", "4", "4", "6"),
        ("us-texas-experience-rebate", "80", "12", "10", "10"),
        ("e-jilin-2016-every-reading", "90", "4", "4", "6"),
    ],
)
def test_what_counts_of_the_expense(name: str, claims: str, expense: str, allowed: str, balance: str) -> None:
    result = year(name, claims, expense=expense)
    assert (result.expense_allowed, result.balance) == (million(allowed), million(balance))


@pytest.mark.parametrize(
    ("claims", "expense", "part"),
    [
        # Premium 100, limit 5 for expense and profit: spent 3 leaves 2 of profit, spent 5 or more leaves none.
        ("96", "3", "1"),
        ("95", "3", "2"),
        ("90", "3", "2"),
        ("90", "5", "0"),
        ("90", "6", "0"),
        ("99", "3", "-2"),
    ],
)
def test_expense_and_profit_have_one_limit(claims: str, expense: str, part: str) -> None:
    assert insurer("d2-04-expense-and-profit-limit", claims, expense=expense) == Decimal(part)


@pytest.mark.parametrize(
    ("attributable", "part"),
    [
        # A loss of 10: what is operating is the insurer's, of what is put down to policy it bears 40 %.
        ("0", "-10"),
        ("3", "-8.2"),
        ("10", "-4"),
    ],
)
def test_a_loss_of_two_causes_is_shared_in_two_parts(attributable: str, part: str) -> None:
    assert insurer("d2-05-policy-and-operating-loss", "110", attributable=attributable) == Decimal(part)


def test_beyond_ten_percent_the_award_is_talked_about() -> None:
    assert (year("d2-14-award-in-steps", "89.99").outcome, year("d2-14-award-in-steps", "89.99").fund) == (
        "negotiated",
        None,
    )


def test_the_two_parts_of_a_loss_stand_on_the_sheet() -> None:
    result = year("d2-05-policy-and-operating-loss", "110", attributable="3")
    assert [line.formula for line in result.lines if line.step in ("band", "insurer")] == [
        "0% × 100,000,000.00 < 7,000,000.00",
        "0% × 100,000,000.00 < 3,000,000.00",
        "−(100% × 7,000,000.00 + 40% × 3,000,000.00)",
    ]
    assert (result.band.key, [portion.band.key for portion in result.portions]) == (
        "operating_loss", ["operating_loss", "policy_loss"],
    )  # fmt: skip


def test_no_more_of_a_loss_is_policy_than_there_is_loss() -> None:
    with pytest.raises(SharingInvalid, match="larger than the loss"):
        year("d2-05-policy-and-operating-loss", "110", attributable="10.01")
    # In a surplus there is nothing to put down to anything.
    assert insurer("d2-05-policy-and-operating-loss", "90", attributable="3") == 5


def test_three_years_are_one_corridor() -> None:
    # Surplus 6, loss 4, surplus 5: each year alone 3 − 3 + 3; the term's 7 of 300 is 2.33 %, all the insurer's.
    term = rule("d2-07-three-year-term")
    years = [
        Member(key, SharingInputs(million("100"), million(claims)))
        for key, claims in zip("123", ("94", "104", "95"), strict=True)
    ]
    assert [settle(term, one.inputs).insurer / 1_000_000 for one in years] == [3, -3, 3]
    pool = settle_together(term, years)
    assert (term.period.value, pool.result.insurer) == ("term", million("7"))
    assert [str(part.insurer) for part in pool.parts] == ["2333333.34", "2333333.33", "2333333.33"]


@pytest.mark.parametrize(
    ("claims", "opening", "part", "paid_in", "drawn", "closing"),
    [
        # Surplus 5: the insurer keeps 2, 3 go into the reserve, at most until it holds 10.
        ("95", "0", "2", "3", "0", "3"),
        ("95", "8", "2", "2", "0", "10"),
        ("95", "10", "2", "0", "0", "10"),
        # Loss 4: the reserve pays what it has, the insurer bears the rest.
        ("104", "3", "-1", "0", "3", "0"),
        ("104", "9", "0", "0", "4", "5"),
        ("104", "0", "-4", "0", "0", "0"),
        ("100", "5", "0", "0", "0", "5"),
    ],
)
def test_a_reserve_takes_surplus_and_pays_losses_first(
    claims: str, opening: str, part: str, paid_in: str, drawn: str, closing: str
) -> None:
    result = year("d2-08-risk-reserve", claims, reserve_opening=opening)
    move = result.reserve
    told = [result.insurer, move.paid_in, move.drawn, move.closing]
    assert told == [million(amount) for amount in (part, paid_in, drawn, closing)]
    assert result.insurer + result.fund == result.balance == million("100") - million(claims)


@pytest.mark.parametrize(
    ("claims", "opening", "part", "paid_in", "drawn"),
    [("90", "1", "5", "2.5", "0"), ("110", "3", "-5", "0", "3"), ("110", "7", "-5", "0", "5")],
)
def test_a_reserve_may_pay_the_funds_part_alone(claims: str, opening: str, part: str, paid_in: str, drawn: str) -> None:
    result = year("d2-08-risk-reserve-for-the-fund", claims, reserve_opening=opening)
    assert (result.insurer, result.reserve.paid_in, result.reserve.drawn) == tuple(map(million, (part, paid_in, drawn)))


@pytest.mark.parametrize(
    ("score", "forfeited", "part"),
    [
        # 5 of the premium are held; what is not released is not income: 100 − forfeited − 90 is the balance.
        ("0.95", "0", "10"),
        ("0.90", "0", "10"),
        ("0.899", "1", "9"),
        ("0.80", "1", "9"),
        ("0.60", "2.5", "7.5"),
        ("0.59", "5", "5"),
    ],
)
def test_a_retention_of_premium_by_steps_of_the_score(score: str, forfeited: str, part: str) -> None:
    result = year("d2-09-retention-of-premium", "90", score=score)
    held = result.retention
    assert (held.held, held.forfeited, held.in_balance) == (million("5"), million(forfeited), True)
    assert (result.insurer, result.balance) == (million(part), million(part))


def test_a_retention_of_fee_in_the_measure_of_the_score() -> None:
    # 10 % of the fee of 4 is 0.4; 85 points release 0.34; the balance of 100 − 90 − 4 is not touched.
    result = year("d2-09-retention-of-fee", "90", score="0.85")
    assert (result.retention.held, result.retention.released) == (million("0.4"), million("0.34"))
    assert (result.balance, result.fund) == (million("6"), million("6"))
    assert result.lines[-1].formula == "10% × 4,000,000.00 × 85%"


@pytest.mark.parametrize(("claims", "score", "released"), [("90", "0.5", "0.5"), ("90", "1", "1"), ("110", "1", "0")])
def test_a_retention_of_the_insurers_part(claims: str, score: str, released: str) -> None:
    result = year("d2-09-retention-of-the-insurers-part", claims, score=score)
    assert result.retention.released == million(released)


def test_a_loss_is_carried_for_two_years_and_no_longer() -> None:
    """Balances −10, +4, +8, +6; at most 3 a year is used; the loss of year 1 may meet years 2 and 3."""
    carrying = rule("d2-11-carried-two-years")
    balances = [
        YearBalance(place, million(amount), million("100")) for place, amount in enumerate(("-10", "4", "8", "6"), 1)
    ]
    amounts = [carried_into(carrying, balances[:count])[0] / 1_000_000 for count in range(1, 5)]
    assert amounts == [0, -3, -3, 0]
    _, third = carried_into(carrying, balances[:3])
    assert [(one.year, one.brought, one.used, one.left, one.lapses) for one in third] == [
        (1, million("-7"), million("-3"), million("-4"), True)
    ]
    # Year 3 shares 8 − 3 = 5 half and half.
    assert settle(carrying, SharingInputs(million("100"), million("92"), carried=million("-3"))).insurer == million(
        "2.5"
    )


def test_balances_are_carried_both_ways_where_the_rule_says_so() -> None:
    terms = rule("d2-11-carried-two-years").carry
    both = replace(
        rule("d2-11-carried-two-years"), carry=replace(terms, sides=("surplus", "loss"), years=None, limit_rate=None)
    )
    balances = [
        YearBalance(place, million(amount), million("100")) for place, amount in enumerate(("5", "-2", "-4", "3"), 2016)
    ]
    # 5 meets −2 and then −4, of which −1 is left; that meets 3.
    assert [carried_into(both, balances[:count])[0] / 1_000_000 for count in range(1, 5)] == [0, 2, 3, -1]
    assert carried_into(replace(both, carry=None), balances) == (0, ())
    with pytest.raises(SharingInvalid, match="in order"):
        carried_into(both, balances[::-1])


@pytest.mark.parametrize(
    ("claims", "part"),
    [
        # Target 80 (80 % of 100). Below 97 %: half of what lies below; below 92 %: 2.5 % and 80 % of what lies below.
        ("78", "2"),  # 97.5 %: nothing moves
        ("77.6", "2.4"),  # exactly 97 %
        ("76", "3.2"),  # charge: half of 77.6 − 76 = 0.8
        ("73.6", "4.4"),  # exactly 92 %: half of 4 = 2
        ("70", "5.12"),  # charge: 2 + 80 % of 3.6 = 4.88
        ("82.4", "-2.4"),  # exactly 103 %
        ("84", "-3.2"),  # HHS pays half of 1.6
        ("90", "-5.12"),  # HHS pays 2 + 80 % of 3.6 = 4.88
    ],
)
def test_aca_risk_corridor(claims: str, part: str) -> None:
    assert insurer("us-aca-risk-corridor", claims) == Decimal(part)
    assert insurer("us-aca-risk-corridor", claims, premium="90", target="80") == Decimal(part)


@pytest.mark.parametrize(
    ("claims", "part"),
    # Target 100: 105 nothing moves; 108: CMS adds 1.5; 115: 2.5 + 80 % of 5 = 6.5; 92: CMS takes 1.5; 85: 6.5.
    [("105", "-5"), ("108", "-6.5"), ("110", "-7.5"), ("115", "-8.5"), ("95", "5"), ("92", "6.5"), ("85", "8.5")],
)
def test_part_d_risk_corridor(claims: str, part: str) -> None:
    assert insurer("us-part-d-risk-corridor", claims, target="100") == Decimal(part)


def test_aca_mlr_rebate_as_the_regulation_works_it_out() -> None:
    """45 CFR 158.240(c)(2): earned premium $200,000, taxes and fees $15,000, MLR 75 %: the rebate is $9,250."""
    # 75 % of 185,000 is 138,750, here with 8,750 of it spent on quality.
    inputs = SharingInputs(Decimal(200_000), Decimal(130_000), quality_expense=Decimal(8_750), taxes=Decimal(15_000))
    result = settle(rule("us-aca-mlr-rebate"), inputs)
    assert (result.base, result.shown_rate, result.fund) == (Decimal(185_000), Decimal("0.75"), Decimal(9_250))
    met = replace(inputs, claims=Decimal(139_250))
    assert settle(rule("us-aca-mlr-rebate"), met).fund == 0


@pytest.mark.parametrize(
    ("claims", "quality", "part"),
    [
        ("98.01", "1", "0"),  # 1.99 %: below the minimum savings rate
        ("98", "1", "1.2"),  # 2 %: 60 % of all of it, first dollar
        ("90", "0.8", "4.8"),  # 60 % × 80 % of 10
        ("70", "1", "15"),  # 60 % of 30 is 18, at most 15 % of the benchmark
        ("101.99", "1", "0"),
        ("102", "1", "-0.8"),  # 1 − 60 %
        ("102", "0.5", "-1.2"),  # 1 − 30 % = 70 %, at most 60 %
        ("110", "1", "-4"),
        ("120", "1", "-5"),  # 8, at most 5 % of the benchmark
    ],
)
def test_mssp_track_2(claims: str, quality: str, part: str) -> None:
    assert insurer("us-mssp-track-2", claims, target="100", score=quality) == Decimal(part)


@pytest.mark.parametrize(
    ("claims", "part"),
    [
        # 3 + 80 % of 2 = 4.6; + 60 % of 2 = 5.8; + 40 % of 2 = 6.6; + 20 % of 3 = 7.2; nothing beyond 12 %.
        ("97", "3"), ("96", "3.8"), ("95", "4.6"), ("93", "5.8"), ("91", "6.6"), ("88", "7.2"), ("70", "7.2"),
        ("102", "-2"),
    ],
)  # fmt: skip
def test_texas_experience_rebate(claims: str, part: str) -> None:
    assert insurer("us-texas-experience-rebate", claims) == Decimal(part)


def test_texas_carries_a_loss_to_the_next_period_only() -> None:
    texas = rule("us-texas-experience-rebate")
    balances = [YearBalance(place, million(amount), million("100")) for place, amount in enumerate(("-6", "4", "9"), 1)]
    assert [carried_into(texas, balances[:count])[0] / 1_000_000 for count in (2, 3)] == [-4, 0]
    inputs = SharingInputs(million("100"), million("96"), carried=million("-4"))
    assert (own_balance(texas, inputs), settle(texas, inputs).insurer) == (0, 0)


def test_the_lines_of_a_score_say_how_it_moves_the_share() -> None:
    formulas = [
        next(
            line.formula
            for line in year("us-mssp-track-2", claims, target="100", score="0.5").lines
            if line.step == "insurer"
        )
        for claims in ("90", "110")
    ]
    assert formulas == [
        "min((60% × 50%) × 10,000,000.00, 15,000,000.00)",
        "−(min(min((100% − 60% × 50%), 60%) × 10,000,000.00, 5,000,000.00))",
    ]


def test_every_shape_has_its_table_here() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [path.stem for path in sorted(SHAPES.glob("*.toml")) if f'"{path.stem}"' not in text] == []
