"""Findings of the supervision in a tender, each with the purchaser's reply (J19)."""

from sqlmodel import Session, col, func, select

from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from tender.models import SupervisionFinding, Tender
from tender.rules.stages import Stage
from tender.services.stage import at_stage, locked_tender, purchasers_own


def record_finding(
    session: Session, actor: Actor, clock: Clock, tender_id: int, *, text: str, clause: str
) -> SupervisionFinding:
    """The supervisor records what is wrong and the article it offends; the purchaser's desk shows it until answered.

    Raises Refused before the publication, when there is nothing to supervise yet.
    """
    require(actor, "tender:supervise")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    standing = at_stage(tender, now, *(one for one in Stage if one is not Stage.PREPARATION))
    for name, value in (("text", text), ("article", clause)):
        if not value.strip():
            raise Invalid(N_("Say what is wrong and which article it offends"), field=name)
    last = session.exec(select(func.max(SupervisionFinding.number)).where(SupervisionFinding.tender_id == tender.id))
    row = SupervisionFinding(
        tender_id=tender.id, number=(last.one() or 0) + 1, stage=standing.value, text=text.strip(),
        clause=clause.strip(), recorded_by=actor.user_id, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, now, actor, "tender:finding:record", row, tender=tender.number, number=row.number)
    return row


def reply_finding(session: Session, actor: Actor, clock: Clock, finding_id: int, reply: str) -> SupervisionFinding:
    """The purchaser says what it did about a finding, once."""
    require(actor, "tender:answer_finding")
    row: SupervisionFinding | None = locked(session, SupervisionFinding, finding_id)
    if row is None:
        raise NotFound(N_("There is no such finding"))
    purchasers_own(actor, session.get_one(Tender, row.tender_id))
    now = clock.now()
    if row.replied_at is not None:
        raise Refused(N_("This finding is already answered"))
    if not reply.strip():
        raise Invalid(N_("Write the reply"), field="reply")
    row.reply, row.replied_by, row.replied_at = reply.strip(), actor.user_id, now
    audit.record(session, now, actor, "tender:finding:reply", row, number=row.number)
    return row


def findings_of(session: Session, tender_id: int) -> list[SupervisionFinding]:
    """The findings of a tender by number."""
    rows = select(SupervisionFinding).where(SupervisionFinding.tender_id == tender_id)
    return list(session.exec(rows.order_by(col(SupervisionFinding.number))))
