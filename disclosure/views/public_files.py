"""Public papers and their data files as downloads: a clear name, a fingerprint as ETag, kept for good."""

import io
import mimetypes
from datetime import datetime

from flask import send_file, url_for
from werkzeug.wrappers import Response

from core.documents.models import IssuedDocument
from core.web import house, public, session
from disclosure.record import attachment, paper_by_number
from disclosure.views.blueprints import portal

#: A published version never changes, so it may be kept for a year.
FOREVER = 31_536_000


def paper_url(paper: IssuedDocument) -> str:
    """The page of a public paper: a disclosure has its data on its own page, all else is a notice."""
    if paper.kind.startswith("disclosure-"):
        return url_for("portal.report", number=paper.number, version=paper.version)
    return url_for("portal.notice", number=paper.number, version=paper.version)


def shown_paper(number: str, version: int | None) -> IssuedDocument:
    """The public paper a page is about. Raises NotFound."""
    return paper_by_number(session(), number, version)


@portal.get("/notices/<number>/<int:version>/pdf")
@public
def pdf(number: str, version: int) -> Response:
    """The paper itself, the same bytes as issued."""
    paper = paper_by_number(session(), number, version)
    return download(f"{paper.title}-{paper.number}-v{paper.version}.pdf", paper.pdf_sha256, paper.published_at)


@portal.get("/notices/<number>/<int:version>/files/<name>")
@public
def enclosed(number: str, version: int, name: str) -> Response:
    """A file enclosed in the paper: data as CSV or JSON, a contract."""
    paper = paper_by_number(session(), number, version)
    entry = attachment(paper, name)
    return download(f"{paper.number}-v{paper.version}-{name}", entry["sha256"], paper.published_at)


def download(name: str, sha256: str, since: datetime | None) -> Response:
    """A file of the content store as a download; the store checks the bytes against their hash."""
    response = send_file(
        io.BytesIO(house().files.get(sha256)),
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        as_attachment=True,
        download_name=name,
        etag=sha256,
        last_modified=since,
        max_age=FOREVER,
    )
    response.cache_control.public, response.cache_control.immutable = True, True
    return response
