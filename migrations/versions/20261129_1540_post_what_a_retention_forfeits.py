"""Post what a retention releases and forfeits beside the balance."""

import sqlalchemy as sa
from alembic import op


revision = "b8e4d1f60a25"
down_revision = "e62b8f1d4ca9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every posting of before carries out the fund's part of a balance; sheets of before posted no retention."""
    matter = sa.Enum(
        "balance", "held", "released", name="ledgermatter", native_enum=False, create_constraint=True, length=32
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("matter", matter, nullable=False, server_default="balance"))
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.alter_column("matter", server_default=None)
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retention_released", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("retention_forfeited", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.drop_column("retention_forfeited")
        batch_op.drop_column("retention_released")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_ledger_entry_ledgermatter"), type_="check")
        batch_op.drop_column("matter")
