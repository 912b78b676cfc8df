"""Draw committees with two secret numbers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "48a2490a1806"
down_revision = "9b1e0c7d2a41"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Draw committees with two secret numbers."""
    op.create_table(
        "expert_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("specialty", sa.String(length=100), nullable=False),
        sa.Column("employer", sa.String(length=120), nullable=False),
        sa.Column("recusals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("absent_until", sa.Date(), nullable=True),
        sa.Column("updated_by", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["user_account.id"], name=op.f("fk_expert_profile_updated_by_user_account")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_expert_profile_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_profile")),
        sa.UniqueConstraint("user_id", name=op.f("uq_expert_profile_user_id")),
    )
    op.create_table(
        "committee_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("experts", sa.Integer(), nullable=False),
        sa.Column("purchasers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("candidates", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("excluded", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("list_sha256", sa.String(length=64), nullable=False),
        sa.Column("fixed_by", sa.Integer(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_order", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("abandon_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_committee_draw_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["fixed_by"], ["user_account.id"], name=op.f("fk_committee_draw_fixed_by_user_account")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_committee_draw_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_draw")),
        sa.UniqueConstraint("tender_id", "round", name=op.f("uq_committee_draw_tender_id_round")),
    )
    with op.batch_alter_table("committee_draw", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_committee_draw_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "draw_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.String(length=200), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["committee_draw.id"], name=op.f("fk_draw_number_draw_id_committee_draw")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_draw_number_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_number")),
        sa.UniqueConstraint("draw_id", "commitment", name=op.f("uq_draw_number_draw_id_commitment")),
        sa.UniqueConstraint("draw_id", "user_id", name=op.f("uq_draw_number_draw_id_user_id")),
    )
    with op.batch_alter_table("draw_number", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draw_number_draw_id"), ["draw_id"], unique=False)

    with op.batch_alter_table("committee_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("committee_member", schema=None) as batch_op:
        batch_op.drop_column("left_reason")

    with op.batch_alter_table("draw_number", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draw_number_draw_id"))

    op.drop_table("draw_number")
    with op.batch_alter_table("committee_draw", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_committee_draw_tender_id"))

    op.drop_table("committee_draw")
    op.drop_table("expert_profile")
