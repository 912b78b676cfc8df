"""Migrations: they go up and down on both databases and make exactly the schema that the models describe."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect
from sqlmodel import SQLModel

from core.db import make_engine
from tests.support.databases import VERSIONS, PostgresServer, alembic_config
from tests.support.schema import described

pytestmark = pytest.mark.skipif(not any(VERSIONS.glob("*.py")), reason="the first migration is not written yet")

EmptyDatabase = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(
    request: pytest.FixtureRequest, tmp_path: Path, record_property: Callable[[str, object], None]
) -> Iterator[EmptyDatabase]:
    """Makes databases with nothing in them, of the kind the test runs on."""
    record_property("ran on", request.param)
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / f'{len(list(tmp_path.iterdir()))}.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    made: list[str] = []

    def create() -> str:
        made.append(server.create())
        return server.url(made[-1])

    yield create
    for name in made:
        server.drop(name)


def schema_of(url: str) -> set[str]:
    engine = make_engine(url)
    try:
        return described(engine)
    finally:
        engine.dispose()


def test_migrations_go_up_down_and_up_again(empty_database: EmptyDatabase) -> None:
    config = alembic_config(url := empty_database())
    command.upgrade(config, "head")
    first = schema_of(url)
    command.downgrade(config, "base")
    engine = make_engine(url)
    assert inspect(engine).get_table_names() in ([], ["alembic_version"])
    engine.dispose()
    command.upgrade(config, "head")
    assert schema_of(url) == first


def test_alembic_finds_nothing_left_to_migrate(empty_database: EmptyDatabase) -> None:
    config = alembic_config(empty_database())
    command.upgrade(config, "head")
    command.check(config)


def test_migrations_and_models_make_the_same_schema(empty_database: EmptyDatabase) -> None:
    """Alembic's own comparison overlooks CHECK constraints and triggers; this one compares two real databases."""
    migrated, modelled = empty_database(), empty_database()
    command.upgrade(alembic_config(migrated), "head")
    engine = make_engine(modelled)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    by_migrations, by_models = schema_of(migrated), schema_of(modelled)
    assert sorted(by_models - by_migrations) == [], "in the models only: write a migration"
    assert sorted(by_migrations - by_models) == [], "in the migrations only: the models have lost it"


def test_there_is_one_line_of_migrations() -> None:
    from alembic.script import ScriptDirectory

    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1
