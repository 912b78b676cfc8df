"""The register of qualified insurers: lists taken over with their day and document, asked as of a bid's day."""

import csv
from dataclasses import dataclass
from datetime import date
from io import BytesIO, StringIO
from zipfile import BadZipFile

from openpyxl import load_workbook
from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock, local_date
from core.errors import FileInvalid, Invalid, N_
from core.house import files_of
from core.identity.actor import Actor, require
from core.identity.models import Organisation
from tender.models import Bid, QualifiedInsurer, QualifiedList
from tender.rules.qualified import COLUMNS, UNUSABLE, Entry, plain, read_entries
from tender.services.bidding import last_submission

CLAUSE = "保监发〔2016〕86号"
#: More rows than any list has: a larger file is something else.
_MOST_ROWS = 2000


def keep_list(
    session: Session, actor: Actor, clock: Clock, *, published_on: date, issuer: str, title: str, content: bytes,
    file_name: str,
) -> QualifiedList:  # fmt: skip
    """Take over a published version of the list from a CSV or XLSX file; the file is kept as its source.

    Raises FileInvalid with every faulty row, Invalid for a day to come or one that a list already has.
    """
    require(actor, "tender:keep_register")
    now = clock.now()
    if published_on > local_date(now):
        raise Invalid(N_("The list cannot be of a day to come"), field="published_on", clause=CLAUSE)
    if session.exec(select(QualifiedList).where(QualifiedList.published_on == published_on)).first() is not None:
        raise Invalid(N_("A list of this day is already kept"), field="published_on")
    if not issuer.strip() or not title.strip():
        raise Invalid(N_("Name who published the list, and its title"), field="issuer")
    entries = read_entries(_rows(content, file_name), file_name)
    row = QualifiedList(
        published_on=published_on, issuer=issuer.strip(), title=title.strip(), source_name=file_name[:120],
        source_sha256=files_of(session).put(content), kept_by=actor.user_id, kept_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(_entry(row, place, entry) for place, entry in enumerate(entries, 1))
    session.flush()
    audit.record(session, now, actor, "tender:register:keep", row, entries=len(entries), source=row.source_sha256)
    return row


def _entry(row: QualifiedList, place: int, entry: Entry) -> QualifiedInsurer:
    return QualifiedInsurer(
        list_id=row.id, position=place, name=entry.name, is_branch=entry.is_branch, area=entry.area,
        head_office=entry.head_office,
    )  # fmt: skip


def _rows(content: bytes, file_name: str) -> list[dict[str, str]]:
    try:
        if file_name.lower().endswith(".xlsx"):
            sheet = load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
            lines = [
                [str(cell) if cell is not None else "" for cell in line]
                for line in sheet.iter_rows(max_row=_MOST_ROWS, max_col=len(COLUMNS) + 4, values_only=True)
            ]
        else:
            lines = list(csv.reader(StringIO(content.decode("utf-8-sig"))))[:_MOST_ROWS]
    except (UnicodeDecodeError, BadZipFile, KeyError, ValueError, OSError, csv.Error) as fault:
        raise FileInvalid(UNUSABLE, [("文件", str(fault))], file=file_name) from fault
    heads = [head.strip() for head in lines[0]] if lines else []
    missing = [column for column in COLUMNS if column not in heads]
    if missing:
        raise FileInvalid(UNUSABLE, [("第1行", f"缺少列：{'、'.join(missing)}")], file=file_name)
    return [dict(zip(heads, line, strict=False)) for line in lines[1:]]


def lists(session: Session) -> list[QualifiedList]:
    """Every version, newest first."""
    return list(session.exec(select(QualifiedList).order_by(col(QualifiedList.published_on).desc())))


def list_on(session: Session, on: date) -> QualifiedList | None:
    """The version in force on a day, or None where none is kept."""
    rows = select(QualifiedList).where(QualifiedList.published_on <= on)
    return session.exec(rows.order_by(col(QualifiedList.published_on).desc())).first()


def entries_of(session: Session, row: QualifiedList) -> list[QualifiedInsurer]:
    """The entries of a version in order."""
    rows = select(QualifiedInsurer).where(QualifiedInsurer.list_id == row.id)
    return list(session.exec(rows.order_by(col(QualifiedInsurer.position))))


@dataclass(frozen=True)
class Membership:
    """Whether a bidder stood on the list in force on the day of its bid; listed is None where no list is kept."""

    on: date
    listed: bool | None
    version: QualifiedList | None = None
    entry: QualifiedInsurer | None = None


def membership(session: Session, bid: Bid) -> Membership:
    """Where the list in force on the bid's day has the bidder. The last submission is the bid that counts."""
    submission = last_submission(session, bid)
    on = local_date(submission.submitted_at) if submission is not None else local_date(bid.started_at)
    version = list_on(session, on)
    if version is None:
        return Membership(on, None)
    name = plain(session.get_one(Organisation, bid.bidder_id).name)
    entry = next((one for one in entries_of(session, version) if plain(one.name) == name), None)
    return Membership(on, entry is not None, version, entry)
