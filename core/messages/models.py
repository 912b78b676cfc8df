"""The tables of messages: what was told to whom, where a person wants copies, and the queue of copies by e-mail."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, String, text
from sqlmodel import Field, SQLModel

from core.columns import Document, UtcTime


class Message(SQLModel, table=True):
    """One message to one person. Nobody else sees that it exists; holds no personal data."""

    __tablename__ = "message"
    __table_args__ = (
        #: A message with a key is sent once, whoever sends it again.
        Index(
            "uq_message_key", "recipient_id", "key", unique=True,
            sqlite_where=text("key <> ''"), postgresql_where=text("key <> ''"),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    #: What stands in addresses: random, because a running number would tell how many messages others got.
    reference: str = Field(sa_column=Column(String(32), nullable=False, unique=True))
    recipient_id: int = Field(foreign_key="user_account.id", index=True)
    sent_at: datetime = Field(sa_type=UtcTime)
    #: {"message": English id, "params": {…}}; days and instants are {"day": …} and {"moment": …}.
    subject: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    #: A path on this site.
    link: str = Field(default="", sa_column=Column(String(400), nullable=False))
    clause: str = Field(default="", sa_column=Column(String(120), nullable=False))
    key: str = Field(default="", sa_column=Column(String(120), nullable=False))
    read_at: datetime | None = Field(default=None, sa_type=UtcTime)


class MailAddress(SQLModel, table=True):
    """Where a person wants copies by e-mail; the row is deleted when they want none."""

    __tablename__ = "mail_address"

    user_id: int = Field(foreign_key="user_account.id", primary_key=True)
    address: str = Field(sa_column=Column(String(254), nullable=False))


class MailCopy(SQLModel, table=True):
    """A copy of a message that waits for the mail server, was sent, or was given up."""

    __tablename__ = "mail_copy"
    __table_args__ = (CheckConstraint("sent_at IS NULL OR failed_at IS NULL", "one_end"),)

    message_id: int = Field(foreign_key="message.id", primary_key=True)
    due_at: datetime = Field(sa_type=UtcTime, index=True)
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
    failed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: What kind of error the last attempt met; never the server's words, which may hold the address.
    fault: str = Field(default="", sa_column=Column(String(80), nullable=False))
