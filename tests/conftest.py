"""What every test may ask for: a clock that stands still, a house on a fresh database, a session, the app, clients."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlmodel import Session

from core import house as houses
from core.clock import FixedClock, beijing
from core.config import DEMONSTRATION_SECRET, Settings
from core.documents import use_cache
from core.house import House
from core.identity.models import Organisation
from setup.catalogues import compile_all
from tests.factories import contracts, identity
from tests.support.clients import CheckingClient

pytest_plugins = ["tests.support.counting", "tests.support.databases", "tests.support.browser", "tests.support.sharing"]


def pytest_configure() -> None:
    """Pages speak Chinese from compiled catalogues; whoever runs pytest by hand gets them too.

    A property that holds is not wrong because the machine is busy: no example has a time limit.
    """
    compile_all()
    hypothesis_settings.register_profile(
        "busy machine", hypothesis_settings.get_profile("ci" if os.environ.get("CI") else "default"),
        deadline=None, suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    hypothesis_settings.load_profile("busy machine")


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run keeps finished papers; pytest's workers share it."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "papers"


@pytest.fixture(autouse=True)
def papers_once(papers: Path) -> Iterator[None]:
    """Nine tests in ten want a paper issued, not laid out anew: the same paper is rendered once a run.

    What factories invent begins at number one in every test, so that their papers are the same.
    """
    identity.begin_again()
    contracts.begin_again()
    use_cache(papers)
    yield
    use_cache(None)


@pytest.fixture
def clock() -> FixedClock:
    """Monday, 1 August 2016, 09:00 in Beijing; tests move it on with `move_to` and `advance`."""
    return FixedClock(beijing(2016, 8, 1, 9))


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """A test house's settings on this test's own database and folder."""
    return Settings(
        data=tmp_path / "data",
        database_url=database,
        mode="test",
        secret=DEMONSTRATION_SECRET,
        port=8000,
        trusted_hosts=("localhost", "127.0.0.1"),
        public_url="http://127.0.0.1:8000",
    )


@pytest.fixture
def house(request: pytest.FixtureRequest, settings: Settings, clock: FixedClock) -> Iterator[House]:
    """The house of this test; where the test uses the app, it is the app's own."""
    if "app" in request.fixturenames:
        yield request.getfixturevalue("app").extensions["house"]
        return
    house = houses.build(settings, clock)
    yield house
    house.db.remove()
    house.db.engine.dispose()


@pytest.fixture
def session(house: House) -> Iterator[Session]:
    """A session of the test's own, beside those that requests use; services commit in `with transaction(session):`."""
    with house.db.factory() as session:
        yield session


@pytest.fixture
def app(settings: Settings, clock: FixedClock) -> Iterator[Flask]:
    """The whole application, on this test's database and clock."""
    from wsgi import create_app

    app = create_app(settings, clock)
    app.testing = True
    yield app
    database = app.extensions["house"].db
    database.remove()
    database.engine.dispose()


@pytest.fixture
def client(app: Flask, session: Session) -> CheckingClient:
    """A visitor who has not signed in; every page it fetches is checked."""
    return visitor(app, session)


@pytest.fixture
def login(app: Flask, session: Session, clock: FixedClock) -> Callable[..., CheckingClient]:
    """Signs in a new person with these roles by the login page: `handler = login("handler")`, `handler.actor`.

    of: the organisation, a new one that can hold the roles by default.
    """

    def sign_in(*roles: str, of: Organisation | None = None) -> CheckingClient:
        person = identity.user(session, clock, *roles, of=of)
        client = visitor(app, session)
        client.actor = person.as_actor()
        page = client.get("/login")
        client.submit(page, {"login": person.login, "password": identity.PASSWORD}, follow=False)
        return client

    return sign_in


def visitor(app: Flask, session: Session) -> CheckingClient:
    """A new client with no cookie, for tests of several people at once."""
    app.test_client_class = CheckingClient
    client = app.test_client()

    def release() -> None:
        changed = [*session.new, *session.dirty, *session.deleted]
        assert changed == [], "the test changed rows outside a transaction"
        session.rollback()

    client.release = release
    return client
