"""What a contract year is counted with: the contracts of its scheme or area, the years of its term, earlier sheets."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from contracts.models import AnnualContract, Assessment, ContractAmendment
from contracts.services.amending import amended_by
from contracts.services.dues import in_force
from core.db import locked
from core.errors import Invalid, N_, Refused
from core.policy.model import Item, Period, SharingRule
from settlement.models import (
    AnnualFigures,
    ClaimFile,
    PolicyLossDecision,
    Settlement,
    SettlementMember,
    SettlementSource,
)
from settlement.rules.together import alone, counts, scored
from settlement.services.awaiting import (
    NO_COUNT,
    NO_FIGURES,
    NO_FILE,
    NO_QUALITY,
    Lack,
    family,
    lacking,
    members_of,
    needed,
    opens_reserve,
)
from settlement.services.claims import accepted_file
from settlement.services.figures import confirmed_year


@dataclass(frozen=True)
class Counted:
    """The versions of one contract year that a sheet counts.

    assessment, finding: only where the rule asks for them; amendment: of the agreed cost, where it asks for one and the
    annual contract's own does not count any more.
    """

    contract: AnnualContract
    figures: AnnualFigures
    file: ClaimFile
    assessment: Assessment | None = None
    finding: PolicyLossDecision | None = None
    amendment: ContractAmendment | None = None

    @property
    def key(self) -> str:
        """What the pool knows it by: the number of its contract."""
        return self.contract.number

    @property
    def versions(self) -> tuple[int | None, ...]:
        """The numbers of everything counted that can be replaced, to tell whether something newer has come."""
        beside = (one.id if one else None for one in (self.finding, self.amendment))
        return (self.contract.id, self.figures.id, self.file.id, *beside)


@dataclass(frozen=True)
class Source:
    """An issued sheet of an earlier year, with its year."""

    sheet: Settlement
    year: int


@dataclass(frozen=True)
class Basis:
    """What one sheet rests on. members: oldest year first, its own among them; sources: of earlier years, oldest first,
    the newest issued version of each sheet."""

    members: tuple[Counted, ...]
    sources: tuple[Source, ...] = ()

    def of(self, contract: AnnualContract) -> Counted:
        """What is counted of one contract year."""
        return next(one for one in self.members if one.contract.id == contract.id)


INCOMPLETE = N_("Settlement needs confirmed annual figures, an accepted claim file and a cleared head count")
NEW_INPUTS = N_("Contract %(number)s: figures, claim file, finding or agreed cost have a newer version")
NEW_SHEET = N_("Contract %(number)s: its settlement sheet has a newer issued version")
NEW_MEMBER = N_("Contract %(number)s: belongs to what is counted together, and is not counted yet")



def lock_family(session: Session, contract: AnnualContract, rule: SharingRule) -> None:
    """Lock every contract year that may be counted with this one, always in the same order: two people who settle two
    of them wait for one another instead of counting the same twice."""
    keys = {contract.id} if alone(rule) else {contract.id, *(one.id for one in family(session, contract, rule))}
    for key in sorted(cast(set[int], keys)):
        locked(session, AnnualContract, key)


def basis_of(session: Session, contract: AnnualContract, rule: SharingRule, assessment_id: int | None = None) -> Basis:
    """The newest confirmed and accepted versions of everything counted with a contract year.

    assessment_id: which assessment counts, where the contract has several. Raises Refused with what is missing.
    """
    if not in_force(contract):
        raise Refused(N_("This contract was ended before its year began: there is nothing to settle"), clause="J13")
    if alone(rule):
        return _own_basis(session, contract, rule)
    every = family(session, contract, rule)
    missing = lacking(session, contract, rule, every)
    if any(one.contract.id == contract.id and one.what in (NO_FIGURES, NO_FILE, NO_COUNT) for one in missing):
        raise Refused(INCOMPLETE)
    if missing:
        raise Refused(missing[0].what, clause=str(rule.clause), number=missing[0].contract.number)
    members = tuple(
        _counted(session, one, rule, assessment_id if one.id == contract.id else None)
        for one in members_of(contract, rule, every)
    )
    return Basis(members, _sources(session, contract, rule, every))


def _own_basis(session: Session, contract: AnnualContract, rule: SharingRule) -> Basis:
    """The figures of a contract year that is counted alone: the three rows it needs, and nothing of its neighbours."""
    figures = confirmed_year(session, cast(int, contract.id))
    file = accepted_file(session, cast(int, contract.id))
    if figures is None or file is None or contract.cleared_count is None:
        raise Refused(INCOMPLETE)
    if counts(rule, Item.QUALITY_EXPENSE) and figures.quality_expense is None:
        raise Refused(NO_QUALITY, clause=str(rule.clause), number=contract.number)
    return Basis((Counted(contract, figures, file),))


def basis_named(session: Session, sheet: Settlement) -> Basis:
    """What one version of a sheet rests on, as it names it."""
    rows = session.exec(select(SettlementMember).where(SettlementMember.settlement_id == sheet.id)).all()
    members = [
        Counted(
            session.get_one(AnnualContract, row.contract_id),
            session.get_one(AnnualFigures, row.figures_id),
            session.get_one(ClaimFile, row.claim_file_id),
            session.get(Assessment, row.assessment_id) if row.assessment_id else None,
            session.get(PolicyLossDecision, row.finding_id) if row.finding_id else None,
            session.get(ContractAmendment, row.amendment_id) if row.amendment_id else None,
        )
        for row in rows
    ] or [
        Counted(
            session.get_one(AnnualContract, sheet.contract_id),
            session.get_one(AnnualFigures, sheet.figures_id),
            session.get_one(ClaimFile, sheet.claim_file_id),
        )
    ]
    members.sort(key=lambda one: (one.contract.year, one.contract.number))
    query = (
        select(Settlement, AnnualContract)
        .join(SettlementSource, col(SettlementSource.source_id) == Settlement.id)
        .join(AnnualContract, col(AnnualContract.id) == Settlement.contract_id)
        .where(SettlementSource.settlement_id == sheet.id)
        .order_by(AnnualContract.year, AnnualContract.number)
    )
    return Basis(tuple(members), tuple(Source(found, contract.year) for found, contract in session.exec(query)))


def name_basis(session: Session, sheet: Settlement, rule: SharingRule, basis: Basis) -> None:
    """Write down what a new draft rests on; nothing more where its own figures are all."""
    if alone(rule):
        return
    session.add_all(
        SettlementMember(
            settlement_id=cast(int, sheet.id),
            contract_id=cast(int, one.contract.id),
            figures_id=cast(int, one.figures.id),
            claim_file_id=cast(int, one.file.id),
            assessment_id=one.assessment.id if one.assessment else None,
            finding_id=one.finding.id if one.finding else None,
            amendment_id=one.amendment.id if one.amendment else None,
        )
        for one in basis.members
    )
    session.add_all(
        SettlementSource(settlement_id=cast(int, sheet.id), source_id=cast(int, one.sheet.id)) for one in basis.sources
    )


def changed_since(session: Session, contract: AnnualContract, rule: SharingRule, named: Basis) -> list[Lack]:
    """What is newer than a sheet names: figures, claim files and findings of its members, sheets that it rests on."""
    every = family(session, contract, rule)
    known = {one.contract.id: one for one in named.members}
    found = []
    for one in members_of(contract, rule, every):
        if one.id not in known:
            found.append(Lack(one, NEW_MEMBER))
        elif _newest(session, one, rule) != known[one.id].versions:
            found.append(Lack(one, NEW_INPUTS))
    rested = {one.sheet.id for one in named.sources}
    by_id = {one.id: one for one in every}
    newer = [one.sheet for one in _sources(session, contract, rule, every) if one.sheet.id not in rested]
    return found + [Lack(by_id[one.contract_id], NEW_SHEET) for one in newer]


def rest_on_older(session: Session, sheet_ids: Sequence[int]) -> set[int]:
    """Which of these sheets name figures, a claim file, an agreed cost or an earlier sheet that is not the newest."""
    found: set[int] = set()
    own = col(SettlementMember.settlement_id).in_(sheet_ids)
    for model, named, counted in (
        (AnnualFigures, SettlementMember.figures_id, "confirmed_at"),
        (ClaimFile, SettlementMember.claim_file_id, "accepted_at"),
    ):
        newer = aliased(model)
        query = (
            select(SettlementMember.settlement_id)
            .join(model, col(model.id) == named)
            .join(newer, col(newer.contract_id) == model.contract_id)
            .where(own, newer.version > model.version, getattr(newer, counted).is_not(None))
        )
        found.update(session.exec(query))
    query = (
        select(SettlementMember.settlement_id)
        .join(ContractAmendment, col(ContractAmendment.contract_id) == SettlementMember.contract_id)
        .where(
            own,
            col(ContractAmendment.agency_signed_at).is_not(None),
            col(ContractAmendment.id) > func.coalesce(SettlementMember.amendment_id, 0),
        )
    )
    found.update(session.exec(query))
    source, newer_sheet = aliased(Settlement), aliased(Settlement)
    query = (
        select(SettlementSource.settlement_id)
        .join(source, col(source.id) == SettlementSource.source_id)
        .join(newer_sheet, col(newer_sheet.contract_id) == source.contract_id)
        .where(
            col(SettlementSource.settlement_id).in_(sheet_ids),
            newer_sheet.version > source.version,
            col(newer_sheet.issued_at).is_not(None),
        )
    )
    return found | set(session.exec(query))


def _newest(session: Session, contract: AnnualContract, rule: SharingRule) -> tuple[int | None, ...]:
    """The numbers of the newest confirmed figures, accepted file and approved finding of a contract year."""
    key = cast(int, contract.id)
    rows = (confirmed_year(session, key), accepted_file(session, key),
            finding_of(session, contract) if rule.split_causes else None,
            amended_by(session, contract) if rule.needs_agreed_cost else None)  # fmt: skip
    return (contract.id, *(row.id if row else None for row in rows))


def asked(session: Session, contract: AnnualContract, rule: SharingRule) -> tuple[str, ...]:
    """Annual figures that only this contract's rule needs: 'quality_expense', 'risk_reserve_open'."""
    found = ["quality_expense"] if counts(rule, Item.QUALITY_EXPENSE) else []
    if rule.reserve is not None and opens_reserve(rule, contract, family(session, contract, rule)):
        found.append("risk_reserve_open")
    return tuple(found)


