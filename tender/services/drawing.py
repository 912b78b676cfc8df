"""The draw of the committee: a fixed list, two supervisors' secret numbers, the order, and who follows a free seat."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import rfc8785
from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock, local_date
from core.documents.render import Attachment
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.models import Organisation, RoleGrant, User
from core.policy.procurement import rule_set
from tender.models import (
    Bid,
    CommitteeDraw,
    CommitteeMember,
    CommitteeSeat,
    DrawNumber,
    ExpertProfile,
    Tender,
)
from tender.rules import committee as rules
from tender.rules.stages import Stage
from tender.services.bidding import standing_bids
from tender.services.joint_check import checks_of
from tender.services.papers_draw import NAME, issue_draw_record
from tender.services.review import committee_of, lawful, member_of
from tender.services.stage import at_stage, cite, locked_tender, purchasers_own

#: A committee is drawn and filled up from the deadline until the technical scores are locked.
STAGES = (Stage.SEALED, Stage.QUALIFICATION, Stage.CONFORMITY, Stage.SCORING)
#: How many supervisors give a secret number.
SUPERVISORS = 2


def pool(session: Session) -> list[User]:
    """The active experts by number."""
    rows = (
        select(User)
        .join(RoleGrant, col(RoleGrant.user_id) == User.id)
        .where(RoleGrant.role == "expert", col(RoleGrant.revoked_at).is_(None), col(User.disabled_at).is_(None))
        .order_by(col(User.id))
    )
    return list(session.exec(rows))


def profile_of(session: Session, user_id: int) -> ExpertProfile | None:
    """What the pool knows of an expert, or None."""
    found: ExpertProfile | None = session.exec(
        select(ExpertProfile).where(ExpertProfile.user_id == user_id)
    ).one_or_none()
    return found


def keep_expert(
    session: Session, actor: Actor, clock: Clock, user_id: int, *, specialty: str, employer: str,
    recusals: Sequence[tuple[int, str]] = (), absent_until: Any = None,
) -> ExpertProfile:  # fmt: skip
    """Write an expert's entry in the pool. recusals: (organisation id, reason) of each interest (REG art. 9)."""
    require(actor, "tender:keep_pool")
    if user_id not in {row.id for row in pool(session)}:
        raise NotFound(N_("There is no such expert"))
    if not specialty.strip() or not employer.strip():
        raise Invalid(N_("Name the field and the employer"), field="employer" if specialty.strip() else "specialty")
    now = clock.now()
    row = profile_of(session, user_id) or ExpertProfile(
        user_id=user_id, specialty="", employer="", updated_by=actor.user_id, updated_at=now
    )
    row.specialty, row.employer, row.absent_until = specialty.strip(), employer.strip(), absent_until
    row.recusals = [{"organisation": organisation, "reason": reason.strip()} for organisation, reason in recusals]
    row.updated_by, row.updated_at = actor.user_id, now
    session.add(row)
    audit.record(session, now, actor, "tender:expert:keep", row, recusals=len(row.recusals))
    return row


def sorted_pool(session: Session, tender: Tender, now: datetime) -> tuple[list[int], list[dict[str, Any]]]:
    """Who can be drawn for a tender and who cannot and why: employer, absence, interest in a party or a bidder.

    Interests in bidders count from the opening on; before it, leaving somebody out would tell who bids.
    """
    parties = {tender.purchaser_id, tender.policyholder_id}
    names = {session.get_one(Organisation, number).name for number in parties}
    bidders = {bid.bidder_id for bid in _opened(session, tender)}
    seated = {row.user_id for row in session.exec(_seats(tender)).all()}
    free, left_out = [], []
    for user in pool(session):
        profile = profile_of(session, user.id or 0)
        interests = {row["organisation"] for row in profile.recusals} if profile else set()
        absent = profile is not None and profile.absent_until is not None
        why = (
            "sat" if user.id in seated
            else "employer" if profile and profile.employer in names or user.organisation_id in parties
            else "absent" if absent and profile and profile.absent_until >= local_date(now)
            else "interest" if interests & (parties | bidders)
            else None
        )  # fmt: skip
        if why is None:
            free.append(user.id or 0)
        else:
            left_out.append({"number": user.id, "reason": why})
    return free, left_out


def _opened(session: Session, tender: Tender) -> list[Bid]:
    return standing_bids(session, tender.id or 0) if tender.technical_opened_at is not None else []


