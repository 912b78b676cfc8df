"""A real Chromium on a served house: pages that fail on any script error, and axe for accessibility."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

CHROMIUM = "/usr/bin/chromium"
#: No sandbox because tests run as root too; the rest keeps Chromium from calling its maker's hosts.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The run's one Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium; `make test` installs it (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def _answered_whole(app: Flask) -> "WSGIApplication":
    """Reads and closes an answer before anything is sent.

    Werkzeug's server leaves the file of an answer open where the browser hangs up half-way, and an open file is
    an error here; gunicorn, which serves the house, closes it.
    """

    def call(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body, status, headers = run_wsgi_app(app, environ, buffered=True)
        start_response(status, headers.to_wsgi_list())
        return body

    return call


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application of this test, served on a free port; commit what it should show before opening a page."""
    server = make_server("127.0.0.1", 0, _answered_whole(app), threaded=True)
    thread = Thread(target=server.serve_forever, name="web", daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def new_page(
    browser: Browser, address: str, record_property: Callable[[str, object], None]
) -> Iterator[Callable[..., Page]]:
    """Opens pages of separate visitors (each with cookies of its own): `new_page()`, `new_page(viewport=PHONE)`.

    A script error, a console error or an answer of 500 on any of them fails the test at its end.
    """
    record_property("ran on", "chromium")
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:  # a 4xx page is a page, not a fault
            troubles.append(f"console: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 500:
            troubles.append(f"{response.status}: {response.url}")

    def open_page(viewport: dict[str, int] = DESK, locale: str = "zh-CN", javascript: bool = True) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport=viewport,
            locale=locale,
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on("console", said)
        page.on("response", answered)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One visitor's page at desk width."""
    return new_page()


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fails on any violation that axe finds on the page as it is now, naming rule and element."""

    def inspect(page: Page) -> None:
        found = Axe().run(page)
        lines = [
            f"{page.url}: {violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:160]}"
            for violation in found.response["violations"]
            for node in violation["nodes"]
        ]
        assert lines == []

    return inspect