def assessments_of(session: Session, contract: AnnualContract) -> list[Assessment]:
    """The assessments of a contract year, in the order in which they were decided."""
    query = select(Assessment).where(Assessment.contract_id == contract.id)
    return list(session.exec(query.order_by(col(Assessment.decided_at), col(Assessment.id))))


def finding_of(session: Session, contract: AnnualContract) -> PolicyLossDecision | None:
    """The newest approved finding of what is put down to policy, or None."""
    query = select(PolicyLossDecision).where(
        PolicyLossDecision.contract_id == contract.id, col(PolicyLossDecision.approved_at).is_not(None)
    )
    return session.exec(query.order_by(col(PolicyLossDecision.id).desc()).limit(1)).one_or_none()


def issued_sheets(session: Session, contracts: Sequence[AnnualContract]) -> list[Settlement]:
    """The newest issued sheet of each contract year that has one, in the order of the contract years."""
    query = (
        select(Settlement)
        .where(col(Settlement.contract_id).in_([one.id for one in contracts]), col(Settlement.issued_at).is_not(None))
        .order_by(col(Settlement.version))
    )
    newest = {row.contract_id: row for row in session.exec(query)} if contracts else {}
    return [newest[one.id] for one in contracts if one.id in newest]


def later_issued(session: Session, contract: AnnualContract, rule: SharingRule) -> Settlement | None:
    """The issued sheet of a later year that has settled this year of the term already, or None."""
    if rule.period is not Period.TERM:
        return None
    own = [one for one in family(session, contract, rule) if one.agreement_id == contract.agreement_id]
    return next(iter(issued_sheets(session, [one for one in own if one.year > contract.year])), None)


