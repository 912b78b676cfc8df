"""The list of qualified insurers: dated versions, and the one in force on the day of a bid."""

from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlmodel import Session

from core.clock import FixedClock
from core.db import transaction
from core.errors import FileInvalid, Forbidden, Invalid
from core.identity.models import Organisation
from tender.models import EnvelopeKind, QualifiedList
from tender.services.qualified import keep_list, list_on, membership
from tests.factories import tender as make
from tests.support.pages import signed_in


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def csv_of(*names: str) -> bytes:
    """A list with these provincial branches."""
    lines = ["名称,级别,地区,总公司", *(f"{name},省级分公司,演示省,演示总公司" for name in names)]
    return "\n".join(lines).encode("utf-8-sig")


def kept(
    session: Session, clock: FixedClock, people: make.Cast, day: date, content: bytes, name: str = "名单.csv"
) -> QualifiedList:
    with transaction(session):
        return keep_list(
            session, people.handler, clock, published_on=day, issuer="演示保险监管局", title="大病保险经营资质名单",
            content=content, file_name=name,
        )  # fmt: skip


def test_a_bid_is_held_against_the_version_in_force_on_its_day(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    names = [session.get_one(Organisation, insurer.organisation_id).name for insurer in people.insurers]
    kept(session, clock, people, date(2016, 7, 1), csv_of(names[0], names[1]))
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    bids = [make.bid_of(session, tender, insurer) for insurer in people.insurers]
    assert [membership(session, bid).listed for bid in bids] == [True, True, False]
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    kept(session, clock, people, date(2016, 9, 1), csv_of(names[1], names[2]))  # after the bids of 8 August
    assert [membership(session, bid).listed for bid in bids] == [True, True, False]
    newer, older = list_on(session, date(2016, 9, 1)), list_on(session, date(2016, 8, 31))
    assert newer is not None
    assert older is not None
    assert (newer.published_on, older.published_on) == (date(2016, 9, 1), date(2016, 7, 1))


def test_without_a_list_nothing_is_said(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    make.submitted(session, clock, people.insurers[0], tender, "36.50")
    assert membership(session, make.bid_of(session, tender, people.insurers[0])).listed is None


def test_a_list_is_taken_over_from_a_workbook_too(session: Session, clock: FixedClock, people: make.Cast) -> None:
    book, content = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["名称", "级别", "地区", "总公司"])
    sheet.append(["演示人寿保险股份有限公司", "总公司", None, None])
    book.save(content)
    row = kept(session, clock, people, date(2016, 7, 1), content.getvalue(), "名单.xlsx")
    assert row.source_name == "名单.xlsx"


def test_what_cannot_be_a_list_is_refused_and_nothing_is_kept(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    unfit = ((b"\xff\xfe\x00", "名单.csv"), ("名称\n演示".encode(), "名单.csv"), (b"PK no zip", "名单.xlsx"))
    for content, name in unfit:
        with pytest.raises(FileInvalid):
            kept(session, clock, people, date(2016, 7, 1), content, name)
    with pytest.raises(Invalid, match="day to come"):
        kept(session, clock, people, date(2030, 1, 1), csv_of("演示公司"))
    assert list_on(session, date(2016, 12, 31)) is None
    kept(session, clock, people, date(2016, 7, 1), csv_of("演示公司"))
    with pytest.raises(Invalid, match="already kept"):
        kept(session, clock, people, date(2016, 7, 1), csv_of("演示公司"))
    with pytest.raises(Forbidden), transaction(session):
        keep_list(
            session, people.approver, clock, published_on=date(2016, 7, 2), issuer="演示", title="名单",
            content=csv_of("演示公司"), file_name="名单.csv",
        )  # fmt: skip


@pytest.mark.databases("sqlite")
def test_the_handler_takes_over_a_list_and_sees_it_in_the_review(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    name = session.get_one(Organisation, people.insurers[0].organisation_id).name
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    number, bids = tender.id, [make.bid_of(session, tender, insurer).id for insurer in people.insurers]
    session.rollback()
    handler = signed_in(app, session, people.handler)
    assert "没有登记" in handler.get(f"/tenders/{number}/qualification/{bids[0]}").text
    form = handler.get("/tenders/qualified-insurers/new")
    words = {"published_on": "2016-07-01", "issuer": "演示保险监管局", "title": "名单"}
    bad = {**words, "file": (BytesIO(b"a,b\n"), "名单.csv")}
    assert "缺少列" in handler.submit(form, bad, button="保存").text
    good = {**words, "file": (BytesIO(csv_of(name)), "名单.csv")}
    page = handler.submit(handler.get("/tenders/qualified-insurers/new"), good, button="保存")
    assert name in page.text
    assert "现行有效" in page.text
    assert "在名单内" in handler.get(f"/tenders/{number}/qualification/{bids[0]}").text
    assert "不在名单内" in handler.get(f"/tenders/{number}/qualification/{bids[1]}").text
    assert handler.get(f"/tenders/{number}/qualification").status_code == 200
