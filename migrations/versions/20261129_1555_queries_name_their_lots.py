"""Queries and complaints with the lots they are about, and those whose outcome is carried out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "f73c9a2e5d10"
down_revision = "e2b7d4c10f65"
branch_labels = None
depends_on = None

_TABLES, _COLUMNS = ("supplier_query", "complaint"), ("lots", "settled_lots")


def upgrade() -> None:
    """Letters of before are about the whole tender."""
    positions = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    for table in _TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in _COLUMNS:
                batch_op.add_column(sa.Column(name, positions, nullable=False, server_default="[]"))
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in _COLUMNS:
                batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    """Drop them."""
    for table in _TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in reversed(_COLUMNS):
                batch_op.drop_column(name)
