"""Filings: what is enclosed and why, signed and sent by two, returned, corrected, accepted, packed."""

import io
import json
import zipfile
from datetime import date
from hashlib import sha256

import pytest
from sqlmodel import Session

from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.house import files_of
from core.identity.actor import Actor
from core.policy import view
from disclosure import services
from disclosure.models import Filing, FilingKind
from disclosure.papers.filings import title_lines
from disclosure.rules.stages import FilingStage
from disclosure.services.duties import filing_duty
from disclosure.services.filings import stage_of
from disclosure.services.packages import PackedFile, package
from disclosure.services.pending import contract_copies_due
from tests.factories import disclosure as make
from tests.factories import identity, settlement
from tests.factories.settlement import Season
from tests.support.pdf import text as text_of


@pytest.fixture
def season(session: Session, clock: FixedClock) -> Season:
    return settlement.signed(session, clock)


@pytest.fixture
def receiver(session: Session, clock: FixedClock) -> Actor:
    return identity.user(session, clock, "supervisor").as_actor()


def sent(session: Session, clock: FixedClock, season: Season) -> Filing:
    return make.sent_filing(session, clock, season, make.drafted_filing(session, clock, season))


@pytest.mark.parametrize(
    ("pack", "kind", "clause", "to", "last_day"),
    [
        ("jilin-2016", FilingKind.CONTRACT_COPY, "政府采购法第47条", None, date(2017, 1, 6)),
        ("jilin-2016", FilingKind.TENDER_DOCUMENT, "七(一)", None, None),
        ("guangdong-2016", FilingKind.TENDER_DOCUMENT, "粤府办〔2016〕85号", "省人力资源社会保障厅", None),
        ("guangdong-2016", FilingKind.CONTRACT_TEXT, "粤府办〔2016〕85号", "省人力资源社会保障厅", None),
        ("yunnan-2015", FilingKind.POLICY, "二(一)", None, date(2015, 11, 10)),
    ],
)
def test_the_duty_to_file_comes_from_the_paper_then_from_the_law(
    session: Session, pack: str, kind: FilingKind, clause: str, to: str | None, last_day: date | None
) -> None:
    signed_on = date(2016, 12, 27)
    policy = view(pack, signed_on)
    duty = filing_duty(session, kind, policy, "演示省", signed_on)
    assert duty is not None
    assert clause in duty.clause
    assert duty.due_on == last_day
    if to is not None:
        assert duty.addressee == to


def test_nobody_orders_a_progress_report_in_jilin(session: Session) -> None:
    day = date(2017, 1, 1)
    assert filing_duty(session, FilingKind.PROGRESS, view("jilin-2016", day), "演示省", day) is None


def test_a_filing_is_signed_and_sent_by_two(session: Session, clock: FixedClock, season: Season) -> None:
    row = sent(session, clock, season)
    assert stage_of(session, row) is FilingStage.SUBMITTED
    letter = session.get_one(IssuedDocument, row.letter_id)
    text = text_of(files_of(session).get(letter.pdf_sha256))
    for words in ("演示文件", "签发人", season.case.approver.name, "演示省财政厅", season.number):
        assert words in text, words
    assert letter.published_at is None, "a letter to an office is no notice"


def test_the_package_holds_letter_contents_and_their_fingerprints(
    session: Session, clock: FixedClock, season: Season
) -> None:
    row = sent(session, clock, season)
    content = files_of(session).get(row.package_sha256 or "")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        for entry in manifest["files"]:
            assert sha256(archive.read(entry["name"])).hexdigest() == entry["sha256"]
        for line in archive.read("SHA256SUMS").decode().splitlines():
            digest, name = line.split("  ", 1)
            assert sha256(archive.read(name)).hexdigest() == digest
    assert names[0] == "00-备案报告.pdf"
    assert names[1].startswith("01-YSDB") or season.number in names[1]
    assert [entry["sha256"] for entry in row.contents] == [entry["sha256"] for entry in manifest["files"][1:]]


def test_the_same_files_make_the_same_bytes(clock: FixedClock) -> None:
    files = [PackedFile("01-合同.pdf", "合同", b"%PDF")]
    assert package("N", 1, clock.now(), files) == package("N", 1, clock.now(), files)


