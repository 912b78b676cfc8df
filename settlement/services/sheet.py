"""Settlement sheets: prepared from confirmed facts, confirmed or disputed by the insurer, issued by two (J14)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlmodel import Session, select

from contracts.models import AnnualContract, Assessment, ServiceAgreement
from contracts.services.dues import in_force, premium_due
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval
from core.money import ZERO
from core.policy import view
from core.policy.model import Cause as PolicyCause
from core.policy.model import Period, Scope, SharingRule
from settlement import papers
from settlement.models import (
    AnnualFigures,
    Cause,
    ClaimFile,
    LineDispute,
    Outcome,
    PolicyLossDecision,
    Settlement,
)
from settlement.rules.account import ClaimsBasis, RateDefinition, YearAccount, contract_rule, sharing_inputs
from settlement.rules.sharing import SharingResult, compare_readings
from settlement.rules.sheet import band_words
from settlement.services.claims import accepted_file
from settlement.services.figures import confirmed_year, latest_settlement
from settlement.services.ledger import post
from settlement.services.lines import replace_parts, write_lines


@dataclass(frozen=True)
class Calculation:
    """A contract year under every reading, and the account it rests on; what pages, sheets and disclosures show."""

    rule: SharingRule
    account: YearAccount
    results: dict[str, SharingResult]
    reading: str

    @property
    def chosen(self) -> SharingResult:
        """The result under the contract's reading."""
        return self.results[self.reading]


def rule_of(contract: AnnualContract) -> SharingRule:
    """The sharing rule in force at the end of the contract's year, with the contract's own definitions."""
    rule = view(contract.pack, date(contract.year, 12, 31)).sharing
    if rule is None:
        raise Refused(N_("Policy pack %(pack)s has no sharing rule"), pack=contract.pack, clause="G7")
    return contract_rule(rule, RateDefinition(contract.rate_definition), ClaimsBasis(contract.claims_basis))


def account_of(session: Session, contract: AnnualContract, figures: AnnualFigures, claims: Decimal) -> YearAccount:
    """The year's account from confirmed figures and the accepted claim file's recomputed total (yuan)."""
    deductions = session.scalars(select(Assessment.deduction).where(Assessment.contract_id == contract.id)).all()
    return YearAccount(
        premium_due=premium_due(contract),
        claims_paid=claims,
        recoveries=figures.recoveries,
        reserve_open=figures.reserve_open,
        reserve_close=figures.reserve_close,
        direct_expense=figures.direct_expense,
        allocated_expense=figures.allocated_expense,
        interest=figures.interest,
        assessment_deduction=sum(deductions, ZERO),
    )


def calculate(session: Session, contract: AnnualContract, cause: Cause = Cause.OPERATING) -> Calculation:
    """Share the contract year under every reading of its rule.

    Raises Refused while figures are not confirmed, the claim file is not accepted or the head count not cleared.
    """
    return calculation_from(session, contract, *inputs_of(session, contract), cause)


def inputs_of(session: Session, contract: AnnualContract) -> tuple[AnnualFigures, ClaimFile]:
    """The newest confirmed figures and accepted claim file. Raises Refused while one or the head count is missing."""
    if not in_force(contract):
        raise Refused(N_("This contract was ended before its year began: there is nothing to settle"), clause="J13")
    figures = confirmed_year(session, cast(int, contract.id))
    file = accepted_file(session, cast(int, contract.id))
    if figures is None or file is None or contract.cleared_count is None:
        raise Refused(N_("Settlement needs confirmed annual figures, an accepted claim file and a cleared head count"))
    return figures, file


def after_cutoff(contract: AnnualContract, today: date) -> None:
    """Raise Refused while claims of the contract year still count."""
    if today <= contract.cutoff:
        raise Refused(N_("Claims of the year still count until %(day)s"), day=contract.cutoff.isoformat())


def calculation_of(session: Session, sheet: Settlement) -> Calculation:
    """The calculation of one version of a sheet, again from the versions of figures and claim file that it names."""
    contract = cast(AnnualContract, session.get(AnnualContract, sheet.contract_id))
    figures = cast(AnnualFigures, session.get(AnnualFigures, sheet.figures_id))
    file = cast(ClaimFile, session.get(ClaimFile, sheet.claim_file_id))
    return calculation_from(session, contract, figures, file, sheet.cause)


def calculation_from(
    session: Session, contract: AnnualContract, figures: AnnualFigures, file: ClaimFile, cause: Cause
) -> Calculation:
    """Share a contract year on these versions of figures and claim file, under every reading of its rule."""
    rule = rule_of(contract)
    _one_contract_alone(rule)
    account = account_of(session, contract, figures, cast(Decimal, file.recomputed_benefit))
    inputs = sharing_inputs(account, PolicyCause(cause.value), contract.expense_cap_rate)
    return Calculation(rule, account, compare_readings(rule, inputs), contract.sharing_reading)


