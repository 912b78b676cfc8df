"""The bid page in Chromium: the total follows the unit price; what does not fit is said before it is sealed."""

import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from core.clock import FixedClock
from core.db import transaction
from core.identity.models import User
from tender import seal, services
from tender.rules.words import PriceObject
from tests.factories import identity
from tests.factories import tender as make
from tests.support.browser import PHONE

PER_HEAD = {"price_object": PriceObject.PREMIUM_PER_HEAD}
TOTAL = {"price_object": PriceObject.TOTAL_PREMIUM, "ceiling": Decimal("240000000.00")}
RATE = {"price_object": PriceObject.FEE_RATE, "ceiling": Decimal("0.08")}
AMOUNT = {"price_object": PriceObject.FEE_AMOUNT, "ceiling": Decimal("8260000.00")}


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asks for pictures."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("lot", "price", "beside", "fits", "sheet"),
    [
        # The total follows by itself; what is sealed says all of it.
        (PER_HEAD, "37.50", None, True, {
            "price": "37.50", "price_in_words": "叁拾柒元伍角整", "quantity": "6000000", "total": "225000000.00",
            "total_in_words": "贰亿贰仟伍佰万元整"}),
        (RATE, "7.855", None, True, {
            "price": "0.07855", "price_in_words": "百分之7.855", "quantity": "240000000.00", "total": "18852000.00",
            "total_in_words": "壹仟捌佰捌拾伍万贰仟元整"}),
        # Typed over: said, and sealed as the bidder wrote it.
        (PER_HEAD, "37.50", "220,000,000", False, {
            "price": "37.50", "price_in_words": "叁拾柒元伍角整", "quantity": "6000000", "total": "220000000",
            "total_in_words": "贰亿贰仟万元整"}),
        (TOTAL, "225000000", "37.5", True, {
            "price": "225000000", "price_in_words": "贰亿贰仟伍佰万元整", "quantity": "6000000", "unit_price": "37.5",
            "unit_price_in_words": "叁拾柒元伍角整"}),
        # A unit price is not asked for: the sheet of before.
        (TOTAL, "225000000", None, None, {"price": "225000000", "price_in_words": "贰亿贰仟伍佰万元整"}),
        (AMOUNT, "8000000", None, None, {"price": "8000000", "price_in_words": "捌佰万元整"}),
    ],
    ids=["per head", "rate", "typed over", "total premium", "total premium alone", "one amount"],
)  # fmt: skip
def test_unit_price_and_total_are_sealed_together(
    app: Flask, session: Session, clock: FixedClock, new_page: Callable[..., Page], lot: dict[str, object],
    price: str, beside: str | None, fits: bool | None, sheet: dict[str, str],
) -> None:  # fmt: skip
    people = make.cast(session, clock, insurers=1)
    tender = make.published(session, clock, people, lots=[make.lot(**lot)])
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
    login = session.get_one(User, people.insurers[0].user_id).login
    address = f"/tenders/opportunities/{tender.id}/bid"
    session.rollback()
    page = new_page(viewport=PHONE) if beside else new_page()
    page.goto("/login")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(identity.PASSWORD)
    page.locator("main button[type=submit]").click()
    page.goto(address)
    form = page.locator('form[data-seal][data-envelope="price"]')
    form.locator("[data-price]").fill(price)
    if beside:
        form.locator("[data-beside]").fill(beside)
    elif "total" in sheet:
        expect(form.locator("[data-beside]")).to_have_value(sheet["total"])
    if fits is not None:
        expect(form.locator("[data-fits]")).to_contain_text("单价与总价一致" if fits else "按单价计算为225000000.00元")
    picture(page, f"price-{lot['price_object'].name}-{fits}")  # type: ignore[attr-defined]
    with page.expect_download(timeout=60_000) as download:
        form.get_by_role("button", name="加密并上传").click()
    expect(page.locator("#env-1-price").locator("xpath=..")).to_contain_text("已上传")
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    held = seal.read(bytes.fromhex(kept["container"]))
    assert json.loads(held.file("price-sheet.json") or b"") == sheet
