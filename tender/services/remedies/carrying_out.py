"""What a founded query or complaint leads to, really done by two people: corrected, begun again, another candidate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from core.policy.procurement import limits
from tender.models import Award, Complaint, ComplaintOutcome, Lot, Notice, Query, QueryOutcome, RemedyRoute, Tender
from tender.rules.remedies import Remedy, Standing, left_open, remedies, touches
from tender.rules.stages import Stage
from tender.services.awarding import awards_by_tender
from tender.services.correcting import corrigenda
from tender.services.failing import GROUNDS, fail_if_nothing_is_left, fail_lot
from tender.services.papers_notices import issue_award_letter
from tender.services.papers_result import issue_result_change
from tender.services.preparation import lots_of
from tender.services.remedies.complaints import complaint_of
from tender.services.remedies.queries import locked_query
from tender.services.replacing import follow, successor
from tender.services.results import ranking
from tender.services.stage import stage_of


@dataclass(frozen=True)
class OpenRemedy:
    """One act that can be carried out now: on the whole tender, on lots, or on one award of a lot."""

    remedy: Remedy
    lots: tuple[Lot, ...] = ()
    award: Award | None = None

    @property
    def key(self) -> str:
        """How a form and a request name it."""
        lots = "+".join(str(lot.id) for lot in self.lots) or "0"
        return f"{self.remedy.route.value}:{lots}:{self.award.id if self.award else 0}"


def waits_to_be_carried_out(session: Session, row: Query) -> list[Query | Complaint]:
    """The founded query, the founded complaint after it, or both, whose outcome is not carried out yet."""
    complaint = complaint_of(session, row)
    waiting: list[Query | Complaint] = []
    if row.outcome is QueryOutcome.AFFECTS and row.carried_out_at is None:
        waiting.append(row)
    if complaint is not None and complaint.outcome is ComplaintOutcome.FOUNDED and complaint.carried_out_at is None:
        waiting.append(complaint)
    return waiting


def open_remedies(session: Session, tender: Tender, row: Query, now: datetime) -> list[OpenRemedy]:
    """What the law leaves open for this query or complaint now, with every lot and award it can be done to."""
    waiting = waits_to_be_carried_out(session, row)
    standing = stage_of(tender, now)
    if not waiting or standing in (Stage.FAILED, Stage.CANCELLED):
        return []
    complaint = any(isinstance(entry, Complaint) for entry in waiting)
    if standing is not Stage.AWARDED:
        at = Standing.BIDDING if standing is Stage.BIDDING else Standing.UNDECIDED
        found = _cited(remedies(row.about, at, complaint, 0), complaint, local_date(now))
        lots = [lot for lot in lots_of(session, tender.id or 0) if lot.failed_at is None]
        return [OpenRemedy(remedy, part) for remedy in found for part in _whole_and_parts(remedy, lots, _open(waiting))]
    return _after_award(session, tender, row, complaint, local_date(now), _open(waiting))


def _open(waiting: Sequence[Query | Complaint]) -> frozenset[int]:
    """The positions of the lots that wait; none where something about the whole tender does."""
    if any(not entry.lots for entry in waiting):
        return frozenset()
    return frozenset[int]().union(*(left_open(entry.lots, entry.settled_lots) for entry in waiting))


def _whole_and_parts(remedy: Remedy, lots: list[Lot], named: frozenset[int]) -> list[tuple[Lot, ...]]:
    """What an act can be done to: the whole tender or each lot, or of the named lots all or each."""
    touched = tuple(lot for lot in lots if touches(named, lot.position))
    if named and not touched:  # every named lot has ended by itself
        return []
    if remedy.route is not RemedyRoute.RESTART or len(lots) < 2:
        return [()]
    together = [touched] if named else [()]
    return [*together, *((lot,) for lot in touched if together != [(lot,)])]


def _after_award(
    session: Session, tender: Tender, row: Query, complaint: bool, today: date, named: frozenset[int]
) -> list[OpenRemedy]:
    found: dict[str, OpenRemedy] = {}
    for award in awards_by_tender(session, tender.id or 0):
        lot = session.get_one(Lot, award.lot_id)
        if not touches(named, lot.position):
            continue
        left = sum(bid.id != award.bid_id for bid, _result in ranking(session, tender, lot))
        for at in (Standing.SIGNED, Standing.PERFORMED) if award.signed_at else (Standing.AWARDED,):
            for remedy in _cited(remedies(row.about, at, complaint, left), complaint, today):
                entry = OpenRemedy(remedy, (lot,), award if remedy.route is not RemedyRoute.RESTART else None)
                found.setdefault(entry.key, entry)
    return list(found.values())


def _cited(found: tuple[Remedy, ...], complaint: bool, today: date) -> list[Remedy]:
    """Before Order 94 was in force (2018-03-01) the statute itself is cited."""
    if "T24" in limits(today):
        return list(found)
    return [Remedy(remedy.route, "政府采购法第56条" if complaint else "政府采购法第53条") for remedy in found]


def request_remedy(
    session: Session,
    actor: Actor,
    clock: Clock,
    query_id: int,
    *,
    key: str,
    reason: str,
    revoked_on: date | None = None,
) -> Approval:
    """Ask a second person to carry out what a founded query or complaint leads to.

    key: the `OpenRemedy` chosen; reason: what is done and why, for the notice; revoked_on: the day the signed contract
    was revoked, needed where one is signed. Raises Refused for an act that the law does not leave open now.
    """
    require(actor, "tender:answer_query")
    row, tender = locked_query(session, actor, query_id)
    now = clock.now()
    chosen = _chosen(session, tender, row, key, now)
    if not reason.strip():
        raise Invalid(N_("Say what is done and why: it stands in the notice"), field="reason")
    _lawful(session, tender, row, chosen, revoked_on, local_date(now))
    return request(
        session,
        actor,
        clock,
        "tender.remedy",
        row,
        message=N_("Carry out the outcome of query No. %(query)s of tender %(number)s: %(reason)s"),
        params={"query": row.number, "number": tender.number, "reason": reason.strip()},
        payload={"key": key, "reason": reason.strip(), "revoked_on": revoked_on.isoformat() if revoked_on else None},
    )


def _chosen(session: Session, tender: Tender, row: Query, key: str, now: datetime) -> OpenRemedy:
    for entry in open_remedies(session, tender, row, now):
        if entry.key == key:
            return entry
    raise Refused(N_("The law does not leave this open at this stage"), field="key")


def _lawful(
    session: Session, tender: Tender, row: Query, chosen: OpenRemedy, revoked_on: date | None, today: date
) -> None:
    route = chosen.remedy.route
    if route is RemedyRoute.CORRECT and _corrigendum_since(session, tender, row) is None:
        raise Refused(N_("Publish the corrigendum first; then it is carried out"), field="key")
    touched = _touched(session, tender, chosen)
    signed = route is not RemedyRoute.DAMAGES and any(award.signed_at for award in touched)
    if signed and (revoked_on is None or revoked_on > today):
        raise Invalid(N_("A contract is signed: give the day on which it was revoked"), field="revoked_on")


def _corrigendum_since(session: Session, tender: Tender, row: Query) -> Notice | None:
    since = [notice for notice in corrigenda(session, tender.id or 0) if notice.published_at >= row.received_at]
    return since[-1] if since else None


def _touched(session: Session, tender: Tender, chosen: OpenRemedy) -> list[Award]:
    """The standing awards that fall with the act."""
    if chosen.award is not None:
        return [chosen.award]
    every = awards_by_tender(session, tender.id or 0)
    ids = {lot.id for lot in chosen.lots}
    return [award for award in every if not ids or award.lot_id in ids]


@executor("tender.remedy", permission="tender:answer_query", page=("tender.query", "query_id"))
def carry_out(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Query:
    """Do it in the approval's transaction: void awards, fix the next candidate, end the lot, publish the notices."""
    row, tender = locked_query(session, actor, int(approval.subject_id))
    now, said = clock.now(), approval.payload
    chosen = _chosen(session, tender, row, said["key"], now)
    revoked_on = date.fromisoformat(said["revoked_on"]) if said["revoked_on"] else None
    _lawful(session, tender, row, chosen, revoked_on, local_date(now))
    route, notice = chosen.remedy.route, None
    if route is RemedyRoute.CORRECT:
        notice = _corrigendum_since(session, tender, row)
    elif route is RemedyRoute.NEXT and chosen.award is not None:
        notice = _fix_next(session, actor, clock, tender, row, chosen.award, said["reason"])
    elif route is RemedyRoute.RESTART:
        notice = _begin_again(session, actor, clock, tender, row, chosen, said["reason"])
    row.remedy, row.remedy_notice_id = route, notice.id if notice else None
    positions = [lot.position for lot in chosen.lots]
    for entry in waits_to_be_carried_out(session, row):
        _settle(session, tender, entry, positions, said["reason"], now)
    audit.record(
        session, now, actor, "tender:query:carry_out", row, number=row.number, route=route.value,
        notice=notice.id if notice else None, lots=positions,
    )  # fmt: skip
    return row


