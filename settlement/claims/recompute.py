"""Recomputes a landed claim file and reports totals and findings; one call for pages, jobs and the command line."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    result = recomputed(claims, terms)
    if out is not None:
        backend.to_parquet(result.order_by("row"), str(out))
        result = backend.read_parquet(str(out))
    finest = _rows(backend, cells(result))
    sums = totals(finest, _rows(backend, days_to_pay(claims)))
    persons = sorted({person for cell in finest for person in cell["differing"] or ()})[:LISTED]
    found: list[Finding] = []
    if persons:
        found = find(terms, _rows(backend, recomputed(claims.filter(claims.person_id.isin(persons)), terms)))
    return Recomputation(sums, tuple(found[:LISTED]), f"{engine} {backend.version}", terms_hash(terms))


def _rows(backend: "BaseBackend", table: "Table") -> list[dict[str, Any]]:
    return backend.to_pyarrow(table).to_pylist()
