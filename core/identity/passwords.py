"""Passwords: argon2 hashes, and a judgement of weak ones made here, without asking any outside list."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Invalid, N_

MINIMUM, MAXIMUM = 12, 128

#: OWASP's second profile (19 MiB, two passes): 33 ms on the reference machine, so that 100 logins in 10 s still hold.
_STRONG = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
#: For demonstration accounts only: their password is printed on the screen, so strength would only cost start-up time.
_CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
#: A hash no password has; verifying against it makes an unknown name as slow as a known one.
_NOBODY = _STRONG.hash("nobody has this password")

WORDS = Path(__file__).with_name("common_words.txt")
_ROWS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_WALKS = (*_ROWS, "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "abcdefghijklmnopqrstuvwxyz")
_LEET = str.maketrans("@$!013457", "asioleast")
_DATE = re.compile(r"(19|20)\d{2}((0?[1-9]|1[0-2])((0?[1-9]|[12]\d|3[01]))?)?")
_MOBILE = re.compile(r"1[3-9]\d{9}")


def hash_password(password: str, *, demonstration: bool = False) -> str:
    """The argon2 hash to store; cheap parameters for a demonstration account (see `_CHEAP`)."""
    return (_CHEAP if demonstration else _STRONG).hash(normalise(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; for an unknown person (None) as slow as a real check, and False."""
    try:
        return _STRONG.verify(stored or _NOBODY, normalise(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's and should be renewed at the next login."""
    return _STRONG.check_needs_rehash(stored)


def normalise(password: str) -> str:
    """The form in which a password is hashed: the same characters typed on any keyboard give the same bytes."""
    return unicodedata.normalize("NFKC", password)


def check_strength(password: str, *known: str) -> None:
    """Raise Invalid for a password that is short, or that is nothing but patterns everybody tries first.

    known: words a guesser knows about the person (login name, name, organisation).
    """
    text = normalise(password)
    if len(text) < MINIMUM:
        raise Invalid(N_("A password needs at least %(length)d characters"), field="password", length=MINIMUM)
    if len(text) > MAXIMUM:
        raise Invalid(N_("A password has at most %(length)d characters"), field="password", length=MAXIMUM)
    if _is_guessable(text.lower(), frozenset(word.lower() for word in known if len(word) >= 3)):
        raise Invalid(
            N_("This password is a common pattern (words, dates, keyboard rows). Use several unrelated words"),
            field="password",
        )


@cache
def _common_words() -> frozenset[str]:
    return frozenset(word for word in WORDS.read_text("utf-8").split() if not word.startswith("#"))


def _is_guessable(text: str, known: frozenset[str]) -> bool:
    """Whether the text, as typed or with look-alike digits read as letters, is covered by common pieces alone.

    Up to three characters may stay uncovered: a lone sign between two common words adds nothing.
    """
    words = _common_words() | known
    return min(_uncovered(variant, words) for variant in {text, text.translate(_LEET)}) <= 3


def _uncovered(text: str, words: frozenset[str]) -> int:
    """The fewest characters that no common piece covers."""
    best = [0] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        best[end] = best[end - 1] + 1
        for start in range(max(0, end - 24), end - 2):
            if best[start] < best[end] and _is_common(text[start:end], words):
                best[end] = best[start]
    return best[-1]


def _is_common(piece: str, words: frozenset[str]) -> bool:
    if piece in words or len(set(piece)) == 1 or _DATE.fullmatch(piece) or _MOBILE.fullmatch(piece):
        return True
    if any(piece in walk or piece in walk[::-1] for walk in _WALKS):
        return True
    half, rest = divmod(len(piece), 2)
    return rest == 0 and half >= 2 and piece[:half] == piece[half:]
