"""The verbs of settlement; each takes session, actor and clock and runs inside the caller's transaction."""

from settlement.services.calculating import calculate
from settlement.services.claims import (
    accept_claim_file,
    calculate_claims,
    open_findings,
    queue_recomputation,
    read_claim_file,
    receive_claim_file,
    record_recomputation,
    resolve_finding,
    reveal_claim,
)
from settlement.services.decisions import deciding_offices, record_decision
from settlement.services.disputes import answer, close, raise_dispute
from settlement.services.figures import MonthReport, YearReport, confirm_year, report_month, report_year
from settlement.services.ledger import record_transfer
from settlement.services.sheet import attach_decision, confirm_sheet, prepare_sheet, request_issue

__all__ = [
    "MonthReport", "YearReport", "accept_claim_file", "answer", "attach_decision", "calculate", "calculate_claims",
    "close", "confirm_sheet", "confirm_year", "deciding_offices", "open_findings", "prepare_sheet",
    "queue_recomputation", "raise_dispute", "read_claim_file", "receive_claim_file", "record_decision",
    "record_recomputation", "record_transfer", "report_month", "report_year", "request_issue", "resolve_finding",
    "reveal_claim",
]  # fmt: skip
