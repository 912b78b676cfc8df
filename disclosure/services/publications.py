"""An insurer's disclosures: prepared once as data, published by two people, corrected as new versions (J20, G8)."""

from datetime import date
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, ServiceAgreement
from core import audit
from core.calendar import DayResult, china
from core.clock import Clock, local_date
from core.db import locked
from core.documents.models import IssuedDocument
from core.documents.services import document_job, issue
from core.documents.workers import RenderJob
from core.errors import Invalid, N_, NotFound, Refused
from core.house import public_url
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval
from disclosure.models import Disclosure, DisclosureKind
from disclosure.papers.final_accounts import final_accounts
from disclosure.papers.reports import DisclosurePaper, Version, paper_of
from disclosure.papers.signing import signing
from disclosure.papers.subject import Subject, subject
from disclosure.rules.frozen import freeze
from settlement.models import Settlement

_CODES = {DisclosureKind.SIGNING: "D1", DisclosureKind.FINAL_ACCOUNTS: "D2"}


def prepare_disclosure(
    session: Session,
    actor: Actor,
    clock: Clock,
    contract_id: int,
    kind: DisclosureKind,
    *,
    correction_reason: str | None = None,
) -> Disclosure:
    """Draw up a contract year's disclosure from its contract (D1) or its issued settlement sheet (D2).

    Its data is computed here, once, with small cells withheld; a draft that is not published yet is drawn up again in
    its place. What is published is corrected by the next version, which needs its reason.
    Raises Refused before the contract is signed or the sheet issued and while publication waits for a decision,
    Invalid for a correction without reason, NotFound for another insurer's contract.
    """
    require(actor, "disclosure:prepare")
    year = _own_year(session, actor, contract_id)
    sheet = _basis(session, year, kind)
    versions = versions_of(session, contract_id, kind)
    draft = versions[-1] if versions and versions[-1].published_at is None else None
    published = [version for version in versions if version.published_at is not None]
    if draft is not None and approvals.pending(session, "disclosure.disclosure.publish", draft):
        raise Refused(N_("This disclosure waits for a second person; withdraw the request to change it"))
    reason = (correction_reason or "").strip() or None
    if published and reason is None:
        raise Invalid(N_("A correction of a published disclosure needs its reason"), field="correction_reason")
    now = clock.now()
    row = draft or Disclosure(
        number=_number(year, kind),
        contract_id=contract_id,
        kind=kind,
        version=len(published) + 1,
        replaces_id=published[-1].id if published else None,
        due_on=local_date(now),
        clause="",
        prepared_by=actor.user_id,
        prepared_at=now,
        data={},
    )
    duty = due_day(year, sheet)
    row.settlement_id, row.due_on, row.clause = sheet.id if sheet else None, duty.date, clause_of(year)
    row.prepared_by, row.prepared_at, row.correction_reason = actor.user_id, now, reason
    row.data = freeze(
        final_accounts(session, year, sheet, local_date(now)) if sheet else signing(session, year, local_date(now))
    )
    session.add(row)
    audit.record(session, now, actor, "disclosure:disclosure:prepare", row, number=row.number, version=row.version)
    return row


def request_publication(session: Session, actor: Actor, clock: Clock, disclosure_id: int) -> Approval:
    """Ask a second person to publish a prepared disclosure; publishing issues it as PDF with its data files."""
    row = _publishable(session, actor, disclosure_id)
    return approvals.request(
        session,
        actor,
        clock,
        "disclosure.disclosure.publish",
        row,
        message=N_("Publish disclosure %(number)s, version %(version)s"),
        params={"number": row.number, "version": row.version},
    )


