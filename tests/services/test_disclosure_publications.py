"""Disclosures: drawn up from contract and sheet, published by two people of the insurer, corrected as new versions."""

import json
from datetime import date
from typing import cast

import pytest
from sqlmodel import Session, select

from core import audit
from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.house import House, files_of
from core.identity import approvals
from disclosure import services
from disclosure.models import Disclosure, DisclosureKind
from disclosure.rules.frozen import thaw
from disclosure.services.pending import disclosures_due
from tests.factories import disclosure as make
from tests.factories import settlement
from tests.support.pdf import text as text_of

SIGNING, FINAL = DisclosureKind.SIGNING, DisclosureKind.FINAL_ACCOUNTS


def paper(session: Session, row: Disclosure) -> IssuedDocument:
    return session.get_one(IssuedDocument, row.document_id)


def enclosed(session: Session, row: Disclosure, name: str) -> bytes:
    entry = next(entry for entry in paper(session, row).attachments if entry["name"] == name)
    return files_of(session).get(entry["sha256"])


def test_a_signed_contract_is_disclosed_within_the_contracts_working_days(session: Session, clock: FixedClock) -> None:
    season = settlement.signed(session, clock)
    row = make.published(session, clock, season, SIGNING)
    # 20 working days after Tuesday, 27 December 2016, over New Year and before the Spring Festival.
    assert row.due_on == date(2017, 1, 24)
    assert "七(三)" in row.clause
    assert row.number == season.number.replace("-HT-", "-GS-D1-")
    issued = paper(session, row)
    assert issued.published_at == clock.now()
    assert issued.organisation_id == season.case.insurer.id
    assert [entry["name"] for entry in issued.attachments] == ["年度数据.csv", "年度数据.json"]


def test_a_disclosure_prints_what_the_contract_and_the_sheet_say(session: Session, clock: FixedClock) -> None:
    season = make.settled(session, clock)
    row = make.published(session, clock, season, FINAL)
    text = text_of(files_of(session).get(paper(session, row).pdf_sha256))
    for words in ("演示文件", "1,200,000.00", "4.0000%", "360,000.00", "840,000.00", row.number):
        assert words in text, words
    data = thaw(row.data)
    assert data["result"]["total"] == data["result"]["rows"][0]["amount"] + data["result"]["rows"][1]["amount"]
    assert data["funding"]["rows"][2]["amount"] == settlement.PREMIUM


def test_a_count_below_ten_leaves_in_no_format(session: Session, clock: FixedClock) -> None:
    """The season's claim file holds one claim of one person."""
    season = make.settled(session, clock)
    row = make.published(session, clock, season, FINAL)
    data = thaw(row.data)
    assert data["figures"]["persons"] == "＜10"
    assert data["beneficiaries"]["withheld"] is True
    shown = json.loads(enclosed(session, row, "年度数据.json"))
    people = next(table for table in shown["tables"] if table["table"] == "表3")
    assert all(cell in ("＜10", "※", 0) for line in people["rows"] for cell in line[1:-1])
    assert "＜10" in enclosed(session, row, "年度数据.csv").decode("utf-8-sig")


def test_files_and_data_are_one(session: Session, clock: FixedClock) -> None:
    season = make.settled(session, clock)
    row = make.published(session, clock, season, FINAL)
    shown = json.loads(enclosed(session, row, "年度数据.json"))
    assert (shown["number"], shown["version"]) == (row.number, 1)
    accounts = next(table for table in shown["tables"] if table["table"] == "表5")
    csv = enclosed(session, row, "年度数据.csv").decode("utf-8-sig")
    for line in accounts["rows"]:
        assert str(line[3]).removeprefix("'") in csv


def test_two_people_of_the_insurer_publish(session: Session, clock: FixedClock) -> None:
    season = settlement.signed(session, clock)
    key = make.prepared(session, clock, season, SIGNING)
    with transaction(session):
        asked = services.request_publication(session, season.case.preparer, clock, key)
        session.flush()
        request_id = cast(int, asked.id)
    for person in (season.case.preparer, season.case.approver, season.case.other_signer):
        with pytest.raises((Refused, Forbidden, NotFound)), transaction(session):
            approvals.approve(session, person, clock, request_id)
    session.rollback()
    assert session.get_one(Disclosure, key).published_at is None


