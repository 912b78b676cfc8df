"""Verifying a paper: by its check code, by the address in its QR code, or by the fingerprint of an uploaded file."""

from dataclasses import dataclass
from hashlib import sha256

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from core.documents.models import IssuedDocument
from core.documents.render import read_check_code
from core.documents.services import replaced_by, verify_bytes
from core.errors import NotFound
from core.web import Form, accepts, public, session
from core.web.forms import FileField
from disclosure.record import paper_by_code, paper_by_number
from disclosure.views.blueprints import portal

#: The largest paper this house issues is far smaller.
MEGABYTES = 50


class UploadForm(Form):
    """A PDF whose fingerprint is compared; it is not kept."""

    file = FileField(lazy_gettext("PDF file"), [InputRequired()], suffixes=("pdf",), megabytes=MEGABYTES)


@dataclass(frozen=True)
class Verdict:
    """What verifying found. paper: None where nothing was issued with this code or these bytes; newest: what replaced
    it; exact: whether the bytes themselves were compared."""

    paper: IssuedDocument | None
    newest: IssuedDocument | None
    exact: bool
    asked: str


@portal.route("/verify", methods=["GET", "POST"])
@public
@accepts(MEGABYTES)
def verify() -> str | Response | tuple[str, int]:
    """Ask for a code or a file and say what it is, which version, and whether it was replaced."""
    form = UploadForm()
    code = request.args.get("code", "").strip()[:40]
    verdict = by_code(code) if code else None
    status = 200
    if form.is_submitted():
        if form.validate():
            verdict = by_bytes(form.file.data.read())
        else:
            status = 400
    return render_template("portal/verify.html", form=form, code=code, verdict=verdict), status


@portal.get("/v/<code>")
@public
def scanned(code: str) -> Response:
    """Where the QR code of a paper leads."""
    return redirect(url_for(".verify", code=code))


@portal.get("/v/<number>/<int:version>")
@public
def printed(number: str, version: int) -> Response:
    """The same for a number and version, for public papers."""
    return redirect(url_for(".verify", code=paper_by_number(session(), number, version).check_code))


def by_code(code: str) -> Verdict:
    """What a check code stands for, typed in any case and with any separators."""
    return _verdict(paper_by_code(session(), read_check_code(code)), code, exact=False)


def by_bytes(content: bytes) -> Verdict:
    """Whether exactly these bytes were issued here, and as what."""
    fingerprint = sha256(content).hexdigest()
    try:
        paper: IssuedDocument | None = verify_bytes(session(), fingerprint)
    except NotFound:
        paper = None
    return _verdict(paper, fingerprint, exact=True)


def _verdict(paper: IssuedDocument | None, asked: str, *, exact: bool) -> Verdict:
    newest, later = None, paper and replaced_by(session(), paper)
    while later is not None:
        newest, later = later, replaced_by(session(), later)
    return Verdict(paper, newest, exact, asked)
