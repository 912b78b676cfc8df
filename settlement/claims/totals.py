"""What a recomputed claim file comes to: counts and amounts by group, channel, county, month and band (F.3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.money import from_fen

if TYPE_CHECKING:
    from ibis.expr import types as ir

#: By what the totals are split; the parts of each split add up to the whole.
DIMENSIONS = ("group", "channel", "county", "month", "band")
_AMOUNTS = ("total_cost", "compliant_cost", "basic_fund_paid", "self_paid_compliant", "reported_benefit", "benefit")


@dataclass(frozen=True)
class Tally:
    """Counts, and amounts in yuan. benefit: as recomputed.

    A person counts once in the whole and in every split: where the first claim of the year stands; a beneficiary
    where the first claim that is paid stands. findings: claims whose reported benefit differs.
    """

    claims: int
    persons: int
    beneficiaries: int
    findings: int
    total_cost: Decimal
    compliant_cost: Decimal
    basic_fund_paid: Decimal
    self_paid_compliant: Decimal
    reported_benefit: Decimal
    benefit: Decimal


@dataclass(frozen=True)
class Totals:
    """The whole, the splits by DIMENSIONS (band 0: under the deductible), and the days from acceptance to payment."""

    whole: Tally
    splits: Mapping[str, Mapping[str, Tally]]
    days_to_pay: Mapping[int, int]

    def share_paid_within(self, days: int) -> Decimal:
        """The share of claims paid within so many days of acceptance (J8), to four decimals."""
        within = sum(claims for taken, claims in self.days_to_pay.items() if taken <= days)
        return (Decimal(within) / Decimal(self.whole.claims)).quantize(Decimal("0.0001"))

    def as_data(self) -> dict[str, Any]:
        """As JSON: counts as numbers, amounts as exact strings in yuan."""
        return {
            "whole": _tally_data(self.whole),
            "splits": {
                dimension: {value: _tally_data(tally) for value, tally in split.items()}
                for dimension, split in self.splits.items()
            },
            "days_to_pay": {str(days): claims for days, claims in self.days_to_pay.items()},
        }


def cells(result: "ir.Table") -> "ir.Table":
    """The recomputed claims in their finest split, of which every total is a sum; differing: persons with a finding."""
    result = result.mutate(month=result.settled_on.month(), differs=result.benefit != result.reported_benefit)
    paid_first = (result.benefit_before == 0) & (result.benefit > 0)
    return result.group_by(list(DIMENSIONS)).aggregate(
        claims=result.count(),
        persons=result.first.cast("int64").sum(),
        beneficiaries=paid_first.cast("int64").sum(),
        findings=result.differs.cast("int64").sum(),
        differing=result.person_id.collect(where=result.differs),
        **{name: result[name].sum() for name in _AMOUNTS},
    )


def days_to_pay(claims: "ir.Table") -> "ir.Table":
    """How many claims were paid how many days after acceptance."""
    claims = claims.mutate(days=claims.paid_on.delta(claims.accepted_on, unit="day").cast("int64"))
    return claims.group_by("days").aggregate(claims=claims.count())


def totals(rows: Iterable[Mapping[str, Any]], days: Iterable[Mapping[str, Any]]) -> Totals:
    """Totals from the rows of `cells` (amounts in fen) and of `days_to_pay`; splits in the order of their values."""
    listed = list(rows)
    splits = {dimension: _split(listed, dimension) for dimension in DIMENSIONS}
    return Totals(_tally(listed), splits, dict(sorted((row["days"], row["claims"]) for row in days)))


def _split(rows: list[Mapping[str, Any]], dimension: str) -> dict[str, Tally]:
    parts: defaultdict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        parts[row[dimension]].append(row)
    return {str(value): _tally(parts[value]) for value in sorted(parts)}


def _tally(rows: list[Mapping[str, Any]]) -> Tally:
    sums = {field.name: sum(int(row[field.name]) for row in rows) for field in fields(Tally)}
    values: dict[str, Any] = {name: from_fen(fen) if name in _AMOUNTS else fen for name, fen in sums.items()}
    return Tally(**values)


def _tally_data(tally: Tally) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(tally).items()}
