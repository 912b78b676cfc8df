"""Name the agreed cost in annual contracts, amend it, and count it in settlement sheets."""

import sqlalchemy as sa
from alembic import op

from core.columns import UtcTime


revision = "a7f3c2d90e14"
down_revision = "d51a7e0c3b98"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No contract of before was settled under a rule that asks for one: the columns stay empty."""
    with op.batch_alter_table("annual_contract", schema=None) as batch_op:
        batch_op.add_column(sa.Column("target_cost", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("target_part", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("target_until", sa.Date(), nullable=True))
    op.create_table(
        "contract_amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("target_cost", sa.BigInteger(), nullable=False),
        sa.Column("target_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("prepared_by", sa.Integer(), nullable=False),
        sa.Column("prepared_at", UtcTime(), nullable=False),
        sa.Column("insurer_signed_at", UtcTime(), nullable=True),
        sa.Column("insurer_signed_by", sa.Integer(), nullable=True),
        sa.Column("agency_signed_at", UtcTime(), nullable=True),
        sa.Column("agency_signed_by", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_contract_amendment_{column}_{table}"))
            for column, table in (
                ("contract_id", "annual_contract"),
                ("prepared_by", "user_account"),
                ("insurer_signed_by", "user_account"),
                ("agency_signed_by", "user_account"),
                ("document_id", "issued_document"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_amendment")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_amendment_number")),
    )
    op.create_index(op.f("ix_contract_amendment_contract_id"), "contract_amendment", ["contract_id"])
    with op.batch_alter_table("settlement_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("amendment_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_settlement_member_amendment_id_contract_amendment"), "contract_amendment", ["amendment_id"], ["id"]
        )


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("settlement_member", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_settlement_member_amendment_id_contract_amendment"), type_="foreignkey")
        batch_op.drop_column("amendment_id")
    op.drop_table("contract_amendment")
    with op.batch_alter_table("annual_contract", schema=None) as batch_op:
        for name in ("target_until", "target_part", "target_cost"):
            batch_op.drop_column(name)
