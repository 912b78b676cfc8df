"""Who keeps the surplus and bears the loss: the worked tables of the Jilin rule, to the fen (J14, J15; E.4)."""

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import MoneyError, yuan
from core.policy.library import view
from core.policy.model import Basis, Cause
from settlement.rules.sharing import SharingInputs, SharingInvalid, compare_readings, exact_text, settle
from tests.factories.sharing import jilin_rule

PREMIUM = Decimal(100_000_000)
POLICY = Cause.POLICY


def figures(claims: str | Decimal, **more: object) -> SharingInputs:
    return SharingInputs(PREMIUM, Decimal(claims), **more)


@pytest.mark.parametrize(
    ("rate", "claims", "whole", "slice_", "floor", "whole_share_beyond_five"),
    [
        # rate, claims, insurer's part under W, M, C and W′ (30 % of everything above 5 %, too)
        ("0.0299", "97010000", "2990000.00", "2990000.00", "2990000.00", "2990000.00"),
        ("0.03", "97000000", "3000000.00", "3000000.00", "3000000.00", "3000000.00"),
        ("0.03000001", "96999999", "900000.30", "3000000.30", "3000000.00", "900000.30"),
        ("0.0301", "96990000", "903000.00", "3003000.00", "3000000.00", "903000.00"),
        ("0.04", "96000000", "1200000.00", "3300000.00", "3000000.00", "1200000.00"),
        ("0.05", "95000000", "1500000.00", "3600000.00", "3000000.00", "1500000.00"),
        ("0.0501", "94990000", "1500000.00", "3600000.00", "3000000.00", "1503000.00"),
        ("0.06", "94000000", "1500000.00", "3600000.00", "3000000.00", "1800000.00"),
        ("0.1", "90000000", "1500000.00", "3600000.00", "3000000.00", "3000000.00"),
    ],
)
def test_surplus(rate: str, claims: str, whole: str, slice_: str, floor: str, whole_share_beyond_five: str) -> None:
    results = compare_readings(jilin_rule(), figures(claims))
    surplus = PREMIUM - Decimal(claims)
    assert {name: str(result.insurer) for name, result in results.items()} == {
        "whole": whole,
        "slice": slice_,
        "floor": floor,
    }
    assert all(result.fund == surplus - result.insurer for result in results.values())
    assert all(result.outcome == "shared" for result in results.values())
    assert exact_text(results["whole"].rate) == rate
    w_prime = settle(jilin_rule(over_five=(Basis.WHOLE, "0.3")), figures(claims))
    assert str(w_prime.insurer) == whole_share_beyond_five


N1, N2, N3, N4 = (Basis.SLICE, "1"), (Basis.WHOLE, "1"), (Basis.WHOLE, "0.5"), (Basis.SLICE, "0")
HALF_BEYOND = (Basis.SLICE, "0.5")


@pytest.mark.parametrize(
    ("claims", "n1", "n2", "n3", "n4", "m1", "m_half", "m0"),
    [
        # claims, then what the insurer bears: W with N1, N2, N3, N4 beyond 5 %; M with 1, 0.5, 0 of what lies beyond
        ("102990000", 2_990_000, 2_990_000, 2_990_000, 2_990_000, 2_990_000, 2_990_000, 2_990_000),
        ("103000000", 3_000_000, 3_000_000, 3_000_000, 3_000_000, 3_000_000, 3_000_000, 3_000_000),
        ("103010000", 1_505_000, 1_505_000, 1_505_000, 1_505_000, 3_005_000, 3_005_000, 3_005_000),
        ("104000000", 2_000_000, 2_000_000, 2_000_000, 2_000_000, 3_500_000, 3_500_000, 3_500_000),
        ("105000000", 2_500_000, 2_500_000, 2_500_000, 2_500_000, 4_000_000, 4_000_000, 4_000_000),
        ("105010000", 2_510_000, 5_010_000, 2_505_000, 2_500_000, 4_010_000, 4_005_000, 4_000_000),
        ("106000000", 3_500_000, 6_000_000, 3_000_000, 2_500_000, 5_000_000, 4_500_000, 4_000_000),
        ("110000000", 7_500_000, 10_000_000, 5_000_000, 2_500_000, 9_000_000, 6_500_000, 4_000_000),
    ],
)
def test_operating_loss(claims: str, n1: int, n2: int, n3: int, n4: int, m1: int, m_half: int, m0: int) -> None:
    whole = [settle(jilin_rule(beyond=beyond), figures(claims)) for beyond in (N1, N2, N3, N4)]
    sliced = [settle(jilin_rule(beyond=beyond), figures(claims), "slice") for beyond in (N1, HALF_BEYOND, N4)]
    assert [-result.insurer for result in whole + sliced] == [n1, n2, n3, n4, m1, m_half, m0]
    assert all(result.insurer + result.fund == PREMIUM - Decimal(claims) for result in whole + sliced)
    beyond_five = Decimal(claims) > Decimal("105000000")
    assert {result.outcome for result in whole + sliced} == {"provisional" if beyond_five else "shared"}


