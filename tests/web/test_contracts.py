"""The pages of agreements and annual contracts as department, insurer and finance use them; each page is checked."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Page
from sqlmodel import Session, select

from contracts import services
from contracts.models import AnnualContract, Assessment, DedicatedAccount, PremiumPayment, ServiceAgreement
from contracts.services.annual import benefit_terms
from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents import use_cache
from core.identity import approvals
from core.identity.actor import Actor
from core.identity.models import Approval, User
from tests.conftest import visitor
from tests.factories import contracts as factory
from tests.factories import identity
from tests.support.browser import DESK, PHONE
from tests.support.clients import CheckingClient
from tests.support.markup import Markup, words


@pytest.fixture(autouse=True)
def papers_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same paper is rendered once for all tests of this run."""
    use_cache(tmp_path_factory.getbasetemp() / "papers")
    yield
    use_cache(None)


def signed_in(app: Flask, session: Session, person: Actor) -> CheckingClient:
    """A browser in which this person has signed in."""
    client = visitor(app, session)
    client.actor = person
    login = session.get_one(User, person.user_id).login
    session.rollback()
    client.submit(client.get("/login"), {"login": login, "password": identity.PASSWORD}, follow=False)
    return client


def decide(session: Session, clock: FixedClock, person: Actor) -> None:
    """The second person approves what waits."""
    with transaction(session):
        waiting = session.exec(select(Approval).where(Approval.decided_at.is_(None))).one()  # type: ignore[union-attr]
        approvals.approve(session, person, clock, waiting.id or 0)


def said(page: object) -> str:
    """The words of a page's main part."""
    markup = Markup(page.get_data(as_text=True))  # type: ignore[attr-defined]
    return words(markup.all("main")[0])


def links(page: object) -> list[Element]:
    """The links in a page's main part."""
    markup = Markup(page.get_data(as_text=True))  # type: ignore[attr-defined]
    return [link for link in markup.all("main")[0].iter("a") if link.get("href")]


def first_instalment(page: object) -> str:
    """The row of the first instalment on the page of a contract."""
    rows = [words(row) for row in Markup(page.get_data(as_text=True)).all("tr")]  # type: ignore[attr-defined]
    return next(row for row in rows if row.startswith("第 1 期"))


# The life of an agreement and a contract year ----------------------------------------------------------------------


