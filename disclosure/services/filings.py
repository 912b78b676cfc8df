"""Filings (备案): a package is prepared, sent by two people, returned for correction or accepted (F.2, G9, T18)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract
from core import audit
from core.clock import Clock, local_date
from core.db import locked
from core.documents.models import IssuedDocument
from core.documents.services import issue, next_number
from core.errors import Invalid, N_, NotFound, Refused
from core.house import files_of
from core.identity import approvals
from core.identity.actor import Actor, require
from core.identity.models import Approval, Organisation, User
from core.policy import PolicyView, view
from disclosure.models import Filing, FilingKind
from disclosure.papers import filings as papers
from disclosure.papers.filings import Enclosure
from disclosure.papers.subject import Subject, subject
from disclosure.rules.stages import FilingFacts, FilingStage, filing_stage
from disclosure.services.duties import FilingDuty, filing_duty
from disclosure.services.packages import PackedFile, package
from tender.models import Tender

#: What a filing of each kind is about: the table whose row `subject_id` names.
SUBJECTS = {
    FilingKind.TENDER_DOCUMENT: "tender",
    FilingKind.CONTRACT_TEXT: "annual_contract",
    FilingKind.CONTRACT_COPY: "annual_contract",
    FilingKind.POLICY: "tender",
    FilingKind.PROGRESS: "tender",
}


def prepare_filing(
    session: Session,
    actor: Actor,
    clock: Clock,
    kind: FilingKind,
    subject_id: int,
    *,
    addressee: str | None = None,
    copied_to: Sequence[str] | None = None,
    clause: str | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> Filing:
    """Draw up a filing: what it encloses, to whom it goes, by which rule and until when.

    subject_id: a tender (tender document, policy, progress) or an annual contract (text, copy); addressee, copied_to,
    clause: instead of those the rule names; files: (name, bytes) of papers that were not issued here.
    Raises Refused while the subject is not published or signed or a filing of it is under way, Invalid where no rule
    names an addressee or a clause and none is given, or nothing is enclosed.
    """
    require(actor, "disclosure:file")
    duty, enclosures = _duty_and_papers(session, clock, kind, subject_id)
    enclosures = [*enclosures, *papers.enclosed_files(session, files, after=len(enclosures))]
    _check(kind, duty, addressee, clause, enclosures)
    current = filings_about(session, kind, subject_id)
    if current and stage_of(session, current[-1]) is not FilingStage.ACCEPTED:
        raise Refused(N_("A filing of this is already under way: %(number)s"), number=current[-1].number)
    now = clock.now()
    row = Filing(
        number=next_number(session, _series(session, kind, subject_id), local_date(now).year),
        kind=kind,
        subject_type=SUBJECTS[kind],
        subject_id=subject_id,
        addressee=addressee or cast(str, cast(FilingDuty, duty).addressee),
        copied_to=list(copied_to if copied_to is not None else duty.copied_to if duty else ()),
        due_on=duty.due_on if duty else None,
        clause=clause or cast(FilingDuty, duty).clause,
        contents=[enclosure.as_data() for enclosure in enclosures],
        prepared_by=actor.user_id,
        prepared_at=now,
    )
    session.add(row)
    audit.record(session, now, actor, "disclosure:filing:prepare", row, number=row.number, kind=kind.value)
    return row


def request_submission(session: Session, actor: Actor, clock: Clock, filing_id: int) -> Approval:
    """Ask a second person to sign the letter (签发) and send the package."""
    row = _draft(session, filing_id)
    return approvals.request(
        session,
        actor,
        clock,
        "disclosure.filing.submit",
        row,
        message=N_("Sign and send filing %(number)s to %(addressee)s"),
        params={"number": row.number, "addressee": row.addressee},
    )


@approvals.executor(
    "disclosure.filing.submit",
    permission="disclosure:approve",
    request_permission="disclosure:file",
    page=("disclosure.filing", "filing_id"),
)
def _submit(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Filing:
    row = _draft(session, int(approval.subject_id))
    now = clock.now()
    row.submitted_at = now
    session.add(row)
    letter = _issue_letter(session, actor, clock, row)
    row.letter_id = letter.id
    store = files_of(session)
    files = [PackedFile("00-备案报告.pdf", letter.title, store.get(letter.pdf_sha256))]
    files += [PackedFile(entry["name"], entry["title"], store.get(entry["sha256"])) for entry in row.contents]
    row.package_sha256 = store.put(package(row.number, row.version, now, files))
    audit.record(session, now, actor, "disclosure:filing:submit", row, package=row.package_sha256)
    return row


def return_filing(session: Session, actor: Actor, clock: Clock, filing_id: int, reason: str) -> Filing:
    """The receiving office sends a package back for correction (补正), with what is missing."""
    require(actor, "disclosure:receive_filing")
    row = _submitted(session, filing_id)
    if not reason.strip():
        raise Invalid(N_("Say what must be corrected"), field="reason")
    row.returned_at, row.return_reason = clock.now(), reason.strip()
    session.add(row)
    audit.record(session, row.returned_at, actor, "disclosure:filing:return", row, number=row.number)
    return row


def accept_filing(session: Session, actor: Actor, clock: Clock, filing_id: int) -> Filing:
    """The receiving office takes a package on file and gives it a receipt number; filing is not approval."""
    require(actor, "disclosure:receive_filing")
    row = _submitted(session, filing_id)
    now = clock.now()
    row.accepted_at = now
    row.receipt_number = next_number(session, f"{row.number.split('-')[0]}-SL", local_date(now).year)
    session.add(row)
    audit.record(session, now, actor, "disclosure:filing:accept", row, receipt=row.receipt_number)
    return row


def correct_filing(
    session: Session, actor: Actor, clock: Clock, filing_id: int, *, files: Sequence[tuple[str, bytes]] = ()
) -> Filing:
    """Draw up the next version of a returned filing with the papers as they are now; it keeps the number.

    files: uploaded papers in place of those of the returned version; without any, those are enclosed again.
    """
    require(actor, "disclosure:file")
    old: Filing | None = locked(session, Filing, filing_id)
    if old is None:
        raise NotFound(N_("There is no such filing"))
    if stage_of(session, old) is not FilingStage.RETURNED:
        raise Refused(N_("Only a filing that was returned can be corrected"))
    _, issued = _duty_and_papers(session, clock, old.kind, old.subject_id)
    kept = [entry for entry in old.contents if entry["document_id"] is None]
    uploaded = papers.enclosed_files(session, files, after=len(issued))
    now = clock.now()
    row = Filing(
        number=old.number,
        version=old.version + 1,
        kind=old.kind,
        subject_type=old.subject_type,
        subject_id=old.subject_id,
        addressee=old.addressee,
        copied_to=old.copied_to,
        due_on=old.due_on,
        clause=old.clause,
        contents=[enclosure.as_data() for enclosure in (*issued, *uploaded)] + ([] if uploaded else kept),
        prepared_by=actor.user_id,
        prepared_at=now,
    )
    session.add(row)
    audit.record(session, now, actor, "disclosure:filing:correct", row, number=row.number, version=row.version)
    return row


def stage_of(session: Session, row: Filing) -> FilingStage:
    """Where a filing's version stands."""
    later = select(Filing.id).where(Filing.number == row.number, Filing.version > row.version)
    has_successor = session.exec(later).first() is not None
    return filing_stage(FilingFacts(row.submitted_at, row.returned_at, row.accepted_at, has_successor))


