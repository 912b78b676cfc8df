"""Who sees which contract and does what, the lists, the desk, and the pages in a browser."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Page
from sqlmodel import Session

from contracts import services
from contracts.models import ServiceAgreement
from core.clock import FixedClock, beijing
from core.db import transaction
from core.identity.models import User
from tests.factories import contracts as factory
from tests.factories import identity
from tests.support.browser import DESK, PHONE
from tests.support.clients import CheckingClient
from tests.support.markup import Markup, words
from tests.support.pages import said, signed_in

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
        ("handler", {"index", "contract", "prepare", "clear", "assess", "terminate", "handover"}),
        ("approver", {"index", "contract", "terminate"}),
        ("finance", {"index", "contract", "pay", "security"}),
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
        "security": f"/contracts/agreements/{case.agreement_id}/security",
        "handover": f"/contracts/agreements/{case.agreement_id}/handover",
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
