"""The flat tables of the open data: contract years, their figures, settlements and disclosures; every value a text."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.clock import local_time
from disclosure.opendata.exact import dumps
from disclosure.record import PublicYear
from disclosure.rules.frozen import thaw
from disclosure.rules.open_tables import as_text, final_accounts_tables
from settlement.rules.sharing import exact_text


@dataclass(frozen=True)
class FlatTable:
    """A table of the export: its file name without ending, its columns and rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def csv(self) -> bytes:
        """RFC 4180 with the mark that spreadsheets need; amounts are plain digits."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return out.getvalue().encode("utf-8-sig")

    @property
    def json(self) -> bytes:
        """One object a row, every value a text."""
        return dumps([dict(zip(self.columns, row, strict=True)) for row in self.rows])


def flat_tables(years: Sequence[PublicYear]) -> tuple[FlatTable, ...]:
    """All tables of the export, oldest year first."""
    ordered = sorted(years, key=lambda year: (year.contract.year, year.contract.number))
    return (contract_years(ordered), figures(ordered), settlements(ordered), disclosures(ordered))


def contract_years(years: Sequence[PublicYear]) -> FlatTable:
    """One row a contract year: parties, insured, funding standard and premium."""
    columns = (
        "contract", "year", "tender", "lot", "scheme", "area", "insurer", "policyholder", "agreement",
        "insured", "funding_standard", "premium", "signed_on", "pack", "pack_hash",
    )  # fmt: skip
    rows = [
        (
            year.contract.number,
            year.contract.year,
            year.tender.number,
            year.lot.position,
            year.agreement.scheme.value,
            year.agreement.area,
            year.insurer.name,
            year.policyholder.name,
            year.agreement.number,
            year.contract.insured_count,
            year.contract.funding_standard,
            year.contract.premium,
            _day(year.contract.agency_signed_at),
            year.contract.pack,
            year.contract.pack_hash,
        )
        for year in years
    ]
    return FlatTable("contract-years", columns, tuple(tuple(_text(value) for value in row) for row in rows))


def figures(years: Sequence[PublicYear]) -> FlatTable:
    """The tables of every published final-accounts disclosure, one value a row; small cells stay withheld."""
    rows = []
    for year in years:
        if year.final is None:
            continue
        context = {**thaw(year.final.data), "corrections": []}
        for table in final_accounts_tables(context):
            for row in table.rows:
                for column, value in zip(table.columns[1:], row[1:], strict=True):
                    if value is not None:
                        place = (year.contract.number, str(year.contract.year), table.name, table.title)
                        rows.append((*place, as_text(row[0]), column, as_text(value)))
    columns = ("contract", "year", "table", "title", "item", "column", "value")
    return FlatTable("figures", columns, tuple(rows))


def settlements(years: Sequence[PublicYear]) -> FlatTable:
    """One row a settled contract year whose final accounts are published."""
    columns = (
        "contract", "year", "settlement", "version", "premium", "claims", "balance", "rate", "rate_exact", "reading",
        "band", "outcome", "insurer", "fund",
    )  # fmt: skip
    rows = []
    for year in years:
        sheet = year.sheet
        if sheet is None:
            continue
        rows.append(
            (
                year.contract.number,
                year.contract.year,
                sheet.number,
                sheet.version,
                sheet.premium,
                sheet.claims,
                sheet.balance,
                exact_text(Fraction(sheet.rate)),
                sheet.rate,
                sheet.reading,
                sheet.band,
                sheet.outcome.value,
                sheet.insurer_part,
                sheet.fund_part,
            )
        )
    return FlatTable("settlements", columns, tuple(tuple(_text(value) for value in row) for row in rows))


def disclosures(years: Sequence[PublicYear]) -> FlatTable:
    """One row a published disclosure, newest version."""
    columns = ("number", "kind", "version", "contract", "year", "due_on", "published_at", "clause")
    rows = [
        (
            row.number,
            row.kind.value,
            row.version,
            year.contract.number,
            year.contract.year,
            row.due_on.isoformat(),
            local_time(row.published_at).isoformat() if row.published_at else "",
            row.clause,
        )
        for year in years
        for row in (year.signing, year.final)
        if row is not None
    ]
    return FlatTable("disclosures", columns, tuple(tuple(_text(value) for value in row) for row in rows))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _day(at: Any) -> str:
    return "" if at is None else local_time(at).date().isoformat()
