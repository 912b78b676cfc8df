"""The department's journey: a tender from the pack to publication by two people, then from opening to award."""

from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from core.clock import FixedClock, beijing
from core.identity.models import User
from demonstration.people import call
from tender.models import CommitteeMember, Tender
from tests.e2e.conftest import Tour
from tests.factories import tender as make

BASICS = {
    "source": "pack:jilin-2016",
    "number": "YSDB-2020-ZB-02",
    "title": "演示省补充大病保险承办服务项目",
    "budget": "240,000,000",
    "term_from": "2021-01-01",
    "term_until": "2023-12-31",
    "bid_security": "1000000",
    "performance_security_rate": "5",
    "bid_valid_days": "90",
    "contact_name": "演示经办人",
    "contact_telephone": "0400-80000000",
    "purchaser_address": "演示市人民大街1号",
    "opening_place": "演示省公共资源交易中心",
    "media": "演示省政府采购网",
}
LOT = {
    "name": "城乡居民大病保险",
    "scheme": "resident",
    "area": "全省",
    "insured_count": "2000000",
    "price_object": "premium_per_head",
    "ceiling": "40.00",
    "budget": "240000000",
    "winners": "2",
    "split": "60\n40",
    "expense_cap_rate": "4",
    "instalments": "60 03-31\n40 09-30",
}
YEAR = {
    "year": "2019",
    "insured_count": "1950000",
    "premium": "68250000",
    "claims_paid": "67100000",
    "beneficiaries": "9800",
    "cases": "21400",
    "compliant_cost": "240000000",
}
TEXTS = {
    "service_requirements": "每县设服务网点，按月报送数据。",
    "insured_amount": "以年度最高支付限额为准。",
    "liability_scope": "合规医疗费用。",
    "exclusions": "不属于合规医疗费用范围的费用。",
    "settlement_method": "出院时在定点医疗机构即时结算。",
}
OFFICERS = ("officer1", "officer2", "officer3")


def test_a_tender_is_prepared_checked_and_published_by_two_people(tour: Tour, clock: FixedClock) -> None:
    handler = tour.look(tour.person("handler"))
    tour.follow(handler, "起草招标")
    tour.fill(handler, BASICS)
    tour.press(handler, "开始设置")
    number = handler.url.split("/")[-2]
    tender = f"/tenders/{number}"

    checks = tour.go(handler, tender).locator("#checks")
    expect(checks).to_contain_text("请先解决阻断项")
    tour.go(handler, f"{tender}/lots/1")
    tour.fill(handler, LOT)
    tour.press(handler, "保存")
    tour.go(handler, f"{tender}/lots/1/history")
    tour.fill(handler, YEAR)
    tour.press(handler, "保存")
    tour.go(handler, f"{tender}/fields")
    tour.fill(handler, TEXTS)
    tour.press(handler, "保存")
    for part in ("basics", "conditions", "criteria"):
        tour.go(handler, f"{tender}/{part}")
    tour.go(handler, f"{tender}/timetable")
    tour.fill(handler, {"notice_on": "2020-06-08", "deadline": "2020-06-20T09:30"})
    tour.press(handler, "保存")
    expect(tour.go(handler, tender).locator("#checks")).to_contain_text("20日")  # the deadline is too early
    tour.go(handler, f"{tender}/timetable")
    tour.fill(handler, {"notice_on": "2020-06-08", "deadline": "2020-07-02T09:30"})
    tour.press(handler, "保存")
    tour.make_keys(handler, tender, OFFICERS)

    clock.move_to(beijing(2020, 6, 8, 9))
    handler = tour.person("handler")
    tour.go(handler, tender)
    tour.press(handler, "送批发布")
    approver = tour.person("approver")
    approve_newest(tour, approver)
    tour.go(approver, tender)
    expect(approver.locator("main")).to_contain_text("投标中")
    tour.go(handler, tender)
    expect(handler.locator("#sealed")).to_contain_text("封存中")


def test_bids_are_opened_reviewed_scored_and_awarded(tour: Tour, session: Session, clock: FixedClock) -> None:
    number = three_bids(session, clock)
    tender = f"/tenders/{number}"
    clock.move_to(beijing(2020, 6, 18, 10, 31))
    open_envelopes(tour, tender)
    review(tour, tender)
    experts = draw_committee(tour, session, tender)
    score(tour, tender, experts)
    open_envelopes(tour, tender)

    handler = tour.person("handler")
    tour.go(handler, f"{tender}/result")
    tour.press(handler, "评审计算")
    expect(handler.locator("main")).to_contain_text("56.50")
    tour.go(handler, f"{tender}/award")
    tour.press(handler, "送批定标")
    approver = tour.person("approver")
    approve_newest(tour, approver)
    tour.go(approver, f"{tender}/award")
    tour.go(approver, tender)
    expect(approver.locator("main")).to_contain_text("已定标")


