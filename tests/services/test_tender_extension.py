"""Fewer than three take the documents (T03): the period is extended once as published, and no number is told."""

from datetime import date

import pytest
from sqlmodel import Session, select

from core.audit import AuditEvent
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Invalid
from tender import services
from tender.models import Tender
from tender.services.correcting import corrigenda
from tender.services.extending import documents_ended, extend_documents
from tests.factories import tender as make

NOTICE, ENDS, DEADLINE = beijing(2018, 6, 4, 9), date(2018, 6, 11), beijing(2018, 6, 29, 9, 30)
EXTENDED = date(2018, 6, 15)


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def published(session: Session, clock: FixedClock, people: make.Cast, days: int | None) -> Tender:
    """A tender of 2018, under Order 87, that extends its documents period by so many working days."""
    clock.move_to(beijing(2018, 6, 1, 9))
    tender = make.prepared(
        session, clock, people, term_from=date(2019, 1, 1), term_until=date(2021, 12, 31)
    )
    with transaction(session):
        services.set_timetable(
            session, people.handler, clock, tender.id or 0, notice_on=NOTICE.date(), deadline=DEADLINE,
            extend_documents_days=days,
        )  # fmt: skip
    clock.move_to(NOTICE)
    with transaction(session):
        asked = services.request_publication(session, people.handler, clock, tender.id or 0)
    make.approve(session, clock, people, asked.id)
    return tender


@pytest.mark.parametrize(
    ("takers", "days", "until", "notices"),
    [(2, 3, EXTENDED, 1), (3, 3, ENDS, 0), (0, None, ENDS, 0)],
    ids=["two took them", "three took them", "not foreseen"],
)
def test_the_period_is_extended_where_fewer_than_three_took_the_documents(
    session: Session, clock: FixedClock, people: make.Cast, takers: int, days: int | None, until: date, notices: int
) -> None:
    tender = published(session, clock, people, days)
    for insurer in people.insurers[:takers]:
        with transaction(session):
            services.take_documents(session, insurer, clock, tender.id or 0)
    clock.move_to(beijing(2018, 6, 11, 18))
    assert documents_ended(session, clock.now()) == []  # the last day belongs to the bidders
    clock.move_to(beijing(2018, 6, 12, 9))
    for number in [*documents_ended(session, clock.now()), tender.id or 0]:  # a second run changes nothing
        with transaction(session):
            extend_documents(session, clock, number)
    session.refresh(tender)
    assert tender.documents_until == until
    assert len(corrigenda(session, tender.id or 0)) == notices
    said = [str(row.detail) for row in session.exec(select(AuditEvent).where(AuditEvent.action.contains("notice")))]  # type: ignore[attr-defined]
    assert not any("taker" in text for text in said)


def test_an_extension_past_the_deadline_is_refused(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    with pytest.raises(Invalid, match="extension would end") as refused:
        published(session, clock, people, 15)
    assert refused.value.field == "extend_documents_days"
