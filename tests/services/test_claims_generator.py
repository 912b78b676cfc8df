"""Invented claim files: the sum that was ordered, sizes as in life, and the same claims for the same order (F.4)."""

import hashlib
from collections import Counter
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from settlement.claims.generator import Generated, Order, generate
from settlement.claims.landing import land
from settlement.claims.recompute import Recomputation, recompute
from settlement.claims.writing import as_csv
from tests.factories.claims import year_terms

NUMBER = "JLDB-2017-01"


def order(benefit: str = "97000000", **changes: object) -> Order:
    return Order(**{"contract_number": NUMBER, "year": 2017, "insured": 1_600_000, "benefit": Decimal(benefit),
                    "terms": year_terms(), **changes})  # fmt: skip


@lru_cache(maxsize=1)
def made() -> Generated:
    return generate(order())


@pytest.fixture
def recomputation(tmp_path: Path) -> Recomputation:
    """The invented file sent through the real door and recomputed."""
    file = tmp_path / "claims.parquet"
    file.write_bytes(land(as_csv(made().claims), "claims.csv", 2017, NUMBER).parquet)
    return recompute(file, year_terms())


def test_the_recomputation_confirms_the_sum_and_finds_what_was_planted(recomputation: Recomputation) -> None:
    assert recomputation.totals.whole.benefit == made().benefit
    assert {finding.claim_id: finding.kind for finding in recomputation.findings} == made().planted
    assert set(made().planted.values()) >= {"rounding", "without_tilt", "without_cumulation", "other"}
    assert 0.0005 < len(made().planted) / made().claims.num_rows < 0.002


def test_sizes_are_as_in_life(recomputation: Recomputation) -> None:
    totals = recomputation.totals
    assert totals.whole.claims >= 20_000
    assert 0.003 <= totals.whole.beneficiaries / 1_600_000 <= 0.012
    assert 1.5 <= totals.whole.claims / totals.whole.persons <= 3
    assert 4_000 <= totals.whole.benefit / totals.whole.beneficiaries <= 9_000
    general = totals.splits["group"]["general"]
    assert 0.08 <= 1 - general.persons / totals.whole.persons <= 0.15
    assert 0.20 <= 1 - general.claims / totals.whole.claims <= 0.30
    autumn = sum(totals.splits["month"][month].claims for month in ("10", "11", "12"))
    assert autumn / totals.whole.claims > 0.35
    assert set(totals.splits["channel"]) == {"instant", "cross_region", "manual"}
    assert all("演示" in county for county in totals.splits["county"])


def test_there_is_a_long_tail() -> None:
    burden = np.sort(made().claims["self_paid_compliant"].to_numpy())
    assert burden[-1] > 200_000_00
    assert np.median(burden) < 20_000_00


@pytest.mark.parametrize("benefit", ["72000000", "115000000"])
def test_the_sum_is_met(benefit: str) -> None:
    assert abs(generate(order(benefit)).benefit - Decimal(benefit)) < 10


def test_small_contracts_still_have_twenty_thousand_claims() -> None:
    assert generate(order("30000000")).claims.num_rows >= 20_000


def test_a_sum_out_of_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be reached"):
        generate(order("9000000000", insured=1_000))


def test_the_same_order_gives_the_same_bytes_and_another_contract_others() -> None:
    assert as_csv(generate(order()).claims) == as_csv(made().claims)
    other = generate(order(contract_number="JLDB-2017-02"))
    assert Counter(other.claims["self_paid_compliant"].to_pylist()) != Counter(
        made().claims["self_paid_compliant"].to_pylist()
    )


def test_the_bytes_are_the_same_on_every_machine() -> None:
    """Whole numbers from a fixed stream: a change of this fingerprint changes the published demonstration."""
    assert hashlib.sha256(as_csv(made().claims)).hexdigest()[:16] == "8100aacbad51f31f"