@pytest.mark.parametrize("reading", ["whole", "slice", "floor"])
@pytest.mark.parametrize(
    ("claims", "insurer", "outcome"),
    [
        # J11: below 5 % the cause changes nothing; J10: exactly 5 % is talked about, as is everything above.
        ("102000000", "-2000000.00", "shared"),
        ("105000000", None, "negotiated"),
        ("105000000.01", None, "negotiated"),
        ("112000000", None, "negotiated"),
    ],
)
def test_policy_loss(claims: str, insurer: str | None, outcome: str, reading: str) -> None:
    result = settle(jilin_rule(), figures(claims, cause=POLICY), reading)
    assert (result.outcome, result.insurer) == (outcome, None if insurer is None else Decimal(insurer))
    assert (result.fund is None) == (insurer is None)


def test_policy_loss_of_one_fen_under_five_percent_is_shared() -> None:
    result = settle(jilin_rule(), figures("104999999.99", cause=POLICY))
    assert (result.insurer, result.fund, result.outcome) == (Decimal("-2500000.00"), Decimal("-2499999.99"), "shared")


@pytest.mark.parametrize(
    ("claims", "rate", "insurer"),
    [
        # J1 (b): an expense of 3,000,000 counts as cost.
        ("97000000", "0", "0.00"),
        ("94000000", "0.03", "3000000.00"),
        ("93990000", "0.0301", "903000.00"),
    ],
)
def test_expense_counts_where_the_contract_says_so(claims: str, rate: str, insurer: str) -> None:
    result = settle(jilin_rule(), figures(claims, expense=Decimal(3_000_000)))
    assert (exact_text(result.rate), str(result.insurer)) == (rate, insurer)


def test_expense_is_capped_by_the_contract() -> None:
    result = settle(
        jilin_rule(),
        figures("93781773.53", expense=Decimal("3200600.00"), expense_cap_rate=Decimal("0.028")),
    )
    assert (str(result.expense_allowed), str(result.balance)) == ("2800000.00", "3418226.47")
    # Half of a fen goes up: 30 % of 3,418,226.47 is 1,025,467.941.
    assert (str(result.insurer), str(result.fund)) == ("1025467.94", "2392758.53")


def test_the_lines_show_every_step_with_its_clause() -> None:
    result = settle(jilin_rule(), figures("96990000"))
    assert [(line.step, line.formula, line.amount) for line in result.lines] == [
        ("expense", "0.00", Decimal(0)),
        ("income", "100,000,000.00", PREMIUM),
        ("cost", "96,990,000.00 + 0.00 + 0.00", Decimal(96_990_000)),
        ("balance", "100,000,000.00 − 96,990,000.00", Decimal(3_010_000)),
        ("rate", "3,010,000.00 ÷ 100,000,000.00", None),
        ("band", "3% × 100,000,000.00 < 3,010,000.00 ≤ 5% × 100,000,000.00", None),
        ("insurer", "30% × 3,010,000.00", Decimal(903_000)),
        ("fund", "3,010,000.00 − 903,000.00", Decimal(2_107_000)),
    ]
    assert {str(line.clause) for line in result.lines} == {"吉政办发〔2016〕57号 五（三）"}
    assert [line.rounding for line in result.lines[-2:]] == ["half_up", "residue"]


@pytest.mark.parametrize(
    ("claims", "reading", "formula"),
    [
        ("96000000", "slice", "100% × 3% × 100,000,000.00 + 30% × (4,000,000.00 − 3% × 100,000,000.00)"),
        ("96000000", "floor", "max(30% × 4,000,000.00, 3,000,000.00)"),
        ("94000000", "whole", "30% × 5% × 100,000,000.00 + 0% × (6,000,000.00 − 5% × 100,000,000.00)"),
        ("104000000", "whole", "−(50% × 4,000,000.00)"),
    ],
)
def test_the_insurers_line_can_be_redone_by_hand(claims: str, reading: str, formula: str) -> None:
    insurer = next(line for line in settle(jilin_rule(), figures(claims), reading).lines if line.step == "insurer")
    assert insurer.formula == formula


