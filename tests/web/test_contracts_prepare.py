"""The form of a contract year: prefilled, held against the paper, every fault beside its field."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlmodel import Session, select

from contracts import services
from contracts.models import AnnualContract
from contracts.services.annual import benefit_terms
from core.clock import FixedClock, beijing
from core.db import transaction
from tests.factories import contracts as factory
from tests.support.markup import Markup, words
from tests.support.pages import said, signed_in

#: A contract year of 2017 that the Jilin paper allows, as a handler types it; tilts and head count come prefilled.
TYPED = {
    "funding_standard": "30", "headcount_on": "2017-06-30", "first_deductible": "11,300", "first_cap": "300000",
    "first_ratio_0": "55", "first_above_1": "50,000", "first_ratio_1": "70", "payment_process": "出院时即时结算。",
    "service_points": "各县设服务窗口（演示）。", "telephone": "0400-0000-0000",
    "weight_0": "40", "weight_1": "35", "weight_2": "25",
}  # fmt: skip


def test_a_contract_year_is_prepared_signed_and_announced(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    clock.move_to(beijing(2016, 12, 26, 9))
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/agreements/{case.agreement_id}/years/2017/prepare")
    assert "1,000,000" in form.get_data(as_text=True)  # the insured of the award
    panel = next(a.get("href") for a in Markup(form.get_data(as_text=True)).all("a") if "签约之前" in words(a))
    assert panel.endswith("?on=2017-12-31#incentives")
    page = handler.submit(form, TYPED)
    assert "签约之前，先看盈亏调控办法按本合同保费会带来什么后果。" in said(page)
    panel = next(a.get("href") for a in Markup(page.get_data(as_text=True)).all("a") if "签约之前" in words(a))
    assert 'id="incentives"' in handler.get(panel).get_data(as_text=True)
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
    factory.decide(session, clock, case.approver)
    page = handler.submit(handler.get(address), button="提请发布公告")
    factory.decide(session, clock, case.approver)
    page = handler.get(address)
    for shown in ("已公告", "2016-12-28", "30,000,000.00", "年度保险合同公告"):  # two working days from signing
        assert shown in said(page), shown


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
