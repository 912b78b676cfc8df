"""The portal as a visitor without an account reads it: every page checked, nothing shown before its time."""

import io
from collections.abc import Callable
from hashlib import sha256
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page
from sqlmodel import Session, col, select

from core.clock import FixedClock, local_time
from core.db import transaction
from core.documents.models import IssuedDocument
from core.documents.services import withdraw
from core.house import files_of
from disclosure.models import Disclosure, DisclosureKind
from tender.models import Tender
from tests.factories import disclosure as make
from tests.factories import settlement
from tests.factories import tender as tenders
from tests.factories.settlement import Season
from tests.support.browser import DESK, PHONE
from tests.support.clients import CheckingClient


@pytest.fixture
def season(session: Session, clock: FixedClock) -> Season:
    """A contract year with both disclosures public."""
    season = make.settled(session, clock)
    make.published(session, clock, season, DisclosureKind.SIGNING)
    make.published(session, clock, season, DisclosureKind.FINAL_ACCOUNTS)
    return season


def final_number(season: Season) -> str:
    return season.number.replace("-HT-", "-GS-D2-")


def tender_number(session: Session, season: Season) -> str:
    return session.get_one(Tender, season.case.tender_id).number


def test_every_public_page_can_be_read_and_finds_the_year(
    session: Session, season: Season, client: CheckingClient
) -> None:
    number, process = final_number(season), tender_number(session, season)
    notice = season.number.replace("-HT-", "-HG-")
    words = {
        "/": "最新公告",
        "/notices": notice,
        "/notices?kind=contract-notice&year=2018": notice,
        f"/notices/{notice}": "下载 PDF",
        "/processes": process,
        f"/processes/{process}": "历年比较",
        "/disclosures": number,
        f"/disclosures/{number}": "＜10",
        f"/search?q={season.number}": season.number,
        "/search?q=2017": season.number,
        "/benefits": "起付标准",
        "/opendata/": "releases.json",
        "/verify": "核验码",
    }
    for path, word in words.items():
        page = client.get(path)
        assert page.status_code == 200, path
        assert word in page.text, path


