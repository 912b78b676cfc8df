"""A plain backup: a folder with database, files and a manifest that lets every byte be checked."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, make_url, text

from core import sqlite
from core.backup.guard import ask_guards
from core.config import Settings
from core.db import make_engine
from core.errors import FileInvalid, Invalid, N_, Refused
from core.files import DamagedFile, DiskStore, MissingFile
from core.house import House

FORMAT = "chengban-backup/1"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. files: SHA-256 → size; audit_*: the audit head at that instant, to be kept elsewhere too."""

    format: str
    made_at: str
    database_kind: str
    database_file: str
    database_sha256: str
    files: dict[str, int]
    audit_size: int
    audit_hash: str


def backup(house: House, target: Path) -> Manifest:
    """Write a backup of the running house into an empty or new folder.

    The database is copied first, at one instant; files are never changed and but for sealed bids that are destroyed
    by rule only added, so the copy of the files holds everything that the database names. The manifest comes last:
    until it is there, there is no backup.
    Raises Refused for a folder with content and where a room's guard forbids a readable backup now, and FileInvalid,
    after all that is sound was copied, for files that no longer have their hash.
    """
    must_be_prepared(house)
    with house.db.factory() as session:
        ask_guards(session, house.clock.now())
    if target.exists() and any(target.iterdir()):
        raise Refused(N_("%(folder)s is not empty"), folder=str(target))
    target.mkdir(parents=True, exist_ok=True)
    made_at = house.clock.now().isoformat()
    database = copy_database(house, target)
    files, damaged = _copy_files(house.files, DiskStore(target / "files"))
    manifest = database.manifest(made_at, files)
    unfinished = target / f"{MANIFEST}.part"
    unfinished.write_bytes(manifest_bytes(manifest))
    os.replace(unfinished, target / MANIFEST)
    finished(damaged)
    return manifest


def must_be_prepared(house: House) -> None:
    """Raise Refused for a house whose database has no tables yet."""
    if not inspect(house.db.engine).has_table("audit_head"):
        raise Refused(N_("The database is not prepared; there is nothing to back up"))


def finished(damaged: Sequence[str]) -> None:
    """Raise FileInvalid, after all that is sound was kept, for files that no longer have their hash."""
    if damaged:
        raise FileInvalid(
            N_("The backup is made, but %(count)s files of the house were already damaged"),
            [(sha256, "the bytes no longer have this hash") for sha256 in damaged],
            count=len(damaged),
        )


@dataclass(frozen=True)
class DatabaseCopy:
    """The database as it was at one instant: its file's name and hash, and the audit head in it."""

    kind: str
    name: str
    sha256: str
    audit_size: int
    audit_hash: str

    def manifest(self, made_at: str, files: dict[str, int]) -> Manifest:
        """The manifest of a backup with this database and these files."""
        return Manifest(
            FORMAT, made_at, self.kind, self.name, self.sha256, files, self.audit_size, self.audit_hash
        )


def copy_database(house: House, folder: Path) -> DatabaseCopy:
    """Copy the database at one instant into the folder."""
    kind = house.db.engine.dialect.name
    name = "database.sqlite3" if kind == "sqlite" else "database.dump"
    size, head = (_copy_sqlite if kind == "sqlite" else _dump_postgresql)(house.settings, folder / name)
    return DatabaseCopy(kind, name, _sha256(folder / name), size, head)


def manifest_bytes(manifest: Manifest) -> bytes:
    """A manifest as it is written."""
    return json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()


def restore(settings: Settings, source: Path, *, force: bool = False) -> Manifest:
    """Put a backup back into the house of these settings.

    Everything is checked before anything is written. Raises Invalid for what is no backup or one of another kind of
    database, FileInvalid naming each missing or altered file, Refused for a house that has content unless `force`.
    """
    manifest = read_manifest(source)
    kind = make_url(settings.database_url).get_backend_name()
    if manifest.database_kind != kind:
        raise Invalid(
            N_("This is a backup of a %(theirs)s database and the house runs on %(ours)s"),
            theirs=manifest.database_kind,
            ours=kind,
        )
    _must_be_whole(source, manifest)
    if not force and _has_content(settings):
        raise Refused(N_("The house has content already; --force replaces it"))
    store, kept = DiskStore(settings.data / "files"), DiskStore(source / "files")
    for sha256 in manifest.files:
        store.put(kept.get(sha256))
    place = _place_sqlite if kind == "sqlite" else _load_postgresql
    place(settings, source / manifest.database_file)
    return manifest


def checked(source: Path) -> Manifest:
    """The manifest of a backup that is whole; nothing is written. Raises Invalid and FileInvalid as `restore` does."""
    manifest = read_manifest(source)
    _must_be_whole(source, manifest)
    return manifest


