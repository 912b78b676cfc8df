"""Public contract years: announced contracts, and the settlement figures that a published D2 disclosure carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, ServiceAgreement
from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.money import ZERO
from disclosure.models import Disclosure, DisclosureKind
from disclosure.rules.frozen import thaw
from settlement.models import Settlement
from tender.models import Award, Lot, Tender


@dataclass(frozen=True)
class PublicYear:
    """A contract year as the public may know it.

    signing, final: the newest published disclosure of each kind; sheet and figures: only with a published `final`.
    """

    contract: AnnualContract
    agreement: ServiceAgreement
    insurer: Organisation
    policyholder: Organisation
    lot: Lot
    award: Award
    tender: Tender
    signing: Disclosure | None
    final: Disclosure | None
    sheet: Settlement | None
    figures: dict[str, Any] | None

    @property
    def rate(self) -> Fraction | None:
        """The exact surplus-or-loss rate; a loss is negative."""
        return None if self.sheet is None else Fraction(self.sheet.rate)


@dataclass(frozen=True)
class YearTotals:
    """What the settled contracts of one insurance year add up to; amounts in yuan."""

    year: int
    contracts: int
    insured: int
    premium: Decimal
    claims: Decimal
    persons: int | None
    cases: int
    on_time: int
    fund: Decimal


def public_years(session: Session) -> list[PublicYear]:
    """Every contract year whose contract was announced, newest year first, then by number."""
    rows = session.exec(
        select(AnnualContract, ServiceAgreement, Award, Lot, Tender)
        .join(ServiceAgreement, col(ServiceAgreement.id) == col(AnnualContract.agreement_id))
        .join(Award, col(Award.id) == col(ServiceAgreement.award_id))
        .join(Lot, col(Lot.id) == col(Award.lot_id))
        .join(Tender, col(Tender.id) == col(Award.tender_id))
        .where(col(AnnualContract.notice_published_at).is_not(None))
        .order_by(col(AnnualContract.year).desc(), col(AnnualContract.number))
    ).all()
    offices = {row.id: row for row in session.exec(select(Organisation))}
    published = _published(session)
    sheets = {row.id: row for row in session.exec(select(Settlement).where(col(Settlement.issued_at).is_not(None)))}
    found = []
    for contract, agreement, award, lot, tender in rows:
        final = published.get((contract.id, DisclosureKind.FINAL_ACCOUNTS))
        found.append(
            PublicYear(
                contract,
                agreement,
                offices[agreement.insurer_id],
                offices[agreement.policyholder_id],
                lot,
                award,
                tender,
                published.get((contract.id, DisclosureKind.SIGNING)),
                final,
                sheets.get(final.settlement_id) if final else None,
                thaw(final.data)["figures"] if final else None,
            )
        )
    return found


def contract_by_number(session: Session, number: str) -> PublicYear:
    """An announced contract by its number. Raises NotFound."""
    for year in public_years(session):
        if year.contract.number == number:
            return year
    raise NotFound(N_("There is no public contract with this number"))


def totals(years: Iterable[PublicYear]) -> list[YearTotals]:
    """The settled contract years added up by insurance year, newest first.

    persons: None where a contract withholds its count.
    """
    settled = [year for year in years if year.sheet is not None and year.figures is not None]
    found = []
    for number in sorted({year.contract.year for year in settled}, reverse=True):
        own = [year for year in settled if year.contract.year == number]
        figures = [year.figures for year in own if year.figures is not None]
        persons = [entry["persons"] for entry in figures]
        sheets = [year.sheet for year in own if year.sheet is not None]
        found.append(
            YearTotals(
                year=number,
                contracts=len(own),
                insured=sum(entry["insured"] for entry in figures),
                premium=sum((entry["premium"] for entry in figures), ZERO),
                claims=sum((entry["claims"] for entry in figures), ZERO),
                persons=sum(persons) if all(isinstance(count, int) for count in persons) else None,
                cases=sum(entry["cases"] for entry in figures),
                on_time=sum(entry["on_time"] for entry in figures),
                fund=sum((sheet.to_fund for sheet in sheets), ZERO),
            )
        )
    return found


def _published(session: Session) -> dict[tuple[int, DisclosureKind], Disclosure]:
    query = select(Disclosure).where(col(Disclosure.published_at).is_not(None)).order_by(col(Disclosure.version))
    return {(row.contract_id, row.kind): row for row in session.exec(query)}
