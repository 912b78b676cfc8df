"""Amendments: the agreed cost of a signed contract year stated anew, signed by both sides, for the agency by two."""

from decimal import Decimal
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts import papers
from contracts.models import AnnualContract, ContractAmendment, ServiceAgreement
from contracts.services.annual import PAGE
from contracts.services.dues import in_force, measured_against_cost
from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval


def amendments_of(session: Session, contract: AnnualContract) -> list[ContractAmendment]:
    """The amendments of a contract year, the oldest first, signed or not."""
    query = select(ContractAmendment).where(ContractAmendment.contract_id == contract.id)
    return list(session.exec(query.order_by(col(ContractAmendment.id))))


def amended_by(session: Session, contract: AnnualContract) -> ContractAmendment | None:
    """The newest amendment that both sides have signed, or None."""
    signed = [one for one in amendments_of(session, contract) if one.agency_signed_at is not None]
    return signed[-1] if signed else None


def why_not_amended(session: Session, contract: AnnualContract) -> str | None:
    """Why no amendment of the agreed cost can be prepared now, as a message id; None where one can."""
    if measured_against_cost(contract.pack, contract.year) is None:
        return N_("The paper's sharing rule is not measured against an agreed cost")
    if contract.agency_signed_at is None:
        return N_("The contract is not signed yet")
    if not in_force(contract):
        return N_("This contract was ended before its year began: there is nothing to settle")
    if any(one.agency_signed_at is None for one in amendments_of(session, contract)):
        return N_("An amendment of this contract waits for its signatures")
    return None


def prepare_amendment(
    session: Session, actor: Actor, clock: Clock, contract_id: int, *, target_cost: Decimal, reason: str
) -> ContractAmendment:
    """Draft an amendment that states the agreed cost anew, for the part of the year that the contract covers today.

    target_cost: yuan. Raises Refused where the paper's rule needs none, or an amendment waits already.
    """
    require(actor, "contracts:prepare")
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    if refusal := why_not_amended(session, contract):
        raise Refused(refusal)
    if target_cost <= 0:
        raise Invalid(N_("The agreed cost must be positive"), field="target_cost")
    if not reason.strip():
        raise Invalid(N_("Say why the agreed cost is stated anew"), field="reason")
    row = ContractAmendment(
        number=f"{contract.number}-BC-{len(amendments_of(session, contract)) + 1}",
        contract_id=contract_id,
        target_cost=target_cost,
        target_until=contract.covered_until,
        reason=reason.strip(),
        prepared_by=actor.user_id,
        prepared_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, row.prepared_at, actor, "contracts:amendment:prepare", contract, number=row.number)
    return row


def discard_amendment(session: Session, actor: Actor, clock: Clock, amendment_id: int) -> AnnualContract:
    """Throw away an amendment that nobody has signed; returns its contract."""
    require(actor, "contracts:prepare")
    contract, row = _unsigned(session, amendment_id)
    if row.insurer_signed_at is not None:
        raise Refused(N_("The insurer has already signed this amendment"))
    audit.record(session, clock.now(), actor, "contracts:amendment:discard", contract, number=row.number)
    session.delete(row)
    return contract


def sign_amendment(session: Session, actor: Actor, clock: Clock, amendment_id: int) -> ContractAmendment:
    """The insurer's signature on an amendment; the agency signs after it, by two people."""
    require(actor, "contracts:sign")
    contract, row = _unsigned(session, amendment_id)
    agreement = session.get_one(ServiceAgreement, contract.agreement_id)
    if not actor.is_insurer or actor.organisation_id != agreement.insurer_id:
        raise NotFound(N_("There is no such amendment"))
    if row.insurer_signed_at is not None:
        raise Refused(N_("The insurer has already signed this amendment"))
    row.insurer_signed_at, row.insurer_signed_by = clock.now(), actor.user_id
    session.add(row)
    audit.record(
        session, row.insurer_signed_at, actor, "contracts:amendment:sign", contract, number=row.number, side="insurer"
    )
    return row


def request_amendment_signature(session: Session, actor: Actor, clock: Clock, amendment_id: int) -> Approval:
    """Ask a second person to sign an amendment for the agency; signing issues it, and from then on it counts."""
    require(actor, "contracts:issue")
    contract, row = _unsigned(session, amendment_id)
    _may_sign(contract, row)
    return approvals.request(
        session,
        actor,
        clock,
        "contracts.amendment.sign",
        contract,
        message=N_("Sign amendment %(number)s for the agency and issue it: agreed cost %(amount)s yuan"),
        params={"number": row.number, "amount": f"{row.target_cost:,}"},
        payload={"amendment": amendment_id},
    )


@approvals.executor(
    "contracts.amendment.sign", permission="contracts:sign", request_permission="contracts:issue", page=PAGE
)
def _sign_for_agency(session: Session, actor: Actor, clock: Clock, approval: Approval) -> ContractAmendment:
    contract, row = _unsigned(session, int(approval.payload["amendment"]))
    _may_sign(contract, row)
    row.agency_signed_at, row.agency_signed_by = clock.now(), actor.user_id
    session.add(row)
    audit.record(
        session, row.agency_signed_at, actor, "contracts:amendment:sign", contract, number=row.number, side="agency"
    )
    row.document_id = papers.issue_amendment(session, actor, clock, contract, row).id
    return row


def _may_sign(contract: AnnualContract, row: ContractAmendment) -> None:
    """Raise Refused unless the insurer has signed, for the cover that the contract still has."""
    if row.insurer_signed_at is None:
        raise Refused(N_("The insurer signs first"))
    if row.target_until != contract.covered_until:
        raise Refused(N_("The contract has ended early since this amendment was drafted: draft it anew"))


def _unsigned(session: Session, amendment_id: int) -> tuple[AnnualContract, ContractAmendment]:
    """An amendment with its contract, the contract locked first. Raises Refused once the agency has signed."""
    found: Any = session.get(ContractAmendment, amendment_id)
    if found is None:
        raise NotFound(N_("There is no such amendment"))
    contract = cast(AnnualContract, locked(session, AnnualContract, found.contract_id))
    row = cast(ContractAmendment | None, locked(session, ContractAmendment, amendment_id))
    if row is None:
        raise NotFound(N_("There is no such amendment"))
    if row.agency_signed_at is not None:
        raise Refused(N_("This amendment is already signed"))
    return contract, row
