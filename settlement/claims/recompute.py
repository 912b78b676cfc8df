"""Recomputes a landed claim file and reports totals and findings; one call for pages, jobs and the command line."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from settlement.claims.engines import Engine, connect
from settlement.claims.findings import Finding, find
from settlement.claims.terms import terms_hash
from settlement.claims.totals import Totals, cells, days_to_pay, totals
from settlement.rules.benefits import YearTerms

if TYPE_CHECKING:
    from ibis import BaseBackend
    from ibis.expr.types import Table

#: How many findings are listed with their explanation; `totals.whole.findings` always counts all.
LISTED = 10_000


@dataclass(frozen=True)
class Recomputation:
    """What a claim file comes to under the terms. engine: name and version; terms_hash: of the terms applied."""

    totals: Totals
    findings: tuple[Finding, ...]
    engine: str
    terms_hash: str


def recompute(parquet: Path, terms: YearTerms, engine: Engine = "duckdb", out: Path | None = None) -> Recomputation:
    """Recompute a landed claim file; with `out`, keep every claim's result there as Parquet (Spark: a folder).

    Raises Invalid where the engine is not installed.
    """
    # With the engine: see settlement.claims.engines.
    from settlement.claims.expression import SCHEMA, recomputed

    backend = connect(engine)
    claims = backend.read_parquet(str(parquet)).select(*SCHEMA.names)
    with tempfile.TemporaryDirectory(prefix="chengban-claims-") as folder:
        result = recomputed(claims, terms)
        kept = out or Path(folder) / "result.parquet"
        backend.to_parquet(result if out is None else result.order_by("row"), str(kept))
        stored = backend.read_parquet(str(kept))
        sums = totals(_rows(backend, cells(stored)), _rows(backend, days_to_pay(stored)))
        found = find(terms, _rows(backend, _persons_with_findings(stored))) if sums.whole.findings else []
    return Recomputation(sums, tuple(found), f"{engine} {backend.version}", terms_hash(terms))


def _persons_with_findings(stored: "Table") -> "Table":
    """Every claim of the persons who have one of the first LISTED findings."""
    differing = stored.filter(stored.benefit != stored.reported_benefit).order_by("row").limit(LISTED)
    return stored.semi_join(differing.select("person_id").distinct(), "person_id").order_by("row")


def _rows(backend: "BaseBackend", table: "Table") -> list[dict[str, object]]:
    return backend.to_pyarrow(table).to_pylist()
