"""Backup and restore: the drill brings every row and byte back, and what is missing or altered is named first."""

import subprocess
import tarfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pyrage
import pytest
from sqlmodel import Session

from core import audit
from core import backup as backups
from core.backup import backup, backup_sealed, check, is_sealed, read_manifest, restore, unsealed
from core.backup.guard import ask_guards
from core.backup.sealed import LEAST, padded_size
from core.clock import FixedClock
from core.config import Settings
from core.db import transaction
from core.errors import FileInvalid, Invalid, Refused
from core.house import House, build
from core.identity.actor import SYSTEM

#: age writes a stanza of random length into every head; it depends on nothing.
GREASE = 1000
WORDS = "成交通知书（演示）".encode()


@pytest.fixture
def lived_in(house: House, session: Session, clock: FixedClock) -> House:
    """A house with three events and one file."""
    happen(session, clock, 3)
    house.files.put(WORDS)
    return house


def happen(session: Session, clock: FixedClock, times: int) -> None:
    with transaction(session):
        for number in range(times):
            audit.record(session, clock.now(), SYSTEM, "core:test:happen", ("thing", number))


def events(house: House) -> int:
    with house.db.factory() as session:
        assert list(audit.verify(session)) == []
        head = session.get(audit.AuditHead, 1)
        return head.size if head else 0


def test_a_backup_names_its_hashes_and_the_audit_head(lived_in: House, session: Session, tmp_path: Path) -> None:
    made = backup(lived_in, tmp_path / "backup")
    assert read_manifest(tmp_path / "backup") == made
    assert list(made.files.values()) == [len(WORDS)]
    head = session.get(audit.AuditHead, 1)
    assert (made.audit_size, made.audit_hash) == (3, head.hash.hex())
    assert list(check(tmp_path / "backup", made)) == []


