"""Queries and complaints: lodged in time, answered by two people, suspending signing, and really carried out."""

from tender.services.remedies.carrying_out import (
    OpenRemedy,
    open_remedies,
    record_report,
    request_carried_out,
    request_remedy,
    waits_to_be_carried_out,
)
from tender.services.remedies.complaints import (
    ComplaintLetter,
    complaint_of,
    record_complaint,
    record_decision,
    record_statement,
    signing_suspended,
    suspended_lots,
)
from tender.services.remedies.queries import (
    QueryLetter,
    known_day,
    lodge_query,
    queries_of,
    register_is_public,
    register_query,
    request_reply,
)

__all__ = [
    "ComplaintLetter", "OpenRemedy", "QueryLetter", "complaint_of", "known_day", "lodge_query", "open_remedies",
    "queries_of", "record_complaint", "record_decision", "record_report", "record_statement",
    "register_is_public", "register_query", "request_carried_out",
    "request_remedy", "request_reply", "signing_suspended", "suspended_lots",
    "waits_to_be_carried_out",
]  # fmt: skip
