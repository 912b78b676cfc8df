"""The tender's pages as the people of one tender use them, stage by stage; each page is checked by the client."""

import re
from io import BytesIO

import pytest
from flask import Flask
from sqlmodel import Session

from core.clock import FixedClock, beijing
from core.db import transaction
from core.identity import approvals
from core.identity.models import Organisation
from tender import services
from tender.models import EnvelopeKind, Tender
from tests.conftest import visitor
from tests.factories import tender as make
from tests.support.clients import CheckingClient
from tests.support.pages import signed_in


@pytest.fixture
def people(app: Flask, session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def test_a_handler_prepares_a_tender_in_the_browser(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    handler = signed_in(app, session, people.handler)
    page = handler.submit(
        handler.get("/tenders/new"),
        {
            "source": "pack:jilin-2016", "number": "YSDB-2016-ZB-09", "title": "演示项目", "budget": "240,000,000",
            "term_from": "2017-01-01", "term_until": "2019-12-31", "bid_security": "1000000",
            "performance_security_rate": "5", "bid_valid_days": "90", "contact_name": "演示经办人",
            "contact_telephone": "0400", "purchaser_address": "演示市", "opening_place": "演示中心", "media": "演示网",
        },
    )  # fmt: skip
    assert page.status_code == 200
    assert "盈亏调控办法" in page.text
    number = int(page.request.path.split("/")[2])
    lot = handler.get(f"/tenders/{number}/lots/1")
    assert "/policies/jilin-2016?on=2017-01-01#incentives" in lot.text, "what each reading leads to"
    page = handler.submit(
        lot,
        {
            "name": "新农合大病保险", "area": "全省", "insured_count": "2000000", "ceiling": "40.00",
            "budget": "240000000", "winners": "2", "split": "60\n40", "expense_cap_rate": "4",
            "instalments": "60 03-31\n40 09-30",
        },
    )  # fmt: skip
    assert "2,000,000" in page.text
    page = handler.submit(
        handler.get(f"/tenders/{number}/lots/1/history"),
        {"year": "2015", "insured_count": "1950000", "premium": "68250000", "claims_paid": "67100000",
         "beneficiaries": "9800", "cases": "21400", "compliant_cost": "240000000"},
    )  # fmt: skip
    assert "68,250,000.00" in page.text
    page = handler.submit(
        handler.get(f"/tenders/{number}/timetable"),
        {"notice_on": "2016-08-08", "deadline": "2016-08-20T09:30"},
        button="保存",
    )
    checks = handler.get(f"/tenders/{number}")
    assert "2016-08-28" in checks.text  # the earliest lawful deadline, 20 days after the notice
    for part in ("basics", "fields", "conditions", "criteria", "keys"):
        assert handler.get(f"/tenders/{number}/{part}").status_code == 200


def test_two_people_publish_and_the_page_then_tells_no_number_of_bids(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.prepared(session, clock, people)
    clock.move_to(beijing(2016, 8, 8, 9))
    number = tender.id
    handler = signed_in(app, session, people.handler)
    page = handler.get(f"/tenders/{number}")
    handler.submit(page, action="/publish")
    approver = signed_in(app, session, people.approver)
    waiting = approver.get(f"/tenders/{number}")
    assert "/approvals/" in waiting.text
    session.expire_all()
    with transaction(session):
        asked = approvals.pending(session, "tender.publish", ("tender", number))
        assert asked is not None
        approvals.approve(session, people.approver, clock, asked.id or 0)
    before = handler.get(f"/tenders/{number}").text
    make.submitted(session, clock, people.insurers[0], tender, "37.00")
    after = handler.get(f"/tenders/{number}").text
    assert without_time(after) == without_time(before)


def without_time(text: str) -> str:
    """A page without its tokens, which differ each time."""
    return re.sub(r'name="(csrf_token|once)" value="[^"]*"', "", text)


def test_an_insurer_bids_with_files_sealed_elsewhere(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    number, insurer = tender.id, signed_in(app, session, people.insurers[0])
    base = f"/tenders/opportunities/{number}"
    assert tender.number in insurer.get("/tenders/opportunities").text
    insurer.submit(insurer.get(base), action="/documents")
    page = insurer.get(f"{base}/bid")
    assert "尚未递交" in page.text
    for kind in EnvelopeKind:
        page = upload(insurer, session, tender, kind)
    page = insurer.submit(page, {"1-security-payer_account": "演示账户"}, action="/security")
    page = insurer.submit(page, {"1-submit-entitled": "y"}, action="/submit")
    assert f"{tender.number}-1-" in page.text
    receipt = insurer.get(f"{base}/receipts/{receipt_number(page.text, tender)}")
    assert receipt.status_code == 200
    other = signed_in(app, session, people.insurers[1])
    assert other.get(f"{base}/receipts/{receipt_number(page.text, tender)}").status_code == 404


def receipt_number(text: str, tender: Tender) -> str:
    """The receipt number printed on a page."""
    return re.search(re.escape(tender.number) + r"-1-\w{4}-\w{4}", text).group()  # type: ignore[union-attr]


def upload(client: CheckingClient, session: Session, tender: Tender, kind: EnvelopeKind):  # type: ignore[no-untyped-def]
    """Send a sealed file with the form that works without a script."""
    ciphertext, commitment = make.sealed(session, tender, 1, kind, "37.00")
    session.rollback()
    name = f"1-{kind.value}"
    page = client.get(f"/tenders/opportunities/{tender.id}/bid")
    return client.submit(
        page,
        {f"{name}-commitment": commitment, f"{name}-sealed": (BytesIO(ciphertext), "bid.age")},
        action=f"/envelopes/{kind.value}",
        button="上传加密文件",
    )


def test_plaintext_is_refused_on_the_page_with_its_reason(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
    insurer = signed_in(app, session, people.insurers[0])
    page = insurer.get(f"/tenders/opportunities/{tender.id}/bid")
    answer = insurer.submit(
        page,
        {"1-technical-commitment": "a" * 64, "1-technical-sealed": (BytesIO(b"%PDF-1.7 plain"), "bid.age")},
        action="/envelopes/technical",
        button="上传加密文件",
    )
    assert answer.status_code == 409


def test_everybody_walks_from_the_opening_to_the_award(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    number = tender.id
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    handler = signed_in(app, session, people.handler)
    for part in ("", "/opening", "/qualification"):
        assert handler.get(f"/tenders/{number}{part}").status_code == 200
    first = make.bid_of(session, tender, people.insurers[0]).id
    session.rollback()
    assert "承办服务方案.pdf" in handler.get(f"/tenders/{number}/qualification/{first}").text
    make.reviewed(session, clock, people, tender)
    expert = signed_in(app, session, make.committee(session, people, tender)[0])
    assert expert.get(f"/tenders/{number}/committee").status_code == 200
    page = expert.get(f"/tenders/{number}/scoring/1")
    assert page.status_code == 200
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    assert "36.50" in handler.get(f"/tenders/{number}/result").text
    assert handler.get(f"/tenders/{number}/award").status_code == 200
    make.awarded(session, clock, people, tender)
    for part in ("", "/award", "/result", "/opening"):
        assert handler.get(f"/tenders/{number}{part}").status_code == 200
    winner = signed_in(app, session, people.insurers[0])
    assert "中标通知书" in winner.get(f"/tenders/opportunities/{number}").text
    loser = signed_in(app, session, people.insurers[2])
    text = loser.get(f"/tenders/opportunities/{number}").text
    assert "评审结果告知书" in text
    assert "中标通知书" not in text


@pytest.mark.parametrize("path", ["", "/prepare", "/result", "/opening", "/award"])
def test_insurers_see_none_of_the_departments_pages(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, path: str
) -> None:
    tender = make.prepared(session, clock, people)
    number = tender.id
    session.rollback()
    assert signed_in(app, session, people.insurers[0]).get(f"/tenders/{number}{path}").status_code == 403


def test_two_people_correct_a_tender_and_a_taker_confirms_on_the_page(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    number, base = tender.id, f"/tenders/opportunities/{tender.id}"
    make.submitted(session, clock, people.insurers[0], tender, "37.00")
    clock.move_to(beijing(2016, 8, 25, 9))
    handler = signed_in(app, session, people.handler)
    late = handler.submit(
        handler.get(f"/tenders/{number}/correct"), {"reason": "补充说明", "field-exclusions": "依法不予支付的费用。"}
    )
    assert "2016-09-09" in late.text  # 15 days after the change
    page = handler.submit(late, {"deadline": "2016-09-12T09:30"})
    assert "依法不予支付的费用。" in page.text
    approver = signed_in(app, session, people.approver)
    assert "2016年9月12日9时30分" in approver.get(f"/tenders/{number}").text
    session.expire_all()
    with transaction(session):
        asked = approvals.pending(session, "tender.correct", ("tender", number))
        assert asked is not None
        approvals.approve(session, people.approver, clock, asked.id or 0)
    insurer = signed_in(app, session, people.insurers[0])
    assert "阅读并确认第1号更正公告" in insurer.get("/desk").text
    assert "递交于第1号更正公告之前" in insurer.get(f"{base}/bid").text
    page = insurer.submit(insurer.get(base), action="/confirm")
    assert "已确认" in page.text


def test_a_cancelled_tender_names_its_bidders_to_finance_only(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    number = tender.id
    make.submitted(session, clock, people.insurers[0], tender, "37.00")
    handler = signed_in(app, session, people.handler)
    handler.submit(handler.get(f"/tenders/{number}/cancel"), {"reason": "政策调整，任务取消"})
    approver = signed_in(app, session, people.approver)
    assert "政策调整，任务取消" in approver.get(f"/tenders/{number}").text
    session.expire_all()
    with transaction(session):
        asked = approvals.pending(session, "tender.cancel", ("tender", number))
        assert asked is not None
        approvals.approve(session, people.approver, clock, asked.id or 0)
    name = session.get_one(Organisation, people.insurers[0].organisation_id).name
    session.rollback()
    assert name not in handler.get(f"/tenders/{number}/award").text
    finance = signed_in(app, session, people.finance)
    page = finance.get(f"/tenders/{number}/award")
    assert name in page.text
    assert "终止公告" in finance.get(f"/tenders/{number}").text
    finance.submit(page, action="/refund")


def test_a_low_price_is_asked_about_explained_and_decided_on_the_pages(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    with transaction(session):
        tender.rule_set = "LOW_PRICE_2026"
    number = tender.id
    for insurer, price in zip(people.insurers, ("17.00", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.opened(session, clock, people, tender, EnvelopeKind.PRICE)
    bid = make.bid_of(session, tender, people.insurers[0]).id
    leader = make.committee(session, people, tender)[0]
    session.rollback()
    chair = signed_in(app, session, leader)
    assert "审查异常低价" in chair.get("/desk").text
    assert "明显低于最高限价" in chair.get(f"/tenders/{number}/prices").text
    page = chair.submit(chair.get(f"/tenders/{number}/prices/{bid}/ask"), {"minutes": "30"})
    assert "已要求说明" in page.text
    bidder = signed_in(app, session, people.insurers[0])
    assert "立即说明报价合理性" in bidder.get("/desk").text
    path = f"/tenders/opportunities/{number}/prices/{bid}"
    page = bidder.submit(bidder.get(path), {"explanation": "附成本和赔付测算。"})
    assert "附成本和赔付测算。" in page.text
    other = signed_in(app, session, people.insurers[1])
    assert other.get(path).status_code == 404
    page = chair.submit(chair.get(f"/tenders/{number}/prices/{bid}/decide"), {"proven": "yes", "reason": "测算完整。"})
    assert "已证明" in page.text


def test_a_winner_that_declines_is_recorded_by_two_people_on_the_page(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.won(session, clock, people)
    number = tender.id
    award = services.awards_by_tender(session, number or 0)[0].id
    session.rollback()
    handler = signed_in(app, session, people.handler)
    form = handler.get(f"/tenders/{number}/awards/{award}/declined")
    page = handler.submit(form, {"route": "next", "reason": "书面放弃中标资格。"})
    assert "书面放弃中标资格。" in page.text
    session.expire_all()
    with transaction(session):
        asked = approvals.pending(session, "tender.replace", ("tender", number))
        assert asked is not None
        approvals.approve(session, people.approver, clock, asked.id or 0)
    page = handler.get(f"/tenders/{number}/award")
    assert "已拒签" in page.text
    assert "38.00" in page.text


def test_a_query_is_lodged_answered_and_followed_by_a_complaint_on_the_pages(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    number = tender.id
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, number or 0)
    insurer = signed_in(app, session, people.insurers[0])
    letter = {
        "about": "document", "address": "演示市", "postcode": "130000", "contact": "演示联系人", "telephone": "0400",
        "matters": "请求删除不合理条件。", "facts": "条件过严。", "basis": "实施条例第20条",
    }  # fmt: skip
    assert insurer.submit(insurer.get(f"/tenders/opportunities/{number}/query"), letter).status_code == 200
    handler = signed_in(app, session, people.handler)
    assert "答复第1号质疑" in handler.get("/desk").text
    assert "第1号质疑" in handler.get(f"/tenders/{number}").text
    reply = {"outcome": "unfounded", "reply": "条件有法律依据。"}
    page = handler.submit(handler.get("/tenders/queries/1/reply"), reply)
    assert "条件有法律依据。" in page.text
    session.expire_all()
    with transaction(session):
        asked = approvals.pending(session, "tender.reply", ("supplier_query", 1))
        assert asked is not None
        approvals.approve(session, people.approver, clock, asked.id or 0)
    assert "质疑答复函" in insurer.get(f"/tenders/opportunities/{number}").text
    other = signed_in(app, session, people.insurers[1])
    assert "质疑答复函" not in other.get(f"/tenders/opportunities/{number}").text
    complaint = {
        "authority": "演示省财政主管部门", "received_on": "2016-08-08", "notified_on": "2016-08-08",
        "lodged_on": "2016-08-08", "history": "质疑已答复，不成立。", "matters": "请求认定条件不合理。",
        "facts": "条件过严。", "basis": "实施条例第20条",
    }  # fmt: skip
    page = handler.submit(handler.get("/tenders/queries/1/complaint"), complaint)
    assert "演示省财政主管部门" in page.text
    handler.submit(handler.get("/tenders/queries/1/complaint/statement"), {"text": "条件有法律依据。"})
    decision = {"outcome": "founded", "decided_on": "2016-08-08", "decision": "责令修改。"}
    page = handler.submit(handler.get("/tenders/queries/1/complaint/decision"), decision)
    assert "暂停签订合同" in page.text
    page = handler.submit(handler.get("/tenders/queries/1/carried-out"), {"text": "已发布更正公告。"})
    assert "已发布更正公告。" in page.text
    guest = visitor(app, session)
    assert "暂无公开的质疑" in guest.get(f"/tenders/register/{number}").text


def test_lots_terms_and_the_scoring_table_are_corrected_on_their_pages(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    number = make.published(session, clock, people).id or 0
    handler = signed_in(app, session, people.handler)
    page = handler.get(f"/tenders/{number}/correct")
    assert "更正不得改变采购标的" in page.text
    broken = handler.submit(page, {"reason": "测算调整", "lot-1-instalments": "六成"}, button="送第二人审批")
    assert broken.status_code == 400
    dear = handler.submit(
        handler.get(f"/tenders/{number}/correct"), {"reason": "测算调整", "lot-1-ceiling": "41.00"},
        button="送第二人审批",
    )  # fmt: skip
    assert dear.status_code in (400, 409)
    assert "超过" in dear.text
    handler.submit(
        handler.get(f"/tenders/{number}/correct"),
        {"reason": "测算调整", "lot-1-ceiling": "39.50", "lot-1-expense_cap_rate": "3"}, button="送第二人审批",
    )  # fmt: skip
    approved(session, clock, people, number)
    shown = handler.get(f"/tenders/{number}").text
    assert "39.50元/人·年" in shown
    assert "保费的3%" in shown
    moved = handler.submit(
        handler.get(f"/tenders/{number}/correct/criteria"), {"reason": "更正评分标准"}, button="上移第2行"
    )
    handler.submit(moved, {}, button="送第二人审批")
    approved(session, clock, people, number)
    assert "第2号" in handler.get(f"/tenders/{number}").text


def test_another_price_is_corrected_with_the_ceiling_of_its_unit(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    number = make.published(session, clock, people).id or 0
    handler = signed_in(app, session, people.handler)
    address = f"/tenders/{number}/correct"
    typed = {"reason": "改为费率报价", "lot-1-price_object": "fee_rate"}
    both = handler.submit(handler.get(address), typed, button="送第二人审批")
    assert both.status_code == 400
    assert "请按报价对象的单位填写最高限价" in both.text
    assert "该报价对象不填" in both.text
    typed |= {"lot-1-ceiling": "", "lot-1-ceiling_rate": "8"}
    handler.submit(handler.get(address), typed | {"few_valid_go_on": True}, button="送第二人审批")
    approved(session, clock, people, number)
    shown = handler.get(f"/tenders/{number}").text
    for words in ("承办服务费率", "8.00%", "评标委员会继续评审"):
        assert words in shown


def approved(session: Session, clock: FixedClock, people: make.Cast, number: int) -> None:
    """The second person approves the correction that waits."""
    session.expire_all()
    with transaction(session):
        asked = approvals.pending(session, "tender.correct", ("tender", number))
        assert asked is not None
        approvals.approve(session, people.approver, clock, asked.id or 0)
