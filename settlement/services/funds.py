"""Funds: what finance states of their years, which succeeded which, and what the settlements brought them (Q2, Q5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import cast

from sqlmodel import Session, col, func, select

from contracts.models import AnnualContract, ServiceAgreement
from contracts.services.annual import FUNDS
from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.house import files_of
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval, Organisation
from core.money import ZERO
from settlement.models import FundSuccession, FundYear, Settlement, TransferOrder
from settlement.rules.fund import FundAccount, Succession, ancestors, receiving
from tender.models import Scheme

#: The paper that keeps a fund on two lines and its surplus rates within reason, and the one that merges schemes.
CONTROL, MERGER = "Q2", "Q5"


@dataclass
class ContractYears:
    """What the contract years of one insurance year brought a fund, in yuan.

    fund_part: of issued sheets only, with what a retention forfeits beside the balance; transferred: what was recorded
    as paid, towards the fund positive.
    """

    year: int
    contracts: list[AnnualContract] = field(default_factory=list)
    premium: Decimal = ZERO
    balance: Decimal = ZERO
    fund_part: Decimal = ZERO
    transferred: Decimal = ZERO
    issued: int = 0


@dataclass(frozen=True)
class Fund:
    """A fund of an agency with its history: its own contract years and those of the funds it succeeded.

    successor: the scheme whose fund stands in for it, with the day from which; accounts: finance's figures by year.
    """

    policyholder: Organisation
    scheme: Scheme
    pack: str
    years: tuple[ContractYears, ...]
    accounts: dict[int, FundYear]
    predecessors: tuple[Scheme, ...]
    successor: FundSuccession | None

    @property
    def name(self) -> str:
        """As ledger and papers print it."""
        return FUNDS[self.scheme]


def funds(session: Session) -> list[Fund]:
    """Every fund that pays a premium or succeeded one that did, by agency."""
    query = (
        select(AnnualContract, ServiceAgreement)
        .join(ServiceAgreement, col(ServiceAgreement.id) == AnnualContract.agreement_id)
        .where(col(AnnualContract.agency_signed_at).is_not(None))
        .order_by(AnnualContract.year, AnnualContract.number)
    )
    by_fund: dict[tuple[int, Scheme], list[tuple[AnnualContract, ServiceAgreement]]] = {}
    for contract, agreement in session.exec(query):
        by_fund.setdefault((agreement.policyholder_id, agreement.scheme), []).append((contract, agreement))
    links = approved_successions(session)
    for link in links:
        by_fund.setdefault((link.policyholder_id, Scheme(link.successor)), [])
    sheets, paid = _issued(session), _paid(session)
    found = []
    for (holder, scheme), rows in sorted(by_fund.items(), key=lambda item: (item[0][0], item[0][1].value)):
        own = [link for link in links if link.policyholder_id == holder]
        older = [Scheme(name) for name in ancestors(scheme.value, _pure(own))]
        history = [*rows, *(row for one in older for row in by_fund.get((holder, one), []))]
        if not history:
            continue
        found.append(
            Fund(
                policyholder=session.get_one(Organisation, holder),
                scheme=scheme,
                pack=history[-1][1].pack,
                years=_years([contract for contract, _ in history], sheets, paid),
                accounts=accounts_of(session, holder, scheme),
                predecessors=tuple(older),
                successor=next((link for link in own if link.scheme is scheme), None),
            )
        )
    return found


def fund(session: Session, policyholder_id: int, scheme: Scheme) -> Fund:
    """One fund. Raises NotFound."""
    for one in funds(session):
        if (one.policyholder.id, one.scheme) == (policyholder_id, scheme):
            return one
    raise NotFound(N_("There is no such fund"))


def fund_of(session: Session, contract: AnnualContract, on: date) -> str:
    """The name of the fund that receives or bears a contract year's part on a day: the payer's, or its successor's."""
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    links = [one for one in approved_successions(session) if one.policyholder_id == agreement.policyholder_id]
    found = Scheme(receiving(agreement.scheme.value, on, _pure(links)))
    return contract.fund if found is agreement.scheme else FUNDS[found]


def present_fund(session: Session, contract: AnnualContract, on: date) -> str:
    """The fund of a contract year as it is called on a day, with the name it had where it was merged since."""
    found = fund_of(session, contract, on)
    return found if found == contract.fund else f"{found}（承继{contract.fund}）"


def accounts_of(session: Session, policyholder_id: int, scheme: Scheme) -> dict[int, FundYear]:
    """Finance's newest figures of each year of a fund."""
    query = select(FundYear).where(FundYear.policyholder_id == policyholder_id, FundYear.scheme == scheme)
    return {row.year: row for row in session.exec(query.order_by(FundYear.year, FundYear.version))}


def account(row: FundYear) -> FundAccount:
    """Finance's figures as the rules take them."""
    return FundAccount(row.opening_balance, row.income, row.expenditure)


