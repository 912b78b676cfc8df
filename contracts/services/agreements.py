"""Service agreements: drafted from the awards, signed by insurer and agency, ended early for cause (J12, J13)."""

from datetime import date
from typing import cast

from sqlmodel import Session, select

from contracts import papers
from contracts.models import AnnualContract, ServiceAgreement
from contracts.rules import AgreementFacts, AgreementStage, PartYear, agreement_stage
from contracts.services.standing import cite
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval
from tender.models import Award, Lot, Tender
from tender.services import signing_suspended
from tender.services.securities import still_demanded

#: Where a service agreement is shown.
PAGE = ("contracts.agreement", "agreement_id")


def stage_of(agreement: ServiceAgreement, clock: Clock) -> AgreementStage:
    """The stage of an agreement now."""
    facts = AgreementFacts(
        agreement.term_from,
        agreement.term_until,
        agreement.insurer_signed_at,
        agreement.agency_signed_at,
        agreement.terminated_at,
        agreement.extended_until,
    )
    return agreement_stage(facts, clock.now())


def draft_agreements(session: Session, actor: Actor, clock: Clock, tender_id: int) -> list[ServiceAgreement]:
    """Draft one agreement for each award of a tender that has none yet (J12); numbered in the order of the lots.

    Raises Refused while the tender is not awarded.
    """
    require(actor, "contracts:prepare")
    tender: Tender | None = locked(session, Tender, tender_id)
    if tender is None:
        raise NotFound(N_("There is no such tender"))
    now = clock.now()
    drafted = []
    awards = session.scalars(
        select(Award)
        .join(Lot, Lot.id == Award.lot_id)
        .where(Award.tender_id == tender_id, Award.declined_at.is_(None))
        .order_by(Lot.position, Award.place)
    ).all()
    if not awards:  # a winner of the tender, or an insurer that the government's decision named (J11)
        raise Refused(N_("The tender has no winner yet"))
    known = set(session.scalars(select(ServiceAgreement.award_id)))
    prefix, year = tender.number.split("-")[:2]
    taken = len(session.scalars(_numbered(f"{prefix}-{year}-XY-")).all())
    for award in (award for award in awards if award.id not in known):
        lot = cast(Lot, session.get(Lot, award.lot_id))
        taken += 1
        agreement = ServiceAgreement(
            number=f"{prefix}-{year}-XY-{taken:02d}",
            award_id=award.id,
            policyholder_id=tender.policyholder_id,
            insurer_id=award.insurer_id,
            scheme=lot.scheme,
            area=award.area,
            term_from=tender.term_from,
            term_until=tender.term_until,
            pack=tender.pack,
            pack_hash=tender.pack_hash,
            created_at=now,
            demonstration=tender.demonstration,
        )
        session.add(agreement)
        audit.record(session, now, actor, "contracts:agreement:draft", agreement, number=agreement.number)
        drafted.append(agreement)
    return drafted


def sign_agreement(session: Session, actor: Actor, clock: Clock, agreement_id: int) -> ServiceAgreement:
    """The insurer's signature; the agency signs after it, by two people. Raises Refused when already signed."""
    require(actor, "contracts:sign")
    agreement = _open_agreement(session, agreement_id)
    if not actor.is_insurer or actor.organisation_id != agreement.insurer_id:
        raise NotFound(N_("There is no such agreement"))
    _not_suspended(session, clock, agreement)
    if agreement.insurer_signed_at is not None:
        raise Refused(N_("The insurer has already signed this agreement"))
    award = cast(Award, locked(session, Award, agreement.award_id))
    if award.declined_at is not None:
        raise Refused(N_("The award of this agreement was declined"))
    agreement.insurer_signed_at, agreement.insurer_signed_by = clock.now(), actor.user_id
    award.signed_at = agreement.insurer_signed_at
    session.add(agreement)
    audit.record(session, agreement.insurer_signed_at, actor, "contracts:agreement:sign", agreement, side="insurer")
    return agreement


def _not_suspended(session: Session, clock: Clock, agreement: ServiceAgreement) -> None:
    """A query that may affect the result, or a suspension on a complaint, keeps everybody from signing (REG 54)."""
    award = cast(Award, session.get(Award, agreement.award_id))
    lot = cast(Lot, session.get(Lot, award.lot_id)).position
    if signing_suspended(session, award.tender_id, local_date(clock.now()), lot):
        raise Refused(N_("Signing is suspended by a query or complaint"), clause="政府采购法实施条例第54条")


def request_agency_signature(session: Session, actor: Actor, clock: Clock, agreement_id: int) -> Approval:
    """Ask a second person of the department to sign for the agency; signing issues the agreement."""
    require(actor, "contracts:issue")
    agreement = _open_agreement(session, agreement_id)
    if agreement.insurer_signed_at is None:
        raise Refused(N_("The insurer signs first"))
    award = session.get_one(Award, agreement.award_id)
    left = still_demanded(session, session.get_one(Tender, award.tender_id), award, local_date(clock.now()))
    message = N_("Sign service agreement %(number)s for the agency and issue it")
    if left:
        message = N_(
            "Sign service agreement %(number)s for the agency and issue it, although %(left)s yuan of the performance "
            "security are not given"
        )
    params = {"number": agreement.number, "left": f"{left:,.2f}"} if left else {"number": agreement.number}
    kind = "contracts.agreement.sign"
    return approvals.request(session, actor, clock, kind, agreement, message=message, params=params)


