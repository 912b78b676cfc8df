"""The played demonstration as `make run` serves it: loaded once a run, copied for every test, looked at in Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from core import house as houses
from core.clock import FixedClock
from core.config import DEMONSTRATION_SECRET, Settings
from demonstration.people import listed
from demonstration.play import OPENING, play
from tests.support.databases import make_schema

#: Everyone's password in the demonstration, as `make run` prints it.
PASSWORD = listed()["password"]


@dataclass(frozen=True)
class Played:
    """The data folder in which the case was played, and the instant at which the play ended."""

    folder: Path
    ended: datetime


def settings_of(folder: Path) -> Settings:
    """The settings `make run` would have with this data folder."""
    return Settings(
        data=folder,
        database_url=f"sqlite:///{folder / 'chengban.sqlite3'}",
        mode="demonstration",
        secret=DEMONSTRATION_SECRET,
        port=8000,
        trusted_hosts=("localhost", "127.0.0.1"),
        public_url="http://127.0.0.1:8000",
    )


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The whole case, played once; it ends with work left: disclosures due and the next tender open for bids."""
    folder = tmp_path_factory.mktemp("played")
    settings = settings_of(folder)
    make_schema(settings.database_url)
    house = houses.build(settings, FixedClock(OPENING))
    ended = play(house, lambda step: None, leave_work=True)
    house.db.remove()
    house.db.engine.dispose()
    return Played(folder, ended)


@pytest.fixture
def clock(played: Played) -> FixedClock:
    """Stands where the play ended; a journey moves it on."""
    return FixedClock(played.ended)


@pytest.fixture
def database(
    request: pytest.FixtureRequest, played: Played, tmp_path: Path, record_property: Callable[[str, object], None]
) -> str:
    """This test's own copy of the played house; its files, which never change, are links."""
    record_property("ran on", request.param)
    files = played.folder / "files"
    shutil.copytree(files, tmp_path / "data" / "files", copy_function=os.link)
    shutil.copyfile(played.folder / "chengban.sqlite3", tmp_path / "data" / "chengban.sqlite3")
    return settings_of(tmp_path / "data").database_url


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """The served demonstration's settings on this test's copy."""
    return settings_of(tmp_path / "data")


@dataclass
class Tour:
    """The pages a journey passes; what axe finds on any of them is told together at the end."""

    new_page: Callable[..., Page]
    found: list[str] = field(default_factory=list)
    seen: int = 0

    def person(self, login: str, **options: object) -> Page:
        """A page of somebody of the demonstration who has signed in by the login page, standing on the desk."""
        page = self.new_page(**options)
        page.goto("/login")
        page.locator("#main input:not([type=hidden])").first.fill(login)
        page.locator("#main input[type=password]").fill(PASSWORD)
        page.locator("#main button[type=submit]").click()
        page.wait_for_url("**/desk")
        return page

    def look(self, page: Page) -> Page:
        """Have axe look at the page as it is now, and check that it fits its window."""
        self.seen += 1
        for violation in Axe().run(page).response["violations"]:
            for node in violation["nodes"]:
                self.found.append(f"{page.url}: {violation['id']}: {violation['help']}: {node['html'][:200]}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.found.append(f"{page.url}: wider than its window of {page.viewport_size}")
        return page

    def go(self, page: Page, address: str) -> Page:
        """Open an address of the house and look at it; the page must be there."""
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{address} answers {answer.status}"
        return self.look(page)


@pytest.fixture
def tour(new_page: Callable[..., Page]) -> Iterator[Tour]:
    """Walks through the house in Chromium; every script error, console error, 500 and axe violation fails the test."""
    tour = Tour(new_page)
    yield tour
    assert tour.found == [], "\n".join(["", *sorted(set(tour.found))])
