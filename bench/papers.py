"""The final-accounts report (D2) as Chengban makes it against bare WeasyPrint laying out the same HTML."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from bench import Ratio, compare
from core.documents.render import assets
from core.documents.samples import sample_job
from core.documents.workers import render_cached, use_cache

REPORT = "disclosure-final"
BARE = "bare WeasyPrint, same HTML"


def ratios() -> Iterator[Ratio]:
    """Rendered anew (template, layout, font check, hashes), and read from the cache by content."""
    job = sample_job(REPORT)
    html = job.render().html
    yield compare("D2 report, rendered", job.render, BARE, lambda: bare(html), rounds=7, warm=1)
    with tempfile.TemporaryDirectory(prefix="chengban-bench-") as folder:
        use_cache(Path(folder))
        try:
            yield compare("D2 report, from the cache", lambda: render_cached(job), BARE, lambda: bare(html), rounds=5)
        finally:
            use_cache(None)


def bare(html: str) -> bytes:
    """WeasyPrint alone, with the same style sheets and font and the same PDF variant."""
    page = HTML(string=html, base_url="asset:", url_fetcher=Assets(allowed_protocols={"data"}))
    written: bytes = page.write_pdf(pdf_variant="pdf/a-3a")
    return written


class Assets(URLFetcher):
    """Hands WeasyPrint the style sheets and the font of the papers from memory."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.startswith("asset:"):
            return super().fetch(url, headers)
        content, media = assets()[url.removeprefix("asset:")]
        return URLFetcherResponse(url, content, {"Content-Type": media})