def test_agreements_are_drafted_signed_and_issued(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.awarded(session, clock)
    handler = signed_in(app, session, case.handler)
    index = handler.get("/contracts/")
    assert "2016-11-17" in said(index)  # 30 days from the award letter
    page = handler.submit(index, button="起草协议")
    assert "XY-01" in said(page)
    agreement = session.exec(select(ServiceAgreement).where(ServiceAgreement.insurer_id == case.insurer.id)).one()
    address = f"/contracts/agreements/{agreement.id}"
    assert "由承保人先签署" in said(handler.get(address))
    insurer = signed_in(app, session, case.signer)
    insurer.submit(insurer.get(address), button="代表承保人签署")
    handler.submit(handler.get(address), button="提请投保人签署")
    assert "待第二人审批" in said(handler.get(address))
    approver = signed_in(app, session, case.approver)
    link = next(a.attrib["href"] for a in links(approver.get(address)) if "/approvals/" in a.attrib["href"])
    assert address in [a.attrib["href"] for a in links(approver.get(link))]  # the request leads back to its subject
    decide(session, clock, case.approver)
    page = approver.get(address)
    assert "已签署，未起始" in said(page)
    assert "服务委托协议" in said(page)
    link = next(a.attrib["href"] for a in links(page) if "/contracts/papers/" in a.attrib["href"])
    assert insurer.get(link).data.startswith(b"%PDF")
    assert signed_in(app, session, case.other_signer).get(link).status_code == 404


def test_the_insurer_records_its_two_accounts(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    preparer = signed_in(app, session, case.preparer)
    address = f"/contracts/agreements/{case.agreement_id}/accounts"
    wrong = preparer.submit(preparer.get(address), {"bank": "演示银行", "premium": "44", "claims": "7710"})
    assert wrong.status_code == 400
    assert "请填写 4 至 8 位数字" in said(wrong)
    page = preparer.submit(wrong, {"premium": "4410"})
    assert "4410" in said(page)
    assert len(session.exec(select(DedicatedAccount)).all()) == 2


def test_a_contract_year_is_prepared_signed_and_announced(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    clock.move_to(beijing(2016, 12, 26, 9))
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/agreements/{case.agreement_id}/years/2017/prepare")
    assert "1,000,000" in form.get_data(as_text=True)  # the insured of the award
    page = handler.submit(form, TYPED)
    contract = session.exec(select(AnnualContract)).one()
    assert contract.premium == Decimal("30000000.00")
    assert contract.service["assessment"][0] == {"name": "保障能力", "weight": "0.40"}
    (terms,) = benefit_terms(session, contract)
    assert [(band.lower, band.upper, band.ratio) for band in terms.bands] == [
        (0, 50_000, Decimal("0.55")),
        (50_000, None, Decimal("0.7")),
    ]
    assert "待承保人签署" in said(page)
    address = f"/contracts/{contract.id}"
    insurer = signed_in(app, session, case.signer)
    insurer.submit(insurer.get(address), button="代表承保人签署")
    handler.submit(handler.get(address), button="提请投保人签署")
    decide(session, clock, case.approver)
    page = handler.submit(handler.get(address), button="提请发布公告")
    decide(session, clock, case.approver)
    page = handler.get(address)
    for shown in ("已公告", "2016-12-28", "30,000,000.00", "年度保险合同公告"):  # two working days from signing
        assert shown in said(page), shown


#: A contract year of 2017 that the Jilin paper allows, as a handler types it; tilts and head count come prefilled.
TYPED = {
    "funding_standard": "30", "headcount_on": "2017-06-30", "first_deductible": "11,300", "first_cap": "300000",
    "first_ratio_0": "55", "first_above_1": "50,000", "first_ratio_1": "70", "payment_process": "出院时即时结算。",
    "service_points": "各县设服务窗口（演示）。", "telephone": "0400-0000-0000",
    "weight_0": "40", "weight_1": "35", "weight_2": "25",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "words_of_it"),
    [
        ({"first_ratio_0": "50"}, "first_ratio_0", "起始"),
        ({"first_ratio_1": "85"}, "first_ratio_1", "80%"),
        ({"first_ratio_1": "55"}, "first_ratio_0", "费用越高"),
        ({"first_cap": ""}, "first_cap", "最高支付限额"),
        ({"first_cut_destitute": "30"}, "first_cut_destitute", "40%"),
        ({"first_points_low_income": "4"}, "first_points_low_income", "5%"),
        ({"first_above_1": ""}, "first_above_1", "每段应同时填写"),
        ({"first_above_0": "1"}, "first_above_0", "第一段从 0 起"),
        ({"first_above_2": "40000", "first_ratio_2": "75"}, "first_above_2", "高于上一段"),
        ({"weight_2": "20"}, "weight_2", "合计应为 100"),
        ({"later_from": "2018-07-01"}, "later_from", "2017 年 1 月 1 日之后"),
        ({"insured_count": "0"}, "insured_count", "1"),
        ({"funding_standard": "38.605"}, "funding_standard", "38.605"),
    ],
)
def test_faults_stand_beside_their_field_and_nothing_is_written(
    app: Flask, session: Session, clock: FixedClock, changes: dict[str, str], field: str, words_of_it: str
) -> None:
    case = factory.agreed(session, clock)
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/agreements/{case.agreement_id}/years/2017/prepare")
    page = handler.submit(form, {**TYPED, **changes})
    assert page.status_code == 400
    markup = Markup(page.get_data(as_text=True))
    (fault,) = [element for element in markup.all("p") if element.get("id") == f"{field}-error"]
    assert words_of_it in words(fault)
    (summary,) = [element for element in markup.all("div") if element.get("class") == "err-sum"]
    assert f"#{field}" in [link.attrib["href"] for link in summary.iter("a")]
    assert 'value="11,300.00"' in page.get_data(as_text=True)  # what was typed is still there
    assert session.exec(select(AnnualContract)).all() == []


def test_terms_that_change_within_the_year_are_kept_with_their_day(
    app: Flask, session: Session, clock: FixedClock
) -> None:
    case = factory.agreed(session, clock)
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/agreements/{case.agreement_id}/years/2017/prepare")
    later = {"later_from": "2017-07-01", "later_deductible": "9000", "later_cap": "300000", "later_above_0": "0",
             "later_ratio_0": "55"}  # fmt: skip
    page = handler.submit(form, {**TYPED, **later})
    contract = session.exec(select(AnnualContract)).one()
    assert [str(terms.in_force_from) for terms in benefit_terms(session, contract)] == ["2017-01-01", "2017-07-01"]
    assert "自 2017-07-01 周六 起" in said(page)


def test_the_next_year_begins_from_the_last(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2017, 7, 12, 9))
    with transaction(session):
        services.clear_head_count(session, case.handler, clock, contract.id or 0, 1_000_100)
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/agreements/{case.agreement_id}/years/2018/prepare")
    content = form.get_data(as_text=True)
    for carried in ("1,000,100", "2018-06-30", "11,300.00", "各县设服务窗口"):
        assert carried in content, carried
    handler.submit(form)
    assert session.exec(select(AnnualContract).where(AnnualContract.year == 2018)).one().insured_count == 1_000_100


def test_a_draft_is_discarded_until_the_insurer_has_signed(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.prepared(session, clock, case)
    handler = signed_in(app, session, case.handler)
    page = handler.submit(handler.get(f"/contracts/{contract.id}"), button="作废本草稿")
    assert "拟订 2017 年度合同" in said(page)
    assert session.exec(select(AnnualContract)).all() == []


# Premium, head count, assessment -----------------------------------------------------------------------------------


def test_finance_records_premium_and_sees_what_is_owed(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2017, 4, 5, 9))
    finance = signed_in(app, session, case.finance)
    assert "逾期" in first_instalment(finance.get(f"/contracts/{contract.id}"))
    form = finance.get(f"/contracts/{contract.id}/payments/new")
    assert 'value="18,000,000.00"' in form.get_data(as_text=True)  # the instalment that is open
    early = finance.submit(form, {"paid_on": "2017-04-06", "reference": "YS-1"})
    assert "尚未到账的保费不能登记" in said(early)
    page = finance.submit(early, {"paid_on": "2017-04-05"})
    assert "YS-1" in said(page)
    assert "已付" in first_instalment(page)
    payment = session.exec(select(PremiumPayment)).one()
    assert (payment.amount, payment.instalment_id is not None) == (Decimal("18000000.00"), True)


def test_every_amount_of_the_premium_says_where_it_comes_from(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2017, 7, 12, 9))
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/{contract.id}/head-count")
    page = handler.submit(form, {"count": "1,000,100"})
    shown = said(page)
    assert "（1,000,100 − 1,000,000）人 × 30.00 元/人" in shown
    assert "30,003,000.00" in shown
    markup = Markup(page.get_data(as_text=True))
    rows = {element.get("id") for element in markup.all("tr")}
    links = {element.get("href", "") for element in markup.all("a") if element.get("class") == "trace"}
    assert len(links) == 6
    assert {link.removeprefix("#") for link in links} <= rows
    assert handler.get(f"/contracts/{contract.id}/head-count").status_code == 409


