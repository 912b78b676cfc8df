"""Experts score alone and unseen: one sheet a member and lot, locked by its member, then all locked together."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import rfc8785
from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from tender.models import (
    Bid,
    CommitteeMember,
    Criterion,
    CriterionKind,
    Score,
    ScoreBlock,
    ScoreCheck,
    ScoreSheet,
    Tender,
)
from tender.rules.stages import Stage
from tender.services.joint_check import chair_only, checks_of, find_outliers, locked_check, member_of_check
from tender.services.joint_check import unanswered as open_checks
from tender.services.review import committee_of, live_lots, scored_bids, sitting
from tender.services.stage import at_stage, cite, locked_tender, lot_and_tender


@dataclass(frozen=True)
class Points:
    """The points one member gives one bid under one criterion, with a reason where the member adds one."""

    bid: int
    criterion: int
    points: Decimal
    reason: str = ""


def criteria_of(session: Session, tender_id: int) -> list[Criterion]:
    """The scoring table in order."""
    rows = select(Criterion).where(Criterion.tender_id == tender_id).order_by(col(Criterion.position))
    return list(session.exec(rows))


def scored_criteria(session: Session, tender_id: int) -> list[Criterion]:
    """The lines the experts score: all but the price formula, which nobody scores by hand."""
    return [row for row in criteria_of(session, tender_id) if row.kind is not CriterionKind.FORMULA]


def price_weight(session: Session, tender_id: int) -> Decimal:
    """The points of the price block; 0 where the price is fixed and not scored."""
    rows = [row.points for row in criteria_of(session, tender_id) if row.block is ScoreBlock.PRICE]
    return sum(rows, Decimal(0))


def allowed_points(criterion: Criterion) -> list[Decimal]:
    """The closed list of points a member may give under a criterion."""
    return [Decimal(str(option["points"])) for option in criterion.options]


def enter_scores(
    session: Session, actor: Actor, clock: Clock, lot_id: int, scores: list[Points]
) -> ScoreSheet:
    """Write (or overwrite) one's own scores for a lot; nobody else sees them until every sheet is locked.

    Raises Invalid for points that are not on the criterion's closed list, or for a bid or line that is not scored.
    """
    require(actor, "tender:score")
    lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.SCORING)
    member = sitting(session, actor, tender)
    sheet = sheet_of(session, member, lot_id)
    if sheet is None:
        sheet = ScoreSheet(member_id=member.id, lot_id=lot.id, started_at=now)
        session.add(sheet)
        session.flush()
    if sheet.locked_at is not None:
        raise Refused(N_("Your sheet is locked"), clause=cite(tender, "scoring"))
    bids = {bid.id for bid in scored_bids(session, tender, lot_id)}
    lines = {row.id: row for row in scored_criteria(session, tender.id or 0)}
    known = {(score.bid_id, score.criterion_id): score for score in scores_of(session, sheet)}
    for given in scores:
        _check(given, bids, lines)
        row = known.get((given.bid, given.criterion))
        row = row or Score(sheet_id=sheet.id, bid_id=given.bid, criterion_id=given.criterion, points=given.points)
        row.points, row.reason = given.points, given.reason.strip() or None
        session.add(row)
    audit.record(session, now, actor, "tender:scores:enter", sheet, entries=len(scores))
    return sheet


def _check(given: Points, bids: set[int | None], lines: Mapping[int | None, Criterion]) -> None:
    field = f"points-{given.bid}-{given.criterion}"
    if given.bid not in bids or given.criterion not in lines:
        raise Invalid(N_("This bid or criterion is not scored here"), field=field)
    if given.points not in allowed_points(lines[given.criterion]):
        raise Invalid(
            N_("%(points)s points are not on the list of “%(criterion)s”"),
            points=format(given.points, "f"), criterion=lines[given.criterion].name, field=field,
        )  # fmt: skip


def sheet_of(session: Session, member: CommitteeMember, lot_id: int) -> ScoreSheet | None:
    """A member's sheet for a lot, or None."""
    found: ScoreSheet | None = session.exec(
        select(ScoreSheet).where(ScoreSheet.member_id == member.id, ScoreSheet.lot_id == lot_id)
    ).one_or_none()
    return found


