"""Two whole tenders in Chromium: one from preparation to the award letter, one that fails and goes on by J11.

Five insurers and two lots. A lot needs three bidders at the opening, three qualified, three responsive and three valid
ones, so what goes wrong is spread over the lots:

lot 1: Changyue (ordinary), Songjian (abnormally low, explained and proven), Huayuan (ordinary), Anhe (not qualified);
       Mingze comes at the second of the deadline and is refused: three valid bids are left.
lot 2: Changyue, Songjian, Mingze (in time here), Huayuan (does not respond in substance): three valid bids are left.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from core import house as houses
from core.clock import FixedClock, beijing
from core.db import transaction
from demonstration.people import call, found
from tender import seal, services
from tender.models import Bid, Lot
from tests.e2e.conftest import PATIENCE, Scene, Tour, settings_of
from tests.e2e.test_department import approve_newest, draw, links, open_envelopes, pass_everything
from tests.support.databases import make_schema

BEGIN, NOTICE, DEADLINE = beijing(2026, 3, 2, 9), beijing(2026, 3, 9, 9), beijing(2026, 3, 31, 9, 30)
OFFICERS = ("officer1", "officer2", "officer3")
BASICS = {
    "source": "pack:jilin-2016", "title": "演示省城乡居民大病保险承办服务项目",
    "term_from": "2027-01-01", "term_until": "2029-12-31", "bid_security": "1000000", "performance_security_rate": "5",
    "bid_valid_days": "90", "contact_name": "演示经办人", "contact_telephone": "0400-80000000",
    "purchaser_address": "演示市人民大街1号", "opening_place": "演示省公共资源交易中心", "media": "演示省政府采购网",
}  # fmt: skip
LOT = {
    "area": "全省", "insured_count": "2000000", "price_object": "premium_per_head", "ceiling": "40.00",
    "budget": "240000000", "winners": "2", "split": "60\n40", "expense_cap_rate": "4",
    "instalments": "60 03-31\n40 09-30",
}  # fmt: skip
LOTS = (
    {"name": "城乡居民大病保险（东部）", "scheme": "resident"},
    {"name": "城乡居民大病保险（西部）", "scheme": "resident"},
)
YEAR = {
    "year": "2025", "insured_count": "1950000", "premium": "68250000", "claims_paid": "67100000",
    "beneficiaries": "9800", "cases": "21400", "compliant_cost": "240000000",
}  # fmt: skip
TEXTS = {
    "service_requirements": "每县设服务网点，按月报送数据。", "insured_amount": "以年度最高支付限额为准。",
    "liability_scope": "合规医疗费用。", "exclusions": "不属于合规医疗费用范围的费用。",
    "settlement_method": "出院时在定点医疗机构即时结算。",
}  # fmt: skip
#: Who bids what: account → lot → price.
BIDS = {
    "changyue2": {1: "36.50", 2: "36.00"},
    "songjian2": {1: "17.50", 2: "37.00"},
    "huayuan2": {1: "37.50", 2: "35.50"},
    "anhe2": {1: "35.00"},
    "mingze2": {2: "38.00"},
}


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The people and offices of the demonstration, officers with their keys, in a house where nothing is tendered."""
    folder = tmp_path_factory.mktemp("founded")
    settings = settings_of(folder)
    make_schema(settings.database_url)
    house = houses.build(settings, FixedClock(BEGIN))
    people = found(house.db.session, house.clock)
    for login in OFFICERS:
        identity = seal.new_identity()
        wrapped = seal.wrap(identity, f"开标口令-{login}")
        with transaction(house.db.session):
            services.add_officer_key(
                house.db.session, people[login], house.clock, recipient=seal.recipient_of(identity),
                wrapped_identity=wrapped,
            )  # fmt: skip
    (folder / "files").mkdir(exist_ok=True)
    house.db.remove()
    house.db.engine.dispose()
    return Scene(folder, BEGIN)


@pytest.fixture
def scene(founded: Scene) -> Scene:
    return founded


