"""The claims behind row 7: every one of a file, masked, with its finding where the rules give another benefit."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import Session, select
from werkzeug.wrappers import Response

from core.house import files_of
from core.web import Action, Column, Filter, Table, actor, allow, clock, listing, session
from settlement import services
from settlement.claims.listing import list_claims
from settlement.forms import RevealForm
from settlement.models import ClaimFile, ClaimFinding
from settlement.services.standing import Standing
from settlement.views import access, labels
from settlement.views.blueprint import bp


@bp.get("/claim-files/<int:claim_file_id>/claims")
@allow("settlement:view")
def claims_list(claim_file_id: int) -> Response | str:
    """The claims that row 7 adds up, masked; what was recomputed otherwise leads to its finding."""
    file, year = access.file_for(claim_file_id)
    asked = request.args
    month = asked.get("month", "")
    found = list_claims(
        files_of(session()).path(file.parquet_sha256),
        channel=asked.get("channel", "") if asked.get("channel") in labels.CHANNELS else "",
        month=int(month) if month.isdecimal() and 1 <= int(month) <= 12 else 0,
        claim=asked.get("q", "").strip()[:60],
    )
    query = select(ClaimFinding).where(ClaimFinding.claim_file_id == claim_file_id)
    findings = {row.claim_id: row for row in session().exec(query)}
    table = Table(
        found.claims,
        [
            Column("claim_id", lazy_gettext("Claim"), "code", sort=True,
                   note=lambda row: gettext("person %(masked)s", masked=row.person)),
            Column("settled_on", lazy_gettext("Settled on"), "day", sort=True),
            Column("channel", lazy_gettext("Way"), value=lambda row: labels.CHANNELS[row.channel]),
            Column("total_cost", lazy_gettext("Total cost"), "money", unit=lazy_gettext("yuan"), sort=True),
            Column("compliant_cost", lazy_gettext("Compliant costs"), "money", unit=lazy_gettext("yuan"), sort=True),
            Column("basic_fund_paid", lazy_gettext("Basic fund"), "money", unit=lazy_gettext("yuan"), sort=True),
            Column("reported_benefit", lazy_gettext("Reported"), "money", unit=lazy_gettext("yuan"), sort=True),
            Column("recomputed", lazy_gettext("Recomputed"), "money", unit=lazy_gettext("yuan"), sort=True,
                   value=lambda row: findings[row.claim_id].recomputed if row.claim_id in findings
                   else row.reported_benefit if file.recomputed_at else None,
                   link=lambda row: url_for(".finding", finding_id=findings[row.claim_id].id)
                   if row.claim_id in findings else None),
            Column("paid_on", lazy_gettext("Paid on"), "day", sort=True, when=True),
        ],
        caption=lazy_gettext("Claims"),
        filename=f"claims-{year.contract.number}-{file.version}",
        search=lambda row: row.claim_id,
        search_label=lazy_gettext("Claim number"),
        filters=[
            Filter("channel", lazy_gettext("Way"), list(labels.CHANNELS.items()),
                   where=lambda value: lambda row: row.channel == value),
            Filter("month", lazy_gettext("Month"), [(str(number), str(number)) for number in range(1, 13)],
                   where=lambda value: lambda row: row.settled_on.month == int(value)),
        ],
        empty=lazy_gettext("No claim"),
        action=_reveal(claim_file_id),
    )  # fmt: skip
    trail = (*_trail(file, year), (gettext("Claims"), ""))
    return listing("settlement/claims_list.html", table, **access.page_of(year, *trail), file=file, found=found)


@bp.route("/claim-files/<int:claim_file_id>/claims/<int:row>/reveal", methods=["GET", "POST"])
@allow("settlement:reveal_claim", fresh=True)
def reveal_claim(claim_file_id: int, row: int) -> Any:
    """One claim unmasked, once, for a reason: the answer to the form shows it and nothing leads back to it.

    Like every signed-in page it is stored nowhere; whoever comes again gives a reason again.
    """
    file, year = access.file_for(claim_file_id)
    form, seen = RevealForm(), []
    here = url_for(".reveal_claim", claim_file_id=claim_file_id, row=row)

    def reveal(database: Session) -> None:
        seen.append(services.reveal_claim(database, actor(), clock(), claim_file_id, row, form.reason.data))

    done = form.save(reveal, then=lambda _claim: here)
    if done and not seen:
        return done
    back = url_for(".claims_list", claim_file_id=claim_file_id)
    page = access.page_of(year, *_trail(file, year), (gettext("Claims"), back), (gettext("Reveal a claim"), ""))
    claim = seen[0] if seen else None
    return render_template("settlement/reveal.html", **page, form=form, claim=claim, row=row, back=back), form.status


def _reveal(claim_file_id: int) -> Any:
    """The act at the end of each claim, for whoever may see it whole."""
    if not actor().may("settlement:reveal_claim"):
        return None
    return lambda claim: Action(
        lazy_gettext("Reveal"), url_for(".reveal_claim", claim_file_id=claim_file_id, row=claim.row)
    )


def _trail(file: ClaimFile, year: Standing) -> tuple[tuple[Any, str], ...]:
    return (
        (gettext("Claim files"), url_for(".claims", contract_id=year.contract.id)),
        (gettext("Version %(version)s", version=file.version), url_for(".claim_file", claim_file_id=file.id)),
    )