def _seats(tender: Tender) -> Any:
    return select(CommitteeMember).where(CommitteeMember.tender_id == tender.id)


def draws_of(session: Session, tender_id: int) -> list[CommitteeDraw]:
    """Every draw of a tender, abandoned ones too, in order."""
    rows = select(CommitteeDraw).where(CommitteeDraw.tender_id == tender_id)
    return list(session.exec(rows.order_by(col(CommitteeDraw.round))))


def open_draw(session: Session, tender_id: int) -> CommitteeDraw | None:
    """The draw that is under way, or None."""
    rows = draws_of(session, tender_id)
    return rows[-1] if rows and rows[-1].drawn_at is None and rows[-1].abandoned_at is None else None


def numbers_of(session: Session, draw: CommitteeDraw) -> list[DrawNumber]:
    """The supervisors' numbers in the order of their commitments."""
    rows = select(DrawNumber).where(DrawNumber.draw_id == draw.id).order_by(col(DrawNumber.id))
    return list(session.exec(rows))


def fix_candidates(
    session: Session, actor: Actor, clock: Clock, tender_id: int, *, purchasers: Sequence[int] = (),
    members: int | None = None,
) -> CommitteeDraw:  # fmt: skip
    """Fix and hash the list of candidates; from here on nobody can add or take away an expert.

    purchasers: user ids of the purchaser's representatives; members: size, the least lawful one by default.
    A committee that has lost a member and has nobody left in order is filled up by a draw of the missing seats.
    """
    require(actor, "tender:appoint_committee")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, *STAGES)
    if open_draw(session, tender_id) is not None:
        raise Refused(N_("A draw is already under way"), clause=cite(tender, "draw"))
    sitting, before = committee_of(session, tender_id), draws_of(session, tender_id)
    drawn = [row for row in before if row.drawn_at is not None]
    if sitting and (not drawn or len(sitting) >= drawn[-1].members):
        raise Refused(N_("The committee is already appointed"))
    size = drawn[-1].members if drawn else members or rule_set(tender.rule_set).committee.least_members(tender.budget)
    wanted = size - len(sitting) if drawn else size - len(purchasers)
    experts = wanted + sum(row.seat is CommitteeSeat.EXPERT for row in sitting)
    lawful(tender, experts, size - experts)
    free, left_out = sorted_pool(session, tender, now)
    if len(free) < wanted:
        raise Refused(
            N_("%(needed)s experts must be drawn and the pool has only %(there)s"),
            needed=wanted, there=len(free), clause=cite(tender, "draw"),
        )  # fmt: skip
    number = len(before) + 1
    draw = CommitteeDraw(
        tender_id=tender.id, round=number, members=size, experts=wanted,
        purchasers=[] if drawn else list(purchasers), candidates=free, excluded=left_out,
        list_sha256=rules.list_hash(tender.number, number, free), fixed_by=actor.user_id, fixed_at=now,
    )  # fmt: skip
    session.add(draw)
    audit.record(
        session, now, actor, "tender:draw:fix", draw, tender=tender.id, list=draw.list_sha256, candidates=len(free)
    )
    return draw


def _draw_under_way(session: Session, draw_id: int) -> tuple[CommitteeDraw, Tender]:
    draw = session.get(CommitteeDraw, draw_id)
    if draw is None:
        raise NotFound(N_("There is no such draw"))
    tender = locked_tender(session, draw.tender_id)
    session.refresh(draw)
    if draw.drawn_at is not None or draw.abandoned_at is not None:
        raise Refused(N_("This draw is over"))
    return draw, tender


def commit_number(session: Session, actor: Actor, clock: Clock, draw_id: int, commitment: str) -> DrawNumber:
    """A supervisor commits to a secret number by its SHA-256, after the list is fixed and before anything is revealed.

    The second commitment fixes the root of the draw: the hash of its own audit event.
    """
    require(actor, "tender:supervise_draw")
    draw, tender = _draw_under_way(session, draw_id)
    now = clock.now()
    at_stage(tender, now, *STAGES)
    held = numbers_of(session, draw)
    if len(held) >= SUPERVISORS:
        raise Refused(N_("Both supervisors have already committed"), clause=cite(tender, "draw"))
    if any(row.user_id == actor.user_id for row in held):
        raise Refused(N_("You have already committed: another supervisor gives the second number"))
    text = commitment.strip().lower()
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise Invalid(N_("A commitment is a SHA-256 of 64 hexadecimal characters"), field="commitment")
    if any(hmac.compare_digest(row.commitment, text) for row in held):
        raise Invalid(N_("This is the other supervisor's commitment: choose a number of your own"), field="commitment")
    row = DrawNumber(draw_id=draw.id, user_id=actor.user_id, commitment=text, committed_at=now)
    session.add(row)
    event = audit.record(session, now, actor, "tender:draw:commit", draw, commitment=text)
    if len(held) + 1 == SUPERVISORS:
        draw.root = event.hash.hex()
    return row


