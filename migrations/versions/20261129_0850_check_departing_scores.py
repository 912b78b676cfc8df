"""Check departing scores."""

import sqlalchemy as sa
from alembic import op


revision = "51c9b71b5710"
down_revision = "e71e54057279"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """check departing scores."""
    op.create_table(
        "score_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("score_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.String(length=40), nullable=False),
        sa.Column("others_mean", sa.String(length=40), nullable=False),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["score_id"], ["score.id"], name=op.f("fk_score_check_score_id_score")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_score_check_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_check")),
        sa.UniqueConstraint("score_id", name=op.f("uq_score_check_score_id")),
    )
    with op.batch_alter_table("score_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_check_tender_id"), ["tender_id"], unique=False)

    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outlier_threshold", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.drop_column("outlier_threshold")

    with op.batch_alter_table("score_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_check_tender_id"))

    op.drop_table("score_check")
