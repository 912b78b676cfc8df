"""Brings the data up to date: migrates the database and, in a demonstration, loads it once (`python -m setup.data`)."""

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from core.config import ConfigurationError, Settings, make_folder, read
from core.db import make_engine, trouble

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
#: What the demonstration's loader leaves in the data folder when it is done.
DEMONSTRATION = "demonstration.json"


def bring_up_to_date(settings: Settings) -> None:
    """Migrate where a migration is missing; load the demonstration where it was not loaded.

    Raises CalledProcessError when either fails; its own words are on the terminal. Raises ConfigurationError where
    folder or database cannot be used.
    """
    make_folder(settings.data)
    if _outdated(settings):
        run("alembic", "upgrade", "head")
    if settings.is_demonstration and not (settings.data / DEMONSTRATION).exists():
        run("flask", "demo", "load")


def run(program: str, *arguments: str) -> None:
    """Run one of the project's programs to its end. Raises CalledProcessError."""
    subprocess.run([BIN / program, *arguments], cwd=ROOT, check=True)


def _outdated(settings: Settings) -> bool:
    """Whether the database lacks a migration; asked without starting the application, so that a start stays quick."""
    engine = make_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
    except OperationalError as failed:
        raise ConfigurationError(trouble(failed)) from None
    finally:
        engine.dispose()
    return set(current) != set(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads())


if __name__ == "__main__":
    try:
        bring_up_to_date(read())
    except ConfigurationError as wrong:
        sys.exit(str(wrong))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"Stopped: {' '.join(map(str, failed.cmd))} ended with {failed.returncode}")
