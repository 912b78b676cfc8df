"""Assessment of an insurer by protection, service and satisfaction, with its deduction (J18)."""

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session, select

from contracts.models import AnnualContract, Assessment
from contracts.rules import assessment_score
from contracts.services.standing import cite
from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require


def assess(
    session: Session,
    actor: Actor,
    clock: Clock,
    contract_id: int,
    *,
    period: str,
    indicators: Sequence[dict[str, str]],
    deduction: Decimal,
) -> Assessment:
    """Record an assessment of a contract year; the deduction (yuan) stays outside the sharing.

    indicators: [{"indicator", "weight", "score", "note"}], weights add up to 1, scores 0–100.
    """
    require(actor, "contracts:assess")
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    if contract.agency_signed_at is None:
        raise Refused(N_("The contract is not signed yet"))
    if deduction < 0:
        raise Invalid(N_("A deduction is not negative"), field="deduction")
    same = (Assessment.contract_id == contract_id, Assessment.period == period)
    if session.scalars(select(Assessment.id).where(*same)).first() is not None:
        raise Invalid(N_("This contract year is already assessed for %(period)s"), field="period", period=period)
    if any(not 0 <= Decimal(indicator["score"]) <= 100 for indicator in indicators):
        raise Invalid(N_("A score lies between 0 and 100"), field="indicators", clause=cite(contract, "assessment"))
    try:
        score = assessment_score(indicators)
    except ValueError:
        message = N_("The weights of the indicators must add up to 1")
        raise Invalid(message, field="indicators", clause=cite(contract, "assessment")) from None
    assessment = Assessment(
        contract_id=contract_id,
        period=period,
        indicators=list(indicators),
        score=score,
        deduction=deduction,
        decided_by=actor.user_id,
        decided_at=clock.now(),
    )
    session.add(assessment)
    audit.record(session, assessment.decided_at, actor, "contracts:assessment:record", contract, period=period)
    return assessment