@pytest.mark.parametrize("who", ["other_signer", "finance"])
def test_nobody_else_prepares_it(session: Session, clock: FixedClock, who: str) -> None:
    season = settlement.signed(session, clock)
    person = getattr(season.case, who)
    with pytest.raises((NotFound, Forbidden)), transaction(session):
        services.prepare_disclosure(session, person, clock, season.contract_id, SIGNING)


def test_final_accounts_wait_for_the_issued_sheet(session: Session, clock: FixedClock) -> None:
    season = settlement.ready(session, clock, "1200000.00")
    settlement.confirmed(session, clock, season)
    with pytest.raises(Refused, match="not issued") as refused, transaction(session):
        services.prepare_disclosure(session, season.case.preparer, clock, season.contract_id, FINAL)
    assert "七(三)" in (refused.value.clause or "")


def test_a_draft_is_drawn_up_again_in_its_place(session: Session, clock: FixedClock) -> None:
    season = settlement.signed(session, clock)
    first = make.prepared(session, clock, season, SIGNING)
    assert make.prepared(session, clock, season, SIGNING) == first


def test_a_waiting_draft_is_not_changed_under_the_second_person(session: Session, clock: FixedClock) -> None:
    season = settlement.signed(session, clock)
    key = make.prepared(session, clock, season, SIGNING)
    with transaction(session):
        services.request_publication(session, season.case.preparer, clock, key)
    with pytest.raises(Refused, match="second person"), transaction(session):
        services.prepare_disclosure(session, season.case.preparer, clock, season.contract_id, SIGNING)


def test_a_correction_is_a_new_version_that_names_the_old_and_what_changed(session: Session, clock: FixedClock) -> None:
    season = make.settled(session, clock)
    first = make.published(session, clock, season, FINAL)
    first_paper = paper(session, first)
    with pytest.raises(Invalid, match="reason"), transaction(session):
        services.prepare_disclosure(session, season.case.preparer, clock, season.contract_id, FINAL)
    clock.move_to(beijing(2018, 6, 1, 9))
    settlement.with_figures(session, clock, season, "1350000.00")
    settlement.issued(session, clock, season, change_reason="更正期末准备金（演示）")
    second = make.published(session, clock, season, FINAL, "决算表更正（演示）")
    second_paper = paper(session, second)
    assert (second.version, second.replaces_id) == (2, first.id)
    assert (second_paper.number, second_paper.version) == (first_paper.number, 2)
    assert second_paper.replaces_id == first_paper.id
    text = text_of(files_of(session).get(second_paper.pdf_sha256))
    assert "决算表更正（演示）" in text
    assert "1,200,000.00" not in text or "1,350,000.00" in text
    assert files_of(session).get(first_paper.pdf_sha256), "the first version stays"


def test_a_published_disclosure_is_outdated_by_a_newer_sheet(session: Session, clock: FixedClock) -> None:
    season = make.settled(session, clock)
    make.published(session, clock, season, FINAL)
    clock.move_to(beijing(2018, 6, 1, 9))
    settlement.with_figures(session, clock, season, "1350000.00")
    settlement.issued(session, clock, season, change_reason="更正期末准备金（演示）")
    due = {duty.kind: duty for duty in disclosures_due(session, season.case.preparer)}
    assert due[FINAL].outdated
    assert due[FINAL].is_open


def test_a_draft_on_an_older_sheet_is_not_published(session: Session, clock: FixedClock) -> None:
    season = make.settled(session, clock)
    key = make.prepared(session, clock, season, FINAL)
    clock.move_to(beijing(2018, 6, 1, 9))
    settlement.with_figures(session, clock, season, "1350000.00")
    settlement.issued(session, clock, season, change_reason="更正期末准备金（演示）")
    with pytest.raises(Refused, match="newer settlement sheet"), transaction(session):
        services.request_publication(session, season.case.preparer, clock, key)


def test_an_insurer_sees_its_own_duties_only(session: Session, clock: FixedClock) -> None:
    season = settlement.signed(session, clock)
    assert len(disclosures_due(session, season.case.preparer)) == 2
    assert disclosures_due(session, season.case.other_signer) == []


def test_every_act_is_in_the_log(session: Session, clock: FixedClock, house: House) -> None:
    season = settlement.signed(session, clock)
    make.published(session, clock, season, SIGNING)
    actions = set(session.exec(select(audit.AuditEvent.action)))
    assert {"disclosure:disclosure:prepare", "disclosure:disclosure:publish", "documents:document:issue"} <= actions
    assert not list(audit.verify(session))
