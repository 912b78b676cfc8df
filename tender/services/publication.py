"""Timetable, the ready-to-publish checks, and the publication itself by two people."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from core import audit, policy
from core.calendar import china
from core.clock import Clock, local_date
from core.errors import Invalid, N_, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from core.policy.procurement import limits, rule_set
from tender.models import (
    ContractTerms,
    Criterion,
    HistoricalYear,
    Lot,
    Notice,
    QualificationCondition,
    Tender,
    TimetableEntry,
)
from tender.rules.checking import Check, LineFacts, LotFacts
from tender.rules.publication import DraftFacts, blocking, checks
from tender.rules.stages import Stage
from tender.rules.timetable import Anchors, Timetable, plan
from tender.services.keys import tender_keys, unconfirmed
from tender.services.papers_notices import issue_tender_notice
from tender.services.preparation import lots_of, mandatory_fields
from tender.services.stage import at_stage, locked_tender, purchasers_own
from tender.starting import CriterionDraft


def planned(
    notice_on: date,
    deadline: datetime,
    documents_until: date | None = None,
    clarification_until: datetime | None = None,
    later: Mapping[str, date] | None = None,
) -> Timetable:
    """The timetable that follows from these dates under the limits in force on the day of the notice.

    later: chosen days of the milestones after the opening (`tender.rules.timetable.LATER`).
    """
    anchors = Anchors(
        notice_on=notice_on,
        deadline_on=local_date(deadline),
        documents_until=documents_until,
        clarification_on=local_date(clarification_until) if clarification_until else None,
        **(later or {}),
    )
    return plan(anchors, limits(notice_on), china())


def set_timetable(
    session: Session,
    actor: Actor,
    clock: Clock,
    tender_id: int,
    *,
    notice_on: date,
    deadline: datetime,
    documents_until: date | None = None,
    clarification_until: datetime | None = None,
    later: Mapping[str, date] | None = None,
    extend_documents_days: int | None = None,
) -> Timetable:
    """Fix the day of the notice and the deadline; the other dates follow (documents: the shortest lawful period).

    A date that breaks a limit is kept and named by the checks, so that a plan can be made in steps; it blocks
    publication. later: chosen days after the opening; extend_documents_days: see `tender.services.extending`.
    Raises Invalid for a deadline before the notice.
    """
    require(actor, "tender:prepare")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.PREPARATION)
    if local_date(deadline) <= notice_on:
        raise Invalid(N_("The deadline must come after the notice"), field="deadline")
    timetable = planned(notice_on, deadline, documents_until, clarification_until, later)
    until = documents_until or timetable.day("T02")
    if extend_documents_days and china().add(until, extend_documents_days).date > local_date(deadline):
        raise Invalid(N_("The extension would end after the bids close"), field="extend_documents_days")
    tender.planned = {name: day.isoformat() for name, day in (later or {}).items()}
    tender.extend_documents_days = extend_documents_days
    tender.documents_from, tender.deadline = notice_on, deadline
    tender.documents_until = until
    tender.clarification_until = clarification_until or _end_of(timetable.day("T05"), deadline)
    keep_entries(session, tender, timetable)
    audit.record(session, now, actor, "tender:timetable:set", tender, notice=notice_on.isoformat())
    return timetable


def keep_entries(session: Session, tender: Tender, timetable: Timetable) -> None:
    """Write the dates of a plan in place of the tender's earlier ones."""
    session.exec(delete(TimetableEntry).where(col(TimetableEntry.tender_id) == tender.id))
    for entry in timetable.entries:
        session.add(
            TimetableEntry(
                tender_id=tender.id,
                step=entry.step,
                day=entry.day,
                provisional=entry.provisional,
                clause=entry.clause[:100],
            )
        )


def _end_of(day: date, deadline: datetime) -> datetime:
    """The same hour as the deadline on that day: the last moment for questions."""
    return deadline - (local_date(deadline) - day)


def timetable_of(tender: Tender) -> Timetable | None:
    """The plan of a tender, computed again from its dates; None before they are set."""
    if tender.documents_from is None or tender.deadline is None:
        return None
    return planned(
        tender.documents_from, tender.deadline, tender.documents_until, tender.clarification_until, later_of(tender)
    )


def later_of(tender: Tender) -> dict[str, date]:
    """The chosen days after the opening."""
    return {name: date.fromisoformat(day) for name, day in tender.planned.items()}


