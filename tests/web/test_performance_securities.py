"""The performance security on the desks and on the agreement's page: missing, given, handed over, returned late."""

from flask import Flask
from sqlmodel import Session

from contracts import services
from core.clock import FixedClock, beijing
from core.db import transaction
from tender.models import Tender
from tests.factories import contracts as make
from tests.support.pages import said, signed_in


def test_from_the_warning_before_signing_to_a_late_return(app: Flask, session: Session, clock: FixedClock) -> None:
    case = make.drafted(session, clock)
    session.get_one(Tender, case.tender_id).performance_return_days = 5
    session.commit()
    address = f"/contracts/agreements/{case.agreement_id}"
    insurer = signed_in(app, session, case.signer)
    assert "签订前尚需提交 4,500,000.00 元" in said(insurer.get(address))
    assert "提交履约保证金" in insurer.get("/desk").text
    finance = signed_in(app, session, case.finance)
    assert "收取履约保证金" in finance.get("/desk").text
    form = finance.get(f"{address}/security")
    refused = finance.submit(form, {"form": "bank_guarantee", "reference": "BH-1"}, button="登记")
    assert (refused.status_code, "保函应当填写有效期" in said(refused)) == (400, True)
    page = finance.submit(refused, {"valid_until": "2020-12-31"}, button="登记")
    assert "金融机构保函" in said(page)
    assert "尚需提交 4" not in said(insurer.get(address))
    with transaction(session):
        services.sign_agreement(session, case.signer, clock, case.agreement_id)
    make.approve(session, clock, case, services.request_agency_signature, case.agreement_id)
    clock.move_to(beijing(2020, 1, 8, 9))
    handler = signed_in(app, session, case.handler)
    assert "登记移交" in handler.get("/desk").text
    handler.submit(handler.get(f"{address}/handover"), {"on": "2020-01-06"}, button="登记移交")
    assert "最迟 2020-01-13 退还" in said(handler.get(address))
    clock.move_to(beijing(2020, 1, 23, 9))
    finance = signed_in(app, session, case.finance)
    assert "退还履约保证金" in finance.get("/desk").text
    row = finance.get(address)
    assert "逾期10天" in said(row)
    link = f"{address}/security/1/return"
    page = finance.submit(
        finance.get(link), {"base_rate": "4.35", "rate_source": "中国人民银行公告（演示）"}, button="登记退还"
    )
    assert "支付超期资金占用费6,525.00元" in said(page)
