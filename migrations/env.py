"""Runs the migrations on the house's database; wsgi knows every room and its tables."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, Engine, event
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import wsgi
from core import config
from core.columns import Document
from core.db import make_engine


def plain_types(kind: str, thing: Any, autogenerate: AutogenContext) -> str | bool:
    """Spell the database's own types in a migration, so that it outlives our Python types."""
    if kind == "type" and thing is Document:
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if kind == "type" and isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


def run() -> None:
    """Migrate the database that was passed in (tests) or configured, all or nothing."""
    wsgi.import_models()
    engine = make_engine(context.config.attributes.get("url") or config.read().database_url)
    embedded = engine.dialect.name == "sqlite"
    if embedded:
        _rest_foreign_keys(engine)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_item=plain_types,
            render_as_batch=True,  # SQLite alters a table by copying it; PostgreSQL does the same in place
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if embedded:
            _check_foreign_keys(connection)
        connection.commit()
    engine.dispose()


def _rest_foreign_keys(engine: Engine) -> None:
    """Copying a table drops the old one; its rows must not take those that point to them along."""

    @event.listens_for(engine, "connect")
    def rest(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"the migration would leave {len(broken)} rows that point nowhere; nothing was changed")


run()
