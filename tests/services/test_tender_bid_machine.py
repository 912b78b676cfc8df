"""Bids in any order a day can bring: Hypothesis submits, replaces, withdraws, extends, waits, closes and opens.

A model beside the house says what must stand; the house's receipts, refusals and opening list are compared with it
after every step (security F, C03). The clock is a fixed one that only moves forward.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from core import house as houses
from core.clock import FixedClock
from core.config import DEMONSTRATION_SECRET, Settings
from core.db import transaction
from core.errors import ChengbanError, NotFound, Refused
from core.identity.actor import SYSTEM
from tender import services
from tender.models import BidSubmission, RefusedBid, Tender
from tender.services.bidding import last_submission, receipt_file, standing_bids
from tender.services.opening import closing_hash, sealed_hashes
from tender.services.stage import locked_tender
from tests.factories import tender as make
from tests.support.databases import make_schema

INSURERS = 4
#: Steps of time: within a minute, over hours, past the deadline.
STEPS = st.sampled_from([timedelta(0), timedelta(seconds=1), timedelta(hours=7), timedelta(days=4), timedelta(days=11)])


@dataclass
class Ground:
    """A published tender with uploads, made once; every run of the machine begins on a copy."""

    database: Path
    folder: Path
    people: make.Cast
    tender_id: int
    uploads: list[tuple[int, int, int]]
    now: datetime


def settings_for(folder: Path) -> Settings:
    return Settings(
        data=folder, database_url=f"sqlite:///{folder / 'house.sqlite3'}", mode="test", secret=DEMONSTRATION_SECRET,
        port=8000, trusted_hosts=("localhost",), public_url="http://127.0.0.1:8000",
    )  # fmt: skip


@pytest.fixture
def ground(tmp_path: Path, clock: FixedClock) -> Ground:
    """The starting point of every run."""
    folder = tmp_path / "start"
    folder.mkdir()
    made = settings_for(folder)
    make_schema(made.database_url)
    house = houses.build(made, clock)
    with house.db.factory() as session:
        people = make.cast(session, clock, insurers=INSURERS)
        tender = make.published(session, clock, people)
        uploads = [make.uploaded(session, clock, insurer, tender, "36.50") for insurer in people.insurers]
        number = tender.id or 0
    house.db.engine.dispose()
    return Ground(folder / "house.sqlite3", folder, people, number, uploads, clock.now())


@dataclass
class Model:
    """What must be true, kept by the test alone."""

    deadline: datetime
    standing: dict[int, int] = field(default_factory=dict)  # insurer → version
    withdrawn: set[int] = field(default_factory=set)
    versions: dict[int, int] = field(default_factory=dict)
    receipts: dict[str, bytes] = field(default_factory=dict)
    refused: int = 0
    closed: bool = False


def machine(ground: Ground, runs: Iterator[int], home: Path) -> type[RuleBasedStateMachine]:
    """The machine on copies of this ground."""

    class Bids(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            folder = home / f"run{next(runs)}"
            folder.mkdir()
            shutil.copyfile(ground.database, folder / "house.sqlite3")
            shutil.copytree(ground.folder / "files", folder / "files")
            self.clock = FixedClock(ground.now)
            self.house = houses.build(settings_for(folder), self.clock)
            self.session = self.house.db.factory()
            self.model = Model(make.DEADLINE)
            self.turn = 0

        @rule(who=st.integers(0, INSURERS - 1))
        def submits(self, who: int) -> None:
            """A new submission: a receipt before the deadline, a refusal from it on, nothing between."""
            self.turn += 1
            key = f"turn-{self.turn}-of-{who}"
            row = make.submit(self.session, self.clock, ground.people.insurers[who], *ground.uploads[who], key)
            if self.clock.now() < self.model.deadline:
                assert isinstance(row, BidSubmission)
                assert row.submitted_at == self.clock.now()
                self.model.versions[who] = self.model.versions.get(who, 0) + 1
                assert row.version == self.model.versions[who]
                self.model.standing[who] = row.version
                self.model.receipts[key] = receipt_file(row)
            else:
                assert isinstance(row, RefusedBid)
                assert row.refused_at == self.clock.now()
                self.model.refused += 1

        @precondition(lambda self: self.model.receipts)
        @rule(which=st.integers(0, 99))
        def repeats(self, which: int) -> None:
            """A retry of a request that was answered, at any time: the same receipt, byte for byte."""
            key = sorted(self.model.receipts)[which % len(self.model.receipts)]
            who = int(key.rsplit("-", 1)[1])
            row = make.submit(self.session, self.clock, ground.people.insurers[who], *ground.uploads[who], key)
            assert receipt_file(row) == self.model.receipts[key]

        @rule(who=st.integers(0, INSURERS - 1))
        def withdraws(self, who: int) -> None:
            lot = ground.uploads[who][0]
            try:
                with transaction(self.session):
                    services.withdraw_bid(self.session, ground.people.insurers[who], self.clock, lot)
            except (NotFound, Refused):
                assert who not in self.model.standing or self.clock.now() >= self.model.deadline
                return
            assert self.clock.now() < self.model.deadline
            del self.model.standing[who]

        @rule(step=STEPS)
        def waits(self, step: timedelta) -> None:
            self.clock.move_to(self.clock.now() + step)

        @rule()
        def waits_for_the_deadline(self) -> None:
            """To the very instant: the clearest place for an error of one."""
            self.clock.move_to(max(self.clock.now(), self.model.deadline))

        @rule()
        def waits_till_just_before_it(self) -> None:
            self.clock.move_to(max(self.clock.now(), self.model.deadline - timedelta(microseconds=1)))

        @precondition(lambda self: self.clock.now() < self.model.deadline)
        @rule(days=st.integers(1, 5))
        def is_extended(self, days: int) -> None:
            """A later deadline under the tender's lock; who may do that, and how, test_tender_correction.py shows."""
            with transaction(self.session):
                tender = locked_tender(self.session, ground.tender_id)
                tender.deadline = self.model.deadline = self.model.deadline + timedelta(days=days)

        @rule()
        def closes(self) -> None:
            try:
                with transaction(self.session):
                    services.close_tender(self.session, SYSTEM, self.clock, ground.tender_id)
            except ChengbanError:
                assert self.clock.now() < self.model.deadline
                return
            assert self.clock.now() >= self.model.deadline
            self.model.closed = True

        @invariant()
        def what_stands_is_what_was_accepted(self) -> None:
            bids = standing_bids(self.session, ground.tender_id)
            lasts = {bid.bidder_id: last_submission(self.session, bid) for bid in bids}
            insurers = ground.people.insurers
            expected = {insurers[who].organisation_id: version for who, version in self.model.standing.items()}
            assert {who: last.version if last else 0 for who, last in lasts.items()} == expected
            taken = self.session.exec(select(BidSubmission)).all()
            assert len(taken) == len(self.model.receipts)
            assert len(self.session.exec(select(RefusedBid)).all()) == self.model.refused
            assert all(row.submitted_at < self.model.deadline for row in taken)
            self.session.rollback()

        @invariant()
        def the_closing_hash_covers_exactly_that(self) -> None:
            if not self.model.closed:
                return
            tender = self.session.get_one(Tender, ground.tender_id)
            sealed = sealed_hashes(self.session, tender)
            assert len(sealed) == 2 * len(self.model.standing)
            assert tender.closing_hash == closing_hash(sealed, tender.closing_nonce or "")
            self.session.rollback()

        def teardown(self) -> None:
            self.session.close()
            self.house.db.engine.dispose()

    return Bids


@pytest.mark.databases("sqlite")
def test_every_order_of_acts_leaves_what_the_model_says(ground: Ground, tmp_path: Path, database: str) -> None:
    assert database
    run_state_machine_as_test(
        machine(ground, iter(range(10_000)), tmp_path),
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
