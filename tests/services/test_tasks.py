"""Tasks and sweeps: queued with the change that needs them, done once, begun again after a crash, failing in words."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import N_, NotFound, Refused
from core.house import House
from core.identity.actor import SYSTEM
from core.tasks import registry
from core.tasks.models import JobRun, Task
from core.tasks.queue import enqueue, last_sweep, progress
from core.tasks.registry import Sweep, sweep, task
from core.tasks.sweeping import run_due
from core.tasks.work import ATTEMPTS, LEASE, Work, _claim, run_waiting
from tests.factories import identity


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test registers its own work; the rooms' stays out of it."""
    monkeypatch.setattr(registry, "_handlers", {})
    monkeypatch.setattr(registry, "_sweeps", {})
    return


def queued(session: Session, clock: FixedClock, kind: str = "test.count", **args: Any) -> int:
    with transaction(session):
        return enqueue(session, SYSTEM, clock, kind, **args).id


def test_queued_work_is_done_and_its_progress_can_be_read(house: House, session: Session, clock: FixedClock) -> None:
    seen = []

    @task("test.count")
    def count(work: Work, upto: int) -> dict[str, int]:
        for number in range(1, upto + 1):
            work.report(number, upto, N_("Counting %(number)s"), number=number)
            seen.append(progress(session, work.task_id).percent)
            session.rollback()
        return {"counted": upto}

    number = queued(session, clock, upto=4)
    assert progress(session, number).state == "waiting"
    session.rollback()
    clock.advance(minutes=1)
    assert run_waiting(house) == 1
    end = progress(session, number)
    assert (end.state, end.percent, end.result) == ("finished", 100, {"counted": 4})
    assert (end.message, end.params) == ("Counting %(number)s", {"number": 4})
    assert end.ended_at == clock.now()
    assert seen == [25, 50, 75, 100]


def test_work_is_queued_only_if_the_change_that_needs_it_is_made(
    house: House, session: Session, clock: FixedClock
) -> None:
    task("test.count")(lambda work: None)
    with pytest.raises(Refused), transaction(session):
        enqueue(session, SYSTEM, clock, "test.count")
        raise Refused(N_("no"))
    assert run_waiting(house) == 0


def test_the_same_work_waiting_twice_is_done_once(house: House, session: Session, clock: FixedClock) -> None:
    task("test.count")(lambda work, upto: None)
    assert queued(session, clock, upto=1) == queued(session, clock, upto=1)
    assert queued(session, clock, upto=2) != queued(session, clock, upto=1)
    assert run_waiting(house) == 2


def test_work_nobody_registered_cannot_be_queued(session: Session, clock: FixedClock) -> None:
    with pytest.raises(KeyError), transaction(session):
        enqueue(session, SYSTEM, clock, "test.unknown")


def test_a_refusal_is_kept_in_words_with_its_clause(house: House, session: Session, clock: FixedClock) -> None:
    @task("test.refuse")
    def refuse(work: Work) -> None:
        raise Refused(N_("Contract %(number)s has no figures"), clause="J14", number="C-1")

    number = queued(session, clock, "test.refuse")
    run_waiting(house)
    end = progress(session, number)
    assert (end.state, end.error, end.error_params, end.clause) == (
        "failed", "Contract %(number)s has no figures", {"number": "C-1"}, "J14",
    )


