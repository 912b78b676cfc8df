"""The dated list of insurers qualified to run critical-illness insurance, as the insurance regulator publishes it."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from core.columns import UtcTime


class QualifiedList(SQLModel, table=True):
    """One published version of the list; it is in force until the next one's day."""

    __tablename__ = "qualified_list"

    id: int | None = Field(default=None, primary_key=True)
    published_on: date = Field(unique=True)
    issuer: str = Field(max_length=120)
    title: str = Field(max_length=200)
    #: The published document as it was taken over.
    source_sha256: str = Field(max_length=64)
    source_name: str = Field(max_length=120)
    kept_by: int = Field(foreign_key="user_account.id")
    kept_at: datetime = Field(sa_type=UtcTime)


class QualifiedInsurer(SQLModel, table=True):
    """An entry of a list: a head office, or a provincial branch with its head office."""

    __tablename__ = "qualified_insurer"

    id: int | None = Field(default=None, primary_key=True)
    list_id: int = Field(foreign_key="qualified_list.id", index=True)
    position: int
    name: str = Field(max_length=120)
    is_branch: bool
    #: The province of a branch; empty for a head office.
    area: str = Field(default="", max_length=60)
    head_office: str = Field(default="", max_length=120)
