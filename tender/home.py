"""What the tender room puts on the desks: limits with article and last day, what cannot go on, and what to do next."""

from collections.abc import Iterator
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import Session, col, select

from core.calendar import china
from core.clock import local_date
from core.home import BlockedItem, DueItem, Urgent
from core.identity import approvals
from core.identity.actor import Actor
from core.policy.procurement import TimeLimit, limits
from core.web import Action
from core.web.filters import limit_name, moment
from tender.models import Bid, RemedyRoute, ScoreSheet, Tender
from tender.rules.clauses import FAILURE, cancellation
from tender.rules.counting import count
from tender.rules.publication import blocking
from tender.rules.securities import Case, RefundLimit
from tender.rules.stages import Stage, may_open_from
from tender.services import committee_of, stage_of
from tender.services.bidding import last_submission, own_bid, uploaded
from tender.services.clarification import taker, unanswered
from tender.services.correcting import confirmed, corrigenda
from tender.services.drawing import draws_of, numbers_of, open_draw, vacant
from tender.services.fallback import following, open_lots
from tender.services.joint_check import own_checks
from tender.services.keys import officer_key_of, unconfirmed
from tender.services.letters import STAGES as LETTER_STAGES
from tender.services.letters import letters_of, unasked
from tender.services.low_price import clause_of, open_reviews, reviews
from tender.services.preparation import lots_of
from tender.services.publication import publication_checks
from tender.services.reconfirming import unconfirmed as unconfirmed_changes
from tender.services.remedies import complaint_of, queries_of
from tender.services.securities import limit_of, released, securities_to_refund
from tender.services.stage import cite
from tender.services.supervising import findings_of
from tender.services.warning import unsent_bids


def due(session: Session, actor: Actor, now: datetime) -> list[DueItem]:
    """What this person has to do in every live tender."""
    found: list[DueItem] = []
    for tender in _live(session):
        standing = stage_of(tender, now)
        if actor.is_insurer:
            found += _of_insurer(session, actor, tender, standing)
            continue
        if actor.may("tender:refund_security"):  # finance may sit in an office of its own
            found += _refunds_due(session, tender)
            found += _released_due(session, tender)
        if actor.organisation_id == tender.purchaser_id:
            found += _of_department(session, actor, tender, standing)
        found += _of_officer(session, actor, tender, standing)
        found += _of_supervisor(session, actor, tender)
        found += _of_member(session, actor, tender, standing)
    return found


def urgent(session: Session, actor: Actor, now: datetime) -> list[Urgent]:
    """For a bidder, on every page: files that are uploaded and not submitted."""
    if not actor.is_insurer or not actor.may("tender:bid"):
        return []
    return [
        Urgent(
            gettext(
                "%(tender)s, lot %(lot)s: uploaded but NOT submitted. Bidding closes at %(deadline)s.",
                tender=entry.tender.number, lot=entry.lot.position, deadline=moment(entry.tender.deadline),
            ),
            url_for("tender.bid", tender_id=entry.tender.id, _anchor=f"lot-{entry.lot.position}"),
            gettext("Submit the bid"),
        )
        for entry in unsent_bids(session, now, actor.organisation_id)
    ]  # fmt: skip


def _live(session: Session) -> Iterator[Tender]:
    rows = select(Tender).order_by(col(Tender.id).desc()).limit(50)
    yield from session.exec(rows)


def _limit(step: str, start: date) -> tuple[TimeLimit, date, bool]:
    limit = limits(start)[step]
    counted = count(limit, start, china())
    return limit, counted.day, counted.provisional


def _url(page: str, tender: Tender) -> str:
    return url_for(f"tender.{page}", tender_id=tender.id)


