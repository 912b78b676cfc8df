"""Keep what the planner chose for the later dates, and the extension of the documents period (87 art. 18)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "9b1e0c7d2a41"
down_revision = "2be677c003c1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier tenders have chosen nothing: an empty object."""
    document = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("planned", document, nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("extend_documents_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("documents_extended_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.alter_column("planned", existing_type=document, existing_nullable=False, server_default=None)


def downgrade() -> None:
    """Take the columns away again."""
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.drop_column("documents_extended_at")
        batch_op.drop_column("extend_documents_days")
        batch_op.drop_column("planned")
