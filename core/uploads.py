"""Files that arrive in pieces: a part file grows at its end only, survives a broken line, enters the store whole."""

import fcntl
import hashlib
import os
from pathlib import Path

from core.errors import N_, Refused
from core.files import DamagedFile, DiskStore

#: Where parts lie in the store's folder; no file of the store has such a name, so backups leave them out.
FOLDER = "arriving"
BLOCK = 1 << 20


class OutOfStep(Refused):
    """A piece that does not begin where the part file ends; `offset` is where it does."""

    def __init__(self, offset: int) -> None:
        super().__init__(N_("The next piece begins at byte %(offset)s"), offset=offset)
        self.offset = offset


def part_path(store: DiskStore, reference: str) -> Path:
    """Where the part of this reference (32 hex characters) lies."""
    if len(reference) != 32 or not set(reference) <= set("0123456789abcdef"):
        raise ValueError(reference)
    return store.folder / FOLDER / reference


def arrived(store: DiskStore, reference: str) -> int:
    """How many bytes have arrived and are on the disk."""
    path = part_path(store, reference)
    return path.stat().st_size if path.exists() else 0


def append(store: DiskStore, reference: str, offset: int, piece: bytes) -> int:
    """Add a piece at the end, durably; returns how many bytes there are now.

    Raises OutOfStep where `offset` is not the end: a piece that is sent twice (its answer was lost) changes nothing.
    """
    path = part_path(store, reference)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = os.fstat(file.fileno()).st_size
        if end != offset:
            raise OutOfStep(end)
        try:
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), end)  # on a full disk the part stays what it was, and can go on later
            raise
    return end + len(piece)


def finish(store: DiskStore, reference: str, announced: str) -> None:
    """Move a part into the store under the SHA-256 it was announced with; nothing is read into memory at once.

    Raises DamagedFile, and forgets the part, where its bytes have another hash.
    """
    path = part_path(store, reference)
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sha256.update(block)
    if sha256.hexdigest() != announced:
        path.unlink()
        raise DamagedFile(announced)
    target = store.path(announced)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(path, target)


def drop(store: DiskStore, reference: str) -> None:
    """Forget a part."""
    part_path(store, reference).unlink(missing_ok=True)
