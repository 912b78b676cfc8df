"""A writer killed with SIGKILL at any moment leaves the old state or the new one, never something between."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlmodel import Session

from core import audit
from core.audit import AuditEvent
from core.clock import FixedClock
from core.config import Settings
from core.db import transaction
from tender import services
from tender.models import Criterion, QualificationCondition, Tender
from tests.factories import tender as make

ROOT = Path(__file__).resolve().parents[2]

#: Starts tenders from the pack one after another (a row each, its conditions, its criteria, its audit event) and says
#: the number of each once it is committed; with `hold` it stops in the middle of the first, everything written.
WRITER = """
import sys, time
from core import config, house
from core.clock import FixedClock, beijing
from core.db import transaction
from core.identity.models import User
from tender import services
from tests.factories.tender import basics
from wsgi import import_models

import_models()
house = house.build(config.read(), FixedClock(beijing(2016, 8, 1, 9)))
session, hold = house.db.session, sys.argv[1] == "hold"
handler = session.get_one(User, int(sys.argv[2])).as_actor()
print("ready", flush=True)
for number in range(10_000):
    name = f"{sys.argv[3]}-{number:04}"
    with transaction(session):
        draft = basics(name, handler.organisation_id)
        services.create_tender(session, handler, house.clock, pack="jilin-2016", basics=draft)
        if hold:
            session.flush()
            print("in the middle", flush=True)
            time.sleep(60)
    print(name, flush=True)
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=0, experts=0)


@pytest.fixture
def start(settings: Settings, people: make.Cast) -> Iterator[Start]:
    """Starts writers on this test's house: `start("hold", "a")`; each is killed at the end at the latest."""
    processes: list[subprocess.Popen[str]] = []
    outside = {"DATABASE_URL": settings.database_url, "CHENGBAN_DATA": str(settings.data), "CHENGBAN_MODE": "test"}

    def launch(how: str, name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, how, str(people.handler.user_id), name]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | outside, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert said(process) == "ready"
        return process

    yield launch
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def said(process: subprocess.Popen[str]) -> str:
    """The next line of a writer."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kill it as a power cut would; returns the tenders it had said were committed and nobody had read yet."""
    process.send_signal(signal.SIGKILL)
    assert process.stdout is not None
    return process.stdout.read().split()


def parts(session: Session, kind: type[QualificationCondition] | type[Criterion]) -> set[int]:
    """How many conditions, or criteria, the tenders have: one number where all are whole."""
    session.rollback()
    return set(Counter(session.scalars(select(kind.tender_id))).values())  # type: ignore[call-overload]


def assert_whole(session: Session, expected: set[str]) -> None:
    """Every tender that was said to be committed is there, every one that is there is whole, and the chain holds."""
    session.rollback()
    found = set(session.scalars(select(Tender.number)))
    assert expected <= found
    assert len(found) <= len(expected) + 1, "at most the transaction that was being committed may be new"
    created = session.scalar(select(func.count()).where(AuditEvent.action == "tender:tender:create"))
    assert created == len(found)
    for kind in (QualificationCondition, Criterion):
        assert len(parts(session, kind)) == (1 if found else 0)
    assert list(audit.verify(session)) == []
    if session.get_bind().dialect.name == "sqlite":
        assert session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]


def test_a_writer_killed_in_the_middle_leaves_the_old_state(
    session: Session, start: Start, clock: FixedClock, people: make.Cast
) -> None:
    process = start("hold", "first")
    assert said(process) == "in the middle"
    assert kill(process) == []
    assert_whole(session, set())
    with transaction(session):  # the lock died with its holder
        draft = make.basics("after", people.department.id or 0)
        services.create_tender(session, people.handler, clock, pack="jilin-2016", basics=draft)
    assert_whole(session, {"after"})


def test_writers_killed_at_any_moment_lose_nothing_they_acknowledged(session: Session, start: Start) -> None:
    known: set[str] = set()
    for number, pause in enumerate((0.0, 0.05, 0.2)):
        process = start("run", f"round{number}")
        known.add(said(process))
        time.sleep(pause)
        known.update(kill(process))
        assert_whole(session, known)
        known = set(session.scalars(select(Tender.number)))
        session.rollback()  # a reader that stays would keep the next writer from committing
