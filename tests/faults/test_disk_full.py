"""A disk that is full in the middle of a file or of a transaction: a clean failure, nothing kept, and work goes on."""

import errno
import re
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from core import audit
from core.clock import FixedClock
from core.db import transaction
from core.files import DiskStore
from core.house import House
from tender import seal, services
from tender.models import Envelope, EnvelopeKind, Tender
from tests.factories import tender as make
from tests.support.clients import CheckingClient

MEGABYTE = 1 << 20
#: Larger than the test's database and everything it writes into it, smaller than the file that must not fit.
ROOM, TOO_MUCH = 16 * MEGABYTE, 18 * MEGABYTE


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process may grow past the size: writing on fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def kept(folder: Path) -> set[Path]:
    """Every file in a content store, finished or not."""
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=1)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    return make.published(session, clock, people)


def large_envelope(session: Session, tender: Tender) -> tuple[bytes, str]:
    """A sealed technical envelope that does not fit, and its commitment."""
    files = [seal.File("承办服务方案.pdf", b"%PDF-1.7 " + bytes(TOO_MUCH))]
    container = seal.build(tender.number, 1, EnvelopeKind.TECHNICAL.value, files)
    key = services.tender_keys(session, tender.id or 0)[EnvelopeKind.TECHNICAL]
    return seal.seal_envelope(container, key.recipient), seal.commitment_of(container)


def test_a_file_that_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    with room_for(MEGABYTE), pytest.raises(OSError, match="File too large"):
        store.put(bytes(2 * MEGABYTE))
    assert kept(tmp_path) == set()
    assert store.get(store.put(bytes(2 * MEGABYTE))) == bytes(2 * MEGABYTE)


def test_an_envelope_that_does_not_fit_is_no_envelope(
    house: House, session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    insurer, lot_id = people.insurers[0], services.lots_of(session, tender.id or 0)[0].id or 0
    ciphertext, commitment = large_envelope(session, tender)
    with transaction(session):
        services.take_documents(session, insurer, clock, tender.id or 0)
    before = kept(house.files.folder)

    def upload() -> None:
        with transaction(session):
            services.upload_envelope(
                session, insurer, clock, lot_id, EnvelopeKind.TECHNICAL, ciphertext, commitment
            )

    with room_for(ROOM), pytest.raises(OSError, match="File too large"):
        upload()
    assert session.exec(select(Envelope)).all() == []
    assert kept(house.files.folder) == before
    assert list(audit.verify(session)) == []
    upload()
    assert len(session.exec(select(Envelope)).all()) == 1


@pytest.mark.databases("sqlite")
def test_the_bidder_reads_that_nothing_was_changed(
    app: Flask,
    login: Callable[..., CheckingClient],
    session: Session,
    clock: FixedClock,
    people: make.Cast,
    tender: Tender,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = login("insurer_preparer")
    with transaction(session):
        services.take_documents(session, client.actor, clock, tender.id or 0)
    ciphertext, commitment = make.sealed(session, tender, 1, EnvelopeKind.TECHNICAL)
    before = kept(app.extensions["house"].files.folder)
    page = client.get(f"/tenders/opportunities/{tender.id}/bid")
    typed = {
        "1-technical-sealed": (BytesIO(ciphertext), "technical.age"),
        "1-technical-commitment": commitment,
    }
    app.testing = False  # as in a served house, where a failure becomes a page

    def no_space(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("core.files.os.fsync", no_space)
        answer = send(client, page, f"/tenders/opportunities/{tender.id}/bid/1/envelopes/technical", typed)
    assert answer.status_code == 500
    assert "没有改动任何内容" in answer.get_data(as_text=True)
    assert session.exec(select(Envelope)).all() == []
    assert kept(app.extensions["house"].files.folder) == before
    assert client.get(f"/tenders/opportunities/{tender.id}/bid").status_code == 200


@pytest.mark.databases("sqlite")
def test_a_full_database_keeps_its_old_state(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    @event.listens_for(house.db.engine, "connect")
    def leave_no_room(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # type: ignore[attr-defined]  # SQLite makes it what there is

    handler, department = people.handler, people.department.id or 0
    session.close()
    house.db.engine.dispose()
    with pytest.raises(OperationalError, match="full"):
        fill(session, clock, handler, department)
    assert list(audit.verify(session)) == []
    numbers = session.exec(select(Tender.number)).all()
    assert numbers == [f"YSDB-2016-ZB-{number:02}" for number in range(1, len(numbers) + 1)]

    event.remove(house.db.engine, "connect", leave_no_room)
    session.close()
    house.db.engine.dispose()
    fill(session, clock, handler, department, first=len(numbers) + 1, last=len(numbers) + 1)
    assert list(audit.verify(session)) == []


def fill(session: Session, clock: FixedClock, handler, department: int, first: int = 1, last: int = 90) -> None:  # type: ignore[no-untyped-def]
    """Start one tender after another from the pack, each in its own transaction."""
    for number in range(first, last + 1):
        with transaction(session):
            draft = make.basics(f"YSDB-2016-ZB-{number:02}", department)
            services.create_tender(session, handler, clock, pack="jilin-2016", basics=draft)


def send(client: CheckingClient, page: TestResponse, address: str, typed: dict[str, Any]) -> TestResponse:
    """Send the form that works without a script, with the tokens of the page it stands on."""
    tokens = dict(re.findall('name="(csrf_token|once)" value="([^"]+)"', page.get_data(as_text=True)))
    return client.post(address, data={**tokens, **typed}, headers={"Referer": page.request.url}, follow_redirects=True)