def _settle(
    session: Session, tender: Tender, entry: Query | Complaint, positions: list[int], reason: str, now: datetime
) -> None:
    """Carried out is what names lots when each of them is, or has ended; anything else with the first act."""
    partly = bool(entry.lots and positions)
    said = f"第{'、'.join(map(str, positions))}包：{reason}" if partly else reason
    entry.carried_out = "；".join(text for text in (entry.carried_out, said) if text)
    entry.settled_lots = sorted({*entry.settled_lots, *(positions if partly else entry.lots)})
    ended = {lot.position for lot in lots_of(session, tender.id or 0) if lot.failed_at is not None}
    if not left_open(entry.lots, {*entry.settled_lots, *ended}):
        entry.carried_out_at = now


def _void(session: Session, actor: Actor, now: datetime, row: Query, award: Award, reason: str) -> None:
    held: Award | None = locked(session, Award, award.id)
    if held is None or held.declined_at is not None:
        raise Refused(N_("This winner has already declined"))
    held.declined_at, held.decline_reason, held.voided_for_id = now, reason, row.id
    session.flush()
    audit.record(session, now, actor, "tender:award:void", held, query=row.number)


def _fix_next(
    session: Session, actor: Actor, clock: Clock, tender: Tender, row: Query, award: Award, reason: str
) -> Notice:
    follower = successor(session, tender, award)
    if follower is None:
        raise Refused(N_("No candidate is left in the ranking: begin a new procurement"), field="key")
    now = clock.now()
    _void(session, actor, now, row, award, reason)
    fresh = follow(session, now, tender, award, follower)
    notice = issue_result_change(session, actor, clock, tender, award, fresh)
    fresh.letter_id, fresh.letter_sent_at = issue_award_letter(session, actor, clock, tender, fresh).id, now
    return notice


