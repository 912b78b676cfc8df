"""The settlement side's tables: what a contract year reports and settles, and the runs over a whole area."""

from settlement.models.funds import FundSuccession, FundYear
from settlement.models.runs import RunItem, RunKind, SettlementRun
from settlement.models.year import (
    AnnualFigures,
    Cause,
    ClaimFile,
    ClaimFinding,
    DisputeMessage,
    FindingResolution,
    LedgerAccount,
    LedgerEntry,
    LedgerMatter,
    LineDispute,
    MonthlyFigures,
    Outcome,
    PolicyLossDecision,
    Settlement,
    SettlementLine,
    SettlementMember,
    SettlementSource,
    TransferOrder,
)

__all__ = [
    "AnnualFigures", "Cause", "ClaimFile", "ClaimFinding", "DisputeMessage", "FindingResolution", "FundSuccession",
    "FundYear", "LedgerAccount", "LedgerEntry", "LedgerMatter", "LineDispute", "MonthlyFigures", "Outcome",
    "PolicyLossDecision", "RunItem", "RunKind", "Settlement", "SettlementLine", "SettlementMember", "SettlementRun",
    "SettlementSource", "TransferOrder",
]  # fmt: skip
