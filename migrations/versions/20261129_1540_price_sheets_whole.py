"""Price sheets with unit price, quantity and total, other content's price, and every step of their correction."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "e62b8f1d4ca9"
down_revision = "a7f3c2d90e14"
branch_labels = None
depends_on = None

_TEXTS = ("beside_in_words", "elsewhere_place", "remark")


def upgrade() -> None:
    """Sheets of before stated one price; their correction stays in its sentence, without steps."""
    steps = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("price_sheet", schema=None) as batch_op:
        for name in ("beside", "quantity", "corrected_beside", "elsewhere"):
            batch_op.add_column(sa.Column(name, sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("beside_in_words", sa.String(length=100), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("elsewhere_place", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("remark", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("steps", steps, nullable=False, server_default="[]"))
    with op.batch_alter_table("price_sheet", schema=None) as batch_op:
        for name in (*_TEXTS, "steps"):
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("price_sheet", schema=None) as batch_op:
        for name in ("steps", *_TEXTS, "elsewhere", "corrected_beside", "quantity", "beside"):
            batch_op.drop_column(name)