def test_an_assessment_follows_the_indicators_of_the_contract(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2018, 4, 16, 9))
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/{contract.id}/assessments/new")
    typed = {"score_0": "97.4", "score_1": "91.3", "score_2": "101", "deduction": "110,000"}
    wrong = handler.submit(form, typed)
    assert wrong.status_code == 400
    page = handler.submit(wrong, {"score_2": "95"})
    assert "94.665" in said(page)
    assert session.exec(select(Assessment)).one().deduction == Decimal("110000.00")
    again = handler.submit(handler.get(f"/contracts/{contract.id}/assessments/new"), {**typed, "score_2": "95"})
    assert "已有 2017年度 的考核" in said(again)


def test_an_early_end_names_its_reason_and_takes_two(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2017, 5, 2, 9))
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/agreements/{case.agreement_id}/terminate")
    assert contract.number in said(form)
    handler.submit(form, {"reason": "拒不履行即时结算义务"})
    decide(session, clock, case.approver)
    for address in (f"/contracts/agreements/{case.agreement_id}", f"/contracts/{contract.id}"):
        page = signed_in(app, session, case.signer).get(address)
        assert "拒不履行即时结算义务" in said(page)
        assert "已终止" in said(page)


# Who sees and does what --------------------------------------------------------------------------------------------


def test_an_insurer_meets_its_own_only(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    other = signed_in(app, session, case.other_signer)
    assert contract.number not in said(other.get("/contracts/"))
    own = case.agreements[1]
    session.refresh(own)
    number, hidden = own.number, session.get_one(ServiceAgreement, case.agreement_id).number
    listed = said(other.get("/contracts/agreements"))
    assert number in listed
    assert hidden not in listed
    for address in (
        f"/contracts/{contract.id}",
        f"/contracts/agreements/{case.agreement_id}",
        f"/contracts/insurers/{case.insurer.id}",
        "/contracts/999",
        "/contracts/agreements/999",
        "/contracts/insurers/999",
        "/contracts/papers/999",
    ):
        assert other.get(address).status_code == 404, address


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("handler", {"index", "contract", "prepare", "clear", "assess", "terminate"}),
        ("approver", {"index", "contract", "terminate"}),
        ("finance", {"index", "contract", "pay"}),
        ("signer", {"index", "contract", "accounts"}),
        ("preparer", {"index", "contract", "accounts"}),
    ],
)
def test_each_role_reaches_its_own_forms(
    app: Flask, session: Session, clock: FixedClock, role: str, allowed: set[str]
) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    clock.move_to(beijing(2017, 7, 3, 9))
    pages = {
        "index": "/contracts/",
        "contract": f"/contracts/{contract.id}",
        "prepare": f"/contracts/agreements/{case.agreement_id}/years/2018/prepare",
        "clear": f"/contracts/{contract.id}/head-count",
        "assess": f"/contracts/{contract.id}/assessments/new",
        "pay": f"/contracts/{contract.id}/payments/new",
        "terminate": f"/contracts/agreements/{case.agreement_id}/terminate",
        "accounts": f"/contracts/agreements/{case.agreement_id}/accounts",
    }
    client = signed_in(app, session, getattr(case, role))
    assert {name for name, address in pages.items() if client.get(address).status_code == 200} == allowed


