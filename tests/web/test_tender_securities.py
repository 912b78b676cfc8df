"""The finance desk and the award page with securities on time and late; a late refund needs its rate."""

from flask import Flask
from sqlmodel import Session

from core.clock import FixedClock, beijing
from tests.factories import tender as make
from tests.support.pages import signed_in


def test_finance_sees_each_limit_and_records_a_late_refund_with_its_interest(
    app: Flask, session: Session, clock: FixedClock
) -> None:
    people = make.cast(session, clock)
    tender = make.won(session, clock, people)
    tender.awarded_at = beijing(2022, 9, 6, 16)  # the same award under Order 87, whose law knows interest
    session.commit()
    clock.move_to(beijing(2022, 9, 24, 9))
    finance = signed_in(app, session, people.finance)
    desk = finance.get("/desk").text
    assert "退还未中标人投标保证金" in desk
    assert "待签订协议" in desk
    page = finance.get(f"/tenders/{tender.id}/award")
    assert ("逾期10天" in page.text, page.text.count("自签订协议起算")) == (True, 2)
    late = make.bid_of(session, tender, people.insurers[2]).id
    session.rollback()
    form = finance.get(f"/tenders/{tender.id}/securities/{late}/refund")
    refused = finance.submit(form, {}, button="登记退还")
    assert (refused.status_code, "已逾期10天" in refused.text) == (400, True)
    done = finance.submit(
        refused, {"base_rate": "4.35", "rate_source": "中国人民银行公告（演示）"}, button="登记退还"
    )
    assert "支付超期资金占用费1,450.00元，按年利率4.35%上浮20%、一年360天计算" in done.text
    assert "利率来源：中国人民银行公告（演示）" in done.text
