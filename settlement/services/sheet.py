"""Settlement sheets: prepared from confirmed facts, confirmed or disputed by the insurer, issued by two (J14)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, ServiceAgreement
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval
from core.messages.services import Person, send
from core.policy.model import RetentionBase, SharingRule
from settlement import papers
from settlement.models import (
    Cause,
    LineDispute,
    Outcome,
    PolicyLossDecision,
    Settlement,
)
from settlement.rules.account import ClaimsBasis
from settlement.rules.retention import retained
from settlement.rules.sheet import band_words
from settlement.rules.together import alone
from settlement.services.calculating import Calculation, after_cutoff, calculation_from, calculation_of, rule_of
from settlement.services.figures import latest_settlement
from settlement.services.ledger import post
from settlement.services.lines import replace_parts, replace_retention, write_lines
from settlement.services.pools import (
    Basis,
    Lack,
    basis_named,
    basis_of,
    changed_since,
    issued_sheets,
    later_issued,
    lock_family,
    name_basis,
    resting_on,
)


def prepare_sheet(
    session: Session,
    actor: Actor,
    clock: Clock,
    contract_id: int,
    *,
    cause: Cause = Cause.OPERATING,
    change_reason: str | None = None,
    assessment_id: int | None = None,
) -> Settlement:
    """Draft the settlement of a contract year, or the next version of an issued one (then with the reason).

    A draft that is not issued yet is superseded by the next. assessment_id: which assessment counts, where the rule
    takes a score and the year has several. Raises Refused before the cut-off day and while inputs are missing, of the
    contract year or of those that its rule counts with it.
    """
    require(actor, "settlement:prepare")
    contract = session.get(AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    rule = rule_of(contract)
    lock_family(session, contract, rule)
    now = clock.now()
    after_cutoff(contract, local_date(now))
    earlier = latest_settlement(session, contract_id)
    if earlier is not None and earlier.issued_at is not None and not (change_reason or "").strip():
        raise Invalid(N_("A new version of an issued sheet needs its reason"), field="change_reason")
    _not_settled_later(session, contract, rule)
    basis = basis_of(session, contract, rule, assessment_id)
    for one in basis.members:
        after_cutoff(one.contract, local_date(now))
    _one_cause(session, contract, basis, cause)
    calculation = calculation_from(session, contract, basis, cause, rule=rule)
    own = basis.of(contract)
    sheet = Settlement(
        number=earlier.number if earlier else contract.number.replace("-HT-", "-JS-"),
        contract_id=contract_id,
        version=earlier.version + 1 if earlier else 1,
        replaces_id=earlier.id if earlier else None,
        figures_id=own.figures.id,
        claim_file_id=own.file.id,
        pack=contract.pack,
        pack_hash=contract.pack_hash,
        reading=contract.sharing_reading,
        cause=cause,
        expense_allowed=calculation.allowed,
        **result_columns(contract, calculation),
        **_counted_columns(rule, calculation),
        prepared_by=actor.user_id,
        prepared_at=now,
        change_reason=change_reason,
    )
    session.add(sheet)
    session.flush()
    name_basis(session, sheet, rule, basis)
    write_lines(session, sheet, contract, calculation)
    audit.record(session, now, actor, "settlement:sheet:prepare", sheet, number=sheet.number, version=sheet.version)
    return sheet


def result_columns(contract: AnnualContract, calculation: Calculation) -> dict[str, Any]:
    """What a sheet and a dry run both keep of a calculation, by column."""
    chosen, part = calculation.chosen, calculation.part
    return {
        "premium": calculation.account.premium_due,
        "claims": calculation.account.incurred_claims(ClaimsBasis(contract.claims_basis)),
        "balance": part.balance,
        "rate": f"{chosen.rate.numerator}/{chosen.rate.denominator}",
        "band": band_words(chosen),
        "outcome": Outcome(part.outcome),
        "insurer_part": part.insurer,
        "fund_part": part.fund,
        "readings": [
            {
                "reading": name,
                "insurer": None if one.insurer is None else str(one.insurer),
                "fund": None if one.fund is None else str(one.fund),
                "outcome": one.outcome,
            }
            for name, one in calculation.parts.items()
        ],
    }


def _counted_columns(rule: SharingRule, calculation: Calculation) -> dict[str, Any]:
    """What later years take over from a sheet, and the base of its rate."""
    move, held = calculation.chosen.reserve, calculation.retention
    beside = held is not None and not held.in_balance
    return {
        "rate_base": calculation.chosen.base,
        "carried": calculation.own.carried if rule.carry_over else None,
        "reserve_opening": move.opening if move else None,
        "reserve_closing": move.closing if move else None,
        "retention_released": held.released if held and beside else None,
        "retention_forfeited": held.forfeited if held and beside else None,
    }


def _not_settled_later(session: Session, contract: AnnualContract, rule: SharingRule) -> None:
    """Raise Refused where a later year's sheet has settled this year of the term already: it would be paid twice."""
    later = later_issued(session, contract, rule)
    if later is not None:
        message = N_("Sheet %(number)s has settled the term up to its own year: correct it there")
        raise Refused(message, clause=str(rule.clause), number=later.number)


