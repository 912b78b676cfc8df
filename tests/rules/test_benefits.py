"""What a person's claims pay: the deductible, the bands, the maximum and the tilt for the poor (J4, J6, J7, G5, N3)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import round_fen, to_fen
from core.policy.model import BenefitBand, BenefitTerms, TiltTerms
from settlement.rules.benefits import (
    GROUPS,
    Claim,
    TermsInvalid,
    YearTerms,
    curve,
    person_year,
    yearly_benefit,
)

NEW_YEAR = date(2017, 1, 1)
MIDSUMMER = date(2017, 7, 1)


def bands(*rows: tuple[str, str | None, str]) -> tuple[BenefitBand, ...]:
    return tuple(
        BenefitBand(Decimal(low), None if up is None else Decimal(up), Decimal(ratio)) for low, up, ratio in rows
    )


def jilin_terms(**changes: object) -> BenefitTerms:
    """Invented amounts inside the limits of J6 and J7: from 55 %, at most 80 %, tilt −40 % and +5 points."""
    tilts = {group: TiltTerms(Decimal("0.40"), Decimal("0.05")) for group in GROUPS[1:]}
    steps = bands(("0", "50000", "0.55"), ("50000", "100000", "0.65"), ("100000", None, "0.75"))
    return replace(BenefitTerms(2017, Decimal("20000"), steps, Decimal("300000"), tilts, clause="J6, J7"), **changes)


def claim(number: int, day: date, burden: str, group: str = "general") -> Claim:
    return Claim(f"C{number:03}", day, group, to_fen(Decimal(burden)))


@pytest.mark.parametrize(
    ("group", "burden", "benefit"),
    [
        # The deductible: 20,000; for the poor 12,000.
        ("general", "20000.00", "0.00"),
        ("general", "20000.01", "0.01"),  # 55 % of one fen is 0.55 fen, half up
        ("registered_poor", "12000.00", "0.00"),
        ("registered_poor", "20000.00", "4800.00"),  # 60 % of 8,000
        # The bands count from the deductible: 50,000 at 55 %, 50,000 at 65 %, the rest at 75 %.
        ("general", "70000.00", "27500.00"),
        ("general", "120000.00", "60000.00"),
        ("general", "130000.00", "67500.00"),
        ("destitute", "62000.00", "30000.00"),
        # The yearly maximum: 300,000, reached at 120,000 + 240,000 / 0.75.
        ("general", "440000.00", "300000.00"),
        ("general", "440000.02", "300000.00"),
        ("low_income", "900000.00", "300000.00"),
    ],
)
def test_the_benefit_of_a_year(group: str, burden: str, benefit: str) -> None:
    assert yearly_benefit(jilin_terms(), group, to_fen(Decimal(burden))) == to_fen(Decimal(benefit))


@pytest.mark.parametrize(
    ("tilt", "burden", "benefit"),
    [
        # G5: deductible at least −80 %, ratio at least 80 %, no maximum.
        (TiltTerms(Decimal("0.80"), ratio_floor=Decimal("0.80"), cap_lifted=True), "14000", "8000"),
        (
            TiltTerms(Decimal("0.80"), ratio_floor=Decimal("0.80"), cap_lifted=True),
            "1004000",
            "800000",
        ),
        # N3: deductible −50 %, +5 points, no maximum.
        (TiltTerms(Decimal("0.50"), Decimal("0.05"), cap_lifted=True), "610000", "465000"),
    ],
)
def test_tilts_of_other_papers(tilt: TiltTerms, burden: str, benefit: str) -> None:
    terms = jilin_terms(tilts={"destitute": tilt})
    assert yearly_benefit(terms, "destitute", to_fen(Decimal(burden))) == to_fen(Decimal(benefit))


def test_band_limits_may_count_from_the_first_yuan() -> None:
    tianjin = jilin_terms(
        bands=bands(("0", "100000", "0.50"), ("100000", "200000", "0.60"), ("200000", None, "0.70")),
        cap=None,
        band_basis="cost",
    )
    assert yearly_benefit(tianjin, "general", to_fen(Decimal("250000"))) == to_fen(Decimal("135000"))
    # The lower deductible of the poor widens the first band; the limits of the others stay.
    assert yearly_benefit(tianjin, "registered_poor", to_fen(Decimal("100000"))) == to_fen(Decimal("48400"))


@pytest.mark.parametrize(
    ("changes", "burden", "benefit"),
    [
        # Nothing is left out at the edge of what terms may say.
        ({"deductible": Decimal(0)}, "100", "60"),
        ({"cap": Decimal(0)}, "90000", "0"),
        ({"cap": Decimal("0.01")}, "90000", "0.01"),
        ({"bands": bands(("0", None, "0")), "tilts": {}}, "90000", "0"),
        ({"bands": bands(("0", None, "1")), "tilts": {}}, "90000", "70000"),
        ({"tilts": {"destitute": TiltTerms(Decimal(0))}}, "30000", "5500"),
        ({"tilts": {"destitute": TiltTerms(Decimal(1))}}, "100", "55"),
        ({"in_force_from": date(2016, 7, 1)}, "22000", "6000"),
        # From the first yuan: a limit is where the paper says, to the fen.
        ({"bands": bands(("0", "100000", "0"), ("100000", None, "1")), "band_basis": "cost", "tilts": {}},
         "100000.01", "0.01"),
        ({"bands": bands(("0", "20000", "0.5"), ("20000", None, "1")), "band_basis": "cost", "tilts": {}},
         "20000.01", "0.01"),
    ],
)  # fmt: skip
def test_terms_at_their_edges(changes: dict[str, object], burden: str, benefit: str) -> None:
    year = YearTerms(2017, (jilin_terms(**changes),))
    (row,) = person_year(year, [claim(1, NEW_YEAR, burden, "destitute")])
    assert row.benefit == to_fen(Decimal(benefit))


def test_a_band_under_the_deductible_is_left_out() -> None:
    steps = bands(("0", "20000", "0.5"), ("20000", "30000", "0.6"), ("30000", None, "0.7"))
    found = curve(jilin_terms(bands=steps, band_basis="cost"), "general")
    assert [(piece.lower, piece.upper) for piece in found.slices] == [(20_000_00, 30_000_00), (30_000_00, None)]


def test_claims_of_a_day_are_paid_in_the_order_of_their_ids() -> None:
    year = YearTerms(2017, (jilin_terms(),))
    rows = person_year(year, [claim(2, MIDSUMMER, "15000"), claim(1, MIDSUMMER, "15000")])
    assert [(row.claim.claim_id, row.before, row.after, row.benefit) for row in rows] == [
        ("C001", 0, 15_000_00, 0),
        ("C002", 15_000_00, 30_000_00, 5_500_00),
    ]


def test_each_row_says_how_its_benefit_came_about() -> None:
    year = YearTerms(2017, (jilin_terms(),))
    first, second = person_year(year, [claim(1, NEW_YEAR, "430000"), claim(2, MIDSUMMER, "20000")])
    assert first.formula() == "B(430,000.00) − B(0.00)"
    assert first.parts == (50_000_00, 50_000_00, 310_000_00)
    assert second.formula() == "B(450,000.00) − B(430,000.00), maximum 300,000.00"
    assert (second.uncut, second.benefit) == (15_000_00, 7_500_00)
    assert (second.clause, second.curve.deductible) == ("J6, J7", 20_000_00)


def test_a_claim_falls_under_the_terms_in_force_on_its_day() -> None:
    more = jilin_terms(in_force_from=MIDSUMMER, bands=bands(("0", None, "0.80")))
    year = YearTerms(2017, (jilin_terms(), more))
    rows = person_year(year, [claim(1, date(2017, 6, 30), "30000"), claim(2, MIDSUMMER, "10000")])
    # The second claim stands where the year's burden has come to, and is paid at the new ratio.
    assert [(row.version, row.benefit) for row in rows] == [(0, 5_500_00), (1, 8_000_00)]


def test_a_maximum_lowered_in_the_year_takes_nothing_back() -> None:
    less = jilin_terms(in_force_from=MIDSUMMER, cap=Decimal("10000"))
    rows = person_year(
        YearTerms(2017, (jilin_terms(), less)), [claim(1, NEW_YEAR, "70000"), claim(2, MIDSUMMER, "10000")]
    )
    assert [row.benefit for row in rows] == [27_500_00, 0]


def test_a_person_who_becomes_poor_in_the_year_is_paid_by_the_group_of_the_day() -> None:
    rows = person_year(
        YearTerms(2017, (jilin_terms(),)),
        [claim(1, NEW_YEAR, "15000"), claim(2, MIDSUMMER, "10000", "registered_poor")],
    )
    assert [row.benefit for row in rows] == [0, 6_000_00]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bands": bands(("0", "50000", "0.55"), ("60000", None, "0.65"))}, "gap or overlap"),
        ({"bands": bands(("10", None, "0.55"))}, "begins at 0"),
        ({"bands": bands(("0", "50000", "0.55"))}, "no upper limit"),
        ({"bands": bands(("0", None, "55"))}, "between 0 and 1"),
        ({"bands": bands(("0", None, "0.55555"))}, "four decimals"),
        ({"bands": bands(("0", None, "0.98"))}, "between 0 and 1"),  # 1.03 with the tilt
        ({"bands": ()}, "begins at 0"),
        ({"deductible": Decimal("-0.01")}, "not negative"),
        ({"cap": Decimal("-0.01")}, "not negative"),
        ({"bands": bands(("0", None, "-0.01")), "tilts": {}}, "between 0 and 1"),
        ({"bands": bands(("0", "0", "0.55"), ("0", None, "0.65"))}, "ends after it begins"),
        ({"bands": bands(("0", "9", "0.55"), ("9", "8", "0.6"), ("8", None, "0.65"))}, "ends after it begins"),
        ({"tilts": {"destitute": TiltTerms(Decimal("1.5"))}}, "between 0 and 1"),
        ({"tilts": {"destitute": TiltTerms(Decimal("-0.5"))}}, "between 0 and 1"),
        ({"tilts": {"rich": TiltTerms(Decimal(0))}}, "unknown group"),
        ({"tilts": {"destitute": TiltTerms(Decimal(40))}}, "between 0 and 1"),
        ({"year": 2018}, "not of 2017"),
        ({"band_basis": "income"}, "'excess' or 'cost'"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(TermsInvalid, match=reason):
        YearTerms(2017, (jilin_terms(**changes),))


@pytest.mark.parametrize(
    "days",
    [[date(2017, 2, 1)], [date(2017, 1, 2)], [NEW_YEAR, NEW_YEAR], [NEW_YEAR, date(2018, 1, 1)], []],
)
def test_the_versions_of_a_year_cover_it_in_order(days: list[date]) -> None:
    with pytest.raises(TermsInvalid):
        YearTerms(2017, tuple(jilin_terms(in_force_from=day) for day in days))


def test_a_claim_of_another_year_is_refused() -> None:
    with pytest.raises(TermsInvalid, match="not in the insurance year 2017"):
        person_year(YearTerms(2017, (jilin_terms(),)), [claim(1, date(2018, 1, 1), "1")])


claims = st.lists(
    st.builds(
        lambda number, day, burden: Claim(f"C{number:03}", NEW_YEAR + timedelta(days=day), "general", burden),
        st.integers(0, 999),
        st.integers(0, 364),
        st.integers(0, 100_000_00),
    ),
    max_size=30,
)


@given(claims)
@settings(max_examples=300, deadline=None)
def test_claims_add_up_to_the_benefit_of_the_year(person: list[Claim]) -> None:
    rows = person_year(YearTerms(2017, (jilin_terms(),)), person)
    assert sum(row.benefit for row in rows) == yearly_benefit(jilin_terms(), "general", sum(c.burden for c in person))
    assert all(row.benefit >= 0 for row in rows)


@given(st.integers(0, 2_000_000_00), st.sampled_from(GROUPS))
@settings(max_examples=1000, deadline=None)
def test_whole_fen_and_basis_points_agree_with_exact_fractions(burden: int, group: str) -> None:
    terms = jilin_terms()
    tilt = terms.tilts.get(group, TiltTerms(Decimal(0)))
    excess = Fraction(burden, 100) - Fraction(terms.deductible) * (1 - Fraction(tilt.deductible_cut))
    exact = sum(
        (
            Fraction(band.ratio + tilt.ratio_points)
            * max(Fraction(0), min(excess, Fraction(band.upper) if band.upper else excess) - Fraction(band.lower))
            for band in terms.bands
        ),
        Fraction(0),
    )
    assert yearly_benefit(terms, group, burden) == min(to_fen(round_fen(exact)), 300_000_00)


def test_a_curve_is_whole_fen_and_basis_points() -> None:
    poor = curve(jilin_terms(deductible=Decimal("20000.01")), "destitute")
    assert poor.deductible == 1_200_001  # 12,000.006 yuan, half up to the fen
    assert [piece.ratio for piece in poor.slices] == [6000, 7000, 8000]
