"""Keep uploads in pieces and the ways of the recovery ladder."""

import sqlalchemy as sa
from alembic import op

revision = "e71e54057279"
down_revision = "a15963d71d94"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep uploads in pieces and the ways of the recovery ladder."""
    op.create_table(
        "reveal_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column(
            "envelope",
            sa.Enum("technical", "price", name="envelopekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_reveal_window_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal_window")),
        sa.UniqueConstraint("tender_id", "envelope", name=op.f("uq_reveal_window_tender_id_envelope")),
    )
    with op.batch_alter_table("reveal_window", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reveal_window_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "revealed_envelope",
        sa.Column("envelope_id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("revealed_by", sa.Integer(), nullable=False),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["envelope_id"], ["envelope.id"], name=op.f("fk_revealed_envelope_envelope_id_envelope")
        ),
        sa.ForeignKeyConstraint(
            ["revealed_by"], ["user_account.id"], name=op.f("fk_revealed_envelope_revealed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("envelope_id", name=op.f("pk_revealed_envelope")),
    )
    op.create_table(
        "upload_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("technical", "price", name="envelopekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_upload_draft_bid_id_bid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_draft")),
        sa.UniqueConstraint("reference", name=op.f("uq_upload_draft_reference")),
    )
    with op.batch_alter_table("upload_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_draft_bid_id"), ["bid_id"], unique=False)

    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recovery_note", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.alter_column("recovery_note", server_default=None)

    with op.batch_alter_table("opening_share", schema=None) as batch_op:
        batch_op.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("opening_share", schema=None) as batch_op:
        batch_op.alter_column("note", server_default=None)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("opening_share", schema=None) as batch_op:
        batch_op.drop_column("note")

    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_column("recovery_note")

    with op.batch_alter_table("upload_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_draft_bid_id"))

    op.drop_table("upload_draft")
    op.drop_table("revealed_envelope")
    with op.batch_alter_table("reveal_window", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reveal_window_tender_id"))

    op.drop_table("reveal_window")