def reveal_number(session: Session, actor: Actor, clock: Clock, draw_id: int, nonce: str) -> CommitteeDraw:
    """A supervisor reveals the number; the second one makes the order, seats the committee and issues the record."""
    require(actor, "tender:supervise_draw")
    draw, tender = _draw_under_way(session, draw_id)
    now = clock.now()
    at_stage(tender, now, *STAGES)
    if draw.root is None:
        raise Refused(N_("Both supervisors commit first; then the numbers are revealed"), clause=cite(tender, "draw"))
    held = numbers_of(session, draw)
    own = next((row for row in held if row.user_id == actor.user_id), None)
    if own is None:
        raise Refused(N_("Two other supervisors gave their numbers for this draw"))
    if own.revealed_at is not None:
        raise Refused(N_("You have already revealed your number"))
    if rules.commitment_of(nonce) != own.commitment:
        raise Invalid(N_("This is not the number you committed to"), field="nonce")
    own.nonce, own.revealed_at = nonce, now
    audit.record(session, now, actor, "tender:draw:reveal", draw)
    if all(row.revealed_at is not None for row in held):
        _decide(session, actor, clock, tender, draw, [row.nonce or "" for row in held])
    return draw


def _decide(
    session: Session, actor: Actor, clock: Clock, tender: Tender, draw: CommitteeDraw, nonces: list[str]
) -> None:
    draw.drawn_at = now = clock.now()
    draw.order = list(rules.ordered(draw.candidates, draw.root or "", nonces))
    already = committee_of(session, tender.id or 0)
    for number in draw.purchasers:
        session.add(
            CommitteeMember(tender_id=tender.id, user_id=number, seat=CommitteeSeat.PURCHASER, appointed_at=now)
        )
    session.flush()
    for _seat in range(draw.members - len(already) - len(draw.purchasers)):
        _seat_next(session, now, tender, draw)
    audit.record(session, now, actor, "tender:committee:appoint", tender, round=draw.round, order=draw.order)
    numbers, record = numbers_of(session, draw), record_of(session, tender, draw)
    draw.document_id = issue_draw_record(session, actor, clock, tender, draw, numbers, record).id


def record_of(session: Session, tender: Tender, draw: CommitteeDraw) -> dict[str, Any]:
    """A draw as a file from which anybody can draw again; experts are numbers in it, never names."""
    return {
        "format": rules.FORMAT,
        "tender": tender.number,
        "round": draw.round,
        "members": draw.members,
        "experts": draw.experts,
        "candidates": draw.candidates,
        "excluded": draw.excluded,
        "list_sha256": draw.list_sha256,
        "fixed_at": draw.fixed_at.isoformat(),
        "root": draw.root,
        "supervisors": [
            {"commitment": row.commitment, "committed_at": row.committed_at.isoformat(), "nonce": row.nonce}
            for row in numbers_of(session, draw)
        ],
        "drawn_at": draw.drawn_at.isoformat() if draw.drawn_at else None,
        "order": draw.order,
    }