@approvals.executor(
    "contracts.agreement.sign", permission="contracts:sign", request_permission="contracts:issue", page=PAGE
)
def _sign_for_agency(session: Session, actor: Actor, clock: Clock, approval: Approval) -> ServiceAgreement:
    agreement = _open_agreement(session, int(approval.subject_id))
    _not_suspended(session, clock, agreement)
    agreement.agency_signed_at, agreement.agency_signed_by = clock.now(), actor.user_id
    session.add(agreement)
    audit.record(session, agreement.agency_signed_at, actor, "contracts:agreement:sign", agreement, side="agency")
    agreement.document_id = papers.issue_agreement(session, actor, clock, agreement).id
    return agreement


def terminate(
    session: Session,
    actor: Actor,
    clock: Clock,
    agreement_id: int,
    reason: str,
    *,
    last_day: date | None = None,
    part_year: PartYear = PartYear.DAY,
) -> Approval:
    """Ask a second person to end an agreement at once, with its running contracts, for the reason given (J13).

    last_day: of cover in the running year, the day of the approval where none is given; part_year: how the agreement
    counts the premium of the part-year.
    """
    require(actor, "contracts:terminate")
    agreement = _running_agreement(session, clock, agreement_id)
    if not reason.strip():
        message = N_("Say which breach or harm this rests on")
        raise Invalid(message, field="reason", clause=cite(agreement, "termination"))
    if last_day is not None:
        _check_last_day(agreement, last_day, local_date(clock.now()))
    return approvals.request(
        session,
        actor,
        clock,
        "contracts.agreement.terminate",
        agreement,
        message=N_("End service agreement %(number)s and its running annual contract at once"),
        params={"number": agreement.number},
        payload={
            "reason": reason.strip(),
            "last_day": last_day.isoformat() if last_day else None,
            "part_year": part_year.value,
        },
    )


@approvals.executor("contracts.agreement.terminate", permission="contracts:terminate", page=PAGE)
def _terminate(session: Session, actor: Actor, clock: Clock, approval: Approval) -> ServiceAgreement:
    agreement = _running_agreement(session, clock, int(approval.subject_id))
    now, reason = clock.now(), approval.payload["reason"]
    today, named = local_date(now), approval.payload.get("last_day")
    last_day = date.fromisoformat(named) if named else today
    _check_last_day(agreement, last_day, today)
    agreement.terminated_at, agreement.termination_reason = now, reason
    session.add(agreement)
    contracts = session.scalars(select(AnnualContract).where(AnnualContract.agreement_id == agreement.id)).all()
    for contract in (c for c in contracts if c.terminated_at is None and c.year >= local_date(now).year):
        contract.terminated_at, contract.termination_reason = now, reason
        if contract.year == last_day.year and contract.agency_signed_at is not None:
            bridged = contract.covered_until or last_day
            contract.covered_until = min(bridged, last_day)
            contract.part_year = contract.part_year or approval.payload.get("part_year", PartYear.DAY.value)
        session.add(contract)
        audit.record(session, now, actor, "contracts:contract:terminate", contract, number=contract.number)
    audit.record(session, now, actor, "contracts:agreement:terminate", agreement, number=agreement.number)
    return agreement


def _check_last_day(agreement: ServiceAgreement, last_day: date, today: date) -> None:
    """Cover ends today or later in the running year: nobody is uncovered after the fact."""
    if not today <= last_day <= date(today.year, 12, 31):
        message = N_("The last day of cover lies between today and the end of this year")
        raise Invalid(message, field="last_day", clause=cite(agreement, "termination"))


def _numbered(prefix: str):  # type: ignore[no-untyped-def]
    return select(ServiceAgreement.id).where(ServiceAgreement.number.startswith(prefix))


def _running_agreement(session: Session, clock: Clock, agreement_id: int) -> ServiceAgreement:
    agreement: ServiceAgreement | None = locked(session, ServiceAgreement, agreement_id)
    if agreement is None:
        raise NotFound(N_("There is no such agreement"))
    if stage_of(agreement, clock) not in (AgreementStage.SIGNED, AgreementStage.IN_FORCE):
        message = N_("Only a signed agreement that still runs can be terminated")
        raise Refused(message, clause=cite(agreement, "termination"))
    return agreement


def _open_agreement(session: Session, agreement_id: int) -> ServiceAgreement:
    agreement: ServiceAgreement | None = locked(session, ServiceAgreement, agreement_id)
    if agreement is None:
        raise NotFound(N_("There is no such agreement"))
    if agreement.agency_signed_at is not None or agreement.terminated_at is not None:
        raise Refused(N_("This agreement is already signed or was terminated"))
    return agreement
