"""The pages of a run read as many statements for a few contract years as for many."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, SQLModel, select

from bench.pages import signed_in
from bench.runs import PAGES, people, prepared
from bench.season import AFTER, settings_in
from core.clock import Clock, FixedClock
from core.db import transaction
from core.identity.actor import Actor
from settlement.jobs.runs import carry_out
from settlement.models import Settlement
from settlement.services import runs
from wsgi import create_app


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def drafted(session: Session, clock: Clock, handler: Actor, run_id: int) -> None:
    """Every sheet of a dry run drafted and confirmed by its insurer, so that it waits to be issued."""
    with transaction(session):
        chosen = [item.id or 0 for item in runs.items_of(session, run_id)]
        draft_id = runs.ask_to_draft(session, handler, clock, run_id, chosen, queue=False).id or 0
    carry_out(session, handler, clock, draft_id)
    with transaction(session):
        for sheet in session.exec(select(Settlement)):
            sheet.insurer_confirmed_at = clock.now()
            session.add(sheet)


@pytest.fixture
def counts(tmp_path: Path) -> dict[str, list[int]]:
    """Statements of each page over ten and over sixty contract years, drafts among them."""
    found: dict[str, list[int]] = {what: [] for what in PAGES}
    for size in (10, 60):
        folder = tmp_path / str(size)
        folder.mkdir()
        app = create_app(settings_in(folder), FixedClock(AFTER))
        house = app.extensions["house"]
        SQLModel.metadata.create_all(house.db.engine)
        with house.db.factory() as session:
            handler = people(session, house.clock)
            known = prepared(session, house.clock, size)
            drafted(session, house.clock, handler, known["second"])
        client = signed_in(app, "handler")
        for what, path in PAGES.items():
            address = path.format(**known)
            assert client.get(address).status_code == 200, address
            with statements(house.db.engine) as sent:
                client.get(address)
            found[what].append(len(sent))
        house.db.engine.dispose()
    return found


def test_no_page_asks_the_database_once_for_each_contract_year(counts: dict[str, list[int]]) -> None:
    grown = {what: pair for what, pair in counts.items() if pair[1] > pair[0]}
    assert grown == {}