def _of_department(session: Session, actor: Actor, tender: Tender, standing: Stage) -> Iterator[DueItem]:
    if standing is Stage.BIDDING and actor.may("tender:answer") and tender.deadline:
        for row in unanswered(session, tender.id or 0):
            start = local_date(row.asked_at)
            limit, last, provisional = _limit("T19", start)
            yield DueItem(
                gettext("Answer a question"), tender.number,
                url_for("tender.question", tender_id=tender.id, question_id=row.id), limit.clause,
                limit_name(limit.id), last, provisional=provisional, action=gettext("Answer"),
            )  # fmt: skip
    if standing is Stage.DECISION and actor.may("tender:award") and tender.report_received_at:
        limit, last, provisional = _limit("T11", local_date(tender.report_received_at))
        yield DueItem(
            gettext("Fix the winners"), tender.number, _url("winners", tender), limit.clause,
            limit_name(limit.id), last, provisional=provisional, action=gettext("Decide"),
        )  # fmt: skip
    if actor.may("tender:answer_query"):
        yield from _remedies_due(session, tender)
    if actor.may("tender:answer_finding"):
        yield from _findings_due(session, tender)
    steps = {
        Stage.QUALIFICATION: ("tender:review_qualification", gettext("Review the qualification"), "qualification"),
        Stage.EVALUATION: ("tender:evaluate", gettext("Compute the evaluation"), "result"),
    }
    if standing in (Stage.QUALIFICATION, Stage.CONFORMITY) and actor.may("tender:appoint_committee"):
        drawn = any(row.drawn_at for row in draws_of(session, tender.id or 0))
        if not open_draw(session, tender.id or 0) and (
            vacant(session, tender.id or 0) if drawn else not committee_of(session, tender.id or 0)
        ):
            yield DueItem(
                gettext("Draw the committee"), tender.number, _url("draw", tender), cite(tender, "draw"),
                waiting=gettext("before the conformity review"), action=gettext("Open"),
            )  # fmt: skip
    ended = standing in (Stage.FAILED, Stage.AWARDED) and actor.may("tender:record_decision")
    if ended and open_lots(session, tender) and following(session, tender) is None:
        yield DueItem(
            gettext("A lot has no insurer: tender again or record the government's decision"), tender.number,
            _url("fallback", tender), FAILURE, gettext("cover must not lapse"), tender.term_from,
            action=gettext("Open"),
        )  # fmt: skip
    if standing in steps and actor.may(steps[standing][0]):
        _permission, title, page = steps[standing]
        clause = cite(tender, "qualification" if page == "qualification" else "scoring")
        yield DueItem(title, tender.number, _url(page, tender), clause, waiting=gettext("no fixed day"),
                      action=gettext("Open"))  # fmt: skip


def _findings_due(session: Session, tender: Tender) -> Iterator[DueItem]:
    """Findings of the supervision that wait for the purchaser's reply."""
    for row in findings_of(session, tender.id or 0):
        if row.replied_at is None:
            yield DueItem(
                gettext("Reply to finding No. %(number)s", number=row.number), tender.number,
                url_for("tender.reply_finding", finding_id=row.id), row.clause, waiting=gettext("no fixed day"),
                action=gettext("Reply"),
            )  # fmt: skip


def _remedies_due(session: Session, tender: Tender) -> Iterator[DueItem]:
    """Replies to queries (T21) and statements on complaints (T24), with their last days."""
    for row in queries_of(session, tender.id or 0):
        page = url_for("tender.query", query_id=row.id)
        if row.replied_at is None:
            limit, last, provisional = _limit("T21", row.received_on)
            yield DueItem(
                gettext("Reply to query No. %(number)s", number=row.number), tender.number, page, limit.clause,
                limit_name(limit.id), last, provisional=provisional, action=gettext("Reply"),
            )  # fmt: skip
        if row.remedy in (RemedyRoute.NEXT, RemedyRoute.RESTART) and row.reported_on is None:
            yield DueItem(
                gettext("Report the changed result to the finance department"), tender.number, page, "94号令第16条",
                waiting=gettext("no fixed day"), action=gettext("Record it"),
            )  # fmt: skip
        complaint = complaint_of(session, row)
        if complaint is not None and complaint.stated_at is None and complaint.outcome is None:
            start = complaint.notified_on
            if "T24" in limits(start):
                limit, last, provisional = _limit("T24", start)
                yield DueItem(
                    gettext("State the facts of the complaint"), tender.number, page, limit.clause,
                    limit_name(limit.id), last, provisional=provisional, action=gettext("Record the statement"),
                )  # fmt: skip


