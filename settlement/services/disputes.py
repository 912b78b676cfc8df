"""Disputes: the insurer contests a line with evidence, the department answers, and the line is kept or changed."""

from typing import cast

from sqlmodel import Session

from contracts.models import AnnualContract, ServiceAgreement
from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.house import files_of
from core.identity.actor import Actor, require
from settlement.models import DisputeMessage, LineDispute, Settlement
from settlement.services.lines import lines_of
from settlement.services.sheet import open_disputes, open_sheet


def raise_dispute(
    session: Session,
    actor: Actor,
    clock: Clock,
    settlement_id: int,
    row: str,
    text: str,
    evidence: tuple[str, bytes] | None = None,
) -> LineDispute:
    """Contest one row of a draft sheet; evidence: (file name, bytes). Raises Invalid for a row the sheet lacks."""
    require(actor, "settlement:dispute")
    sheet = open_sheet(session, settlement_id)
    _own(session, actor, sheet)
    if row not in {line.row for line in lines_of(session, settlement_id)}:
        raise Invalid(N_("The sheet has no row %(row)s"), field="row", row=row)
    if any(dispute.row == row for dispute in open_disputes(session, settlement_id)):
        raise Refused(N_("Row %(row)s is already disputed"), row=row)
    now = clock.now()
    dispute = LineDispute(settlement_id=settlement_id, row=row, raised_by=actor.user_id, raised_at=now)
    session.add(dispute)
    session.flush()
    if sheet.insurer_confirmed_at is not None:
        sheet.insurer_confirmed_at = sheet.insurer_confirmed_by = None
        session.add(sheet)
    _say(session, actor, clock, cast(int, dispute.id), text, evidence)
    audit.record(session, now, actor, "settlement:dispute:raise", sheet, row=row)
    return dispute


def answer(
    session: Session,
    actor: Actor,
    clock: Clock,
    dispute_id: int,
    text: str,
    evidence: tuple[str, bytes] | None = None,
) -> DisputeMessage:
    """Say something in a dispute, from either side."""
    dispute = _open(session, dispute_id)
    require(actor, "settlement:dispute" if actor.is_insurer else "settlement:answer_dispute")
    _own(session, actor, cast(Settlement, session.get(Settlement, dispute.settlement_id)))
    return _say(session, actor, clock, dispute_id, text, evidence)


def close(session: Session, actor: Actor, clock: Clock, dispute_id: int, *, accepted: bool) -> LineDispute:
    """The department closes a dispute: the line is kept, or accepted and changed by the next version of the sheet."""
    require(actor, "settlement:answer_dispute")
    dispute = _open(session, dispute_id)
    dispute.closed_at, dispute.closed_by = clock.now(), actor.user_id
    dispute.outcome = "accepted" if accepted else "kept"
    session.add(dispute)
    audit.record(session, dispute.closed_at, actor, "settlement:dispute:close", dispute, outcome=dispute.outcome)
    return dispute


def _say(
    session: Session,
    actor: Actor,
    clock: Clock,
    dispute_id: int,
    text: str,
    evidence: tuple[str, bytes] | None,
) -> DisputeMessage:
    if not text.strip():
        raise Invalid(N_("Say what is wrong and why"), field="text")
    message = DisputeMessage(
        dispute_id=dispute_id,
        said_by=actor.user_id,
        said_at=clock.now(),
        text=text.strip(),
        evidence_name=evidence[0] if evidence else None,
        evidence_sha256=files_of(session).put(evidence[1]) if evidence else None,
    )
    session.add(message)
    return message


def _open(session: Session, dispute_id: int) -> LineDispute:
    dispute: LineDispute | None = locked(session, LineDispute, dispute_id)
    if dispute is None:
        raise NotFound(N_("There is no such dispute"))
    if dispute.closed_at is not None:
        raise Refused(N_("This dispute is already closed"))
    return dispute


def _own(session: Session, actor: Actor, sheet: Settlement) -> None:
    """An insurer sees its own sheets only."""
    contract = cast(AnnualContract, session.get(AnnualContract, sheet.contract_id))
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    if actor.is_insurer and agreement.insurer_id != actor.organisation_id:
        raise NotFound(N_("There is no such settlement sheet"))