def publish(tour: Tour, clock: FixedClock, number: str, lots: int) -> str:
    """Prepare a tender in the browser, let every officer confirm its keys, publish it by two people; its address."""
    handler = tour.person("handler")
    tour.follow(handler, "起草招标")
    tour.fill(handler, {**BASICS, "number": number, "budget": f"{240 * lots},000,000"})
    tour.press(handler, "开始设置")
    tender = f"/tenders/{handler.url.split('/')[-2]}"
    for position in range(1, lots + 1):
        tour.go(handler, f"{tender}/lots/{position}")
        tour.fill(handler, {**LOT, **LOTS[position - 1]})
        tour.press(handler, "保存")
        tour.go(handler, f"{tender}/lots/{position}/history")
        tour.fill(handler, YEAR)
        tour.press(handler, "保存")
    tour.go(handler, f"{tender}/fields")
    tour.fill(handler, TEXTS)
    tour.press(handler, "保存")
    tour.go(handler, f"{tender}/timetable")
    tour.fill(handler, {"notice_on": "2026-03-09", "deadline": "2026-03-31T09:30"})
    tour.press(handler, "保存")
    tour.make_keys(handler, tender, OFFICERS)
    clock.move_to(NOTICE)
    handler = tour.person("handler")
    tour.go(handler, tender)
    tour.press(handler, "送批发布")
    approver = tour.person("approver")
    approve_newest(tour, approver)
    expect(tour.go(approver, tender).locator("main")).to_contain_text("投标中")
    return tender


class Bidder:
    """An insurer's signer at the bid page of a tender."""

    def __init__(self, tour: Tour, tender: str, login: str, folder: Path) -> None:
        self.tour, self.login, self.folder = tour, login, folder
        self.page = tour.person(login)
        self.place = tender.replace("/tenders/", "/tenders/opportunities/")
        tour.go(self.page, self.place)
        tour.press(self.page, "获取招标文件")

    def upload(self, lot: int, price: str) -> None:
        """Seal both envelopes in the browser and record the bid security."""
        self.tour.go(self.page, f"{self.place}/bid")
        offer = self.folder / f"{self.login}-第{lot}包方案.txt"
        offer.write_text(f"{self.login}第{lot}包承办服务方案（演示）", "utf-8")
        for kind in ("technical", "price"):
            form = self.page.locator(f'form[data-seal][data-lot="{lot}"][data-envelope="{kind}"]')
            if kind == "technical":
                form.locator("input[type=file]").set_input_files(offer)
            else:
                form.locator("[data-price]").fill(price)
            with self.page.expect_download():
                form.get_by_role("button", name="加密并上传").click()
            state = self.page.locator(f"#env-{lot}-{kind}").locator("xpath=..")
            expect(state).to_contain_text("已上传", timeout=PATIENCE)
        self.tour.fill(self.page, {f"{lot}-security-payer_account": f"演示银行-{self.login}"})
        self.press(lot, "登记投标保证金")

    def press(self, lot: int, words: str) -> None:
        """Press a button of the lot's own part of the page."""
        with self.page.expect_navigation():
            self.page.locator(f"#lot-{lot}").get_by_role("button", name=words).click()

    def submit(self, lot: int) -> None:
        """The small act that makes it a bid, or a refusal."""
        self.tour.fill(self.page, {f"{lot}-submit-entitled": "x"})
        self.press(lot, "递交投标")
        self.tour.look(self.page)

    def bid(self, lot: int, price: str) -> None:
        """The whole bid for a lot, with its receipt."""
        self.upload(lot, price)
        self.submit(lot)
        expect(self.page.locator(f"#lot-{lot} .receipt")).to_be_visible()


def bid_number(session: Session, login: str, lot: int) -> str:
    """The number of an insurer's bid for a lot, as it stands in addresses after the opening."""
    bidder = call(session)[login].organisation_id
    mine = select(Bid.id).join(Lot, col(Lot.id) == Bid.lot_id).where(Lot.position == lot, Bid.bidder_id == bidder)
    number = session.exec(mine).one()
    session.rollback()  # a reader that stays would keep the house from writing
    return str(number)


