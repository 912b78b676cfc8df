"""Bridge contracts."""

import sqlalchemy as sa
from alembic import op


revision = "5c1e7a90b3d2"
down_revision = "93f1a0ebf20d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """bridge contracts."""
    with op.batch_alter_table("annual_contract", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bridge_ground", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("bridge_reason", sa.Text(), nullable=True))
    with op.batch_alter_table("service_agreement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extended_until", sa.Date(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("service_agreement", schema=None) as batch_op:
        batch_op.drop_column("extended_until")
    with op.batch_alter_table("annual_contract", schema=None) as batch_op:
        batch_op.drop_column("bridge_reason")
        batch_op.drop_column("bridge_ground")
