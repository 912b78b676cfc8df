"""Queries and complaints: lodged in time, answered by two people, recorded until carried out; they suspend signing."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from core.policy.procurement import limits
from tender.models import Bid, Complaint, ComplaintOutcome, Notice, NoticeKind, Query, QueryAbout, QueryOutcome, Tender
from tender.rules.remedies import ComplaintFacts, QueryFacts, last_day, suspends
from tender.rules.stages import OPENED, Stage
from tender.services.bidding import last_submission
from tender.services.clarification import insurer_of, must_have_taken, taker
from tender.services.papers import notice_period
from tender.services.papers_notices import award_period
from tender.services.papers_remedies import issue_query_reply
from tender.services.sealed_record import record_sealed
from tender.services.stage import locked_tender, purchasers_own, stage_of


@dataclass(frozen=True)
class QueryLetter:
    """The fields a supplier writes: where it is reached, matters and requests, facts, legal basis (94 art. 12)."""

    address: str
    postcode: str
    contact: str
    telephone: str
    matters: str
    facts: str
    basis: str


def lodge_query(
    session: Session, actor: Actor, clock: Clock, tender_id: int, about: QueryAbout, letter: QueryLetter
) -> Query:
    """A supplier that takes part queries document, process or result within its seven working days (T20).

    Raises Refused after the last day, before the matter exists, and for a supplier that does not take part in it.
    """
    organisation = insurer_of(actor, "tender:query")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    known_on = known_day(session, tender, organisation, about, now)
    last = last_day("T20", known_on, limits(known_on), china())
    if local_date(now) > last:
        message = N_("The time for this query ended on %(day)s")
        raise Refused(message, day=last.isoformat(), clause=limits(known_on)["T20"].clause)
    for name, value in vars(letter).items():
        if not value.strip():
            raise Invalid(N_("A query letter needs all its fields"), field=name)
    number = session.exec(select(func.max(Query.number)).where(Query.tender_id == tender.id)).one()
    row = Query(
        tender_id=tender.id, number=(number or 0) + 1, organisation_id=organisation, about=about,
        lodged_by=actor.user_id, received_at=now, **{name: value.strip() for name, value in vars(letter).items()},
    )  # fmt: skip
    session.add(row)
    session.flush()
    if stage_of(tender, now) in OPENED:
        audit.record(session, now, actor, "tender:query:lodge", row, number=row.number, about=about.value)
    else:
        record_sealed(session, now, actor, tender, "tender:query:lodge", query=row.id)
    return row


def known_day(session: Session, tender: Tender, organisation: int, about: QueryAbout, now: datetime) -> date:
    """The day from which the query's time runs (94 art. 11): document had or its notice ended; opening or evaluation
    ended; award notice ended. Raises Refused where that has not happened or the supplier did not take part.
    """
    must_have_taken(session, tender, organisation)
    if about is QueryAbout.DOCUMENT:
        mine = taker(session, tender.id or 0, organisation)
        published = local_date(tender.published_at or now)
        ends = notice_period(tender, published)[0]
        return max(ends, local_date(mine.taken_at)) if mine else ends
    own = session.exec(select(Bid).where(Bid.tender_id == tender.id, Bid.bidder_id == organisation)).all()
    if not any(last_submission(session, bid) for bid in own):
        raise Refused(N_("Only who bid may query process and result"))
    if about is QueryAbout.PROCESS:
        ended = tender.evaluated_at or tender.price_opened_at or tender.technical_opened_at
        if ended is None:
            raise Refused(N_("No step of the process has ended yet"))
        return local_date(ended)
    rows = select(Notice).where(
        Notice.tender_id == tender.id, col(Notice.kind).in_([NoticeKind.AWARD, NoticeKind.RESULT_CHANGE])
    )
    notice = session.exec(rows.order_by(col(Notice.id).desc())).first()
    if notice is None:
        raise Refused(N_("There is no published result yet"))
    return award_period(local_date(notice.published_at))[0]


def request_reply(
    session: Session, actor: Actor, clock: Clock, query_id: int, *, outcome: QueryOutcome, reply: str
) -> Approval:
    """Ask a second person to reply to a query (T21); the reply names the right to complain."""
    require(actor, "tender:answer_query")
    row, tender = _query(session, actor, query_id)
    if row.replied_at is not None:
        raise Refused(N_("This query is already answered"))
    if not reply.strip():
        raise Invalid(N_("Write the reply"), field="reply")
    return request(
        session,
        actor,
        clock,
        "tender.reply",
        row,
        message=N_("Reply to query No. %(query)s of tender %(number)s"),
        params={"query": row.number, "number": tender.number},
        payload={"outcome": outcome.value, "reply": reply.strip()},
    )


def _query(session: Session, actor: Actor, query_id: int) -> tuple[Query, Tender]:
    row = session.get(Query, query_id)
    if row is None:
        raise NotFound(N_("There is no such query"))
    tender = locked_tender(session, row.tender_id)
    session.refresh(row)
    purchasers_own(actor, tender)
    return row, tender


@executor("tender.reply", permission="tender:answer_query", page=("tender.query", "query_id"))
def reply_to_query(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Query:
    """Write and issue the reply; what an outcome that affects the tender leads to is an act of its own."""
    row, tender = _query(session, actor, int(approval.subject_id))
    if row.replied_at is not None:
        raise Refused(N_("This query is already answered"))
    now = clock.now()
    row.outcome, row.reply = QueryOutcome(approval.payload["outcome"]), approval.payload["reply"]
    row.replied_at = now
    row.document_id = issue_query_reply(session, actor, clock, tender, row).id
    audit.record(session, now, actor, "tender:query:reply", row, number=row.number, outcome=row.outcome.value)
    return row


def record_complaint(
    session: Session, actor: Actor, clock: Clock, query_id: int, *, authority: str, received_on: date,
    notified_on: date, matters: str, suspended_on: date | None = None,
) -> Complaint:  # fmt: skip
    """Register a complaint that the finance department took up after a query, and its written suspension if any.

    Raises Refused for a query whose reply time still runs without a reply, Invalid for days out of order.
    """
    require(actor, "tender:record_complaint")
    row, tender = _query(session, actor, query_id)
    if session.exec(select(Complaint.id).where(Complaint.query_id == row.id)).first() is not None:
        raise Refused(N_("The complaint after this query is already registered"))
    start = local_date(row.received_at)
    reply_by = last_day("T21", start, limits(start), china())
    if row.replied_at is None and received_on <= reply_by:
        raise Refused(N_("A complaint follows a query: its reply may come until %(day)s"), day=reply_by.isoformat())
    now = clock.now()
    if not start <= received_on <= notified_on <= local_date(now):
        raise Invalid(N_("Query, complaint and its copy come in this order, none after today"), field="notified_on")
    if not authority.strip() or not matters.strip():
        raise Invalid(N_("Name the finance department and the matters"), field="authority")
    complaint = Complaint(
        query_id=row.id, tender_id=tender.id, authority=authority.strip(), received_on=received_on,
        notified_on=notified_on, matters=matters.strip(), suspended_on=suspended_on, recorded_by=actor.user_id,
        recorded_at=now,
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    audit.record(session, now, actor, "tender:complaint:record", complaint, query=row.number)
    return complaint


def record_statement(session: Session, actor: Actor, clock: Clock, complaint_id: int, text: str) -> Complaint:
    """Keep what the purchaser stated to the finance department (T24)."""
    complaint, now = _complaint(session, actor, clock, complaint_id)
    if complaint.stated_at is not None or not text.strip():
        raise Invalid(N_("Write the statement, once"), field="statement")
    complaint.statement, complaint.stated_at = text.strip(), now
    audit.record(session, now, actor, "tender:complaint:state", complaint)
    return complaint


def record_decision(
    session: Session, actor: Actor, clock: Clock, complaint_id: int, *, outcome: ComplaintOutcome,
    decided_on: date, decision: str,
) -> Complaint:  # fmt: skip
    """Register the finance department's decision (T25); a founded complaint suspends signing until carried out."""
    complaint, now = _complaint(session, actor, clock, complaint_id)
    if complaint.outcome is not None:
        raise Refused(N_("This complaint is already decided"))
    if not decision.strip() or not complaint.received_on <= decided_on <= local_date(now):
        raise Invalid(N_("Give the decision and its day, not after today"), field="decided_on")
    complaint.outcome, complaint.decision, complaint.decided_on = outcome, decision.strip(), decided_on
    audit.record(session, now, actor, "tender:complaint:decide", complaint, outcome=outcome.value)
    return complaint


