"""The invented claim files of the case, as an insurer would upload them: CSV in yuan, with their monthly payments."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from core.money import from_fen
from demonstration.jilin.case import benefits
from settlement.claims.generator import Order, generate
from settlement.claims.writing import as_csv
from settlement.rules.benefits import YearTerms


@dataclass(frozen=True)
class InventedFile:
    """A claim file ready for upload. reported: the insurer's own total in yuan; months: month → (yuan, persons, cases)
    by day of payment, 13 to 15 after the year."""

    contract: str
    name: str
    content: bytes
    reported: Decimal
    months: dict[int, tuple[Decimal, int, int]]


def invent(contract_number: str, year: int, insured: int, benefit: Decimal, scheme: str) -> InventedFile:
    """The claim file of a contract year whose right benefits come to the amount ordered (yuan)."""
    terms = YearTerms(year, tuple(part.terms for part in benefits(scheme, year)))
    claims = generate(Order(contract_number, year, insured, benefit, terms)).claims
    reported = from_fen(sum(claims["reported_benefit"].to_pylist()))
    content = as_csv(claims)
    return InventedFile(contract_number, f"{contract_number}-理赔明细.csv", content, reported, _months(claims, year))


def _months(claims: pa.Table, year: int) -> dict[int, tuple[Decimal, int, int]]:
    fen: defaultdict[int, int] = defaultdict(int)
    persons: defaultdict[int, set[str]] = defaultdict(set)
    cases: defaultdict[int, int] = defaultdict(int)
    columns = (claims[name].to_pylist() for name in ("paid_on", "reported_benefit", "person_id"))
    for paid_on, benefit, person in zip(*columns, strict=True):
        month = (paid_on.year - year) * 12 + paid_on.month
        fen[month] += benefit
        persons[month].add(person)
        cases[month] += 1
    return {month: (from_fen(fen[month]), len(persons[month]), cases[month]) for month in sorted(fen)}