@approvals.executor(
    "disclosure.disclosure.publish",
    permission="disclosure:approve",
    request_permission="disclosure:prepare",
    page=("disclosure.detail", "disclosure_id"),
)
def _publish(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Disclosure:
    row = _publishable(session, actor, int(approval.subject_id))
    row.published_at, row.published_by = clock.now(), actor.user_id
    session.add(row)
    year = subject(session, row.contract_id)
    paper = disclosure_paper(session, row, local_date(row.published_at))
    row.document_id = issue(
        session,
        actor,
        clock,
        kind=paper.template,
        number=row.number,
        title=paper.title,
        template=paper.template,
        context=paper.context,
        subject=row,
        issuer=year.insurer.name,
        organisation_id=year.insurer.id,
        pack=(year.contract.pack, year.contract.pack_hash),
        attachments=paper.attachments(),
        replaces=_document_before(session, row),
        public=True,
        demonstration=year.contract.demonstration,
    ).id
    audit.record(session, row.published_at, actor, "disclosure:disclosure:publish", row, version=row.version)
    return row


def disclosure_paper(session: Session, row: Disclosure, issued_on: date) -> DisclosurePaper:
    """A version as it is, or would be, printed: its frozen data with the record of corrections up to it.

    issued_on: the day printed for a version that is not published yet.
    """
    versions = [
        Version(
            one.version,
            local_date(one.published_at) if one.published_at else issued_on,
            one.correction_reason,
            one.data,
        )
        for one in versions_of(session, row.contract_id, row.kind)
        if one.version <= row.version
    ]
    return paper_of(row.number, row.kind, versions)


def publication_job(session: Session, row: Disclosure, clock: Clock) -> RenderJob:
    """The rendering that publishing at this instant will do, for rendering many ahead in the workers."""
    year = subject(session, row.contract_id)
    paper = disclosure_paper(session, row, local_date(clock.now()))
    return document_job(
        clock.now(),
        number=row.number,
        title=paper.title,
        template=paper.template,
        context=paper.context,
        issuer=year.insurer.name,
        verify_at=public_url(session),
        version=row.version,
        attachments=paper.attachments(),
        demonstration=year.contract.demonstration,
    )


def versions_of(session: Session, contract_id: int, kind: DisclosureKind) -> list[Disclosure]:
    """Every version of a contract year's disclosure of one kind, oldest first."""
    query = (
        select(Disclosure)
        .where(Disclosure.contract_id == contract_id, Disclosure.kind == kind)
        .order_by(col(Disclosure.version))
    )
    return list(session.exec(query))


def issued_sheet(session: Session, contract_id: int) -> Settlement | None:
    """The newest issued settlement sheet of a contract year, or None."""
    query = (
        select(Settlement)
        .where(Settlement.contract_id == contract_id, col(Settlement.issued_at).is_not(None))
        .order_by(col(Settlement.version).desc())
    )
    return session.exec(query).first()


def due_day(year: Subject, sheet: Settlement | None) -> DayResult:
    """The last day to disclose: the contract's working days after signing (D1) or after the sheet's issue (D2)."""
    start = local_date(cast(Any, sheet.issued_at)) if sheet else year.signed_on
    return china().add(start, year.contract.disclosure_working_days)


def clause_of(year: Subject) -> str:
    """Where the duty to disclose stands: the policy paper, or the annual contract where the paper is silent."""
    rule = year.policy.disclosure
    return str(rule.clause) if rule else f"年度合同 {year.contract.number}"


def _own_year(session: Session, actor: Actor, contract_id: int) -> Subject:
    """The contract year, locked; an insurer may know of its own only."""
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    agreement = session.get_one(ServiceAgreement, contract.agreement_id)
    if actor.is_insurer and actor.organisation_id != agreement.insurer_id:
        raise NotFound(N_("There is no such contract"))
    return subject(session, contract_id)


def _basis(session: Session, year: Subject, kind: DisclosureKind) -> Settlement | None:
    """The issued sheet a D2 rests on; None for a D1, which rests on the signed contract."""
    if year.contract.agency_signed_at is None:
        raise Refused(N_("The contract is not signed yet"), clause=clause_of(year))
    if kind is DisclosureKind.SIGNING:
        return None
    sheet = issued_sheet(session, cast(int, year.contract.id))
    if sheet is None:
        raise Refused(N_("The settlement sheet is not issued yet"), clause=clause_of(year))
    return sheet


def _number(year: Subject, kind: DisclosureKind) -> str:
    """'YSDB-2017-HT-01' → 'YSDB-2017-GS-D1-01'; the same for all versions."""
    return year.contract.number.replace("-HT-", f"-GS-{_CODES[kind]}-")


def _publishable(session: Session, actor: Actor, disclosure_id: int) -> Disclosure:
    row: Disclosure | None = locked(session, Disclosure, disclosure_id)
    if row is None:
        raise NotFound(N_("There is no such disclosure"))
    _own_year(session, actor, row.contract_id)
    if row.published_at is not None:
        raise Refused(N_("This disclosure is published and frozen; a correction is a new version"))
    if row.kind is DisclosureKind.FINAL_ACCOUNTS:
        newest = issued_sheet(session, row.contract_id)
        if newest is None or newest.id != row.settlement_id:
            raise Refused(N_("A newer settlement sheet was issued; prepare the disclosure again"))
    return row


def _document_before(session: Session, row: Disclosure) -> IssuedDocument | None:
    if row.replaces_id is None:
        return None
    return session.get(IssuedDocument, session.get_one(Disclosure, row.replaces_id).document_id)
