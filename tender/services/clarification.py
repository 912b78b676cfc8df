"""Between notice and deadline: who takes the documents, questions of takers, numbered public answers."""

from datetime import date, datetime

from sqlmodel import Session, col, func, select

from core import audit
from core.clock import Clock, local_date
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from tender.models import Clarification, DocumentTaker, Tender
from tender.rules.stages import Stage
from tender.services.sealed_record import record_sealed
from tender.services.stage import at_stage, cite, locked_tender, purchasers_own
from tender.services.telling import ANSWERED, tell_takers


def take_documents(session: Session, actor: Actor, clock: Clock, tender_id: int) -> DocumentTaker:
    """An insurer takes the tender document; who did is secret until the opening (87号令第28条). Again changes nothing.

    Raises Refused outside the days on which the document is provided.
    """
    organisation = insurer_of(actor, "tender:take_documents")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    taken = taker(session, tender_id, organisation)
    if taken is not None:
        return taken
    _within_days(tender, local_date(now))
    taken = DocumentTaker(tender_id=tender.id, organisation_id=organisation, taken_by=actor.user_id, taken_at=now)
    session.add(taken)
    record_sealed(session, now, actor, tender, "tender:document:take")
    return taken


def _within_days(tender: Tender, today: date) -> None:
    if tender.documents_from and today < tender.documents_from:
        raise Refused(N_("The tender document is provided from %(day)s"), day=tender.documents_from.isoformat())
    if tender.documents_until and today > tender.documents_until:
        raise Refused(N_("The tender document was provided until %(day)s"), day=tender.documents_until.isoformat())


def insurer_of(actor: Actor, permission: str) -> int:
    """The insurer this person acts for. Raises Forbidden for anybody who is not an insurer's."""
    require(actor, permission)
    if actor.organisation_id is None or not (actor.is_insurer or not actor.user_id):
        raise Forbidden(N_("Only an insurer's people can do this"))
    return actor.organisation_id


def taker(session: Session, tender_id: int, organisation: int) -> DocumentTaker | None:
    """Whether and when this organisation took the documents; callers ask only for their own."""
    mine = select(DocumentTaker).where(
        DocumentTaker.tender_id == tender_id, DocumentTaker.organisation_id == organisation
    )
    found: DocumentTaker | None = session.exec(mine).one_or_none()
    return found


def must_have_taken(session: Session, tender: Tender, organisation: int) -> None:
    """Raise Refused unless the organisation took the tender document: only then does it take part (94 art. 11)."""
    if taker(session, tender.id or 0, organisation) is None:
        raise Refused(N_("Take the tender document first"))


def ask(session: Session, actor: Actor, clock: Clock, tender_id: int, question: str) -> Clarification:
    """A taker asks; the asker's name is never shown to anybody but the asker. Raises Refused after the last day."""
    organisation = insurer_of(actor, "tender:take_documents")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    must_have_taken(session, tender, organisation)
    _before_last_question(tender, now)
    if not question.strip():
        raise Invalid(N_("Write the question"), field="question")
    row = Clarification(
        tender_id=tender.id,
        asked_by_organisation_id=organisation,
        asked_by=actor.user_id,
        asked_at=now,
        question=question.strip(),
    )
    session.add(row)
    record_sealed(session, now, actor, tender, "tender:clarification:ask")
    return row


def _before_last_question(tender: Tender, now: datetime) -> None:
    if tender.clarification_until and now >= tender.clarification_until:
        raise Refused(N_("The time for questions is over"), clause=cite(tender, "clarification"))


def answer(session: Session, actor: Actor, clock: Clock, clarification_id: int, text: str) -> Clarification:
    """The department answers; question and answer become public under the next number, without the asker."""
    require(actor, "tender:answer")
    row = session.get(Clarification, clarification_id)
    if row is None:
        raise NotFound(N_("There is no such question"))
    tender = locked_tender(session, row.tender_id)
    session.refresh(row)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    if row.answered_at is not None:
        raise Refused(N_("This question is already answered"))
    if not text.strip():
        raise Invalid(N_("Write the answer"), field="answer")
    last = session.exec(select(func.max(Clarification.number)).where(Clarification.tender_id == tender.id)).one()
    row.number, row.answer = (last or 0) + 1, text.strip()
    row.answered_by, row.answered_at = actor.user_id, now
    audit.record(session, now, actor, "tender:clarification:answer", row, number=row.number)
    tell_takers(
        session, now, tender, ANSWERED, anchor="questions", key=f"answer:{row.number}", number=row.number
    )
    return row


def answered(session: Session, tender_id: int) -> list[Clarification]:
    """The public questions and answers, by number; show `number`, `question` and `answer`, never the asker."""
    rows = select(Clarification).where(Clarification.tender_id == tender_id, col(Clarification.number).is_not(None))
    return list(session.exec(rows.order_by(col(Clarification.number))))


def unanswered(session: Session, tender_id: int) -> list[Clarification]:
    """The questions the department has still to answer, oldest first; who asked is not shown."""
    rows = select(Clarification).where(Clarification.tender_id == tender_id, col(Clarification.number).is_(None))
    return list(session.exec(rows.order_by(col(Clarification.asked_at), col(Clarification.id))))