def _one_contract_alone(rule: SharingRule) -> None:
    """Raise Refused for a rule that a sheet of one contract year would silently misread: pooled, by term, carried."""
    if rule.scope is not Scope.CONTRACT or rule.period is not Period.YEAR or rule.carry_over:
        raise Refused(
            N_("This rule counts several contracts or years together; a sheet of one contract year cannot show it"),
            clause=str(rule.clause),
        )


def prepare_sheet(
    session: Session,
    actor: Actor,
    clock: Clock,
    contract_id: int,
    *,
    cause: Cause = Cause.OPERATING,
    change_reason: str | None = None,
) -> Settlement:
    """Draft the settlement of a contract year, or the next version of an issued one (then with the reason).

    A draft that is not issued yet is superseded by the next. Raises Refused before the cut-off day and while inputs
    are missing.
    """
    require(actor, "settlement:prepare")
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    now = clock.now()
    after_cutoff(contract, local_date(now))
    earlier = latest_settlement(session, contract_id)
    if earlier is not None and earlier.issued_at is not None and not (change_reason or "").strip():
        raise Invalid(N_("A new version of an issued sheet needs its reason"), field="change_reason")
    figures, file = inputs_of(session, contract)
    calculation = calculation_from(session, contract, figures, file, cause)
    chosen = calculation.chosen
    sheet = Settlement(
        number=earlier.number if earlier else contract.number.replace("-HT-", "-JS-"),
        contract_id=contract_id,
        version=earlier.version + 1 if earlier else 1,
        replaces_id=earlier.id if earlier else None,
        figures_id=figures.id,
        claim_file_id=file.id,
        pack=contract.pack,
        pack_hash=contract.pack_hash,
        reading=contract.sharing_reading,
        cause=cause,
        expense_allowed=chosen.expense_allowed,
        **result_columns(contract, calculation),
        prepared_by=actor.user_id,
        prepared_at=now,
        change_reason=change_reason,
    )
    session.add(sheet)
    session.flush()
    write_lines(session, sheet, contract, calculation.account, chosen)
    audit.record(session, now, actor, "settlement:sheet:prepare", sheet, number=sheet.number, version=sheet.version)
    return sheet


def result_columns(contract: AnnualContract, calculation: Calculation) -> dict[str, Any]:
    """What a sheet and a dry run both keep of a calculation, by column."""
    chosen = calculation.chosen
    return {
        "premium": calculation.account.premium_due,
        "claims": calculation.account.incurred_claims(ClaimsBasis(contract.claims_basis)),
        "balance": chosen.balance,
        "rate": f"{chosen.rate.numerator}/{chosen.rate.denominator}",
        "band": band_words(chosen),
        "outcome": Outcome(chosen.outcome),
        "insurer_part": chosen.insurer,
        "fund_part": chosen.fund,
        "readings": [
            {
                "reading": name,
                "insurer": None if result.insurer is None else str(result.insurer),
                "fund": None if result.fund is None else str(result.fund),
                "outcome": result.outcome,
            }
            for name, result in calculation.results.items()
        ],
    }


def confirm_sheet(session: Session, actor: Actor, clock: Clock, settlement_id: int) -> Settlement:
    """The insurer agrees to the newest draft. Raises Refused over open disputes or for an older version."""
    require(actor, "settlement:confirm_sheet")
    sheet = open_sheet(session, settlement_id)
    contract = cast(AnnualContract, session.get(AnnualContract, sheet.contract_id))
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    if agreement.insurer_id != actor.organisation_id:
        raise NotFound(N_("There is no such settlement sheet"))
    if open_disputes(session, settlement_id):
        raise Refused(N_("Close the disputed lines before confirming"))
    if accepted_disputes(session, settlement_id):
        raise Refused(N_("An accepted row changes in the next version: draft it first"))
    if sheet.insurer_confirmed_at is not None:
        raise Refused(N_("The insurer has already confirmed this sheet"))
    sheet.insurer_confirmed_at, sheet.insurer_confirmed_by = clock.now(), actor.user_id
    session.add(sheet)
    audit.record(session, sheet.insurer_confirmed_at, actor, "settlement:sheet:confirm", sheet, version=sheet.version)
    return sheet


