"""Whole-area runs: every contract year calculated, and what was drafted or issued of it, each by itself."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Document, Money, UtcTime, choice
from settlement.models.year import Cause, Outcome


class RunKind(Enum):
    """What a run does with each of its contract years."""

    DRY = "dry"  # calculates and compares, writes nothing that binds
    DRAFT = "draft"  # drafts the sheet
    ISSUE = "issue"  # issues the confirmed sheet, once a second person has approved


class SettlementRun(SQLModel, table=True):
    """A run over the contract years of an insurance year, of one area or all; its state is in its facts."""

    __tablename__ = "settlement_run"

    id: int | None = Field(default=None, primary_key=True)
    kind: RunKind = Field(sa_type=choice(RunKind))
    year: int = Field(index=True)
    #: The area of the service agreements it covers; none for all.
    area: str | None = Field(default=None, max_length=200)
    #: The dry run whose contract years were chosen; none for a dry run.
    parent_id: int | None = Field(default=None, foreign_key="settlement_run.id")
    #: What row 25 of a new version of an issued sheet says; drafts only.
    reason: str | None = Field(default=None, sa_column=Column(Text))
    #: None where the command line asked.
    requested_by: int | None = Field(default=None, foreign_key="user_account.id")
    requested_at: datetime = Field(sa_type=UtcTime)
    approved_by: int | None = Field(default=None, foreign_key="user_account.id")
    approved_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: The piece of long work that does it.
    task_id: int | None = Field(default=None, foreign_key="task.id")
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)


class RunItem(SQLModel, table=True):
    """One contract year of a run: its result to the fen with every row, or why there is none."""

    __tablename__ = "run_item"
    __table_args__ = (UniqueConstraint("run_id", "contract_id"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="settlement_run.id", index=True)
    contract_id: int = Field(foreign_key="annual_contract.id", index=True)
    #: The inputs it rests on; a draft made from it is refused where others have come since.
    figures_id: int | None = Field(default=None, foreign_key="annual_figures.id")
    claim_file_id: int | None = Field(default=None, foreign_key="claim_file.id")
    cause: Cause = Field(default=Cause.OPERATING, sa_type=choice(Cause))
    reading: str | None = Field(default=None, max_length=20)
    premium: Decimal | None = Field(default=None, sa_type=Money)
    claims: Decimal | None = Field(default=None, sa_type=Money)
    balance: Decimal | None = Field(default=None, sa_type=Money)
    #: Exact rate as 'numerator/denominator'.
    rate: str | None = Field(default=None, max_length=60)
    band: str | None = Field(default=None, max_length=80)
    outcome: Outcome | None = Field(default=None, sa_type=choice(Outcome))
    insurer_part: Decimal | None = Field(default=None, sa_type=Money)
    fund_part: Decimal | None = Field(default=None, sa_type=Money)
    #: Every reading side by side, as a sheet keeps them.
    readings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    #: The rows the sheet would have: [{"row": "17", "label": "盈余", "unit": "元", "value": "1200000.00"}, …].
    rows: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    #: The sheet that was drafted or is to be issued.
    settlement_id: int | None = Field(default=None, foreign_key="settlement.id")
    done_at: datetime | None = Field(default=None, sa_type=UtcTime)
    #: Why not: an English message id, its params, and the clause.
    refusal: str | None = Field(default=None, sa_column=Column(Text))
    refusal_params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    refusal_clause: str | None = Field(default=None, max_length=200)
