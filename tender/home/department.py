"""What the purchaser's people and finance have to do in a tender, with article and last day."""

from collections.abc import Iterator
from datetime import date

from flask import url_for
from flask_babel import gettext
from sqlmodel import Session

from core.clock import local_date
from core.home import DueItem
from core.identity.actor import Actor
from core.policy.procurement import limits
from core.web.filters import limit_name
from tender.home.shared import counted, page_url
from tender.models import RemedyRoute, Tender
from tender.rules.clauses import FAILURE, cancellation
from tender.rules.securities import Case, RefundLimit
from tender.rules.stages import Stage
from tender.services import committee_of
from tender.services.clarification import unanswered
from tender.services.drawing import draws_of, open_draw, vacant
from tender.services.fallback import following, open_lots
from tender.services.remedies import complaint_of, queries_of
from tender.services.securities import limit_of, released, securities_to_refund
from tender.services.stage import cite
from tender.services.supervising import findings_of


def of_department(session: Session, actor: Actor, tender: Tender, standing: Stage) -> Iterator[DueItem]:
    """What the purchaser's people have to do at this stage."""
    if standing is Stage.BIDDING and actor.may("tender:answer") and tender.deadline:
        for row in unanswered(session, tender.id or 0):
            start = local_date(row.asked_at)
            limit, last, provisional = counted("T19", start)
            yield DueItem(
                gettext("Answer a question"), tender.number,
                url_for("tender.question", tender_id=tender.id, question_id=row.id), limit.clause,
                limit_name(limit.id), last, provisional=provisional, action=gettext("Answer"),
            )  # fmt: skip
    if standing is Stage.DECISION and actor.may("tender:award") and tender.report_received_at:
        limit, last, provisional = counted("T11", local_date(tender.report_received_at))
        yield DueItem(
            gettext("Fix the winners"), tender.number, page_url("winners", tender), limit.clause,
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
                gettext("Draw the committee"), tender.number, page_url("draw", tender), cite(tender, "draw"),
                waiting=gettext("before the conformity review"), action=gettext("Open"),
            )  # fmt: skip
    ended = standing in (Stage.FAILED, Stage.AWARDED) and actor.may("tender:record_decision")
    if ended and open_lots(session, tender) and following(session, tender) is None:
        yield DueItem(
            gettext("A lot has no insurer: tender again or record the government's decision"), tender.number,
            page_url("fallback", tender), FAILURE, gettext("cover must not lapse"), tender.term_from,
            action=gettext("Open"),
        )  # fmt: skip
    if standing in steps and actor.may(steps[standing][0]):
        _permission, title, page = steps[standing]
        clause = cite(tender, "qualification" if page == "qualification" else "scoring")
        yield DueItem(title, tender.number, page_url(page, tender), clause, waiting=gettext("no fixed day"),
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
            limit, last, provisional = counted("T21", row.received_on)
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
                limit, last, provisional = counted("T24", start)
                yield DueItem(
                    gettext("State the facts of the complaint"), tender.number, page, limit.clause,
                    limit_name(limit.id), last, provisional=provisional, action=gettext("Record the statement"),
                )  # fmt: skip


def refunds_due(session: Session, tender: Tender) -> Iterator[DueItem]:
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
                title, tender.number, page_url("winners", tender), limit.clause, limit_name(limit.step), limit.last_day,
                provisional=limit.provisional, action=gettext("Record the refund"),
            )  # fmt: skip
            continue
        clause = limit.clause or (cancellation(tender.rule_set) if limit.case is Case.CANCELLED else FAILURE)
        waiting = gettext("until the agreement is signed") if winner else gettext("no fixed day")
        yield DueItem(title, tender.number, page_url("winners", tender), clause, waiting=waiting,
                      action=gettext("Record the refund"))  # fmt: skip


def released_due(session: Session, tender: Tender) -> Iterator[DueItem]:
    """Before a tender ends: securities that withdrawals released (T08), each without name or lot."""
    if tender.awarded_at or tender.failed_at or tender.cancelled_at:
        return  # then they stand with the others
    for row in released(session, tender):
        if row.released_at is None or row.reference is None:
            continue
        limit, last, provisional = counted("T08", local_date(row.released_at))
        yield DueItem(
            gettext("Pay a bid security back: the bid was withdrawn"), tender.number,
            url_for("tender.refund_released", tender_id=tender.id, reference=row.reference), limit.clause,
            limit_name(limit.id), last, provisional=provisional, action=gettext("Record the refund"),
        )  # fmt: skip
