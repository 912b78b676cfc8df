"""The public's journey, without an account: find, read, download and verify; in English, and on a phone."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tour
from tests.support.browser import DESK, PHONE

PROCESS = "YSDB-2016-ZB-01"
REPORT, TITLE = "YSDB-2019-GS-D2-01", "2019年度决算信息公开报告"
#: The pages a visitor reaches from the bar, and one of each kind behind them.
PAGES = (
    "/",
    "/notices",
    "/processes",
    f"/processes/{PROCESS}",
    "/disclosures",
    f"/disclosures/{REPORT}",
    f"/notices/{REPORT}",
    "/benefits",
    "/opendata",
    "/verify",
    "/policies",
    "/calendar",
    "/search?q=%E9%95%BF%E5%B2%B3",
)


def test_somebody_finds_reads_downloads_and_verifies_a_report(tour: Tour) -> None:
    page = tour.go(tour.new_page(), "/")
    expect(page.locator("aside.demonstration")).to_contain_text("演示")
    page.locator("main input[type=search]").fill(REPORT)
    tour.press(page, "搜索")
    tour.follow(page, TITLE)
    tour.go(page, f"/disclosures/{REPORT}")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) > 5
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").first.click()
    pdf = Path(download.value.path()).read_bytes()
    assert pdf.startswith(b"%PDF")

    tour.go(page, f"/notices/{REPORT}")
    code = page.locator("main").inner_text()
    tour.go(page, "/verify")
    page.locator("main [name=code]").fill(check_code(code).lower().replace("-", " "))
    tour.press(page, "核验")
    expect(page.locator("main")).to_contain_text(REPORT)
    tour.go(page, "/verify")
    upload = {"name": "报告.pdf", "mimeType": "application/pdf", "buffer": pdf}
    page.locator("main [name=file]").set_input_files([upload])  # type: ignore[list-item]
    tour.press(page, "比对")
    expect(page.locator("main")).to_contain_text(REPORT)
    tour.go(page, "/verify")
    page.locator("main [name=file]").set_input_files([{**upload, "buffer": pdf + b" "}])  # type: ignore[list-item]
    tour.press(page, "比对")
    expect(page.locator("main")).not_to_contain_text(REPORT)


def check_code(text: str) -> str:
    """The check code that a page shows."""
    found = re.search(r"(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}(?![\w-])", text)
    assert found, text
    return found.group()


def test_a_whole_life_stands_on_one_page(tour: Tour) -> None:
    page = tour.go(tour.new_page(), "/notices")
    tour.go(page, f"/processes/{PROCESS}")
    for word in ("招标公告", "中标", "服务委托协议", "决算", "长岳人寿", "松涧健康"):
        expect(page.locator("main")).to_contain_text(word)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_every_public_page_in_both_languages(tour: Tour, viewport: dict[str, int]) -> None:
    page = tour.new_page(viewport=viewport)
    for address in PAGES:
        tour.go(page, address)
    page.goto("/")
    page.get_by_role("link", name="English").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for address in PAGES:
        tour.go(page, address)


def test_the_portal_is_whole_without_a_script(tour: Tour) -> None:
    page = tour.new_page(javascript=False)
    page.goto("/")
    page.locator("main input[type=search]").fill(REPORT)
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.locator("h1")).to_be_visible()
