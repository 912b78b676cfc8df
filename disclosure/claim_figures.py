"""What a disclosure tells of a year's claims beyond the settlement sheet, counted from the landed file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.calendar import WorkingCalendar, china
from core.money import from_fen
from settlement.claims.engines import connect
from settlement.claims.format import CHANNELS
from settlement.rules.benefits import YearTerms

if TYPE_CHECKING:
    from ibis import BaseBackend
    from ibis.expr.types import Table


@dataclass(frozen=True)
class BandCount:
    """Beneficiaries whose burden of the year ended in a band (1 is the first above the deductible); yuan."""

    band: int
    general: int
    favoured: int
    amount: Decimal


@dataclass(frozen=True)
class ChannelCount:
    """Claims of one channel: how many, how many within the promised working days, and their benefit in yuan."""

    channel: str
    settled: int
    on_time: int
    amount: Decimal


@dataclass(frozen=True)
class MonthCount:
    """Claims paid in one calendar month, and their benefit in yuan."""

    year: int
    month: int
    cases: int
    amount: Decimal


@dataclass(frozen=True)
class ClaimFigures:
    """Figures of a year's claims under the terms in force on each day; amounts in yuan.

    compliant, basic_fund, benefit: of those who received a benefit, for the share of compliant costs they were paid.
    """

    bands: tuple[BandCount, ...]
    channels: tuple[ChannelCount, ...]
    months: tuple[MonthCount, ...]
    compliant: Decimal
    basic_fund: Decimal
    benefit: Decimal


def claim_figures(parquet: Path, terms: YearTerms, promised: int) -> ClaimFigures:
    """Count a landed claim file. promised: working days from acceptance within which the contract has claims paid."""
    # With the engine: loading it takes longer than a page.
    import ibis

    from settlement.claims.expression import SCHEMA, recomputed

    backend = connect("duckdb")
    claims = recomputed(backend.read_parquet(str(parquet)).select(*SCHEMA.names), terms)
    claims = claims.mutate(favoured=(claims.group != "general").cast("int64"))
    claims = backend.create_table("recomputed", claims, temp=True)
    persons = claims.group_by("person_id").aggregate(
        band=claims.band.max(),
        favoured=claims.favoured.max(),
        benefit=claims.benefit.sum(),
        compliant=claims.compliant_cost.sum(),
        basic_fund=claims.basic_fund_paid.sum(),
    )
    persons = persons.filter(persons.benefit > 0)
    bands = persons.group_by(["band", "favoured"]).aggregate(
        persons=persons.count(),
        benefit=persons.benefit.sum(),
        compliant=persons.compliant.sum(),
        basic_fund=persons.basic_fund.sum(),
    )
    paid = claims.group_by(["channel", "accepted_on", "paid_on"]).aggregate(
        cases=ibis._.count(), benefit=claims.benefit.sum()
    )
    band_rows, paid_rows = _rows(backend, bands), _rows(backend, paid)
    return ClaimFigures(
        bands=_bands(band_rows, len(terms.versions[-1].bands)),
        channels=_channels(paid_rows, promised, china()),
        months=_months(paid_rows),
        compliant=_sum(band_rows, "compliant"),
        basic_fund=_sum(band_rows, "basic_fund"),
        benefit=_sum(band_rows, "benefit"),
    )


def _rows(backend: "BaseBackend", table: "Table") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = backend.to_pyarrow(table).to_pylist()
    return rows


def _sum(rows: Iterable[Mapping[str, Any]], key: str) -> Decimal:
    return from_fen(sum(int(row[key]) for row in rows))


def _bands(rows: list[dict[str, Any]], count: int) -> tuple[BandCount, ...]:
    def of(band: int) -> list[dict[str, Any]]:
        return [row for row in rows if row["band"] == band]

    return tuple(
        BandCount(
            band,
            sum(int(row["persons"]) for row in of(band) if not row["favoured"]),
            sum(int(row["persons"]) for row in of(band) if row["favoured"]),
            _sum(of(band), "benefit"),
        )
        for band in range(1, count + 1)
    )


def _channels(rows: list[dict[str, Any]], promised: int, calendar: WorkingCalendar) -> tuple[ChannelCount, ...]:
    days: dict[tuple[date, date], int] = {}
    found = []
    for channel in CHANNELS:
        own = [row for row in rows if row["channel"] == channel]
        on_time = 0
        for row in own:
            span = (row["accepted_on"], row["paid_on"])
            if span not in days:
                days[span] = calendar.between(*span)
            on_time += int(row["cases"]) if days[span] <= promised else 0
        found.append(ChannelCount(channel, sum(int(row["cases"]) for row in own), on_time, _sum(own, "benefit")))
    return tuple(found)


def _months(rows: list[dict[str, Any]]) -> tuple[MonthCount, ...]:
    parts: defaultdict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        parts[row["paid_on"].year, row["paid_on"].month].append(row)
    return tuple(
        MonthCount(year, month, sum(int(row["cases"]) for row in part), _sum(part, "benefit"))
        for (year, month), part in sorted(parts.items())
    )