@pytest.mark.parametrize(
    "path",
    ["/notices/X-1", "/processes/X-1", "/disclosures/X-1", "/opendata/other.csv", "/notices/X-1/1/pdf", "/v/X-1/1"],
)
def test_what_is_not_there_is_said_to_be_not_there(client: CheckingClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nothing_of_a_tender_is_public_before_its_notice(
    session: Session, clock: FixedClock, client: CheckingClient
) -> None:
    people = tenders.cast(session, clock)
    tender = tenders.prepared(session, clock, people)
    number = tender.number
    session.rollback()
    for path in ("/", "/processes", "/api/v1/processes", "/opendata/releases.json", "/feed.atom"):
        assert number not in client.get(path).text, path
    assert "没有符合条件" in client.get(f"/search?q={number}").text
    assert client.get(f"/processes/{number}").status_code == 404


def test_who_bids_is_not_public_before_the_opening(session: Session, clock: FixedClock, client: CheckingClient) -> None:
    people = tenders.cast(session, clock)
    tender = tenders.published(session, clock, people)
    tenders.submitted(session, clock, people.insurers[0], tender, "38.00")
    number = tender.number
    names = [actor.name for actor in people.insurers]
    session.rollback()
    for path in (f"/processes/{number}", f"/api/v1/processes/{number}", "/opendata/releases.json", "/search?q=bid"):
        text = client.get(path).text
        assert not [word for word in ("tenderers", "numberOfTenderers", "家保险公司投标", *names) if word in text]


def test_a_file_is_served_as_issued_with_its_fingerprint(
    session: Session, season: Season, client: CheckingClient
) -> None:
    number = final_number(season)
    paper = session.exec(select(IssuedDocument).where(IssuedDocument.number == number)).one()
    fingerprint, since = paper.pdf_sha256, local_time(paper.published_at)  # type: ignore[arg-type]
    session.rollback()
    answer = client.get(f"/notices/{number}/1/pdf")
    assert sha256(answer.data).hexdigest() == fingerprint
    assert answer.headers["ETag"] == f'"{fingerprint}"'
    assert answer.last_modified == since
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(f"/notices/{number}/1/pdf", headers={"If-None-Match": f'"{fingerprint}"'})
    assert again.status_code == 304
    for name in ("csv", "json"):
        inside = client.get(f"/notices/{number}/1/files/年度数据.{name}")
        assert client.get(f"/disclosures/{number}/1/data.{name}").data == inside.data


def test_a_paper_is_verified_by_code_address_and_bytes(
    session: Session, season: Season, client: CheckingClient
) -> None:
    number = final_number(season)
    paper = session.exec(select(IssuedDocument).where(IssuedDocument.number == number)).one()
    code, content = paper.check_code, files_of(session).get(paper.pdf_sha256)
    session.rollback()
    assert number in client.get(f"/verify?code={code.lower().replace('-', ' ')}").text
    assert number in client.get(f"/v/{code}", follow_redirects=True).text
    assert number in client.get(f"/v/{number}/1", follow_redirects=True).text
    assert "没有以此核验码签发的文件" in client.get("/verify?code=AAAA-AAAA-AA").text
    page = client.get("/verify")
    same = client.submit(page, {"file": (io.BytesIO(content), "公开.pdf")})
    assert "与本系统签发的原件完全一致" in same.text
    other = client.submit(client.get("/verify"), {"file": (io.BytesIO(content + b" "), "公开.pdf")})
    assert "内容可能被改动" in other.text
    assert client.submit(client.get("/verify"), {"file": (io.BytesIO(b"x"), "a.txt")}).status_code == 400


def test_the_calculator_shows_how_a_payment_comes_about(season: Season, client: CheckingClient) -> None:
    page = client.get("/benefits?year=2017&scheme=urban&group=general&cost=30000")
    assert "计算过程" in page.text or "试算" in page.text
    assert client.get("/benefits?year=2017&scheme=urban&group=general&cost=abc").status_code == 200


def test_the_feed_lists_what_was_published(session: Session, season: Season, client: CheckingClient) -> None:
    root = ElementTree.fromstring(client.get("/feed.atom").data)
    atom = "{http://www.w3.org/2005/Atom}"
    ids = [entry.findtext(f"{atom}id") for entry in root.iter(f"{atom}entry")]
    public = session.exec(select(IssuedDocument.id).where(col(IssuedDocument.published_at).is_not(None))).all()
    assert len(ids) == len(set(ids)) == len(public)
    assert all(entry.findtext(f"{atom}updated", "").endswith("+08:00") for entry in root.iter(f"{atom}entry"))


def test_the_interface_pages_and_writes_exact_texts(season: Season, client: CheckingClient) -> None:
    listed = client.get("/api/v1/settlements").get_json()
    assert listed["total"] == 1
    assert (listed["items"][0]["balance"], listed["items"][0]["insurer"], listed["items"][0]["fund"]) == (
        "1200000.00", "360000.00", "840000.00",
    )  # fmt: skip
    assert client.get("/api/v1/notices?size=1&page=2").get_json()["items"]
    for wrong in ("?page=0", "?size=201", "?page=x"):
        assert client.get(f"/api/v1/notices{wrong}").status_code == 400
    described = client.get("/api/v1/openapi.json").get_json()
    assert described["openapi"].startswith("3.1")
    for path in described["paths"]:
        if "{" not in path:
            assert client.get(f"/api/v1{path}").status_code == 200, path


def test_a_withdrawn_paper_leaves_the_lists_and_is_still_verified(
    session: Session, clock: FixedClock, season: Season, client: CheckingClient
) -> None:
    number = season.number.replace("-HT-", "-HG-")
    with transaction(session):
        paper = session.exec(select(IssuedDocument).where(IssuedDocument.number == number)).one()
        code = paper.check_code
        withdraw(session, season.case.handler, clock, paper, "演示撤回")
    assert client.get(f"/notices/{number}").status_code == 404
    assert "演示撤回" in client.get(f"/verify?code={code}").text


def test_the_portal_can_be_used_by_everyone_on_every_screen(
    session: Session, season: Season, new_page: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    number, process = final_number(season), tender_number(session, season)
    session.rollback()
    paths = ["/", "/notices", f"/processes/{process}", f"/disclosures/{number}", "/benefits", "/opendata/", "/verify"]
    for viewport, language in ((DESK, "zh"), (PHONE, "zh"), (PHONE, "en")):
        tab = new_page(viewport=viewport)
        tab.goto(f"/language/{language}?next=/")
        for path in paths:
            tab.goto(path)
            axe(tab)
            assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_a_merged_fund_is_shown_under_its_present_name_with_the_old_one(
    session: Session, clock: FixedClock, client: CheckingClient
) -> None:
    rural, resident = "新型农村合作医疗基金", "城乡居民基本医疗保险基金"
    season = make.settled(session, clock)
    make.published(session, clock, season, DisclosureKind.SIGNING)
    signed = season.number.replace("-HT-", "-GS-D1-")
    before = client.get(f"/disclosures/{signed}").text
    assert rural in before
    assert resident not in before
    clock.advance(days=1)
    settlement.merged(session, clock, season)
    make.published(session, clock, season, DisclosureKind.FINAL_ACCOUNTS)
    # The paper issued before keeps its words; its page says which fund stands in today.
    page = client.get(f"/disclosures/{signed}").text
    assert f"{resident}（承继{rural}）" in page
    final = client.get(f"/disclosures/{final_number(season)}")
    assert f"{resident}（承继{rural}）" in final.text
    said = {row.kind: row.data["funding"]["text"] for row in session.exec(select(Disclosure))}
    assert f"由{rural}拨付" in said[DisclosureKind.SIGNING]
    assert f"由{rural}（现已并入{resident}）拨付" in said[DisclosureKind.FINAL_ACCOUNTS]
