"""Twenty-four insurers race the bid deadline: whatever was accepted came before it, and closing counts all of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlmodel import Session, col, select

from core import audit
from core.clock import FixedClock
from core.db import transaction
from core.house import House
from core.identity.actor import SYSTEM, Actor
from tender import services
from tender.models import Bid, BidSubmission, Envelope, RefusedBid, SealedEvent
from tender.services.opening import closing_hash
from tests.factories import tender as make

WRITERS = 24
#: How long the race lasts before the deadline comes.
RUN_UP = timedelta(seconds=1.5)
#: How long after the deadline the writers keep trying.
RUN_OUT = timedelta(seconds=0.3)


class RunningClock:
    """The machine's clock, shifted once so that the deadline is near."""

    def __init__(self, at: datetime) -> None:
        self._shift = at - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=WRITERS)


def test_no_bid_is_accepted_at_or_after_the_deadline(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    places = [make.uploaded(session, clock, insurer, tender, "36.50") for insurer in people.insurers]
    number, deadline = tender.id or 0, make.DEADLINE
    session.rollback()
    running = RunningClock(deadline - RUN_UP)

    def bid_again_and_again(insurer: Actor, lot_id: int, technical: int, price: int) -> int:
        tries = 0
        with house.db.factory() as own:
            while running.now() < deadline + RUN_OUT:
                tries += 1
                with transaction(own):
                    services.submit_bid(
                        own,
                        insurer,
                        running,
                        lot_id,
                        technical_id=technical,
                        price_id=price,
                        idempotency_key=f"race-{insurer.user_id}-{tries}",
                    )
        return tries

    with ThreadPoolExecutor(WRITERS) as pool:
        races = [
            pool.submit(bid_again_and_again, insurer, *place)
            for insurer, place in zip(people.insurers, places, strict=True)
        ]
        tries = sum(race.result() for race in races)
    with transaction(session):
        closed = services.close_tender(session, SYSTEM, running, number)

    accepted = session.exec(select(BidSubmission)).all()
    refused = session.exec(select(RefusedBid)).all()
    assert len(accepted) + len(refused) == tries
    assert accepted
    assert refused
    assert max(row.submitted_at for row in accepted) < deadline
    assert min(row.refused_at for row in refused) >= deadline
    assert closed.closing_hash == closing_hash(counted_ciphertexts(session), closed.closing_nonce or "")
    assert list(audit.verify(session)) == []


def test_the_clock_is_read_under_the_lock(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    """Whoever reads the clock and then waits for the lock stores an instant older than the entry before it."""
    tender = make.published(session, clock, people)
    places = [make.uploaded(session, clock, insurer, tender, "36.50") for insurer in people.insurers]
    session.rollback()
    running = RunningClock(make.DEADLINE - timedelta(days=1))

    def bid(number: int) -> None:
        lot_id, technical, price = places[number]
        with house.db.factory() as own, transaction(own):
            services.submit_bid(
                own,
                people.insurers[number],
                running,
                lot_id,
                technical_id=technical,
                price_id=price,
                idempotency_key=f"at-once-{number}",
            )

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(bid, range(WRITERS)))
    order = session.exec(
        select(audit.AuditEvent).order_by(col(audit.AuditEvent.position).desc()).limit(WRITERS)
    ).all()[::-1]
    assert len(order) == WRITERS
    assert all(earlier.at <= later.at for earlier, later in pairwise(order))
    assert len(session.exec(select(SealedEvent)).all()) >= WRITERS


def counted_ciphertexts(session: Session) -> list[str]:
    """The ciphertexts of the last submission of every bid, found without the closing's own code."""
    hashes = []
    for bid in session.exec(select(Bid)):
        last = session.exec(
            select(BidSubmission).where(BidSubmission.bid_id == bid.id).order_by(col(BidSubmission.version).desc())
        ).first()
        for envelope in (last.technical_id, last.price_id) if last else ():
            hashes.append(session.get_one(Envelope, envelope).ciphertext_sha256)
    return hashes
