"""Performance securities with their return, the handover, and the bid securities that were turned into them."""

from datetime import UTC, timedelta, timezone

import sqlalchemy as sa
from alembic import op


revision = "e2b7d4c10f65"
down_revision = "b8e4d1f60a25"
branch_labels = None
depends_on = None

_FORMS = ("transfer", "cheque", "draft", "note", "bank_guarantee", "guarantee", "converted")


def upgrade() -> None:
    """A new table and two columns; documents issued so far named no time for the return."""
    op.create_table(
        "performance_security",
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_clause", sa.String(length=200), nullable=True),
        sa.Column("days_late", sa.Integer(), nullable=True),
        sa.Column("base_rate", sa.String(length=40), nullable=True),
        sa.Column("rate_source", sa.String(length=200), nullable=True),
        sa.Column("interest", sa.BigInteger(), nullable=True),
        sa.Column("bidders_fault", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(*_FORMS, name="securityform", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deducted", sa.BigInteger(), nullable=True),
        sa.Column("deduction_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_performance_security_award_id_award")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_performance_security_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_performance_security")),
    )
    with op.batch_alter_table("performance_security", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_performance_security_award_id"), ["award_id"], unique=False)
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("performance_return_days", sa.Integer(), nullable=True))
    with op.batch_alter_table("service_agreement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handed_over_on", sa.Date(), nullable=True))
    _turn()


def _turn() -> None:
    """Bid securities that were turned so far become what they were turned into, recorded by who began the tender."""
    bind = op.get_bind()
    lines = sa.text(
        "SELECT award.id, bid_security.amount, bid_security.refunded_at, bid_security.refunded_on,"
        " bid_security.payer_account, tender.created_by"
        " FROM bid_security JOIN award ON award.bid_id = bid_security.bid_id JOIN tender ON tender.id = award.tender_id"
        " WHERE bid_security.converted AND award.declined_at IS NULL"
    ).columns(sa.column("id"), sa.column("amount"), sa.column("refunded_at", sa.DateTime(timezone=True)),
              sa.column("refunded_on", sa.Date()), sa.column("payer_account"), sa.column("created_by"))  # fmt: skip
    turned = sa.table(
        "performance_security", sa.column("award_id"), sa.column("amount"), sa.column("form"),
        sa.column("paid_on", sa.Date()), sa.column("reference"), sa.column("recorded_by"),
        sa.column("recorded_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    for award, amount, at, on, account, who in bind.execute(lines).all():
        instant = at if at.tzinfo else at.replace(tzinfo=UTC)
        day = on or instant.astimezone(timezone(timedelta(hours=8))).date()
        values = {"award_id": award, "amount": amount, "form": "converted", "paid_on": day, "reference": account,
                  "recorded_by": who, "recorded_at": instant}  # fmt: skip
        bind.execute(sa.insert(turned).values(values))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("service_agreement", schema=None) as batch_op:
        batch_op.drop_column("handed_over_on")
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.drop_column("performance_return_days")
    with op.batch_alter_table("performance_security", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_performance_security_award_id"))
    op.drop_table("performance_security")
