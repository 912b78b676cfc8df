"""The tender's pages: the department's under /tenders, the insurers' under /tenders/opportunities."""

from tender.views.blueprint import bp

__all__ = ["bp"]