def review_qualification(tour: Tour, tender: str, unqualified: str) -> None:
    """The handler finds everybody qualified but one bid."""
    handler = tour.person("handler")
    for link in links(tour.go(handler, f"{tender}/qualification"), f"{tender}/qualification/"):
        tour.go(handler, link)
        pass_everything(handler)
        if link.endswith(f"/{unqualified}"):
            handler.locator('main input[type=radio][value="no"]').first.check()
            handler.locator('main input[name^="reason-"]').first.fill("未提供经营大病保险的名单证明。")
        tour.press(handler, "保存")
    tour.go(handler, f"{tender}/qualification")
    tour.press(handler, "完成审查")


def review_and_score(tour: Tour, tender: str, members: list[str], nonconforming: str) -> list[Page]:
    """Declarations, the chair's conformity review with one bid that does not respond, and everybody's sheets."""
    pages = []
    for login in members:
        page = tour.person(login)
        tour.go(page, f"{tender}/committee/declare")
        tour.fill(page, {"none": "x"})
        tour.press(page, "保存")
        pages.append(page)
    chair = pages[0]
    for link in links(tour.go(chair, f"{tender}/committee"), f"{tender}/conformity/"):
        tour.go(chair, link)
        good = not link.endswith(f"/{nonconforming}")
        chair.locator(f'main input[type=radio][value="{"yes" if good else "no"}"]').first.check()
        if not good:
            tour.fill(chair, {"reason": "未承诺出院即时结算，不响应实质性要求。"})
        tour.press(chair, "保存")
    tour.go(chair, f"{tender}/committee")
    tour.press(chair, "完成审查")
    for page in pages:
        for lot in (1, 2):
            tour.go(page, f"{tender}/scoring/{lot}")
            for choice in page.locator("main form select").all():
                choice.select_option(index=1)
            tour.press(page, "保存并锁定评分表")
    return pages


def explain_low_price(tour: Tour, tender: str, chair: Page, bid: str) -> None:
    """The number triggers the review: the chair asks, the bidder explains in time, the committee finds it proven."""
    expect(tour.go(chair, f"{tender}/prices").locator("main")).to_contain_text("17.50")
    tour.go(chair, f"{tender}/prices/{bid}/ask")
    tour.press(chair, "要求说明")
    signer = tour.person("songjian2")
    tour.go(signer, f"{tender.replace('/tenders/', '/tenders/opportunities/')}/prices/{bid}")
    tour.fill(signer, {"explanation": "本公司在本省已有网点和系统，增量成本低，测算表附后（演示）。"})
    tour.press(signer, "")
    tour.go(chair, f"{tender}/prices/{bid}/decide")
    tour.fill(chair, {"proven": "yes", "reason": "成本测算与历史数据相符，能够履约。"})
    tour.press(chair, "认定报价合理性")


@pytest.fixture
def offers(tmp_path: Path) -> Path:
    """Where the insurers keep their documents."""
    folder = tmp_path / "offers"
    folder.mkdir()
    return folder