def test_a_receipt_number_is_given_once(session: Session, clock: FixedClock, season: Season, receiver: Actor) -> None:
    row = sent(session, clock, season)
    with transaction(session):
        accepted = services.accept_filing(session, receiver, clock, row.id or 0)
        assert accepted.receipt_number
        assert stage_of(session, accepted) is FilingStage.ACCEPTED
    with pytest.raises(Refused, match="not yet answered"), transaction(session):
        services.accept_filing(session, receiver, clock, row.id or 0)


def test_a_returned_package_is_corrected_by_a_new_version(
    session: Session, clock: FixedClock, season: Season, receiver: Actor
) -> None:
    row = sent(session, clock, season)
    with pytest.raises(Invalid, match="corrected"), transaction(session):
        services.return_filing(session, receiver, clock, row.id or 0, " ")
    with transaction(session):
        services.return_filing(session, receiver, clock, row.id or 0, "缺附件（演示）")
    with transaction(session):
        again = services.correct_filing(session, season.case.handler, clock, row.id or 0)
        session.flush()
        key = again.id or 0
    second = make.sent_filing(session, clock, season, key)
    assert (second.number, second.version) == (row.number, 2)
    letters = [session.get_one(IssuedDocument, one).version for one in (row.letter_id, second.letter_id)]
    assert letters == [1, 2]
    assert stage_of(session, session.get_one(Filing, row.id)) is FilingStage.SUPERSEDED


def test_one_thing_is_filed_once_at_a_time(session: Session, clock: FixedClock, season: Season) -> None:
    make.drafted_filing(session, clock, season)
    with pytest.raises(Refused, match="under way"):
        make.drafted_filing(session, clock, season)


def test_an_unknown_duty_needs_its_rule_and_an_addressee(session: Session, clock: FixedClock, season: Season) -> None:
    tender_id = season.case.tender_id
    with pytest.raises(Invalid, match="name the rule"), transaction(session):
        services.prepare_filing(session, season.case.handler, clock, FilingKind.PROGRESS, tender_id)
    with pytest.raises(Invalid, match="at least one file"), transaction(session):
        services.prepare_filing(
            session,
            season.case.handler,
            clock,
            FilingKind.PROGRESS,
            tender_id,
            addressee="演示省医改办",
            clause="演示依据",
        )


@pytest.mark.parametrize("who", ["preparer", "approver", "finance"])
def test_only_the_handler_files(session: Session, clock: FixedClock, season: Season, who: str) -> None:
    with pytest.raises(Forbidden), transaction(session):
        services.prepare_filing(session, getattr(season.case, who), clock, FilingKind.CONTRACT_COPY, season.contract_id)


def test_an_unknown_contract_is_said_to_be_unknown(session: Session, clock: FixedClock, season: Season) -> None:
    with pytest.raises(NotFound), transaction(session):
        services.prepare_filing(session, season.case.handler, clock, FilingKind.CONTRACT_COPY, 999_999)


def test_a_contract_copy_is_due_until_it_is_sent(session: Session, clock: FixedClock, season: Season) -> None:
    assert [copy.last_day for copy in contract_copies_due(session)] == [date(2017, 1, 6)]
    sent(session, clock, season)
    assert contract_copies_due(session) == []


@pytest.mark.parametrize(
    "what, lines",
    [
        ("演示省大病保险承办服务项目（2017—2019年）招标文件",
         ["关于报送演示省大病保险承办服务项目", "（2017—2019年）招标文件备案的报告"]),
        ("演示省城乡居民大病保险承办和医疗费用审核服务项目（2017—2019年）招标文件",
         ["关于报送", "演示省城乡居民大病保险承办和医疗费用审核服务项目（2017—2019年）招标文件", "备案的报告"]),
        ("演示省新农合大病保险2017年度保险合同", ["关于报送", "演示省新农合大病保险2017年度保险合同", "备案的报告"]),
    ],
)  # fmt: skip
def test_the_letters_title_breaks_before_a_bracket(what: str, lines: list[str]) -> None:
    assert title_lines(what, "备案的报告") == lines
