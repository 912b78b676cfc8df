"""The tender's tables, in the order of its life: preparation, publication, sealed bids, review and award."""

from tender.models.preparation import (
    AwardRule,
    ContractTerms,
    Criterion,
    CriterionKind,
    HistoricalYear,
    Lot,
    MandatoryField,
    PriceObject,
    QualificationCondition,
    Scheme,
    ScoreBlock,
    SplitMethod,
    Tender,
    TimetableEntry,
)
from tender.models.publication import Clarification, DocumentTaker, Notice, NoticeKind
from tender.models.review import (
    Award,
    BidResult,
    BidSecurity,
    CommitteeMember,
    CommitteeSeat,
    ConformityFinding,
    Opening,
    PriceSheet,
    QualificationFinding,
    Score,
    ScoreSheet,
)
from tender.models.sealing import (
    Bid,
    BidSubmission,
    Envelope,
    EnvelopeKind,
    KeyConfirmation,
    KeyShare,
    OfficerKey,
    OpeningShare,
    RefusedBid,
    TenderKey,
)

__all__ = [
    "Award", "AwardRule", "Bid", "BidResult", "BidSecurity", "BidSubmission", "Clarification", "CommitteeMember",
    "CommitteeSeat", "ConformityFinding", "ContractTerms", "Criterion", "CriterionKind", "DocumentTaker", "Envelope",
    "EnvelopeKind", "HistoricalYear", "KeyConfirmation", "KeyShare", "Lot", "MandatoryField", "Notice", "NoticeKind",
    "OfficerKey", "Opening", "OpeningShare", "PriceObject", "PriceSheet", "QualificationCondition",
    "QualificationFinding", "RefusedBid", "Scheme", "Score", "ScoreBlock", "ScoreSheet", "SplitMethod", "Tender",
    "TenderKey", "TimetableEntry",
]  # fmt: skip
