"""Recomputing a claim file: the one expression against the pure rule, its totals, its findings, its form for Spark."""

import random
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import Invalid
from core.policy.model import BenefitBand, TiltTerms
from settlement.claims.engines import connect
from settlement.claims.expression import SCHEMA, recomputed
from settlement.claims.landing import as_parquet, land
from settlement.claims.recompute import Recomputation, recompute
from settlement.rules.benefits import GROUPS, Claim, YearTerms, person_year
from tests.factories.claims import csv_file, row, year_terms


def run(tmp_path: Path, *rows: dict[str, str], terms: YearTerms | None = None) -> Recomputation:
    file = tmp_path / "claims.parquet"
    file.write_bytes(land(csv_file(*rows), "claims.csv", 2017).parquet)
    return recompute(file, terms or year_terms())


def changing_terms() -> YearTerms:
    """A deductible in odd fen, other ratios and maximum from July, no maximum for the destitute."""
    first = year_terms().versions[0]
    spring = replace(
        first,
        deductible=Decimal("12345.67"),
        cap=Decimal(60_000),
        tilts={**first.tilts, "destitute": TiltTerms(Decimal("0.80"), ratio_floor=Decimal("0.80"), cap_lifted=True)},
    )
    bands = tuple(BenefitBand(band.lower, band.upper, band.ratio + Decimal("0.0333")) for band in first.bands)
    summer = replace(spring, in_force_from=date(2017, 7, 1), bands=bands, cap=Decimal(90_000), band_basis="cost")
    return YearTerms(2017, (spring, summer))


def random_claims(count: int, seed: str) -> pa.Table:
    """Claims of few persons with odd fen and shared days; a person's group may change."""
    chance = random.Random(seed)
    burdens = [int(chance.lognormvariate(14, 1.5)) for _ in range(count)]
    days = [date(2017, 1, 1) + timedelta(chance.randrange(0, 365, 5)) for _ in range(count)]
    groups = [chance.choice(GROUPS) for _ in range(count)]
    columns = {
        "row": pa.array(range(2, count + 2), pa.int64()),
        "claim_id": [f"C{number:06}" for number in chance.sample(range(count), count)],
        "person_id": [f"P{chance.randrange(count // 4 + 1)}" for _ in range(count)],
        "settled_on": days,
        "group": groups,
        "county": [f"演示{chance.randrange(3)}县" for _ in range(count)],
        "channel": ["instant"] * count,
        "total_cost": pa.array([burden * 3 for burden in burdens], pa.int64()),
        "compliant_cost": pa.array([burden * 2 for burden in burdens], pa.int64()),
        "basic_fund_paid": pa.array(burdens, pa.int64()),
        "self_paid_compliant": pa.array(burdens, pa.int64()),
        "reported_benefit": pa.array([0] * count, pa.int64()),
        "accepted_on": days,
        "paid_on": [day + timedelta(10) for day in days],
    }
    return pa.table(columns)


@pytest.mark.parametrize("terms", [year_terms(), changing_terms()], ids=["one version", "changed in July"])
def test_the_expression_pays_what_the_pure_rule_pays(tmp_path: Path, terms: YearTerms) -> None:
    claims, file, out = random_claims(4_000, "oracle"), tmp_path / "claims.parquet", tmp_path / "result.parquet"
    file.write_bytes(as_parquet(claims, 2017))
    recompute(file, terms, out=out)
    persons = defaultdict(list)
    for one in claims.to_pylist():
        persons[one["person_id"]].append(
            Claim(one["claim_id"], one["settled_on"], one["group"], one["self_paid_compliant"])
        )
    expected = {
        right.claim.claim_id: (right.before, right.after, right.version, right.uncut, right.benefit)
        for person in persons.values()
        for right in person_year(terms, person)
    }
    columns = ("burden_before", "burden_after", "version", "uncut", "benefit")
    got = {one["claim_id"]: tuple(one[name] for name in columns) for one in pq.read_table(out).to_pylist()}
    assert got == expected


def test_a_year_of_one_claim_agrees_with_decimals(tmp_path: Path) -> None:
    """Half a fen goes up, also where binary fractions would let it fall: a second oracle that shares no code."""
    claims, out = random_claims(2_000, "decimal"), tmp_path / "result.parquet"
    claims = claims.set_column(2, "person_id", pa.array([f"P{number}" for number in range(2_000)]))
    claims = claims.set_column(4, "group", pa.array(["general"] * 2_000))
    (tmp_path / "claims.parquet").write_bytes(as_parquet(claims, 2017))
    recompute(tmp_path / "claims.parquet", year_terms(), out=out)
    for one in pq.read_table(out).to_pylist():
        excess = max(Decimal(one["self_paid_compliant"]) / 100 - 20_000, Decimal(0))
        exact = (
            min(excess, 50_000) * Decimal("0.55")
            + min(max(excess - 50_000, 0), 50_000) * Decimal("0.65")
            + max(excess - 100_000, 0) * Decimal("0.75")
        )
        benefit = min(exact.quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal(300_000))
        assert one["benefit"] == benefit * 100