def scores_of(session: Session, sheet: ScoreSheet) -> list[Score]:
    """The scores on a sheet."""
    return list(session.exec(select(Score).where(Score.sheet_id == sheet.id).order_by(col(Score.id))))


def lock_scores(session: Session, actor: Actor, clock: Clock, lot_id: int) -> ScoreSheet:
    """Lock one's own sheet for a lot; when the last sheet of the last lot is locked, all technical scores are fixed.

    The hash of all scores goes into the audit log before any price envelope can be opened.
    Raises Refused while a bid has a line without points, or an objective line differs from a locked sheet's (art. 64).
    """
    require(actor, "tender:score")
    lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.SCORING)
    member = sitting(session, actor, tender)
    sheet = sheet_of(session, member, lot_id)
    if sheet is None or sheet.locked_at is not None:
        raise Refused(N_("There is no open sheet to lock"), clause=cite(tender, "scoring"))
    _complete(session, tender, sheet, scored_bids(session, tender, lot_id))
    _objective_alike(session, tender, sheet)
    sheet.locked_at = now
    audit.record(session, now, actor, "tender:scores:lock", sheet, hash=scores_hash(session, [sheet]))
    _lock_all(session, actor, clock, tender)
    return sheet


def _complete(session: Session, tender: Tender, sheet: ScoreSheet, bids: list[Bid]) -> None:
    given = {(score.bid_id, score.criterion_id) for score in scores_of(session, sheet)}
    wanted = {(bid.id, row.id) for bid in bids for row in scored_criteria(session, tender.id or 0)}
    if wanted - given:
        raise Refused(N_("%(missing)s scores are missing"), missing=len(wanted - given), clause=cite(tender, "scoring"))


def _objective_alike(session: Session, tender: Tender, sheet: ScoreSheet) -> None:
    """Objective factors must be scored alike by every member (87 art. 64)."""
    objective = {row.id: row.name for row in scored_criteria(session, tender.id or 0) if row.objective}
    locked = select(ScoreSheet).where(ScoreSheet.lot_id == sheet.lot_id, col(ScoreSheet.locked_at).is_not(None))
    first = session.exec(locked.order_by(col(ScoreSheet.locked_at), col(ScoreSheet.id))).first()
    if first is None:
        return
    agreed = {(score.bid_id, score.criterion_id): score.points for score in scores_of(session, first)}
    for score in scores_of(session, sheet):
        key = (score.bid_id, score.criterion_id)
        if score.criterion_id in objective and agreed.get(key) != score.points:
            raise Refused(
                N_("“%(criterion)s” is an objective factor: it must be scored alike by every member; check it again"),
                criterion=objective[score.criterion_id], clause=cite(tender, "objective"),
            )  # fmt: skip


def locked_sheets(session: Session, tender: Tender) -> list[ScoreSheet]:
    """Every locked sheet of the sitting members for the live lots."""
    members = [member.id for member in committee_of(session, tender.id or 0)]
    lots = [lot.id for lot in live_lots(session, tender)]
    rows = select(ScoreSheet).where(
        col(ScoreSheet.member_id).in_(members),
        col(ScoreSheet.lot_id).in_(lots),
        col(ScoreSheet.locked_at).is_not(None),
    )
    return list(session.exec(rows.order_by(col(ScoreSheet.lot_id), col(ScoreSheet.member_id))))


def _lock_all(session: Session, actor: Actor, clock: Clock, tender: Tender) -> None:
    """When the last sheet is locked: fix all scores, or hold the joint check where some depart from the others."""
    sheets = locked_sheets(session, tender)
    if len(sheets) < len(committee_of(session, tender.id or 0)) * len(live_lots(session, tender)):
        return
    if not checks_of(session, tender):
        pairs = [(sheet, score) for sheet in sheets for score in scores_of(session, sheet)]
        found = find_outliers(session, tender, pairs)
        if found:
            audit.record(session, clock.now(), actor, "tender:scores:check", tender, departing=len(found))
    _fix_all(session, actor, clock, tender)


def _fix_all(session: Session, actor: Actor, clock: Clock, tender: Tender) -> None:
    if open_checks(session, tender):
        return
    tender.technical_locked_at = clock.now()
    every = scores_hash(session, locked_sheets(session, tender))
    audit.record(session, tender.technical_locked_at, actor, "tender:scores:lock_all", tender, hash=every)


