"""Issuing papers: numbered without gaps, frozen, versioned, recorded, and verifiable by anybody."""

from typing import Any

import pytest
from sqlmodel import Session

from core import audit
from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.documents.render import Attachment
from core.documents.samples import sample
from core.documents.services import (
    issue,
    next_number,
    papers_about,
    publish,
    replaced_by,
    verify_bytes,
    verify_code,
    withdraw,
)
from core.errors import NotFound, Refused
from core.house import files_of
from core.identity.actor import SYSTEM
from core.identity.models import Organisation
from tests.factories import identity

CSV = Attachment("历史数据.csv", b"2015,3812605\n", "历史数据")


@pytest.fixture
def subject(session: Session, clock: FixedClock) -> Organisation:
    """Any row a paper can be about."""
    return identity.organisation(session, clock)


def issued(session: Session, clock: FixedClock, subject: Any, number: str, **changed: Any) -> IssuedDocument:
    """Issue a result letter in its own transaction."""
    context = sample("result-letter")
    del context["document"]
    arguments = {
        "kind": "result_letter",
        "number": number,
        "title": "评审结果告知书",
        "template": "result-letter",
        "context": context,
        "subject": subject,
        "issuer": "演示省人力资源和社会保障厅",
        "demonstration": True,
    } | changed
    with transaction(session):
        paper = issue(session, SYSTEM, clock, **arguments)
    session.refresh(paper)
    return paper


def test_a_paper_is_kept_registered_and_recorded(session: Session, clock: FixedClock, subject: Organisation) -> None:
    paper = issued(session, clock, subject, "YSDB-GZH-2016-001", attachments=[CSV], pack=("jilin-2016", "ab" * 32))
    files = files_of(session)
    assert files.get(paper.pdf_sha256).startswith(b"%PDF-")
    assert files.get(paper.attachments[0]["sha256"]) == CSV.content
    assert paper.issued_at == clock.now()
    assert paper.inputs["context"]["document"]["number"] == paper.number
    assert paper.published_at is None
    assert papers_about(session, subject) == [paper]
    last = session.get(audit.AuditEvent, session.get(audit.AuditHead, 1).size)
    assert last.action == "documents:document:issue"
    assert last.detail["pdf_sha256"] == paper.pdf_sha256
    assert list(audit.verify(session)) == []


def test_anybody_verifies_a_paper_by_its_code_or_its_bytes(
    session: Session, clock: FixedClock, subject: Organisation
) -> None:
    paper = issued(session, clock, subject, "YSDB-GZH-2016-001")
    assert verify_code(session, paper.check_code.lower().replace("-", " ")) == paper
    assert verify_bytes(session, paper.pdf_sha256.upper()) == paper
    for attempt in (lambda: verify_code(session, "0000-0000-00"), lambda: verify_bytes(session, "0" * 64)):
        with pytest.raises(NotFound):
            attempt()


def test_a_correction_is_a_new_version_that_names_the_old(
    session: Session, clock: FixedClock, subject: Organisation
) -> None:
    first = issued(session, clock, subject, "YSDB-GZH-2016-001")
    clock.advance(days=1)
    second = issued(session, clock, subject, first.number, replaces=first)
    assert (second.version, second.replaces_id) == (2, first.id)
    assert second.check_code != first.check_code
    assert replaced_by(session, first) == second
    assert replaced_by(session, second) is None
    with pytest.raises(Refused, match="newest version"):
        issued(session, clock, subject, first.number, replaces=first)


def test_a_taken_number_is_refused(session: Session, clock: FixedClock, subject: Organisation) -> None:
    issued(session, clock, subject, "YSDB-GZH-2016-001")
    with pytest.raises(Refused, match="is taken"):
        issued(session, clock, subject, "YSDB-GZH-2016-001")


def test_numbers_of_a_series_have_no_gap(session: Session) -> None:
    with transaction(session):
        assert next_number(session, "YSDB-GG", 2016) == "YSDB-GG-2016-001"
        assert next_number(session, "YSDB-GG", 2017) == "YSDB-GG-2017-001"
    with pytest.raises(RuntimeError), transaction(session):
        assert next_number(session, "YSDB-GG", 2016) == "YSDB-GG-2016-002"
        raise RuntimeError("the paper could not be issued")
    with transaction(session):
        assert next_number(session, "YSDB-GG", 2016) == "YSDB-GG-2016-002"


def test_publishing_and_withdrawing_are_facts_recorded_once(
    session: Session, clock: FixedClock, subject: Organisation
) -> None:
    paper = issued(session, clock, subject, "YSDB-GZH-2016-001")
    with transaction(session):
        publish(session, SYSTEM, clock, paper)
    clock.advance(days=1)
    with transaction(session):
        withdraw(session, SYSTEM, clock, paper, "公告内容有误")
    session.refresh(paper)
    assert paper.published_at < paper.withdrawn_at
    for again in (lambda: publish(session, SYSTEM, clock, paper), lambda: withdraw(session, SYSTEM, clock, paper, "x")):
        with pytest.raises(Refused), transaction(session):
            again()
    assert verify_code(session, paper.check_code).withdrawn_reason == "公告内容有误"
