"""When the ciphertext of an envelope was destroyed."""

import sqlalchemy as sa
from alembic import op


revision = "b1d5e0a7c210"
down_revision = "5c1e7a90b3d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An empty column; nothing that exists changes."""
    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.add_column(sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.drop_column("destroyed_at")
