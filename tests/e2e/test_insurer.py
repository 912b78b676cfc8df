"""The insurer's journey: an opportunity, a bid sealed in the browser, its receipt, and what nobody else may see."""

import json
import os
from pathlib import Path

from playwright.sync_api import Page, Route, expect
from sqlmodel import Session, select

from core.clock import FixedClock, beijing
from core.house import House, files_of
from tender import seal
from tender.models import Envelope, Tender
from tender.services.bidding import signer as signer_key
from tests.e2e.conftest import Tour

TENDER = "YSDB-2020-ZB-01"


def test_a_bid_is_sealed_in_the_browser_submitted_and_kept_by_its_receipt(
    tour: Tour, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    offer = tmp_path / "承办服务方案（演示）.txt"
    offer.write_text("演示文件：承办服务方案", "utf-8")
    signer = tour.look(tour.person("anhe2"))
    tour.follow(signer, "招标机会")
    tour.follow(signer, TENDER)
    tour.follow(signer, "编制并递交投标")
    expect(signer.locator(".unsent .word")).to_have_text("尚未递交")

    seal_and_upload(signer, "technical", offer)
    seal_and_upload(signer, "price", None, price="57.20")
    expect(signer.locator(".unsent .word")).to_have_text("尚未递交")  # two uploads are not yet a bid
    tour.fill(signer, {"1-security-payer_account": "演示银行-安禾养老"})
    tour.press(signer, "登记投标保证金")
    tour.fill(signer, {"1-submit-entitled": "x"})
    tour.press(signer, "递交投标")
    expect(signer.locator(".receipt")).to_contain_text(TENDER)

    with signer.expect_download() as download:
        signer.get_by_role("link", name="下载回执").click()
    statement = seal.verify_receipt(Path(download.value.path()).read_bytes(), signer_key(session).public)
    assert (statement["tender"], statement["received_at"]) == (TENDER, clock.now().isoformat())
    for kept in session.exec(select(Envelope).order_by(Envelope.id.desc()).limit(2)):  # type: ignore[union-attr]
        seal.check_sealed(files_of(session).get(kept.ciphertext_sha256))
    session.rollback()

    tour.press(signer, "撤回投标")
    expect(signer.locator("main")).to_contain_text("已撤回")


def test_nobody_sees_before_the_opening_that_somebody_bid(
    tour: Tour, house: House, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    """The department's page, the other insurers' and the public one are the same before and after a bid."""
    number = session.exec(select(Tender.id).where(Tender.number == TENDER)).one()
    session.rollback()
    watchers = {
        "handler": f"/tenders/{number}",
        "supervisor": f"/tenders/{number}",
        "mingze1": f"/tenders/opportunities/{number}",
        None: f"/processes/{TENDER}",
    }
    pages = {login: tour.person(login) if login else tour.new_page() for login in watchers}
    before = {login: words(tour.go(page, watchers[login])) for login, page in pages.items()}

    signer = tour.person("huayuan2")
    tour.go(signer, f"/tenders/opportunities/{number}/bid")
    offer = tmp_path / "方案.txt"
    offer.write_text("演示", "utf-8")
    seal_and_upload(signer, "technical", offer)
    seal_and_upload(signer, "price", None, price="56.80")
    tour.fill(signer, {"1-security-payer_account": "演示银行"})
    tour.press(signer, "登记投标保证金")
    tour.fill(signer, {"1-submit-entitled": "x"})
    tour.press(signer, "递交投标")
    expect(signer.locator(".receipt")).to_be_visible()

    assert {login: words(tour.go(page, watchers[login])) for login, page in pages.items()} == before


def test_an_upload_that_breaks_goes_on_after_a_reload(tour: Tour, session: Session, tmp_path: Path) -> None:
    """The line breaks after the first piece; the reloaded page sends the rest and not the first again."""
    offer = tmp_path / "方案.bin"
    offer.write_bytes(os.urandom(9_000_000))
    signer = tour.person("huayuan2")
    number = session.exec(select(Tender.id).where(Tender.number == TENDER)).one()
    session.rollback()
    tour.go(signer, f"/tenders/opportunities/{number}/bid")
    sent: list[str] = []

    def first_piece_only(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) > 1:
            route.fulfill(status=408, body="")  # as a proxy says of a line that broke
        else:
            route.continue_()

    signer.route("**/uploads/*?offset=*", first_piece_only)
    form = signer.locator('form[data-seal][data-envelope="technical"]')
    form.locator("input[type=file]").set_input_files(offer)
    with signer.expect_download() as download:
        form.get_by_role("button", name="加密并上传").click()
    expect(form.locator("progress")).to_be_visible()
    signer.wait_for_timeout(1500)  # long enough to try again in vain
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    signer.unroute("**/uploads/*?offset=*")
    later: list[str] = []
    signer.on("request", lambda request: later.append(request.url) if "?offset=" in request.url else None)
    signer.reload()
    expect(signer.locator("#env-1-technical").locator("xpath=..")).to_contain_text("已上传", timeout=60_000)
    assert [url.split("offset=")[1] for url in later][0] == str(4 * 1024 * 1024)
    newest = session.exec(select(Envelope).order_by(Envelope.id.desc())).first()  # type: ignore[union-attr]
    assert newest is not None
    assert newest.ciphertext_sha256 == kept["ciphertext_sha256"]
    session.rollback()


def test_a_bid_at_the_deadline_is_refused_with_a_certificate(tour: Tour, clock: FixedClock, tmp_path: Path) -> None:
    clock.move_to(beijing(2020, 6, 18, 9, 20))
    signer = tour.person("anhe2")
    tour.go(signer, "/tenders/opportunities/2/bid")
    offer = tmp_path / "方案.txt"
    offer.write_text("演示", "utf-8")
    seal_and_upload(signer, "technical", offer)
    seal_and_upload(signer, "price", None, price="56.80")
    tour.fill(signer, {"1-security-payer_account": "演示银行"})
    tour.press(signer, "登记投标保证金")
    tour.fill(signer, {"1-submit-entitled": "x"})
    clock.move_to(beijing(2020, 6, 18, 9, 30))
    tour.press(signer, "递交投标")
    expect(signer.locator("main")).to_contain_text("拒收")
    assert signer.locator(".receipt").count() == 0


def seal_and_upload(page: Page, kind: str, file: Path | None, price: str = "") -> None:
    """Choose the documents of an envelope; the page seals them here, sends ciphertext and saves the recovery file."""
    form = page.locator(f'form[data-seal][data-envelope="{kind}"]')
    if file is not None:
        form.locator("input[type=file]").set_input_files(file)
    if price:
        form.locator("[data-price]").fill(price)
    with page.expect_download() as download:
        form.get_by_role("button", name="加密并上传").click()
    recovery = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert recovery["envelope"] == kind
    expect(page.locator(f"#env-1-{kind}").locator("xpath=..")).to_contain_text("已上传")


def words(page: Page) -> str:
    """What a page says, without the clock."""
    return "\n".join(line for line in page.locator("main").inner_text().splitlines() if ":" not in line)
