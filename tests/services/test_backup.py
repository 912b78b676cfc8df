"""Backup and restore: the drill brings every row and byte back, and what is missing or altered is named first."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session

from core import audit
from core.backup import backup, check, read_manifest, restore
from core.clock import FixedClock
from core.config import Settings
from core.db import transaction
from core.errors import FileInvalid, Invalid, Refused
from core.house import House, build
from core.identity.actor import SYSTEM

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
