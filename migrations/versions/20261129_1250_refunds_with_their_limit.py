"""Refunds of bid securities with their limit, and the interest of late ones."""

import sqlalchemy as sa
from alembic import op


revision = "c40e1f6d92ab"
down_revision = "7b2f0c9d41e6"
branch_labels = None
depends_on = None

_NEW = (
    sa.Column("refunded_on", sa.Date(), nullable=True),
    sa.Column("due_on", sa.Date(), nullable=True),
    sa.Column("due_clause", sa.String(length=200), nullable=True),
    sa.Column("days_late", sa.Integer(), nullable=True),
    sa.Column("converted", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("base_rate", sa.String(length=40), nullable=True),
    sa.Column("rate_source", sa.String(length=200), nullable=True),
    sa.Column("interest", sa.BigInteger(), nullable=True),
    sa.Column("bidders_fault", sa.Text(), nullable=True),
)


def upgrade() -> None:
    """New columns; refunds recorded before have none of it and count as not converted."""
    with op.batch_alter_table("bid_security", schema=None) as batch_op:
        for column in _NEW:
            batch_op.add_column(column)
    with op.batch_alter_table("bid_security", schema=None) as batch_op:
        batch_op.alter_column("converted", server_default=None)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("bid_security", schema=None) as batch_op:
        for column in reversed(_NEW):
            batch_op.drop_column(column.name)
