"""Letters to bidders."""

import sqlalchemy as sa
from alembic import op


revision = "93f1a0ebf20d"
down_revision = "bc374282e6e0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """letters to bidders."""
    op.create_table(
        "bid_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "clarification", "correction", name="letterkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user_account.id"], name=op.f("fk_bid_letter_answered_by_user_account")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name=op.f("fk_bid_letter_asked_by_user_account")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_letter_bid_id_bid")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_bid_letter_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_bid_letter_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_letter")),
    )
    with op.batch_alter_table("bid_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_letter_bid_id"), ["bid_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bid_letter_tender_id"), ["tender_id"], unique=False)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("bid_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_letter_tender_id"))
        batch_op.drop_index(batch_op.f("ix_bid_letter_bid_id"))

    op.drop_table("bid_letter")
