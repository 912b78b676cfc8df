"""Who is known to the house: organisations, people, roles, sessions, failed logins, and requests for approval."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlmodel import Field, Relationship, SQLModel

from core.columns import Document, UtcTime, choice
from core.identity.actor import Actor


class OrganisationKind(StrEnum):
    """What an organisation is in the life of a contract; it bounds the roles its people can hold."""

    DEPARTMENT = "department"
    AGENCY = "agency"
    FINANCE = "finance"
    SUPERVISION = "supervision"
    INSURER = "insurer"
    EXPERT_POOL = "expert_pool"
    PUBLIC = "public"


class Organisation(SQLModel, table=True):
    """A department, agency or company. An insurer's branch names its head office as parent."""

    __tablename__ = "organisation"

    id: int | None = Field(default=None, primary_key=True)
    kind: OrganisationKind = Field(sa_column=Column(choice(OrganisationKind), nullable=False, index=True))
    name: str = Field(sa_column=Column(String(120), nullable=False, unique=True))
    short_name: str = Field(sa_column=Column(String(40), nullable=False))
    english_name: str = Field(default="", sa_column=Column(String(160), nullable=False))
    #: Unified social credit code (统一社会信用代码); empty where the organisation has none.
    credit_code: str = Field(default="", sa_column=Column(String(18), nullable=False))
    #: Administrative area, for example 吉林省 or 吉林省长春市.
    area: str = Field(default="", sa_column=Column(String(60), nullable=False))
    parent_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    #: Invented for the demonstration; everything it issues says 演示.
    demonstration: bool = Field(default=False)
    created_at: datetime = Field(sa_type=UtcTime)


class User(UserMixin, SQLModel, table=True):
    """A person's account. Never deleted: who did something stays answerable after the account is disabled."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)  # type: ignore[assignment]  # empty until it is stored
    #: What the person types to log in; kept in lower case, so it is unique whatever the case typed.
    login: str = Field(sa_column=Column(String(64), nullable=False, unique=True))
    name: str = Field(sa_column=Column(String(80), nullable=False))
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    #: argon2 hash.
    password: str = Field(sa_column=Column(String(255), nullable=False))
    #: The person must choose a password of their own before anything else (set by an administrator's reset).
    password_expired_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Names the account to the login machinery; replaced with the password, which ends what was issued before.
    fs_uniquifier: str = Field(sa_column=Column(String(64), nullable=False, unique=True))
    tf_primary_method: str | None = Field(default=None, sa_column=Column(String(64)))
    #: Encrypted under a key derived from SECRET_KEY.
    tf_totp_secret: str | None = Field(default=None, sa_column=Column(String(255)))
    #: The 30-second step of the last accepted code: an equal or earlier step is refused.
    last_totp_step: int | None = None
    #: Encrypted one-time recovery codes; each is removed when used.
    mf_recovery_codes: list[str] | None = Field(default=None, sa_column=Column(Document))
    created_at: datetime = Field(sa_type=UtcTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcTime)

    organisation: Organisation = Relationship()
    grants: list["RoleGrant"] = Relationship(sa_relationship_kwargs={"foreign_keys": "RoleGrant.user_id"})

    @property
    def active(self) -> bool:  # type: ignore[override]
        """Whether the person may log in; derived from the fact `disabled_at`."""
        return self.disabled_at is None

    @property
    def roles(self) -> list["RoleGrant"]:  # type: ignore[override]
        """The grants in force, one a role."""
        return [grant for grant in self.grants if grant.revoked_at is None]

    def as_actor(self) -> Actor:
        """The person as services see them: organisation and roles as they are at this moment."""
        return Actor(self.id or 0, self.name, self.organisation_id, self.organisation.kind.value, self.role_names)

    # What Flask-Security asks of an account ------------------------------------------------------------------------

    def calc_username(self) -> str:
        """The name an authenticator app shows beside the code."""
        return self.login

    def check_tf_required(self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool) -> tuple[bool, list]:
        """A second factor is asked for where one is set up, and must be set up where none is (see below)."""
        return bool(tf_setup_methods) or self.check_tf_required_setup(), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Everyone needs a second factor but visitors of a demonstration, whose password is printed on the screen."""
        return not self.organisation.demonstration

    @property
    def role_names(self) -> frozenset[str]:
        """The names of the roles in force, as policies/permissions.toml knows them."""
        return frozenset(grant.role for grant in self.roles)


