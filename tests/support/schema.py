"""The schema of a database as plain values, so that two databases can be compared as sets."""

import re

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex

#: What each database calls its triggers' definitions.
TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal",
}


def described(engine: Engine) -> set[str]:
    """One line for each column, key, index, CHECK constraint and trigger of the database."""
    seen = inspect(engine)
    lines = set()
    for table in seen.get_table_names():
        if table == "alembic_version":
            continue
        lines |= {
            f"{table}.{c['name']} {c['type']!s} {'NULL' if c['nullable'] else 'NOT NULL'} default {c['default']}"
            for c in seen.get_columns(table)
        }
        key = seen.get_pk_constraint(table)
        lines.add(f"{table} primary key {key['name']} {key['constrained_columns']}")
        lines |= {
            f"{table} foreign key {k['name']} {k['constrained_columns']} → "
            f"{k['referred_table']} {k['referred_columns']} {sorted(k['options'].items())}"
            for k in seen.get_foreign_keys(table)
        }
        lines |= {f"{table} unique {u['name']} {u['column_names']}" for u in seen.get_unique_constraints(table)}
        lines |= {
            f"{table} index {i['name']} {i['column_names']} unique={bool(i['unique'])} {_options(i)}"
            for i in seen.get_indexes(table)
        }
        lines |= {f"{table} check {c['name']} {_one_line(c['sqltext'])}" for c in seen.get_check_constraints(table)}
    with engine.connect() as connection:
        triggers = connection.execute(text(TRIGGERS[engine.dialect.name])).fetchall()
    return lines | {f"trigger {name} {_one_line(definition)}" for name, definition in triggers}


def _options(index: ReflectedIndex) -> str:
    return ", ".join(f"{name}: {value!s}" for name, value in sorted(index.get("dialect_options", {}).items()))


def _one_line(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip()