def test_the_band_is_found_on_the_exact_rate() -> None:
    """J14 of regulation E.2: 3.0000001 % is not rounded to 3 % first."""
    premium = Decimal("333333333.33")
    edge = premium * 3 / 100  # 9,999,999.9999
    below, above = yuan(edge.quantize(Decimal("0.01"), "ROUND_DOWN")), yuan(edge.quantize(Decimal("0.01"), "ROUND_UP"))
    results = [settle(jilin_rule(), SharingInputs(premium, premium - surplus)) for surplus in (below, above)]
    assert [result.band.key for result in results] == ["surplus-0-3", "surplus-3-5"]


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(301, 10_000), "0.0301"),
        (Fraction(-1, 20), "-0.05"),
        (Fraction(1, 2**40), "0.0000000000009094947017729282379150390625"),
        (Fraction(12), "12"),
        # Every digit where it terminates, however many there are.
        (Fraction(3**30, 5**45), "0.000000000000000007244150201408990671659859968"),
        # What does not terminate is given to 20 significant digits.
        (Fraction(1, 3), "0.33333333333333333333"),
        (Fraction(-1, 30), "-0.033333333333333333333"),
        (Fraction(4, 3), "1.3333333333333333333"),
    ],
)
def test_a_rate_is_written_exactly(rate: Fraction, text: str) -> None:
    assert exact_text(rate) == text


@pytest.mark.parametrize(
    ("bad", "error", "reason"),
    [
        (lambda: figures("-1"), SharingInvalid, "claims is negative"),
        (lambda: SharingInputs(Decimal(0), Decimal(0)), SharingInvalid, "premium is not positive"),
        (lambda: figures("0.001"), MoneyError, "fraction of a fen"),
        (lambda: settle(jilin_rule(), figures("1"), "half"), SharingInvalid, "whole, slice, floor"),
        (lambda: figures("1", cause="weather"), ValueError, "weather"),
    ],
)
def test_what_cannot_be_shared_is_refused(bad: object, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=reason):
        bad()


def test_parts_add_up_in_ten_thousand_random_cases() -> None:
    chance, rule = random.Random("J14"), jilin_rule()
    for _ in range(10_000):
        premium = Decimal(chance.randrange(1, 10**13)).scaleb(-2)
        claims = Decimal(int(premium * 100 * Decimal(chance.randrange(80_000, 120_000)) / 100_000)).scaleb(-2)
        inputs = SharingInputs(premium, claims, cause=chance.choice(list(Cause)))
        result = settle(rule, inputs, chance.choice(["whole", "slice", "floor"]))
        if result.outcome == "negotiated":
            assert result.insurer is result.fund is None
        else:
            assert result.insurer + result.fund == result.balance == premium - claims
            assert yuan(result.insurer) == result.insurer


surpluses = st.integers(0, 12_000_000_00)
readings = st.sampled_from(["whole", "slice", "floor"])


@given(surpluses, readings)
@settings(max_examples=500, deadline=None)
def test_a_surplus_is_divided_never_exceeded(surplus: int, reading: str) -> None:
    result = settle(jilin_rule(), figures(PREMIUM - Decimal(surplus).scaleb(-2)), reading)
    assert 0 <= result.insurer <= result.balance


@given(st.integers(-12_000_000_00, 12_000_000_00))
@settings(max_examples=500, deadline=None)
def test_the_slice_reading_rises_without_a_jump(balance: int) -> None:
    here, above = (
        settle(jilin_rule(), figures(PREMIUM - Decimal(balance + step).scaleb(-2)), "slice").insurer for step in (0, 1)
    )
    assert 0 <= above - here <= Decimal("0.01")


@given(st.integers(-12_000_000_00, 12_000_000_00))
@settings(max_examples=500, deadline=None)
def test_the_whole_reading_jumps_only_at_three_percent(balance: int) -> None:
    here, above = (
        settle(jilin_rule(), figures(PREMIUM - Decimal(balance + step).scaleb(-2))).insurer for step in (0, 1)
    )
    jumps = {3_000_000_00: Decimal("-2100000.00"), -3_000_000_01: Decimal("-1500000.00")}
    assert abs(above - here - jumps.get(balance, 0)) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("balance", "change"), [(3_000_000_00, Decimal("-2100000.00")), (-3_000_000_01, Decimal("-1499999.99"))]
)
def test_the_cliffs_of_the_whole_reading(balance: int, change: Decimal) -> None:
    here, above = (
        settle(jilin_rule(), figures(PREMIUM - Decimal(balance + step).scaleb(-2))).insurer for step in (0, 1)
    )
    assert above - here == change


@pytest.mark.parametrize("cause", list(Cause))
def test_the_pack_of_jilin_says_the_same_as_the_rule_written_out_here(cause: Cause) -> None:
    pack_rule = view("jilin", date(2017, 3, 1)).sharing
    for claims in range(88_000_000, 112_000_001, 250_000):
        for shift in (-1, 0, 1):
            inputs = figures(Decimal(claims) + Decimal(shift).scaleb(-2), cause=cause)
            ours, theirs = compare_readings(jilin_rule(), inputs), compare_readings(pack_rule, inputs)
            assert {name: (one.insurer, one.outcome) for name, one in ours.items()} == {
                name: (one.insurer, one.outcome) for name, one in theirs.items()
            }
