"""What the papers of the public side say, drawn from the database as plain values that are frozen with them."""

from disclosure.papers.final_accounts import final_accounts
from disclosure.papers.reports import DisclosurePaper, paper_of
from disclosure.papers.signing import signing

__all__ = ["DisclosurePaper", "final_accounts", "paper_of", "signing"]
