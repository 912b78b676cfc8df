"""What a document tells of its making without being run: author, program, instants, and its words as shingles."""

import re
import zipfile
import zlib
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from io import BytesIO

#: No part of a document is read further than this: a hostile one must not fill the memory.
LONGEST_PART = 4_000_000
#: Characters of one shingle; shorter ones are common words, longer ones miss edited sentences.
SHINGLE = 12
#: Office formats: the parts that hold words.
_WORDS = ("word/document.xml", "xl/sharedStrings.xml")
_SPACE = re.compile(r"[\s\u3000，。、；：！？,.;:!?()（）《》“”\"'—-]+")


@dataclass(frozen=True)
class FileFacts:
    """One document of a bid. Empty text: the document does not say. shingles: hashes of runs of its words."""

    name: str
    sha256: str
    author: str = ""
    changed_by: str = ""
    program: str = ""
    created: str = ""
    shingles: frozenset[int] = frozenset()


def file_facts(name: str, content: bytes) -> FileFacts:
    """Read what there is to read; whatever cannot be read stays empty, and nothing of it is ever executed."""
    digest = sha256(content).hexdigest()
    if content.startswith(b"PK"):
        return _office(name, digest, content)
    if content.startswith(b"%PDF"):
        return _pdf(name, digest, content)
    try:
        return FileFacts(name, digest, shingles=shingles(content[:LONGEST_PART].decode("utf-8")))
    except UnicodeDecodeError:
        return FileFacts(name, digest)


def shingles(text: str) -> frozenset[int]:
    """Hashes of every run of SHINGLE characters, spaces and punctuation left out; none for a very short text."""
    plain = _SPACE.sub("", text)
    return frozenset(zlib.crc32(plain[at : at + SHINGLE].encode()) for at in range(len(plain) - SHINGLE + 1))


def _office(name: str, digest: str, content: bytes) -> FileFacts:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            core, app = _part(archive, "docProps/core.xml"), _part(archive, "docProps/app.xml")
            words = " ".join(_plain(_part(archive, part)) for part in _WORDS)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return FileFacts(name, digest)
    return FileFacts(
        name, digest, author=_tag(core, "dc:creator"), changed_by=_tag(core, "cp:lastModifiedBy"),
        program=" ".join(filter(None, (_tag(app, "Application"), _tag(app, "AppVersion")))),
        created=_tag(core, "dcterms:created"), shingles=shingles(words),
    )  # fmt: skip


def _part(archive: zipfile.ZipFile, name: str) -> str:
    if name not in archive.namelist():
        return ""
    with archive.open(name) as part:
        return part.read(LONGEST_PART).decode("utf-8", "replace")


def _tag(xml: str, name: str) -> str:
    found = re.search(rf"<{name}(?:\s[^>]*)?>([^<]*)</{name}>", xml)
    return unescape(found.group(1)).strip()[:200] if found else ""


def _plain(xml: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", xml))


def _pdf(name: str, digest: str, content: bytes) -> FileFacts:
    head = content[:LONGEST_PART] + content[-LONGEST_PART:] if len(content) > LONGEST_PART else content
    program = " ".join(dict.fromkeys(filter(None, (_entry(head, b"Creator"), _entry(head, b"Producer")))))
    return FileFacts(
        name, digest, author=_entry(head, b"Author"), program=program, created=_entry(head, b"CreationDate"),
        shingles=shingles(_pdf_words(head)),
    )  # fmt: skip


def _entry(content: bytes, key: bytes) -> str:
    """A text of the information dictionary, written as (…) or <hex>."""
    found = re.search(rb"/" + key + rb"\s*\(((?:[^()\\]|\\.){0,400})\)", content, re.S)
    if found:
        return _text(re.sub(rb"\\([()\\])", rb"\1", found.group(1)))
    found = re.search(rb"/" + key + rb"\s*<([0-9A-Fa-f\s]{0,800})>", content)
    return _text(bytes.fromhex(_even(found.group(1)))) if found else ""


def _even(digits: bytes) -> str:
    text = re.sub(rb"\s", b"", digits).decode()
    return text + "0" * (len(text) % 2)


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xfe\xff", b"\xff\xfe")):
        return raw.decode("utf-16", "replace").strip()[:200]
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding).strip()[:200]
        except UnicodeDecodeError:
            continue
    return ""


def _pdf_words(content: bytes) -> str:
    """Texts shown as (…) in plain or deflated content streams; fonts with codes of their own stay unread."""
    words: list[str] = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.S)[:200]:
        opened = stream
        if not stream.lstrip().startswith(b"BT"):
            try:
                opened = zlib.decompressobj().decompress(stream, LONGEST_PART)
            except zlib.error:
                continue
        words += [_text(text) for text in re.findall(rb"\(((?:[^()\\]|\\.)*)\)\s*Tj", opened)]
    return " ".join(words)