def _complaint(session: Session, actor: Actor, clock: Clock, complaint_id: int) -> tuple[Complaint, datetime]:
    require(actor, "tender:record_complaint")
    found: Complaint | None = locked(session, Complaint, complaint_id)
    if found is None:
        raise NotFound(N_("There is no such complaint"))
    purchasers_own(actor, session.get_one(Tender, found.tender_id))
    return found, clock.now()


def record_carried_out(session: Session, actor: Actor, clock: Clock, query_id: int, text: str) -> Query:
    """Say what was done after a founded query or complaint (corrigendum, another candidate, a new tender)."""
    require(actor, "tender:answer_query")
    row, _tender = _query(session, actor, query_id)
    complaint = complaint_of(session, row)
    now = clock.now()
    waiting: list[Query | Complaint] = []
    if row.outcome is QueryOutcome.AFFECTS and row.carried_out_at is None:
        waiting.append(row)
    if complaint is not None and complaint.outcome is ComplaintOutcome.FOUNDED and complaint.carried_out_at is None:
        waiting.append(complaint)
    if not waiting or not text.strip():
        raise Invalid(N_("Nothing waits to be carried out, or the words are missing"), field="text")
    for entry in waiting:
        entry.carried_out, entry.carried_out_at = text.strip(), now
    audit.record(session, now, actor, "tender:query:carry_out", row, number=row.number)
    return row


def complaint_of(session: Session, row: Query) -> Complaint | None:
    """The complaint after a query, or None."""
    found: Complaint | None = session.exec(select(Complaint).where(Complaint.query_id == row.id)).one_or_none()
    return found


def queries_of(session: Session, tender_id: int) -> list[Query]:
    """The queries of a tender by number."""
    return list(session.exec(select(Query).where(Query.tender_id == tender_id).order_by(col(Query.number))))


def signing_suspended(session: Session, tender_id: int, today: date) -> bool:
    """Whether agreements of this tender must not be signed today (REG art. 54; GPL art. 57)."""
    rows = queries_of(session, tender_id)
    complaints = session.exec(select(Complaint).where(Complaint.tender_id == tender_id)).all()
    return suspends(
        [QueryFacts(row.about, row.outcome, row.carried_out_at is not None) for row in rows],
        [ComplaintFacts(row.suspended_on, row.outcome, row.carried_out_at is not None) for row in complaints],
        today, limits(today), china(),
    )  # fmt: skip


def register_is_public(tender: Tender, now: datetime) -> bool:
    """Whether the register is shown: before the opening a query would tell that somebody holds the documents."""
    return stage_of(tender, now) in OPENED or stage_of(tender, now) in (Stage.FAILED, Stage.CANCELLED)
