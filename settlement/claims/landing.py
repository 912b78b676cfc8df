"""Lands a sound claim file as Parquet in whole fen: the form every later scan and recomputation reads."""

import io
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import FileInvalid, N_
from core.money import from_fen
from settlement.claims.checking import check
from settlement.claims.format import COLUMNS, LANDED, WORDS, Column
from settlement.claims.reading import read_as_text
from settlement.claims.terms import terms_data, terms_of
from settlement.rules.benefits import YearTerms

#: Rows of a group in the landed file: what one thread of a scan takes at a time.
ROW_GROUP = 122_880

_FORMAT, _YEAR, _TERMS = "chengban.format", "chengban.year", "chengban.terms"


@dataclass(frozen=True)
class Landed:
    """A claim file as landed. parquet: its bytes; reported_benefit: yuan, the insurer's own sum."""

    parquet: bytes
    rows: int
    persons: int
    reported_benefit: Decimal
    contract_number: str | None


def land(
    content: bytes,
    name: str,
    year: int,
    contract_number: str | None = None,
    terms: YearTerms | None = None,
    *,
    covered_until: date | None = None,
) -> Landed:
    """Check a claim file (CSV in UTF-8 or GB18030, XLSX, Parquet) and land it; with `terms`, the file carries them.

    The bytes depend on what is given alone. Raises FileInvalid with every fault found, by row; nothing is written.
    """
    source = read_as_text(content, name)
    if not source.num_rows:
        raise FileInvalid(N_("The claim file %(file)s has no claims"), [], file=name)
    with duckdb.connect() as connection:
        connection.register("as_it_came", source)
        trimmed = ", ".join(f'trim("{column.name}") AS "{column.name}"' for column in COLUMNS)
        connection.execute(f'CREATE TEMP TABLE source AS SELECT "row", {trimmed} FROM as_it_came')
        check(connection, name, year, contract_number, covered_until)
        cells = ", ".join(f'{_typed(column)} AS "{column.name}"' for column in COLUMNS)
        landed = connection.sql(f'SELECT "row", {cells} FROM source ORDER BY "row"').to_arrow_table()
        totals = connection.execute(
            "SELECT count(DISTINCT person_id), CAST(sum(CAST(reported_benefit AS DECIMAL(14,2))) * 100 AS BIGINT), "
            "min(contract_number) FROM source"
        ).fetchone()
    persons, reported, number = totals or (0, 0, "")
    return Landed(as_parquet(landed, year, terms), landed.num_rows, persons, from_fen(reported), number or None)


def as_parquet(claims: pa.Table, year: int, terms: YearTerms | None = None) -> bytes:
    """Typed claims (amounts in fen) as the bytes of a landed file, with the terms they are to be recomputed under."""
    marks = {_FORMAT: LANDED, _YEAR: str(year)}
    if terms is not None:
        marks[_TERMS] = json.dumps(terms_data(terms), ensure_ascii=False, sort_keys=True)
    out = io.BytesIO()
    pq.write_table(claims.replace_schema_metadata(marks), out, compression="zstd", row_group_size=ROW_GROUP)
    return out.getvalue()


def landed_year(content: bytes) -> int | None:
    """The insurance year of a landed file, None for bytes that are no landed file."""
    marks = _marks(content)
    return int(marks[_YEAR]) if marks.get(_FORMAT) == LANDED else None


def landed_terms(content: bytes) -> YearTerms | None:
    """The terms a landed file carries, None where it carries none."""
    marks = _marks(content)
    return terms_of(json.loads(marks[_TERMS])) if marks.get(_FORMAT) == LANDED and _TERMS in marks else None


def _marks(content: bytes) -> dict[str, str]:
    if not content.startswith(b"PAR1"):
        return {}
    try:
        metadata = pq.read_schema(io.BytesIO(content)).metadata or {}
    except pa.ArrowException:
        return {}
    return {key.decode(): value.decode() for key, value in metadata.items() if key.startswith(b"chengban.")}


def _typed(column: Column) -> str:
    cell = f'"{column.name}"'
    match column.kind:
        case "amount":
            return f"CAST(CAST({cell} AS DECIMAL(14,2)) * 100 AS BIGINT)"
        case "date":
            return f"CAST(nullif({cell}, '') AS DATE)"
        case "word":
            pairs = " ".join(f"WHEN '{chinese}' THEN '{word}'" for word, chinese in WORDS[column.name].items())
            return f"CASE {cell} {pairs} ELSE {cell} END"
        case _:
            return cell