def state_fund_year(
    session: Session,
    actor: Actor,
    clock: Clock,
    policyholder_id: int,
    scheme: Scheme,
    *,
    year: int,
    opening_balance: Decimal,
    income: Decimal,
    expenditure: Decimal,
    source: str,
) -> FundYear:
    """Finance states a fund's year with its source; a correction is the next version, the old one stays."""
    require(actor, "settlement:post")
    fund(session, policyholder_id, scheme)
    for name, value in (("income", income), ("expenditure", expenditure)):
        if value < 0:
            raise Invalid(N_("%(name)s must not be negative"), field=name, name=name)
    if not source.strip():
        raise Invalid(N_("Name the final accounts the figures come from"), field="source", clause=CONTROL)
    same = (FundYear.policyholder_id == policyholder_id, FundYear.scheme == scheme, FundYear.year == year)
    newest = session.scalar(select(func.max(FundYear.version)).where(*same))
    row = FundYear(
        policyholder_id=policyholder_id,
        scheme=scheme,
        year=year,
        version=(newest or 0) + 1,
        opening_balance=opening_balance,
        income=income,
        expenditure=expenditure,
        source=source.strip(),
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, row.recorded_at, actor, "settlement:fund:state", row, year=year, version=row.version)
    return row


def record_succession(
    session: Session,
    actor: Actor,
    clock: Clock,
    policyholder_id: int,
    scheme: Scheme,
    *,
    successor: Scheme,
    from_day: date,
    document: str,
    evidence: bytes,
) -> Approval:
    """Record that a fund is merged into another from a day on, with the paper, and ask a second person (Q5)."""
    require(actor, "settlement:merge_funds")
    locked(session, Organisation, policyholder_id)
    fund(session, policyholder_id, scheme)
    links = [one for one in approved_successions(session) if one.policyholder_id == policyholder_id]
    if successor is scheme or scheme.value in (receiving(successor.value, date.max, _pure(links)), successor.value):
        raise Invalid(N_("A fund cannot be merged into itself"), field="successor", clause=MERGER)
    if any(one.scheme is scheme for one in links):
        raise Refused(N_("This fund is already merged into another"), clause=MERGER)
    if not document.strip() or not evidence:
        raise Invalid(N_("The paper that merges the schemes is needed"), field="document", clause=MERGER)
    row = FundSuccession(
        policyholder_id=policyholder_id,
        scheme=scheme,
        successor=successor.value,
        from_day=from_day,
        document=document.strip(),
        evidence_sha256=files_of(session).put(evidence),
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, row.recorded_at, actor, "settlement:fund:merge", row, evidence=row.evidence_sha256)
    return approvals.request(
        session,
        actor,
        clock,
        "settlement.fund.merge",
        row,
        message=N_("Merge the fund %(fund)s into %(successor)s from %(day)s on"),
        params={"fund": FUNDS[scheme], "successor": FUNDS[successor], "day": from_day.isoformat()},
    )


@approvals.executor(
    "settlement.fund.merge", permission="settlement:merge_funds", page=("settlement.merger", "merger_id")
)
def _approve(session: Session, actor: Actor, clock: Clock, approval: Approval) -> FundSuccession:
    row = cast(FundSuccession, locked(session, FundSuccession, int(approval.subject_id)))
    locked(session, Organisation, row.policyholder_id)
    twin = any(
        one.scheme is row.scheme and one.policyholder_id == row.policyholder_id for one in approved_successions(session)
    )
    if twin:
        raise Refused(N_("This fund is already merged into another"), clause=MERGER)
    row.approved_at, row.approved_by = clock.now(), actor.user_id
    session.add(row)
    audit.record(session, row.approved_at, actor, "settlement:fund:merged", row)
    return row


def approved_successions(session: Session) -> list[FundSuccession]:
    """The mergers that two people have recorded, oldest first."""
    query = select(FundSuccession).where(col(FundSuccession.approved_at).is_not(None))
    return list(session.exec(query.order_by(col(FundSuccession.id))))


def _pure(links: Sequence[FundSuccession]) -> list[Succession]:
    return [Succession(one.scheme.value, one.successor, one.from_day) for one in links]


def _issued(session: Session) -> dict[int, Settlement]:
    """The newest issued sheet of each contract."""
    query = select(Settlement).where(col(Settlement.issued_at).is_not(None)).order_by(Settlement.version)
    return {row.contract_id: row for row in session.exec(query)}


def _paid(session: Session) -> dict[int, Decimal]:
    """By contract: recorded payments, towards the fund positive."""
    query = (
        select(Settlement.contract_id, TransferOrder)
        .join(Settlement, col(Settlement.id) == TransferOrder.settlement_id)
        .where(col(TransferOrder.paid_on).is_not(None))
    )
    sums: dict[int, Decimal] = {}
    for key, order in session.exec(query):
        sums[key] = sums.get(key, ZERO) + (order.amount if order.to_fund else -order.amount)
    return sums


def _years(
    contracts: Sequence[AnnualContract], sheets: dict[int, Settlement], paid: dict[int, Decimal]
) -> tuple[ContractYears, ...]:
    found: dict[int, ContractYears] = {}
    for contract in contracts:
        row = found.setdefault(contract.year, ContractYears(contract.year))
        row.contracts.append(contract)
        sheet = sheets.get(cast(int, contract.id))
        if sheet is not None:
            row.issued += 1
            row.premium += sheet.premium
            row.balance += sheet.balance
            row.fund_part += sheet.to_fund
            row.transferred += paid.get(cast(int, contract.id), ZERO)
    return tuple(found[year] for year in sorted(found))
