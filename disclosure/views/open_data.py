"""The open data as downloads, and the feed of notices: made from the public record when they are asked for."""

from functools import lru_cache
from xml.etree import ElementTree

from flask import Response as FlaskResponse
from flask import render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from core.clock import local_time
from core.errors import N_, NotFound
from core.web import clock, house, public, session
from core.web.filters import chinese
from disclosure.opendata import FILES, OpenFile, open_files
from disclosure.record import newest_versions, public_papers
from disclosure.views.blueprints import portal
from disclosure.views.labels import paper_kind
from disclosure.views.public_files import paper_url

_ATOM = "http://www.w3.org/2005/Atom"
#: Entries of the feed.
NEWEST = 50
_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "md": "text/markdown; charset=utf-8"}


@portal.get("/opendata/")
@public
def opendata() -> str:
    """What the open data hold, how to check them, and how to ask for them by program."""
    files = current_files()
    notes = {file.name: FILES[file.name][0 if chinese() else 1] for file in files}
    return render_template("portal/opendata.html", files=files, notes=notes)


@portal.get("/opendata/<name>")
@public
def open_file(name: str) -> Response:
    """One file of the open data."""
    found = next((file for file in current_files() if file.name == name), None)
    if found is None:
        raise NotFound(N_("There is no such file in the open data"))
    response = FlaskResponse(
        found.content, content_type=_TYPES.get(name.rsplit(".", 1)[-1], "text/plain; charset=utf-8")
    )
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.set_etag(found.sha256)
    return response.make_conditional(request)


@portal.get("/feed.atom")
@public
def feed() -> Response:
    """The newest notices and reports as an Atom feed."""
    papers = newest_versions(session().exec(public_papers().limit(NEWEST)).all())  # type: ignore[call-overload]
    root = ElementTree.Element("feed", xmlns=_ATOM)
    home = url_for(".index", _external=True)
    _text(root, "id", home)
    _text(root, "title", gettext("Critical-illness insurance: public information"))
    newest = papers[0].published_at if papers else clock().now()
    _text(root, "updated", local_time(newest).isoformat())  # type: ignore[arg-type]
    ElementTree.SubElement(root, "link", rel="self", href=url_for(".feed", _external=True))
    for paper in papers:
        entry = ElementTree.SubElement(root, "entry")
        address = request.host_url.rstrip("/") + paper_url(paper)
        _text(entry, "id", address)
        _text(entry, "title", paper.title)
        at = local_time(paper.published_at).isoformat()  # type: ignore[arg-type]
        _text(entry, "published", at)
        _text(entry, "updated", at)
        _text(entry, "summary", f"{paper_kind(paper)} {paper.number}")
        _text(ElementTree.SubElement(entry, "author"), "name", paper.inputs["context"]["document"]["issuer"])
        ElementTree.SubElement(entry, "link", rel="alternate", href=address)
    content = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    response = FlaskResponse(content, mimetype="application/atom+xml")
    response.add_etag()
    return response.make_conditional(request)


def current_files() -> list[OpenFile]:
    """The export of this moment. Made again only when something was published since, or a day has passed."""
    newest = session().exec(public_papers().limit(1)).first()  # type: ignore[call-overload]
    now = clock().now()
    key = (house().settings.database_url, newest.check_code if newest else "", local_time(now).date().isoformat())
    return list(_made(key))


@lru_cache(maxsize=2)
def _made(_key: tuple[str, str, str]) -> tuple[OpenFile, ...]:
    return tuple(open_files(session(), clock().now()))


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