def test_the_restore_drill_brings_back_the_house_as_it_was(
    lived_in: House, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    made = backup(lived_in, tmp_path / "backup")
    happen(session, clock, 2)
    for path in lived_in.files.folder.glob("??/*"):
        path.unlink()
    session.close()
    lived_in.db.engine.dispose()
    with pytest.raises(Refused, match="--force"):
        restore(lived_in.settings, tmp_path / "backup")
    assert events(lived_in) == 5
    lived_in.db.engine.dispose()
    assert restore(lived_in.settings, tmp_path / "backup", force=True) == made
    assert events(lived_in) == 3
    assert [lived_in.files.get(sha256) for sha256 in made.files] == [WORDS]
    happen(session, clock, 1)  # the restored chain goes on, and can be backed up and restored again
    session.close()
    backup(lived_in, tmp_path / "second")
    lived_in.db.engine.dispose()
    restore(lived_in.settings, tmp_path / "second", force=True)
    assert events(lived_in) == 4


@pytest.mark.databases("sqlite")
def test_a_backup_is_restored_into_a_new_house(lived_in: House, settings: Settings, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "backup")
    data = tmp_path / "elsewhere"
    elsewhere = replace(settings, data=data, database_url=f"sqlite:///{data / 'chengban.sqlite3'}")
    restore(elsewhere, tmp_path / "backup")
    house = build(elsewhere)
    assert events(house) == 3
    house.db.engine.dispose()


FAULTS = [
    ("alter the file", "was altered"),
    ("lose the file", "is missing"),
    ("alter the database", "was altered"),
    ("lose the database", "is missing"),
]


@pytest.mark.parametrize("fault, reason", FAULTS)
def test_what_is_missing_or_altered_is_named_and_nothing_is_restored(
    lived_in: House, session: Session, clock: FixedClock, tmp_path: Path, fault: str, reason: str
) -> None:
    folder = tmp_path / "backup"
    made = backup(lived_in, folder)
    happen(session, clock, 1)
    session.close()
    (sha256,) = made.files
    name = made.database_file if "database" in fault else f"files/{sha256[:2]}/{sha256[2:]}"
    path = folder / name
    if "alter" in fault:
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    else:
        path.unlink()
    with pytest.raises(FileInvalid) as refused:
        restore(lived_in.settings, folder, force=True)
    assert refused.value.faults == [(name, reason)]
    assert events(lived_in) == 4


def test_a_damaged_file_of_the_house_is_named_and_the_rest_is_backed_up(lived_in: House, tmp_path: Path) -> None:
    damaged = lived_in.files.put(b"minutes of the opening")
    lived_in.files.path(damaged).write_bytes(b"other minutes")
    with pytest.raises(FileInvalid) as refused:
        backup(lived_in, tmp_path / "backup")
    assert refused.value.faults == [(damaged, "the bytes no longer have this hash")]
    assert list(read_manifest(tmp_path / "backup").files.values()) == [len(WORDS)]


def test_a_backup_never_mixes_with_other_content(lived_in: House, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Refused, match="not empty"):
        backup(lived_in, tmp_path)


def test_an_unfinished_backup_is_no_backup(lived_in: House, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "backup")
    (tmp_path / "backup" / "manifest.json").unlink()
    with pytest.raises(Invalid, match="no finished backup"):
        restore(lived_in.settings, tmp_path / "backup", force=True)


@pytest.mark.databases("sqlite")
def test_a_backup_goes_back_to_its_own_kind_of_database(lived_in: House, settings: Settings, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "backup")
    with pytest.raises(Invalid, match="backup of a sqlite database and the house runs on postgresql"):
        restore(replace(settings, database_url="postgresql+psycopg://department@/chengban"), tmp_path / "backup")


# Encrypted ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def identity(tmp_path: Path) -> tuple[str, Path]:
    """A recipient and the identity file that opens what is encrypted to it, as age-keygen writes it."""
    key = pyrage.x25519.Identity.generate()
    path = tmp_path / "backup.key"
    path.write_text(f"# created: 2026-11-29\n# public key: {key.to_public()}\n{key}\n")
    return str(key.to_public()), path


def put_back(house: House, sealed: Path, key: Path, *, force: bool = True) -> backups.Manifest:
    with unsealed(sealed, key, house.settings.data) as folder:
        return restore(house.settings, folder, force=force)


def test_the_drill_brings_an_encrypted_backup_back_with_either_of_two_identities(
    lived_in: House, session: Session, clock: FixedClock, tmp_path: Path, identity: tuple[str, Path]
) -> None:
    second = pyrage.x25519.Identity.generate()
    other = tmp_path / "second.key"
    other.write_text(str(second))
    sealed = tmp_path / "backups" / "monday.age"
    made = backup_sealed(lived_in, sealed, [identity[0], str(second.to_public())])
    assert (made.recipients, made.audit_size, is_sealed(sealed)) == (2, 3, True)
    happen(session, clock, 2)
    for key in (identity[1], other):
        for path in lived_in.files.folder.glob("??/*"):
            path.unlink()
        session.close()
        lived_in.db.engine.dispose()
        manifest = put_back(lived_in, sealed, key)
        assert manifest.audit_hash == made.audit_hash
        assert events(lived_in) == 3
        assert [lived_in.files.get(sha256) for sha256 in manifest.files] == [WORDS]
    assert [path.name for path in lived_in.settings.data.iterdir() if path.name.startswith(("backup-", "restor"))] == []
    assert sealed.stat().st_mode & 0o077 == 0
    assert [path.name for path in sealed.parent.iterdir()] == ["monday.age"]


@pytest.mark.databases("sqlite")
def test_stock_age_and_tar_open_it_without_this_house(
    lived_in: House, tmp_path: Path, identity: tuple[str, Path]
) -> None:
    backup_sealed(lived_in, tmp_path / "b.age", [identity[0]])
    done = subprocess.run(["age", "-d", "-i", identity[1], tmp_path / "b.age"], capture_output=True, check=True)
    (tmp_path / "folder").mkdir()
    subprocess.run(["tar", "-x", "-C", tmp_path / "folder"], input=done.stdout, check=True)
    assert list(check(tmp_path / "folder", read_manifest(tmp_path / "folder"))) == []
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        assert archive.getnames()[-1] == "manifest.json"


def test_its_size_does_not_grow_with_what_comes_in(lived_in: House, tmp_path: Path, identity: tuple[str, Path]) -> None:
    before = backup_sealed(lived_in, tmp_path / "before.age", [identity[0]])
    for number in range(20):
        lived_in.files.put(bytes(1_000_000) + bytes([number]))
    after = backup_sealed(lived_in, tmp_path / "after.age", [identity[0]])
    assert abs(after.size - before.size) < GREASE
    assert LEAST < after.size < LEAST * 1.01, "what age adds, and nothing of the content"


@pytest.mark.parametrize(
    "size, padded", [(1, LEAST), (LEAST, LEAST), (LEAST + 1, 2 * LEAST), (3 * LEAST, 4 * LEAST), (4 * LEAST, 4 * LEAST)]
)
def test_sizes_are_powers_of_two(size: int, padded: int) -> None:
    assert padded_size(size) == padded


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def altered(content: bytes) -> bytes:
    return content[:-40] + bytes([content[-40] ^ 1]) + content[-39:]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("harm", [cut, altered])
def test_a_cut_or_altered_one_restores_nothing(
    lived_in: House, session: Session, tmp_path: Path, identity: tuple[str, Path], harm: object
) -> None:
    sealed = tmp_path / "b.age"
    backup_sealed(lived_in, sealed, [identity[0]])
    sealed.write_bytes(harm(sealed.read_bytes()))  # type: ignore[operator]
    session.close()
    with pytest.raises(Refused, match="cut or altered"):
        put_back(lived_in, sealed, identity[1])
    assert events(lived_in) == 3


@pytest.mark.databases("sqlite")
def test_what_cannot_be_a_key_or_a_target_is_refused(
    lived_in: House, tmp_path: Path, identity: tuple[str, Path]
) -> None:
    with pytest.raises(Invalid, match="not an age recipient"):
        backup_sealed(lived_in, tmp_path / "b.age", ["AGE-SECRET-KEY-1"])
    backup_sealed(lived_in, tmp_path / "b.age", [identity[0]])
    with pytest.raises(Refused, match="there already"):
        backup_sealed(lived_in, tmp_path / "b.age", [identity[0]])
    (tmp_path / "empty.key").write_text("# nothing\n")
    for key in (tmp_path / "empty.key", tmp_path / "b.age.txt"):
        key.touch()
        with pytest.raises(Invalid, match="no age identity file"):
            put_back(lived_in, tmp_path / "b.age", key)
    stranger = tmp_path / "stranger.key"
    stranger.write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(Refused, match="cannot be opened"):
        put_back(lived_in, tmp_path / "b.age", stranger)


@pytest.mark.databases("sqlite")
def test_a_damaged_file_is_named_and_the_rest_is_in_the_encrypted_backup(
    lived_in: House, tmp_path: Path, identity: tuple[str, Path]
) -> None:
    damaged = lived_in.files.put(b"minutes of the opening")
    lived_in.files.path(damaged).write_bytes(b"other minutes")
    with pytest.raises(FileInvalid) as refused:
        backup_sealed(lived_in, tmp_path / "b.age", [identity[0]])
    assert refused.value.faults == [(damaged, "the bytes no longer have this hash")]
    with unsealed(tmp_path / "b.age", identity[1], lived_in.settings.data) as folder:
        assert list(backups.checked(folder).files.values()) == [len(WORDS)]


def test_a_rooms_guard_keeps_a_plain_backup_from_being_made(
    lived_in: House, session: Session, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.backup.guard._guards", {"test": lambda _session, _now: Refused("Not now")})
    with pytest.raises(Refused, match="Not now"):
        backup(lived_in, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    monkeypatch.setattr("core.backup.guard._guards", {"test": lambda _session, _now: None})
    ask_guards(session, clock.now())
    assert backup(lived_in, tmp_path / "backup").audit_size == 3
