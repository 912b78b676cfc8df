"""Files made to hurt: each is refused in words, fast, in little memory, and nothing of it is kept."""

import io
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import FileInvalid
from settlement.claims.landing import land
from tests.factories.claims import csv_file, row, workbook

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = "JLDB-2017-01"

#: Lands the file named in a process that may take 1 GiB and 20 seconds, and prints why it was refused.
LANDING = """
import resource, sys
from pathlib import Path
from core.errors import FileInvalid
from settlement.claims.landing import land

resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
try:
    land(Path(sys.argv[1]).read_bytes(), "claims.xlsx", 2017, "JLDB-2017-01")
except FileInvalid as refused:
    print(refused.faults)
"""


def repacked(change: Callable[[str, bytes], bytes]) -> bytes:
    """A sound workbook with its parts changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(row()))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in source.namelist():
            packed.writestr(name, change(name, source.read(name)))
    return out.getvalue()


def zip_bomb(megabytes: int = 200) -> bytes:
    """A workbook of some hundred kilobytes with one cell of that many megabytes."""

    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return content
        cell = b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b"x" * (megabytes << 20) + b"</t></is></c></row>"
        return content.replace(b"</sheetData>", cell + b"</sheetData>")

    return repacked(change)


def lying_zip_bomb() -> bytes:
    """The same, whose directory says that every part is small."""
    content = bytearray(zip_bomb())
    at = -1
    while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:
        size = struct.unpack("<I", content[at + 24 : at + 28])[0]
        content[at + 24 : at + 28] = struct.pack("<I", min(size, 10_000))
    return bytes(content)


def billion_laughs() -> bytes:
    """Entities of entities, which a trusting XML reader would expand to gigabytes."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY l0 "ha">{levels}]>'.encode()

    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return content
        cell = b'<row r="3"><c r="A3" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData>'
        return head + content.partition(b"?>")[2].replace(b"</sheetData>", cell)

    return repacked(change)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (zip_bomb, "unpacks to too much"),
        (lying_zip_bomb, "is no workbook"),
        (billion_laughs, "is no workbook"),
    ],
)
def test_a_workbook_that_would_fill_the_memory_is_refused(
    make: Callable[[], bytes], reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "claims.xlsx"
    file.write_bytes(make())
    command = [sys.executable, "-c", LANDING, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    assert reason in done.stdout
    assert len(done.stdout) < 5000, "a refusal does not send the file back"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"%PDF-1.7\n" + workbook(row()), "file"),
        (b"<html><script>alert(1)</script></html>\n", "column"),
        (b"\x7fELF" + bytes(200), "column"),
        (csv_file(row(person_id="P\x001")), "row 2"),
        (csv_file(row(claim_id="C" * 300)), "row 2"),
        (csv_file(row(county="演\u202e示县")), "row 2"),
        (csv_file(row(total_cost="１０００００.00")), "row 2"),
        (csv_file(row(total_cost="1e5")), "row 2"),
        (csv_file(row(total_cost="NaN")), "row 2"),
        (csv_file(row(total_cost="-100000.00")), "row 2"),
        (csv_file(row(settled_on="42736")), "row 2"),
    ],
    ids=[
        "PDF and workbook at once",
        "a page",
        "a program",
        "NUL in a cell",
        "an endless number",
        "text that reads backwards",
        "full-width digits",
        "an exponent",
        "not a number",
        "a negative amount",
        "a day as Excel counts it",
    ],
)
def test_what_is_not_a_claim_is_refused_with_its_place(content: bytes, place: str) -> None:
    with pytest.raises(FileInvalid) as refused:
        land(content, "claims.csv", 2017, CONTRACT)
    places = [where for where, _reason in refused.value.faults]
    assert any(where.startswith(place) for where in places), places
    assert sum(map(len, places)) < 5000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 << 20  # KiB
