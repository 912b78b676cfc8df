"""Record the government's decision."""

import sqlalchemy as sa
from alembic import op


revision = "414ba2b1f5a8"
down_revision = "51c9b71b5710"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """record the government's decision."""
    op.create_table(
        "government_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("issuer", sa.String(length=120), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_government_decision_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user_account.id"], name=op.f("fk_government_decision_requested_by_user_account")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_government_decision_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_government_decision")),
    )
    with op.batch_alter_table("government_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_government_decision_tender_id"), ["tender_id"], unique=False)

    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decision_id", sa.Integer(), nullable=True))
        batch_op.alter_column("bid_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_award_decision_id_government_decision"), "government_decision", ["decision_id"], ["id"]
        )


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_award_decision_id_government_decision"), type_="foreignkey")
        batch_op.alter_column("bid_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("decision_id")

    with op.batch_alter_table("government_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_government_decision_tender_id"))

    op.drop_table("government_decision")
