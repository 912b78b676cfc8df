"""Bidders let their bids stand after a corrigendum of their lot."""

import sqlalchemy as sa
from alembic import op


revision = "0a84d1b7e2c5"
down_revision = "f73c9a2e5d10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "bid_reconfirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_bid_reconfirmation_notice_id_notice")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_reconfirmation_bid_id_bid")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user_account.id"], name=op.f("fk_bid_reconfirmation_confirmed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_reconfirmation")),
        sa.UniqueConstraint("notice_id", "bid_id", name=op.f("uq_bid_reconfirmation_notice_id_bid_id")),
    )
    with op.batch_alter_table("bid_reconfirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_reconfirmation_bid_id"), ["bid_id"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("bid_reconfirmation")