def attach_decision(session: Session, actor: Actor, clock: Clock, settlement_id: int, decision_id: int) -> Settlement:
    """Settle a negotiated or provisional result by an approved decision of the departments (J15).

    The parts change, so a confirmation given before is taken back.
    """
    require(actor, "settlement:decide_policy_loss")
    sheet = open_sheet(session, settlement_id)
    decision = session.get(PolicyLossDecision, decision_id)
    if decision is None or decision.contract_id != sheet.contract_id or decision.approved_at is None:
        raise Refused(N_("There is no approved decision for this contract"), clause="J15")
    if decision.insurer_part + decision.fund_part != sheet.balance:
        raise Refused(
            N_("The decision divides %(decided)s yuan, the sheet's balance is %(balance)s"),
            clause="J15",
            decided=decision.insurer_part + decision.fund_part,
            balance=sheet.balance,
        )
    sheet.decision_id, sheet.insurer_part, sheet.fund_part = decision_id, decision.insurer_part, decision.fund_part
    sheet.insurer_confirmed_at = sheet.insurer_confirmed_by = None
    session.add(sheet)
    replace_parts(session, sheet, decision)
    audit.record(session, clock.now(), actor, "settlement:sheet:decide", sheet, decision=decision_id)
    return sheet


def request_issue(session: Session, actor: Actor, clock: Clock, settlement_id: int) -> Approval:
    """Ask a second person to issue the sheet; issuing freezes it, posts it and orders the transfer."""
    require(actor, "settlement:issue")
    sheet = issuable(session, settlement_id)
    return approvals.request(
        session,
        actor,
        clock,
        "settlement.sheet.issue",
        sheet,
        message=N_("Issue settlement sheet %(number)s, version %(version)s"),
        params={"number": sheet.number, "version": sheet.version},
    )


@approvals.executor("settlement.sheet.issue", permission="settlement:issue", page=("settlement.sheet", "settlement_id"))
def _issue(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Settlement:
    return issue(session, actor, clock, int(approval.subject_id))


def issue(session: Session, actor: Actor, clock: Clock, settlement_id: int) -> Settlement:
    """Freeze a sheet, post it, order the transfer and make the paper; runs once a second person has approved."""
    require(actor, "settlement:issue")
    sheet = issuable(session, settlement_id)
    sheet.issued_at, sheet.issued_by = clock.now(), actor.user_id
    session.add(sheet)
    post(session, actor, clock, sheet)
    sheet.document_id = papers.issue_sheet(session, actor, clock, sheet).id
    audit.record(session, sheet.issued_at, actor, "settlement:sheet:issue", sheet, version=sheet.version)
    return sheet


def blockers(session: Session, sheet: Settlement) -> list[str]:
    """Why a sheet cannot be issued, as message ids; empty when nothing stands in the way."""
    reasons = []
    if open_disputes(session, cast(int, sheet.id)):
        reasons.append(N_("Disputed lines are still open"))
    if accepted_disputes(session, cast(int, sheet.id)):
        reasons.append(N_("An accepted row changes in the next version: draft it first"))
    if sheet.insurer_confirmed_at is None:
        reasons.append(N_("The insurer has not confirmed the sheet"))
    if sheet.outcome is not Outcome.SHARED and sheet.decision_id is None:
        reasons.append(N_("The loss needs a decision document of the departments"))
    return reasons


def open_disputes(session: Session, settlement_id: int) -> list[LineDispute]:
    """The disputes of a sheet that nobody closed."""
    return list(
        session.scalars(
            select(LineDispute).where(LineDispute.settlement_id == settlement_id, LineDispute.closed_at.is_(None))  # type: ignore[union-attr]
        )
    )


def accepted_disputes(session: Session, settlement_id: int) -> list[LineDispute]:
    """The disputes the department accepted: this version must not be confirmed or issued any more."""
    query = select(LineDispute).where(LineDispute.settlement_id == settlement_id, LineDispute.outcome == "accepted")
    return list(session.scalars(query))


def open_sheet(session: Session, settlement_id: int) -> Settlement:
    """The newest version, locked, while it is a draft. Raises Refused for an issued or superseded one."""
    sheet: Settlement | None = locked(session, Settlement, settlement_id)
    if sheet is None:
        raise NotFound(N_("There is no such settlement sheet"))
    if sheet.issued_at is not None:
        raise Refused(N_("This sheet is issued and frozen; a correction is a new version"))
    newest = latest_settlement(session, sheet.contract_id)
    if newest is not None and newest.id != sheet.id:
        raise Refused(N_("A newer version of this sheet exists"))
    return sheet


def issuable(session: Session, settlement_id: int) -> Settlement:
    """The sheet, locked, if nothing keeps it from being issued. Raises Refused with the first reason otherwise."""
    sheet = open_sheet(session, settlement_id)
    reasons = blockers(session, sheet)
    if reasons:
        raise Refused(reasons[0], clause="J15" if "decision" in reasons[0] else None)
    return sheet
