"""The table that makes a form take effect once, however often its button is pressed."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.columns import UtcTime


class SubmittedForm(SQLModel, table=True):
    """One submission that took effect, written in the transaction of its effect: never one without the other."""

    __tablename__ = "submitted_form"

    #: SHA-256 of the person's number and the form's random token.
    key: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(sa_type=UtcTime, index=True)
    #: Where the first answer led; a repetition is sent there again.
    location: str = Field(default="", max_length=2000)
