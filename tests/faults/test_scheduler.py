"""The scheduler process killed in the middle of its work: the one that stands by takes over and ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from core.clock import SystemClock
from core.config import Settings
from core.db import transaction
from core.identity.actor import SYSTEM
from core.tasks import registry
from core.tasks.models import Task
from core.tasks.queue import enqueue, progress

ROOT = Path(__file__).resolve().parents[2]

#: A scheduler in a process of its own; its one kind of work takes twenty steps and two seconds.
SCHEDULER = """
import sys, time
from datetime import timedelta
from core import config, house
from core.tasks import scheduler, work
from core.tasks.registry import task

work.LEASE, work.HEARTBEAT = timedelta(seconds=2), timedelta(seconds=0.5)

@task("test.slow")
def slow(work):
    for step in range(1, 21):
        time.sleep(0.1)
        work.report(step, 20)
    return {"by": sys.argv[1]}

print("stands by", flush=True)
scheduler.run(house.build(config.read()))
"""

Start = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Starts named scheduler processes on this test's house; whatever lives at the end is killed."""
    processes: list[subprocess.Popen[str]] = []
    outside = {"DATABASE_URL": settings.database_url, "CHENGBAN_DATA": str(settings.data), "CHENGBAN_MODE": "test"}

    def launch(name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SCHEDULER, name]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | outside, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "stands by\n"
        return process

    yield launch
    for process in processes:
        process.kill()
        process.communicate()


def wait_until(true: Callable[[], bool], seconds: int = 120) -> None:
    """Look again and again; a slow machine gets its time."""
    for _ in range(seconds * 20):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_a_killed_scheduler_loses_no_work(
    session: Session, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._handlers, "test.slow", lambda work: None)
    first, second = start("first"), start("second")
    with transaction(session):
        number = enqueue(session, SYSTEM, SystemClock(), "test.slow").id

    def done() -> int:
        session.rollback()
        return progress(session, number).done

    wait_until(lambda: done() >= 3)
    first.send_signal(signal.SIGKILL)
    wait_until(lambda: session.rollback() is None and progress(session, number).is_over)
    end = progress(session, number)
    assert (end.state, end.done, end.result) == ("finished", 20, {"by": "second"})
    assert session.scalars(select(Task.attempts)).one() == 2
    second.terminate()
    assert second.wait(timeout=60) == 0


def test_two_schedulers_never_do_the_same_work(session: Session, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._handlers, "test.slow", lambda work: None)
    start("first")
    start("second")
    with transaction(session):
        number = enqueue(session, SYSTEM, SystemClock(), "test.slow").id
    wait_until(lambda: session.rollback() is None and progress(session, number).is_over)
    assert session.scalars(select(Task.attempts)).one() == 1
