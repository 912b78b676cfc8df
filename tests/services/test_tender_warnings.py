"""'Uploaded but not submitted': who is warned, when, and how often."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core.clock import FixedClock
from core.db import transaction
from core.house import House
from core.messages.models import Message
from core.tasks.models import JobRun
from core.tasks.sweeping import run_due
from tender import jobs, services
from tender.rules.warnings import is_unsent, warning_due
from tests.factories import tender as make

DAY, TWO_HOURS, HALF_AN_HOUR = timedelta(hours=24), timedelta(hours=2), timedelta(minutes=30)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("before", "due"),
    [
        (DAY + SECOND, None),
        (DAY, DAY),
        (TWO_HOURS + SECOND, DAY),
        (TWO_HOURS, TWO_HOURS),
        (HALF_AN_HOUR, HALF_AN_HOUR),
        (SECOND, HALF_AN_HOUR),
        (timedelta(0), None),
        (-SECOND, None),
    ],
)
def test_a_warning_is_due_at_its_time_and_none_from_the_deadline_on(before: timedelta, due: timedelta | None) -> None:
    assert warning_due(make.DEADLINE, make.DEADLINE - before) == due


@pytest.mark.parametrize(
    ("uploads", "submitted", "withdrawn", "unsent"),
    [
        ((), None, None, False),
        ((1,), None, None, True),
        ((1, 2), 3, None, False),
        ((1, 2, 4), 3, None, True),
        ((1, 2), 3, 4, False),
        ((1, 2, 5), 3, 4, True),
    ],
    ids=["nothing here", "uploaded", "submitted", "newer files", "taken back", "files after taking back"],
)
def test_what_counts_as_uploaded_and_not_submitted(
    uploads: tuple[int, ...], submitted: int | None, withdrawn: int | None, unsent: bool
) -> None:
    at = [make.DEADLINE - timedelta(days=9) + timedelta(hours=hour) for hour in range(9)]
    found = is_unsent(
        tuple(at[hour] for hour in uploads),
        None if submitted is None else at[submitted],
        None if withdrawn is None else at[withdrawn],
    )
    assert found is unsent


def warned(session: Session) -> list[int]:
    """Who has been warned, one entry a message."""
    return sorted(row.recipient_id for row in session.exec(select(Message)) if row.key.startswith("unsent:"))


def sweep(house: House, session: Session) -> int:
    """One run of the sweep, in a session of its own as the scheduler gives it."""
    session.rollback()
    with house.db.factory() as own:
        return jobs.warn(house, own)


def test_only_who_has_not_submitted_is_warned_three_times_and_never_twice(
    house: House, session: Session, clock: FixedClock
) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    sent, unsent, idle = people.insurers
    make.submitted(session, clock, sent, tender, "37.00")
    make.uploaded(session, clock, unsent, tender, "38.00")
    assert idle
    counts = []
    for before in (DAY + SECOND, DAY, TWO_HOURS, HALF_AN_HOUR, SECOND):
        clock.move_to(make.DEADLINE - before)
        for _ in range(3):  # a restart, a second scheduler, a minute later
            assert sweep(house, session) == 0
        counts.append(len(warned(session)))
    assert counts == [0, 1, 2, 3, 3]
    assert set(warned(session)) == {unsent.user_id}


def test_a_system_that_was_away_sends_one_warning_not_three(
    house: House, session: Session, clock: FixedClock
) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    make.uploaded(session, clock, people.insurers[0], tender, "38.00")
    clock.move_to(make.DEADLINE - timedelta(minutes=10))
    sweep(house, session)
    assert len(warned(session)) == 1


def test_who_withdraws_on_purpose_is_left_alone(house: House, session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    make.submitted(session, clock, people.insurers[0], tender, "38.00")
    with transaction(session):
        services.withdraw_bid(
            session, people.insurers[0], clock, services.lots_of(session, tender.id or 0)[0].id or 0
        )
    clock.move_to(make.DEADLINE - HALF_AN_HOUR)
    sweep(house, session)
    assert warned(session) == []


def test_the_record_of_the_sweep_counts_nobody(house: House, session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    for insurer in people.insurers:
        make.uploaded(session, clock, insurer, tender, "38.00")
    clock.move_to(make.DEADLINE - HALF_AN_HOUR)
    session.rollback()
    run_due(house)
    assert len(warned(session)) == 3
    runs = session.exec(select(JobRun).where(col(JobRun.job).in_(["tender.warn-unsubmitted", "messages.send-copies"])))
    assert {row.count for row in runs} == {0}