def _refunds_due(session: Session, tender: Tender) -> Iterator[DueItem]:
    """The securities still held, once a limit and last day: losers' (T14), winners' (T16), cancelled (T07), others."""
    found: dict[tuple[Case, date | None], RefundLimit] = {}
    for bid, row in securities_to_refund(session, tender):
        limit = limit_of(session, tender, bid, row)
        found.setdefault((limit.case, limit.last_day), limit)
    for limit in found.values():
        winner = limit.case is Case.WINNER
        title = gettext("Pay back the bid securities")
        if winner:
            title = gettext("Pay back the winners' securities or convert them")
        if limit.last_day is not None:
            yield DueItem(
                title, tender.number, _url("winners", tender), limit.clause, limit_name(limit.step), limit.last_day,
                provisional=limit.provisional, action=gettext("Record the refund"),
            )  # fmt: skip
            continue
        clause = limit.clause or (cancellation(tender.rule_set) if limit.case is Case.CANCELLED else FAILURE)
        waiting = gettext("until the agreement is signed") if winner else gettext("no fixed day")
        yield DueItem(title, tender.number, _url("winners", tender), clause, waiting=waiting,
                      action=gettext("Record the refund"))  # fmt: skip


def _released_due(session: Session, tender: Tender) -> Iterator[DueItem]:
    """Before a tender ends: securities that withdrawals released (T08), each without name or lot."""
    if tender.awarded_at or tender.failed_at or tender.cancelled_at:
        return  # then they stand with the others
    for row in released(session, tender):
        if row.released_at is None or row.reference is None:
            continue
        limit, last, provisional = _limit("T08", local_date(row.released_at))
        yield DueItem(
            gettext("Pay a bid security back: the bid was withdrawn"), tender.number,
            url_for("tender.refund_released", tender_id=tender.id, reference=row.reference), limit.clause,
            limit_name(limit.id), last, provisional=provisional, action=gettext("Record the refund"),
        )  # fmt: skip


def _of_supervisor(session: Session, actor: Actor, tender: Tender) -> Iterator[DueItem]:
    """The two secret numbers of a draw: who can still commit, and who has to reveal."""
    draw = open_draw(session, tender.id or 0) if actor.may("tender:supervise_draw") else None
    if draw is None:
        return
    held = numbers_of(session, draw)
    own = next((row for row in held if row.user_id == actor.user_id), None)
    if own is None and draw.root is None:
        yield DueItem(
            gettext("Commit to a secret number for the draw"), tender.number, _url("draw", tender),
            cite(tender, "draw"), waiting=gettext("no fixed day"), action=gettext("Open"),
        )  # fmt: skip
    elif own is not None and draw.root is not None and own.revealed_at is None:
        yield DueItem(
            gettext("Reveal my number for the draw"), tender.number, _url("draw", tender), cite(tender, "draw"),
            waiting=gettext("the draw waits for it"), action=gettext("Open"),
        )  # fmt: skip


def _of_officer(session: Session, actor: Actor, tender: Tender, standing: Stage) -> Iterator[DueItem]:
    if not actor.may("tender:confirm_key"):
        return
    if standing is Stage.PREPARATION and actor.user_id in {row.user_id for row in unconfirmed(session, tender.id or 0)}:
        yield DueItem(
            gettext("Confirm that my shares open"), tender.number, _url("confirm", tender), cite(tender, "receipt"),
            last_day=tender.documents_from, action=gettext("Confirm"),
        )  # fmt: skip
    if not actor.may("tender:open"):
        return
    if standing in (Stage.BIDDING, Stage.SEALED) and tender.deadline:
        at = may_open_from(tender.deadline, tender.grace_minutes)
        page = "show" if standing is Stage.BIDDING else "opening"
        yield DueItem(
            gettext("Open the technical envelopes"), tender.number, _url(page, tender), cite(tender, "opening"),
            last_day=local_date(at), at=at, action=gettext("Opening"),
        )  # fmt: skip
    if standing is Stage.PRICE_OPENING:
        yield DueItem(
            gettext("Open the price envelopes"), tender.number, _url("opening", tender), cite(tender, "opening"),
            waiting=gettext("no fixed day"), action=gettext("Opening"),
        )  # fmt: skip


_MEMBERS_STAGES = (Stage.SEALED, Stage.QUALIFICATION, Stage.CONFORMITY, Stage.SCORING, Stage.EVALUATION)


