"""The books of every contract year read in a few queries and held against one another (J16)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, PremiumPayment, ServiceAgreement
from contracts.services.premiums import premium_due
from core.identity.actor import Actor, require
from core.identity.models import Organisation
from core.money import ZERO
from settlement.models import (
    AnnualFigures,
    ClaimFile,
    ClaimFinding,
    LedgerAccount,
    LedgerEntry,
    MonthlyFigures,
    Settlement,
    TransferOrder,
)
from settlement.rules.reconciliation import Books, Check, Name, Named, reconcile


@dataclass(frozen=True)
class Reconciled:
    """A contract year and how its books stand."""

    contract: AnnualContract
    agreement: ServiceAgreement
    insurer: Organisation
    checks: tuple[Check, ...]

    @property
    def unexplained(self) -> Decimal:
        """The sizes of all differences without a name, together."""
        return sum((abs(check.unexplained) for check in self.checks), ZERO)

    @property
    def named(self) -> list[tuple[Check, Named]]:
        """Every difference that has a name."""
        return [(check, one) for check in self.checks for one in check.named]


def reconciliation(
    session: Session, actor: Actor, *, year: int | None = None, contract_id: int | None = None
) -> list[Reconciled]:
    """Every signed contract year the actor may see (of one year, or one contract), the newest first."""
    require(actor, "settlement:view")
    query = (
        select(AnnualContract, ServiceAgreement, Organisation)
        .join(ServiceAgreement, col(ServiceAgreement.id) == AnnualContract.agreement_id)
        .join(Organisation, col(Organisation.id) == ServiceAgreement.insurer_id)
        .where(col(AnnualContract.agency_signed_at).is_not(None))
        .order_by(col(AnnualContract.year).desc(), AnnualContract.number)
    )
    if actor.is_insurer:
        query = query.where(ServiceAgreement.insurer_id == actor.organisation_id)
    if year is not None:
        query = query.where(AnnualContract.year == year)
    if contract_id is not None:
        query = query.where(AnnualContract.id == contract_id)
    found = session.exec(query).all()
    books = _books(session, [contract for contract, _, _ in found])
    return [
        Reconciled(contract, agreement, insurer, reconcile(books[cast(int, contract.id)]))
        for contract, agreement, insurer in found
    ]


def as_data(found: Sequence[Reconciled]) -> dict[str, Any]:
    """The reconciliation as plain data, amounts as exact strings in yuan: what the command prints and a play leaves."""
    contracts = [
        {
            "contract": one.contract.number,
            "year": one.contract.year,
            "fund": one.contract.fund,
            "unexplained": str(one.unexplained),
            "checks": [_check_data(check) for check in one.checks],
        }
        for one in found
    ]
    return {"unexplained": str(sum((one.unexplained for one in found), ZERO)), "contracts": contracts}


def _check_data(check: Check) -> dict[str, Any]:
    return {
        "check": check.kind.value,
        "left": str(check.left),
        "right": str(check.right),
        "difference": str(check.difference),
        "named": [{"name": one.name.value, "amount": str(one.amount), "what": one.what} for one in check.named],
        "unexplained": str(check.unexplained),
    }


def _books(session: Session, contracts: Sequence[AnnualContract]) -> dict[int, Books]:
    ids = [cast(int, contract.id) for contract in contracts]
    sheets = _by_contract(session, Settlement, ids, col(Settlement.version))
    figures = _by_contract(session, AnnualFigures, ids, col(AnnualFigures.version))
    files = _by_contract(session, ClaimFile, ids, col(ClaimFile.version))
    months = _months(session, ids)
    payments = _by_contract(session, PremiumPayment, ids, col(PremiumPayment.id))
    of_sheet = {row.id: row.contract_id for rows in sheets.values() for row in rows}
    fund, insurer = _ledger(session, of_sheet)
    orders = _orders(session, of_sheet)
    accepted = {key: [row for row in rows if row.accepted_at] for key, rows in files.items()}
    findings = _findings(session, [rows[-1].id for rows in accepted.values() if rows])
    books = {}
    for contract in contracts:
        key = cast(int, contract.id)
        issued = [row for row in sheets[key] if row.issued_at]
        sheet = issued[-1] if issued else None
        file = accepted[key][-1] if accepted.get(key) else None
        settled = next((row for row in files[key] if sheet and row.id == sheet.claim_file_id), None)
        confirmed = [row for row in figures[key] if row.confirmed_at]
        own = orders.get(key, [])
        gap, count = findings.get(file.id, (ZERO, 0)) if file else (ZERO, 0)
        books[key] = Books(
            premium_due=premium_due(contract),
            premium_received=sum((row.amount for row in payments[key]), ZERO),
            sheet_fund=sheet.to_fund if sheet else None,
            sheet_premium=sheet.premium if sheet else None,
            sheet_claims=settled.recomputed_benefit if settled else None,
            ledger_fund=fund.get(key, ZERO),
            ledger_insurer=insurer.get(key, ZERO),
            ordered=sum((_signed(row) for row in own), ZERO),
            paid=sum((_signed(row) for row in own if row.paid_on), ZERO),
            open_orders=tuple(Named(Name.ORDER_OPEN, _signed(row), str(row.due_on)) for row in own if not row.paid_on),
            months=sum(months[key].values(), ZERO),
            months_reported=len(months[key]),
            year_claims=confirmed[-1].claims_paid if confirmed else None,
            file_reported=file.reported_benefit if file else None,
            file_recomputed=file.recomputed_benefit if file else None,
            file_version=file.version if file else 0,
            sheet_file_version=settled.version if settled else 0,
            findings=gap,
            findings_count=count,
        )
    return books


def _by_contract(session: Session, model: Any, ids: list[int], order: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.exec(select(model).where(col(model.contract_id).in_(ids)).order_by(order)):
        found[row.contract_id].append(row)
    return found


def _months(session: Session, ids: list[int]) -> dict[int, dict[int, Decimal]]:
    """Claims by contract and month, of the newest version; fifteen a contract, so no rows are built for them."""
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    query = select(MonthlyFigures.contract_id, MonthlyFigures.month, MonthlyFigures.claims_paid)
    query = query.where(col(MonthlyFigures.contract_id).in_(ids)).order_by(col(MonthlyFigures.version))
    for key, month, paid in session.exec(query):
        found[key][month] = paid
    return found


def _ledger(session: Session, of_sheet: dict[Any, int]) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    sums: dict[LedgerAccount, dict[int, Decimal]] = {account: {} for account in LedgerAccount}
    for entry in session.exec(select(LedgerEntry).where(col(LedgerEntry.settlement_id).in_(list(of_sheet)))):
        of_account, key = sums[entry.account], of_sheet[entry.settlement_id]
        of_account[key] = of_account.get(key, ZERO) + entry.amount
    return sums[LedgerAccount.FUND], sums[LedgerAccount.INSURER]


def _orders(session: Session, of_sheet: dict[Any, int]) -> dict[int, list[TransferOrder]]:
    found: dict[int, list[TransferOrder]] = defaultdict(list)
    query = select(TransferOrder).where(col(TransferOrder.settlement_id).in_(list(of_sheet)))
    for order in session.exec(query.order_by(col(TransferOrder.id))):
        found[of_sheet[order.settlement_id]].append(order)
    return found


def _findings(session: Session, files: list[Any]) -> dict[int, tuple[Decimal, int]]:
    """By claim file: what was reported less what the rules give, and on how many claims."""
    found: dict[int, tuple[Decimal, int]] = {}
    query = select(ClaimFinding.claim_file_id, ClaimFinding.reported, ClaimFinding.recomputed)
    for key, reported, recomputed in session.exec(query.where(col(ClaimFinding.claim_file_id).in_(files))):
        gap, count = found.get(key, (ZERO, 0))
        found[key] = gap + reported - recomputed, count + 1
    return found


def _signed(order: TransferOrder) -> Decimal:
    """Towards the fund positive."""
    return order.amount if order.to_fund else -order.amount
