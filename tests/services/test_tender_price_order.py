"""Price sheets with unit price and total: kept as read, corrected by the rule, confirmed by the bidder, published."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.money import rmb_upper
from tender import seal, services
from tender.models import BidResult, EnvelopeKind, PriceSheet, Tender
from tender.seal.container import as_json
from tender.services.letters import answer_letter, ask_confirmation, note_other_price
from tender.services.papers_review import price_sheet
from tender.services.published_ranking import ranking_document
from tests.factories import tender as make
from tests.support.pages import signed_in

#: What each of the insurers writes: price, total (two million insured for three years), and the corrected pair.
SHEETS = (
    ("36.50", "219000000.00", [], "36.50", "219000000.00"),
    ("370.00", "222000000.00", [3], "37.00", "222000000.00"),
    ("38.00", "220000000.00", [4], "38.00", "228000000.00"),
    ("39.00", None, [], "39.00", None),
)


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=len(SHEETS))


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """The prices are open: of four sheets one has a slip, one a wrong total, one states no total."""
    found = make.published(session, clock, people)
    for insurer, (price, total, *_) in zip(people.insurers, SHEETS, strict=True):
        sheet = {"price": price, "price_in_words": rmb_upper(Decimal(price))}
        if total:
            sheet |= {"quantity": "6000000", "total": total, "total_in_words": rmb_upper(Decimal(total))}
        lot, technical, _ = make.uploaded(session, clock, insurer, found, price)
        container = seal.build(found.number, 1, "price", [seal.File("price-sheet.json", as_json(sheet))])
        key = services.tender_keys(session, found.id or 0)[EnvelopeKind.PRICE]
        with transaction(session):
            envelope = services.upload_envelope(
                session, insurer, clock, lot, EnvelopeKind.PRICE,
                seal.seal_envelope(container, key.recipient), seal.commitment_of(container),
            )  # fmt: skip
            session.flush()
            number = envelope.id or 0
        make.submit(session, clock, insurer, lot, technical, number, f"key-{price}")
    make.opened(session, clock, people, found, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, found)
    make.scored(session, clock, people, found)
    make.opened(session, clock, people, found, EnvelopeKind.PRICE)
    return found


def sheet_of(session: Session, tender: Tender, insurer: make.Actor) -> PriceSheet:
    found = price_sheet(session, make.bid_of(session, tender, insurer))
    assert found is not None
    return found


def confirmed(session: Session, clock: FixedClock, people: make.Cast, tender: Tender, *insurers: make.Actor) -> None:
    """The chair asks these bidders, and they confirm."""
    chair = make.committee(session, people, tender)[0]
    for insurer in insurers:
        with transaction(session):
            letter = ask_confirmation(session, chair, clock, make.bid_of(session, tender, insurer).id or 0, minutes=60)
        with transaction(session):
            answer_letter(session, insurer, clock, letter.id or 0, answer="", confirmed=True)


def test_the_opening_keeps_a_sheet_as_it_was_read_beside_what_the_rule_makes_of_it(
    session: Session, people: make.Cast, tender: Tender
) -> None:
    for insurer, (price, total, steps, corrected, other) in zip(people.insurers, SHEETS, strict=True):
        sheet = sheet_of(session, tender, insurer)
        assert (sheet.price, sheet.beside) == (Decimal(price), Decimal(total) if total else None)
        assert [step["number"] for step in sheet.steps] == steps
        assert sheet.corrected_price == Decimal(corrected)
        assert sheet.corrected_beside == (Decimal(other) if other else None)
        assert sheet.term_total == Decimal(corrected) * 6_000_000
    record = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "opening_record")).all()[-1]
    announced = record.inputs["context"]["bids"][1]
    assert (announced["price"], announced["beside"]["before"]) == ("370.00", "222000000.00")
    assert "单价370.00元小数点明显错位" in announced["remark"]


def test_corrected_bids_are_asked_and_stand_in_report_and_published_inputs(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="waits"), transaction(session):
        services.evaluate(session, people.handler, clock, tender.id or 0)
    confirmed(session, clock, people, tender, *people.insurers[1:3])
    letters = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "clarification_letter")).all()
    assert [row.inputs["context"]["prices"]["steps"][0]["number"] for row in letters] == [3, 4]
    with transaction(session):
        services.evaluate(session, people.handler, clock, tender.id or 0)
    results = session.exec(select(BidResult).order_by(BidResult.rank)).all()  # type: ignore[arg-type]
    assert [row.rank for row in results] == [1, 2, 3, 4]
    report = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "evaluation_report")).one()
    lines = report.inputs["context"]["lots"][0]["corrections"]
    assert [(line["steps"][0]["number"], line["confirmed"]) for line in lines] == [(3, True), (4, True)]

    document = ranking_document(session, tender)
    session.rollback()
    file = tmp_path / "ranking.json"
    command = ["tender", "rank", str(file), "--json"]
    file.write_text(json.dumps(document), "utf-8")
    done = app.test_cli_runner().invoke(args=command)
    assert done.exit_code == 0, done.output
    assert [len(row["steps"]) for row in json.loads(done.output)["corrections"]] == [1, 1]
    bid = next(bid for bid in document["lots"][0]["bids"] if bid["corrections"])
    bid["price"] = "36.90"
    file.write_text(json.dumps(document), "utf-8")
    changed = app.test_cli_runner().invoke(args=command)
    assert changed.exit_code == 1
    assert f"bid {bid['number']}: price is stated as 36.90, corrected to" in changed.output


def test_the_chair_records_another_price_and_the_sheet_governs(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    chair, other = make.committee(session, people, tender)[:2]
    bidder = people.insurers[0]
    bid = make.bid_of(session, tender, bidder).id or 0
    said = {"price": Decimal("30.00"), "place": "分项报价表第2页"}
    for person, wrong, refusal in (
        (other, {}, Forbidden), (chair, {"price": Decimal("36.50")}, Invalid), (chair, {"place": " "}, Invalid),
    ):  # fmt: skip
        with pytest.raises(refusal), transaction(session):
            note_other_price(session, person, clock, bid, **{**said, **wrong})
    with pytest.raises(NotFound), transaction(session):
        note_other_price(session, chair, clock, 10**6, **said)
    with transaction(session):
        note_other_price(session, chair, clock, bid, **said)
    sheet = sheet_of(session, tender, bidder)
    assert (sheet.corrected_price, [step["number"] for step in sheet.steps]) == (Decimal("36.50"), [1])
    confirmed(session, clock, people, tender, *people.insurers[:3])
    with pytest.raises(Refused, match="already asked"), transaction(session):
        note_other_price(session, chair, clock, bid, **said)


@pytest.mark.databases("sqlite")
def test_the_committee_and_the_bidder_read_every_step_on_their_pages(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    number, leader = tender.id, make.committee(session, people, tender)[0]
    first, slipped = (make.bid_of(session, tender, insurer).id for insurer in people.insurers[:2])
    session.rollback()
    chair, bidder = signed_in(app, session, leader), signed_in(app, session, people.insurers[1])
    page = chair.get(f"/tenders/{number}/letters")
    assert "单价370.00元小数点明显错位" in page.text
    assert "总价220,000,000.00元与按单价" in page.text
    form = chair.get(f"/tenders/{number}/letters/{first}/other-price")
    after = chair.submit(form, {"price": "30.00", "place": "分项报价表第2页"}, button="保存")
    assert "投标文件其他内容（分项报价表第2页）所载报价30.00元" in after.text
    form = chair.get(f"/tenders/{number}/letters/{slipped}/correction")
    chair.submit(form, {"minutes": "60"}, button="保存")
    session.rollback()
    letter = bidder.get(f"/tenders/opportunities/{number}/letters/1")
    assert "以开标一览表总价222,000,000.00元为准" in letter.text
    answered = bidder.submit(letter, {"confirmed": "yes"}, button="提交答复")
    assert "答复已送达评标委员会" in answered.text
