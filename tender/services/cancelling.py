"""Cancelling a published tender before the opening (终止招标): two people, a public notice, securities back (T07)."""

from sqlmodel import Session

from core import audit
from core.clock import Clock
from core.errors import Invalid, N_
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from tender.models import Notice, Tender
from tender.rules import clauses
from tender.rules.stages import Stage
from tender.services.papers_notices import issue_cancellation_notice
from tender.services.stage import at_stage, locked_tender, purchasers_own
from tender.services.telling import CANCELLED, tell_takers

#: Sealed bids are never opened by a cancellation; once they are open, the tender can only fail (GPL art. 36).
_SEALED_STAGES = (Stage.BIDDING, Stage.SEALED)


def request_cancellation(session: Session, actor: Actor, clock: Clock, tender_id: int, reason: str) -> Approval:
    """Ask a second person to cancel a tender whose task fell away by a major change (87号令第29条).

    reason: the facts, for the notice. Raises Invalid without them, Refused before publication and after the opening.
    """
    require(actor, "tender:cancel")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    at_stage(tender, clock.now(), *_SEALED_STAGES)
    if not reason.strip():
        raise Invalid(N_("Say why the task falls away"), field="reason", clause=clauses.cancellation(tender.rule_set))
    return request(
        session,
        actor,
        clock,
        "tender.cancel",
        tender,
        message=N_("Cancel tender %(number)s; no bid will be opened: %(reason)s"),
        params={"number": tender.number, "reason": reason.strip()},
        payload={"reason": reason.strip()},
    )


@executor("tender.cancel", permission="tender:cancel", page=("tender.show", "tender_id"))
def cancel(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Notice:
    """Cancel, publish the notice, and leave the bids sealed for good; finance pays the securities back within T07."""
    tender: Tender = locked_tender(session, int(approval.subject_id))
    now = clock.now()
    at_stage(tender, now, *_SEALED_STAGES)
    tender.cancelled_at, tender.end_reason = now, approval.payload["reason"]
    notice = issue_cancellation_notice(session, actor, clock, tender)
    audit.record(session, now, actor, "tender:tender:cancel", tender, notice=notice.id, reason=tender.end_reason)
    tell_takers(session, now, tender, CANCELLED, anchor="papers", matter="secrecy", key="cancelled")
    return notice
