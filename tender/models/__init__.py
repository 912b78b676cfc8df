"""The tender's tables, in the order of its life: preparation, publication, sealed bids, review and award."""

from tender.models.committee import CommitteeDraw, DrawNumber, ExpertProfile
from tender.models.fallback import GovernmentDecision
from tender.models.letters import BidLetter, LetterKind
from tender.models.oversight import HintNote, SupervisionFinding, TenderArchive
from tender.models.preparation import (
    ContractTerms,
    Criterion,
    HistoricalYear,
    Lot,
    MandatoryField,
    QualificationCondition,
    Tender,
    TimetableEntry,
)
from tender.models.publication import BidReconfirmation, Clarification, CorrigendumReceipt, DocumentTaker, Notice
from tender.models.qualified import QualifiedInsurer, QualifiedList
from tender.models.remedies import Complaint, Query
from tender.models.review import (
    Award,
    BidResult,
    CommitteeMember,
    ConformityFinding,
    LowPriceReview,
    Opening,
    PriceSheet,
    QualificationFinding,
    Score,
    ScoreCheck,
    ScoreSheet,
)
from tender.models.sealing import (
    Bid,
    BidSubmission,
    Envelope,
    KeyConfirmation,
    KeyShare,
    OfficerKey,
    OpeningShare,
    RefusedBid,
    RevealedEnvelope,
    RevealWindow,
    SealedEvent,
    TenderKey,
    UploadDraft,
)
from tender.models.securities import BidSecurity, PerformanceSecurity
from tender.rules.words import (
    AwardRule,
    CommitteeSeat,
    ComplaintOutcome,
    CriterionKind,
    EnvelopeKind,
    NoticeKind,
    PriceObject,
    QueryAbout,
    QueryOutcome,
    RemedyRoute,
    Scheme,
    ScoreBlock,
    SecurityForm,
    SplitMethod,
)

__all__ = [
    "Award", "AwardRule", "Bid", "BidLetter", "BidReconfirmation", "BidResult", "BidSecurity", "BidSubmission",
    "Clarification", "CommitteeDraw", "CommitteeMember", "CommitteeSeat", "Complaint", "ComplaintOutcome",
    "ConformityFinding", "ContractTerms", "CorrigendumReceipt", "Criterion", "CriterionKind", "DocumentTaker",
    "DrawNumber", "Envelope", "EnvelopeKind", "ExpertProfile", "GovernmentDecision", "HintNote", "HistoricalYear",
    "KeyConfirmation", "KeyShare", "LetterKind", "Lot", "LowPriceReview", "MandatoryField", "Notice", "NoticeKind",
    "OfficerKey", "Opening", "OpeningShare", "PerformanceSecurity", "PriceObject", "PriceSheet",
    "QualificationCondition", "QualificationFinding", "QualifiedInsurer", "QualifiedList", "Query", "QueryAbout",
    "QueryOutcome", "RefusedBid", "RemedyRoute", "RevealWindow", "RevealedEnvelope", "Scheme", "Score",
    "ScoreBlock", "ScoreCheck", "ScoreSheet", "SealedEvent", "SecurityForm", "SplitMethod", "SupervisionFinding",
    "Tender", "TenderArchive", "TenderKey", "TimetableEntry", "UploadDraft",
]  # fmt: skip
