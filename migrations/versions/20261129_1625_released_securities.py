"""Bid securities that a withdrawal releases: due to finance by a reference, and a second one where a bid is made again."""

import sqlalchemy as sa
from alembic import op

revision = "f4c9a1d27b83"
down_revision = "0a84d1b7e2c5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new columns; a bid may have several securities. What was withdrawn so far goes back as it always did."""
    with op.batch_alter_table("bid_security", schema=None) as batch_op:
        batch_op.add_column(sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reference", sa.String(length=32), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_bid_security_bid_id"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_bid_security_reference"), ["reference"])
        batch_op.create_index(batch_op.f("ix_bid_security_bid_id"), ["bid_id"], unique=False)


def downgrade() -> None:
    """Undo it; of several securities of a bid the newest stays."""
    op.execute(sa.text("DELETE FROM bid_security WHERE id NOT IN (SELECT max(id) FROM bid_security GROUP BY bid_id)"))
    with op.batch_alter_table("bid_security", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_security_bid_id"))
        batch_op.drop_constraint(batch_op.f("uq_bid_security_reference"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_bid_security_bid_id"), ["bid_id"])
        batch_op.drop_column("reference")
        batch_op.drop_column("released_at")
