"""The desk of disclosures and filings in the browser: prepare, check, publish by two; send, return, accept."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlmodel import Session

from core.clock import FixedClock
from disclosure import home
from disclosure.models import DisclosureKind
from tests.factories import disclosure as make
from tests.factories import identity
from tests.factories.settlement import Season
from tests.support.clients import CheckingClient
from tests.support.pages import signed_in


@pytest.fixture
def season(app: Flask, session: Session, clock: FixedClock) -> Season:
    return make.settled(session, clock)


def test_an_insurer_prepares_checks_and_publishes_by_two(app: Flask, session: Session, season: Season) -> None:
    preparer = signed_in(app, session, season.case.preparer)
    assert season.number in preparer.get("/disclosure/").text
    duty = preparer.get(f"/disclosure/contracts/{season.contract_id}/final_accounts")
    assert "2018-05-09" in duty.text or "最后" in duty.text or "截止日" in duty.text
    page = preparer.submit(duty, action="prepare")
    assert "＜10" in page.text
    assert "已编制" in page.text
    page = preparer.submit(page, action="/request")
    signer = signed_in(app, session, season.case.signer)
    waiting = signer.get("/approvals")
    assert waiting.status_code == 200
    number = season.number.replace("-HT-", "-GS-D2-")
    assert number in waiting.text
    assert "审批申请" in signer.get("/desk").text
    assert "审批申请" not in preparer.get("/desk").text  # who asked does not decide


def test_another_insurer_finds_nothing(app: Flask, session: Session, clock: FixedClock, season: Season) -> None:
    key = make.prepared(session, clock, season, DisclosureKind.FINAL_ACCOUNTS)
    other = signed_in(app, session, season.case.other_signer)
    assert other.get(f"/disclosure/{key}").status_code == 404
    assert other.get(f"/disclosure/contracts/{season.contract_id}/signing").status_code == 404
    assert other.get("/disclosure/filings").status_code == 404


def test_a_correction_asks_for_its_reason(app: Flask, session: Session, clock: FixedClock, season: Season) -> None:
    row = make.published(session, clock, season, DisclosureKind.FINAL_ACCOUNTS)
    key = row.id
    preparer = signed_in(app, session, season.case.preparer)
    form = preparer.get(f"/disclosure/{key}/correct")
    assert preparer.submit(form, {"reason": ""}).status_code == 400
    page = preparer.submit(form, {"reason": "更正（演示）"})
    assert "更正（演示）" in page.text


def test_a_handler_files_and_a_supervisor_answers(
    app: Flask, session: Session, clock: FixedClock, season: Season
) -> None:
    handler = signed_in(app, session, season.case.handler)
    form = handler.get(f"/disclosure/filings/new?kind=contract_copy&subject={season.contract_id}")
    page = handler.submit(form, {"addressee": "演示省财政厅"})
    assert "政府采购法" in page.text
    assert "演示省财政厅" in handler.get("/disclosure/filings").text
    filing_id = int(page.request.path.rsplit("/", 1)[-1])
    make.sent_filing(session, clock, season, filing_id)
    receiver = identity.user(session, clock, "supervisor").as_actor()
    supervisor = signed_in(app, session, receiver)
    sent = supervisor.get(f"/disclosure/filings/{filing_id}")
    assert supervisor.get(f"/disclosure/filings/{filing_id}/package").mimetype == "application/zip"
    answered = supervisor.submit(sent, action="/accept")
    assert "已备案" in answered.text


def test_a_guest_is_led_to_the_public_list(client: CheckingClient) -> None:
    assert client.get("/disclosure/").location.endswith("/disclosures")


def test_the_desk_tells_the_insurer_and_the_handler_what_is_due(
    app: Flask, session: Session, clock: FixedClock, season: Season
) -> None:
    with app.test_request_context():
        own = home.due(session, season.case.preparer, clock.now())
        assert [item.last_day for item in own if item.context == season.number][0] is not None
        assert all("七(三)" in str(item.clause) for item in own)
        copies = home.due(session, season.case.handler, clock.now())
        assert [item.last_day for item in copies] == [date(2017, 1, 6)]


def test_a_disclosure_past_its_day_stands_on_the_departments_desk(
    app: Flask, session: Session, clock: FixedClock, season: Season
) -> None:
    later = clock.now() + timedelta(days=365)
    with app.test_request_context():
        late = home.blocked(session, season.case.handler, later)
        assert any(season.number in item.context and "七(三)" in str(item.clause) for item in late)
        assert home.blocked(session, season.case.preparer, later) == []
