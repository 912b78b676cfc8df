"""Runs over whole areas: what each calculated, drafted or issued, contract year by contract year."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "f0780483630f"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; nothing that exists changes."""
    op.create_table(
        "settlement_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("dry", "draft", "issue", name="runkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_settlement_run_approved_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["settlement_run.id"], name=op.f("fk_settlement_run_parent_id_settlement_run")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user_account.id"], name=op.f("fk_settlement_run_requested_by_user_account")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_settlement_run_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_run")),
    )
    with op.batch_alter_table("settlement_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlement_run_year"), ["year"], unique=False)

    op.create_table(
        "run_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("figures_id", sa.Integer(), nullable=True),
        sa.Column("claim_file_id", sa.Integer(), nullable=True),
        sa.Column(
            "cause",
            sa.Enum("operating", "policy", name="cause", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("reading", sa.String(length=20), nullable=True),
        sa.Column("premium", sa.BigInteger(), nullable=True),
        sa.Column("claims", sa.BigInteger(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.String(length=60), nullable=True),
        sa.Column("band", sa.String(length=80), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "shared",
                "provisional",
                "negotiated",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("insurer_part", sa.BigInteger(), nullable=True),
        sa.Column("fund_part", sa.BigInteger(), nullable=True),
        sa.Column("readings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("rows", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("refusal_params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("refusal_clause", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_file_id"], ["claim_file.id"], name=op.f("fk_run_item_claim_file_id_claim_file")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_run_item_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["figures_id"], ["annual_figures.id"], name=op.f("fk_run_item_figures_id_annual_figures")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["settlement_run.id"], name=op.f("fk_run_item_run_id_settlement_run")),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_run_item_settlement_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_item")),
        sa.UniqueConstraint("run_id", "contract_id", name=op.f("uq_run_item_run_id_contract_id")),
    )
    with op.batch_alter_table("run_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_item_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_run_item_run_id"), ["run_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("run_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_item_run_id"))
        batch_op.drop_index(batch_op.f("ix_run_item_contract_id"))

    op.drop_table("run_item")
    with op.batch_alter_table("settlement_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_settlement_run_year"))

    op.drop_table("settlement_run")
