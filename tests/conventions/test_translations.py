"""Both languages are complete: each message of code and templates has its Chinese, and nothing in it is doubtful."""

import re
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.support.sources import ROOMS, ROOT, listed

KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
JINJA = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
Key = str | tuple[str, ...]


@cache
def used() -> dict[Key, str]:
    """Every message id of the project and where it is used first."""
    found: dict[Key, str] = {}
    for folder in (*ROOMS, "demonstration", "templates"):
        if not (ROOT / folder).is_dir():
            continue
        for name, line, message, _comments, _context in extract_from_dir(ROOT / folder, METHODS, JINJA, KEYWORDS):
            found.setdefault(message if isinstance(message, str) else tuple(message), f"{folder}/{name}:{line}")
    return found


@cache
def catalogues() -> dict[Path, Catalog]:
    """Every Chinese catalogue, by its file."""
    paths = sorted((ROOT / "translations").glob("*/zh_CN/LC_MESSAGES/messages.po"))
    return {path.relative_to(ROOT): read_po(BytesIO(path.read_bytes()), locale="zh_CN") for path in paths}


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _key(message_id: object) -> Key:
    return message_id if isinstance(message_id, str) else tuple(message_id)  # type: ignore[arg-type]


def test_every_message_has_its_chinese() -> None:
    translated = {_key(message.id) for catalogue in catalogues().values() for message in catalogue if message.id}
    plural = {key[0] for key in translated if isinstance(key, tuple)}
    missing = {
        message: place
        for message, place in used().items()
        if message not in translated and not (isinstance(message, str) and message in plural)
    }
    assert not missing, listed(f"{place}: {message!r}" for message, place in missing.items())


def test_no_translation_is_empty_or_doubtful() -> None:
    doubtful = [
        f"{path}:{message.lineno}: {message.id!r}"
        for path, catalogue in catalogues().items()
        for message in catalogue
        if message.id and (message.fuzzy or not all(_strings(message)))
    ]
    assert not doubtful, listed(doubtful)


def test_translations_keep_the_placeholders() -> None:
    """A placeholder lost or misspelt in Chinese would break the page that shows it."""
    wrong = [
        f"{path}:{message.lineno}: {message.id!r}: {error}"
        for path, catalogue in catalogues().items()
        for message in catalogue
        for error in message.check(catalogue)
    ]
    assert not wrong, listed(wrong)


def test_message_ids_are_english() -> None:
    chinese = [f"{place}: {message!r}" for message, place in used().items() if CHINESE.search(str(message))]
    assert not chinese, listed(chinese)


def test_one_message_has_one_chinese_wording() -> None:
    """Catalogues of all rooms are read as one; two wordings would make the shown one a matter of order."""
    wordings: dict[Key, dict[str, Path]] = {}
    for path, catalogue in catalogues().items():
        for message in catalogue:
            if message.id:
                wordings.setdefault(_key(message.id), {}).setdefault(str(message.string), path)
    several = [f"{key!r}: {sorted(found)}" for key, found in wordings.items() if len(found) > 1]
    assert not several, listed(several)
