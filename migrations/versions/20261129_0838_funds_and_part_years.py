"""Funds with their years and successions, and the part of its year that a contract ended early had covered."""

from datetime import UTC, timedelta, timezone

import sqlalchemy as sa
from alembic import op


revision = "a15963d71d94"
down_revision = "0002_watch"
branch_labels = None
depends_on = None

BEIJING = timezone(timedelta(hours=8))


def upgrade() -> None:
    """Two new tables; a contract ended in its running year has covered it until the day it was ended."""
    op.create_table(
        "fund_succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policyholder_id", sa.Integer(), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum("nrcms", "urban", "resident", name="scheme", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("successor", sa.String(length=32), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("evidence_sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_fund_succession_approved_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["policyholder_id"], ["organisation.id"], name=op.f("fk_fund_succession_policyholder_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_fund_succession_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_succession")),
    )
    with op.batch_alter_table("fund_succession", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fund_succession_policyholder_id"), ["policyholder_id"], unique=False)

    op.create_table(
        "fund_year",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policyholder_id", sa.Integer(), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum("nrcms", "urban", "resident", name="scheme", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opening_balance", sa.BigInteger(), nullable=False),
        sa.Column("income", sa.BigInteger(), nullable=False),
        sa.Column("expenditure", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["policyholder_id"], ["organisation.id"], name=op.f("fk_fund_year_policyholder_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_fund_year_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_year")),
        sa.UniqueConstraint(
            "policyholder_id",
            "scheme",
            "year",
            "version",
            name=op.f("uq_fund_year_policyholder_id_scheme_year_version"),
        ),
    )
    with op.batch_alter_table("fund_year", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fund_year_policyholder_id"), ["policyholder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fund_year_year"), ["year"], unique=False)

    with op.batch_alter_table("annual_contract", schema=None) as batch_op:
        batch_op.add_column(sa.Column("covered_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("part_year", sa.String(length=10), nullable=True))

    contract = sa.table(
        "annual_contract",
        sa.column("id", sa.Integer),
        sa.column("year", sa.Integer),
        sa.column("terminated_at", sa.DateTime(timezone=True)),
        sa.column("covered_until", sa.Date),
        sa.column("part_year", sa.String),
    )
    ended = sa.select(contract.c.id, contract.c.year, contract.c.terminated_at)
    for key, year, at in op.get_bind().execute(ended.where(contract.c.terminated_at.is_not(None))).all():
        moment = at if at.tzinfo else at.replace(tzinfo=UTC)
        day = moment.astimezone(BEIJING).date()
        if day.year == year:
            values = {"covered_until": day, "part_year": "day"}
            op.get_bind().execute(contract.update().where(contract.c.id == key).values(**values))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("annual_contract", schema=None) as batch_op:
        batch_op.drop_column("part_year")
        batch_op.drop_column("covered_until")

    with op.batch_alter_table("fund_year", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fund_year_year"))
        batch_op.drop_index(batch_op.f("ix_fund_year_policyholder_id"))

    op.drop_table("fund_year")
    with op.batch_alter_table("fund_succession", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fund_succession_policyholder_id"))

    op.drop_table("fund_succession")