def _begin_again(
    session: Session, actor: Actor, clock: Clock, tender: Tender, row: Query, chosen: OpenRemedy, reason: str
) -> Notice | None:
    """Awards of the lots fall and are announced as fallen; the lots end, and with the last of them the tender."""
    now, notice = clock.now(), None
    for award in _touched(session, tender, chosen):
        _void(session, actor, now, row, award, reason)
        notice = issue_result_change(session, actor, clock, tender, award, None)
    words = f"{GROUNDS['irregular']}：{reason}"
    for lot in lots_of(session, tender.id or 0):
        if not chosen.lots or lot.id in {one.id for one in chosen.lots}:
            fail_lot(session, actor, now, tender, lot, words, chosen.remedy.clause)
    if fail_if_nothing_is_left(session, actor, clock, tender):
        rows = select(Notice).where(Notice.tender_id == tender.id).order_by(col(Notice.id).desc())
        notice = session.exec(rows).first()
    return notice


def request_carried_out(session: Session, actor: Actor, clock: Clock, query_id: int, text: str) -> Approval:
    """Ask a second person to record what was done outside this house, such as damages settled in court.

    It binds others: with it signing goes on. Raises Invalid where nothing waits to be carried out.
    """
    require(actor, "tender:answer_query")
    row, tender = locked_query(session, actor, query_id)
    if not waits_to_be_carried_out(session, row) or not text.strip():
        raise Invalid(N_("Nothing waits to be carried out, or the words are missing"), field="text")
    return request(
        session,
        actor,
        clock,
        "tender.carried_out",
        row,
        message=N_("Record that the outcome of query No. %(query)s of tender %(number)s was carried out: %(text)s"),
        params={"query": row.number, "number": tender.number, "text": text.strip()},
        payload={"reason": text.strip()},
    )


@executor("tender.carried_out", permission="tender:answer_query", page=("tender.query", "query_id"))
def record_carried_out(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Query:
    """Record it in the approval's transaction. Raises Refused when it was carried out meanwhile."""
    row, tender = locked_query(session, actor, int(approval.subject_id))
    now, waiting = clock.now(), waits_to_be_carried_out(session, row)
    if not waiting:
        raise Refused(N_("Nothing waits to be carried out any more"))
    for entry in waiting:
        _settle(session, tender, entry, [], approval.payload["reason"], now)
    audit.record(session, now, actor, "tender:query:carry_out", row, number=row.number)
    return row


def record_report(session: Session, actor: Actor, clock: Clock, query_id: int, on: date) -> Query:
    """Keep the day on which the finance department was told in writing of a changed result (94 art. 16)."""
    require(actor, "tender:record_complaint")
    row, _tender = locked_query(session, actor, query_id)
    now = clock.now()
    if row.remedy not in (RemedyRoute.NEXT, RemedyRoute.RESTART):
        raise NotFound(N_("No result was changed after this query"))
    if row.reported_on is not None:
        raise Refused(N_("The report is already recorded"))
    if not local_date(row.received_at) <= on <= local_date(now):
        raise Invalid(N_("Give the day of the report, not after today"), field="on")
    row.reported_on = on
    audit.record(session, now, actor, "tender:query:report", row, number=row.number)
    return row
