"""Many hands at once: fifty clients submit across the deadline, and one submission is sent many times."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.house import House
from core.identity.actor import Actor
from tender import services
from tender.models import BidSubmission, EnvelopeKind, RefusedBid
from tests.factories import tender as make

STEP = timedelta(milliseconds=50)
CLIENTS = 50


class RunningClock:
    """Every reading is a little later than the one before, whoever reads."""

    def __init__(self, start: datetime) -> None:
        self._next, self._lock = start, Lock()

    def now(self) -> datetime:
        with self._lock:
            self._next += STEP
            return self._next


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=1)


def test_every_receipt_across_the_deadline_is_before_it_and_every_other_answer_is_late(
    house: House, session: Session, clock: FixedClock
) -> None:
    people = make.cast(session, clock, insurers=CLIENTS)
    tender = make.published(session, clock, people)
    ready = {insurer: make.uploaded(session, clock, insurer, tender, "37.00") for insurer in people.insurers}
    session.rollback()
    running = RunningClock(make.DEADLINE - CLIENTS * STEP)

    def send(task: tuple[Actor, int]) -> tuple[bool, datetime]:
        insurer, turn = task
        lot, technical, price = ready[insurer]
        with house.db.factory() as own, transaction(own):
            row = services.submit_bid(
                own, insurer, running, lot, technical_id=technical, price_id=price,
                idempotency_key=f"turn-{turn}-{insurer.user_id}",
            )  # fmt: skip
            return isinstance(row, BidSubmission), getattr(row, "submitted_at", None) or row.refused_at  # type: ignore[union-attr]

    tasks = [(insurer, turn) for turn in range(2) for insurer in people.insurers]
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(send, tasks))
    assert {accepted for accepted, _at in answers} == {True, False}
    assert all(accepted is (at < make.DEADLINE) for accepted, at in answers)
    taken = session.exec(select(BidSubmission)).all()
    assert len(taken) == sum(accepted for accepted, _at in answers)
    assert all(row.submitted_at < make.DEADLINE for row in taken)
    assert all(row.refused_at >= make.DEADLINE for row in session.exec(select(RefusedBid)))
    accepted_bids = {row.bid_id for row in taken}
    session.rollback()
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    assert {bid.id for bid in services.opened_bids(session, tender)} == accepted_bids


def test_one_submission_sent_eight_times_at_once_is_one(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    insurer = people.insurers[0]
    lot, technical, price = make.uploaded(session, clock, insurer, tender, "37.00")
    session.rollback()

    def send(_turn: int) -> bytes:
        with house.db.factory() as own, transaction(own):
            row = services.submit_bid(
                own, insurer, clock, lot, technical_id=technical, price_id=price, idempotency_key="pressed-eight-times"
            )
            return services.receipt_file(row)

    with ThreadPoolExecutor(8) as pool:
        receipts = set(pool.map(send, range(8)))
    assert len(receipts) == 1
    assert len(session.exec(select(BidSubmission)).all()) == 1
