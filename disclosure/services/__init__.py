"""The verbs of the public side; each takes session, actor and clock and runs inside the caller's transaction."""

from disclosure.services.filings import (
    accept_filing,
    correct_filing,
    prepare_filing,
    request_submission,
    return_filing,
)
from disclosure.services.publications import prepare_disclosure, request_publication

__all__ = [
    "accept_filing", "correct_filing", "prepare_disclosure", "prepare_filing", "request_publication",
    "request_submission", "return_filing",
]  # fmt: skip