def reopen_sheet(session: Session, actor: Actor, clock: Clock, lot_id: int, reason: str) -> ScoreSheet:
    """A member takes the own locked sheet back while other sheets are still open; the reason is recorded.

    Needed where an objective factor was scored wrongly first: nobody after it could lock.
    """
    require(actor, "tender:score")
    lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    at_stage(tender, now, Stage.SCORING)
    sheet = sheet_of(session, sitting(session, actor, tender), lot.id or 0)
    if sheet is None or sheet.locked_at is None:
        raise Refused(N_("There is no locked sheet to reopen"), clause=cite(tender, "scoring"))
    if checks_of(session, tender):
        message = N_("Every sheet is locked: only the joint check can correct a score")
        raise Refused(message, clause=cite(tender, "objective"))
    if not reason.strip():
        raise Invalid(N_("Say what is to be corrected"), field="reason", clause=cite(tender, "objective"))
    sheet.locked_at = None
    audit.record(session, now, actor, "tender:scores:reopen", sheet, reason=reason.strip())
    return sheet


def answer_check(
    session: Session, actor: Actor, clock: Clock, check_id: int, *, reason: str, points: Decimal | None = None
) -> ScoreCheck:
    """A member stands by a departing score, or corrects it from the closed list; either needs a reason.

    The answer to the last one fixes all technical scores.
    """
    require(actor, "tender:score")
    row, tender = locked_check(session, check_id, clock)
    member = sitting(session, actor, tender)
    if member_of_check(session, row).id != member.id:
        raise NotFound(N_("There is no such score"))
    if not reason.strip():
        raise Invalid(N_("Give the reason: it stands in the evaluation report"), field="reason")
    now, score = clock.now(), session.get_one(Score, row.score_id)
    if points is not None and points != score.points:
        line = session.get_one(Criterion, score.criterion_id)
        _check(Points(score.bid_id, line.id or 0, points), {score.bid_id}, {line.id: line})
        score.points, row.corrected = points, True
    row.reason, row.answered_at = reason.strip(), now
    session.flush()
    audit.record(session, now, actor, "tender:scores:answer", row, corrected=row.corrected)
    _fix_all(session, actor, clock, tender)
    return row


def end_check(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Tender:
    """The chair ends the joint check: a score without an answer stays, and the report says that no reason was given."""
    require(actor, "tender:score")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    at_stage(tender, now, Stage.SCORING)
    chair_only(sitting(session, actor, tender))
    waiting = open_checks(session, tender)
    if not waiting:
        raise Refused(N_("There is no joint check to end"), clause=cite(tender, "objective"))
    for row in waiting:
        row.answered_at = now
    session.flush()
    audit.record(session, now, actor, "tender:scores:end_check", tender, unanswered=len(waiting))
    _fix_all(session, actor, clock, tender)
    return tender


def scores_hash(session: Session, sheets: list[ScoreSheet]) -> str:
    """SHA-256 of the canonical list of scores on these sheets: fixes them before the prices are known."""
    content: list[dict[str, Any]] = [
        {
            "member": sheet.member_id,
            "lot": sheet.lot_id,
            "scores": [[s.bid_id, s.criterion_id, format(s.points, "f")] for s in scores_of(session, sheet)],
        }
        for sheet in sheets
    ]
    return sha256(rfc8785.dumps(content)).hexdigest()


def visible_scores(session: Session, actor: Actor, tender: Tender, lot_id: int) -> list[Score]:
    """The scores the actor may see now: one's own while scoring goes on, everybody's when all are locked.

    Raises Forbidden for a person without a seat while the sheets are open.
    """
    lock_is_on = tender.technical_locked_at is not None
    if not lock_is_on and not actor.may("tender:score"):
        raise Forbidden(N_("Scores are seen by nobody but their own member until every sheet is locked"))
    if lock_is_on:
        sheets = [sheet for sheet in locked_sheets(session, tender) if sheet.lot_id == lot_id]
    else:
        own = sheet_of(session, sitting(session, actor, tender), lot_id)
        sheets = [own] if own else []
    return [score for sheet in sheets for score in scores_of(session, sheet)]

