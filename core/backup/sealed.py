"""An encrypted backup: one age file, streamed, padded so that its size does not grow with what comes in.

Inside the encryption is an ordinary tar of what a plain backup holds as a folder, the manifest last, then zeros up to
a power of two. With the identity it can be unpacked by `age -d FILE | tar -x` on any machine, without this house.
"""

import io
import os
import stat
import tarfile
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyrage

from core.backup.folder import (
    MANIFEST,
    DatabaseCopy,
    Manifest,
    copy_database,
    finished,
    manifest_bytes,
    must_be_prepared,
    stored_files,
)
from core.config import make_folder
from core.errors import Invalid, N_, Refused
from core.files import DamagedFile, MissingFile
from core.house import House

#: The least size of what is encrypted, bytes; above it a power of two. A house of little content gives always this.
LEAST = 64 * 1024 * 1024
BLOCK = 1024 * 1024
_TAR_BLOCK = tarfile.BLOCKSIZE
_HEAD = b"age-encryption.org/v1"


@dataclass(frozen=True)
class SealedBackup:
    """What may be told of an encrypted backup. No number of files or bytes of content: they would count bidders.

    size: bytes of the encrypted file; recipients: how many can open it.
    """

    made_at: str
    database_kind: str
    size: int
    recipients: int
    audit_size: int
    audit_hash: str


def backup_sealed(house: House, target: Path, recipients: Sequence[str]) -> SealedBackup:
    """Write a backup of the running house into the new file `target`, encrypted to these age recipients (age1…).

    Nothing of it is readable on the way but the database's copy, which lies in the data folder beside the database
    itself and is removed. The file has its name only once it is whole.
    Raises Invalid for a recipient that is none, Refused for a file that exists, FileInvalid as a plain backup does.
    """
    keys = [_recipient(text) for text in recipients]
    must_be_prepared(house)
    if target.exists():
        raise Refused(N_("%(file)s is there already"), file=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    made_at = house.clock.now().isoformat()
    try:
        with tempfile.TemporaryDirectory(dir=house.settings.data, prefix="backup-") as folder, _new(unfinished) as out:
            held = _Held(house, Path(folder), copy_database(house, Path(folder)), made_at)
            pyrage.encrypt_io(_Reader(_padded(held.tar())), out, keys)
            out.flush()
            os.fsync(out.fileno())
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    manifest = held.finished()
    told = SealedBackup(
        manifest.made_at, manifest.database_kind, target.stat().st_size, len(keys), manifest.audit_size,
        manifest.audit_hash,
    )  # fmt: skip
    finished(held.damaged)
    return told


class _Held:
    """The members of a backup as a tar stream, and the manifest that is known once they have all been read."""

    def __init__(self, house: House, folder: Path, database: DatabaseCopy, made_at: str) -> None:
        self.house, self.folder, self.database, self.made_at = house, folder, database, made_at
        self.damaged: list[str] = []
        self.manifest: Manifest | None = None

    def tar(self) -> Iterator[bytes]:
        path = self.folder / self.database.name
        yield from _member(path.name, path.stat().st_size, _blocks(path))
        path.unlink()
        files: dict[str, int] = {}
        for sha256 in stored_files(self.house.files):
            try:
                content = self.house.files.get(sha256)
            except MissingFile:
                continue  # destroyed by rule since the list was read
            except DamagedFile:
                self.damaged.append(sha256)
                continue
            files[sha256] = len(content)
            yield from _member(f"files/{sha256[:2]}/{sha256[2:]}", len(content), [content])
        self.manifest = self.database.manifest(self.made_at, files)
        content = manifest_bytes(self.manifest)
        yield from _member(MANIFEST, len(content), [content])
        yield bytes(2 * _TAR_BLOCK)

    def finished(self) -> Manifest:
        if self.manifest is None:
            raise RuntimeError("the stream was not read to its end")
        return self.manifest


def _member(name: str, size: int, content: Iterable[bytes]) -> Iterator[bytes]:
    """One file of a tar: its head, its bytes, zeros up to the block."""
    head = tarfile.TarInfo(name)
    head.size, head.mode, head.mtime = size, 0o600, 0
    yield head.tobuf(tarfile.PAX_FORMAT)
    yield from content
    yield bytes(-size % _TAR_BLOCK)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def padded_size(size: int) -> int:
    """The size a stream of `size` bytes is filled up to.

    >>> padded_size(1) == padded_size(LEAST) == LEAST
    True
    >>> padded_size(LEAST + 1) == 2 * LEAST
    True
    """
    return max(LEAST, 1 << (size - 1).bit_length())


def _padded(stream: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for part in stream:
        size += len(part)
        yield part
    left = padded_size(size) - size
    while left:
        yield bytes(min(left, BLOCK))
        left -= min(left, BLOCK)


class _Reader(io.RawIOBase):
    """A stream of parts as a file that is read from."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._rest = parts, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: "memoryview | bytearray") -> int:  # type: ignore[override]
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = memoryview(part)
        taken = min(len(into), len(self._rest))
        into[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def _new(path: Path) -> io.BufferedWriter:
    """A new file that only this user may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    return os.fdopen(handle, "wb")


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as fault:
        raise Invalid(N_("%(text)s is not an age recipient (age1…)"), text=text) from fault


def is_sealed(source: Path) -> bool:
    """Whether this is an encrypted backup and no folder."""
    if not source.is_file():
        return False
    with source.open("rb") as file:
        return file.read(len(_HEAD)) == _HEAD


@contextmanager
def unsealed(source: Path, identities: Path, beside: Path) -> Iterator[Path]:
    """The folder that an encrypted backup holds, for as long as the block runs; it is removed afterwards.

    identities: an age identity file; beside: the folder in whose place the readable copy may lie (the data folder).
    Nothing is handed out before the whole file was decrypted: age tells a cut or altered file only where it is.
    Raises Invalid for a file without an identity in it, Refused where none fits or the backup is cut or altered.
    """
    keys = _identities(identities)
    make_folder(beside)
    with tempfile.TemporaryDirectory(dir=beside, prefix="restoring-") as folder:
        whole: list[bool] = []
        read, write = os.pipe()

        def decrypt() -> None:
            with suppress(pyrage.DecryptError, OSError), os.fdopen(write, "wb") as out, source.open("rb") as sealed:
                pyrage.decrypt_io(sealed, out, keys)
                whole.append(True)

        thread = threading.Thread(target=decrypt, name="decrypt a backup")
        thread.start()
        try:
            with os.fdopen(read, "rb") as stream:
                torn = _unpacked(stream, Path(folder))
                while stream.read(BLOCK):  # the zeros at the end belong to what must decrypt
                    pass
        finally:
            thread.join()
        if torn or not whole:
            raise Refused(N_("This backup cannot be opened with this identity, or it is cut or altered"))
        yield Path(folder)


def _unpacked(stream: io.BufferedReader, folder: Path) -> bool:
    """Unpack a tar as it comes; returns whether it breaks off."""
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            archive.extractall(folder, filter="data")
    except tarfile.TarError:
        return True
    return False


def _identities(path: Path) -> list[pyrage.x25519.Identity]:
    """The X25519 identities of an age identity file; comments and empty lines are allowed."""
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as fault:
        raise Invalid(N_("%(file)s is no age identity file"), file=str(path)) from fault
    if not keys:
        raise Invalid(N_("%(file)s is no age identity file"), file=str(path))
    return keys

