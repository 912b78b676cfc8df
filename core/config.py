"""Every setting of the house, read from environment variables in this one place, with safe defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from click import ClickException
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).parents[1]

#: The secret of a demonstration or test house; production refuses to start with it.
DEMONSTRATION_SECRET = "chengban demonstration: not a secret, never used in production"  # noqa: S105


#: What the database may be reached by; another driver is not installed.
DRIVERS = ("sqlite", "postgresql+psycopg")


class ConfigurationError(ClickException):
    """A setting that the house must not start with; the message says which and what to do.

    On the command line it is one line and exit 1; a web server that meets it does not start.
    """


@dataclass(frozen=True)
class Settings:
    """What can be set from outside.

    data: folder of the embedded database and the files (CHENGBAN_DATA); database_url: DATABASE_URL, SQLite in `data`
    by default; mode: 'demonstration' (default of make run), 'production' or 'test' (CHENGBAN_MODE); secret: SECRET_KEY,
    at least 32 characters in production; port: PORT; trusted_hosts: CHENGBAN_HOSTS, comma-separated; public_url:
    CHENGBAN_PUBLIC_URL, printed on documents as the place to verify them; smtp: CHENGBAN_SMTP, the mail server for
    copies of messages (smtp://user:password@host:port or smtps://…), none by default; mail_from: CHENGBAN_MAIL_FROM;
    backup_recipients: CHENGBAN_BACKUP_RECIPIENTS, age recipients with commas between, to which backups are encrypted.
    """

    data: Path
    database_url: str
    mode: str
    secret: str
    port: int
    trusted_hosts: tuple[str, ...]
    public_url: str
    smtp: str = ""
    mail_from: str = ""
    backup_recipients: tuple[str, ...] = ()

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def is_demonstration(self) -> bool:
        return self.mode == "demonstration"


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. Raises ConfigurationError for what the house must not or cannot run with."""
    data = Path(environment.get("CHENGBAN_DATA", ROOT / "instance")).absolute()
    port = environment.get("PORT", "8000")
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise ConfigurationError(f"PORT must be a number from 1 to 65535, not {port!r}")
    settings = Settings(
        data=data,
        database_url=environment.get("DATABASE_URL", f"sqlite:///{data / 'chengban.sqlite3'}"),
        mode=environment.get("CHENGBAN_MODE", "demonstration"),
        secret=environment.get("SECRET_KEY", DEMONSTRATION_SECRET),
        port=int(port),
        trusted_hosts=tuple(filter(None, environment.get("CHENGBAN_HOSTS", "127.0.0.1,localhost").split(","))),
        public_url=environment.get("CHENGBAN_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        smtp=environment.get("CHENGBAN_SMTP", ""),
        mail_from=environment.get("CHENGBAN_MAIL_FROM", ""),
        backup_recipients=tuple(
            one.strip() for one in environment.get("CHENGBAN_BACKUP_RECIPIENTS", "").split(",") if one.strip()
        ),
    )
    if settings.mode not in ("demonstration", "production", "test"):
        raise ConfigurationError(f"CHENGBAN_MODE must be demonstration, production or test, not {settings.mode!r}")
    _check_database(settings.database_url)
    if settings.is_production and (settings.secret == DEMONSTRATION_SECRET or len(settings.secret) < 32):
        raise ConfigurationError("production needs SECRET_KEY of at least 32 characters; see docs/running.md")
    if settings.smtp and (not settings.smtp.startswith(("smtp://", "smtps://")) or "@" not in settings.mail_from):
        # The value itself is not repeated: it may hold a password.
        raise ConfigurationError("CHENGBAN_SMTP must be smtp(s)://host, with an address in CHENGBAN_MAIL_FROM")
    return settings


def make_folder(data: Path) -> None:
    """Make the data folder where it is missing. Raises ConfigurationError where it cannot be made."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as failed:
        raise ConfigurationError(f"CHENGBAN_DATA: the folder {data} cannot be made: {failed.strerror}") from None


def _check_database(url: str) -> None:
    """Refuse an address the house cannot use; the address itself is not repeated, it may hold a password."""
    try:
        known = make_url(url).drivername in DRIVERS
    except ArgumentError:
        known = False
    if not known:
        raise ConfigurationError(
            "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://; see docs/running.md"
        )
