"""An envelope: a container encrypted with age (X25519) to the tender's key; anything else is refused at the door."""

import re

import pyrage

AGE = b"age-encryption.org/v1"
#: nonce and one empty authenticated chunk: a payload is never shorter.
SHORTEST_PAYLOAD = 16 + 16
_ARGUMENT = rb"[\x21-\x7e]+"
_STANZA = re.compile(rb"-> (" + _ARGUMENT + rb")(?: " + _ARGUMENT + rb")*\Z")
_X25519 = re.compile(rb"-> X25519 [A-Za-z0-9+/]{43}\Z")
_BODY = re.compile(rb"[A-Za-z0-9+/]*\Z")
_MAC = re.compile(rb"--- [A-Za-z0-9+/]{43}\Z")
LONGEST_HEADER = 16_384


class EnvelopeFault(ValueError):
    """Why bytes are not a sealed envelope, or why it does not open."""


def check_sealed(data: bytes) -> None:
    """Raise EnvelopeFault unless the bytes begin with an age header of X25519 and grease stanzas only.

    The header hides the recipient, so a wrong key shows only at the opening; plaintext, PGP, passphrase envelopes
    and broken headers show here (security 1.2, 6).
    """
    lines = data[:LONGEST_HEADER].split(b"\n")
    if lines[0] != AGE:
        raise EnvelopeFault("this is not an age file: it is not sealed")
    index = _after_stanzas(lines)
    if index >= len(lines) or not _MAC.match(lines[index]):
        raise EnvelopeFault("the age header is broken or has no end")
    header = sum(len(line) + 1 for line in lines[: index + 1])
    if len(data) < header + SHORTEST_PAYLOAD:
        raise EnvelopeFault("the sealed content is missing or cut off")


def _after_stanzas(lines: list[bytes]) -> int:
    index, sealed = 1, 0
    while index < len(lines) and lines[index].startswith(b"-> "):
        stanza = _STANZA.match(lines[index])
        if stanza is None:
            raise EnvelopeFault("the age header is broken")
        if _X25519.match(lines[index]):
            sealed += 1
        elif not stanza.group(1).endswith(b"-grease"):
            raise EnvelopeFault("only X25519 recipients are allowed")
        index = _after_body(lines, index + 1)
    if not sealed:
        raise EnvelopeFault("the age header names no X25519 recipient")
    return index


def _after_body(lines: list[bytes], index: int) -> int:
    """A stanza's body: full lines of 64 characters, ended by a shorter one."""
    while index < len(lines):
        if not _BODY.match(lines[index]) or len(lines[index]) > 64:
            raise EnvelopeFault("the age header is broken")
        index += 1
        if len(lines[index - 1]) < 64:
            return index
    raise EnvelopeFault("the age header is broken or has no end")


def seal_envelope(container: bytes, recipient: str) -> bytes:
    """Encrypt a container to a tender's public key. Raises EnvelopeFault for text that is no age recipient."""
    try:
        return pyrage.encrypt(container, [pyrage.x25519.Recipient.from_str(recipient)])
    except pyrage.RecipientError as fault:
        raise EnvelopeFault("this is not an age recipient (age1…)") from fault


def open_envelope(ciphertext: bytes, identity: str) -> bytes:
    """Decrypt a whole envelope, or raise EnvelopeFault; nothing partial is ever returned."""
    try:
        return pyrage.decrypt(ciphertext, [pyrage.x25519.Identity.from_str(identity)])
    except pyrage.DecryptError as fault:
        raise EnvelopeFault(f"cannot be decrypted with this tender's key: {fault}") from fault
