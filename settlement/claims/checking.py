"""Checks every cell of a claim file while it is still text, and names each fault by row, column and value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb

from core.errors import FileInvalid, N_
from settlement.claims.format import COLUMNS, WORDS, Column

#: How many faults a refusal lists; it always says how many there are.
LISTED = 50
#: How much of a cell a fault repeats.
SHOWN = 100

AMOUNT = r"^[0-9]{1,11}(\.[0-9]{1,2})?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
#: Control characters, and marks that hide or turn round what people read.
UNSEEN = r"[\x00-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}]"


AFTER_COVER = N_("is after the last day of cover: the contract ended early")


@dataclass(frozen=True)
class Check:
    """A fault to look for: the column it is told at, when it holds (SQL over the text columns), and what is wrong."""

    column: str
    holds: str
    reason: str


def check(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    year: int,
    contract_number: str | None,
    covered_until: date | None = None,
) -> None:
    """Raise FileInvalid with the faults of the text table `source`, the first LISTED by row; do nothing if it is sound.

    A fault hides later checks of the same cell. Where the file names contracts, it must be this one
    (without a contract number: the same in every row). covered_until: the last day of a contract that ended early.
    """
    number = contract_number if contract_number is not None else _first_number(connection)
    reasons = list(_by_column(year, number))
    if covered_until is not None:
        late = Check("settled_on", f"TRY_CAST(\"settled_on\" AS DATE) > DATE '{covered_until}'", AFTER_COVER)
        reasons = [(column, [*checks, late] if column == late.column else checks) for column, checks in reasons]
    flags = ", ".join(f"{_first_fault(checks)} AS f{at}" for at, (_, checks) in enumerate(reasons))
    connection.execute(f"CREATE TEMP VIEW flagged AS SELECT *, {flags} FROM source")
    columns = range(len(reasons))
    counted = ", ".join(f"count(f{at})" for at in columns)
    counts = connection.execute(f"SELECT {counted} FROM flagged").fetchone() or ()
    found: list[tuple[int, int, str, str]] = []
    for at in (at for at in columns if counts[at]):
        column, checks = reasons[at]
        rows = connection.execute(
            f'SELECT "row", {_shown(column)}, f{at} FROM flagged WHERE f{at} IS NOT NULL ORDER BY "row" LIMIT {LISTED}'
        ).fetchall()
        found += [(row, at, f"row {row}, {column} “{value}”", checks[which].reason) for row, value, which in rows]
    connection.execute("DROP VIEW flagged")
    _refuse(name, sum(counts), sorted(found))


def _refuse(name: str, count: int, found: list[tuple[int, int, str, str]]) -> None:
    if count:
        message = N_("The claim file %(file)s cannot be used; it has %(count)s faults, the first are:")
        if count == 1:
            message = N_("The claim file %(file)s cannot be used; it has %(count)s fault:")
        faults = [(place, reason) for _, _, place, reason in found[:LISTED]]
        raise FileInvalid(message, faults, file=name, count=count)


def _shown(column: str) -> str:
    """The cell as a fault names it: whoever sends a whole book in one cell does not get it back."""
    return f"""CASE WHEN length("{column}") > {SHOWN} THEN left("{column}", {SHOWN}) || '…' ELSE "{column}" END"""


def _first_fault(checks: list[Check]) -> str:
    return "CASE " + " ".join(f"WHEN {check.holds} THEN {at}" for at, check in enumerate(checks)) + " END"


def _first_number(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute('SELECT contract_number FROM source ORDER BY "row" LIMIT 1').fetchone()
    return row[0] if row else ""


def _by_column(year: int, number: str) -> Iterator[tuple[str, list[Check]]]:
    together = list(_together())
    for column in COLUMNS:
        cell = f'"{column.name}"'
        checks = [Check(column.name, holds, reason) for holds, reason in _of_kind(column, cell, year, number)]
        checks += [check for check in together if check.column == column.name]
        yield column.name, checks


def _of_kind(column: Column, cell: str, year: int, number: str) -> Iterator[tuple[str, str]]:
    if column.required:
        yield f"{cell} = ''", N_("is empty")
    match column.kind:
        case "code" | "pseudonym":
            yield f"length({cell}) > 60", N_("is longer than 60 characters")
            yield f"regexp_matches({cell}, '{UNSEEN}')", N_("has characters that cannot be seen")
            if column.kind == "pseudonym":
                yield f"regexp_matches({cell}, '^[0-9]{{17}}[0-9Xx]$')", N_("looks like an identity number")
            if column.name == "claim_id":
                yield (
                    'row_number() OVER (PARTITION BY "claim_id" ORDER BY "row") > 1',
                    N_("appears in an earlier row"),
                )
        case "word":
            words = [word for pair in WORDS[column.name].items() for word in pair]
            yield f"{cell} NOT IN ({', '.join(map(_quoted, words))})", N_("is not a known word of this column")
        case "contract":
            yield f"{cell} <> '' AND {cell} <> {_quoted(number)}", N_("is not the number of this contract")
        case "date":
            given = "" if column.required else f"{cell} <> '' AND "
            yield f"{given}regexp_matches({cell}, '[０-９]')", N_("has full-width digits")
            yield (
                f"{given}(NOT regexp_matches({cell}, '{DAY}') OR TRY_CAST({cell} AS DATE) IS NULL)",
                N_("is not a day written as 2017-01-31"),
            )
            if column.name == "settled_on":
                yield f"year(TRY_CAST({cell} AS DATE)) <> {year}", N_("is outside the insurance year")
        case "amount":
            yield f"regexp_matches({cell}, '[０-９．，－]')", N_("has full-width digits")
            yield f"regexp_matches({cell}, '^[-−]')", N_("is negative")
            yield rf"regexp_matches({cell}, '^[0-9]+\.[0-9]{{3,}}$')", N_("has a fraction of a fen")
            yield f"NOT regexp_matches({cell}, '{AMOUNT}')", N_("is not an amount in yuan such as 12345.67")


def _together() -> Iterator[Check]:
    """What cells must be to one another; a cell that is faulty itself compares as nothing."""
    total, compliant, fund, own = (
        f'CASE WHEN regexp_matches("{name}", \'{AMOUNT}\') THEN CAST("{name}" AS DECIMAL(14,2)) END'
        for name in ("total_cost", "compliant_cost", "basic_fund_paid", "self_paid_compliant")
    )
    admitted, settled, accepted, paid = (
        f'CASE WHEN regexp_matches("{name}", \'{DAY}\') THEN TRY_CAST("{name}" AS DATE) END'
        for name in ("admitted_on", "settled_on", "accepted_on", "paid_on")
    )
    yield Check("compliant_cost", f"{compliant} > {total}", N_("is more than total_cost"))
    yield Check("self_paid_compliant", f"{fund} + {own} > {compliant}", N_("and basic_fund_paid exceed compliant_cost"))
    yield Check("admitted_on", f"{admitted} > {settled}", N_("is after settled_on"))
    yield Check("paid_on", f"{paid} < {accepted}", N_("is before accepted_on"))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
