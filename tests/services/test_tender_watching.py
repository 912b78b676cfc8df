"""Those who watch a tender: hints noted and annexed, findings answered, and an archive that tells a changed byte."""

import json
import subprocess
import sys
import zipfile
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from sqlmodel import Session, select

from core import audit
from core.audit import AuditEvent
from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.house import House
from core.identity.models import Organisation
from core.tasks.work import run_waiting
from tender import jobs, seal, services
from tender.archive import KINDS, faults
from tender.archive.verify import read_bytes
from tender.models import Award, EnvelopeKind, Tender
from tender.rules.collusion import HintKind
from tender.services.archiving import archive_of, build, ended_on, kept_until
from tender.services.collusion import hints_of
from tender.services.preparation import mandatory_fields
from tender.services.supervising import findings_of
from tests.factories import identity
from tests.factories import tender as make


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def opened(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Three bids, all paid from one account, opened and reviewed."""
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    return tender


def finished(session: Session, clock: FixedClock, people: make.Cast, tender: Tender) -> None:
    """From the scoring to the signed agreements."""
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    with transaction(session):
        for row in session.exec(select(Award)):
            row.signed_at = clock.now()


def test_bids_that_repeat_the_tender_document_are_not_alike_by_that(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.published(session, clock, people)
    asked = [row.text for row in mandatory_fields(session, tender.id or 0)]
    lot = services.lots_of(session, tender.id or 0)[0]
    for number, insurer in enumerate(people.insurers):
        _lot, _technical, priced = make.uploaded(session, clock, insurer, tender, f"3{number + 6}.50")
        container = seal.build(
            tender.number, lot.position, "technical", [seal.File("响应.txt", str(number).join(asked).encode())]
        )
        key = services.tender_keys(session, tender.id or 0)[EnvelopeKind.TECHNICAL]
        with transaction(session):
            envelope = services.upload_envelope(
                session, insurer, clock, lot.id or 0, EnvelopeKind.TECHNICAL,
                seal.seal_envelope(container, key.recipient), seal.commitment_of(container),
            )  # fmt: skip
        make.submit(session, clock, insurer, lot.id or 0, envelope.id or 0, priced, f"same-words-{number}")
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    assert HintKind.TEXT not in {entry.hint.kind for entry in hints_of(session, tender)}


def test_hints_are_noted_and_annexed_on_the_committees_decision(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    sealed = make.published(session, clock, people)
    assert hints_of(session, sealed) == []
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, sealed, price)
    make.opened(session, clock, people, sealed, EnvelopeKind.TECHNICAL)
    number = sealed.id or 0
    hint = hints_of(session, sealed)[0].hint
    assert (hint.kind, len(hint.bids), hint.evidence) == (HintKind.ACCOUNT, 3, ("演示账户",))
    with pytest.raises(NotFound, match="no such hint"), transaction(session):
        services.note_hint(session, people.handler, clock, number, "0" * 64, "…")
    with pytest.raises(Forbidden), transaction(session):
        services.note_hint(session, people.finance, clock, number, hint.key, "…")
    with transaction(session):
        services.note_hint(session, people.handler, clock, number, hint.key, "演示账户为结算专户，已核实。")
    with pytest.raises(Refused, match="already"), transaction(session):
        services.note_hint(session, people.handler, clock, number, hint.key, "再次")
    make.reviewed(session, clock, people, sealed)
    chair, other = make.committee(session, people, sealed)[:2]
    with pytest.raises(Forbidden, match="chair"), transaction(session):
        services.annex_hints(session, other, clock, number)
    with transaction(session):
        services.annex_hints(session, chair, clock, number)
    finished(session, clock, people, sealed)
    report = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "evaluation_report")).one()
    (line,) = [line for line in report.inputs["context"]["hints"] if line["name"] == "投标保证金从同一账户转出"]
    assert line["notes"] == ["演示账户为结算专户，已核实。"]
    assert len(services.awards_by_tender(session, number)) == 2  # a hint rejects nobody
    with pytest.raises(Refused, match="winners are fixed. This step is possible only at"), transaction(session):
        services.annex_hints(session, chair, clock, number)
    logged = session.exec(select(AuditEvent).where(AuditEvent.action == "tender:hint:note")).one()
    assert logged.detail == {"hint": hint.key}  # the log names no bidder


def test_findings_of_the_supervision_wait_for_the_purchasers_reply(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    draft = make.prepared(session, clock, people, number="YSDB-2016-ZB-09")
    supervisor = identity.actor(session, clock, "supervisor", of=session.get_one(Organisation, people.department.id))
    with pytest.raises(Refused, match="not published"), transaction(session):
        services.record_finding(session, supervisor, clock, draft.id or 0, text="…", clause="…")
    tender = make.published(session, clock, people)
    with pytest.raises(Forbidden), transaction(session):
        services.record_finding(session, people.handler, clock, tender.id or 0, text="…", clause="…")
    with pytest.raises(Invalid, match="which article"), transaction(session):
        services.record_finding(session, supervisor, clock, tender.id or 0, text="公告期限不足。", clause=" ")
    with transaction(session):
        row = services.record_finding(
            session, supervisor, clock, tender.id or 0, text="公告期限不足。", clause="87号令第16条"
        )
    assert (row.number, row.stage) == (1, "bidding")
    with transaction(session):
        services.reply_finding(session, people.handler, clock, row.id or 0, "已延长公告期限。")
    with pytest.raises(Refused, match="already answered"), transaction(session):
        services.reply_finding(session, people.handler, clock, row.id or 0, "…")
    assert [found.reply for found in findings_of(session, tender.id or 0)] == ["已延长公告期限。"]


def test_the_archive_holds_every_kind_of_record_and_tells_which_file_was_changed(
    session: Session, clock: FixedClock, people: make.Cast, house: House, tmp_path: Path
) -> None:
    assert jobs.archive.__name__ == "archive"  # importing the module registers the work
    tender = opened(session, clock, people)
    number = tender.id or 0
    with pytest.raises(Refused, match="not ended"), transaction(session):
        services.request_archive(session, people.handler, clock, number)
    make.reviewed(session, clock, people, tender)
    finished(session, clock, people, tender)
    assert (ended_on(session, tender), kept_until(session, tender)) == (date(2016, 9, 6), date(2031, 9, 6))
    with transaction(session):
        services.request_archive(session, people.handler, clock, number)
    assert run_waiting(house) == 1
    session.expire_all()
    row = archive_of(session, tender)
    assert row is not None
    content = house.files.get(row.sha256)
    again, files = build(session, tender)
    assert (again == content, files) == (True, row.files)  # the same records, the same bytes

    contents = read_bytes(content)
    assert faults(contents) == []
    folders = {path.split("/")[0] for path in contents if "/" in path}
    assert folders >= set(KINDS) - {"08-contract"}  # no agreement is drafted in this test
    assert sum(path.endswith(".age") for path in contents) == 6
    assert sum(path.endswith(".container") for path in contents) == 6
    decided = json.loads(contents["01-activity/approvals.json"])
    assert [row["kind"] for row in decided] == ["tender.publish", "tender.award"]
    assert all(row["decision"] == "approved" and row["decided_by"] != row["requested_by"] for row in decided)
    manifest = json.loads(contents["manifest.json"])
    assert (manifest["tender"], manifest["keep_until"]) == (tender.number, "2031-09-06")

    for path in sorted(contents):
        damaged = bytearray(contents[path] or b"\n")
        damaged[len(damaged) // 2] ^= 1
        found = faults({**contents, path: bytes(damaged)})
        assert found, path
        assert any(path in line or path.startswith("manifest") for line in found), (path, found)
    missing = {path: value for path, value in contents.items() if path != "04-bids/bids.json"}
    assert faults(missing) == ["04-bids/bids.json: is missing"]
    assert faults({**contents, "extra.pdf": b""}) == ["extra.pdf: is not in the manifest"]

    with zipfile.ZipFile(BytesIO(content)) as archive:
        archive.extractall(tmp_path / "alone")
    alone = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "alone" / "verify.py")], capture_output=True, text=True, cwd=tmp_path
    )
    assert (alone.returncode, tender.number in alone.stdout) == (0, True), alone.stdout + alone.stderr
    assert list(audit.verify(session)) == []


def test_a_log_entry_that_was_changed_with_its_manifest_is_still_told(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    """Somebody who rewrites file and manifest cannot sign the manifest, nor make the chain follow."""
    tender = opened(session, clock, people)
    make.reviewed(session, clock, people, tender)
    finished(session, clock, people, tender)
    contents = read_bytes(build(session, tender)[0])
    path = "01-activity/audit-events.jsonl"
    forged = contents[path].replace(b"tender:notice:publish", b"tender:notice:correct")
    manifest = json.loads(contents["manifest.json"])
    for entry in manifest["files"]:
        if entry["path"] == path:
            entry["sha256"] = sha256(forged).hexdigest()
    found = faults({**contents, path: forged, "manifest.json": json.dumps(manifest).encode()})
    assert found[0] == "manifest.json: was changed"
    assert any("was changed" in line and path in line for line in found)
