"""The settlement sheet as a paper: page, PDF and attachments show the same digits; the bytes can be made again."""

import io
import json

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from core.clock import FixedClock, local_date
from core.documents.models import IssuedDocument
from core.house import files_of
from core.money import show_yuan
from settlement.models import Settlement
from settlement.papers import workbook
from settlement.services.lines import lines_of
from tests.factories import settlement as make
from tests.support.pdf import pages, text


@pytest.mark.databases("sqlite")
def test_paper_and_attachments_say_the_same(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "900000.01")
    sheet = make.issued(session, clock, season)
    lines = lines_of(session, sheet.id or 0)
    paper = session.get_one(IssuedDocument, sheet.document_id)
    printed = text(files_of(session).get(paper.pdf_sha256))
    for figure in (sheet.balance, sheet.insurer_part, sheet.fund_part, sheet.premium):
        assert show_yuan(figure) in printed
    for words in ("演示", "行20＋行21＝270,000.00＋630,000.01＝900,000.01＝行17", "高于3%界线0.0000个百分点（0.01元）"):
        assert words in printed, words
    data = json.loads(files_of(session).get(paper.attachments[0]["sha256"]))
    assert [(row["row"], row["value"]) for row in data["rows"]] == [(line.row, line.value) for line in lines]
    book = load_workbook(io.BytesIO(files_of(session).get(paper.attachments[1]["sha256"])))
    assert [row[3] or "" for row in book.active.iter_rows(min_row=2, values_only=True)] == [one.value for one in lines]


@pytest.mark.databases("sqlite")
def test_the_workbook_of_a_day_has_the_same_bytes_every_time(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "0.00")
    sheet = session.get_one(Settlement, make.drafted(session, clock, season))
    lines, day = lines_of(session, sheet.id or 0), local_date(clock.now())
    assert workbook(lines, day) == workbook(lines, day)


@pytest.mark.databases("sqlite")
def test_a_loss_is_printed_with_its_parts_in_brackets(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "-1200000.00")
    sheet = make.issued(session, clock, season)
    paper = session.get_one(IssuedDocument, sheet.document_id)
    content = files_of(session).get(paper.pdf_sha256)
    assert "＝−600,000.00＋（−600,000.00）＝−1,200,000.00＝行17" in text(content)
    assert len(pages(content)) == 2