def filings_about(session: Session, kind: FilingKind, subject_id: int) -> list[Filing]:
    """Every filing of one kind about a tender or contract, in order of number and version."""
    query = (
        select(Filing)
        .where(Filing.kind == kind, Filing.subject_id == subject_id)
        .order_by(col(Filing.number), col(Filing.version))
    )
    return list(session.exec(query))


def _duty_and_papers(
    session: Session, clock: Clock, kind: FilingKind, subject_id: int
) -> tuple[FilingDuty | None, list[Enclosure]]:
    if SUBJECTS[kind] == "annual_contract":
        year = _signed_year(session, subject_id)
        issued = papers.contract_papers(session, year, with_agreement=kind is FilingKind.CONTRACT_TEXT)
        duty = filing_duty(session, kind, year.policy, year.agency.area, year.signed_on)
        return duty, papers.enclosed_papers(issued)
    tender = _tender(session, subject_id)
    arose = local_date(tender.published_at or clock.now())
    duty = filing_duty(session, kind, _policy(tender, arose), _area(session, tender), arose)
    if kind is FilingKind.TENDER_DOCUMENT:
        return duty, papers.enclosed_papers(papers.tender_papers(session, tender))
    return duty, []


def _check(
    kind: FilingKind,
    duty: FilingDuty | None,
    addressee: str | None,
    clause: str | None,
    enclosures: Sequence[Enclosure],
) -> None:
    if not (clause or (duty and duty.clause)):
        raise Invalid(N_("Neither policy nor law orders this filing: name the rule it rests on"), field="clause")
    if not (addressee or (duty and duty.addressee)):
        raise Invalid(N_("The rule names no office: say to whom this is filed"), field="addressee")
    if not enclosures:
        raise Invalid(N_("A filing needs at least one file"), field="files")


