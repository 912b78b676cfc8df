"""Two parameters of the tender document: what follows when few valid bids are left, and a raised low-price ratio."""

import sqlalchemy as sa
from alembic import op


revision = "d51a7e0c3b98"
down_revision = "c40e1f6d92ab"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tenders of before kept the cautious reading (they fail) and the ratios of their rule set."""
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("few_valid_go_on", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("low_price_ratio", sa.String(length=40), nullable=True))
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.alter_column("few_valid_go_on", server_default=None)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.drop_column("low_price_ratio")
        batch_op.drop_column("few_valid_go_on")
