"""The pages of contract years that are counted together: what is missing and where, the pool on the sheet, what if."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from contracts import services as contract_services
from core.clock import FixedClock
from core.db import transaction
from settlement.jobs.runs import carry_out
from settlement.models import AnnualFigures, PolicyLossDecision
from settlement.services import runs
from tests.factories import contracts
from tests.factories import settlement as make
from tests.factories.papers import jilin_with
from tests.support.clients import CheckingClient

Login = Callable[..., CheckingClient]


@pytest.fixture
def paper(request: pytest.FixtureRequest, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
    """The Jilin paper with the sharing rule that the test asks for."""
    more, values = request.param
    with jilin_with(monkeypatch, tmp_path, *more, **values):
        yield


POOL = ((), {"scope": "scheme"})
TERM = ((), {"period": "term"})
CAUSES = (("split_causes = true",), {})
NEEDS = (
    (
        'deducted = ["quality_expense"]',
        'reserve = { share = 1, covers = "loss", source = CLAUSE }',
        'retention = { rate = 0.01, base = "premium", source = CLAUSE }',
    ),
    {},
)


@pytest.mark.parametrize("paper", [POOL], indirect=True)
def test_the_year_says_whose_figures_are_missing_and_leads_there(
    session: Session, clock: FixedClock, login: Login, paper: None
) -> None:
    first = make.ready(session, clock, "2700000.00")
    second = make.signed(session, clock, contracts.others(session, clock, first.case))
    handler = login("handler", of=first.case.department)
    page = handler.get(f"/settlement/years/{first.contract_id}").get_data(as_text=True)
    assert f"合同{second.number}：年度数据未经确认" in page
    assert f'href="/settlement/years/{second.contract_id}"' in page
    assert "与本合同年度合并核算的资料尚缺" in page
    # The insurer reads what is missing; the page of the other is not its own.
    own = login("insurer_signer", of=first.case.insurer)
    page = own.get(f"/settlement/years/{first.contract_id}").get_data(as_text=True)
    assert f"合同{second.number}：年度数据未经确认" in page
    assert f'href="/settlement/years/{second.contract_id}"' not in page
    what_if = own.get(f"/settlement/years/{first.contract_id}/what-if")
    assert (what_if.status_code, "相关资料尚缺" in what_if.get_data(as_text=True)) == (200, True)


@pytest.mark.parametrize("paper", [POOL], indirect=True)
def test_the_sheet_shows_the_pool_in_both_languages_and_what_if_counts_it(
    session: Session, clock: FixedClock, login: Login, paper: None
) -> None:
    first = make.signed(session, clock)
    second = make.signed(session, clock, contracts.others(session, clock, first.case))
    for season, balance in ((first, "2700000.00"), (second, "-300000.00")):
        make.with_file(session, clock, season)
        make.with_figures(session, clock, season, balance)
    sheet_id = make.drafted(session, clock, second)
    handler = login("handler", of=first.case.department)
    page = handler.get(f"/settlement/sheets/{sheet_id}").get_data(as_text=True)
    for words in ("合并核算、结转、风险调节和考核", "2,400,000.00", "720,000.00", "360,000.00", "−660,000.00",
                  "其中承保人份额按保费分配", "按合计数确定适用档次"):  # fmt: skip
        assert words in page, words
    assert f'href="/settlement/years/{first.contract_id}"' in page
    own = login("insurer_signer", of=second.case.insurer)
    page = own.get(f"/settlement/sheets/{sheet_id}").get_data(as_text=True)
    assert first.number in page
    assert f'href="/settlement/years/{first.contract_id}"' not in page
    answer = handler.get(
        f"/settlement/years/{second.contract_id}/what-if?premium=30000000.00&claims=29700000.00&expense=0.00"
        "&cause=operating&reading=whole"
    ).get_data(as_text=True)
    # 2.7 m and 0.3 m are 3 m of 60 m: 5 %, 30 % of the whole, half of it each.
    assert "450,000.00" in answer
    assert "本表结算300,000.00元" in answer
    handler.get("/language/en")
    page = handler.get(f"/settlement/sheets/{sheet_id}").get_data(as_text=True)
    assert f"Insurer&#39;s part handed to {first.number} (2017)" in page


@pytest.mark.parametrize("paper", [POOL], indirect=True)
def test_the_desk_names_a_sheet_that_rests_on_older_figures(
    session: Session, clock: FixedClock, login: Login, paper: None
) -> None:
    first = make.ready(session, clock, "2700000.00")
    second = make.ready(session, clock, "-300000.00", contracts.others(session, clock, first.case))
    sheet_id = make.drafted(session, clock, first)
    handler = login("handler", of=first.case.department)
    assert "决算表所依据的数据已更新" not in handler.get("/desk").get_data(as_text=True)
    make.with_figures(session, clock, second, "-900000.00")
    desk = handler.get("/desk").get_data(as_text=True)
    assert "决算表所依据的数据已更新" in desk
    sheet = handler.get(f"/settlement/sheets/{sheet_id}").get_data(as_text=True)
    assert "本表所计数据此后有变动" in sheet
    assert f"合同{second.number}：年度数据、理赔明细、认定意见或约定赔付成本已有新版本" in sheet


@pytest.mark.parametrize("paper", [TERM], indirect=True)
def test_an_interim_year_of_a_term_says_that_it_is_provisional(
    session: Session, clock: FixedClock, login: Login, paper: None
) -> None:
    season = make.ready(session, clock, "600000.00")
    sheet_id = make.drafted(session, clock, season)
    page = login("handler", of=season.case.department).get(f"/settlement/sheets/{sheet_id}").get_data(as_text=True)
    assert "协议期未满" in page
    assert "最后一个年度清算时予以扣除" in page


@pytest.mark.parametrize("paper", [NEEDS], indirect=True)
def test_the_form_asks_for_what_only_this_rule_needs(
    session: Session, clock: FixedClock, login: Login, paper: None
) -> None:
    season = make.signed(session, clock)
    make.with_file(session, clock, season)
    url = f"/settlement/years/{season.contract_id}/annual"
    insurer = login("insurer_preparer", of=season.case.insurer)
    assert "质量改进费用" in insurer.get(url).get_data(as_text=True)
    form = {
        "claims_paid": str(make.BENEFIT), "recoveries": "0", "recovery_cases": "0", "reserve_open": "0",
        "reserve_close": "100", "source_reserve_close": "精算报告", "direct_expense": "0", "allocated_expense": "0",
        "interest": "0", "taxes": "0", "commission": "0",
    }  # fmt: skip
    assert insurer.submit(insurer.get(url), form).status_code == 400
    more = {"quality_expense": "200", "source_quality_expense": "专账", "risk_reserve_open": "5000",
            "source_risk_reserve_open": "银行对账单"}  # fmt: skip
    assert insurer.submit(insurer.get(url), {**form, **more}).status_code == 200
    row = session.exec(select(AnnualFigures)).one()
    assert (row.quality_expense, row.risk_reserve_open) == (Decimal("200.00"), Decimal("5000.00"))
    assert row.sources["risk_reserve_open"] == "银行对账单"
    page = insurer.get(f"/settlement/years/{season.contract_id}/figures").get_data(as_text=True)
    assert "风险调节金年初余额" in page


@pytest.mark.parametrize("paper", [NEEDS], indirect=True)
def test_of_several_assessments_the_form_asks_which_counts(
    session: Session, clock: FixedClock, login: Login, paper: None
) -> None:
    season = make.ready(session, clock, "600000.00", quality_expense=Decimal("0.00"), risk_reserve_open=Decimal("0.00"))
    for period, score in (("上半年", "90"), ("下半年", "80")):
        with transaction(session):
            contract_services.assess(
                session, season.case.handler, clock, season.contract_id, period=period, deduction=Decimal("0.00"),
                indicators=[{"indicator": "服务水平", "weight": "1", "score": score, "note": ""}],
            )  # fmt: skip
    handler = login("handler", of=season.case.department)
    url = f"/settlement/years/{season.contract_id}"
    page = handler.get(url).get_data(as_text=True)
    assert "采用的考核结果" in page
    assert "下半年 80" in page
    choice = {"cause": "operating", "assessment": "2"}
    sheet = handler.submit(handler.get(url), choice, action="/settlement/years").get_data(as_text=True)
    assert "240,000.00" in sheet
    assert "考核预留" in sheet


@pytest.mark.parametrize("paper", [CAUSES], indirect=True)
def test_a_finding_may_divide_nothing(session: Session, clock: FixedClock, login: Login, paper: None) -> None:
    season = make.ready(session, clock, "-1200000.00")
    row = make.decided(session, clock, season, None, None, attributable="300000.00")
    handler = login("handler", of=season.case.department)
    page = handler.get(f"/settlement/decisions/{row.id}").get_data(as_text=True)
    assert "本文件认定金额" in page
    form = handler.get(f"/settlement/years/{season.contract_id}/decision").get_data(as_text=True)
    assert "仅认定政策性亏损金额" in form
    assert session.exec(select(PolicyLossDecision.insurer_part)).one() is None


@pytest.mark.parametrize("paper", [POOL], indirect=True)
def test_list_desk_and_run_say_what_is_awaited_and_from_whom(
    app: Flask, session: Session, clock: FixedClock, login: Login, paper: None
) -> None:
    first = make.ready(session, clock, "2700000.00")
    second = make.signed(session, clock, contracts.others(session, clock, first.case))
    insurer = second.case.insurer.name
    handler = login("handler", of=first.case.department)
    awaited = f"合同{second.number}：年度数据未经确认（待{insurer}办理）"
    there = f'href="/settlement/years/{second.contract_id}"'
    page = handler.get("/settlement/").get_data(as_text=True)
    assert "待补资料" in page
    assert f"{awaited}，另有1项" in page  # and no claim file
    assert page.count(there) >= 2
    assert 'value="awaiting"' in page
    desk = handler.get("/desk").get_data(as_text=True)
    assert awaited in desk
    assert f"合同{second.number}：" in desk.split(awaited)[1]  # the claim file beside it
    assert f'/settlement/years/{first.contract_id}#prepare' not in desk
    # The insurer reads what is awaited; the page of the other is not its own.
    own = login("insurer_signer", of=first.case.insurer)
    page = own.get("/settlement/").get_data(as_text=True)
    assert awaited in page
    assert there not in page
    assert there not in own.get("/desk").get_data(as_text=True)
    with transaction(session):
        run = runs.ask_dry_run(session, first.case.handler, clock, year=2017, queue=False)
        run_id = run.id or 0
    carry_out(session, first.case.handler, clock, run_id)
    page = handler.get(f"/settlement/runs/{run_id}").get_data(as_text=True)
    assert awaited in page
    assert there in page
    item = next(one for one in runs.items_of(session, run_id) if one.contract_id == first.contract_id)
    page = handler.get(f"/settlement/runs/{run_id}/contracts/{item.id}").get_data(as_text=True)
    assert "目前尚待" in page
    assert page.count(there) == 2  # figures, claim file
    make.with_file(session, clock, second)
    make.with_figures(session, clock, second, "-300000.00")
    assert second.number in handler.get("/settlement/?stage=ready").get_data(as_text=True)
    assert second.number not in handler.get("/settlement/?stage=awaiting").get_data(as_text=True)
    assert f"/settlement/years/{first.contract_id}#prepare" in handler.get("/desk").get_data(as_text=True)
