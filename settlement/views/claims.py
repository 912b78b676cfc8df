"""Claim files: upload with faults by row, recomputation with progress, totals with small groups joined, findings."""

from decimal import Decimal
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from sqlmodel import col, select
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.errors import FileInvalid
from core.money import round_fen, show_yuan
from core.tasks.models import Task
from core.tasks.queue import progress
from core.web import Chip, Column, Filter, Table, accepts, actor, allow, clock, listing, perform, session
from core.web.task_views import shown
from settlement import services
from settlement.forms import CLAIM_FILE_MEGABYTES, ClaimFileForm, ResolutionForm
from settlement.models import ClaimFile, ClaimFinding, FindingResolution, Settlement
from settlement.rules.small_groups import joined
from settlement.views import access, labels
from settlement.views.blueprint import bp


@bp.route("/years/<int:contract_id>/claims", methods=["GET", "POST"])
@allow("settlement:view")
@accepts(CLAIM_FILE_MEGABYTES)
def claims(contract_id: int) -> Any:
    """The claim files of a contract year; insurers upload the next one here."""
    year = access.year_for(contract_id)
    form = ClaimFileForm()
    done = _receive(form, contract_id) if actor().may("settlement:report") else None
    if done:
        return done
    year = access.year_for(contract_id)
    query = select(ClaimFile).where(ClaimFile.contract_id == contract_id).order_by(col(ClaimFile.version).desc())
    return render_template(
        "settlement/claims.html",
        **access.page_of(year, (gettext("Claim files"), "")),
        form=form,
        files=list(session().exec(query)),
        chip=file_chip,
        may_upload=actor().may("settlement:report"),
    ), form.status


def _receive(form: ClaimFileForm, contract_id: int) -> Response | None:
    """Read and check the file before the write transaction, so that a long check holds no lock."""
    if not form.is_submitted():
        return None
    if not form.validate():
        form.status = 400
        return None
    upload = form.file.data
    content = upload.read()
    try:
        landed = services.read_claim_file(session(), contract_id, content, upload.filename)
    except FileInvalid as wrong:
        form.refuse(wrong)
        return None
    name = upload.filename
    return form.save(
        lambda s: services.receive_claim_file(s, actor(), clock(), contract_id, content, name, landed),
        then=lambda row: url_for(".claims", contract_id=row.contract_id),
        message=gettext("The claim file was received; the department recomputes it"),
    )


@bp.get("/claim-files/<int:claim_file_id>")
@allow("settlement:view")
def claim_file(claim_file_id: int) -> str:
    """One version of a claim file: what it adds up to, by group, way, county, month and band."""
    file, year = access.file_for(claim_file_id)
    trail = ((gettext("Claim files"), url_for(".claims", contract_id=year.contract.id)),
             (gettext("Version %(version)s", version=file.version), ""))  # fmt: skip
    splits = joined_splits(file)
    return render_template(
        "settlement/claim_file.html",
        **access.page_of(year, *trail),
        file=file,
        chip=file_chip(file),
        task=_task(file),
        splits=splits,
        any_joined=any(part.joined for _, parts in splits for part in parts),
        open_findings=len(services.open_findings(session(), claim_file_id)),
        findings=_count(claim_file_id),
        newest=year.file is not None and year.file.id == file.id,
        may_check=actor().may("settlement:check_claims"),
        used_in=session().exec(select(Settlement).where(Settlement.claim_file_id == claim_file_id)).all(),
    )


@bp.post("/claim-files/<int:claim_file_id>/recompute")
@allow("settlement:check_claims")
def recompute(claim_file_id: int) -> Response:
    """Queue the recomputation; the page shows how far it is, also after a reload."""
    return perform(
        lambda s: services.queue_recomputation(s, actor(), clock(), claim_file_id),
        then=lambda _task: url_for(".claim_file", claim_file_id=claim_file_id),
        message=gettext("The recomputation was queued"),
    )


@bp.post("/claim-files/<int:claim_file_id>/accept")
@allow("settlement:check_claims")
def accept_file(claim_file_id: int) -> Response:
    """Accept a recomputed file for the settlement."""
    return perform(
        lambda s: services.accept_claim_file(s, actor(), clock(), claim_file_id),
        then=lambda row: url_for(".year", contract_id=row.contract_id),
        message=gettext("The claim file was accepted for the settlement"),
    )


