"""A published tender changes or ends by two people: corrigenda, moved deadlines, cancellation; bids stay sealed."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Invalid, Refused
from core.messages.models import Message
from tender import services
from tender.models import BidSecurity, Notice, NoticeKind, SealedEvent, Tender, TimetableEntry
from tender.rules.stages import Stage
from tender.rules.words import PriceObject, Scheme
from tender.services.correctable import matters, read_table
from tender.services.correcting import confirmed, corrigenda, submitted_before
from tender.services.drafts import LotDraft
from tender.services.securities import securities_to_refund
from tender.starting import CriterionDraft
from tests.factories import tender as make

#: Bids close on 6 September 2016; 22 August is the last day on which a change leaves 15 days.
LAST_FREE_DAY, FIRST_LATE_DAY = beijing(2016, 8, 22, 17), beijing(2016, 8, 23, 9)


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    return make.published(session, clock, people)


def corrected(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, correction: services.Correction
) -> Notice:
    """A correction asked for by the handler and approved by another person."""
    with transaction(session):
        asked = services.request_correction(session, people.handler, clock, tender.id or 0, correction)
    return make.approve(session, clock, people, asked.id)  # type: ignore[return-value]


def new_text(deadline: datetime | None = None) -> services.Correction:
    """A changed mandatory field, which bidders answer to."""
    return services.Correction(
        reason="补充服务要求", fields={"service_requirements": "每乡设服务网点。"}, deadline=deadline
    )


@pytest.mark.parametrize(
    ("at", "deadline", "allowed"),
    [
        (LAST_FREE_DAY, None, True),
        (FIRST_LATE_DAY, None, False),
        (FIRST_LATE_DAY, beijing(2016, 9, 6, 18), False),
        (FIRST_LATE_DAY, beijing(2016, 9, 7, 9, 30), True),
    ],
)
def test_a_change_inside_fifteen_days_moves_the_deadline(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, at: datetime,
    deadline: datetime | None, allowed: bool,
) -> None:  # fmt: skip
    clock.move_to(at)
    if not allowed:
        with pytest.raises(Invalid, match="move the deadline") as refused:
            corrected(session, clock, people, tender, new_text(deadline))
        assert refused.value.field == "deadline"
        assert "第31条" in (refused.value.clause or "")
        return
    corrected(session, clock, people, tender, new_text(deadline))
    session.refresh(tender)
    assert tender.deadline == (deadline or make.DEADLINE)


def test_the_deadline_never_moves_back(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    earlier = services.Correction(reason="提前开标", affects_bids=False, deadline=beijing(2016, 9, 5, 9, 30))
    with pytest.raises(Invalid, match="only moves forward"):
        corrected(session, clock, people, tender, earlier)


@pytest.mark.parametrize(
    ("correction", "words"),
    [
        (services.Correction(reason=" ", opening_place="演示厅"), "Say why"),
        (services.Correction(reason="更正"), "Nothing is changed"),
        (services.Correction(reason="更正", documents_until=datetime(2016, 8, 9).date()), "were promised"),  # noqa: DTZ001
        (services.Correction(reason="更正", clarification_until=beijing(2016, 9, 6, 9, 30)), "Questions end"),
    ],
)
def test_a_correction_that_says_nothing_or_shortens_a_period_is_refused(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, correction: services.Correction, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        corrected(session, clock, people, tender, correction)


def test_the_notice_shows_both_sides_and_the_tender_document_gets_its_next_version(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    clock.move_to(FIRST_LATE_DAY)
    notice = corrected(session, clock, people, tender, new_text(beijing(2016, 9, 12, 9, 30)))
    assert [change["after"] for change in notice.changes] == ["2016年9月12日9时30分", "每乡设服务网点。"]
    assert notice.changes[0]["before"] == "2016年9月6日9时30分"
    versions = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "tender_document")).all()
    assert sorted(row.version for row in versions) == [1, 2]
    assert len({row.number for row in versions}) == 1
    planned = session.exec(select(TimetableEntry.day).where(TimetableEntry.step == "T09")).one()
    assert planned.isoformat() == "2016-09-12"


def test_a_standing_bid_stays_and_is_marked_and_takers_confirm_in_secret(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    early, late = people.insurers[:2]
    make.submitted(session, clock, early, tender, "37.00")
    with transaction(session):
        services.take_documents(session, late, clock, tender.id or 0)
    clock.move_to(LAST_FREE_DAY)
    notice = corrected(session, clock, people, tender, new_text())
    clock.advance(minutes=1)
    make.submitted(session, clock, late, tender, "38.00")
    assert submitted_before(session, make.bid_of(session, tender, early)) == [1]
    assert submitted_before(session, make.bid_of(session, tender, late)) == []
    with transaction(session):
        for _again in (1, 2):
            services.confirm_corrigendum(session, early, clock, notice.id or 0)
    told = session.exec(select(Message).where(Message.key.contains("notice"))).all()  # type: ignore[attr-defined]
    assert {row.recipient_id for row in told} == {early.user_id, late.user_id}  # the takers, and nobody else
    assert confirmed(session, notice, early.organisation_id or 0)
    assert not confirmed(session, notice, late.organisation_id or 0)
    events = [row.body["action"] for row in session.exec(select(SealedEvent))]
    assert events.count("tender:corrigendum:confirm") == 1
    with pytest.raises(Refused), transaction(session):
        services.confirm_corrigendum(session, people.insurers[2], clock, notice.id or 0)


def standing_lot(**changes: object) -> LotDraft:
    """The one lot of the test tender as published, with these changes."""
    return replace(make.lot(), **changes)  # type: ignore[arg-type]


def table(session: Session, tender: Tender) -> list[CriterionDraft]:
    """The scoring table as it stands."""
    return read_table(matters(session, tender)["criteria"].standing)


def test_ceiling_budget_terms_and_table_change_with_both_sides_and_a_new_version(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    clock.move_to(LAST_FREE_DAY)
    first, second, *rest = table(session, tender)
    more, less = replace(first, points=first.points + 1), replace(second, points=second.points - 1)
    fitted = [
        replace(line, options=tuple({**one, "points": str(line.points)} if at == 0 else dict(one)
                                    for at, one in enumerate(line.options)))
        for line in (more, less)
    ]  # fmt: skip
    notice = corrected(session, clock, people, tender, services.Correction(
        reason="测算参数调整", affects_bids=False, budget=Decimal("200000000.00"),
        lots={1: standing_lot(ceiling=Decimal("30.00"), budget=Decimal("200000000.00"))},
        terms={1: make.terms(sharing_reading="slice", expense_cap_rate=Decimal("0.03"))},
        criteria=[*fitted, *rest],
    ))  # fmt: skip
    shown = {change["field"]: (change["before"], change["after"]) for change in notice.changes}
    assert shown["项目预算"] == ("240,000,000.00元", "200,000,000.00元")
    assert shown["第1包最高限价"] == ("40.00元/人·年", "30.00元/人·年")
    assert shown["第1包合同条款：费用列支上限"] == ("保费的4%", "保费的3%")
    assert shown["第1包合同条款：盈亏调控适用方式"][0] != shown["第1包合同条款：盈亏调控适用方式"][1]
    lines = [change for change in notice.changes if change["field"] == "评分标准"]
    assert len(lines) == 2  # the two lines that differ, and no other
    assert f"{first.name}　{first.points.normalize():f}分" in lines[0]["before"]
    assert f"{first.name}　{more.points.normalize():f}分" in lines[0]["after"]
    (lot,) = services.lots_of(session, tender.id or 0)
    assert (lot.ceiling, lot.budget) == (Decimal("30.00"), Decimal("200000000.00"))
    documents = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "tender_document")).all()
    newest = max(documents, key=lambda row: row.version)
    assert newest.version == 2
    assert newest.inputs["context"]["lots"][0]["ceiling"] == "30"
    assert table(session, tender)[0].points == more.points


def test_such_a_change_inside_fifteen_days_moves_the_deadline(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    clock.move_to(FIRST_LATE_DAY)
    lower = services.Correction(reason="更正", affects_bids=False, lots={1: standing_lot(ceiling=Decimal("39.00"))})
    with pytest.raises(Invalid, match="move the deadline"):
        corrected(session, clock, people, tender, lower)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lots": {1: standing_lot(ceiling=Decimal("41.00"))}}, "more than the budget of the lot"),
        ({"budget": Decimal("230000000.00")}, "add up to"),
        ({"lots": {1: standing_lot(split=({"share": "0.50"}, {"share": "0.40"}))}}, "cover the insured exactly"),
        ({"criteria": []}, "not to 100"),
    ],
)
def test_what_could_not_be_published_cannot_be_corrected_to_either(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        corrected(session, clock, people, tender, services.Correction(reason="更正", **changes))  # type: ignore[arg-type]
    session.refresh(tender)
    assert tender.budget == Decimal("240000000.00")
    assert services.lots_of(session, tender.id or 0)[0].ceiling == Decimal("40.00")
    assert corrigenda(session, tender.id or 0) == []


@pytest.mark.parametrize(
    ("rules", "clause"), [("ORDER18_2004", "政府采购法实施条例第31条"), ("ORDER87_2017", "财政部令第87号第27条")]
)
@pytest.mark.parametrize(
    ("changes", "matter"),
    [
        ({"lots": {1: standing_lot(area="长河市")}}, "第1包承办区域"),
        ({"lots": {1: standing_lot(scheme=Scheme.RESIDENT)}}, "第1包承办险种"),
        ({"lots": {1: make.lot(), 2: make.lot(2)}}, "分包"),
        ({"conditions": ["注册地在本省"]}, "资格条件"),
    ],
)
def test_the_subject_and_the_conditions_stand_as_published(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, changes: dict[str, object], matter: str,
    rules: str, clause: str,
) -> None:  # fmt: skip
    with transaction(session):
        tender.rule_set = rules
    with pytest.raises(Refused) as refused:
        corrected(session, clock, people, tender, services.Correction(reason="更正", **changes))  # type: ignore[arg-type]
    assert (refused.value.params["matter"], refused.value.clause) == (matter, clause)


def test_another_price_is_bid_in_its_own_unit_with_both_sides_shown(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    rate = standing_lot(price_object=PriceObject.FEE_RATE, ceiling=Decimal("0.08"), budget=Decimal("200000000.00"))
    notice = corrected(session, clock, people, tender, services.Correction(
        reason="改为费率报价", affects_bids=False, budget=Decimal("200000000.00"), lots={1: rate},
    ))  # fmt: skip
    shown = {change["field"]: (change["before"], change["after"]) for change in notice.changes}
    assert shown == {
        "项目预算": ("240,000,000.00元", "200,000,000.00元"),
        "第1包报价方式": ("人均年保费", "承办服务费率"),
        "第1包最高限价": ("40.00元/人·年", "8.00%"),
        "第1包预算金额": ("240,000,000.00元", "200,000,000.00元"),
    }
    (lot,) = services.lots_of(session, tender.id or 0)
    assert (lot.price_object, lot.ceiling) == (PriceObject.FEE_RATE, Decimal("0.08"))
    documents = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "tender_document")).all()
    newest = max(documents, key=lambda row: row.version)
    assert newest.inputs["context"]["lots"][0]["price_object"] == "fee_rate"


@pytest.mark.parametrize(
    ("changes", "refusal", "words"),
    [
        ({"price_object": PriceObject.FEE_RATE}, Invalid, "ceiling in its unit"),  # 40 yuan are not 4000 %
        ({"price_object": PriceObject.TOTAL_PREMIUM}, Invalid, "ceiling in its unit"),
        ({"price_object": PriceObject.FEE_RATE, "ceiling": Decimal("1.2")}, Refused, "below 100 per cent"),
        ({"price_object": PriceObject.FEE_AMOUNT, "ceiling": Decimal("240000001")}, Refused, "budget of the lot"),
        ({"price_object": PriceObject.FIXED}, Refused, "Price weighs"),  # scored by nothing: the table must change too
    ],
)
def test_another_price_passes_the_checks_of_a_publication(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, changes: dict[str, object],
    refusal: type[Exception], words: str,
) -> None:  # fmt: skip
    correction = services.Correction(reason="更正", lots={1: standing_lot(**changes)})
    with pytest.raises(refusal, match=words):
        corrected(session, clock, people, tender, correction)
    session.rollback()
    assert services.lots_of(session, tender.id or 0)[0].price_object is PriceObject.PREMIUM_PER_HEAD


def test_the_two_printed_choices_change_and_count_as_affecting_the_bids(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    goes_on = services.Correction(reason="更正", affects_bids=False, few_valid_go_on=True)
    notice = corrected(session, clock, people, tender, goes_on)
    assert [(change["field"], change["before"], change["after"]) for change in notice.changes] == [
        ("有效投标不足3家的处理", "本包废标", "评标委员会继续评审")
    ]
    session.refresh(tender)
    assert tender.few_valid_go_on
    with pytest.raises(Refused, match="knows no ratio"):  # Order 18 has no number to raise
        corrected(session, clock, people, tender, services.Correction(reason="更正", low_price_ratio=Decimal("0.6")))
    session.rollback()
    clock.move_to(FIRST_LATE_DAY)
    back = services.Correction(reason="更正", affects_bids=False, few_valid_go_on=False)
    with pytest.raises(Invalid, match="move the deadline"):
        corrected(session, clock, people, tender, back)


def test_a_raised_low_price_ratio_is_printed_and_taken_back(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    shown = matters(session, tender)["low_price_ratio"]
    assert [shown.printed(text) for text in ("0.6", "")] == ["60%", "按规定比例执行"]
    assert shown.write is not None
    shown.write("0.6")
    assert tender.low_price_ratio == Decimal("0.6")
    shown.write("")
    assert tender.low_price_ratio is None


def test_a_correction_decided_after_the_deadline_changes_nothing(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    with transaction(session):
        asked = services.request_correction(session, people.handler, clock, tender.id or 0, new_text())
    clock.move_to(make.DEADLINE)
    with pytest.raises(Refused, match="still sealed"):
        make.approve(session, clock, people, asked.id)
    assert corrigenda(session, tender.id or 0) == []


def test_a_cancelled_tender_leaves_its_bids_sealed_and_finance_pays_back(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    make.submitted(session, clock, people.insurers[0], tender, "37.00")
    with transaction(session):
        asked = services.request_cancellation(session, people.handler, clock, tender.id or 0, "政策调整，任务取消")
    make.approve(session, clock, people, asked.id)
    assert services.stage_of(tender, clock.now()) is Stage.CANCELLED
    notice = session.exec(select(Notice).where(Notice.kind == NoticeKind.CANCELLATION)).one()
    assert notice.reason == "政策调整，任务取消"
    with pytest.raises(Refused):
        make.opened(session, clock, people, tender, make.EnvelopeKind.TECHNICAL)
    held = securities_to_refund(session, tender)
    with transaction(session):
        services.refund_security(session, people.finance, clock, held[0][0].id or 0)
    assert session.exec(select(BidSecurity)).one().refunded_at == clock.now()
    assert securities_to_refund(session, tender) == []


def test_a_tender_cannot_be_cancelled_before_publication_or_without_a_reason(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    with pytest.raises(Invalid, match="falls away"), transaction(session):
        services.request_cancellation(session, people.handler, clock, tender.id or 0, " ")
    draft = make.prepared(session, clock, people, number="YSDB-2016-ZB-02")
    with pytest.raises(Refused), transaction(session):
        services.request_cancellation(session, people.handler, clock, draft.id or 0, "政策调整")
