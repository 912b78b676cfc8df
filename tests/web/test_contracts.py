"""The pages of agreements and annual contracts from the award to an early end; each page is checked."""

from decimal import Decimal

from flask import Flask
from sqlmodel import Session, select

from contracts.models import AnnualContract, Assessment, DedicatedAccount, PremiumPayment, ServiceAgreement
from core.clock import FixedClock, beijing
from tests.factories import contracts as factory
from tests.support.markup import Markup, words
from tests.support.pages import links, said, signed_in


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
    factory.decide(session, clock, case.approver)
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
    factory.decide(session, clock, case.approver)
    for address in (f"/contracts/agreements/{case.agreement_id}", f"/contracts/{contract.id}"):
        page = signed_in(app, session, case.signer).get(address)
        assert "拒不履行即时结算义务" in said(page)
        assert "已终止" in said(page)


def test_cover_is_extended_by_a_bridge_contract(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    factory.contracted(session, clock, case, 2019)
    clock.move_to(beijing(2019, 11, 20, 9))
    handler = signed_in(app, session, case.handler)
    agreement = f"/contracts/agreements/{case.agreement_id}"
    page = handler.get(agreement)
    assert "保障于 2019-12-31 届满" in said(page)
    form = handler.get(f"{agreement}/bridge")
    wrong = handler.submit(form, {"reason": "招标失败", "until": "2021-01-31"})
    assert wrong.status_code == 400
    assert "最后承保日应在 2020 年内" in said(wrong)
    page = handler.submit(wrong, {"until": "2020-06-30"})
    assert "过渡期合同：承保期间自 1 月 1 日至 2020-06-30" in said(page)
    assert "招标未能产生承办机构：招标失败" in said(page)
    assert handler.get(f"{agreement}/bridge").status_code == 409
    assert "2020" in said(handler.get(agreement))