def resting_on(session: Session, contract: AnnualContract) -> list[Settlement]:
    """The newest sheets of later years that rest on some version of this contract year's sheet."""
    query = (
        select(Settlement)
        .join(SettlementSource, col(SettlementSource.settlement_id) == Settlement.id)
        .where(col(SettlementSource.source_id).in_(select(Settlement.id).where(Settlement.contract_id == contract.id)))
        .order_by(col(Settlement.version))
    )
    return list({row.contract_id: row for row in session.exec(query)}.values())


def _sources(
    session: Session, contract: AnnualContract, rule: SharingRule, every: Sequence[AnnualContract]
) -> tuple[Source, ...]:
    """The issued sheets that this one rests on: over a term those of its agreement, else those that it needs."""
    rests_on = needed(contract, rule, every)
    if rule.period is Period.TERM:
        rests_on = [one for one in every if one.agreement_id == contract.agreement_id and one.year < contract.year]
    years = {one.id: one.year for one in rests_on}
    return tuple(Source(sheet, years[sheet.contract_id]) for sheet in issued_sheets(session, rests_on))


def _counted(session: Session, contract: AnnualContract, rule: SharingRule, assessment_id: int | None) -> Counted:
    key = cast(int, contract.id)
    return Counted(
        contract,
        cast(AnnualFigures, confirmed_year(session, key)),
        cast(ClaimFile, accepted_file(session, key)),
        _assessment(session, contract, assessment_id) if scored(rule) else None,
        finding_of(session, contract) if rule.split_causes else None,
        amended_by(session, contract) if rule.needs_agreed_cost else None,
    )


def _assessment(session: Session, contract: AnnualContract, chosen: int | None) -> Assessment:
    """The assessment whose score counts. Raises Invalid where several differ and none is chosen."""
    found = assessments_of(session, contract)
    if chosen is not None:
        found = [one for one in found if one.id == chosen]
    if len({one.score for one in found}) != 1:
        message = N_("Contract %(number)s has several assessments: say which one counts")
        raise Invalid(message, field="assessment", clause="J18", number=contract.number)
    return found[-1]


def score_of(counted: Counted) -> Decimal:
    """The assessment score as a fraction of full marks (100)."""
    return counted.assessment.score / 100 if counted.assessment else Decimal(1)
