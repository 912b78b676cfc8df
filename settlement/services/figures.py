"""Figures: what an insurer reports by month and for the year, in versions; a second person of the insurer confirms."""

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import cast

from sqlalchemy import func
from sqlmodel import Session, select

from contracts.models import AnnualContract, ServiceAgreement
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.money import ZERO
from settlement.models import AnnualFigures, MonthlyFigures, Settlement


@dataclass(frozen=True)
class MonthReport:
    """One month as an insurer reports it; amounts in yuan."""

    claims_paid: Decimal
    persons: int
    cases: int
    expense: Decimal
    note: str | None = None


@dataclass(frozen=True)
class YearReport:
    """The year as an insurer reports it (rows 7–15 of the settlement sheet); amounts in yuan.

    quality_expense, risk_reserve_open: only where the contract's rule counts them; None where they are not stated.
    """

    claims_paid: Decimal
    recoveries: Decimal
    recovery_cases: int
    reserve_open: Decimal
    reserve_close: Decimal
    direct_expense: Decimal
    allocated_expense: Decimal
    interest: Decimal
    taxes: Decimal = ZERO
    commission: Decimal = ZERO
    sources: dict[str, str] = field(default_factory=dict)
    quality_expense: Decimal | None = None
    risk_reserve_open: Decimal | None = None


def own_contract(session: Session, actor: Actor, contract_id: int) -> AnnualContract:
    """The contract, locked, if it is signed and the actor's organisation is its insurer; else NotFound."""
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    agreement = session.get(ServiceAgreement, contract.agreement_id) if contract else None
    if contract is None or agreement is None or agreement.insurer_id != actor.organisation_id:
        raise NotFound(N_("There is no such contract"))
    if contract.agency_signed_at is None:
        raise Refused(N_("The contract is not signed yet"))
    return contract


def report_month(
    session: Session, actor: Actor, clock: Clock, contract_id: int, month: int, report: MonthReport
) -> MonthlyFigures:
    """Report a month (1–12; 13–15 for the run-off after the year); a correction becomes the next version.

    Raises Refused for a month that has not ended, Invalid for negative numbers.
    """
    require(actor, "settlement:report")
    contract = own_contract(session, actor, contract_id)
    now = clock.now()
    if not 1 <= month <= 15:
        raise Invalid(N_("A month is 1 to 12, or 13 to 15 for the run-off"), field="month")
    reported = (contract.year + (month - 1) // 12, (month - 1) % 12 + 1)
    today = local_date(now)
    if reported >= (today.year, today.month):
        raise Refused(N_("This month has not ended yet"), field="month")
    _not_negative(asdict(report), ("claims_paid", "persons", "cases", "expense"))
    of_month = (MonthlyFigures.contract_id == contract_id, MonthlyFigures.month == month)
    version = (session.scalar(select(func.max(MonthlyFigures.version)).where(*of_month)) or 0) + 1
    figures = MonthlyFigures(
        contract_id=contract_id,
        month=month,
        version=version,
        reported_by=actor.user_id,
        reported_at=now,
        **asdict(report),
    )
    session.add(figures)
    audit.record(session, now, actor, "settlement:month:report", contract, month=month, version=version)
    return figures


def report_year(session: Session, actor: Actor, clock: Clock, contract_id: int, report: YearReport) -> AnnualFigures:
    """Report the year's figures; they count once a second person of the insurer has confirmed them.

    Raises Refused before the year has ended, Invalid for negative amounts or a commission that is not zero (B.5).
    """
    require(actor, "settlement:report")
    contract = own_contract(session, actor, contract_id)
    now = clock.now()
    if local_date(now) <= (contract.covered_until or date(contract.year, 12, 31)):
        raise Refused(N_("The insurance year has not ended yet"))
    _not_negative(asdict(report), tuple(name for name in asdict(report) if name != "sources"))
    if report.commission:
        raise Invalid(N_("Commission is not allowed and must be zero"), field="commission")
    version = (
        session.scalar(select(func.max(AnnualFigures.version)).where(AnnualFigures.contract_id == contract_id)) or 0
    ) + 1
    figures = AnnualFigures(
        contract_id=contract_id, version=version, reported_by=actor.user_id, reported_at=now, **asdict(report)
    )
    session.add(figures)
    audit.record(session, now, actor, "settlement:year:report", contract, version=version)
    return figures


def confirm_year(session: Session, actor: Actor, clock: Clock, figures_id: int) -> AnnualFigures:
    """The insurer's second person confirms the year's figures. Raises Refused for the reporter or a second time."""
    require(actor, "settlement:confirm_figures")
    figures: AnnualFigures | None = locked(session, AnnualFigures, figures_id)
    if figures is None:
        raise NotFound(N_("There are no such figures"))
    contract = own_contract(session, actor, figures.contract_id)
    if figures.confirmed_at is not None:
        raise Refused(N_("These figures are already confirmed"))
    if figures.reported_by == actor.user_id:
        raise Refused(N_("The person who reported cannot confirm"))
    figures.confirmed_at, figures.confirmed_by = clock.now(), actor.user_id
    session.add(figures)
    audit.record(session, figures.confirmed_at, actor, "settlement:year:confirm", contract, version=figures.version)
    return figures


def latest_months(session: Session, contract_id: int) -> list[MonthlyFigures]:
    """The newest version of each reported month, in order."""
    rows = session.scalars(
        select(MonthlyFigures)
        .where(MonthlyFigures.contract_id == contract_id)
        .order_by(MonthlyFigures.month, MonthlyFigures.version)
    ).all()
    return list({row.month: row for row in rows}.values())


def confirmed_year(session: Session, contract_id: int) -> AnnualFigures | None:
    """The newest confirmed figures of the year, or None."""
    return session.scalars(
        select(AnnualFigures)
        .where(AnnualFigures.contract_id == contract_id, AnnualFigures.confirmed_at.is_not(None))  # type: ignore[union-attr]
        .order_by(AnnualFigures.version.desc())  # type: ignore[attr-defined]
        .limit(1)
    ).one_or_none()


def latest_settlement(session: Session, contract_id: int) -> Settlement | None:
    """The newest version of a contract's settlement, or None."""
    return session.scalars(
        select(Settlement)
        .where(Settlement.contract_id == contract_id)
        .order_by(Settlement.version.desc())  # type: ignore[attr-defined]
        .limit(1)
    ).one_or_none()


def _not_negative(values: dict[str, object], names: tuple[str, ...]) -> None:
    for name in names:
        if cast(Decimal, values[name] or ZERO) < 0:
            raise Invalid(N_("%(name)s must not be negative"), field=name, name=name)