def _must_be_whole(source: Path, manifest: Manifest) -> None:
    faults = list(check(source, manifest))
    if faults:
        raise FileInvalid(N_("The backup is not whole; nothing was restored"), faults)


def read_manifest(source: Path) -> Manifest:
    """The manifest of a backup. Raises Invalid where there is none or one of another format."""
    try:
        content = json.loads((source / MANIFEST).read_text("utf-8"))
        manifest = Manifest(**content)
    except (FileNotFoundError, NotADirectoryError):
        raise Invalid(N_("%(folder)s holds no finished backup: there is no manifest"), folder=str(source)) from None
    except (ValueError, TypeError):
        raise Invalid(N_("The manifest of %(folder)s cannot be read"), folder=str(source)) from None
    if manifest.format != FORMAT:
        raise Invalid(N_("The manifest of %(folder)s cannot be read"), folder=str(source))
    return manifest


def check(source: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Each file of the backup that is missing or altered, by name, with the reason."""
    database = source / manifest.database_file
    if not database.is_file():
        yield manifest.database_file, "is missing"
    elif _sha256(database) != manifest.database_sha256:
        yield manifest.database_file, "was altered"
    store = DiskStore(source / "files")
    for sha256 in sorted(manifest.files):
        path = store.path(sha256)
        if not path.is_file():
            yield f"files/{sha256[:2]}/{sha256[2:]}", "is missing"
        elif _sha256(path) != sha256:
            yield f"files/{sha256[:2]}/{sha256[2:]}", "was altered"


def stored_files(store: DiskStore) -> Iterator[str]:
    """The hash of every file; one that is still being written has another name, and no row names it."""
    for path in sorted(store.folder.glob("??/*")):
        sha256 = path.parent.name + path.name
        if len(sha256) == 64:
            yield sha256


def _copy_files(store: DiskStore, target: DiskStore) -> tuple[dict[str, int], list[str]]:
    """Copy every file under its hash; returns sizes, and the hashes of those that are damaged."""
    sizes: dict[str, int] = {}
    damaged = []
    for sha256 in stored_files(store):
        try:
            content = store.get(sha256)
        except MissingFile:
            continue  # destroyed by rule since the list was read
        except DamagedFile:
            damaged.append(sha256)
            continue
        target.put(content)
        sizes[sha256] = len(content)
    return sizes, damaged


def _copy_sqlite(settings: Settings, target: Path) -> tuple[int, str]:
    """SQLite's own online copy, then its own check; a plain copy of a live file would be torn."""
    with closing(sqlite.connect(_sqlite_path(settings))) as live, closing(sqlite.connect(target)) as copy:
        live.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise Refused(N_("The database is damaged: %(verdict)s"), verdict=verdict)
        head = copy.execute("SELECT size, hash FROM audit_head").fetchone()
    return (head[0], head[1].hex()) if head else (0, "")


def _dump_postgresql(settings: Settings, target: Path) -> tuple[int, str]:
    """pg_dump at the very snapshot in which the audit head is read."""
    engine = make_engine(settings.database_url)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        head = connection.execute(text("SELECT size, hash FROM audit_head")).fetchone()
        _postgresql(settings, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
    engine.dispose()
    return (head.size, bytes(head.hash).hex()) if head else (0, "")


def _place_sqlite(settings: Settings, source: Path) -> None:
    """Put the copy in the database's place in one step; journals of the replaced file must not be played into it."""
    path = _sqlite_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(path.name + ".restoring")
    shutil.copyfile(source, arriving)
    for journal in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + journal).unlink(missing_ok=True)
    os.replace(arriving, path)


def _load_postgresql(settings: Settings, source: Path) -> None:
    engine = make_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    _postgresql(
        settings, "pg_restore", "--no-owner", "--clean", "--if-exists", "--exit-on-error", "--single-transaction",
        f"--dbname={make_url(settings.database_url).database}", str(source),
    )


def _has_content(settings: Settings) -> bool:
    files = settings.data / "files"
    if files.is_dir() and any(files.glob("??/*")):
        return True
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not _sqlite_path(settings).exists():
        return False
    engine = make_engine(settings.database_url)
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _sqlite_path(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _postgresql(settings: Settings, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by environment, where other users do not see it."""
    url = make_url(settings.database_url)
    asked: dict[str, Any] = {
        "PGHOST": url.query.get("host") or url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    given = {name: str(value) for name, value in asked.items() if value}
    done = subprocess.run([_newest(program), *arguments], env=os.environ | given, text=True, capture_output=True)
    if done.returncode:
        raise Refused(N_("%(program)s failed: %(words)s"), program=program, words=done.stderr.strip()[-500:])


def _newest(program: str) -> str:
    """PostgreSQL's program of the newest release here; an older one refuses to read a newer server."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(program)
    if path is None:
        raise Refused(N_("%(program)s is not installed: Debian package postgresql-client"), program=program)
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
