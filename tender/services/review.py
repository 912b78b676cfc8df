"""Review after the opening: qualification by the purchaser, who sits on the committee, conformity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.policy.procurement import rule_set
from tender.models import (
    Bid,
    CommitteeMember,
    CommitteeSeat,
    ConformityFinding,
    EnvelopeKind,
    Lot,
    QualificationCondition,
    QualificationFinding,
    Tender,
)
from tender.rules import clauses
from tender.rules import committee as committee_rules
from tender.rules.stages import Stage
from tender.services.bidding import counted_envelope, standing_bids
from tender.services.failing import fail_if_nothing_is_left, fail_lot
from tender.services.preparation import lots_of
from tender.services.stage import at_stage, cite, disclosed_bid, locked_tender, purchasers_own

TOO_FEW_QUALIFIED = "合格投标人不足三家，不得评标"
TOO_FEW_CONFORMING = "通过符合性审查的投标人不足三家"


@dataclass(frozen=True)
class Finding:
    """A reviewer's answer to one question: passed, or not and why."""

    passed: bool
    reason: str = ""


def opened_bids(session: Session, tender: Tender, lot_id: int | None = None) -> list[Bid]:
    """The bids of live lots whose technical envelope opened; only after the opening."""
    if tender.technical_opened_at is None:
        return []
    live = {lot.id for lot in lots_of(session, tender.id or 0) if lot.failed_at is None}
    bids = standing_bids(session, tender.id or 0, lot_id)
    return [bid for bid in bids if bid.lot_id in live and _technical_open(session, bid)]


def _technical_open(session: Session, bid: Bid) -> bool:
    return counted_envelope(session, bid, EnvelopeKind.TECHNICAL).failure is None


def conditions_of(session: Session, tender_id: int) -> list[QualificationCondition]:
    """The qualification conditions in order."""
    rows = select(QualificationCondition).where(QualificationCondition.tender_id == tender_id)
    return list(session.exec(rows.order_by(col(QualificationCondition.position))))


def review_qualification(
    session: Session, actor: Actor, clock: Clock, bid_id: int, findings: Mapping[int, Finding]
) -> list[QualificationFinding]:
    """The purchaser's answer to every condition for one bid (condition id → finding); repeating replaces it.

    Raises Invalid where a condition is left out, or is not met without a reason.
    """
    require(actor, "tender:review_qualification")
    bid, tender = disclosed_bid(session, bid_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.QUALIFICATION)
    _must_be_opened(session, tender, bid)
    for old in session.exec(select(QualificationFinding).where(QualificationFinding.bid_id == bid_id)).all():
        session.delete(old)
    session.flush()
    rows = []
    for condition in conditions_of(session, tender.id or 0):
        finding = findings.get(condition.id or 0)
        if finding is None or not finding.passed and not finding.reason.strip():
            raise Invalid(
                N_("Answer every condition, and say why one is not met"), clause=cite(tender, "qualification"),
                field=f"condition-{condition.id}",
            )  # fmt: skip
        rows.append(
            QualificationFinding(
                bid_id=bid.id,
                condition_id=condition.id,
                passed=finding.passed,
                reason=finding.reason.strip() or None,
                reviewed_by=actor.user_id,
                reviewed_at=now,
            )
        )
    session.add_all(rows)
    passed = all(row.passed for row in rows)
    audit.record(session, now, actor, "tender:qualification:review", bid, passed=passed)
    return rows


def _must_be_opened(session: Session, tender: Tender, bid: Bid) -> None:
    if bid not in opened_bids(session, tender):
        raise NotFound(N_("There is no such bid"))


def qualified(session: Session, bid: Bid) -> bool | None:
    """Whether a bid met every condition; None while it is not reviewed."""
    rows = session.exec(select(QualificationFinding).where(QualificationFinding.bid_id == bid.id)).all()
    return all(row.passed for row in rows) if rows else None


def finish_qualification(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Tender:
    """End the qualification review; a lot with fewer than three qualified bidders is not evaluated (87 art. 44)."""
    require(actor, "tender:review_qualification")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.QUALIFICATION)
    bids = opened_bids(session, tender)
    if any(qualified(session, bid) is None for bid in bids):
        raise Refused(N_("Every opened bid must be reviewed first"), clause=cite(tender, "qualification"))
    passed = [bid for bid in bids if qualified(session, bid)]
    _fail_small_lots(session, actor, now, tender, passed, TOO_FEW_QUALIFIED, cite(tender, "too_few_qualified"))
    tender.qualification_reviewed_at = now
    audit.record(session, now, actor, "tender:qualification:finish", tender, qualified=len(passed), bids=len(bids))
    fail_if_nothing_is_left(session, actor, clock, tender)
    return tender


def _fail_small_lots(
    session: Session, actor: Actor, now: datetime, tender: Tender, passed: Sequence[Bid], reason: str, clause: str
) -> None:
    for lot in lots_of(session, tender.id or 0):
        if lot.failed_at is None and sum(bid.lot_id == lot.id for bid in passed) < 3:
            fail_lot(session, actor, now, tender, lot, reason, clause)