def test_totals_split_every_way_and_add_up(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        row(1, person_id="P1"),
        row(
            2,
            person_id="P1",
            settled_on="2017-12-01",
            reported_benefit="16500.00",
            accepted_on="2017-12-01",
            paid_on="2017-12-31",
        ),
        row(3, group="destitute", channel="manual", county="演示乡", reported_benefit="10800.00"),
        row(4, self_paid_compliant="10000.00", reported_benefit="0.00"),
    ).totals
    assert (result.whole.claims, result.whole.persons, result.whole.beneficiaries) == (4, 3, 2)
    assert (result.whole.benefit, result.whole.findings) == (Decimal("32800.00"), 0)
    assert {value: tally.benefit for value, tally in result.splits["group"].items()} == {
        "destitute": Decimal("10800.00"),
        "general": Decimal("22000.00"),
    }
    assert {value: tally.claims for value, tally in result.splits["band"].items()} == {"0": 1, "1": 3}
    assert set(result.splits["month"]) == {"3", "12"}
    for split in result.splits.values():
        for counted in ("claims", "persons", "beneficiaries", "benefit", "total_cost"):
            assert sum(getattr(tally, counted) for tally in split.values()) == getattr(result.whole, counted)
    assert result.days_to_pay == {10: 3, 30: 1}
    assert (result.share_paid_within(10), result.share_paid_within(9)) == (Decimal("0.7500"), Decimal("0.0000"))
    assert result.as_data()["splits"]["group"]["destitute"]["benefit"] == "10800.00"


@pytest.mark.parametrize(
    ("kind", "reported", "rows"),
    [
        ("rounding", "5499.99", [row()]),
        ("without_tilt", "5500.00", [row(group="low_income")]),
        ("without_cumulation", "5500.00", [row(2, person_id="P0001", settled_on="2017-06-01")]),
        ("other", "5555.00", [row()]),
    ],
)
def test_a_wrong_benefit_is_found_and_its_kind_named(
    tmp_path: Path, kind: str, reported: str, rows: list[dict[str, str]]
) -> None:
    *_, wrong = rows
    before = [] if wrong["claim_id"] == "C0001" else [row()]
    (finding,) = run(tmp_path, *before, {**wrong, "reported_benefit": reported}).findings
    assert (finding.kind, finding.claim_id, str(finding.reported)) == (kind, wrong["claim_id"], reported)
    assert finding.row == len(before) + 2


def test_a_payment_over_the_maximum_is_found(tmp_path: Path) -> None:
    costly = {"total_cost": "1000000", "compliant_cost": "1000000", "basic_fund_paid": "500000"}
    (finding,) = run(tmp_path, row(**costly, self_paid_compliant="450000.00", reported_benefit="307500.00")).findings
    assert (finding.kind, finding.recomputed) == ("over_maximum", Decimal("300000.00"))
    assert finding.explanation["formula"] == "B(450,000.00) − B(0.00), maximum 300,000.00"


def test_a_finding_explains_the_right_benefit(tmp_path: Path) -> None:
    (finding,) = run(tmp_path, row(group="low_income", reported_benefit="0.00")).findings
    assert finding.explanation == {
        "group": "low_income",
        "settled_on": "2017-03-01",
        "burden_before": "0.00",
        "burden_after": "30000.00",
        "deductible": "12000.00",
        "bands": [
            {"lower": "12000.00", "upper": "62000.00", "ratio": "0.6000", "burden_in_band": "18000.00"},
            {"lower": "62000.00", "upper": "112000.00", "ratio": "0.7000", "burden_in_band": "0.00"},
            {"lower": "112000.00", "upper": None, "ratio": "0.8000", "burden_in_band": "0.00"},
        ],
        "maximum": "300000.00",
        "before_maximum": "10800.00",
        "benefit": "10800.00",
        "formula": "B(30,000.00) − B(0.00)",
        "clause": "演示",
    }


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    file = tmp_path / "claims.parquet"
    file.write_bytes(as_parquet(random_claims(3_000, "same"), 2017))
    for name in ("first", "second"):
        recompute(file, year_terms(), out=tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_spark_gets_the_same_expression() -> None:
    query = ibis.to_sql(recomputed(ibis.table(SCHEMA, name="claims"), changing_terms()), dialect="pyspark")
    assert "PARTITION BY" in query
    assert "MAKE_DATE(2017, 7, 1)" in query
    assert "6000000" in query, "the maximum of 60,000 yuan, in fen"
    assert "FLOOR" not in query.upper(), "a quotient through binary fractions is not exact"


def test_spark_is_asked_for_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(Invalid, match="Spark is not installed"):
        connect("spark")