def _of_member(session: Session, actor: Actor, tender: Tender, standing: Stage) -> Iterator[DueItem]:
    seat = next((row for row in committee_of(session, tender.id or 0) if row.user_id == actor.user_id), None)
    if seat is None or standing not in _MEMBERS_STAGES:
        return
    if seat.declared_at is None:
        yield DueItem(
            gettext("Declare whether I have a conflict of interest"), tender.number, _url("declare", tender),
            "政府采购法实施条例第9条", waiting=gettext("before seeing any bid"), action=gettext("Declare"),
        )  # fmt: skip
    elif standing is Stage.CONFORMITY:
        yield DueItem(
            gettext("Review the conformity"), tender.number, _url("conformity", tender), cite(tender, "conformity"),
            waiting=gettext("no fixed day"), action=gettext("Open"),
        )  # fmt: skip
    elif standing is Stage.EVALUATION and seat.is_chair and unasked(session, tender):
        yield DueItem(
            gettext("Ask a bidder to confirm its corrected price"), tender.number, _url("letters", tender),
            cite(tender, "correction"), waiting=gettext("before the evaluation"), action=gettext("Open"),
        )  # fmt: skip
    elif standing is Stage.EVALUATION and seat.is_chair and open_reviews(session, tender):
        yield DueItem(
            gettext("Review a low price"), tender.number, _url("prices", tender), clause_of(tender),
            waiting=gettext("before the evaluation"), action=gettext("Open"),
        )  # fmt: skip
    elif standing is Stage.SCORING and any(
        row.answered_at is None for row, _score, _bid in own_checks(session, seat, tender)
    ):
        yield DueItem(
            gettext("Give the reason for a departing score"), tender.number, _url("scoring", tender),
            cite(tender, "objective"), waiting=gettext("before the prices are opened"), action=gettext("Open"),
        )  # fmt: skip
    elif standing is Stage.SCORING and not _all_locked(session, tender, seat.id or 0):
        yield DueItem(
            gettext("Score the bids"), tender.number, _url("scoring", tender), cite(tender, "scoring"),
            waiting=gettext("no fixed day"), action=gettext("Open"),
        )  # fmt: skip


def _all_locked(session: Session, tender: Tender, member: int) -> bool:
    live = [lot.id for lot in lots_of(session, tender.id or 0) if lot.failed_at is None]
    rows = session.exec(
        select(ScoreSheet.id).where(ScoreSheet.member_id == member, col(ScoreSheet.locked_at).is_not(None))
    ).all()
    return len(rows) >= len(live)


def _of_insurer(session: Session, actor: Actor, tender: Tender, standing: Stage) -> Iterator[DueItem]:
    if standing in LETTER_STAGES and actor.may("tender:answer_letter"):
        yield from _letters(session, actor, tender)
    if standing is Stage.EVALUATION and actor.may("tender:explain_price"):
        yield from _asked_prices(session, actor, tender)
    if standing is not Stage.BIDDING or not actor.may("tender:bid") or tender.deadline is None:
        return
    if taker(session, tender.id or 0, actor.organisation_id or 0) is None:
        yield from _documents_to_take(tender)
        return
    yield from _unread_corrigenda(session, actor, tender, tender.deadline)
    if all(own_bid(session, actor, lot.id or 0) is None for lot in lots_of(session, tender.id or 0)):
        yield DueItem(
            gettext("Seal and submit the bid"), tender.number, _url("bid", tender), cite(tender, "receipt"),
            gettext("Bids close"), local_date(tender.deadline), tender.deadline, action=gettext("Bid"),
        )  # fmt: skip
    for lot in lots_of(session, tender.id or 0):
        bid = own_bid(session, actor, lot.id or 0)
        if unconfirmed_changes(session, bid) and actor.may("tender:submit_bid"):
            yield DueItem(
                gettext("Lot %(number)s changed: reconfirm or replace the bid", number=lot.position), tender.number,
                url_for("tender.reconfirm", tender_id=tender.id, position=lot.position), cite(tender, "change"),
                gettext("Bids close"), local_date(tender.deadline), tender.deadline, action=gettext("Look at it"),
            )  # fmt: skip
        if bid is None or _is_sent(session, bid):
            continue
        yield DueItem(
            gettext("Lot %(number)s: uploaded, NOT submitted", number=lot.position), tender.number,
            url_for("tender.bid", tender_id=tender.id, _anchor=f"lot-{lot.position}"), cite(tender, "receipt"),
            gettext("Bids close"), local_date(tender.deadline), tender.deadline, action=gettext("Submit the bid"),
        )  # fmt: skip


def _documents_to_take(tender: Tender) -> Iterator[DueItem]:
    """For an insurer that has not taken the documents: an open tender, until the last day they are given out."""
    offered = limits(tender.documents_from)["T02"] if tender.documents_from else None
    if offered is not None:
        yield DueItem(
            gettext("Take the tender documents if you mean to bid"), tender.number, _url("opportunity", tender),
            offered.clause, limit_name(offered.id), tender.documents_until, action=gettext("Take part"),
        )  # fmt: skip