def publication_checks(session: Session, tender: Tender) -> tuple[Check, ...]:
    """Every check of the 'ready to publish' page, blocking ones first."""
    return checks(_draft(session, tender), rule_set(tender.rule_set))


def _draft(session: Session, tender: Tender) -> DraftFacts:
    number = tender.id or 0
    said = policy.view(tender.pack, local_date(tender.created_at)).tender
    agreement = said.agreement if said else None
    conditions = select(QualificationCondition.text).where(QualificationCondition.tender_id == number)
    keys = tender_keys(session, number)
    return DraftFacts(
        budget=tender.budget,
        bid_security=tender.bid_security,
        performance_security_rate=tender.performance_security_rate,
        low_price_ratio=tender.low_price_ratio,
        term_from=tender.term_from,
        term_until=tender.term_until,
        fields={row.key: row.text for row in mandatory_fields(session, number)},
        conditions=session.exec(conditions).all(),
        lots=[_lot(session, lot) for lot in lots_of(session, number)],
        lines=[_line(row) for row in session.exec(_table(number))],
        timetable=timetable_of(tender),
        pack_winners=said.winners if said else None,
        pack_years=agreement.years if agreement else None,
        keys_made=bool(keys),
        unconfirmed=len(unconfirmed(session, number)) if keys else 0,
        pack_clause=str(said.clause) if said else "",
        agreement_clause=str(agreement.clause) if agreement else "",
        on=tender.documents_from or local_date(tender.created_at),
    )


def scoring_checks(session: Session, tender: Tender, lines: Sequence[CriterionDraft]) -> tuple[Check, ...]:
    """The checks of a scoring table that is being typed, against the rest of the tender as it stands."""
    facts = [LineFacts(line.block, line.name, line.points, line.kind, line.options) for line in lines]
    found = checks(replace(_draft(session, tender), lines=facts), rule_set(tender.rule_set))
    return tuple(check for check in found if check.field.startswith("criteri"))


def _table(tender_id: int) -> SelectOfScalar[Criterion]:
    return select(Criterion).where(Criterion.tender_id == tender_id).order_by(col(Criterion.position))


def _line(row: Criterion) -> LineFacts:
    return LineFacts(row.block, row.name, row.points, row.kind, row.options)


def _lot(session: Session, lot: Lot) -> LotFacts:
    years = session.exec(select(HistoricalYear.id).where(HistoricalYear.lot_id == lot.id)).all()
    terms = session.exec(select(ContractTerms.id).where(ContractTerms.lot_id == lot.id)).first()
    return LotFacts(
        position=lot.position,
        insured=lot.insured_count,
        area=lot.area,
        price_object=lot.price_object,
        ceiling=lot.ceiling,
        budget=lot.budget,
        winners=lot.winners,
        split_method=lot.split_method,
        split=lot.split,
        historical_years=len(years),
        has_terms=terms is not None,
    )


def request_publication(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Approval:
    """Ask a second person to publish. Raises Refused while a check blocks, naming the first."""
    require(actor, "tender:publish")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    at_stage(tender, clock.now(), Stage.PREPARATION)
    _ready(session, tender)
    return request(
        session,
        actor,
        clock,
        "tender.publish",
        tender,
        message=N_("Publish the tender %(number)s: notice and tender document become public, the dates are fixed"),
        params={"number": tender.number},
    )


def _ready(session: Session, tender: Tender) -> None:
    for check in blocking(publication_checks(session, tender)):
        raise Refused(check.why, clause=check.clause or None, field=check.field, **check.params)


@executor("tender.publish", permission="tender:publish", page=("tender.show", "tender_id"))
def publish(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Notice:
    """Publish on the planned day: the notice and the tender document are issued and the stage moves to bidding.

    Raises Refused on another day than the timetable's, because every limit is counted from it.
    """
    tender = locked_tender(session, int(approval.subject_id))
    now = clock.now()
    at_stage(tender, now, Stage.PREPARATION)
    _ready(session, tender)
    if tender.documents_from != local_date(now):
        planned_day = tender.documents_from.isoformat() if tender.documents_from else "—"
        raise Refused(N_("The timetable counts from %(day)s: publish on that day or plan again"), day=planned_day)
    tender.published_at = now
    notice = issue_tender_notice(session, actor, clock, tender)
    audit.record(session, now, actor, "tender:notice:publish", tender, notice=notice.id, pack_hash=tender.pack_hash)
    return notice