def test_a_guest_is_asked_to_sign_in(client: CheckingClient) -> None:
    assert "/login" in client.get("/contracts/").location


def test_an_expert_does_not_see_contracts(login: Callable[..., CheckingClient]) -> None:
    assert login("expert").get("/contracts/").status_code == 403


# Lists and desk ----------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_and_exported(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    first = factory.contracted(session, clock, case)
    second = factory.contracted(session, clock, case, 2018)
    supervisor = signed_in(app, session, identity.actor(session, clock, "supervisor"))
    numbers = (first.number, second.number)
    for query, shown in (
        ("", (True, True)),
        ("?year=2018", (False, True)),
        ("?scheme=urban", (False, False)),
        ("?stage=signed", (False, True)),
        (f"?insurer={case.insurer.id}", (True, True)),
        (f"?q={numbers[0]}", (True, False)),
    ):
        page = said(supervisor.get(f"/contracts/{query}"))
        assert tuple(number in page for number in numbers) == shown, query
    sheet = load_workbook(BytesIO(supervisor.get("/contracts/?as=xlsx&sort=year").data)).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == list(numbers)
    exported = supervisor.get(f"/contracts/insurers/{case.insurer.id}?agreements-as=csv").get_data(as_text=True)
    assert "XY-01" in exported
    assert "HT-01" not in exported


def test_the_desk_says_what_is_due_with_its_lawful_day(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.drafted(session, clock)
    insurer = said(signed_in(app, session, case.signer).get("/desk"))
    assert "签署服务委托协议" in insurer
    assert "11-17" in insurer
    handler = said(signed_in(app, session, case.handler).get("/desk"))
    assert "承保人尚未签署" in handler
    with transaction(session):
        services.sign_agreement(session, case.signer, clock, case.agreement_id)
    assert "签署服务委托协议" in said(signed_in(app, session, case.approver).get("/desk"))


@pytest.mark.parametrize(
    ("role", "at", "due", "day"),
    [
        ("handler", beijing(2016, 12, 27, 12), "发布合同公告", "12-29"),
        ("finance", beijing(2017, 1, 3, 9), "拨付第 1 期保费", "03-31"),
        ("handler", beijing(2017, 7, 3, 9), "清算参保人数", "2018-03-31"),
        ("handler", beijing(2017, 10, 9, 9), "拟订 2018 年度合同", "12-31"),
        ("preparer", beijing(2017, 1, 3, 9), "登记两个专用账户", "01-01"),
    ],
)
def test_the_desk_reminds_each_role_in_time(
    app: Flask, session: Session, clock: FixedClock, role: str, at: object, due: str, day: str
) -> None:
    case = factory.agreed(session, clock)
    factory.contracted(session, clock, case)
    clock.move_to(at)  # type: ignore[arg-type]
    desk = Markup(signed_in(app, session, getattr(case, role)).get("/desk").get_data(as_text=True))
    lines = [words(row) for row in desk.all("tr")]
    assert any(due in line and day in line for line in lines), lines


# In a browser ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "viewport"), [("zh", DESK), ("en", PHONE)])
def test_the_pages_are_accessible_and_fit_a_phone(
    session: Session,
    clock: FixedClock,
    new_page: Callable[..., Page],
    axe: Callable[[Page], None],
    language: str,
    viewport: dict[str, int],
) -> None:
    case = factory.agreed(session, clock)
    contract = factory.contracted(session, clock, case)
    draft = factory.prepared(session, clock, case, 2018)
    addresses = [
        "/contracts/",
        "/contracts/agreements",
        f"/contracts/agreements/{case.agreements[1].id}",
        f"/contracts/agreements/{case.agreement_id}",
        f"/contracts/agreements/{case.agreement_id}/terminate",
        f"/contracts/agreements/{case.agreement_id}/years/2019/prepare",
        f"/contracts/{contract.id}",
        f"/contracts/{draft.id}",
        f"/contracts/{contract.id}/head-count",
        f"/contracts/{contract.id}/assessments/new",
        f"/contracts/insurers/{case.insurer.id}",
    ]
    name = session.get_one(User, case.handler.user_id).login
    session.rollback()
    page = new_page(viewport=viewport)
    page.goto("/login")
    page.fill("[name=login]", name)
    page.fill("[name=password]", identity.PASSWORD)
    page.click("main button[type=submit]")
    if language == "en":
        page.click("a[hreflang=en]")
    for address in addresses:
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
