"""What if, in Chromium: a slider is moved, the server calculates, the answer and the address follow; axe is content."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from core.clock import FixedClock
from tests.factories import settlement as make
from tests.support.browser import DESK, PHONE


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_slider_recalculates_on_the_server(
    app: Flask,
    session: Session,
    clock: FixedClock,
    new_page: Callable[..., Page],
    axe: Callable[[Page], None],
    viewport: dict[str, int],
) -> None:
    season = make.signed(session, clock)
    actor = season.case.handler
    app.extensions["current_actor"] = lambda: actor
    page = new_page(viewport=viewport)
    page.set_default_timeout(60_000)
    page.goto(
        f"/settlement/years/{season.contract_id}/what-if"
        "?premium=30000000&claims=29100000&expense=0&cause=operating&reading=whole"
    )
    expect(page.locator("#result")).to_contain_text("900,000.00")
    claims = page.locator("#slide-claims")
    expect(claims).to_be_visible()
    # 3.2 % of surplus: beyond the cliff, 30 % of 960,000.
    claims.evaluate("slider => { slider.value = 29040000; slider.dispatchEvent(new Event('input', {bubbles: true})); }")
    expect(page.locator("#result")).to_contain_text("288,000.00", timeout=60_000)
    expect(page.locator("#words")).to_contain_text("30%", timeout=60_000)
    assert "claims=29%2C040%2C000.00" in page.url
    page.reload()
    expect(page.locator("#result")).to_contain_text("288,000.00", timeout=60_000)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
