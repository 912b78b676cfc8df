"""The content store: files kept once, under the SHA-256 of their bytes, never changed, destroyed only by rule."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol


class FileStore(Protocol):
    """Where bytes are kept by their SHA-256 (hex)."""

    def put(self, content: bytes) -> str:
        """Keep the bytes durably; returns their SHA-256."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises MissingFile if they are not there, DamagedFile if they changed."""
        ...


class MissingFile(LookupError):
    """The store has no file of this SHA-256."""


class DamagedFile(RuntimeError):
    """The stored bytes no longer have their SHA-256."""


class DiskStore:
    """A folder on this machine: ab/cdef… by the first two characters of the hash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the file of this hash is kept; for tools that read in place (DuckDB, send_file)."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise MissingFile(sha256)
        return self.folder / sha256[:2] / sha256[2:]

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
        return sha256

    def get(self, sha256: str) -> bytes:
        try:
            content = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise MissingFile(sha256) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DamagedFile(sha256)
        return content

    def destroy(self, sha256: str) -> None:
        """Remove the bytes for good, durably; what is not there is destroyed already.

        Only for what the law or the house's rules say must not be kept (sealed bids that were replaced or withdrawn).
        The caller makes sure that no other row names this hash: the store does not know who does.
        """
        path = self.path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _write(path: Path, content: bytes) -> None:
    """The whole file or none: on a full disk not even its beginning stays."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink()
            raise
