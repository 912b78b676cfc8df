"""Where a disclosure or a filing stands, derived from its facts in one place (F.1, F.2)."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class DisclosureStage(Enum):
    """A version of a disclosure: being prepared, public, or corrected by a later public version."""

    PREPARED = "prepared"
    PUBLISHED = "published"
    REPLACED = "replaced"


class FilingStage(Enum):
    """A version of a filing; filing is not approval, and what was returned is corrected by a new version."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class FilingFacts:
    """The facts a filing's stage follows from; has_successor: a corrected version exists."""

    submitted_at: datetime | None
    returned_at: datetime | None
    accepted_at: datetime | None
    has_successor: bool = False


def disclosure_stage(published_at: datetime | None, *, has_successor: bool) -> DisclosureStage:
    """The stage of a disclosure's version; has_successor: a later version is public."""
    if published_at is None:
        return DisclosureStage.PREPARED
    return DisclosureStage.REPLACED if has_successor else DisclosureStage.PUBLISHED


def filing_stage(facts: FilingFacts) -> FilingStage:
    """The stage of a filing's version."""
    if facts.has_successor:
        return FilingStage.SUPERSEDED
    if facts.accepted_at is not None:
        return FilingStage.ACCEPTED
    if facts.returned_at is not None:
        return FilingStage.RETURNED
    return FilingStage.DRAFT if facts.submitted_at is None else FilingStage.SUBMITTED
