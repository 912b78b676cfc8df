"""One claim unmasked: for a reason, to who may, once; the auditor reads who, which and why, and no personal data."""

import logging
from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from core.audit import AuditEvent
from core.clock import FixedClock
from tests.factories import claims as claim_rows
from tests.factories import settlement as make
from tests.support.clients import CheckingClient

Login = Callable[..., CheckingClient]
SECRET = "P-secret-00017"
REASON = "核对投诉：重复报销"


@pytest.fixture
def season(session: Session, clock: FixedClock) -> make.Season:
    """A contract year whose claim file has one claim of a known person."""
    season = make.signed(session, clock)
    season.claims = [
        claim_rows.row(17, contract_number=season.number, reported_benefit=str(make.BENEFIT), person_id=SECRET)
    ]
    make.with_file(session, clock, season)
    session.rollback()
    return season


@pytest.mark.parametrize("role", ["handler", "supervisor"])
def test_a_claim_is_shown_once_for_a_reason_and_the_auditor_reads_it(
    session: Session, login: Login, season: make.Season, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = login(role, of=season.case.department)
    listed = person.get("/settlement/claim-files/1/claims")
    assert "/settlement/claim-files/1/claims/2/reveal" in listed.text
    page = person.get("/settlement/claim-files/1/claims/2/reveal")
    assert SECRET not in page.text
    shown = person.submit(page, {"reason": REASON}, follow=False)
    assert (shown.status_code, SECRET in shown.text, "演示县" in shown.text) == (200, True, True)
    assert shown.headers["Cache-Control"] == "no-store"
    assert SECRET not in person.submit(page, {"reason": REASON}).text, "the same form shows nothing twice"
    assert SECRET not in person.get("/settlement/claim-files/1/claims/2/reveal").text
    assert SECRET not in caplog.text
    events = session.exec(select(AuditEvent).where(AuditEvent.action == "settlement:claim:reveal")).all()
    assert [event.detail for event in events] == [{"claim": "C0017", "reason": REASON}]
    auditor = login("audit_admin")
    event = auditor.get(f"/audit/events/{events[0].position}")
    assert REASON in event.text
    assert SECRET not in event.text


def test_without_a_reason_nothing_is_shown(login: Login, session: Session, season: make.Season) -> None:
    handler = login("handler", of=season.case.department)
    page = handler.get("/settlement/claim-files/1/claims/2/reveal")
    for reason in ("", "看", "      "):
        refused = handler.submit(page, {"reason": reason})
        assert (refused.status_code, SECRET in refused.text) == (400, False), reason
    missing = handler.get("/settlement/claim-files/1/claims/99/reveal")
    assert handler.submit(missing, {"reason": REASON}).status_code == 404
    assert session.exec(select(AuditEvent).where(AuditEvent.action == "settlement:claim:reveal")).all() == []


def test_nobody_else_reveals(login: Login, season: make.Season) -> None:
    for role, organisation in (
        ("insurer_signer", season.case.insurer), ("finance", season.case.department),
        ("approver", season.case.department),
    ):  # fmt: skip
        person = login(role, of=organisation)
        assert "/reveal" not in person.get("/settlement/claim-files/1/claims").text
        assert person.get("/settlement/claim-files/1/claims/2/reveal").status_code == 403
