"""The tender's pages: the department's under /tenders, the insurers' under /tenders/opportunities."""

from tender.views import (
    bidding,
    changing,
    correcting,
    criteria,
    detail,
    drawing,
    fallback,
    letters,
    lists,
    oversight,
    planning,
    preparation,
    pricing,
    qualified,
    register,
    remedies,
    results,
    review,
    scoring,
    sealing,
    securities,
    uploading,
)
from tender.views.blueprint import bp

__all__ = [
    "bidding", "bp", "changing", "correcting", "criteria", "detail", "drawing", "fallback", "letters", "lists",
    "oversight", "planning", "preparation", "pricing", "qualified", "register", "remedies", "results", "review",
    "scoring", "sealing", "securities", "uploading",
]  # fmt: skip
