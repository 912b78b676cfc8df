"""The claims behind row 7, read from the landed file: masked, narrowed and counted by DuckDB, never all in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from core.money import from_fen

#: How many claims a list holds; it always says how many there are.
LISTED = 2_000


@dataclass(frozen=True)
class ListedClaim:
    """One claim without what could name a person: the pseudonym's last characters only, no group, no county. Yuan.

    row: its place in the file, as a spreadsheet counts.
    """

    row: int
    claim_id: str
    person: str
    settled_on: date
    channel: str
    total_cost: Decimal
    compliant_cost: Decimal
    basic_fund_paid: Decimal
    self_paid_compliant: Decimal
    reported_benefit: Decimal
    paid_on: date


@dataclass(frozen=True)
class ListedClaims:
    """The first LISTED claims that match, how many match, and what they report together in yuan."""

    claims: Sequence[ListedClaim]
    count: int
    reported: Decimal


def masked(person: str) -> str:
    """A pseudonym as a list may show it: '••' and its last four characters, fewer where it is short."""
    return "••" + person[-4:] if len(person) > 6 else "••" + person[-1:]


def list_claims(parquet: Path, *, channel: str = "", month: int = 0, claim: str = "") -> ListedClaims:
    """The claims of a landed file in the order of the file; channel, month: of settlement; claim: part of a number."""
    where, values = ["true"], [str(parquet)]
    for condition, value in (
        ("channel = ?", channel), ("month(settled_on) = ?", str(month) if month else ""),
        ("contains(lower(claim_id), lower(?))", claim),
    ):  # fmt: skip
        if value:
            where.append(condition)
            values.append(value)
    matching = " AND ".join(where)
    with duckdb.connect() as connection:
        total = connection.execute(
            "SELECT count(*), coalesce(CAST(sum(reported_benefit) AS BIGINT), 0) "
            f"FROM read_parquet(?) WHERE {matching}",
            values,
        ).fetchone()
        rows = connection.execute(
            'SELECT "row", claim_id, person_id, settled_on, channel, total_cost, compliant_cost, basic_fund_paid, '
            f'self_paid_compliant, reported_benefit, paid_on FROM read_parquet(?) WHERE {matching} ORDER BY "row" '
            f"LIMIT {LISTED}",
            values,
        ).fetchall()
    count, reported = total or (0, 0)
    return ListedClaims([_claim(row) for row in rows], count, from_fen(reported))


def _claim(row: tuple) -> ListedClaim:
    place, claim_id, person, settled_on, channel, *amounts, paid_on = row
    total, compliant, fund, own, reported = map(from_fen, amounts)
    return ListedClaim(
        place, claim_id, masked(person), settled_on, channel, total, compliant, fund, own, reported, paid_on
    )


@dataclass(frozen=True)
class WholeClaim:
    """What the list leaves out of one claim, to be shown to whoever gave a reason: never stored, logged or cached."""

    claim_id: str
    person: str
    group: str
    county: str
    admitted_on: date | None
    settled_on: date
    channel: str
    accepted_on: date
    paid_on: date
    reported_benefit: Decimal


def whole_claim(parquet: Path, row: int) -> WholeClaim | None:
    """The claim in one row of a landed file, unmasked; None where the file has no such row."""
    with duckdb.connect() as connection:
        found = connection.execute(
            'SELECT claim_id, person_id, "group", county, admitted_on, settled_on, channel, accepted_on, paid_on, '
            'reported_benefit FROM read_parquet(?) WHERE "row" = ?',
            [str(parquet), row],
        ).fetchone()
    if found is None:
        return None
    names = [field.name for field in fields(WholeClaim)]
    return WholeClaim(**dict(zip(names, (*found[:-1], from_fen(found[-1])), strict=True)))
