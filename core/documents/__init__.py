"""Papers that bind: rendered from plain values to PDF/A-3a, the same bytes for the same input, issued once and kept."""

from core.documents.check import check_machine
from core.documents.render import Attachment, RenderedDocument, RenderError, render, wording
from core.documents.workers import RenderJob, render_many, use_cache

__all__ = [
    "Attachment",
    "RenderError",
    "RenderJob",
    "RenderedDocument",
    "check_machine",
    "render",
    "render_many",
    "use_cache",
    "wording",
]
