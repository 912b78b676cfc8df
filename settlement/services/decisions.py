"""Policy-driven losses: the joint finding and agreed solution of the departments, recorded and approved (J15)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import cast

from sqlmodel import Session

from contracts.models import AnnualContract, ServiceAgreement
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.house import files_of
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval, Organisation
from core.money import ZERO
from core.policy import view
from core.policy.model import Basis, Cause, Side
from settlement.models import Outcome, PolicyLossDecision
from settlement.rules.together import pooled
from settlement.services.calculating import rule_if_any
from settlement.services.figures import latest_settlement


def record_decision(
    session: Session,
    actor: Actor,
    clock: Clock,
    contract_id: int,
    *,
    attributable: Decimal,
    finding: str,
    meeting_held_on: date,
    signatures: Sequence[dict[str, str]],
    insurer_part: Decimal | None,
    fund_part: Decimal | None,
    evidence: bytes,
) -> Approval:
    """Record the multi-party decision with its signed document and ask a second person to approve it.

    attributable: the part of the loss the departments attribute to the policy change; insurer_part, fund_part: the
    agreed parts of the loss, zero or negative; of a contract that is counted with others, those of its own balance;
    both None for a finding alone, where the rule divides a loss by its causes; signatures: [{"organisation",
    "signed_by", "signed_on"}], one of every office of `deciding_offices`.
    """
    require(actor, "settlement:decide_policy_loss")
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    now = clock.now()
    _check_amounts(session, contract, attributable, insurer_part, fund_part)
    if meeting_held_on > local_date(now):
        raise Invalid(N_("The meeting lies in the future"), field="meeting_held_on")
    if not evidence or not finding.strip():
        raise Invalid(N_("The finding, the signed document and every signature are needed"), clause="J15")
    _check_signatures(deciding_offices(session, contract), signatures, local_date(now))
    decision = PolicyLossDecision(
        contract_id=contract_id,
        attributable=attributable,
        finding=finding.strip(),
        meeting_held_on=meeting_held_on,
        signatures=list(signatures),
        insurer_part=insurer_part,
        fund_part=fund_part,
        evidence_sha256=files_of(session).put(evidence),
        recorded_by=actor.user_id,
        recorded_at=now,
    )
    session.add(decision)
    audit.record(session, now, actor, "settlement:decision:record", decision, evidence=decision.evidence_sha256)
    return approvals.request(
        session,
        actor,
        clock,
        "settlement.decision.approve",
        decision,
        message=N_("Accept the departments' decision on the policy-driven loss of contract %(number)s"),
        params={"number": contract.number},
    )


def finds_amounts(contract: AnnualContract) -> bool:
    """Whether the rule divides a loss by its causes, so that the departments may find an amount and divide nothing."""
    rule = rule_if_any(contract)
    return rule is not None and rule.split_causes


def divides_any_balance(contract: AnnualContract) -> bool:
    """Whether a decision may divide a surplus too: that of a contract which is counted with others."""
    rule = rule_if_any(contract)
    return rule is not None and pooled(rule)


def _check_amounts(
    session: Session, contract: AnnualContract, attributable: Decimal, insurer: Decimal | None, fund: Decimal | None
) -> None:
    """Raise Refused or Invalid where nothing is left to the departments, or the amounts cannot be those of a loss."""
    if insurer is None or fund is None:
        if insurer is not fund or not finds_amounts(contract):
            raise Invalid(N_("Give both parts of the loss"), field="insurer_part", clause="J15")
        if attributable <= 0:
            raise Invalid(N_("A finding needs the amount put down to policy"), field="attributable", clause="J15")
        return
    sheet = latest_settlement(session, cast(int, contract.id))
    if sheet is not None and sheet.outcome is Outcome.SHARED:
        raise Refused(N_("Only a loss that the rule leaves to the departments needs a decision"), clause="J15")
    if not divides_any_balance(contract) and (insurer > 0 or fund > 0):
        raise Invalid(N_("The parts of a loss are zero or negative"), field="insurer_part", clause="J15")
    if attributable < 0 or attributable > max(-(insurer + fund), ZERO):
        raise Invalid(N_("The attributable amount lies between zero and the loss"), field="attributable", clause="J15")


def deciding_offices(session: Session, contract: AnnualContract) -> tuple[str, ...]:
    """Who signs: the departments whom the paper's own words call (all it names where they name none), the insurer."""
    seen = view(contract.pack, date(contract.year, 12, 31))
    titles = [office.title for office in seen.identity.departments]
    bands = seen.sharing.bands_for(None, Side.LOSS, Cause.POLICY) if seen.sharing else ()
    words = "".join(band.clause.quote or "" for band in bands if band.basis is Basis.NEGOTIATED)
    named = tuple(title for title in titles if title in words) or tuple(titles)
    if contract.demonstration:
        named = tuple(_invented(title, seen.identity.issuer) for title in named)
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    return (*named, cast(Organisation, session.get(Organisation, agreement.insurer_id)).name)


def _invented(title: str, issuer: str) -> str:
    """A demonstration keeps the office's duty and drops its real place: the office of a place becomes '演示…'."""
    place = issuer.partition("省")[0] if "省" in issuer else issuer.partition("市")[0]
    return f"演示{title.removeprefix(place)}"


def _check_signatures(offices: Sequence[str], signatures: Sequence[dict[str, str]], today: date) -> None:
    """Raise Invalid unless everybody whom the paper calls has signed, by today."""
    signed = {one["organisation"] for one in signatures if one.get("signed_by", "").strip()}
    missing = [office for office in offices if office not in signed]
    if missing:
        raise Invalid(N_("Signatures are missing: %(offices)s"), clause="J15", offices="、".join(missing))
    if any(date.fromisoformat(one["signed_on"]) > today for one in signatures):
        raise Invalid(N_("A signature lies in the future"), clause="J15")


@approvals.executor(
    "settlement.decision.approve",
    permission="settlement:decide_policy_loss",
    page=("settlement.decision", "decision_id"),
)
def _approve(session: Session, actor: Actor, clock: Clock, approval: Approval) -> PolicyLossDecision:
    decision = cast(PolicyLossDecision, locked(session, PolicyLossDecision, int(approval.subject_id)))
    decision.approved_at, decision.approved_by = clock.now(), actor.user_id
    session.add(decision)
    audit.record(session, decision.approved_at, actor, "settlement:decision:approve", decision)
    return decision
