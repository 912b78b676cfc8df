"""Finding a thing of settlement for a page: an insurer meets its own contract years only, everybody else all."""

from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any, cast

from flask import send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from contracts.models import AnnualContract, ServiceAgreement
from core.clock import local_date
from core.errors import N_, NotFound
from core.house import files_of
from core.identity import approvals
from core.identity.models import Approval, Decision, Organisation, User
from core.policy.model import Cause, SharingBand, Side
from core.web import actor, now, session
from core.web.filters import moment, named
from settlement.models import ClaimFile, ClaimFinding, LineDispute, PolicyLossDecision, RunItem, Settlement
from settlement.rules.corridor import corridor
from settlement.services.calculating import rule_of
from settlement.services.funds import present_fund
from settlement.services.standing import Standing, standing, standings
from settlement.views import labels


def year_for(contract_id: int) -> Standing:
    """A contract year the acting person may see. Raises NotFound."""
    found = standing(session(), actor(), contract_id)
    if found is None:
        raise NotFound(N_("There is no such contract"))
    return found


def sheet_for(settlement_id: int) -> tuple[Settlement, Standing]:
    """A version of a settlement sheet with its contract year. Raises NotFound."""
    sheet = _row(Settlement, settlement_id)
    return sheet, year_for(sheet.contract_id)


def file_for(claim_file_id: int) -> tuple[ClaimFile, Standing]:
    """A version of a claim file with its contract year. Raises NotFound."""
    file = _row(ClaimFile, claim_file_id)
    return file, year_for(file.contract_id)


def finding_for(finding_id: int) -> tuple[ClaimFinding, ClaimFile, Standing]:
    """A finding with its file and contract year. Raises NotFound."""
    finding = _row(ClaimFinding, finding_id)
    return finding, *file_for(finding.claim_file_id)


def dispute_for(dispute_id: int) -> tuple[LineDispute, Settlement, Standing]:
    """A dispute with its sheet and contract year. Raises NotFound."""
    dispute = _row(LineDispute, dispute_id)
    return dispute, *sheet_for(dispute.settlement_id)


def decision_for(decision_id: int) -> tuple[PolicyLossDecision, Standing]:
    """A decision of the departments with its contract year. Raises NotFound."""
    decision = _row(PolicyLossDecision, decision_id)
    return decision, year_for(decision.contract_id)


def insurer_of(contract: AnnualContract) -> Organisation:
    """The insurer of a contract year, also of one whose pages the person may not see."""
    agreement = session().get_one(ServiceAgreement, contract.agreement_id)
    return session().get_one(Organisation, agreement.insurer_id)


def _row(model: type, key: int) -> Any:
    row = session().get(model, key)
    if row is None:
        raise NotFound(N_("There is no such entry"))
    return row


def person(user_id: int | None) -> str:
    """The name of a person, '—' for nobody."""
    user = session().get(User, user_id) if user_id else None
    return user.name if user else "—"


def organisation_of(user_id: int) -> Organisation | None:
    """The organisation of a person."""
    user = session().get(User, user_id)
    return user.organisation if user else None


def page_of(year: Standing, *trail: tuple[Any, str]) -> dict[str, Any]:
    """What the head of every page of a contract year needs; trail: (label, url) of the crumbs behind it."""
    contract = year.contract
    home = url_for("settlement.year", contract_id=contract.id)
    crumbs = [(gettext("Figures and settlement"), url_for("settlement.index"))]
    crumbs.append((contract.number, home if trail else ""))
    return {
        "year": year,
        "contract": contract,
        "fund": present_fund(session(), contract, local_date(now())),
        "insurer": named(year.insurer),
        "state": labels.stage_chip(year.stage(now())),
        "crumbs": [*crumbs, *trail],
        "person": person,
        "labels": labels,
    }


@dataclass(frozen=True)
class TwoKeys:
    """The bar of a two-person act: who took the first step, who may take the second, and what stands between.

    first, second: (headline, note); approval: the request that waits, None otherwise; rejected: why the last request
    was refused, '' otherwise.
    """

    first: tuple[str, str]
    second: tuple[str, str]
    done: int = 0
    approval: Approval | None = None
    may_decide: bool = False
    rejected: str = ""


def two_keys_of(kind: str, subject: Any) -> TwoKeys:
    """How far the two-person act of this kind on this subject is."""
    asked: Approval | None = approvals.latest(session(), kind, subject)
    nobody = (gettext("Nobody has asked yet"), "")
    someone = (gettext("A second person decides"), gettext("Whoever asks cannot decide"))
    if asked is None:
        return TwoKeys(nobody, someone)
    first = (gettext("%(name)s asked", name=person(asked.requested_by)), moment(asked.requested_at))
    if asked.decision is None:
        return TwoKeys(first, someone, 1, asked, approvals.may_decide(session(), actor(), asked))
    if asked.decision is not Decision.APPROVED:
        return TwoKeys(nobody, someone, rejected=asked.reason or "")
    return TwoKeys(
        first, (gettext("%(name)s approved", name=person(asked.decided_by)), moment(asked.decided_at)), done=2
    )


def as_download(sha256: str, name: str, kind: str = "application/octet-stream") -> Response:
    """Bytes of the content store under a name, as a file to keep."""
    return send_file(BytesIO(files_of(session()).get(sha256)), kind, as_attachment=True, download_name=name)


def band_of(year: Standing, sheet: Settlement | None = None) -> SharingBand:
    """The band that a version of the sheet (the newest by default) applied."""
    return band_for(year.contract, sheet or cast(Settlement, year.sheet))


def band_for(contract: AnnualContract, result: Settlement | RunItem) -> SharingBand:
    """The band that a result of the contract year fell in."""
    rate = Fraction(result.rate)
    side = Side.SURPLUS if rate >= 0 else Side.LOSS
    bands = corridor(rule_of(contract), result.reading, side, Cause(result.cause.value), Fraction(result.premium))
    return bands.bands[bands.place(abs(rate))]


def years() -> list[Standing]:
    """Every contract year the acting person may see."""
    return standings(session(), actor())
