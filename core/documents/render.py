"""HTML → PDF/A-3a: a sandboxed template, plain values, our own assets only, and the same bytes every time."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.clock import local_time
from core.config import ROOT
from core.documents.check import FAMILIES, check_machine, latin_font
from core.documents.show import FILTERS
from core.documents.values import canonical, plain
from core.errors import Invalid, N_

TEMPLATES = ROOT / "templates" / "documents"

#: What a template may refer to as asset:<name>: every file of these folders, by its name.
ASSETS = {"css": "text/css; charset=utf-8", "images": "image/svg+xml"}
_PICTURES = ("data:image/svg+xml;base64,", "data:image/png;base64,")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread


class RenderError(RuntimeError):
    """The document cannot be made: an asset that is not ours, a value that is missing."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF. relationship: 'Data' (what the tables were made from), 'Source' or 'Supplement'."""

    name: str
    content: bytes
    description: str
    relationship: str = "Data"


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """A finished document.

    sha256 is that of the PDF's bytes; data_sha256 that of its canonical inputs, which is printed inside (a file cannot
    print its own hash); check_code is the short form of data_sha256 that people type to verify the paper.
    """

    pdf: bytes
    html: str
    sha256: str
    data_sha256: str
    check_code: str
    inputs: dict[str, Any]


def render(
    name: str,
    context: Mapping[str, Any],
    *,
    issued_at: datetime,
    attachments: Sequence[Attachment] = (),
    demonstration: bool,
) -> RenderedDocument:
    """Render templates/documents/<name>.html.

    context: plain values only; the template's opening comment says which. Besides them a template sees `issued_at`,
    `demonstration`, `check_code`, `data_sha256` and `attachments` (name, description, sha256, size).
    Raises NotPlain for a value that may not enter, Invalid for text that cannot be printed, jinja2.UndefinedError for
    a value that is missing, RenderError for an asset that is not ours, MachineUnfit where fonts or the subsetter are.
    """
    check_machine()
    values = plain(context)
    listed = [_listed(attachment) for attachment in attachments]
    inputs = {
        "template": name,
        "context": values,
        "issued_at": plain(issued_at, "issued_at"),
        "attachments": listed,
        "demonstration": demonstration,
    }
    data = canonical(inputs)
    data_sha256 = hashlib.sha256(data).hexdigest()
    html = environment().get_template(f"{name}.html").render(
        **values,
        issued_at=issued_at,
        attachments=listed,
        demonstration=demonstration,
        data_sha256=data_sha256,
        check_code=check_code(data_sha256),
    )
    pdf = typeset(html, issued_at, attachments)
    return RenderedDocument(
        pdf, html, hashlib.sha256(pdf).hexdigest(), data_sha256, check_code(data_sha256), json.loads(data)
    )


def check_code(data_sha256: str) -> str:
    """The first 50 bits of the hash as ten characters, grouped for reading aloud: '7Q4M-K2XD-90'."""
    number = int(data_sha256, 16) >> (256 - 50)
    text = "".join(_ALPHABET[number >> shift & 31] for shift in range(45, -1, -5))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def read_check_code(typed: str) -> str:
    """A check code as a person typed it → its stored form: case, spaces and the letters O, I, L do not matter."""
    text = "".join(character for character in typed.upper() if character.isalnum())
    text = text.translate(str.maketrans("OIL", "011"))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """The Jinja environment of documents: sandboxed, escaping always, a missing value is an error."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    return made


def wording() -> Any:
    """The closed lists and short macros of official papers, so that a notice speaks in the words of the document."""
    return environment().get_template("macros_official.html").module


def assets() -> dict[str, tuple[bytes, str]]:
    """Every asset a document may use: name → (bytes, media type). Held in memory; nothing outside it can be fetched."""
    return _assets(_files())


def design_version() -> str:
    """A hash of everything besides the inputs that shapes a PDF: templates, assets, the engine and its version."""
    return _design_version(_files())


def _files() -> tuple[tuple[Path, int], ...]:
    """Every file of the design and when it changed, so that an edit counts at once."""
    return tuple(sorted((path, path.stat().st_mtime_ns) for path in TEMPLATES.rglob("*.*")))


@lru_cache(maxsize=1)
def _assets(_files: tuple[tuple[Path, int], ...]) -> dict[str, tuple[bytes, str]]:
    return {"latin.ttf": (latin_font(), "font/ttf")} | {
        path.name: (path.read_bytes(), media)
        for folder, media in ASSETS.items()
        for path in sorted((TEMPLATES / folder).iterdir())
        if path.is_file()
    }


@lru_cache(maxsize=1)
def _design_version(files: tuple[tuple[Path, int], ...]) -> str:
    import weasyprint

    digest = hashlib.sha256(weasyprint.__version__.encode())
    for path in [path for path, _changed in files] + sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _listed(attachment: Attachment) -> dict[str, Any]:
    return {
        "name": attachment.name,
        "description": attachment.description,
        "relationship": attachment.relationship,
        "sha256": hashlib.sha256(attachment.content).hexdigest(),
        "size": len(attachment.content),
    }


def typeset(html: str, issued_at: datetime, attachments: Sequence[Attachment] = ()) -> bytes:
    """HTML as PDF/A-3a.

    Raises RenderError for anything the page asks for that is not one of our assets, Invalid for characters that none
    of our fonts has: they would come out in a chance font, or as an empty box.
    """
    # Imported here: a process that only reads documents need not load Pango.
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    enclosed = [
        weasyprint.Attachment(
            string=attachment.content,
            name=attachment.name,
            description=attachment.description,
            relationship=attachment.relationship,
            created=local_time(issued_at),
            modified=local_time(issued_at),
        )
        for attachment in attachments
    ]
    page = weasyprint.HTML(string=html, url_fetcher=_fetcher(), base_url="asset:")
    try:
        return page.write_pdf(pdf_variant="pdf/a-3a", attachments=enclosed, finisher=_finish)
    except FatalURLFetchingError as error:
        raise RenderError(f"a document uses its own assets only: {error.__cause__}") from error


def _finish(document: Any, pdf: Any) -> None:
    """Looks over the laid-out document before it is written."""
    strange = {
        character
        for font in document.fonts.values()
        for character in (*map(chr, font.missing), *("" if _is_ours(font) else "".join(font.to_unicode.values())))
    }
    if strange:
        characters = "".join(sorted(strange))
        raise Invalid(N_("No font of the papers has these characters: %(characters)s"), characters=characters)
    # WeasyPrint 70 writes every attachment twice into the catalogue's /AF; readers then show it twice.
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = list(dict.fromkeys(pdf.catalog["AF"]))


def _is_ours(font: Any) -> bool:
    return str(font.family).startswith(FAMILIES)


def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnAssets(URLFetcher):
        """Answers asset:<name> from memory and pictures that travel in the document; all else ends the render."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            if url.startswith(_PICTURES):
                return super().fetch(url, headers)
            name = unquote(url.removeprefix("asset:"))
            if not url.startswith("asset:") or name not in assets():
                raise RenderError(f"not one of ours: {url[:200]}")
            content, media = assets()[name]
            return URLFetcherResponse(url, content, {"Content-Type": media})

    return OwnAssets()