def _asked_prices(session: Session, actor: Actor, tender: Tender) -> Iterator[DueItem]:
    for row in reviews(session, tender):
        bid = session.get_one(Bid, row.bid_id)
        if bid.bidder_id == actor.organisation_id and row.explained_at is None and row.decided_at is None:
            yield DueItem(
                gettext("Explain my price now"), tender.number,
                url_for("tender.explain", tender_id=tender.id, bid_id=bid.id), clause_of(tender),
                gettext("Time for the explanation"), local_date(row.answer_by), row.answer_by,
                action=gettext("Explain"),
            )  # fmt: skip


def _letters(session: Session, actor: Actor, tender: Tender) -> Iterator[DueItem]:
    for row in letters_of(session, tender):
        bid = session.get_one(Bid, row.bid_id)
        if bid.bidder_id == actor.organisation_id and row.answered_at is None:
            yield DueItem(
                gettext("Answer the committee's letter"), tender.number,
                url_for("tender.answer_letter", tender_id=tender.id, letter_id=row.id), cite(tender, "clarify"),
                gettext("Answer by"), local_date(row.answer_by), row.answer_by, action=gettext("Answer"),
            )  # fmt: skip


def _unread_corrigenda(session: Session, actor: Actor, tender: Tender, deadline: datetime) -> Iterator[DueItem]:
    for number, notice in enumerate(corrigenda(session, tender.id or 0), 1):
        if not confirmed(session, notice, actor.organisation_id or 0):
            yield DueItem(
                gettext("Read and confirm corrigendum %(number)s", number=number), tender.number,
                url_for("tender.opportunity", tender_id=tender.id, _anchor="corrigenda"),
                cite(tender, "clarification"), gettext("Bids close"), local_date(deadline), deadline,
                action=gettext("Read it"),
            )  # fmt: skip


def _is_sent(session: Session, bid: Bid) -> bool:
    last = last_submission(session, bid)
    if last is None or bid.withdrawn_at is not None:
        return False
    return {row.id for row in uploaded(session, bid).values()} <= {last.technical_id, last.price_id}


#: Acts of the room that wait for a second person, and the page that shows each.
TWO_PERSON_ACTS = (
    ("tender.publish", "show"), ("tender.award", "winners"), ("tender.fail", "show"), ("tender.correct", "show"),
    ("tender.cancel", "show"), ("tender.decision", "fallback"), ("tender.replace", "winners"),
)  # fmt: skip


def blocked(session: Session, actor: Actor, now: datetime) -> list[BlockedItem]:
    """What cannot go on: a preparation that a check blocks, an act that waits for a second person."""
    found: list[BlockedItem] = []
    if not actor.may("tender:publish"):
        return found
    for tender in _live(session):
        if actor.organisation_id != tender.purchaser_id:
            continue
        standing = stage_of(tender, now)
        if standing is Stage.PREPARATION and actor.may("tender:prepare"):
            found += [_blocked_check(session, tender)] if blocking(publication_checks(session, tender)) else []
        for kind, page in TWO_PERSON_ACTS:
            if approvals.pending(session, kind, tender):
                why = gettext("Waits for a second person")
                found.append(BlockedItem(tender.title, tender.number, why, _url(page, tender), gettext("Open")))
    return found


def _blocked_check(session: Session, tender: Tender) -> BlockedItem:
    first, *rest = blocking(publication_checks(session, tender))
    why = gettext(first.why, **first.params)
    if rest:
        why = gettext("%(why)s (and %(more)s more)", why=why, more=len(rest))
    url = url_for("tender.show", tender_id=tender.id, _anchor="checks")
    return BlockedItem(tender.title, tender.number, why, url, gettext("See the checks"), first.clause or None)


def acts(session: Session, actor: Actor, now: datetime) -> list[Action]:
    """The buttons above the desk: a new tender; an officer's own key while there is none."""
    found = []
    if actor.may("tender:prepare"):
        found.append(Action(lazy_gettext("New tender"), url_for("tender.new")))
    if actor.may("tender:confirm_key"):
        primary = officer_key_of(session, actor.user_id) is None
        found.append(Action(lazy_gettext("My opening key"), url_for("tender.my_key"), primary=primary))
    return found
