"""Count contracts and years together."""

import sqlalchemy as sa
from alembic import op


revision = "7b2f0c9d41e6"
down_revision = "b1d5e0a7c210"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """count contracts and years together."""
    op.create_table(
        "settlement_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("figures_id", sa.Integer(), nullable=False),
        sa.Column("claim_file_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_settlement_member_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["claim_file_id"], ["claim_file.id"], name=op.f("fk_settlement_member_claim_file_id_claim_file")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_settlement_member_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["figures_id"], ["annual_figures.id"], name=op.f("fk_settlement_member_figures_id_annual_figures")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["policy_loss_decision.id"],
            name=op.f("fk_settlement_member_finding_id_policy_loss_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_member_settlement_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_member")),
        sa.UniqueConstraint(
            "settlement_id", "contract_id", name=op.f("uq_settlement_member_settlement_id_contract_id")
        ),
    )
    op.create_index(op.f("ix_settlement_member_settlement_id"), "settlement_member", ["settlement_id"])
    op.create_index(op.f("ix_settlement_member_contract_id"), "settlement_member", ["contract_id"])
    op.create_table(
        "settlement_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_source_settlement_id_settlement")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["settlement.id"], name=op.f("fk_settlement_source_source_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_source")),
        sa.UniqueConstraint("settlement_id", "source_id", name=op.f("uq_settlement_source_settlement_id_source_id")),
    )
    op.create_index(op.f("ix_settlement_source_settlement_id"), "settlement_source", ["settlement_id"])
    op.create_index(op.f("ix_settlement_source_source_id"), "settlement_source", ["source_id"])
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        for name in ("rate_base", "carried", "reserve_opening", "reserve_closing"):
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
    with op.batch_alter_table("annual_figures", schema=None) as batch_op:
        for name in ("quality_expense", "risk_reserve_open"):
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
    with op.batch_alter_table("policy_loss_decision", schema=None) as batch_op:
        for name in ("insurer_part", "fund_part"):
            batch_op.alter_column(name, existing_type=sa.BigInteger(), nullable=True)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("policy_loss_decision", schema=None) as batch_op:
        for name in ("insurer_part", "fund_part"):
            batch_op.alter_column(name, existing_type=sa.BigInteger(), nullable=False)
    with op.batch_alter_table("annual_figures", schema=None) as batch_op:
        for name in ("risk_reserve_open", "quality_expense"):
            batch_op.drop_column(name)
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        for name in ("reserve_closing", "reserve_opening", "carried", "rate_base"):
            batch_op.drop_column(name)
    op.drop_table("settlement_source")
    op.drop_table("settlement_member")
