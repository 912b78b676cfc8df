"""What things of the public side are called on a page, in either language."""

from typing import Any

from flask_babel import gettext, lazy_gettext

from core.documents.models import IssuedDocument
from core.web import Chip
from disclosure.models import DisclosureKind, FilingKind
from disclosure.rules.stages import DisclosureStage, FilingStage
from tender.models import Scheme
from tender.rules.stages import Stage

#: Kind of a public paper → what a reader calls it, and whether it binds (shown in the colour of the seal).
PAPERS: dict[str, tuple[Any, bool]] = {
    "tender_notice": (lazy_gettext("Tender notice"), False),
    "tender_document": (lazy_gettext("Tender document"), False),
    "corrigendum": (lazy_gettext("Corrigendum"), False),
    "opening_record": (lazy_gettext("Opening record"), False),
    "award_notice": (lazy_gettext("Award notice"), True),
    "failure_notice": (lazy_gettext("Failure notice"), True),
    "cancellation_notice": (lazy_gettext("Cancellation notice"), True),
    "result_change": (lazy_gettext("Notice of a changed result"), True),
    "fallback_notice": (lazy_gettext("Notice of the government's decision"), True),
    "contract-notice": (lazy_gettext("Contract notice"), True),
    "disclosure-signing": (lazy_gettext("Signing disclosure"), False),
    "disclosure-final": (lazy_gettext("Final accounts"), False),
    "circular-letter": (lazy_gettext("Circular"), False),
}
DISCLOSURES = {
    DisclosureKind.SIGNING: lazy_gettext("Signing disclosure"),
    DisclosureKind.FINAL_ACCOUNTS: lazy_gettext("Final accounts"),
}
FILINGS = {
    FilingKind.TENDER_DOCUMENT: lazy_gettext("Tender document"),
    FilingKind.CONTRACT_TEXT: lazy_gettext("Contract text"),
    FilingKind.CONTRACT_COPY: lazy_gettext("Contract copy"),
    FilingKind.POLICY: lazy_gettext("Policy papers"),
    FilingKind.PROGRESS: lazy_gettext("Progress report"),
}
SCHEMES = {
    Scheme.NRCMS: lazy_gettext("New rural cooperative scheme"),
    Scheme.URBAN: lazy_gettext("Urban residents' scheme"),
    Scheme.RESIDENT: lazy_gettext("Residents' scheme"),
}


def paper_kind(paper: IssuedDocument) -> Any:
    """What a reader calls this sort of paper."""
    return PAPERS[paper.kind][0] if paper.kind in PAPERS else lazy_gettext("Document")


def binds(paper: IssuedDocument) -> bool:
    """Whether the paper states something that binds."""
    return PAPERS.get(paper.kind, ("", False))[1]


def process_chip(stage: Stage) -> Chip:
    """A tender's stage in the public's words."""
    if stage is Stage.BIDDING:
        return Chip("run", gettext("Open for bids"))
    if stage is Stage.AWARDED:
        return Chip("ok", gettext("Awarded"))
    if stage in (Stage.FAILED, Stage.CANCELLED):
        return Chip("stop", gettext("Failed") if stage is Stage.FAILED else gettext("Cancelled"))
    if stage is Stage.SEALED:
        return Chip("wait", gettext("Waiting for the opening"))
    return Chip("run", gettext("Under evaluation"))


def disclosure_chip(stage: DisclosureStage) -> Chip:
    """A disclosure's stage."""
    return {
        DisclosureStage.PREPARED: Chip("run", gettext("Prepared")),
        DisclosureStage.PUBLISHED: Chip("frozen", gettext("Published")),
        DisclosureStage.REPLACED: Chip("", gettext("Replaced")),
    }[stage]


def filing_chip(stage: FilingStage) -> Chip:
    """A filing's stage."""
    return {
        FilingStage.DRAFT: Chip("run", gettext("Draft")),
        FilingStage.SUBMITTED: Chip("wait", gettext("Sent")),
        FilingStage.RETURNED: Chip("stop", gettext("Returned for correction")),
        FilingStage.ACCEPTED: Chip("ok", gettext("On file")),
        FilingStage.SUPERSEDED: Chip("", gettext("Superseded")),
    }[stage]