def enclosed_draws(session: Session, tender: Tender) -> list[Attachment]:
    """The files of the finished draws, which become public with the award notice."""
    rows = [row for row in draws_of(session, tender.id or 0) if row.drawn_at is not None]
    return [
        Attachment(
            NAME if number == 1 else f"draw-{row.round}.json", rfc8785.dumps(record_of(session, tender, row)),
            "评标专家抽取数据：可以据此重新计算抽取顺序",
        )
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip


def _seat_next(session: Session, now: datetime, tender: Tender, draw: CommitteeDraw) -> CommitteeMember | None:
    """Seat the first in order who never sat; where there is no chair this member is it. None when nobody is left."""
    known = {row.user_id for row in session.exec(_seats(tender)).all()}
    number = next((one for one in draw.order if one not in known), None)
    if number is None:
        return None
    chair = not any(row.is_chair for row in committee_of(session, tender.id or 0))
    row = CommitteeMember(
        tender_id=tender.id, user_id=number, seat=CommitteeSeat.EXPERT, drawn=draw.order.index(number) + 1,
        is_chair=chair, appointed_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def abandon_draw(session: Session, actor: Actor, clock: Clock, draw_id: int, reason: str) -> CommitteeDraw:
    """Give up a draw that cannot go on (a supervisor does not reveal); it stays in the record with its reason."""
    require(actor, "tender:appoint_committee")
    draw, tender = _draw_under_way(session, draw_id)
    purchasers_own(actor, tender)
    if not reason.strip():
        raise Invalid(N_("Say why the draw cannot go on: it stays in the record"), field="reason")
    now = clock.now()
    draw.abandoned_at, draw.abandon_reason = now, reason.strip()
    audit.record(session, now, actor, "tender:draw:abandon", draw, tender=tender.id, reason=reason.strip())
    return draw


def declare_conflict(
    session: Session, actor: Actor, clock: Clock, tender_id: int, conflict: str = ""
) -> CommitteeMember:
    """A member declares before seeing any bid; with a conflict the member leaves and the next in order follows.

    conflict: the interest in words, empty for none (REG art. 9).
    """
    require(actor, "tender:score")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    at_stage(tender, now, *STAGES)
    member = member_of(session, actor, tender_id)
    if member.declared_at is not None:
        raise Refused(N_("You have already declared"))
    member.declared_at, member.conflict = now, conflict.strip() or None
    audit.record(session, now, actor, "tender:conflict:declare", member, conflict=bool(member.conflict))
    if member.conflict:
        _leave(session, actor, now, tender, member)
    return member


def record_refusal(session: Session, actor: Actor, clock: Clock, member_id: int, reason: str) -> CommitteeMember:
    """A drawn expert does not come, or falls away later (87 art. 49): recorded, and the next in order follows.

    What a member who leaves has scored counts for nothing.
    """
    require(actor, "tender:appoint_committee")
    member = session.get(CommitteeMember, member_id)
    if member is None:
        raise NotFound(N_("There is no such member"))
    tender = locked_tender(session, member.tender_id)
    session.refresh(member)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, *STAGES)
    if member.left_at is not None:
        raise Refused(N_("This member has already left"))
    if member.seat is not CommitteeSeat.EXPERT:
        raise Refused(N_("The purchaser's representative is no drawn expert"), clause=cite(tender, "replacement"))
    if checks_of(session, tender):
        raise Refused(N_("Every sheet is locked: nobody is replaced any more"), clause=cite(tender, "replacement"))
    if not reason.strip():
        raise Invalid(N_("Say why the expert does not come"), field="reason", clause=cite(tender, "replacement"))
    member.left_reason = reason.strip()
    audit.record(session, now, actor, "tender:committee:refuse", member, tender=tender.id, reason=reason.strip())
    _leave(session, actor, now, tender, member)
    return member


def _leave(session: Session, actor: Actor, now: datetime, tender: Tender, member: CommitteeMember) -> None:
    member.left_at, member.is_chair = now, False
    session.flush()
    drawn = [row for row in draws_of(session, tender.id or 0) if row.drawn_at is not None]
    fresh = _seat_next(session, now, tender, drawn[-1]) if drawn and member.seat is CommitteeSeat.EXPERT else None
    if fresh is not None and not any(row.is_chair for row in committee_of(session, tender.id or 0)):
        fresh.is_chair = True
    number = fresh.user_id if fresh is not None else None
    audit.record(session, now, actor, "tender:committee:replace", tender, left=member.user_id, follows=number)


def vacant(session: Session, tender_id: int) -> int:
    """How many seats of the drawn committee are free because nobody is left in the order of the draw."""
    drawn = [row for row in draws_of(session, tender_id) if row.drawn_at is not None]
    return drawn[-1].members - len(committee_of(session, tender_id)) if drawn else 0


def members_ever(session: Session, tender_id: int) -> list[CommitteeMember]:
    """Everybody who has or had a seat, in the order of being seated."""
    rows = select(CommitteeMember).where(CommitteeMember.tender_id == tender_id)
    return list(session.exec(rows.order_by(col(CommitteeMember.id))))

