"""Keep the lists of qualified insurers."""

import sqlalchemy as sa
from alembic import op


revision = "bc374282e6e0"
down_revision = "414ba2b1f5a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """keep the lists of qualified insurers."""
    op.create_table(
        "qualified_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("issuer", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("source_name", sa.String(length=120), nullable=False),
        sa.Column("kept_by", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["kept_by"], ["user_account.id"], name=op.f("fk_qualified_list_kept_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualified_list")),
        sa.UniqueConstraint("published_on", name=op.f("uq_qualified_list_published_on")),
    )
    op.create_table(
        "qualified_insurer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_branch", sa.Boolean(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("head_office", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["qualified_list.id"], name=op.f("fk_qualified_insurer_list_id_qualified_list")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualified_insurer")),
    )
    with op.batch_alter_table("qualified_insurer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qualified_insurer_list_id"), ["list_id"], unique=False)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("qualified_insurer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qualified_insurer_list_id"))

    op.drop_table("qualified_insurer")
    op.drop_table("qualified_list")
