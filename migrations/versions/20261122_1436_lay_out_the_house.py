"""Lay out the house: every table of ground and rooms, and the triggers that keep the audit log append-only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The same statements as core/audit.py ran when this migration was written.
SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$",
    "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_change",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_truncate",
)


def upgrade() -> None:
    """Create the tables, then the triggers of the database at hand."""
    op.create_table(
        "audit_event",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object_type", sa.String(length=60), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name="single_row"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "document_series",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_document_series")),
    )
    op.create_table(
        "issued_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=True),
        sa.Column("pack_hash", sa.String(length=64), nullable=True),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("inputs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("inputs_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("attachments", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("check_code", sa.String(length=12), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(version = 1) = (replaces_id IS NULL)", name=op.f("ck_issued_document_correction_names_the_old")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_issued_document_version_from_one")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["issued_document.id"], name=op.f("fk_issued_document_replaces_id_issued_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
        sa.UniqueConstraint("check_code", name=op.f("uq_issued_document_check_code")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_issued_document_number_version")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_issued_document_replaces_id")),
    )
    with op.batch_alter_table("issued_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issued_document_issued_at"), ["issued_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_document_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_document_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_document_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_document_pdf_sha256"), ["pdf_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_document_published_at"), ["published_at"], unique=False)

    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=80), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "due", name=op.f("uq_job_run_job_due")),
    )
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_run_finished_at"), ["finished_at"], unique=False)

    op.create_table(
        "login_throttle",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttle")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "department",
                "agency",
                "finance",
                "supervision",
                "insurer",
                "expert_pool",
                "public",
                name="organisationkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("english_name", sa.String(length=160), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "submitted_form",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_submitted_form")),
    )
    with op.batch_alter_table("submitted_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submitted_form_at"), ["at"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("args", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("result", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_task_progress_counts")),
        sa.CheckConstraint("finished_at IS NULL OR failed_at IS NULL", name=op.f("ck_task_one_end")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_finished_at"), ["finished_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_requested_by"), ["requested_by"], unique=False)

    op.create_table(
        "circular",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("milestone", sa.String(length=60), nullable=False),
        sa.Column("areas", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_circular_document_id_issued_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular")),
        sa.UniqueConstraint("number", name=op.f("uq_circular_number")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("password_expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("last_totp_step", sa.Integer(), nullable=True),
        sa.Column("mf_recovery_codes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_user_account_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_account_fs_uniquifier")),
        sa.UniqueConstraint("login", name=op.f("uq_user_account_login")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("summary", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "approved",
                "rejected",
                "withdrawn",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "decided_by IS NOT NULL OR decision IS NULL OR decision = 'withdrawn'",
            name=op.f("ck_approval_decided_by_someone"),
        ),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_approval_decided_whole")),
        sa.CheckConstraint("requested_by <> decided_by", name=op.f("ck_approval_two_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_approval_decided_by_user_account")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_approval_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user_account.id"], name=op.f("fk_approval_requested_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_requested_by"), ["requested_by"], unique=False)
        batch_op.create_index(
            "uq_approval_open",
            ["kind", "subject_type", "subject_id"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    op.create_table(
        "filing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "tender_document",
                "contract_text",
                "contract_copy",
                "policy",
                "progress",
                name="filingkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("addressee", sa.String(length=100), nullable=False),
        sa.Column("copied_to", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("clause", sa.String(length=100), nullable=False),
        sa.Column("contents", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("package_sha256", sa.String(length=64), nullable=True),
        sa.Column("prepared_by", sa.Integer(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_number", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["issued_document.id"], name=op.f("fk_filing_letter_id_issued_document")
        ),
        sa.ForeignKeyConstraint(["prepared_by"], ["user_account.id"], name=op.f("fk_filing_prepared_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_filing_number_version")),
    )
    op.create_table(
        "officer_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("wrapped_identity", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_officer_key_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_key")),
    )
    with op.batch_alter_table("officer_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officer_key_user_id"), ["user_id"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("granted_by <> approved_by", name=op.f("ck_role_grant_two_people")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_role_grant_approved_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["user_account.id"], name=op.f("fk_role_grant_granted_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["user_account.id"], name=op.f("fk_role_grant_revoked_by_user_account")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_grant_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_role_grant_in_force",
            ["user_id", "role"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "tender",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purchaser_id", sa.Integer(), nullable=False),
        sa.Column("policyholder_id", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("pack_hash", sa.String(length=64), nullable=False),
        sa.Column("rule_set", sa.String(length=40), nullable=False),
        sa.Column("cloned_from_id", sa.Integer(), nullable=True),
        sa.Column("retender_of_id", sa.Integer(), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=False),
        sa.Column("term_from", sa.Date(), nullable=False),
        sa.Column("term_until", sa.Date(), nullable=False),
        sa.Column(
            "award_rule",
            sa.Enum("win_all", "win_one", name="awardrule", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("consortium_allowed", sa.Boolean(), nullable=False),
        sa.Column("bid_security", sa.BigInteger(), nullable=False),
        sa.Column("performance_security_rate", sa.String(length=40), nullable=False),
        sa.Column("bid_valid_days", sa.Integer(), nullable=False),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("contact_telephone", sa.String(length=40), nullable=False),
        sa.Column("purchaser_address", sa.String(length=200), nullable=False),
        sa.Column("opening_place", sa.String(length=200), nullable=False),
        sa.Column("media", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("documents_from", sa.Date(), nullable=True),
        sa.Column("documents_until", sa.Date(), nullable=True),
        sa.Column("clarification_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("key_quorum", sa.Integer(), nullable=False),
        sa.Column("key_officers", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_hash", sa.String(length=64), nullable=True),
        sa.Column("closing_nonce", sa.String(length=64), nullable=True),
        sa.Column("technical_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("qualification_reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conformity_reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("technical_locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("price_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint("key_quorum <= key_officers", name=op.f("ck_tender_quorum_within_officers")),
        sa.ForeignKeyConstraint(["cloned_from_id"], ["tender.id"], name=op.f("fk_tender_cloned_from_id_tender")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_tender_created_by_user_account")),
        sa.ForeignKeyConstraint(
            ["policyholder_id"], ["organisation.id"], name=op.f("fk_tender_policyholder_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["purchaser_id"], ["organisation.id"], name=op.f("fk_tender_purchaser_id_organisation")
        ),
        sa.ForeignKeyConstraint(["retender_of_id"], ["tender.id"], name=op.f("fk_tender_retender_of_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender")),
        sa.UniqueConstraint("number", name=op.f("uq_tender_number")),
    )
    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "clarification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_organisation_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user_account.id"], name=op.f("fk_clarification_answered_by_user_account")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name=op.f("fk_clarification_asked_by_user_account")),
        sa.ForeignKeyConstraint(
            ["asked_by_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_clarification_asked_by_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_clarification_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clarification")),
        sa.UniqueConstraint("tender_id", "number", name=op.f("uq_clarification_tender_id_number")),
    )
    with op.batch_alter_table("clarification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clarification_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "committee_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "seat",
            sa.Enum("expert", "purchaser", name="committeeseat", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("is_chair", sa.Boolean(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=True),
        sa.Column("appointed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conflict", sa.Text(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_committee_member_tender_id_tender")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_committee_member_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_member")),
        sa.UniqueConstraint("tender_id", "user_id", name=op.f("uq_committee_member_tender_id_user_id")),
    )
    with op.batch_alter_table("committee_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_committee_member_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "block",
            sa.Enum(
                "price",
                "commercial",
                "technical",
                name="scoreblock",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("points", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "formula",
                "intervals",
                "levels",
                name="criterionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("options", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("objective", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_criterion_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
    )
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_criterion_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "document_taker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_document_taker_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["user_account.id"], name=op.f("fk_document_taker_taken_by_user_account")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_document_taker_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_taker")),
        sa.UniqueConstraint("tender_id", "organisation_id", name=op.f("uq_document_taker_tender_id_organisation_id")),
    )
    with op.batch_alter_table("document_taker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_taker_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum("nrcms", "urban", "resident", name="scheme", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("insured_count", sa.Integer(), nullable=False),
        sa.Column(
            "price_object",
            sa.Enum(
                "premium_per_head",
                "total_premium",
                "fee_amount",
                "fee_rate",
                "profit_rate",
                "fixed",
                name="priceobject",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ceiling", sa.String(length=40), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=False),
        sa.Column("winners", sa.Integer(), nullable=False),
        sa.Column(
            "split_method",
            sa.Enum("share", "district", name="splitmethod", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("split", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_lot_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("tender_id", "position", name=op.f("uq_lot_tender_id_position")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "mandatory_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_mandatory_field_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandatory_field")),
        sa.UniqueConstraint("tender_id", "key", name=op.f("uq_mandatory_field_tender_id_key")),
    )
    with op.batch_alter_table("mandatory_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mandatory_field_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "tender",
                "corrigendum",
                "award",
                "contract",
                "failure",
                "cancellation",
                "result_change",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_notice_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_notice_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("document_id", name=op.f("uq_notice_document_id")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column(
            "envelope",
            sa.Enum("technical", "price", name="envelopekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_opening_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_opening_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sa.UniqueConstraint("tender_id", "envelope", name=op.f("uq_opening_tender_id_envelope")),
    )
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "qualification_condition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("clause", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_qualification_condition_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_condition")),
    )
    with op.batch_alter_table("qualification_condition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qualification_condition_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "sealed_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_sealed_event_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_event")),
        sa.UniqueConstraint("reference", name=op.f("uq_sealed_event_reference")),
    )
    with op.batch_alter_table("sealed_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_event_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "supplier_query",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "about",
            sa.Enum(
                "document", "process", "result", name="queryabout", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("matters", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("lodged_by", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "unfounded",
                "no_effect",
                "affects",
                name="queryoutcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("carried_out", sa.Text(), nullable=True),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_supplier_query_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["lodged_by"], ["user_account.id"], name=op.f("fk_supplier_query_lodged_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_supplier_query_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_supplier_query_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_query")),
        sa.UniqueConstraint("tender_id", "number", name=op.f("uq_supplier_query_tender_id_number")),
    )
    with op.batch_alter_table("supplier_query", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supplier_query_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "tender_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column(
            "envelope",
            sa.Enum("technical", "price", name="envelopekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_tender_key_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_key")),
        sa.UniqueConstraint("tender_id", "envelope", name=op.f("uq_tender_key_tender_id_envelope")),
    )
    with op.batch_alter_table("tender_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tender_key_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "timetable_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("clause", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_timetable_entry_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_entry")),
        sa.UniqueConstraint("tender_id", "step", name=op.f("uq_timetable_entry_tender_id_step")),
    )
    with op.batch_alter_table("timetable_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timetable_entry_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "bid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("bidder_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bidder_id"], ["organisation.id"], name=op.f("fk_bid_bidder_id_organisation")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_bid_lot_id_lot")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_bid_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid")),
        sa.UniqueConstraint("lot_id", "bidder_id", name=op.f("uq_bid_lot_id_bidder_id")),
    )
    with op.batch_alter_table("bid", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bid_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("authority", sa.String(length=100), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.Column("matters", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "rejected", "founded", name="complaintoutcome", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("carried_out", sa.Text(), nullable=True),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["query_id"], ["supplier_query.id"], name=op.f("fk_complaint_query_id_supplier_query")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_complaint_recorded_by_user_account")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_complaint_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("query_id", name=op.f("uq_complaint_query_id")),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "contract_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("sharing_reading", sa.String(length=20), nullable=False),
        sa.Column("rate_definition", sa.String(length=40), nullable=False),
        sa.Column("expense_cap_rate", sa.String(length=40), nullable=False),
        sa.Column("claims_basis", sa.String(length=20), nullable=False),
        sa.Column("cutoff_month", sa.Integer(), nullable=False),
        sa.Column("cutoff_day", sa.Integer(), nullable=False),
        sa.Column("instalments", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("manual_settlement_days", sa.Integer(), nullable=False),
        sa.Column("disclosure_working_days", sa.Integer(), nullable=False),
        sa.Column("dispute_working_days", sa.Integer(), nullable=False),
        sa.Column("assessment", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_contract_terms_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_terms")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_contract_terms_lot_id")),
    )
    op.create_table(
        "corrigendum_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user_account.id"], name=op.f("fk_corrigendum_receipt_confirmed_by_user_account")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_corrigendum_receipt_notice_id_notice")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_corrigendum_receipt_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrigendum_receipt")),
        sa.UniqueConstraint(
            "notice_id", "organisation_id", name=op.f("uq_corrigendum_receipt_notice_id_organisation_id")
        ),
    )
    with op.batch_alter_table("corrigendum_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_corrigendum_receipt_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "historical_year",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("insured_count", sa.Integer(), nullable=False),
        sa.Column("premium", sa.BigInteger(), nullable=False),
        sa.Column("claims_paid", sa.BigInteger(), nullable=False),
        sa.Column("beneficiaries", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("compliant_cost", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_historical_year_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historical_year")),
        sa.UniqueConstraint("lot_id", "year", name=op.f("uq_historical_year_lot_id_year")),
    )
    with op.batch_alter_table("historical_year", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_historical_year_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "key_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_key_id", sa.Integer(), nullable=False),
        sa.Column("officer_key_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_key_id"], ["officer_key.id"], name=op.f("fk_key_confirmation_officer_key_id_officer_key")
        ),
        sa.ForeignKeyConstraint(
            ["tender_key_id"], ["tender_key.id"], name=op.f("fk_key_confirmation_tender_key_id_tender_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_confirmation")),
        sa.UniqueConstraint(
            "tender_key_id", "officer_key_id", name=op.f("uq_key_confirmation_tender_key_id_officer_key_id")
        ),
    )
    with op.batch_alter_table("key_confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_key_confirmation_tender_key_id"), ["tender_key_id"], unique=False)

    op.create_table(
        "key_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_key_id", sa.Integer(), nullable=False),
        sa.Column("subset", sa.String(length=60), nullable=False),
        sa.Column("officer_key_id", sa.Integer(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("share_sha256", sa.String(length=64), nullable=False),
        sa.Column("proof_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_key_id"], ["officer_key.id"], name=op.f("fk_key_share_officer_key_id_officer_key")
        ),
        sa.ForeignKeyConstraint(
            ["tender_key_id"], ["tender_key.id"], name=op.f("fk_key_share_tender_key_id_tender_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_share")),
        sa.UniqueConstraint(
            "tender_key_id", "subset", "officer_key_id", name=op.f("uq_key_share_tender_key_id_subset_officer_key_id")
        ),
    )
    with op.batch_alter_table("key_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_key_share_tender_key_id"), ["tender_key_id"], unique=False)

    op.create_table(
        "opening_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_key_id", sa.Integer(), nullable=False),
        sa.Column("officer_key_id", sa.Integer(), nullable=False),
        sa.Column("shares", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_key_id"], ["officer_key.id"], name=op.f("fk_opening_share_officer_key_id_officer_key")
        ),
        sa.ForeignKeyConstraint(
            ["tender_key_id"], ["tender_key.id"], name=op.f("fk_opening_share_tender_key_id_tender_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_share")),
        sa.UniqueConstraint(
            "tender_key_id", "officer_key_id", name=op.f("uq_opening_share_tender_key_id_officer_key_id")
        ),
    )
    with op.batch_alter_table("opening_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_share_tender_key_id"), ["tender_key_id"], unique=False)

    op.create_table(
        "refused_bid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("bidder_id", sa.Integer(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["bidder_id"], ["organisation.id"], name=op.f("fk_refused_bid_bidder_id_organisation")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_refused_bid_lot_id_lot")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_refused_bid_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_bid")),
    )
    with op.batch_alter_table("refused_bid", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refused_bid_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "score_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_score_sheet_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["committee_member.id"], name=op.f("fk_score_sheet_member_id_committee_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheet")),
        sa.UniqueConstraint("member_id", "lot_id", name=op.f("uq_score_sheet_member_id_lot_id")),
    )
    with op.batch_alter_table("score_sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_sheet_member_id"), ["member_id"], unique=False)

    op.create_table(
        "award",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("insurer_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("price", sa.String(length=40), nullable=False),
        sa.Column("share", sa.String(length=40), nullable=False),
        sa.Column("insured_count", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("term_total", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("letter_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_award_bid_id_bid")),
        sa.ForeignKeyConstraint(["insurer_id"], ["organisation.id"], name=op.f("fk_award_insurer_id_organisation")),
        sa.ForeignKeyConstraint(["letter_id"], ["issued_document.id"], name=op.f("fk_award_letter_id_issued_document")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_award_lot_id_lot")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_award_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_award_bid_id")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(
            "ix_award_standing_place",
            ["lot_id", "place"],
            unique=True,
            sqlite_where=sa.text("declined_at IS NULL"),
            postgresql_where=sa.text("declined_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_award_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "bid_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("technical_score", sa.String(length=40), nullable=True),
        sa.Column("commercial_score", sa.String(length=40), nullable=True),
        sa.Column("price_score", sa.String(length=40), nullable=True),
        sa.Column("total", sa.String(length=40), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("invalid_ground", sa.String(length=40), nullable=True),
        sa.Column("invalid_reason", sa.Text(), nullable=True),
        sa.Column("lines", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_result_bid_id_bid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_result")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_bid_result_bid_id")),
    )
    op.create_table(
        "bid_security",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payer_account", sa.String(length=60), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_security_bid_id_bid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_security")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_bid_security_bid_id")),
    )
    op.create_table(
        "conformity_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_conformity_finding_bid_id_bid")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_conformity_finding_decided_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conformity_finding")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_conformity_finding_bid_id")),
    )
    op.create_table(
        "envelope",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("technical", "price", name="envelopekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("ciphertext_sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_envelope_bid_id_bid")),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user_account.id"], name=op.f("fk_envelope_uploaded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope")),
    )
    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_envelope_bid_id"), ["bid_id"], unique=False)

    op.create_table(
        "low_price_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("grounds", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("explained_by", sa.Integer(), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name=op.f("fk_low_price_review_asked_by_user_account")
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_low_price_review_bid_id_bid")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_low_price_review_decided_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["explained_by"], ["user_account.id"], name=op.f("fk_low_price_review_explained_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["issued_document.id"], name=op.f("fk_low_price_review_letter_id_issued_document")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_low_price_review_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_low_price_review")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_low_price_review_bid_id")),
    )
    with op.batch_alter_table("low_price_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_low_price_review_tender_id"), ["tender_id"], unique=False)

    op.create_table(
        "price_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("price", sa.String(length=40), nullable=False),
        sa.Column("price_in_words", sa.String(length=100), nullable=False),
        sa.Column("corrected_price", sa.String(length=40), nullable=False),
        sa.Column("correction", sa.Text(), nullable=True),
        sa.Column("term_total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_price_sheet_bid_id_bid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_sheet")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_price_sheet_bid_id")),
    )
    op.create_table(
        "qualification_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("condition_id", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reviewed_by", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_qualification_finding_bid_id_bid")),
        sa.ForeignKeyConstraint(
            ["condition_id"],
            ["qualification_condition.id"],
            name=op.f("fk_qualification_finding_condition_id_qualification_condition"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["user_account.id"], name=op.f("fk_qualification_finding_reviewed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_finding")),
        sa.UniqueConstraint("bid_id", "condition_id", name=op.f("uq_qualification_finding_bid_id_condition_id")),
    )
    with op.batch_alter_table("qualification_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qualification_finding_bid_id"), ["bid_id"], unique=False)

    op.create_table(
        "score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_score_bid_id_bid")),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_score_criterion_id_criterion")),
        sa.ForeignKeyConstraint(["sheet_id"], ["score_sheet.id"], name=op.f("fk_score_sheet_id_score_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("sheet_id", "bid_id", "criterion_id", name=op.f("uq_score_sheet_id_bid_id_criterion_id")),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_sheet_id"), ["sheet_id"], unique=False)

    op.create_table(
        "bid_submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("technical_id", sa.Integer(), nullable=False),
        sa.Column("price_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_submission_bid_id_bid")),
        sa.ForeignKeyConstraint(["price_id"], ["envelope.id"], name=op.f("fk_bid_submission_price_id_envelope")),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["user_account.id"], name=op.f("fk_bid_submission_submitted_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["technical_id"], ["envelope.id"], name=op.f("fk_bid_submission_technical_id_envelope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_submission")),
        sa.UniqueConstraint("bid_id", "version", name=op.f("uq_bid_submission_bid_id_version")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_bid_submission_idempotency_key")),
    )
    with op.batch_alter_table("bid_submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_submission_bid_id"), ["bid_id"], unique=False)

    op.create_table(
        "service_agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column("policyholder_id", sa.Integer(), nullable=False),
        sa.Column("insurer_id", sa.Integer(), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum("nrcms", "urban", "resident", name="scheme", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("term_from", sa.Date(), nullable=False),
        sa.Column("term_until", sa.Date(), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("pack_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agency_signed_by", sa.Integer(), nullable=True),
        sa.Column("insurer_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("insurer_signed_by", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("terminated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("termination_reason", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_signed_by"], ["user_account.id"], name=op.f("fk_service_agreement_agency_signed_by_user_account")
        ),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_service_agreement_award_id_award")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_service_agreement_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["insurer_id"], ["organisation.id"], name=op.f("fk_service_agreement_insurer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["insurer_signed_by"], ["user_account.id"], name=op.f("fk_service_agreement_insurer_signed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["policyholder_id"], ["organisation.id"], name=op.f("fk_service_agreement_policyholder_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_agreement")),
        sa.UniqueConstraint("award_id", name=op.f("uq_service_agreement_award_id")),
        sa.UniqueConstraint("number", name=op.f("uq_service_agreement_number")),
    )
    with op.batch_alter_table("service_agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_agreement_insurer_id"), ["insurer_id"], unique=False)

    op.create_table(
        "annual_contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("insured_count", sa.Integer(), nullable=False),
        sa.Column("funding_standard", sa.BigInteger(), nullable=False),
        sa.Column("premium", sa.BigInteger(), nullable=False),
        sa.Column("fund", sa.String(length=100), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("pack_hash", sa.String(length=64), nullable=False),
        sa.Column("sharing_reading", sa.String(length=20), nullable=False),
        sa.Column("rate_definition", sa.String(length=40), nullable=False),
        sa.Column("expense_cap_rate", sa.String(length=40), nullable=False),
        sa.Column("claims_basis", sa.String(length=20), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("manual_settlement_days", sa.Integer(), nullable=False),
        sa.Column("disclosure_working_days", sa.Integer(), nullable=False),
        sa.Column("dispute_working_days", sa.Integer(), nullable=False),
        sa.Column("service", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agency_signed_by", sa.Integer(), nullable=True),
        sa.Column("insurer_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("insurer_signed_by", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("notice_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_count", sa.Integer(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Integer(), nullable=True),
        sa.Column("terminated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("termination_reason", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint("insured_count > 0", name=op.f("ck_annual_contract_someone_is_insured")),
        sa.ForeignKeyConstraint(
            ["agency_signed_by"], ["user_account.id"], name=op.f("fk_annual_contract_agency_signed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["service_agreement.id"], name=op.f("fk_annual_contract_agreement_id_service_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["cleared_by"], ["user_account.id"], name=op.f("fk_annual_contract_cleared_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("fk_annual_contract_created_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_annual_contract_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["insurer_signed_by"], ["user_account.id"], name=op.f("fk_annual_contract_insurer_signed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["issued_document.id"], name=op.f("fk_annual_contract_notice_id_issued_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_contract")),
        sa.UniqueConstraint("agreement_id", "year", name=op.f("uq_annual_contract_agreement_id_year")),
        sa.UniqueConstraint("number", name=op.f("uq_annual_contract_number")),
    )
    with op.batch_alter_table("annual_contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_annual_contract_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_annual_contract_year"), ["year"], unique=False)

    op.create_table(
        "dedicated_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("premium", "claims", name="accountkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("bank", sa.String(length=100), nullable=False),
        sa.Column("last_digits", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["service_agreement.id"], name=op.f("fk_dedicated_account_agreement_id_service_agreement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dedicated_account")),
        sa.UniqueConstraint("agreement_id", "kind", name=op.f("uq_dedicated_account_agreement_id_kind")),
    )
    with op.batch_alter_table("dedicated_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dedicated_account_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "annual_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claims_paid", sa.BigInteger(), nullable=False),
        sa.Column("recoveries", sa.BigInteger(), nullable=False),
        sa.Column("recovery_cases", sa.Integer(), nullable=False),
        sa.Column("reserve_open", sa.BigInteger(), nullable=False),
        sa.Column("reserve_close", sa.BigInteger(), nullable=False),
        sa.Column("direct_expense", sa.BigInteger(), nullable=False),
        sa.Column("allocated_expense", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        sa.Column("taxes", sa.BigInteger(), nullable=False),
        sa.Column("commission", sa.BigInteger(), nullable=False),
        sa.Column("sources", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reported_by", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user_account.id"], name=op.f("fk_annual_figures_confirmed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_annual_figures_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["user_account.id"], name=op.f("fk_annual_figures_reported_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_figures")),
        sa.UniqueConstraint("contract_id", "version", name=op.f("uq_annual_figures_contract_id_version")),
    )
    with op.batch_alter_table("annual_figures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_annual_figures_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("indicators", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("score", sa.String(length=40), nullable=False),
        sa.Column("deduction", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_assessment_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_assessment_decided_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("contract_id", "period", name=op.f("uq_assessment_contract_id_period")),
    )
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessment_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "benefit_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("deductible", sa.BigInteger(), nullable=False),
        sa.Column("bands", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("maximum", sa.BigInteger(), nullable=True),
        sa.Column("tilt", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_benefit_terms_contract_id_annual_contract")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_terms")),
        sa.UniqueConstraint("contract_id", "in_force_from", name=op.f("uq_benefit_terms_contract_id_in_force_from")),
    )
    with op.batch_alter_table("benefit_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_benefit_terms_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "claim_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("original_name", sa.String(length=200), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("parquet_sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("reported_benefit", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recomputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recomputed_benefit", sa.BigInteger(), nullable=True),
        sa.Column("engine", sa.String(length=40), nullable=True),
        sa.Column("terms_hash", sa.String(length=64), nullable=True),
        sa.Column("totals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["user_account.id"], name=op.f("fk_claim_file_accepted_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_claim_file_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["received_by"], ["user_account.id"], name=op.f("fk_claim_file_received_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_file")),
        sa.UniqueConstraint("contract_id", "version", name=op.f("uq_claim_file_contract_id_version")),
    )
    with op.batch_alter_table("claim_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_file_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "instalment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_instalment_contract_id_annual_contract")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint("contract_id", "position", name=op.f("uq_instalment_contract_id_position")),
    )
    with op.batch_alter_table("instalment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instalment_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "monthly_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claims_paid", sa.BigInteger(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("expense", sa.BigInteger(), nullable=False),
        sa.Column("reported_by", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_monthly_figures_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["user_account.id"], name=op.f("fk_monthly_figures_reported_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_figures")),
        sa.UniqueConstraint(
            "contract_id", "month", "version", name=op.f("uq_monthly_figures_contract_id_month_version")
        ),
    )
    with op.batch_alter_table("monthly_figures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_monthly_figures_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "policy_loss_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("attributable", sa.BigInteger(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("meeting_held_on", sa.Date(), nullable=False),
        sa.Column("signatures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("insurer_part", sa.BigInteger(), nullable=False),
        sa.Column("fund_part", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("evidence_sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_policy_loss_decision_approved_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_policy_loss_decision_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_policy_loss_decision_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_policy_loss_decision_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_loss_decision")),
    )
    with op.batch_alter_table("policy_loss_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_loss_decision_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "claim_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_file_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reported", sa.BigInteger(), nullable=False),
        sa.Column("recomputed", sa.BigInteger(), nullable=False),
        sa.Column("explanation", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "resolution",
            sa.Enum(
                "insurer_corrects",
                "department_accepts",
                name="findingresolution",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_file_id"], ["claim_file.id"], name=op.f("fk_claim_finding_claim_file_id_claim_file")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["user_account.id"], name=op.f("fk_claim_finding_resolved_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_finding")),
    )
    with op.batch_alter_table("claim_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_finding_claim_file_id"), ["claim_file_id"], unique=False)

    op.create_table(
        "premium_payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("instalment_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_premium_payment_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["instalment_id"], ["instalment.id"], name=op.f("fk_premium_payment_instalment_id_instalment")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_premium_payment_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_premium_payment")),
    )
    with op.batch_alter_table("premium_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_premium_payment_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "settlement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("figures_id", sa.Integer(), nullable=False),
        sa.Column("claim_file_id", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("pack_hash", sa.String(length=64), nullable=False),
        sa.Column("reading", sa.String(length=20), nullable=False),
        sa.Column(
            "cause",
            sa.Enum("operating", "policy", name="cause", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("premium", sa.BigInteger(), nullable=False),
        sa.Column("claims", sa.BigInteger(), nullable=False),
        sa.Column("expense_allowed", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.String(length=60), nullable=False),
        sa.Column("band", sa.String(length=80), nullable=False),
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
            nullable=False,
        ),
        sa.Column("insurer_part", sa.BigInteger(), nullable=True),
        sa.Column("fund_part", sa.BigInteger(), nullable=True),
        sa.Column("readings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("prepared_by", sa.Integer(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("insurer_confirmed_by", sa.Integer(), nullable=True),
        sa.Column("insurer_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("change_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "insurer_part IS NULL OR insurer_part + fund_part = balance", name=op.f("ck_settlement_parts_add_up")
        ),
        sa.ForeignKeyConstraint(
            ["claim_file_id"], ["claim_file.id"], name=op.f("fk_settlement_claim_file_id_claim_file")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_settlement_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["policy_loss_decision.id"], name=op.f("fk_settlement_decision_id_policy_loss_decision")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_settlement_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["figures_id"], ["annual_figures.id"], name=op.f("fk_settlement_figures_id_annual_figures")
        ),
        sa.ForeignKeyConstraint(
            ["insurer_confirmed_by"], ["user_account.id"], name=op.f("fk_settlement_insurer_confirmed_by_user_account")
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["user_account.id"], name=op.f("fk_settlement_issued_by_user_account")),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user_account.id"], name=op.f("fk_settlement_prepared_by_user_account")
        ),
        sa.ForeignKeyConstraint(["replaces_id"], ["settlement.id"], name=op.f("fk_settlement_replaces_id_settlement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("contract_id", "version", name=op.f("uq_settlement_contract_id_version")),
    )
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlement_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "signing", "final_accounts", name="disclosurekind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("clause", sa.String(length=100), nullable=False),
        sa.Column("prepared_by", sa.Integer(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("correction_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["annual_contract.id"], name=op.f("fk_disclosure_contract_id_annual_contract")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_disclosure_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user_account.id"], name=op.f("fk_disclosure_prepared_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["user_account.id"], name=op.f("fk_disclosure_published_by_user_account")
        ),
        sa.ForeignKeyConstraint(["replaces_id"], ["disclosure.id"], name=op.f("fk_disclosure_replaces_id_disclosure")),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_disclosure_settlement_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        sa.UniqueConstraint("contract_id", "kind", "version", name=op.f("uq_disclosure_contract_id_kind_version")),
    )
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosure_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=False),
        sa.Column(
            "account",
            sa.Enum("fund", "insurer", name="ledgeraccount", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_id_ledger_entry")
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_ledger_entry_settlement_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint(
            "settlement_id", "account", "reverses_id", name=op.f("uq_ledger_entry_settlement_id_account_reverses_id")
        ),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_entry_settlement_id"), ["settlement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_year"), ["year"], unique=False)

    op.create_table(
        "line_dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.String(length=8), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["user_account.id"], name=op.f("fk_line_dispute_closed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["raised_by"], ["user_account.id"], name=op.f("fk_line_dispute_raised_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_line_dispute_settlement_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_dispute")),
    )
    with op.batch_alter_table("line_dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_line_dispute_settlement_id"), ["settlement_id"], unique=False)

    op.create_table(
        "settlement_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row", sa.String(length=8), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("formula", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("clause", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_line_settlement_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_line")),
        sa.UniqueConstraint("settlement_id", "row", name=op.f("uq_settlement_line_settlement_id_row")),
    )
    with op.batch_alter_table("settlement_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlement_line_settlement_id"), ["settlement_id"], unique=False)

    op.create_table(
        "transfer_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("to_fund", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_transfer_order_recorded_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_transfer_order_settlement_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_order")),
        sa.UniqueConstraint("settlement_id", name=op.f("uq_transfer_order_settlement_id")),
    )
    op.create_table(
        "dispute_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence_name", sa.String(length=200), nullable=True),
        sa.Column("evidence_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["line_dispute.id"], name=op.f("fk_dispute_message_dispute_id_line_dispute")
        ),
        sa.ForeignKeyConstraint(["said_by"], ["user_account.id"], name=op.f("fk_dispute_message_said_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_message")),
    )
    with op.batch_alter_table("dispute_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_message_dispute_id"), ["dispute_id"], unique=False)
    embedded = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if embedded else POSTGRESQL_TRIGGERS:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("dispute_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispute_message_dispute_id"))

    op.drop_table("dispute_message")
    op.drop_table("transfer_order")
    with op.batch_alter_table("settlement_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_settlement_line_settlement_id"))

    op.drop_table("settlement_line")
    with op.batch_alter_table("line_dispute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_line_dispute_settlement_id"))

    op.drop_table("line_dispute")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_year"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_settlement_id"))

    op.drop_table("ledger_entry")
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_contract_id"))

    op.drop_table("disclosure")
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_settlement_contract_id"))

    op.drop_table("settlement")
    with op.batch_alter_table("premium_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_premium_payment_contract_id"))

    op.drop_table("premium_payment")
    with op.batch_alter_table("claim_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_finding_claim_file_id"))

    op.drop_table("claim_finding")
    with op.batch_alter_table("policy_loss_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_loss_decision_contract_id"))

    op.drop_table("policy_loss_decision")
    with op.batch_alter_table("monthly_figures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monthly_figures_contract_id"))

    op.drop_table("monthly_figures")
    with op.batch_alter_table("instalment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instalment_contract_id"))

    op.drop_table("instalment")
    with op.batch_alter_table("claim_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_file_contract_id"))

    op.drop_table("claim_file")
    with op.batch_alter_table("benefit_terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_benefit_terms_contract_id"))

    op.drop_table("benefit_terms")
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessment_contract_id"))

    op.drop_table("assessment")
    with op.batch_alter_table("annual_figures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_annual_figures_contract_id"))

    op.drop_table("annual_figures")
    with op.batch_alter_table("dedicated_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dedicated_account_agreement_id"))

    op.drop_table("dedicated_account")
    with op.batch_alter_table("annual_contract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_annual_contract_year"))
        batch_op.drop_index(batch_op.f("ix_annual_contract_agreement_id"))

    op.drop_table("annual_contract")
    with op.batch_alter_table("service_agreement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_agreement_insurer_id"))

    op.drop_table("service_agreement")
    with op.batch_alter_table("bid_submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_submission_bid_id"))

    op.drop_table("bid_submission")
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_sheet_id"))

    op.drop_table("score")
    with op.batch_alter_table("qualification_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qualification_finding_bid_id"))

    op.drop_table("qualification_finding")
    op.drop_table("price_sheet")
    with op.batch_alter_table("low_price_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_low_price_review_tender_id"))

    op.drop_table("low_price_review")
    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_envelope_bid_id"))

    op.drop_table("envelope")
    op.drop_table("conformity_finding")
    op.drop_table("bid_security")
    op.drop_table("bid_result")
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_tender_id"))
        batch_op.drop_index(
            "ix_award_standing_place",
            sqlite_where=sa.text("declined_at IS NULL"),
            postgresql_where=sa.text("declined_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_award_lot_id"))

    op.drop_table("award")
    with op.batch_alter_table("score_sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_sheet_member_id"))

    op.drop_table("score_sheet")
    with op.batch_alter_table("refused_bid", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refused_bid_tender_id"))

    op.drop_table("refused_bid")
    with op.batch_alter_table("opening_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_share_tender_key_id"))

    op.drop_table("opening_share")
    with op.batch_alter_table("key_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_key_share_tender_key_id"))

    op.drop_table("key_share")
    with op.batch_alter_table("key_confirmation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_key_confirmation_tender_key_id"))

    op.drop_table("key_confirmation")
    with op.batch_alter_table("historical_year", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_historical_year_lot_id"))

    op.drop_table("historical_year")
    with op.batch_alter_table("corrigendum_receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_corrigendum_receipt_notice_id"))

    op.drop_table("corrigendum_receipt")
    op.drop_table("contract_terms")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_tender_id"))

    op.drop_table("complaint")
    with op.batch_alter_table("bid", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_tender_id"))
        batch_op.drop_index(batch_op.f("ix_bid_lot_id"))

    op.drop_table("bid")
    with op.batch_alter_table("timetable_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timetable_entry_tender_id"))

    op.drop_table("timetable_entry")
    with op.batch_alter_table("tender_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tender_key_tender_id"))

    op.drop_table("tender_key")
    with op.batch_alter_table("supplier_query", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplier_query_tender_id"))

    op.drop_table("supplier_query")
    with op.batch_alter_table("sealed_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sealed_event_tender_id"))

    op.drop_table("sealed_event")
    with op.batch_alter_table("qualification_condition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qualification_condition_tender_id"))

    op.drop_table("qualification_condition")
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_tender_id"))

    op.drop_table("opening")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_tender_id"))

    op.drop_table("notice")
    with op.batch_alter_table("mandatory_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mandatory_field_tender_id"))

    op.drop_table("mandatory_field")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_tender_id"))

    op.drop_table("lot")
    with op.batch_alter_table("document_taker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_taker_tender_id"))

    op.drop_table("document_taker")
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_criterion_tender_id"))

    op.drop_table("criterion")
    with op.batch_alter_table("committee_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_committee_member_tender_id"))

    op.drop_table("committee_member")
    with op.batch_alter_table("clarification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clarification_tender_id"))

    op.drop_table("clarification")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    op.drop_table("tender")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_role_grant_in_force",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_role_grant_user_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("officer_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_officer_key_user_id"))

    op.drop_table("officer_key")
    op.drop_table("filing")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_approval_open",
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_approval_requested_by"))
        batch_op.drop_index(batch_op.f("ix_approval_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_approval_kind"))
        batch_op.drop_index(batch_op.f("ix_approval_decided_by"))

    op.drop_table("approval")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_account_organisation_id"))

    op.drop_table("user_account")
    op.drop_table("circular")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_requested_by"))
        batch_op.drop_index(batch_op.f("ix_task_kind"))
        batch_op.drop_index(batch_op.f("ix_task_finished_at"))

    op.drop_table("task")
    with op.batch_alter_table("submitted_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submitted_form_at"))

    op.drop_table("submitted_form")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_parent_id"))
        batch_op.drop_index(batch_op.f("ix_organisation_kind"))

    op.drop_table("organisation")
    op.drop_table("login_throttle")
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_run_finished_at"))

    op.drop_table("job_run")
    with op.batch_alter_table("issued_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issued_document_published_at"))
        batch_op.drop_index(batch_op.f("ix_issued_document_pdf_sha256"))
        batch_op.drop_index(batch_op.f("ix_issued_document_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_issued_document_number"))
        batch_op.drop_index(batch_op.f("ix_issued_document_kind"))
        batch_op.drop_index(batch_op.f("ix_issued_document_issued_at"))

    op.drop_table("issued_document")
    op.drop_table("document_series")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))
        batch_op.drop_index(batch_op.f("ix_audit_event_actor_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_action"))

    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")