def lawful(tender: Tender, experts: int, purchasers: int) -> None:
    """Refuse a committee that the rule set does not allow (87号令第47条)."""
    for fault in committee_rules.faults(rule_set(tender.rule_set).committee, tender.budget, experts, purchasers):
        raise Refused(fault.message, clause=fault.clause, **fault.params)


def committee_of(session: Session, tender_id: int) -> list[CommitteeMember]:
    """The members who have not left, experts in the order of the draw first."""
    rows = session.exec(
        select(CommitteeMember)
        .where(CommitteeMember.tender_id == tender_id, col(CommitteeMember.left_at).is_(None))
        .order_by(col(CommitteeMember.id))
    )
    return list(rows)


def member_of(session: Session, actor: Actor, tender_id: int) -> CommitteeMember:
    """The acting person's seat. Raises NotFound for anybody who does not sit on this committee."""
    for member in committee_of(session, tender_id):
        if member.user_id == actor.user_id:
            return member
    raise NotFound(N_("There is no such tender"))


def review_conformity(
    session: Session, actor: Actor, clock: Clock, bid_id: int, finding: Finding
) -> ConformityFinding:
    """The committee's finding whether a bid responds in substance, recorded by a member who has declared.

    Raises Invalid for a refusal without a reason.
    """
    require(actor, "tender:review_conformity")
    bid, tender = disclosed_bid(session, bid_id)
    now = clock.now()
    at_stage(tender, now, Stage.CONFORMITY)
    _must_be_opened(session, tender, bid)
    sitting(session, actor, tender)
    if not qualified(session, bid):
        raise NotFound(N_("There is no such bid"))
    if not finding.passed and not finding.reason.strip():
        message = N_("Say why the bid does not respond in substance")
        raise Invalid(message, clause=cite(tender, "conformity"), field="reason")
    row = conformity_of(session, bid) or ConformityFinding(
        bid_id=bid.id, passed=finding.passed, decided_by=actor.user_id, decided_at=now
    )
    row.passed, row.reason = finding.passed, finding.reason.strip() or None
    row.decided_by, row.decided_at = actor.user_id, now
    session.add(row)
    audit.record(session, now, actor, "tender:conformity:review", bid, passed=finding.passed)
    return row


def sitting(session: Session, actor: Actor, tender: Tender) -> CommitteeMember:
    """The acting member, who must have declared. Raises Forbidden before the declaration."""
    member = member_of(session, actor, tender.id or 0)
    if member.declared_at is None:
        raise Forbidden(N_("Declare first whether you have a conflict of interest"), clause=clauses.RECUSAL)
    return member


def conformity_of(session: Session, bid: Bid) -> ConformityFinding | None:
    """The committee's finding for a bid, or None."""
    found: ConformityFinding | None = session.exec(
        select(ConformityFinding).where(ConformityFinding.bid_id == bid.id)
    ).one_or_none()
    return found


def finish_conformity(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Tender:
    """The chair ends the conformity review; a lot with fewer than three conforming bids fails (87 art. 43)."""
    require(actor, "tender:review_conformity")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    at_stage(tender, now, Stage.CONFORMITY)
    if not sitting(session, actor, tender).is_chair:
        raise Forbidden(N_("Only the chair of the committee can do this"))
    _lawful_and_declared(session, tender)
    bids = [bid for bid in opened_bids(session, tender) if qualified(session, bid)]
    if any(conformity_of(session, bid) is None for bid in bids):
        raise Refused(N_("Every qualified bid must be reviewed first"), clause=cite(tender, "conformity"))
    passed = scored_bids(session, tender)
    _fail_small_lots(session, actor, now, tender, passed, TOO_FEW_CONFORMING, cite(tender, "too_few_conforming"))
    tender.conformity_reviewed_at = now
    audit.record(session, now, actor, "tender:conformity:finish", tender, conforming=len(passed), bids=len(bids))
    fail_if_nothing_is_left(session, actor, clock, tender)
    return tender


def _lawful_and_declared(session: Session, tender: Tender) -> None:
    members = committee_of(session, tender.id or 0)
    experts = sum(member.seat is CommitteeSeat.EXPERT for member in members)
    lawful(tender, experts, len(members) - experts)
    if any(member.declared_at is None for member in members):
        raise Refused(N_("Every member must declare first whether there is a conflict"), clause=clauses.RECUSAL)


def scored_bids(session: Session, tender: Tender, lot_id: int | None = None) -> list[Bid]:
    """The bids that passed both reviews, of live lots: what the experts score and whose prices are opened."""
    bids = [bid for bid in opened_bids(session, tender, lot_id) if qualified(session, bid)]
    return [bid for bid in bids if (found := conformity_of(session, bid)) is not None and found.passed]


def live_lots(session: Session, tender: Tender) -> list[Lot]:
    """The lots that have not failed."""
    return [lot for lot in lots_of(session, tender.id or 0) if lot.failed_at is None]