class RoleGrant(RoleMixin, SQLModel, table=True):
    """A role given to a person: asked for by one security administrator, approved by another; ended by a revocation.

    Both are empty for a role given when the house was founded or a demonstration loaded.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("granted_by <> approved_by", "two_people"),
        Index(
            "uq_role_grant_in_force",
            "user_id",
            "role",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)  # type: ignore[assignment]  # empty until it is stored
    user_id: int = Field(foreign_key="user_account.id", index=True)
    role: str = Field(sa_column=Column(String(40), nullable=False))
    granted_by: int | None = Field(default=None, foreign_key="user_account.id")
    approved_by: int | None = Field(default=None, foreign_key="user_account.id")
    granted_at: datetime = Field(sa_type=UtcTime)
    revoked_by: int | None = Field(default=None, foreign_key="user_account.id")
    revoked_at: datetime | None = Field(default=None, sa_type=UtcTime)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The role, under the name Flask-Security asks for."""
        return self.role


class UserSession(SQLModel, table=True):
    """One login on one device. The cookie holds a random token, the row its SHA-256; a row that ended opens nothing."""

    __tablename__ = "user_session"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))
    created_at: datetime = Field(sa_type=UtcTime)
    #: When the person last proved who they are (password or code); acts that bind ask for a recent one.
    proved_at: datetime = Field(sa_type=UtcTime)
    last_seen_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    address: str = Field(default="", sa_column=Column(String(45), nullable=False))
    agent_hash: bytes = Field(default=b"", sa_column=Column(LargeBinary(32), nullable=False))


class LoginThrottle(SQLModel, table=True):
    """Failed proofs of identity counted under one key, in the database so that every worker sees the same count.

    key: 'account:<id>', 'address:<hash>' or 'device:<id>:<hash>'; hashes are keyed, so the table names no address.
    """

    __tablename__ = "login_throttle"

    key: str = Field(sa_column=Column(String(100), primary_key=True))
    failures: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    last_failed_at: datetime = Field(sa_type=UtcTime)
    blocked_until: datetime | None = Field(default=None, sa_type=UtcTime)


class Decision(StrEnum):
    """How a request for approval ended."""

    APPROVED = "approved"
    REJECTED = "rejected"
    #: Taken back by the person who asked; nobody decided.
    WITHDRAWN = "withdrawn"


class Approval(SQLModel, table=True):
    """A request by one person that takes effect when another approves it; decided once and then fixed."""

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint("requested_by <> decided_by", "two_people"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", "decided_whole"),
        CheckConstraint("decided_by IS NOT NULL OR decision IS NULL OR decision = 'withdrawn'", "decided_by_someone"),
        Index(
            "uq_approval_open",
            "kind",
            "subject_type",
            "subject_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: The registered executor, for example tender.publish.
    kind: str = Field(sa_column=Column(String(60), nullable=False, index=True))
    subject_type: str = Field(sa_column=Column(String(60), nullable=False))
    subject_id: str = Field(sa_column=Column(String(80), nullable=False))
    #: What will happen, as an English message id and its parameters: {"message": …, "params": {…}}.
    summary: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    #: What the executor needs, frozen at the request, so that what is approved is what was asked for.
    payload: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    requested_by: int = Field(foreign_key="user_account.id", index=True)
    requested_at: datetime = Field(sa_type=UtcTime)
    decided_by: int | None = Field(default=None, sa_column=Column(ForeignKey("user_account.id"), index=True))
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    decision: Decision | None = Field(default=None, sa_column=Column(choice(Decision)))
    reason: str = Field(default="", sa_column=Column(String(500), nullable=False))
