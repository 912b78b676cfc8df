"""Claim files for tests: terms of a year, rows of the format, files in every kind."""

import io
from decimal import Decimal

from openpyxl import Workbook

from core.policy.model import BenefitBand, BenefitTerms, TiltTerms
from settlement.claims.format import COLUMNS
from settlement.rules.benefits import YearTerms

POOR = ("registered_poor", "destitute", "low_income")


def year_terms(year: int = 2017) -> YearTerms:
    """Invented terms inside the limits of Jilin J6 and J7."""
    steps = (("0", "50000", "0.55"), ("50000", "100000", "0.65"), ("100000", None, "0.75"))
    bands = tuple(
        BenefitBand(Decimal(low), None if up is None else Decimal(up), Decimal(ratio)) for low, up, ratio in steps
    )
    tilts = {group: TiltTerms(Decimal("0.40"), Decimal("0.05")) for group in POOR}
    return YearTerms(year, (BenefitTerms(year, Decimal(20000), bands, Decimal(300000), tilts, clause="演示"),))


def row(number: int = 1, **changes: str) -> dict[str, str]:
    """A sound claim of 30,000 yuan of one's own, which pays 5,500.00."""
    return {
        "claim_id": f"C{number:04}",
        "person_id": f"P{number:04}",
        "contract_number": "JLDB-2017-01",
        "settled_on": "2017-03-01",
        "admitted_on": "2017-02-20",
        "group": "general",
        "county": "演示县",
        "channel": "instant",
        "total_cost": "100000.00",
        "compliant_cost": "80000.00",
        "basic_fund_paid": "50000.00",
        "self_paid_compliant": "30000.00",
        "reported_benefit": "5500.00",
        "accepted_on": "2017-03-01",
        "paid_on": "2017-03-11",
        **changes,
    }


def csv_file(*rows: dict[str, str], encoding: str = "utf-8-sig", chinese: bool = False) -> bytes:
    """The rows as an insurer's CSV, headings in code or in Chinese."""
    headings = [column.chinese if chinese else column.name for column in COLUMNS]
    lines = [",".join(headings), *(",".join(one[column.name] for column in COLUMNS) for one in rows)]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def workbook(*rows: dict[str, object]) -> bytes:
    """The rows as an XLSX file; numbers and dates may be given as such."""
    book = Workbook()
    book.active.append([column.name for column in COLUMNS])
    for one in rows:
        book.active.append([one[column.name] for column in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
