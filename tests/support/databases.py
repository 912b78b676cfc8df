"""Fresh databases for tests: an SQLite file or a PostgreSQL database copied from a template made once a run."""

import importlib
import io
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlmodel import SQLModel

from core import sqlite
from core.db import make_engine

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "migrations" / "versions"


def make_schema(url: str) -> None:
    """The schema as a department gets it: by the migrations, on an empty database."""
    if any(VERSIONS.glob("*.py")):
        command.upgrade(alembic_config(url), "head")
        return
    import_models()
    engine = make_engine(url)
    SQLModel.metadata.create_all(engine)
    engine.dispose()


def alembic_config(url: str) -> Config:
    """Alembic's configuration for one database; the output of its commands goes nowhere."""
    config = Config(ROOT / "alembic.ini", stdout=io.StringIO())
    config.attributes["url"] = url
    return config


def import_models() -> None:
    """Import every room's tables, so that the metadata is whole."""
    for room in ("core", "tender", "contracts", "settlement", "disclosure"):
        for path in sorted([*(ROOT / room).rglob("models.py"), *(ROOT / room).rglob("models/__init__.py")]):
            module = path.parent if path.name == "__init__.py" else path.with_suffix("")
            importlib.import_module(".".join(module.relative_to(ROOT).parts))
    importlib.import_module("core.audit")


class PostgresServer:
    """PostgreSQL from the system's own binaries, on a Unix socket in a temporary folder, without fsync."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="chengban-pg-"))
        self.bin = newest_postgresql()
        self.numbers = count(1)
        if os.geteuid() == 0:
            shutil.chown(self.home, "postgres")
        self._run("initdb", "-N", "-D", f"{self.home}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8")
        options = f"-k {self.home} -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options += " -c max_connections=200 -c autovacuum=off"
        self._run("pg_ctl", "-D", f"{self.home}/data", "-w", "-o", options, "-l", f"{self.home}/log", "start")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.home}"

    def create(self, template: str | None = None) -> str:
        """A new database, empty or a copy of `template`; returns its name."""
        name = f"t{next(self.numbers)}"
        copy = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self._say(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copy)
        return name

    def drop(self, database: str) -> None:
        self._say(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.home}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)

    def _say(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(f"host={self.home} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*as_postgres, str(self.bin / program), *arguments], cwd="/", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}")


def newest_postgresql() -> Path:
    """The folder of the newest PostgreSQL server programs of this machine. Skips the test where there are none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")]
    if not found:
        pytest.skip("no PostgreSQL server programs; `make test` installs them (Debian package postgresql)")
    if os.geteuid() == 0 and not any(entry.pw_name == "postgres" for entry in pwd.getpwall()):
        pytest.skip("PostgreSQL does not run as root and there is no user postgres to run it as")
    return max(found, key=lambda folder: int(folder.parent.name))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The run's one PostgreSQL server."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a database with our schema and no row."""
    name = postgres_server.create()
    make_schema(postgres_server.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with our schema and no row."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    make_schema(f"sqlite:///{path}")
    with sqlite.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # one file holds everything, so a plain copy is whole
    connection.close()
    return path


@pytest.fixture
def database(
    request: pytest.FixtureRequest, tmp_path: Path, record_property: Callable[[str, object], None]
) -> Iterator[str]:
    """The URL of this test's own database; its kind is the test's parameter."""
    kind = request.param
    record_property("ran on", kind)
    if kind == "sqlite":
        path = tmp_path / "chengban.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


def usual_kinds(path: Path) -> tuple[str, ...]:
    """Services and faults run on both databases; pages, documents and the browser on the embedded one."""
    folder = path.relative_to(ROOT / "tests").parts[0]
    return ("sqlite",) if folder in ("web", "documents", "e2e", "conventions") else ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), help="only this database (both by default)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("databases")
    kinds = marker.args if marker else usual_kinds(metafunc.definition.path)
    only = metafunc.config.getoption("--database")
    metafunc.parametrize("database", [kind for kind in kinds if only in (None, kind)], indirect=True)