def _issue_letter(session: Session, actor: Actor, clock: Clock, row: Filing) -> IssuedDocument:
    office, what, sections, demonstration, telephone = _letter_facts(session, row)
    names = {
        "signer": actor.name,
        "contact": session.get_one(User, row.prepared_by).name,
        "telephone": telephone,
    }
    context = papers.letter_context(row, office, what, sections, names)
    return issue(
        session,
        actor,
        clock,
        kind="filing-letter",
        number=row.number,
        title="".join(context["letter"]["title"]),
        template="filing-letter",
        context=context,
        subject=row,
        issuer=office.name,
        organisation_id=office.id,
        replaces=_letter_before(session, row),
        demonstration=demonstration,
    )


def _letter_facts(session: Session, row: Filing) -> tuple[Organisation, str, list[dict[str, Any]], bool, str]:
    if row.subject_type == "annual_contract":
        year = subject(session, row.subject_id)
        what, sections = papers.contract_letter(year)
        tender = year.tender
    else:
        tender = _tender(session, row.subject_id)
        is_document = row.kind is FilingKind.TENDER_DOCUMENT
        what, sections = papers.tender_letter(session, tender) if is_document else papers.uploaded_letter(row)
    office = session.get_one(Organisation, tender.purchaser_id)
    return office, what, sections, tender.demonstration, tender.contact_telephone


def _letter_before(session: Session, row: Filing) -> IssuedDocument | None:
    query = select(IssuedDocument).where(IssuedDocument.number == row.number)
    return session.exec(query.order_by(col(IssuedDocument.version).desc())).first()


def _signed_year(session: Session, contract_id: int) -> Subject:
    contract: AnnualContract | None = locked(session, AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    if contract.agency_signed_at is None:
        raise Refused(N_("The contract is not signed yet"))
    return subject(session, contract_id)


def _tender(session: Session, tender_id: int) -> Tender:
    tender = session.get(Tender, tender_id)
    if tender is None:
        raise NotFound(N_("There is no such tender"))
    return tender


def _policy(tender: Tender, day: date) -> PolicyView:
    return view(tender.pack, day)


def _area(session: Session, tender: Tender) -> str:
    return session.get_one(Organisation, tender.policyholder_id).area


def _series(session: Session, kind: FilingKind, subject_id: int) -> str:
    """'YSDB-BA': the tender's own prefix and 备案."""
    if SUBJECTS[kind] == "annual_contract":
        number = session.get_one(AnnualContract, subject_id).number
    else:
        number = session.get_one(Tender, subject_id).number
    return f"{number.split('-')[0]}-BA"


def _draft(session: Session, filing_id: int) -> Filing:
    row: Filing | None = locked(session, Filing, filing_id)
    if row is None:
        raise NotFound(N_("There is no such filing"))
    if stage_of(session, row) is not FilingStage.DRAFT:
        raise Refused(N_("This filing is already sent"))
    return row


def _submitted(session: Session, filing_id: int) -> Filing:
    row: Filing | None = locked(session, Filing, filing_id)
    if row is None:
        raise NotFound(N_("There is no such filing"))
    if stage_of(session, row) is not FilingStage.SUBMITTED:
        raise Refused(N_("Only a filing that was sent and not yet answered can be returned or accepted"))
    return row
