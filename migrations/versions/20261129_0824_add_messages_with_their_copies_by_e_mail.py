"""Add messages with their copies by e-mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2be677c003c1"
down_revision = "f0780483630f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add messages with their copies by e-mail."""
    op.create_table(
        "mail_address",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_mail_address_user_id_user_account")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_address")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("link", sa.String(length=400), nullable=False),
        sa.Column("clause", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["user_account.id"], name=op.f("fk_message_recipient_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("reference", name=op.f("uq_message_reference")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_recipient_id"), ["recipient_id"], unique=False)
        batch_op.create_index(
            "uq_message_key",
            ["recipient_id", "key"],
            unique=True,
            sqlite_where=sa.text("key <> ''"),
            postgresql_where=sa.text("key <> ''"),
        )

    op.create_table(
        "mail_copy",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=80), nullable=False),
        sa.CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name=op.f("ck_mail_copy_one_end")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_mail_copy_message_id_message")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_mail_copy")),
    )
    with op.batch_alter_table("mail_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_copy_due_at"), ["due_at"], unique=False)



def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("mail_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_copy_due_at"))

    op.drop_table("mail_copy")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("uq_message_key", sqlite_where=sa.text("key <> ''"), postgresql_where=sa.text("key <> ''"))
        batch_op.drop_index(batch_op.f("ix_message_recipient_id"))

    op.drop_table("message")
    op.drop_table("mail_address")
