"""The joint check when every sheet is locked: a score that departs from the others gets a reason or a correction."""

from decimal import ROUND_HALF_UP, Decimal

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from tender.models import Bid, CommitteeMember, Criterion, Score, ScoreCheck, ScoreSheet, Tender
from tender.rules.outliers import DEFAULT, Given, outliers
from tender.rules.stages import Stage
from tender.services.stage import at_stage, cite, locked_tender, purchasers_own

#: The threshold can be chosen until the first score can be given.
_BEFORE_SCORING = (
    Stage.PREPARATION, Stage.BIDDING, Stage.SEALED, Stage.QUALIFICATION, Stage.CONFORMITY,
)  # fmt: skip


def threshold_of(tender: Tender) -> Decimal:
    """The part of a criterion's points by which a score may depart from the others' mean without a reason."""
    return tender.outlier_threshold if tender.outlier_threshold is not None else DEFAULT


def set_threshold(session: Session, actor: Actor, clock: Clock, tender_id: int, part: Decimal) -> Tender:
    """Choose the threshold of the joint check before anything is scored; it is printed in the evaluation report."""
    require(actor, "tender:appoint_committee")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, *_BEFORE_SCORING)
    if not Decimal(0) < part <= 1:
        raise Invalid(N_("Choose a part above 0 and up to the whole of the points"), field="part")
    tender.outlier_threshold = part
    audit.record(session, now, actor, "tender:threshold:set", tender, part=format(part, "f"))
    return tender


def checks_of(session: Session, tender: Tender) -> list[ScoreCheck]:
    """Every score that was found to depart, in order."""
    rows = select(ScoreCheck).where(ScoreCheck.tender_id == tender.id)
    return list(session.exec(rows.order_by(col(ScoreCheck.id))))


def unanswered(session: Session, tender: Tender) -> list[ScoreCheck]:
    """The departing scores without an answer: while there is one, the technical scores are not fixed."""
    return [row for row in checks_of(session, tender) if row.answered_at is None]


def member_of_check(session: Session, check: ScoreCheck) -> CommitteeMember:
    """Whose score it is."""
    sheet = session.get_one(ScoreSheet, session.get_one(Score, check.score_id).sheet_id)
    return session.get_one(CommitteeMember, sheet.member_id)


def find_outliers(session: Session, tender: Tender, scores: list[tuple[ScoreSheet, Score]]) -> list[ScoreCheck]:
    """Write down every departing score of the locked sheets, once; they are never looked for again."""
    most = {
        row.id or 0: row.points for row in session.exec(select(Criterion).where(Criterion.tender_id == tender.id))
    }
    given = [
        Given(score.id or 0, sheet.member_id, score.bid_id, score.criterion_id, score.points, most[score.criterion_id])
        for sheet, score in scores
    ]
    rows = [
        ScoreCheck(
            tender_id=tender.id, score_id=found.score, points=session.get_one(Score, found.score).points,
            others_mean=_shown(found.others),
        )
        for found in outliers(given, threshold_of(tender))
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows


def _shown(value: object) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)  # type: ignore[attr-defined]
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def own_checks(session: Session, member: CommitteeMember, tender: Tender) -> list[tuple[ScoreCheck, Score, Bid]]:
    """A member's own departing scores: nobody sees anybody else's."""
    found = []
    for row in checks_of(session, tender):
        if member_of_check(session, row).id == member.id:
            score = session.get_one(Score, row.score_id)
            found.append((row, score, session.get_one(Bid, score.bid_id)))
    return found


def locked_check(session: Session, check_id: int, clock: Clock) -> tuple[ScoreCheck, Tender]:
    """A departing score that still waits, its tender locked and at scoring. Raises NotFound, Refused."""
    row = session.get(ScoreCheck, check_id)
    if row is None:
        raise NotFound(N_("There is no such score"))
    tender = locked_tender(session, row.tender_id)
    session.refresh(row)
    at_stage(tender, clock.now(), Stage.SCORING)
    if row.answered_at is not None:
        raise Refused(N_("This score is already answered for"), clause=cite(tender, "objective"))
    return row, tender


def chair_only(member: CommitteeMember) -> None:
    """Raises Forbidden for anybody but the chair."""
    if not member.is_chair:
        raise Forbidden(N_("Only the chair of the committee can do this"))
