"""A bid in Chromium on a line that breaks: the reloaded page sends the rest and nothing twice."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlmodel import Session, col, select

from core.clock import FixedClock
from core.db import transaction
from core.house import files_of
from core.identity.models import User
from tender import seal, services
from tender.models import Envelope, EnvelopeKind, Tender
from tender.services.keys import officer_key_of, open_shares, shares_for
from tender.services.uploading import PIECE
from tests.factories import identity
from tests.factories import tender as make


def rebuilt(session: Session, people: make.Cast, tender: Tender) -> str:
    """The technical envelope's identity from the shares of two officers; a test may, the house only at the opening."""
    key = services.tender_keys(session, tender.id or 0)[EnvelopeKind.TECHNICAL]
    first, second = (officer_key_of(session, officer.user_id) for officer in people.officers[:2])
    assert first is not None
    assert second is not None
    subset = f"{first.id}-{second.id}"
    parts = []
    for held, officer in zip((first, second), people.officers, strict=False):
        opened = open_shares(shares_for(session, key, held), people.identities[officer.user_id])
        parts.append(opened[subset][0])
    return seal.join(parts)


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asks for pictures."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.databases("sqlite")
def test_an_upload_that_breaks_goes_on_after_a_reload(
    app: Flask, session: Session, clock: FixedClock, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    people = make.cast(session, clock, insurers=1)
    tender = make.published(session, clock, people)
    insurer = people.insurers[0]
    with transaction(session):
        services.take_documents(session, insurer, clock, tender.id or 0)
    login = session.get_one(User, insurer.user_id).login
    address = f"/tenders/opportunities/{tender.id}/bid"
    session.rollback()
    offer = tmp_path / "方案.bin"
    offer.write_bytes(os.urandom(2 * PIECE + 9))
    page = new_page()
    page.goto("/login")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(identity.PASSWORD)
    page.locator("main button[type=submit]").click()
    page.goto(address)
    picture(page, "bid-empty")
    sent: list[str] = []

    def breaks_after_one(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) > 1:
            route.fulfill(status=408, body="")  # as a proxy says of a line that broke
        else:
            route.continue_()

    page.route("**/uploads/*?offset=*", breaks_after_one)
    form = page.locator('form[data-seal][data-envelope="technical"]')
    form.locator("input[type=file]").set_input_files(offer)
    expect(form.locator('[data-need="actuarial_report"]')).to_be_visible()
    form.locator("[data-assign] select").select_option("actuarial_report")
    expect(form.locator('[data-need="actuarial_report"]')).to_be_hidden()
    expect(form.locator('[data-have="actuarial_report"]')).to_be_visible()
    expect(form.locator('[data-need="legal_opinion"]')).to_be_visible()
    picture(page, "bid-assigned")
    with page.expect_download(timeout=60_000) as download:
        form.get_by_role("button", name="加密并上传").click()
    expect(form.locator("[data-says]")).to_contain_text("%", timeout=30_000)
    page.wait_for_timeout(1500)  # long enough to try again in vain
    picture(page, "bid-uploading")
    assert len(sent) > 1
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    page.unroute("**/uploads/*?offset=*")
    later: list[str] = []
    page.on("request", lambda request: later.append(request.url) if "?offset=" in request.url else None)
    page.reload()
    expect(page.locator("#env-1-technical").locator("xpath=..")).to_contain_text("已上传", timeout=60_000)
    assert [url.split("offset=")[1] for url in later] == [str(PIECE), str(2 * PIECE)]
    newest = session.exec(select(Envelope).order_by(col(Envelope.id).desc())).first()
    assert newest is not None
    assert newest.ciphertext_sha256 == kept["ciphertext_sha256"]
    opened = seal.open_envelope(files_of(session).get(newest.ciphertext_sha256), rebuilt(session, people, tender))
    assert opened.hex() == kept["container"]
    assert [(file.name, file.proof) for file in seal.read(opened).files] == [("方案.bin", "actuarial_report")]
    session.rollback()
    expect(page.locator(".urgent")).to_contain_text("尚未递交")
    picture(page, "bid-uploaded")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, "bid-uploaded-phone")
    page.goto("/language/en?next=" + address)
    picture(page, "bid-uploaded-phone-en")
    page.goto("/desk")
    picture(page, "desk-phone-en")
