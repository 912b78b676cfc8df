"""Complaints (投诉) to the finance department after a query, as the purchaser learns of them, and what they suspend."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.policy.procurement import limits
from tender.models import Complaint, ComplaintOutcome, Query, Tender
from tender.rules.remedies import ComplaintFacts, QueryFacts, last_day, left_open, suspends
from tender.services.preparation import lots_of
from tender.services.remedies.queries import locked_query, named_lots, queries_of
from tender.services.stage import purchasers_own


@dataclass(frozen=True)
class ComplaintLetter:
    """What a complaint letter says beside its matters: day, what came of the query, facts, grounds (94 art. 18)."""

    lodged_on: date
    history: str
    facts: str
    basis: str


def record_complaint(
    session: Session, actor: Actor, clock: Clock, query_id: int, *, authority: str, received_on: date,
    notified_on: date, matters: str, suspended_on: date | None = None, letter: ComplaintLetter | None = None,
    lots: Collection[int] | None = None,
) -> Complaint:  # fmt: skip
    """Register a complaint that the finance department took up after a query, and its written suspension if any.

    Raises Refused for a query whose reply time still runs without a reply and for a letter after its fifteen working
    days (T22), Invalid for days out of order or a lot that was not queried. lots: positions; left out, the lots of the
    query. Whether it is taken up is the finance department's decision, not ours.
    """
    require(actor, "tender:record_complaint")
    row, tender = locked_query(session, actor, query_id)
    if session.exec(select(Complaint.id).where(Complaint.query_id == row.id)).first() is not None:
        raise Refused(N_("The complaint after this query is already registered"))
    start, law = row.received_on, limits(row.received_on)
    reply_by = last_day("T21", start, law, china())
    if row.replied_at is None and received_on <= reply_by:
        raise Refused(N_("A complaint follows a query: its reply may come until %(day)s"), day=reply_by.isoformat())
    complain_by = last_day("T22", reply_by, law, china())
    if letter is not None and letter.lodged_on > complain_by:
        message = N_("The time for a complaint ended on %(day)s")
        raise Refused(message, day=complain_by.isoformat(), clause=law["T22"].clause, field="lodged_on")
    now = clock.now()
    if not start <= (letter.lodged_on if letter else received_on) <= received_on <= notified_on <= local_date(now):
        raise Invalid(N_("Query, complaint and its copy come in this order, none after today"), field="notified_on")
    if not authority.strip() or not matters.strip():
        raise Invalid(N_("Name the finance department and the matters"), field="authority")
    named = list(row.lots) if lots is None else named_lots(session, tender, lots)
    if row.lots and (not named or not set(named) <= set(row.lots)):
        message = N_("A complaint goes no further than its query: lots %(lots)s")
        queried = "、".join(map(str, row.lots))
        raise Invalid(message, lots=queried, field="lots", clause="政府采购法实施条例第55条")
    complaint = Complaint(
        query_id=row.id, tender_id=tender.id, lots=named, authority=authority.strip(), received_on=received_on,
        notified_on=notified_on, matters=matters.strip(), suspended_on=suspended_on, recorded_by=actor.user_id,
        recorded_at=now, **(vars(letter) if letter else {}),
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    audit.record(session, now, actor, "tender:complaint:record", complaint, query=row.number, lots=named)
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


def complaint_of(session: Session, row: Query) -> Complaint | None:
    """The complaint after a query, or None."""
    found: Complaint | None = session.exec(select(Complaint).where(Complaint.query_id == row.id)).one_or_none()
    return found


def signing_suspended(session: Session, tender_id: int, today: date, lot: int | None = None) -> bool:
    """Whether agreements of this tender must not be signed today (REG art. 54; GPL art. 57).

    lot: the position of the lot that is signed; without it, whether any lot is suspended.
    """
    rows = queries_of(session, tender_id)
    complaints = session.exec(select(Complaint).where(Complaint.tender_id == tender_id)).all()
    return suspends(
        [
            QueryFacts(row.about, row.outcome, row.carried_out_at is not None, left_open(row.lots, row.settled_lots))
            for row in rows
        ],
        [
            ComplaintFacts(
                row.suspended_on, row.outcome, row.carried_out_at is not None, left_open(row.lots, row.settled_lots)
            )
            for row in complaints
        ],
        today, limits(today), china(), lot,
    )  # fmt: skip


def suspended_lots(session: Session, tender: Tender, today: date) -> list[int]:
    """The positions of the lots whose agreements must not be signed today."""
    positions = [lot.position for lot in lots_of(session, tender.id or 0)]
    return [position for position in positions if signing_suspended(session, tender.id or 0, today, position)]