@bp.get("/claim-files/<int:claim_file_id>/findings")
@allow("settlement:view")
def findings(claim_file_id: int) -> Response | str:
    """Every claim whose reported benefit differs from the recomputed one."""
    file, year = access.file_for(claim_file_id)
    table = Table(
        select(ClaimFinding).where(ClaimFinding.claim_file_id == claim_file_id),
        [
            Column("claim_id", lazy_gettext("Claim"), "code", sort=ClaimFinding.claim_id,
                   link=lambda row: url_for(".finding", finding_id=row.id)),
            Column("kind", lazy_gettext("What differs"), value=lambda row: labels.KINDS[row.kind]),
            Column("reported", lazy_gettext("Reported"), "money", unit=lazy_gettext("yuan"),
                   sort=ClaimFinding.reported),
            Column("recomputed", lazy_gettext("Recomputed"), "money", unit=lazy_gettext("yuan"),
                   sort=ClaimFinding.recomputed),
            Column("difference", lazy_gettext("Difference"), "money", unit=lazy_gettext("yuan"),
                   value=lambda row: row.recomputed - row.reported),
            Column("resolution", lazy_gettext("Resolution"), "chip", value=resolution_chip, when=True),
        ],
        caption=lazy_gettext("Findings"),
        filename=f"findings-{year.contract.number}-{file.version}",
        search=[ClaimFinding.claim_id],
        search_label=lazy_gettext("Claim number"),
        filters=[
            Filter("kind", lazy_gettext("What differs"), list(labels.KINDS.items()),
                   where=lambda value: col(ClaimFinding.kind) == value),
            Filter("state", lazy_gettext("State"),
                   [("open", lazy_gettext("To resolve")), ("done", lazy_gettext("Resolved"))],
                   where=lambda value: col(ClaimFinding.resolved_at).is_(None) if value == "open"
                   else col(ClaimFinding.resolved_at).is_not(None)),
        ],
        order=[col(ClaimFinding.resolved_at).is_not(None), col(ClaimFinding.id)],
        empty=lazy_gettext("No finding: every reported benefit is what the rules give"),
        late=lambda row: row.resolved_at is None,
    )  # fmt: skip
    trail = (
        (gettext("Claim files"), url_for(".claims", contract_id=year.contract.id)),
        (gettext("Version %(version)s", version=file.version), url_for(".claim_file", claim_file_id=file.id)),
        (gettext("Findings"), ""),
    )
    return listing("settlement/findings.html", table, **access.page_of(year, *trail), file=file)


@bp.route("/findings/<int:finding_id>", methods=["GET", "POST"])
@allow("settlement:view")
def finding(finding_id: int) -> Any:
    """One difference: how the right benefit comes about, and how it was settled."""
    row, file, year = access.finding_for(finding_id)
    form = ResolutionForm()
    choices = [FindingResolution.INSURER_CORRECTS] if actor().is_insurer else list(FindingResolution)
    form.resolution.choices = [SelectChoice(one, labels.RESOLUTIONS[one.value]) for one in choices]
    done = form.save(
        lambda s: services.resolve_finding(s, actor(), clock(), finding_id, form.resolution.data, form.reason.data),
        then=lambda found: url_for(".findings", claim_file_id=found.claim_file_id),
        message=gettext("The finding was resolved"),
    )
    if done:
        return done
    row, file, year = access.finding_for(finding_id)
    trail = (
        (gettext("Claim files"), url_for(".claims", contract_id=year.contract.id)),
        (gettext("Findings"), url_for(".findings", claim_file_id=file.id)),
        (row.claim_id, ""),
    )
    page = access.page_of(year, *trail)
    page["state"] = resolution_chip(row)
    may = actor().may("settlement:resolve_finding") and row.resolved_at is None
    return render_template(
        "settlement/finding.html", **page, finding=row, form=form, may_resolve=may, bands=_bands(row), money=_money
    ), form.status


def _money(text: str) -> str:
    """An exact amount of an explanation as a page shows it."""
    return show_yuan(Decimal(text))


def _bands(finding: ClaimFinding) -> list[dict[str, Decimal | None]]:
    """The bands of an explanation as numbers, each with what this claim gets in it."""
    return [
        {
            "lower": Decimal(band["lower"]),
            "upper": None if band["upper"] is None else Decimal(band["upper"]),
            "burden": Decimal(band["burden_in_band"]),
            "ratio": Decimal(band["ratio"]),
            "benefit": round_fen(Decimal(band["burden_in_band"]) * Decimal(band["ratio"])),
        }
        for band in finding.explanation["bands"]
    ]


def file_chip(file: ClaimFile) -> Chip:
    """Where a version of a claim file stands."""
    if file.accepted_at is not None:
        return Chip("ok", gettext("Accepted"))
    if file.recomputed_at is not None:
        return Chip("run", gettext("Recomputed"))
    return Chip("", gettext("File received"))


def resolution_chip(finding: ClaimFinding) -> Chip:
    """How a finding was settled, or that it was not."""
    if finding.resolution is None:
        return Chip("stop", gettext("To resolve"))
    return Chip("ok", labels.RESOLUTIONS[finding.resolution.value])


def joined_splits(file: ClaimFile) -> list[tuple[str, list[Any]]]:
    """The totals by every dimension, small groups joined; empty before the recomputation."""
    if file.totals is None:
        return []
    return [(dimension, joined(dimension, split)) for dimension, split in file.totals["splits"].items()]


def _task(file: ClaimFile) -> dict[str, Any] | None:
    """The newest recomputation of this file that this person asked for and that is not old news."""
    if file.recomputed_at is not None:
        return None
    query = select(Task).where(Task.kind == "settlement.recompute", Task.requested_by == actor().user_id)
    for task in session().exec(query.order_by(col(Task.id).desc()).limit(20)):
        if task.args.get("claim_file_id") == file.id:
            found = shown(progress(session(), task.id or 0))
            return {**found, "title": gettext("Recomputation of the claim file"), "url": request.path}
    return None


def _count(claim_file_id: int) -> str:
    rows = session().exec(select(ClaimFinding.id).where(ClaimFinding.claim_file_id == claim_file_id)).all()
    return ngettext("%(num)s finding", "%(num)s findings", len(rows))
