"""Reading a finished PDF as its readers do: text, fonts, metadata, enclosed files."""

import io
import re
import subprocess

import pikepdf

#: What stands between the head and foot margins of an official paper, in points: x, y, width, height.
BODY = ("0", "71", "595", "697")

#: How the names of the fonts begin that papers are set in; any other name is a silent fallback.
OUR_FONTS = ("Noto-Serif-CJK-SC", "Noto-Sans-CJK-SC", "AR-PL-UKai", "Fandol", "GW-Latin", "Liberation")


def text(pdf: bytes, *, body_only: bool = False) -> str:
    """The text in reading order without any white space; `body_only` leaves out the head and foot of each page."""
    crop = [part for pair in zip(("-x", "-y", "-W", "-H"), BODY, strict=True) for part in pair] if body_only else []
    return re.sub(r"\s", "", _run("pdftotext", "-raw", "-r", "72", *crop, "-", "-", content=pdf))


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without white space."""
    return [re.sub(r"\s", "", page) for page in _run("pdftotext", "-raw", "-", "-", content=pdf).split("\f")[:-1]]


def fonts(pdf: bytes) -> dict[str, bool]:
    """Font name without its subset prefix → whether it is embedded."""
    rows = _run("pdffonts", "-", content=pdf).splitlines()[2:]
    return {row.split()[0].split("+")[-1]: " yes yes yes " in row for row in rows}


def facts(pdf: bytes) -> dict[str, str]:
    """Title, language, tagging and the PDF/A part and level, as the file states them."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata() as metadata:
            part, level = metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")
        return {
            "title": str(document.docinfo.Title),
            "language": str(document.Root.Lang),
            "tagged": str(bool(document.Root.MarkInfo.Marked)),
            "variant": f"PDF/A-{part}{level}",
        }


def sizes(pdf: bytes) -> set[tuple[int, int]]:
    """The page sizes that occur, in points; A4 is (595, 842)."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {(round(page.mediabox[2]), round(page.mediabox[3])) for page in document.pages}


def enclosed(pdf: bytes) -> list[tuple[str, bytes]]:
    """Every file the catalogue's /AF names, as often as it names it, with its bytes."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [(str(spec.UF), spec.EF.F.read_bytes()) for spec in document.Root.get("/AF", [])]


def _run(*command: str, content: bytes) -> str:
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()
