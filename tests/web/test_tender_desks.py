"""What the tender room puts on the desks while bids are taken: the documents, the bid, the opening to come."""

import pytest
from flask import Flask
from sqlmodel import Session

from core.clock import FixedClock
from core.db import transaction
from tender import services
from tests.factories import tender as make
from tests.support.pages import signed_in


@pytest.fixture
def people(app: Flask, session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def test_an_insurers_desk_leads_from_the_documents_to_the_bid(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    insurer = signed_in(app, session, people.insurers[0])
    assert "如拟投标，请获取招标文件" in insurer.get("/desk").text
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
    page = insurer.get("/desk").text
    assert "密封并递交投标文件" in page
    assert "如拟投标" not in page


def test_an_officers_desk_names_the_opening_to_come(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    page = signed_in(app, session, people.officers[0]).get("/desk").text
    assert "开启技术标" in page
    assert f'href="/tenders/{tender.id}"' in page
