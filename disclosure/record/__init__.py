"""The public record: the one gate through which portal, API and open data read; what it does not give is not public."""

from disclosure.record.papers import (
    attachment,
    newest_versions,
    paper_by_code,
    paper_by_number,
    papers_of_process,
    public_papers,
    replacement,
)
from disclosure.record.processes import Process, linked_processes, process_by_number, public_processes
from disclosure.record.years import PublicYear, YearTotals, contract_by_number, public_years, totals

__all__ = [
    "Process", "PublicYear", "YearTotals", "attachment", "contract_by_number", "linked_processes",
    "newest_versions", "paper_by_code", "paper_by_number", "papers_of_process", "process_by_number",
    "public_papers", "public_processes", "public_years", "replacement", "totals",
]  # fmt: skip
