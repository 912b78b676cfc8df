"""Watch a tender: remedies that are carried out, noted hints, findings of the supervisor, archives."""

from datetime import UTC, timedelta, timezone

import sqlalchemy as sa
from alembic import op


revision = "0002_watch"
down_revision = "48a2490a1806"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; a letter lodged so far was received the day it came, and papers asked for one letter."""
    op.create_table(
        "hint_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["noted_by"], ["user_account.id"], name=op.f("fk_hint_note_noted_by_user_account")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_hint_note_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hint_note")),
        sa.UniqueConstraint("tender_id", "key", "noted_by", name=op.f("uq_hint_note_tender_id_key_noted_by")),
    )
    with op.batch_alter_table("hint_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hint_note_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "supervision_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("clause", sa.String(length=100), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_by", sa.Integer(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_supervision_finding_recorded_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["replied_by"], ["user_account.id"], name=op.f("fk_supervision_finding_replied_by_user_account")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_supervision_finding_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_finding")),
        sa.UniqueConstraint("tender_id", "number", name=op.f("uq_supervision_finding_tender_id_number")),
    )
    with op.batch_alter_table("supervision_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervision_finding_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "tender_archive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("built_by", sa.Integer(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["built_by"], ["user_account.id"], name=op.f("fk_tender_archive_built_by_user_account")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_tender_archive_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_archive")),
    )
    with op.batch_alter_table("tender_archive", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tender_archive_tender_id"), ["tender_id"], unique=False)

    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.add_column(sa.Column("voided_for_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_award_voided_for_id_supplier_query"), "supplier_query", ["voided_for_id"], ["id"]
        )

    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lodged_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("history", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("facts", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("basis", sa.Text(), nullable=True))

    with op.batch_alter_table("supplier_query", schema=None) as batch_op:
        batch_op.add_column(sa.Column("received_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("posted_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "remedy",
                sa.Enum(
                    "correct",
                    "restart",
                    "next",
                    "damages",
                    name="remedyroute",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("remedy_notice_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reported_on", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_supplier_query_remedy_notice_id_notice"), "notice", ["remedy_notice_id"], ["id"]
        )

    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("queries_once", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("hints_annexed_at", sa.DateTime(timezone=True), nullable=True))

    _fill()
    with op.batch_alter_table("supplier_query", schema=None) as batch_op:
        batch_op.alter_column("received_on", existing_type=sa.Date(), nullable=False)
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.alter_column("queries_once", existing_type=sa.Boolean(), nullable=False)


def _fill() -> None:
    """Every tender document issued so far asked for all queries on one step in one letter."""
    bind = op.get_bind()
    bind.execute(sa.update(sa.table("tender", sa.column("queries_once", sa.Boolean()))).values(queries_once=True))
    query = sa.table(
        "supplier_query",
        sa.column("id", sa.Integer()),
        sa.column("received_at", sa.DateTime(timezone=True)),
        sa.column("received_on", sa.Date()),
    )
    for key, at in bind.execute(sa.select(query.c.id, query.c.received_at)).all():
        instant = at if at.tzinfo else at.replace(tzinfo=UTC)
        day = instant.astimezone(timezone(timedelta(hours=8))).date()
        bind.execute(sa.update(query).where(query.c.id == key).values(received_on=day))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.drop_column("hints_annexed_at")
        batch_op.drop_column("queries_once")

    with op.batch_alter_table("supplier_query", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_supplier_query_remedy_notice_id_notice"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_supplier_query_remedyroute"), type_="check")
        batch_op.drop_column("reported_on")
        batch_op.drop_column("remedy_notice_id")
        batch_op.drop_column("remedy")
        batch_op.drop_column("posted_on")
        batch_op.drop_column("received_on")

    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_column("basis")
        batch_op.drop_column("facts")
        batch_op.drop_column("history")
        batch_op.drop_column("lodged_on")

    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_award_voided_for_id_supplier_query"), type_="foreignkey")
        batch_op.drop_column("voided_for_id")

    with op.batch_alter_table("tender_archive", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tender_archive_tender_id"))

    op.drop_table("tender_archive")
    with op.batch_alter_table("supervision_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervision_finding_tender_id"))

    op.drop_table("supervision_finding")
    with op.batch_alter_table("hint_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hint_note_tender_id"))

    op.drop_table("hint_note")
