"""Every step of preparation, publication and change out of its order is refused with where the tender stands."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from core.clock import FixedClock
from core.db import transaction
from core.errors import Refused
from tender import services
from tender.models import Tender
from tests.factories import tender as make

Step = Callable[[Session, FixedClock, make.Cast, Tender], Any]


def number_of(tender: Tender) -> int:
    return tender.id or 0


#: A step by its name, and the stages in which it is refused.
STEPS: dict[str, tuple[Step, set[str]]] = {
    "edit the head": (
        lambda s, c, p, t: services.edit_basics(
            s, p.handler, c, number_of(t), make.basics(t.number, p.department.id or 0)
        ),
        {"bidding", "sealed", "cancelled"},
    ),
    "write the lots": (
        lambda s, c, p, t: services.set_lots(s, p.handler, c, number_of(t), [make.lot()]),
        {"bidding", "sealed", "cancelled"},
    ),
    "write the mandatory fields": (
        lambda s, c, p, t: services.set_mandatory_fields(s, p.handler, c, number_of(t), {"exclusions": "无"}),
        {"bidding", "sealed", "cancelled"},
    ),
    "write the conditions": (
        lambda s, c, p, t: services.set_conditions(s, p.handler, c, number_of(t), []),
        {"bidding", "sealed", "cancelled"},
    ),
    "write the scoring table": (
        lambda s, c, p, t: services.set_criteria(s, p.handler, c, number_of(t), []),
        {"bidding", "sealed", "cancelled"},
    ),
    "plan the dates": (
        lambda s, c, p, t: services.set_timetable(
            s, p.handler, c, number_of(t), notice_on=make.NOTICE_DAY, deadline=make.DEADLINE
        ),
        {"bidding", "sealed", "cancelled"},
    ),
    "ask for publication": (
        lambda s, c, p, t: services.request_publication(s, p.handler, c, number_of(t)),
        {"bidding", "sealed", "cancelled"},
    ),
    "take the documents": (
        lambda s, c, p, t: services.take_documents(s, p.insurers[1], c, number_of(t)),
        {"preparation", "sealed", "cancelled"},
    ),
    "ask a question": (
        lambda s, c, p, t: services.ask(s, p.insurers[0], c, number_of(t), "人数如何核定？"),
        {"preparation", "sealed", "cancelled"},
    ),
    "ask for a correction": (
        lambda s, c, p, t: services.request_correction(
            s, p.handler, c, number_of(t), services.Correction(reason="更正", contact_name="另一人")
        ),
        {"preparation", "sealed", "cancelled"},
    ),
    "ask for the cancellation": (
        lambda s, c, p, t: services.request_cancellation(s, p.handler, c, number_of(t), "任务取消"),
        {"preparation", "cancelled"},
    ),
}
#: The words of each refusal.
STANDS = {
    "preparation": "still in preparation",
    "bidding": "open for bids",
    "sealed": "deadline has passed",
    "cancelled": "was cancelled",
}


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def tender_at(stage: str, session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """A tender brought to a stage."""
    if stage == "preparation":
        return make.prepared(session, clock, people)
    tender = make.published(session, clock, people)
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, number_of(tender))
    if stage == "sealed":
        clock.move_to(make.DEADLINE)
    if stage == "cancelled":
        with transaction(session):
            asked = services.request_cancellation(session, people.handler, clock, number_of(tender), "任务取消")
        make.approve(session, clock, people, asked.id)
    return tender


@pytest.mark.parametrize("stage", list(STANDS))
def test_what_the_stage_does_not_allow_is_refused_with_its_reason(
    session: Session, clock: FixedClock, people: make.Cast, stage: str
) -> None:
    tender = tender_at(stage, session, clock, people)
    for name, (step, refused_at) in STEPS.items():
        if stage not in refused_at:
            continue
        with pytest.raises(Refused, match=STANDS[stage]), transaction(session):
            step(session, clock, people, tender)
            pytest.fail(f"“{name}” went through while the tender is at {stage}")


def test_publication_comes_after_the_ceremony_and_on_the_planned_day(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.prepared(session, clock, people)
    with transaction(session):
        asked = services.request_publication(session, people.handler, clock, number_of(tender))
    with pytest.raises(Refused, match="The timetable counts from 2016-08-08"):
        make.approve(session, clock, people, asked.id)
    with transaction(session):
        services.make_tender_keys(
            session, people.handler, clock, number_of(tender), [officer.user_id for officer in people.officers]
        )
    with pytest.raises(Refused, match="have not confirmed"), transaction(session):
        services.request_publication(session, people.handler, clock, number_of(tender))