def _one_cause(session: Session, contract: AnnualContract, basis: Basis, cause: Cause) -> None:
    """Raise Refused where another contract year of the pool was issued on the same figures with another cause."""
    for one in issued_sheets(session, [each.contract for each in basis.members if each.contract.year == contract.year]):
        if one.contract_id != contract.id and one.cause is not cause and basis_named(session, one) == basis:
            message = N_("Sheet %(number)s of the same pool was issued with another cause")
            raise Refused(message, field="cause", number=one.number)


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
    if decision.insurer_part is None or decision.fund_part is None:
        raise Refused(N_("This decision only finds an amount; it divides nothing"), clause="J15")
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
    _retain_decided_part(session, sheet)
    audit.record(session, clock.now(), actor, "settlement:sheet:decide", sheet, decision=decision_id)
    return sheet


def _retain_decided_part(session: Session, sheet: Settlement) -> None:
    """Where money is held back from the insurer's part, the decided part is what it is held back from."""
    rule = rule_of(session.get_one(AnnualContract, sheet.contract_id))
    if rule.retention is None or rule.retention.base is not RetentionBase.INSURER_PART or rule.retention.in_balance:
        return
    held, _ = retained(rule, calculation_of(session, sheet).own, sheet.expense_allowed, sheet.insurer_part)
    if held is not None:
        sheet.retention_released, sheet.retention_forfeited = held.released, held.forfeited
        replace_retention(session, sheet, held)


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
    lock_counted(session, settlement_id)
    sheet = issuable(session, settlement_id)
    sheet.issued_at, sheet.issued_by = clock.now(), actor.user_id
    session.add(sheet)
    post(session, actor, clock, sheet)
    sheet.document_id = papers.issue_sheet(session, actor, clock, sheet).id
    audit.record(session, sheet.issued_at, actor, "settlement:sheet:issue", sheet, version=sheet.version)
    _tell_later_years(session, sheet)
    return sheet


def lock_counted(session: Session, settlement_id: int) -> None:
    """Lock the contract years counted with a sheet, in the order of `lock_family`, before the sheet itself."""
    sheet = session.get(Settlement, settlement_id)
    if sheet is None:
        raise NotFound(N_("There is no such settlement sheet"))
    contract = session.get_one(AnnualContract, sheet.contract_id)
    lock_family(session, contract, rule_of(contract))


def _tell_later_years(session: Session, sheet: Settlement) -> None:
    """Who drafted a later year's sheet on an earlier version of this one is told that it has to be drafted again."""
    contract = session.get_one(AnnualContract, sheet.contract_id)
    for later in resting_on(session, contract):
        send(
            session,
            cast(datetime, sheet.issued_at),
            to=Person(later.prepared_by),
            subject=N_("Sheet %(number)s rests on an earlier version of %(earlier)s: draft its next version"),
            link=f"/settlement/sheets/{later.id}",
            key=f"settlement:{later.id}:rests-on:{sheet.id}",
            number=later.number,
            earlier=sheet.number,
        )


def outdated(session: Session, sheet: Settlement) -> list[Lack]:
    """What has changed since a sheet was drafted, of the contract years counted with it and the sheets it rests on."""
    contract = session.get_one(AnnualContract, sheet.contract_id)
    rule = rule_of(contract)
    return [] if alone(rule) else changed_since(session, contract, rule, basis_named(session, sheet))


def blockers(session: Session, sheet: Settlement) -> list[str]:
    """Why a sheet cannot be issued, as message ids; empty when nothing stands in the way."""
    return blockers_of(session, [sheet])[cast(int, sheet.id)]


def blockers_of(session: Session, sheets: Sequence[Settlement]) -> dict[int, list[str]]:
    """The same for many sheets, by number; those that rest on nothing but their own year are read in one query."""
    query = select(LineDispute).where(col(LineDispute.settlement_id).in_([sheet.id for sheet in sheets]))
    disputes = session.exec(query).all() if sheets else []
    still_open = {one.settlement_id for one in disputes if one.closed_at is None}
    accepted = {one.settlement_id for one in disputes if one.outcome == "accepted"}
    found = {}
    for sheet in sheets:
        reasons = []
        if sheet.id in still_open:
            reasons.append(N_("Disputed lines are still open"))
        if sheet.id in accepted:
            reasons.append(N_("An accepted row changes in the next version: draft it first"))
        if sheet.insurer_confirmed_at is None:
            reasons.append(N_("The insurer has not confirmed the sheet"))
        if sheet.outcome is not Outcome.SHARED and sheet.decision_id is None:
            reasons.append(N_("The loss needs a decision document of the departments"))
        found[cast(int, sheet.id)] = reasons + blocked_by_others(session, sheet)
    return found


def blocked_by_others(session: Session, sheet: Settlement) -> list[str]:
    """Why the contract years counted with a sheet keep it from being issued, as message ids."""
    contract = session.get_one(AnnualContract, sheet.contract_id)
    rule = rule_of(contract)
    if alone(rule):
        return []
    if later_issued(session, contract, rule) is not None:
        return [N_("A later year's sheet has settled this year of the term already")]
    basis = basis_named(session, sheet)
    if changed_since(session, contract, rule, basis):
        return [N_("What is counted together has changed since the draft: draft the sheet again")]
    try:
        _one_cause(session, contract, basis, sheet.cause)
    except Refused:
        return [N_("Another sheet of the same pool was issued with another cause")]
    return []


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
