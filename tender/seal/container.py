"""The container of a bid: a manifest and files in one run of bytes, and the commitment that hides and binds it.

Layout: the line 'seal/v1', one line of canonical JSON (the manifest), then the files' bytes one after another.
Manifest: {"tender", "lot", "envelope", "salt" (64 hex), "files": [{"name", "size", "sha256", "proof"?}, …]}; proof says
which of the proofs asked for (`tender.rules.proofs`) a file is, and is left out where it is none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import rfc8785

MAGIC = b"seal/v1\n"
#: A manifest longer than this is not one of ours; it guards the parser.
LONGEST_MANIFEST = 1_000_000
#: What a file is said to be is one short word; more is cut off, and a word nobody asked for counts for nothing.
LONGEST_PROOF = 40


class ContainerFault(ValueError):
    """Bytes that are no whole container, with the reason."""


@dataclass(frozen=True)
class File:
    """A document in a container. proof: which proof the bidder says it is, '' for none."""

    name: str
    content: bytes
    proof: str = ""


@dataclass(frozen=True)
class Container:
    """A container that was read: every file has the size and hash its manifest states."""

    tender: str
    lot: int
    envelope: str
    salt: bytes
    files: tuple[File, ...]

    def file(self, name: str) -> bytes | None:
        """The content of the first file of this name, or None."""
        return next((file.content for file in self.files if file.name == name), None)


def build(tender: str, lot: int, envelope: str, files: Sequence[File], salt: bytes | None = None) -> bytes:
    """Pack files for one envelope of one lot. salt: 32 bytes, random unless given (only tests give it)."""
    salt = token_bytes(32) if salt is None else salt
    manifest: dict[str, Any] = {
        "tender": tender,
        "lot": lot,
        "envelope": envelope,
        "salt": salt.hex(),
        "files": [_described(file) for file in files],
    }
    return MAGIC + rfc8785.dumps(manifest) + b"\n" + b"".join(file.content for file in files)


def _described(file: File) -> dict[str, Any]:
    line = {"name": file.name, "size": len(file.content), "sha256": sha256(file.content).hexdigest()}
    return line | ({"proof": file.proof} if file.proof else {})


def read(container: bytes) -> Container:
    """Unpack and check a container. Raises ContainerFault for anything that is not whole."""
    if not container.startswith(MAGIC):
        raise ContainerFault("not a seal/v1 container")
    end = container.find(b"\n", len(MAGIC), len(MAGIC) + LONGEST_MANIFEST)
    if end < 0:
        raise ContainerFault("the manifest has no end")
    try:
        manifest = json.loads(container[len(MAGIC) : end])
        described = [
            (str(item["name"]), int(item["size"]), str(item["sha256"]), str(item.get("proof", ""))[:LONGEST_PROOF])
            for item in manifest["files"]
        ]
        salt = bytes.fromhex(manifest["salt"])
        head = str(manifest["tender"]), int(manifest["lot"]), str(manifest["envelope"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as fault:
        # Whatever a bidder wrote spoils that bid alone, never the opening of the others.
        raise ContainerFault("the manifest cannot be read") from fault
    if len(salt) != 32:
        raise ContainerFault("the salt is not 32 bytes")
    return Container(*head, salt, _files(described, container[end + 1 :]))


def _files(described: list[tuple[str, int, str, str]], body: bytes) -> tuple[File, ...]:
    files, at = [], 0
    for name, size, digest, proof in described:
        # Control characters, lone surrogates, marks that turn the reading direction; wide spaces are plain in Chinese.
        if not name.replace("\u3000", "").replace("\u00a0", "").isprintable():
            raise ContainerFault("a file name has characters that cannot be shown")
        content = body[at : at + size] if size >= 0 else b""
        if len(content) != size or sha256(content).hexdigest() != digest:
            raise ContainerFault(f"file {name} is damaged or incomplete")
        files.append(File(name, content, proof))
        at += size
    if at != len(body):
        raise ContainerFault("there are bytes that no file of the manifest owns")
    return tuple(files)


def commitment_of(container: bytes) -> str:
    """SHA-256('seal/v1' ⏎ tender ⏎ envelope ⏎ salt ‖ SHA-256(container)), hex: hides and binds the content."""
    held = read(container)
    head = f"seal/v1\n{held.tender}\n{held.envelope}\n".encode()
    return sha256(head + held.salt + sha256(container).digest()).hexdigest()


def as_json(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) for a file inside a container."""
    return rfc8785.dumps(value)
