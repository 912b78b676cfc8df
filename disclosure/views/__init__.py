"""Routes of the public side: the portal and its API for everyone, disclosures and filings for those who sign in."""

from disclosure.views import (
    benefits,
    desk,
    filings,
    home_page,
    interface,
    open_data,
    public_files,
    reports,
    verification,
)
from disclosure.views.blueprints import api, bp, portal

__all__ = [
    "api", "benefits", "bp", "desk", "filings", "home_page", "interface", "open_data", "portal", "public_files",
    "reports", "verification",
]  # fmt: skip
