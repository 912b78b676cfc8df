"""The fund ledger: what an issued settlement posts, its transfer, and the reversal of the version it replaces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from sqlmodel import Session, select

from contracts.models import AnnualContract, ServiceAgreement
from core import audit
from core.calendar import add_working_days
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.models import Organisation
from core.money import ZERO
from settlement.models import LedgerAccount, LedgerEntry, LedgerMatter, Settlement, TransferOrder
from settlement.services.funds import fund_of

#: Working days the sheet gives for the transfer; a house default printed on the sheet, the papers name none.
TRANSFER_WORKING_DAYS = 10


def post(session: Session, actor: Actor, clock: Clock, sheet: Settlement) -> list[LedgerEntry]:
    """Post an issued sheet: what the fund receives the insurer pays, and the other way round; entries add up to zero.

    A version that replaces an issued one first reverses its entries, so that the ledger keeps both and nets the new.
    The fund is the one that paid the premium (J18), or whoever succeeded it by the day of posting (Q5).
    """
    contract = cast(AnnualContract, session.get(AnnualContract, sheet.contract_id))
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    insurer = cast(Organisation, session.get(Organisation, agreement.insurer_id))
    now = clock.now()
    entries = []
    for old in _standing(session, cast(int, contract.id)):
        entries.append(
            _entry(sheet, old.matter, old.account, old.holder, contract.year, -old.amount, now, reverses_id=old.id)
        )
    holder = fund_of(session, contract, local_date(now))
    for matter, amount in _matters(sheet):
        entries.append(_entry(sheet, matter, LedgerAccount.FUND, holder, contract.year, amount, now))
        entries.append(_entry(sheet, matter, LedgerAccount.INSURER, insurer.name, contract.year, -amount, now))
    session.add_all(entries)
    net = sum((entry.amount for entry in entries if entry.account is LedgerAccount.FUND), ZERO)
    if net:
        due = add_working_days(local_date(now), TRANSFER_WORKING_DAYS).date
        order = TransferOrder(settlement_id=sheet.id, amount=abs(net), to_fund=net > 0, due_on=due)
        session.add(order)
        audit.record(session, now, actor, "settlement:transfer:order", sheet, amount=str(abs(net)), to_fund=net > 0)
    return entries


def _matters(sheet: Settlement) -> Iterator[tuple[LedgerMatter, Decimal]]:
    """What the sheet brings the fund, in yuan: its part of the balance; beside it what is held back, less released."""
    yield LedgerMatter.BALANCE, sheet.fund_part if sheet.fund_part is not None else ZERO
    if sheet.retention_released is None or sheet.retention_forfeited is None:
        return
    beside = {
        LedgerMatter.HELD: sheet.retention_released + sheet.retention_forfeited,
        LedgerMatter.RELEASED: -sheet.retention_released,
    }
    yield from ((matter, amount) for matter, amount in beside.items() if amount)


def _standing(session: Session, contract_id: int) -> list[LedgerEntry]:
    """The entries of earlier versions of a contract year that nothing has reversed yet."""
    entries = session.scalars(
        select(LedgerEntry)
        .join(Settlement, Settlement.id == LedgerEntry.settlement_id)  # type: ignore[arg-type]
        .where(Settlement.contract_id == contract_id)
        .order_by(LedgerEntry.id)  # type: ignore[arg-type]
    ).all()
    reversed_ids = {entry.reverses_id for entry in entries}
    return [entry for entry in entries if entry.reverses_id is None and entry.id not in reversed_ids]


@dataclass(frozen=True)
class Balance:
    """What one holder received (positive) or paid (negative) over a year's postings, in yuan."""

    year: int
    account: LedgerAccount
    holder: str
    amount: Decimal


def balances(entries: Sequence[LedgerEntry]) -> list[Balance]:
    """The entries summed by year, account and holder, the newest year first; those of a year add up to zero."""
    sums: dict[tuple[int, str, str], Decimal] = {}
    for entry in entries:
        key = (entry.year, entry.account.value, entry.holder)
        sums[key] = sums.get(key, ZERO) + entry.amount
    ordered = sorted(sums.items(), key=lambda item: (-item[0][0], item[0][1:]))
    return [Balance(year, LedgerAccount(account), holder, amount) for (year, account, holder), amount in ordered]


def entries_by_year(session: Session, year: int | None = None) -> list[LedgerEntry]:
    """The postings of the fund ledger, of one year or all, in the order in which they were posted."""
    query = select(LedgerEntry).order_by(LedgerEntry.id)  # type: ignore[arg-type]
    return list(session.scalars(query if year is None else query.where(LedgerEntry.year == year)))


def record_transfer(
    session: Session, actor: Actor, clock: Clock, order_id: int, *, paid_on: date, reference: str
) -> TransferOrder:
    """Finance records that the ordered transfer was made. Raises Refused a second time."""
    require(actor, "settlement:post")
    order: TransferOrder | None = locked(session, TransferOrder, order_id)
    if order is None:
        raise NotFound(N_("There is no such transfer order"))
    if order.paid_on is not None:
        raise Refused(N_("This transfer is already recorded"))
    now = clock.now()
    if paid_on > local_date(now):
        raise Invalid(N_("The day of payment lies in the future"), field="paid_on")
    order.paid_on, order.reference = paid_on, reference
    order.recorded_by, order.recorded_at = actor.user_id, now
    session.add(order)
    audit.record(session, now, actor, "settlement:transfer:record", order, amount=str(order.amount))
    return order


def _entry(
    sheet: Settlement,
    matter: LedgerMatter,
    account: LedgerAccount,
    holder: str,
    year: int,
    amount: Decimal,
    now: datetime,
    reverses_id: int | None = None,
) -> LedgerEntry:
    return LedgerEntry(
        settlement_id=sheet.id,
        matter=matter,
        account=account,
        holder=holder,
        year=year,
        amount=amount,
        reverses_id=reverses_id,
        posted_at=now,
    )