def test_a_whole_tender_from_preparation_to_the_award_letter(
    tour: Tour, session: Session, clock: FixedClock, offers: Path
) -> None:
    tender = publish(tour, clock, "YSDB-2026-ZB-01", lots=2)
    clock.move_to(beijing(2026, 3, 11, 9))
    bidders = {login: Bidder(tour, tender, login, offers) for login in BIDS}
    for login, prices in BIDS.items():
        for lot, price in prices.items():
            bidders[login].bid(lot, price)
    clock.move_to(beijing(2026, 3, 31, 9, 20))
    late = tour.person("mingze2")
    bidders["mingze2"].page = late
    bidders["mingze2"].upload(1, "38.00")
    clock.move_to(DEADLINE)
    bidders["mingze2"].submit(1)
    expect(late.locator("main")).to_contain_text("拒收")
    with late.expect_download():
        late.locator("main .alert-danger a").first.click()  # the certificate of the refusal

    clock.move_to(beijing(2026, 3, 31, 10, 31))
    open_envelopes(tour, tender)
    review_qualification(tour, tender, bid_number(session, "anhe2", 1))
    members = draw(tour, session, tender)
    pages = review_and_score(tour, tender, members, bid_number(session, "huayuan2", 2))
    open_envelopes(tour, tender)
    explain_low_price(tour, tender, pages[0], bid_number(session, "songjian2", 1))

    supervisor = tour.person("supervisor")
    expect(tour.go(supervisor, f"{tender}/hints").locator("main")).to_contain_text("不因线索否决投标")
    handler = tour.person("handler")
    tour.go(handler, f"{tender}/result")
    tour.press(handler, "评审计算")
    for words in ("未提供经营大病保险的名单证明。", "未承诺出院即时结算，不响应实质性要求。"):
        expect(handler.locator("main")).to_contain_text(words)
    tour.go(handler, f"{tender}/award")
    tour.press(handler, "送批定标")
    approver = tour.person("approver")
    approve_newest(tour, approver)
    expect(tour.go(approver, f"{tender}/award").locator("main")).to_contain_text("36.50")
    winner = tour.person("changyue2")
    expect(tour.go(winner, bidders["changyue2"].place).locator("main")).to_contain_text("中标通知书")
    loser = tour.person("anhe2")
    shown = tour.go(loser, bidders["anhe2"].place).locator("main")
    expect(shown).to_contain_text("评审结果告知书")
    expect(shown).not_to_contain_text("中标通知书")
    finance = tour.person("finance")
    tour.go(finance, f"{tender}/award")
    tour.press(finance, "登记退还")


def test_a_tender_that_fails_says_how_the_government_goes_on(
    tour: Tour, session: Session, clock: FixedClock, offers: Path
) -> None:
    """Two bidders are too few: nothing is opened, and the public notice names who decides now (J11)."""
    tender = publish(tour, clock, "YSDB-2026-ZB-02", lots=1)
    clock.move_to(beijing(2026, 3, 11, 9))
    bidders = [Bidder(tour, tender, login, offers) for login in ("changyue2", "songjian2")]
    for bidder, price in zip(bidders, ("36.50", "37.00"), strict=True):
        bidder.bid(1, price)
    clock.move_to(beijing(2026, 3, 31, 10, 31))
    open_envelopes(tour, tender)
    handler = tour.person("handler")
    page = tour.go(handler, tender).locator("main")
    expect(page).to_contain_text("不足三家")
    expect(page).to_contain_text("废标公告")
    guest = tour.new_page()
    expect(tour.go(guest, "/processes/YSDB-2026-ZB-02").locator("main")).to_contain_text("废标")
    expect(tour.go(guest, "/notices").locator("main")).to_contain_text("废标公告")
    decide_for_the_government(tour, clock, tender, offers)


def decide_for_the_government(tour: Tour, clock: FixedClock, tender: str, folder: Path) -> None:
    """The government decides how an insurer is found: its document, two insurers, recorded by two people."""
    clock.move_to(beijing(2026, 4, 3, 9))
    document = folder / "决定.pdf"
    document.write_bytes(b"%PDF-1.7 demonstration decision")
    handler = tour.person("handler")
    tour.go(handler, f"{tender}/after-failure")
    tour.go(handler, f"{tender}/after-failure/decision")
    tour.fill(handler, {
        "number": "演政函〔2026〕12号", "issuer": "演示省人民政府", "decided_on": "2026-04-02",
        "method": "由现承办机构按原价格延续承办，保证待遇不断档。",
    })  # fmt: skip
    handler.locator('main input[type="file"]').set_input_files(document)
    for place, price in enumerate(("36.50", "37.00")):
        handler.locator('main select[name^="insurer-"]').nth(place).select_option(index=place + 1)
        handler.locator('main input[name^="price-"]').nth(place).fill(price)
    tour.press(handler, "送第二人审批")
    approver = tour.person("approver")
    approve_newest(tour, approver)
    expect(tour.go(approver, f"{tender}/after-failure").locator("main")).to_contain_text("演政函〔2026〕12号")
