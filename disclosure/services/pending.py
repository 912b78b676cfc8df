"""Which disclosures and filings are due: every signed contract year twice, every tender and contract to be filed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, ServiceAgreement
from core.clock import local_date
from core.identity.actor import Actor
from core.identity.models import Organisation
from disclosure.models import Disclosure, DisclosureKind, Filing, FilingKind
from disclosure.papers.subject import subject
from disclosure.rules.stages import DisclosureStage, disclosure_stage
from disclosure.services.duties import filing_duty
from disclosure.services.publications import clause_of, due_day, issued_sheet, versions_of


@dataclass(frozen=True)
class DisclosureDuty:
    """One disclosure of a contract year. row: its newest version, None before it is prepared; outdated: a newer
    settlement sheet was issued since; last_day: None while the duty has not arisen (the sheet is not issued)."""

    contract: AnnualContract
    insurer: Organisation
    kind: DisclosureKind
    clause: str
    last_day: date | None
    provisional: bool
    row: Disclosure | None
    outdated: bool

    @property
    def stage(self) -> DisclosureStage | None:
        """Where its newest version stands; None before it is prepared."""
        return None if self.row is None else disclosure_stage(self.row.published_at, has_successor=False)

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        done = self.row is not None and self.row.published_at is not None
        return self.last_day is not None and (not done or self.outdated)


@dataclass(frozen=True)
class FilingDue:
    """A contract whose copy the law wants filed and that is not sent yet; filing: the draft, if there is one."""

    contract: AnnualContract
    clause: str
    last_day: date
    provisional: bool
    filing: Filing | None


def disclosures_due(session: Session, actor: Actor) -> list[DisclosureDuty]:
    """Both disclosures of every signed contract year, newest year first; an insurer's people see their own."""
    query = (
        select(AnnualContract)
        .join(ServiceAgreement, col(ServiceAgreement.id) == col(AnnualContract.agreement_id))
        .where(col(AnnualContract.agency_signed_at).is_not(None))
        .order_by(col(AnnualContract.year).desc(), col(AnnualContract.number))
    )
    if actor.is_insurer:
        query = query.where(ServiceAgreement.insurer_id == actor.organisation_id)
    return [duty for contract in session.exec(query) for duty in _of_contract(session, contract)]


def contract_copies_due(session: Session) -> list[FilingDue]:
    """Signed contracts whose copy is not on its way to the finance department (GPL art. 47), soonest first."""
    sent = select(Filing.subject_id).where(
        Filing.kind == FilingKind.CONTRACT_COPY, col(Filing.submitted_at).is_not(None)
    )
    query = select(AnnualContract).where(
        col(AnnualContract.agency_signed_at).is_not(None), col(AnnualContract.id).not_in(sent)
    )
    found = []
    for contract in session.exec(query.order_by(col(AnnualContract.agency_signed_at))):
        year = subject(session, cast(int, contract.id))
        duty = filing_duty(session, FilingKind.CONTRACT_COPY, year.policy, year.agency.area, year.signed_on)
        if duty is not None and duty.due_on is not None:
            drafts = select(Filing).where(Filing.kind == FilingKind.CONTRACT_COPY, Filing.subject_id == contract.id)
            draft = session.exec(drafts.order_by(col(Filing.id).desc())).first()
            found.append(FilingDue(contract, duty.clause, duty.due_on, duty.provisional, draft))
    return found


def _of_contract(session: Session, contract: AnnualContract) -> Iterator[DisclosureDuty]:
    year = subject(session, cast(int, contract.id))
    clause = clause_of(year)
    sheet = issued_sheet(session, cast(int, contract.id))
    for kind in DisclosureKind:
        versions = versions_of(session, cast(int, contract.id), kind)
        row: Any = versions[-1] if versions else None
        has_arisen = kind is DisclosureKind.SIGNING or sheet is not None
        last = due_day(year, sheet if kind is DisclosureKind.FINAL_ACCOUNTS else None) if has_arisen else None
        outdated = (
            kind is DisclosureKind.FINAL_ACCOUNTS
            and row is not None
            and sheet is not None
            and row.settlement_id != sheet.id
        )
        yield DisclosureDuty(
            contract,
            year.insurer,
            kind,
            clause,
            last.date if last else None,
            bool(last and last.provisional),
            row,
            outdated,
        )


def is_late(duty: DisclosureDuty, now: Any) -> bool:
    """Whether the last day has passed with something left to do."""
    return duty.is_open and duty.last_day is not None and duty.last_day < local_date(now)
