"""A million claims recomputed, totals and findings included, against a bare scan of the same columns of the file."""

import tempfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from bench import Ratio, compare
from core.policy.model import BenefitBand, BenefitTerms, TiltTerms
from settlement.claims.expression import SCHEMA
from settlement.claims.generator import Order, generate
from settlement.claims.landing import as_parquet
from settlement.claims.recompute import recompute
from settlement.rules.benefits import GROUPS, YearTerms

ROWS = 1_000_000


def ratios() -> Iterable[Ratio]:
    """The recomputation against `SELECT sum(hash(…))` over every column it reads, in DuckDB."""
    terms = _terms()
    with tempfile.TemporaryDirectory(prefix="chengban-bench-") as folder:
        file = Path(folder) / "claims.parquet"
        file.write_bytes(_million(terms))
        columns = ", ".join(f'"{name}"' for name in SCHEMA.names)

        def scan() -> None:
            with duckdb.connect() as connection:
                connection.execute(f"SELECT sum(hash({columns})) FROM read_parquet('{file}')").fetchall()

        yield compare(
            "recompute 1,000,000 claims",
            lambda: recompute(file, terms),
            "DuckDB scan of the same columns",
            scan,
            rounds=5,
            warm=1,
        )


def _terms() -> YearTerms:
    """Invented terms with a tilt, a maximum and three bands, as Jilin's J6 and J7 ask."""
    steps = (("0", "50000", "0.55"), ("50000", "100000", "0.65"), ("100000", None, "0.75"))
    bands = tuple(
        BenefitBand(Decimal(low), None if up is None else Decimal(up), Decimal(ratio)) for low, up, ratio in steps
    )
    tilts = {group: TiltTerms(Decimal("0.40"), Decimal("0.05")) for group in GROUPS[1:]}
    return YearTerms(2017, (BenefitTerms(2017, Decimal(20_000), bands, Decimal(300_000), tilts),))


def _million(terms: YearTerms) -> bytes:
    order = Order("BENCH", 2017, 100_000_000, Decimal(3_000_000_000), terms, least_claims=ROWS)
    claims = generate(order).claims.slice(0, ROWS)
    return as_parquet(claims.add_column(0, "row", pa.array(range(2, ROWS + 2), pa.int64())), 2017)
