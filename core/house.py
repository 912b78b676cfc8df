"""The house as one object: settings, database, clock and files, built once for web, commands, scheduler and tests."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel import Session

from core.clock import Clock, SystemClock
from core.config import Settings, make_folder
from core.db import Database
from core.files import DiskStore


@dataclass
class House:
    """What every entrance (web, CLI, jobs, tests) hands to services; services themselves take session, actor, clock."""

    settings: Settings
    db: Database
    clock: Clock
    files: DiskStore


def build(settings: Settings, clock: Clock | None = None) -> House:
    """A house on these settings; makes the data folder if it is missing.

    The clock is the machine's unless the caller passes another; production never does.
    """
    make_folder(settings.data)
    house = House(settings, Database(settings.database_url), clock or SystemClock(), DiskStore(settings.data / "files"))
    house.db.factory.configure(
        info={
            "files": house.files,
            "public_url": settings.public_url,
            "secret": settings.secret.encode(),
            "mail": bool(settings.smtp),
        }
    )
    return house


def files_of(session: Session) -> DiskStore:
    """The content store that belongs to this session's house; how services and approval executors reach files."""
    store: DiskStore = session.info["files"]
    return store


def public_url(session: Session) -> str:
    """The public address of this session's house, printed on papers as the place to verify them."""
    address: str = session.info["public_url"]
    return address


def derived_key(session: Session, purpose: str) -> bytes:
    """32 secret bytes of this session's house for one purpose ('tender receipts'); another purpose, unrelated bytes."""
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(session.info["secret"])