def three_bids(session: Session, clock: FixedClock) -> int:
    """Three insurers have bid for the open tender; how they do it in the browser is the insurer's journey."""
    people, tender = call(session), session.exec(select(Tender).where(Tender.number == "YSDB-2020-ZB-01")).one()
    number = tender.id or 0
    clock.move_to(beijing(2020, 6, 10, 9))
    for login, price in (("changyue2", "56.50"), ("songjian2", "57.00"), ("huayuan2", "57.80")):
        make.submitted(session, clock, people[login], tender, price)
    session.rollback()
    return number


def open_envelopes(tour: Tour, tender: str) -> None:
    """Two officers give their shares; the second then opens."""
    for login in OFFICERS[:2]:
        officer = tour.person(login)
        tour.go(officer, f"{tender}/opening")
        tour.follow(officer, "提交密钥分片")
        tour.fill(officer, {"passphrase": f"开标口令-{login}"})
        tour.press(officer, "提交密钥分片")
    tour.press(officer, "开启信封")


def review(tour: Tour, tender: str) -> None:
    """The handler finds every bidder qualified and ends the review."""
    handler = tour.person("handler")
    for link in links(tour.go(handler, f"{tender}/qualification"), f"{tender}/qualification/"):
        tour.go(handler, link)
        pass_everything(handler)
        tour.press(handler, "保存")
    tour.go(handler, f"{tender}/qualification")
    tour.press(handler, "完成审查")


def draw(tour: Tour, session: Session, tender: str) -> list[str]:
    """The committee drawn with two supervisors' secret numbers; the accounts of its members, the chair first."""
    handler = tour.person("handler")
    tour.go(handler, f"{tender}/draw/candidates")
    tour.press(handler, "保存")
    supervisors = {login: tour.person(login) for login in ("supervisor", "supervisor2")}
    for step in ("commit", "reveal"):
        for login, page in supervisors.items():
            tour.go(page, f"{tender}/draw/{step}")
            tour.fill(page, {"nonce": f"{login} 的保密数 2026-0331-演示-七四一九二五"})
            tour.press(page, "保存")
    rows = session.exec(
        select(User.login)
        .join(CommitteeMember, col(CommitteeMember.user_id) == User.id)
        .where(CommitteeMember.tender_id == int(tender.split("/")[-1]))
        .order_by(col(CommitteeMember.is_chair).desc(), col(CommitteeMember.id))
    ).all()
    session.rollback()  # a reader that stays would keep the house from writing
    return list(rows)


def draw_committee(tour: Tour, session: Session, tender: str) -> list[Page]:
    """The committee is drawn; every member declares; the chair finds the bids responsive."""
    experts = []
    for login in draw(tour, session, tender):
        expert = tour.person(login)
        tour.go(expert, f"{tender}/committee/declare")
        tour.fill(expert, {"none": "x"})
        tour.press(expert, "保存")
        experts.append(expert)
    for link in links(tour.go(experts[0], f"{tender}/committee"), f"{tender}/conformity/"):
        tour.go(experts[0], link)
        pass_everything(experts[0])
        tour.press(experts[0], "保存")
    tour.go(experts[0], f"{tender}/committee")
    tour.press(experts[0], "完成审查")
    return experts


def score(tour: Tour, tender: str, experts: list[Page]) -> None:
    """Every member gives every bid the best level of every criterion and locks the sheet."""
    for expert in experts:
        tour.go(expert, f"{tender}/scoring")
        tour.go(expert, f"{tender}/scoring/1")
        for choice in expert.locator("main form select").all():
            choice.select_option(index=1)
        tour.press(expert, "保存并锁定评分表")


def links(page: Page, beginning: str) -> list[str]:
    """Where the links of the page with this beginning lead."""
    found = [link.get_attribute("href") or "" for link in page.locator(f'main a[href^="{beginning}"]').all()]
    return [link for link in dict.fromkeys(found) if link.rsplit("/", 1)[-1].isdecimal()]


def pass_everything(page: Page) -> None:
    """Answer every question of a review with yes."""
    for answer in page.locator('main input[type=radio][value="yes"]').all():
        answer.check()


def approve_newest(tour: Tour, approver: Page) -> None:
    """The second person finds the request on the list of approvals and approves it."""
    tour.go(approver, "/approvals")
    approver.locator('main a[href*="/approvals/"]').first.click()
    tour.press(tour.look(approver), "批准并生效")
