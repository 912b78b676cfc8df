"""What the contract side decides without a database: stages from facts, premium and instalments (J1, J12, J16)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from core.clock import local_date
from core.money import split, yuan


class AgreementStage(Enum):
    """Where a service agreement stands."""

    DRAFT = "draft"
    INSURER_SIGNED = "insurer_signed"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    ENDED = "ended"
    TERMINATED = "terminated"


class ContractStage(Enum):
    """Where an annual contract stands."""

    DRAFT = "draft"
    INSURER_SIGNED = "insurer_signed"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    RUN_OFF = "run_off"
    CLOSED = "closed"
    TERMINATED = "terminated"


@dataclass(frozen=True)
class AgreementFacts:
    """The facts an agreement's stage follows from."""

    term_from: date
    term_until: date
    insurer_signed_at: datetime | None
    agency_signed_at: datetime | None
    terminated_at: datetime | None


@dataclass(frozen=True)
class ContractFacts:
    """The facts an annual contract's stage follows from; `cutoff` ends the payment of the year's claims."""

    year: int
    cutoff: date
    insurer_signed_at: datetime | None
    agency_signed_at: datetime | None
    terminated_at: datetime | None


def agreement_stage(facts: AgreementFacts, now: datetime) -> AgreementStage:
    """The stage of a service agreement at an instant."""
    if facts.terminated_at is not None:
        return AgreementStage.TERMINATED
    if facts.agency_signed_at is None:
        return AgreementStage.DRAFT if facts.insurer_signed_at is None else AgreementStage.INSURER_SIGNED
    today = local_date(now)
    if today < facts.term_from:
        return AgreementStage.SIGNED
    return AgreementStage.IN_FORCE if today <= facts.term_until else AgreementStage.ENDED


def contract_stage(facts: ContractFacts, now: datetime) -> ContractStage:
    """The stage of an annual contract at an instant; after the year its claims run off until the cut-off day."""
    if facts.terminated_at is not None:
        return ContractStage.TERMINATED
    if facts.agency_signed_at is None:
        return ContractStage.DRAFT if facts.insurer_signed_at is None else ContractStage.INSURER_SIGNED
    today = local_date(now)
    if today.year < facts.year:
        return ContractStage.SIGNED
    if today.year == facts.year:
        return ContractStage.IN_FORCE
    return ContractStage.RUN_OFF if today <= facts.cutoff else ContractStage.CLOSED


def premium(insured_count: int, funding_standard: Decimal) -> Decimal:
    """Premium in yuan: persons × funding standard (yuan a person a year), exact to the fen (J1)."""
    return yuan(insured_count * funding_standard)


def instalments(total: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """The contract premium split by shares; the parts add up to the premium to the fen."""
    return split(total, shares)


def instalment_day(year: int, month_and_day: str) -> date:
    """The due day in the insurance year of a term such as '03-31'."""
    return date.fromisoformat(f"{year}-{month_and_day}")


def true_up(contract_count: int, cleared_count: int, funding_standard: Decimal) -> Decimal:
    """What clearing the head count adds to (or takes from) the contract premium, in yuan (F.3 row 6)."""
    return premium(cleared_count, funding_standard) - premium(contract_count, funding_standard)


def assessment_score(indicators: Sequence[Mapping[str, str]]) -> Decimal:
    """The weighted score of an assessment (J18): Σ weight × score; the weights add up to 1.

    Raises ValueError when they do not.
    """
    weights = [Decimal(indicator["weight"]) for indicator in indicators]
    if sum(weights, Decimal(0)) != 1:
        raise ValueError("the weights of an assessment add up to 1")
    scores = (Decimal(indicator["score"]) for indicator in indicators)
    return sum((weight * score for weight, score in zip(weights, scores, strict=True)), Decimal(0))
