"""An opening officer's key in Chromium: made, confirmed and used there; what was typed never leaves the browser."""

import os
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.identity.actor import Actor
from core.identity.models import User
from tender import seal, services
from tender.models import EnvelopeKind, KeyConfirmation, OpeningShare
from tender.services.keys import officer_key_of, unconfirmed
from tests.factories import identity
from tests.factories import tender as make

pytestmark = pytest.mark.databases("sqlite")
PASSPHRASE = "开标口令-只留在浏览器里"


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asks for pictures."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def signs_in(page: Page, session: Session, person: Actor) -> None:
    login = session.get_one(User, person.user_id).login
    session.rollback()
    page.goto("/login")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(identity.PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/desk")


def sends(page: Page, address: str, typed: str, selector: str = "[name=passphrase]") -> list[str]:
    """Type into the page, press its one button, wait for what follows; every body that was posted meanwhile."""
    bodies: list[str] = []

    def keep(request: Request) -> None:
        bodies.append(request.url + (request.post_data or ""))

    page.goto(address)
    page.locator(selector).fill(typed)
    picture(page, address.strip("/").replace("/", "-"))
    page.on("request", keep)
    with page.expect_navigation(timeout=60_000):
        page.locator("main form button[type=submit]").first.click()
    page.remove_listener("request", keep)
    return bodies


def spoken(bodies: list[str], *secrets: str) -> list[str]:
    """The secrets that some request held, plain or as a form writes them."""
    return [one for one in secrets for body in bodies if any(way(one) in body for way in (str, quote, quote_plus))]


def test_the_key_is_made_confirmed_and_used_in_the_browser_alone(
    app: Flask, session: Session, clock: FixedClock, new_page: Callable[..., Page]
) -> None:
    people = make.cast(session, clock)
    officer = people.officers[0]
    page = new_page()
    signs_in(page, session, officer)
    bodies = sends(page, "/tenders/my-key", PASSPHRASE)
    key = officer_key_of(session, officer.user_id)
    assert key is not None
    assert key.wrapped_identity is not None
    private = seal.unwrap(key.wrapped_identity, PASSPHRASE)
    assert seal.recipient_of(private) == key.recipient
    assert len(bodies) >= 1
    assert spoken(bodies, PASSPHRASE, private) == []

    people.identities[officer.user_id] = private
    session.rollback()
    tender = make.prepared(session, clock, people)
    number = tender.id or 0
    for row in session.exec(select(KeyConfirmation).where(KeyConfirmation.officer_key_id == key.id)).all():
        session.delete(row)
    session.commit()
    assert [row.user_id for row in unconfirmed(session, number)] == [officer.user_id]
    session.rollback()

    page.goto(f"/tenders/{number}/confirm")
    page.locator("[name=passphrase]").fill("falsch, aber lang genug")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("[data-says]")).to_have_text("口令不能打开此密钥", timeout=60_000)
    bodies = sends(page, f"/tenders/{number}/confirm", PASSPHRASE)
    assert unconfirmed(session, number) == []
    session.rollback()
    assert spoken(bodies, PASSPHRASE, private) == []

    clock.move_to(make.beijing(2016, 8, 8, 9))
    with transaction(session):
        asked = services.request_publication(session, people.handler, clock, number)
    make.approve(session, clock, people, asked.id)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    clock.move_to(make.OPENING)
    page.context.clear_cookies()
    signs_in(page, session, officer)
    bodies = sends(page, f"/tenders/{number}/opening/shares", PASSPHRASE)
    posted = session.exec(select(OpeningShare)).one()
    assert posted.officer_key_id == key.id
    session.rollback()
    assert spoken(bodies, PASSPHRASE, private) == []

    second = people.officers[1]
    with transaction(session):
        shares = services.decrypt_shares(
            session, second, number, EnvelopeKind.TECHNICAL, people.identities[second.user_id]
        )
        services.post_opening_shares(session, second, clock, number, EnvelopeKind.TECHNICAL, shares)
        services.open_envelopes(session, second, clock, number, EnvelopeKind.TECHNICAL)
    assert len(services.opened_bids(session, tender)) == 3


def test_who_keeps_the_key_elsewhere_types_it_and_it_stays_in_the_browser(
    app: Flask, session: Session, clock: FixedClock, new_page: Callable[..., Page]
) -> None:
    people = make.cast(session, clock)
    officer = people.officers[0]
    tender = make.prepared(session, clock, people)
    number, private = tender.id or 0, people.identities[officer.user_id]
    for row in session.exec(select(KeyConfirmation)).all():
        session.delete(row)
    session.commit()
    page = new_page()
    signs_in(page, session, officer)
    bodies = sends(page, f"/tenders/{number}/confirm", private, "[data-secret]")
    assert spoken(bodies, private) == []
    assert officer.user_id not in {row.user_id for row in unconfirmed(session, number)}
    session.rollback()
