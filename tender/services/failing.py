"""When a lot or the whole tender yields nothing: the four grounds of GPL art. 36, in words, with the public notice."""

from datetime import datetime

from sqlmodel import Session

from core import audit
from core.clock import Clock
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from tender.models import Lot, Tender
from tender.rules import clauses
from tender.rules.stages import Stage
from tender.services.papers_notices import issue_failure_notice
from tender.services.preparation import lots_of
from tender.services.silence import silence_of
from tender.services.stage import at_stage, locked_tender, purchasers_own

#: The grounds of GPL art. 36, first paragraph, in the statute's words; the key is kept in the audit log.
GROUNDS = {
    "too_few": "符合专业条件的供应商或者对招标文件作实质响应的供应商不足三家",
    "irregular": "出现影响采购公正的违法、违规行为",
    "over_budget": "投标人的报价均超过了采购预算，采购人不能支付",
    "task_cancelled": "因重大变故，采购任务取消",
}
FEWER_THAN_THREE = "在投标截止时间前提交投标文件的投标人不足三家，不得开标"

#: Failing is possible from the publication until the winners are fixed.
_OPEN_STAGES = (
    Stage.BIDDING, Stage.SEALED, Stage.QUALIFICATION, Stage.CONFORMITY, Stage.SCORING, Stage.PRICE_OPENING,
    Stage.EVALUATION, Stage.DECISION,
)  # fmt: skip


def fail_lot(
    session: Session, actor: Actor, now: datetime, tender: Tender, lot: Lot, reason: str, clause: str
) -> None:
    """Record that a lot yields nothing; the other lots go on."""
    if lot.failed_at is None:
        lot.failed_at, lot.end_reason = now, reason
        session.add(lot)
        audit.record(session, now, actor, "tender:lot:fail", lot, reason=reason, clause=clause)


def fail_if_nothing_is_left(session: Session, actor: Actor, clock: Clock, tender: Tender) -> bool:
    """End the tender when every lot has failed, and publish the failure notice; returns whether it ended."""
    lots = lots_of(session, tender.id or 0)
    if not all(lot.failed_at for lot in lots) or tender.failed_at is not None:
        return tender.failed_at is not None
    now = clock.now()
    tender.failed_at = now
    tender.end_reason = "；".join(f"第{lot.position}包：{lot.end_reason}" for lot in lots)
    audit.record(session, now, actor, "tender:tender:fail", tender, reason=tender.end_reason)
    issue_failure_notice(session, actor, clock, tender)
    return True


def request_failure(
    session: Session, actor: Actor, clock: Clock, tender_id: int, *, ground: str, reason: str, lot_id: int | None = None
) -> Approval:
    """Ask a second person to declare a lot, or the whole tender, failed (废标) on one of the four grounds.

    ground: a key of GROUNDS; reason: the facts, for the notice and for the bidders.
    """
    require(actor, "tender:fail")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    at_stage(tender, clock.now(), *_OPEN_STAGES)
    if ground not in GROUNDS or not reason.strip():
        raise Invalid(N_("Name one of the four grounds and the facts"), clause=clauses.FAILURE, field="ground")
    said = silence_of(tender, clock.now())
    if ground == "task_cancelled" and said is not None and said.deemed:
        message = N_("The days for the decision have passed: the first-ranked are deemed the winners")
        raise Refused(message, clause=clauses.clause(tender.rule_set, "award"))
    if lot_id is not None and lot_id not in {lot.id for lot in lots_of(session, tender_id)}:
        raise NotFound(N_("There is no such lot"))
    return request(
        session,
        actor,
        clock,
        "tender.fail",
        tender,
        message=N_("Declare tender %(number)s failed: %(reason)s"),
        params={"number": tender.number, "reason": reason},
        payload={"ground": ground, "reason": reason.strip(), "lot": lot_id},
    )


@executor("tender.fail", permission="tender:fail", page=("tender.show", "tender_id"))
def fail_tender(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Tender:
    """Declare what was asked failed, in the transaction of the approval; a whole tender gets its failure notice."""
    tender = locked_tender(session, int(approval.subject_id))
    now = clock.now()
    at_stage(tender, now, *_OPEN_STAGES)
    words = f"{GROUNDS[approval.payload['ground']]}：{approval.payload['reason']}"
    for lot in lots_of(session, tender.id or 0):
        if approval.payload["lot"] in (None, lot.id):
            fail_lot(session, actor, now, tender, lot, words, clauses.FAILURE)
    fail_if_nothing_is_left(session, actor, clock, tender)
    return tender
