"""The played demonstration as `make run` serves it: loaded once a run, copied for every test, looked at in Chromium."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from core import house as houses
from core import sqlite
from core.clock import FixedClock
from core.config import DEMONSTRATION_SECRET, Settings
from demonstration.people import listed
from demonstration.play import OPENING, play
from tests.support.databases import make_schema

#: Everyone's password in the demonstration, as `make run` prints it.
PASSWORD = listed()["password"]


#: The step of the play after which the spring scene is taken: the last claim file of 2019 is recomputed.
SPRING = "YSDB-2019-HT-04 理赔明细"


@dataclass(frozen=True)
class Scene:
    """A data folder as the house stood at an instant of the play."""

    folder: Path
    at: datetime


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
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """The whole case, played once, at two instants.

    spring: April 2020, the claim files of 2019 are recomputed and nothing is settled yet; summer: the end, all is
    settled, two disclosures are due and the next tender is open for bids.
    """
    folder = tmp_path_factory.mktemp("played")
    settings, found = settings_of(folder), {}
    make_schema(settings.database_url)
    clock = FixedClock(OPENING)
    house = houses.build(settings, clock)

    def keep(name: str) -> None:
        found[name] = Scene(tmp_path_factory.mktemp(name), clock.now())
        copy_house(folder, found[name].folder)

    def heard(step: str) -> None:
        if SPRING in step:
            keep("spring")

    play(house, heard, leave_work=True)
    house.db.remove()
    house.db.engine.dispose()
    keep("summer")
    return found


def copy_house(source: Path, target: Path) -> None:
    """A copy of a data folder; its files, which never change, are links. SQLite copies what its journal still holds."""
    shutil.copytree(source / "files", target / "files", copy_function=os.link)
    name = "chengban.sqlite3"
    with closing(sqlite.connect(source / name)) as live, closing(sqlite.connect(target / name)) as copy:
        live.backup(copy)


@pytest.fixture
def scene(scenes: dict[str, Scene]) -> Scene:
    """Where a journey begins; a module that begins in spring has its own."""
    return scenes["summer"]


@pytest.fixture
def clock(scene: Scene) -> FixedClock:
    """Stands where the scene ends; a journey moves it on."""
    return FixedClock(scene.at)


@pytest.fixture
def database(
    request: pytest.FixtureRequest, scene: Scene, tmp_path: Path, record_property: Callable[[str, object], None]
) -> str:
    """This test's own copy of the scene."""
    record_property("ran on", request.param)
    copy_house(scene.folder, tmp_path / "data")
    return settings_of(tmp_path / "data").database_url


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """The served demonstration's settings on this test's copy."""
    return settings_of(tmp_path / "data")


#: Milliseconds a page may take: an officer's passphrase alone takes seconds on purpose, more on a busy machine.
PATIENCE = 180_000
#: How often one kind of page is looked at in a journey.
LOOKS = 2


@dataclass
class Tour:
    """The pages a journey passes; what axe finds on any of them is told together at the end."""

    new_page: Callable[..., Page]
    found: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def person(self, login: str, **options: object) -> Page:
        """A page of somebody of the demonstration who has signed in by the login page, standing on the desk."""
        page = self.new_page(**options)
        page.set_default_timeout(PATIENCE)
        page.goto("/login")
        page.locator("#main input:not([type=hidden])").first.fill(login)
        page.locator("#main input[type=password]").fill(PASSWORD)
        page.locator("#main button[type=submit]").click()
        page.wait_for_url("**/desk")
        return page

    def fill(self, page: Page, values: dict[str, str]) -> None:
        """Fill in fields of the page by their names: text, a choice, or a box to tick ('x')."""
        for name, value in values.items():
            box = page.locator(f'main [name="{name}"]').first
            kind = box.evaluate("field => field.type")
            if kind == "select-one":
                box.select_option(value)
            elif kind == "checkbox":
                box.check()
            elif kind == "radio":
                page.locator(f'main [name="{name}"][value="{value}"]').check()
            else:
                box.fill(value)

    def press(self, page: Page, words: str) -> Page:
        """Press the first button of the page with these words, wait for the next page, and look at it."""
        button = page.locator("main").get_by_role("button", name=words)
        assert button.count(), f"{page.url} has no button {words}:\n{page.locator('main').inner_text()[:1500]}"
        with page.expect_navigation():
            button.first.click()
        return self.look(page)

    def make_keys(self, handler: Page, tender: str, officers: Sequence[str]) -> None:
        """The key ceremony of a tender (its address): keys made for every officer, each of whom confirms the shares."""
        self.go(handler, f"{tender}/keys")
        for box in handler.locator("main input[type=checkbox]").all():
            box.check()
        self.press(handler, "生成并拆分密钥")
        for login in officers:
            officer = self.person(login)
            self.go(officer, f"{tender}/confirm")
            self.fill(officer, {"passphrase": f"开标口令-{login}"})
            self.press(officer, "确认密钥分片")

    def follow(self, page: Page, words: str) -> Page:
        """Follow the first link with these words and look at the page it leads to."""
        link = page.get_by_role("link", name=words)
        assert link.count(), f"{page.url} has no link {words}:\n{page.locator('main').inner_text()[:1500]}"
        with page.expect_navigation():
            link.first.click()
        return self.look(page)

    def look(self, page: Page) -> Page:
        """Have axe look at the page as it is now, and check that it fits its window.

        A journey that passes one kind of page again and again has it looked at twice.
        """
        kind = f"{re.sub('[0-9]+', '0', page.url)} {page.viewport_size}"
        self.seen[kind] += 1
        if self.seen[kind] > LOOKS:
            return page
        for violation in Axe().run(page).response["violations"]:
            for node in violation["nodes"]:
                self.found.append(f"{page.url}: {violation['id']}: {violation['help']}: {node['html'][:200]}")
        self.fits(page)
        return page

    def fits(self, page: Page) -> None:
        """Check that the page is no wider than its window; wide tables scroll inside it."""
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.found.append(f"{page.url}: wider than its window of {page.viewport_size}")

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
