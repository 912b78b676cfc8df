"""The pages of a contract year under a rule that is measured against an agreed cost: asked for, shown, amended."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from contracts.models import AnnualContract, ContractAmendment
from contracts.rules import TargetPart
from contracts.services import AgreedCost
from core.clock import FixedClock, beijing
from tests.factories import contracts as factory
from tests.factories import settlement as make
from tests.factories.papers import jilin_with
from tests.services.test_agreed_cost import MEASURED
from tests.support.pages import said, signed_in
from tests.web.test_contracts_prepare import TYPED


@pytest.fixture
def paper(monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
    """The Jilin paper whose corridor is measured against an agreed cost."""
    with jilin_with(monkeypatch, tmp_path, **MEASURED):
        yield


def test_the_form_asks_only_where_the_rule_needs_it(app: Flask, session: Session, clock: FixedClock) -> None:
    case = factory.agreed(session, clock)
    clock.move_to(beijing(2016, 12, 26, 9))
    form = signed_in(app, session, case.handler).get(f"/contracts/agreements/{case.agreement_id}/years/2017/prepare")
    assert "约定赔付成本" not in said(form)


def test_it_is_typed_shown_and_amended(app: Flask, session: Session, clock: FixedClock, paper: None) -> None:
    case = factory.agreed(session, clock)
    clock.move_to(beijing(2016, 12, 26, 9))
    handler = signed_in(app, session, case.handler)
    form = handler.get(f"/contracts/agreements/{case.agreement_id}/years/2017/prepare")
    wrong = handler.submit(form, TYPED)
    assert wrong.status_code == 400
    page = handler.submit(wrong, {"target_cost": "29,000,000", "target_part": "amendment"})
    contract = session.exec(select(AnnualContract)).one()
    assert (contract.target_cost, contract.target_part) == (Decimal("29000000.00"), "amendment")
    for shown in ("签约时约定", "29,000,000.00", "由双方以补充协议重新约定"):
        assert shown in said(page), shown
    address = f"/contracts/{contract.id}"
    signer = signed_in(app, session, case.signer)
    signer.submit(signer.get(address), button="代表承保人签署")
    handler.submit(handler.get(address), button="提请投保人签署")
    factory.decide(session, clock, case.approver)
    form = handler.get(f"{address}/amend")
    assert "目前的约定赔付成本为29,000,000.00元" in said(form)
    page = handler.submit(form, {"target_cost": "30000000", "reason": "起付标准降低"})
    assert "作废本草稿" in said(page)
    assert f"{contract.number}-BC-1" in said(page)
    assert f"{contract.number}-BC-1" in said(signer.get("/desk"))
    page = signer.submit(signer.get(address), button="代表承保人签署补充协议")
    assert "待投保人签署" in said(page)
    assert f"{contract.number}-BC-1" in said(handler.get("/desk"))
    handler.submit(handler.get(address), button="提请投保人签署补充协议")
    factory.decide(session, clock, case.approver)
    page = said(handler.get(address))
    for shown in ("双方已签署", "年度保险合同补充协议", "30,000,000.00"):
        assert shown in page, shown
    assert session.exec(select(ContractAmendment)).one().document_id is not None


def test_a_year_that_waits_for_an_amendment_leads_to_its_contract(
    app: Flask, session: Session, clock: FixedClock, monkeypatch: Any, tmp_path: Path
) -> None:
    """A contract signed before the paper asked for an agreed cost."""
    season = make.ready(session, clock, "3000000.00")
    with jilin_with(monkeypatch, tmp_path, **MEASURED):
        handler = signed_in(app, session, season.case.handler)
        page = handler.get(f"/settlement/years/{season.contract_id}")
        assert f"合同{season.number}：没有适用的约定赔付成本" in said(page)
        assert f'href="/contracts/{season.contract_id}#target"' in page.get_data(as_text=True)
        assert "待补资料" in said(handler.get("/settlement/"))
        contract = said(handler.get(f"/contracts/{season.contract_id}"))
        assert "本合同年度尚无适用的约定赔付成本。" in contract
        assert "变更约定赔付成本" in contract
        what_if = handler.get(f"/settlement/years/{season.contract_id}/what-if")
        assert what_if.status_code == 200
        assert "约定赔付成本" in said(what_if)


def test_sheet_and_what_if_show_what_it_is_measured_against(
    app: Flask, session: Session, clock: FixedClock, paper: None
) -> None:
    season = make.signed(session, clock, target=AgreedCost(Decimal("29000000.00"), TargetPart.SHARE))
    handler = signed_in(app, session, season.case.handler)
    address = f"/settlement/years/{season.contract_id}/what-if"
    assert 'value="29,000,000.00"' in handler.get(address).get_data(as_text=True)
    typed = "premium=30000000&claims=27000000&expense=600000&cause=operating&reading=whole"
    page = said(handler.get(f"{address}?{typed}&target=29000000"))
    assert "1,400,000.00" in page
    assert "420,000.00" in page
    assert handler.get(f"{address}?{typed}").status_code == 400  # an address from before does not say it
    make.with_file(session, clock, season)
    make.with_figures(session, clock, season, "3000000.00")
    assert "2,400,000.00" in said(handler.get(f"{address}?{typed}&target=30000000"))
    sheet = handler.get(f"/settlement/sheets/{make.drafted(session, clock, season)}")
    for shown in ("以约定赔付成本为基准", "约定赔付成本 29,000,000.00 元", "行 10＋行 11，不超过限额"):
        assert shown in said(sheet), shown
    assert f'href="/contracts/{season.contract_id}#target"' in sheet.get_data(as_text=True)