def test_an_unexpected_fault_shows_an_incident_and_no_inner_words(
    house: House, session: Session, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    @task("test.break")
    def broken(work: Work) -> None:
        with transaction(work.session):
            work.session.add(JobRun(job="half done", due=clock.now(), started_at=clock.now()))
            raise ZeroDivisionError("inner words")

    number = queued(session, clock, "test.break")
    run_waiting(house)
    end = progress(session, number)
    assert end.state == "failed"
    assert "inner words" not in str(end.error) + str(end.error_params)
    assert end.error_params["incident"] in {getattr(line, "incident", None) for line in caplog.records}
    assert session.scalars(select(JobRun)).all() == []


def test_work_whose_process_died_is_begun_again_when_its_lease_is_over(
    house: House, session: Session, clock: FixedClock
) -> None:
    task("test.count")(lambda work: None)
    number = queued(session, clock)
    assert _claim(house) == number  # a process takes it and dies
    assert run_waiting(house) == 0
    clock.move_to(clock.now() + LEASE + timedelta(seconds=1))
    assert run_waiting(house) == 1
    assert progress(session, number).state == "finished"
    assert session.get_one(Task, number).attempts == 2


def test_work_that_kills_its_process_again_and_again_is_given_up(
    house: House, session: Session, clock: FixedClock
) -> None:
    task("test.count")(lambda work: None)
    number = queued(session, clock)
    for _ in range(ATTEMPTS):
        assert _claim(house) == number
        clock.move_to(clock.now() + LEASE + timedelta(seconds=1))
    run_waiting(house)
    assert progress(session, number).error == "The work was begun %(times)s times and never reached its end"


def test_progress_is_reported_between_transactions_only(house: House, session: Session, clock: FixedClock) -> None:
    refusals = []

    @task("test.count")
    def count(work: Work) -> None:
        with pytest.raises(RuntimeError) as refused, transaction(work.session):
            work.report(1, 2)
        refusals.append(str(refused.value))

    queued(session, clock)
    run_waiting(house)
    assert refusals == ["report progress between transactions, so that what it says is already done"]


@pytest.mark.parametrize("disabled, roles", [(False, {"handler"}), (True, set())])
def test_work_is_done_with_the_rights_its_person_has_when_it_runs(
    house: House, session: Session, clock: FixedClock, disabled: bool, roles: set[str]
) -> None:
    seen = []

    @task("test.who")
    def look(work: Work) -> None:
        seen.append((work.actor.user_id, work.actor.roles))

    handler = identity.user(session, clock, "handler")
    number = handler.id
    with transaction(session):
        enqueue(session, handler.as_actor(), clock, "test.who")
        handler.disabled_at = clock.now() if disabled else None
    run_waiting(house)
    assert seen == [(number, frozenset(roles))]


def test_progress_of_an_unknown_task_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        progress(session, 999)


DUE_TIMES = [
    # every, now, due (Beijing time)
    (timedelta(minutes=5), beijing(2016, 8, 1, 9, 4, 59), beijing(2016, 8, 1, 9, 0)),
    (timedelta(minutes=5), beijing(2016, 8, 1, 9, 5, 0), beijing(2016, 8, 1, 9, 5)),
    (timedelta(hours=6), beijing(2016, 8, 1, 9, 0), beijing(2016, 8, 1, 6, 0)),
    (timedelta(days=1), beijing(2016, 8, 1, 0, 0), beijing(2016, 8, 1, 0, 0)),
    (timedelta(days=1), beijing(2016, 8, 1, 7, 59), beijing(2016, 8, 1, 0, 0)),
]


@pytest.mark.parametrize("every, now, due", DUE_TIMES)
def test_due_times_are_counted_from_midnight_in_beijing(every: timedelta, now: Any, due: Any) -> None:
    assert Sweep("test", every, lambda house, session: 0).due(now) == due


def test_a_sweep_runs_once_for_each_due_time_and_once_for_all_that_were_missed(
    house: House, session: Session, clock: FixedClock
) -> None:
    ran = []

    @sweep("test.look", every=timedelta(hours=1))
    def look(house: House, session: Session) -> int:
        ran.append(house.clock.now())
        return 3

    assert run_due(house) == ["test.look"]
    assert run_due(house) == []
    clock.advance(hours=1)
    assert run_due(house) == ["test.look"]
    clock.advance(hours=30)
    assert run_due(house) == ["test.look"]
    assert len(ran) == 3
    assert last_sweep(session) == clock.now()
    assert [run.count for run in session.scalars(select(JobRun))] == [3, 3, 3]


def test_one_sweep_that_fails_stops_no_other_and_is_tried_at_its_next_due_time(
    house: House, session: Session, clock: FixedClock
) -> None:
    @sweep("test.a", every=timedelta(hours=1))
    def broken(house: House, session: Session) -> int:
        raise OSError("disk full")

    sweep("test.b", every=timedelta(hours=1))(lambda house, session: 0)
    assert run_due(house) == ["test.a", "test.b"]
    assert run_due(house) == []
    assert session.scalars(select(JobRun.error).where(JobRun.job == "test.a")).one() == "OSError: disk full"
    session.rollback()
    clock.advance(hours=1)
    assert run_due(house) == ["test.a", "test.b"]
