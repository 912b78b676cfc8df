"""Queries (质疑): lodged by the supplier or registered from its post, in time, and answered by two people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from core.policy.procurement import limits
from tender.models import Bid, Lot, Notice, NoticeKind, Query, QueryAbout, QueryOutcome, Tender
from tender.rules.remedies import last_day, lodged_in_time
from tender.rules.stages import OPENED, Stage
from tender.services.bidding import last_submission
from tender.services.clarification import insurer_of, must_have_taken, taker
from tender.services.papers import notice_period
from tender.services.papers_notices import award_period
from tender.services.papers_remedies import issue_query_reply
from tender.services.preparation import lots_of
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
    session: Session, actor: Actor, clock: Clock, tender_id: int, about: QueryAbout, letter: QueryLetter,
    lots: Collection[int] = (),
) -> Query:  # fmt: skip
    """A supplier that takes part queries document, process or result within its seven working days (T20).

    lots: the positions of the lots it is about; none is the whole tender.

    Raises Refused after the last day, before the matter exists, for a supplier that does not take part in it, and for
    a second letter on the same step where the tender document asks for one letter (94 art. 10).
    """
    organisation = insurer_of(actor, "tender:query")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    return _lodge(session, actor, now, tender, organisation, about, letter, lots, local_date(now))


def register_query(
    session: Session, actor: Actor, clock: Clock, tender_id: int, about: QueryAbout, letter: QueryLetter, *,
    organisation_id: int, received_on: date, posted_on: date | None = None, lots: Collection[int] = (),
) -> Query:  # fmt: skip
    """The handler registers a letter that came on paper; posted in time is in time (94 art. 42).

    A query may not be refused to be received (94 art. 13), so only a letter after its time, or of somebody who does
    not take part, is. Raises Invalid for days out of order.
    """
    require(actor, "tender:record_complaint")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    if not (posted_on or received_on) <= received_on <= local_date(now):
        raise Invalid(N_("Posting and receipt come in this order, none after today"), field="received_on")
    return _lodge(session, actor, now, tender, organisation_id, about, letter, lots, received_on, posted_on)


def _lodge(
    session: Session, actor: Actor, now: datetime, tender: Tender, organisation: int, about: QueryAbout,
    letter: QueryLetter, lots: Collection[int], received_on: date, posted_on: date | None = None,
) -> Query:  # fmt: skip
    named = named_lots(session, tender, lots)
    known_on = known_day(session, tender, organisation, about, now, named)
    law = limits(known_on)
    last = last_day("T20", known_on, law, china())
    if not lodged_in_time(posted_on, received_on, last):
        message = N_("The time for this query ended on %(day)s")
        raise Refused(message, day=last.isoformat(), clause=law["T20"].clause)
    for name, value in vars(letter).items():
        if not value.strip():
            raise Invalid(N_("A query letter needs all its fields"), field=name)
    if tender.queries_once and _queried_before(session, tender, organisation, about):
        message = N_("The tender document asks for all queries on this step in one letter, and yours is lodged")
        raise Refused(message, clause="94号令第10条", field="about")
    number = session.exec(select(func.max(Query.number)).where(Query.tender_id == tender.id)).one()
    row = Query(
        tender_id=tender.id, number=(number or 0) + 1, organisation_id=organisation, about=about, lots=named,
        lodged_by=actor.user_id, received_at=now, received_on=received_on, posted_on=posted_on,
        **{name: value.strip() for name, value in vars(letter).items()},
    )  # fmt: skip
    session.add(row)
    session.flush()
    if stage_of(tender, now) in OPENED:
        audit.record(session, now, actor, "tender:query:lodge", row, number=row.number, about=about.value, lots=named)
    else:
        record_sealed(session, now, actor, tender, "tender:query:lodge", query=row.id)
    return row


def _queried_before(session: Session, tender: Tender, organisation: int, about: QueryAbout) -> bool:
    same = (Query.tender_id == tender.id, Query.organisation_id == organisation, Query.about == about)
    return session.exec(select(Query.id).where(*same)).first() is not None


def named_lots(session: Session, tender: Tender, lots: Collection[int]) -> list[int]:
    """The positions in order; naming every lot is the whole tender. Raises Invalid for a lot that is not there."""
    every = [lot.position for lot in lots_of(session, tender.id or 0)]
    if not set(lots) <= set(every):
        raise Invalid(N_("There is no such lot"), field="lots")
    return sorted(set(lots)) if set(lots) < set(every) else []


def known_day(
    session: Session, tender: Tender, organisation: int, about: QueryAbout, now: datetime, lots: Collection[int] = ()
) -> date:
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
    bid_for = {session.get_one(Lot, bid.lot_id).position for bid in own if last_submission(session, bid)}
    if not bid_for:
        raise Refused(N_("Only who bid may query process and result"))
    if not set(lots) <= bid_for:
        others = "、".join(str(lot) for lot in sorted(set(lots) - bid_for))
        message = N_("Process and result of a lot are queried by who bid for it, not for lot %(lots)s")
        raise Refused(message, lots=others, field="lots", clause="94号令第11条")
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
    row, tender = locked_query(session, actor, query_id)
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


def locked_query(session: Session, actor: Actor, query_id: int) -> tuple[Query, Tender]:
    """A query and its tender, the tender under a row lock. Raises NotFound, also for another purchaser's."""
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
    row, tender = locked_query(session, actor, int(approval.subject_id))
    if row.replied_at is not None:
        raise Refused(N_("This query is already answered"))
    now = clock.now()
    row.outcome, row.reply = QueryOutcome(approval.payload["outcome"]), approval.payload["reply"]
    row.replied_at = now
    row.document_id = issue_query_reply(session, actor, clock, tender, row).id
    audit.record(session, now, actor, "tender:query:reply", row, number=row.number, outcome=row.outcome.value)
    return row


def queries_of(session: Session, tender_id: int) -> list[Query]:
    """The queries of a tender by number."""
    return list(session.exec(select(Query).where(Query.tender_id == tender_id).order_by(col(Query.number))))


def register_is_public(tender: Tender, now: datetime) -> bool:
    """Whether the register is shown: before the opening a query would tell that somebody holds the documents."""
    return stage_of(tender, now) in OPENED or stage_of(tender, now) in (Stage.FAILED, Stage.CANCELLED)
