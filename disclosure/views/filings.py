"""The desk of filings: the list with its states, each package, and the acts of sender and receiver."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from contracts.models import AnnualContract
from core.documents.models import IssuedDocument
from core.errors import Invalid, N_, NotFound
from core.identity import approvals
from core.identity.approval_views import two_keys
from core.web import Action, Column, Filter, Table, accepts, actor, allow, clock, listing, perform, session
from disclosure import services
from disclosure.forms import MEGABYTES, FilingForm, ReturnForm
from disclosure.models import Filing, FilingKind
from disclosure.rules.stages import FilingStage
from disclosure.services.filings import SUBJECTS, stage_of
from disclosure.views.blueprints import bp
from disclosure.views.labels import FILINGS, filing_chip
from disclosure.views.public_files import download
from tender.models import Tender


@bp.get("/filings")
@allow("contracts:view")
def filing_list() -> Response | str:
    """Every filing, newest first; insurers have none."""
    _public_side()
    columns = [
        Column("number", lazy_gettext("Number"), "code", sort=col(Filing.number), link=_url, note=_about),
        Column("kind", lazy_gettext("Kind"), value=lambda row: FILINGS[row.kind]),
        Column("addressee", lazy_gettext("Addressee")),
        Column("clause", lazy_gettext("Clause"), "clause"),
        Column("due_on", lazy_gettext("Last day"), "day", sort=col(Filing.due_on), when=True),
        Column("receipt", lazy_gettext("Receipt"), "code", value=lambda row: row.receipt_number),
        Column("stage", lazy_gettext("State"), "chip", value=lambda row: filing_chip(stage_of(session(), row))),
    ]
    table = Table(
        select(Filing),
        columns,
        caption=lazy_gettext("Filings"),
        search=[col(Filing.number), col(Filing.addressee), col(Filing.receipt_number)],
        search_label=lazy_gettext("Number, addressee or receipt"),
        filters=[
            Filter(
                "kind",
                lazy_gettext("Kind"),
                [(kind.value, label) for kind, label in FILINGS.items()],
                where=lambda value: col(Filing.kind) == FilingKind(value),
            )
        ],
        order=[col(Filing.id).desc()],
        action=lambda row: Action(gettext("Open"), _url(row)),
        empty=lazy_gettext("Nothing has been filed yet"),
        filename="filings",
    )
    acts = []
    if actor().may("disclosure:file"):
        acts.append(Action(gettext("New filing"), url_for(".new_filing"), primary=True))
    return listing("disclosure/filings.html", table, acts=acts)


@bp.route("/filings/new", methods=["GET", "POST"])
@allow("disclosure:file")
@accepts(MEGABYTES)
def new_filing() -> Any:
    """Prepare a filing (?kind= and ?subject= choose for the reader)."""
    form = FilingForm(kind=request.args.get("kind"), subject=_asked_subject())
    form.kind.choices = [SelectChoice(kind.value, str(label)) for kind, label in FILINGS.items()]
    form.subject.choices = _subjects(session())
    done = form.save(
        lambda s: _prepared(s, form),
        then=lambda row: url_for(".filing", filing_id=row.id),
        message=gettext("The filing was prepared; check it before it is sent"),
    )
    return done or (render_template("disclosure/new_filing.html", form=form, crumbs=_crumbs()), form.status)


@bp.get("/filings/<int:filing_id>")
@allow("contracts:view")
def filing(filing_id: int) -> str:
    """One package: letter, contents with fingerprints, state, and what can be done."""
    return _page(_row(filing_id), ReturnForm(formdata=None))


@bp.get("/filings/<int:filing_id>/package")
@allow("contracts:view")
def filing_package(filing_id: int) -> Response:
    """The package as sent: letter, enclosures, manifest and checksums."""
    row = _row(filing_id)
    if row.package_sha256 is None:
        raise NotFound(N_("This filing is not sent yet"))
    return download(f"{row.number}-v{row.version}.zip", row.package_sha256, row.submitted_at)


@bp.get("/filings/<int:filing_id>/files/<name>")
@allow("contracts:view")
def filing_file(filing_id: int, name: str) -> Response:
    """One enclosed file."""
    row = _row(filing_id)
    entry = next((entry for entry in row.contents if entry["name"] == name), None)
    if entry is None:
        raise NotFound(N_("There is no such filing"))
    return download(entry["name"], entry["sha256"], row.prepared_at)


@bp.post("/filings/<int:filing_id>/send")
@allow("disclosure:file", fresh=True)
def send_filing(filing_id: int) -> Response:
    """Ask the second person to sign and send."""
    return _act(services.request_submission, filing_id, gettext("The second person was asked to sign and send"))


@bp.post("/filings/<int:filing_id>/accept")
@allow("disclosure:receive_filing")
def accept_filing(filing_id: int) -> Response:
    """Take a package on file."""
    return _act(services.accept_filing, filing_id, gettext("The package is on file and has its receipt number"))


@bp.post("/filings/<int:filing_id>/return")
@allow("disclosure:receive_filing")
def return_filing(filing_id: int) -> Any:
    """Send a package back with what it lacks."""
    form = ReturnForm()
    done = form.save(
        lambda s: services.return_filing(s, actor(), clock(), filing_id, form.reason.data),
        then=lambda row: url_for(".filing", filing_id=row.id),
        message=gettext("The package was returned for correction"),
    )
    return done or (_page(_row(filing_id), form), form.status)


@bp.post("/filings/<int:filing_id>/correct")
@allow("disclosure:file")
def correct_filing(filing_id: int) -> Response:
    """Draw up the next version of a returned package."""
    return perform(
        lambda s: _flushed(s, services.correct_filing(s, actor(), clock(), filing_id)),
        then=lambda row: url_for(".filing", filing_id=row.id),
        message=gettext("The corrected version was prepared"),
    )


def _act(verb: Any, filing_id: int, message: str) -> Response:
    return perform(
        lambda s: verb(s, actor(), clock(), filing_id),
        then=lambda _: url_for(".filing", filing_id=filing_id),
        message=message,
    )


def _page(row: Filing, form: ReturnForm) -> str:
    approval = approvals.latest(session(), "disclosure.filing.submit", row)
    pending = approvals.pending(session(), "disclosure.filing.submit", row)
    stage = stage_of(session(), row)
    versions = session().exec(select(Filing).where(Filing.number == row.number).order_by(col(Filing.version))).all()
    return render_template(
        "disclosure/filing.html",
        row=row,
        about=_about(row),
        kind=FILINGS[row.kind],
        stage=stage,
        stages=FilingStage,
        chip=filing_chip(stage),
        letter=session().get(IssuedDocument, row.letter_id) if row.letter_id else None,
        versions=versions,
        keys=two_keys(approval),
        pending=pending,
        may_decide=pending is not None and approvals.may_decide(session(), actor(), pending),
        form=form,
        crumbs=_crumbs(),
    )


def _prepared(database: Session, form: FilingForm) -> Filing:
    kind = FilingKind(form.kind.data)
    table, _, key = form.subject.data.partition(":")
    if table != SUBJECTS[kind]:
        message = (
            N_("This kind of filing is about a tender")
            if SUBJECTS[kind] == "tender"
            else N_("This kind of filing is about an annual contract")
        )
        raise Invalid(message, field="subject")
    copied = [office for office in (form.copied_to.data or "").split("、") if office.strip()]
    row = services.prepare_filing(
        database,
        actor(),
        clock(),
        kind,
        int(key),
        addressee=form.addressee.data or None,
        copied_to=copied or None,
        clause=form.rule.data or None,
        files=[(form.file.data.filename, form.file.data.read())] if form.file.data else (),
    )
    return _flushed(database, row)


def _subjects(database: Session) -> list[SelectChoice]:
    """Published tenders and signed contracts, as choices."""
    tenders = database.exec(select(Tender).where(col(Tender.published_at).is_not(None)).order_by(col(Tender.id).desc()))
    contracts = database.exec(
        select(AnnualContract)
        .where(col(AnnualContract.agency_signed_at).is_not(None))
        .order_by(col(AnnualContract.year).desc(), col(AnnualContract.number))
    )
    return [
        *(SelectChoice(f"tender:{row.id}", f"{row.number} {row.title}") for row in tenders),
        *(SelectChoice(f"annual_contract:{row.id}", row.number) for row in contracts),
    ]


def _asked_subject() -> str | None:
    kind, subject = request.args.get("kind", ""), request.args.get("subject", "")
    known = {known.value: table for known, table in SUBJECTS.items()}
    return f"{known[kind]}:{subject}" if kind in known and subject.isdecimal() else None


def _about(row: Filing) -> str:
    """The number of the tender or contract that is filed."""
    model: Any = AnnualContract if row.subject_type == "annual_contract" else Tender
    return str(session().get_one(model, row.subject_id).number)


def _row(filing_id: int) -> Filing:
    _public_side()
    row = session().get(Filing, filing_id)
    if row is None:
        raise NotFound(N_("There is no such filing"))
    return row


def _public_side() -> None:
    """Filings are the department's and its supervisors'; for insurers there are none."""
    if actor().is_insurer:
        raise NotFound(N_("There is no such filing"))


def _url(row: Filing) -> str:
    return url_for(".filing", filing_id=row.id)


def _crumbs() -> list[tuple[str, str]]:
    return [
        (gettext("Disclosure and filing"), url_for(".index")),
        (gettext("Filings"), url_for(".filing_list")),
    ]


def _flushed(database: Session, row: Any) -> Any:
    """A new row with its key, so that the answer can lead to its page."""
    database.flush()
    return row
