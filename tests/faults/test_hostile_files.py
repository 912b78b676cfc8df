"""Files made to hurt: each is refused in words, fast, in little memory, and nothing of it is kept."""

import io
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

#: Lands the files named in a process that may take 1 GiB and 20 seconds, and prints why each was refused.
LANDING = """
import resource, sys
from pathlib import Path
from core.errors import FileInvalid
from settlement.claims.landing import land

resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
for name in sys.argv[1:]:
    try:
        land(Path(name).read_bytes(), Path(name).name, 2017, "JLDB-2017-01")
    except FileInvalid as refused:
        print(refused.faults)
"""


def refusals_in_little_memory(*files: Path) -> list[str]:
    """What a process with 1 GiB says of each file; how much memory the tests themselves have taken does not matter."""
    command = [sys.executable, "-c", LANDING, *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


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
    [said] = refusals_in_little_memory(file)
    assert reason in said
    assert len(said) < 5000, "a refusal does not send the file back"


#: What is no claim → its bytes and the place a refusal names.
NO_CLAIMS = {
    "PDF and workbook at once": (b"%PDF-1.7\n" + workbook(row()), "file"),
    "a page": (b"<html><script>alert(1)</script></html>\n", "column"),
    "a program": (b"\x7fELF" + bytes(200), "column"),
    "NUL in a cell": (csv_file(row(person_id="P\x001")), "row 2"),
    "an endless number": (csv_file(row(claim_id="C" * 300)), "row 2"),
    "text that reads backwards": (csv_file(row(county="演\u202e示县")), "row 2"),
    "full-width digits": (csv_file(row(total_cost="１０００００.00")), "row 2"),
    "an exponent": (csv_file(row(total_cost="1e5")), "row 2"),
    "not a number": (csv_file(row(total_cost="NaN")), "row 2"),
    "a negative amount": (csv_file(row(total_cost="-100000.00")), "row 2"),
    "a day as Excel counts it": (csv_file(row(settled_on="42736")), "row 2"),
}


@pytest.mark.parametrize(("content", "place"), NO_CLAIMS.values(), ids=NO_CLAIMS)
def test_what_is_not_a_claim_is_refused_with_its_place(content: bytes, place: str) -> None:
    with pytest.raises(FileInvalid) as refused:
        land(content, "claims.csv", 2017, CONTRACT)
    places = [where for where, _reason in refused.value.faults]
    assert any(where.startswith(place) for where in places), places
    assert sum(map(len, places)) < 5000


def test_what_is_not_a_claim_is_refused_in_little_memory(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.csv" for number, _name in enumerate(NO_CLAIMS)]
    for file, (content, _place) in zip(files, NO_CLAIMS.values(), strict=True):
        file.write_bytes(content)
    for said, (_content, place) in zip(refusals_in_little_memory(*files), NO_CLAIMS.values(), strict=True):
        assert place in said
