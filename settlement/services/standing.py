"""How every contract year stands: what is reported, drafted, disputed, issued and transferred, read in few queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from contracts.models import AnnualContract, ServiceAgreement
from core.clock import local_date
from core.identity.actor import Actor
from core.identity.models import Organisation
from settlement.models import (
    AnnualFigures,
    ClaimFile,
    ClaimFinding,
    LineDispute,
    Outcome,
    Settlement,
    TransferOrder,
)
from settlement.rules.stages import YearFacts, YearStage, stage
from settlement.services.awaiting import Lack, awaited


@dataclass(frozen=True)
class Standing:
    """One contract year with the newest version of everything reported and drafted for it.

    figures, file, sheet: the newest version, whether confirmed, accepted or issued or not; issued: the newest issued
    sheet; order: its transfer; open_findings: of the newest file; open_disputes: of the newest sheet; awaits: what
    keeps a year that is complete in itself from being drafted, each with the insurer of the contract that lacks it.
    """

    contract: AnnualContract
    agreement: ServiceAgreement
    insurer: Organisation
    figures: AnnualFigures | None
    file: ClaimFile | None
    has_confirmed_figures: bool
    has_accepted_file: bool
    sheet: Settlement | None
    issued: Settlement | None
    order: TransferOrder | None
    open_findings: int
    open_disputes: int
    awaits: tuple[tuple[Lack, Organisation], ...] = ()

    @property
    def needs_decision(self) -> bool:
        """Whether the newest sheet waits for the departments' decision (J15, regulation J9)."""
        return self.sheet is not None and self.sheet.outcome is not Outcome.SHARED and self.sheet.decision_id is None

    def stage(self, now: datetime) -> YearStage:
        """Where the contract year stands at an instant."""
        facts = YearFacts(
            cutoff=self.contract.cutoff,
            inputs_complete=self.has_confirmed_figures
            and self.has_accepted_file
            and self.contract.cleared_count is not None,
            awaited=bool(self.awaits),
            drafted=self.sheet is not None,
            disputed=self.open_disputes > 0,
            confirmed=self.sheet is not None and self.sheet.insurer_confirmed_at is not None,
            needs_decision=self.needs_decision,
            issued=self.sheet is not None and self.sheet.issued_at is not None,
            transfer_open=self.order is not None and self.order.paid_on is None,
        )
        return stage(facts, local_date(now))


def standings(session: Session, actor: Actor) -> list[Standing]:
    """Every signed contract year the actor may see, the newest year first; an insurer sees its own only."""
    return _standings(session, actor, col(AnnualContract.id).is_not(None))


def standing(session: Session, actor: Actor, contract_id: int) -> Standing | None:
    """One contract year, or None where there is none that the actor may see."""
    found = _standings(session, actor, col(AnnualContract.id) == contract_id)
    return found[0] if found else None


def _standings(session: Session, actor: Actor, which: ColumnElement[bool]) -> list[Standing]:
    query = (
        select(AnnualContract, ServiceAgreement, Organisation)
        .join(ServiceAgreement, col(ServiceAgreement.id) == AnnualContract.agreement_id)
        .join(Organisation, col(Organisation.id) == ServiceAgreement.insurer_id)
        .where(which, col(AnnualContract.agency_signed_at).is_not(None))
        .order_by(col(AnnualContract.year).desc(), AnnualContract.number)
        .options(defer(AnnualContract.service))  # type: ignore[arg-type]
    )
    if actor.is_insurer:
        query = query.where(ServiceAgreement.insurer_id == actor.organisation_id)
    found = session.exec(query).all()
    ids = [cast(int, contract.id) for contract, _, _ in found]
    figures, files, sheets = (_versions(session, model, ids) for model in (AnnualFigures, ClaimFile, Settlement))
    newest_files = [versions[-1].id for versions in files.values()]
    newest_sheets = [versions[-1].id for versions in sheets.values()]
    issued = {key: rows[-1] for key, versions in sheets.items() if (rows := [row for row in versions if row.issued_at])}
    findings = _open(session, col(ClaimFinding.claim_file_id), newest_files, col(ClaimFinding.resolved_at))
    disputes = _open(session, col(LineDispute.settlement_id), newest_sheets, col(LineDispute.closed_at))
    orders = _orders(session, [cast(int, row.id) for row in issued.values()])
    waiting = _awaited(session, [one for one, _, _ in found if one.id not in sheets])
    result = []
    for contract, agreement, insurer in found:
        key = cast(int, contract.id)
        file, sheet = _last(files, key), _last(sheets, key)
        result.append(
            Standing(
                contract=contract,
                agreement=agreement,
                insurer=insurer,
                figures=_last(figures, key),
                file=file,
                has_confirmed_figures=any(row.confirmed_at for row in figures.get(key, [])),
                has_accepted_file=any(row.accepted_at for row in files.get(key, [])),
                sheet=sheet,
                issued=issued.get(key),
                order=orders.get(issued[key].id) if key in issued else None,
                open_findings=findings.get(file.id, 0) if file else 0,
                open_disputes=disputes.get(sheet.id, 0) if sheet else 0,
                awaits=waiting.get(key, ()),
            )
        )
    return result


def _awaited(session: Session, contracts: list[AnnualContract]) -> dict[int, tuple[tuple[Lack, Organisation], ...]]:
    """What contract years without a sheet wait for, by contract."""
    found = awaited(session, contracts)
    lacking = {lack.contract.agreement_id for lacks in found.values() for lack in lacks}
    query = (
        select(ServiceAgreement.id, Organisation)
        .join(Organisation, col(Organisation.id) == ServiceAgreement.insurer_id)
        .where(col(ServiceAgreement.id).in_(lacking))
    )
    insurers: dict[Any, Organisation] = dict(session.exec(query).all()) if lacking else {}  # type: ignore[arg-type]
    return {
        key: tuple((lack, insurers[lack.contract.agreement_id]) for lack in lacks) for key, lacks in found.items()
    }


def _versions(session: Session, model: Any, contract_ids: list[int]) -> dict[int, list[Any]]:
    """All versions of a kind of row by contract, oldest first."""
    found: dict[int, list[Any]] = {}
    rows = select(model).where(col(model.contract_id).in_(contract_ids)).order_by(model.contract_id, model.version)
    for row in session.exec(rows.options(defer(HEAVY[model]))):
        found.setdefault(row.contract_id, []).append(row)
    return found


#: What a list does not show and only a page of one contract year reads.
HEAVY: dict[Any, Any] = {
    AnnualFigures: AnnualFigures.sources,
    ClaimFile: ClaimFile.totals,
    Settlement: Settlement.readings,
}


def _last(versions: dict[int, list[Any]], key: int) -> Any:
    return versions[key][-1] if key in versions else None


def _open(session: Session, of: Any, owners: Iterable[int | None], ended: Any) -> dict[int, int]:
    """How many rows without an end each owner has."""
    query = select(of, func.count()).where(of.in_(list(owners)), ended.is_(None)).group_by(of)
    return {row[0]: row[1] for row in session.exec(query)}


def _orders(session: Session, settlement_ids: list[int]) -> dict[int | None, TransferOrder]:
    query = select(TransferOrder).where(col(TransferOrder.settlement_id).in_(settlement_ids))
    return {order.settlement_id: order for order in session.exec(query)}
