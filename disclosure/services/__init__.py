"""The verbs of the public side; each takes session, actor and clock and runs inside the caller's transaction."""

from disclosure.services.publications import prepare_disclosure, request_publication

__all__ = ["prepare_disclosure", "request_publication"]
