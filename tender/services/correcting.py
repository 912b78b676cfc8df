"""Corrigenda: what changes between notice and deadline, with reason and difference, decided by two people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.documents.show import cn_date, cn_time
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from core.policy.procurement import limits
from tender.models import Bid, CorrigendumReceipt, Notice, NoticeKind, Tender
from tender.rules.correction import CorrectionFacts, correction_faults
from tender.rules.stages import Stage
from tender.services.bidding import last_submission
from tender.services.clarification import insurer_of, must_have_taken
from tender.services.papers_notices import issue_corrigendum
from tender.services.preparation import field_titles, mandatory_fields
from tender.services.publication import keep_entries, timetable_of
from tender.services.sealed_record import record_sealed
from tender.services.stage import at_stage, locked_tender, purchasers_own
from tender.services.telling import CORRECTED, tell_takers

#: What a corrigendum may change besides the mandatory fields, as it is called in the notice.
HEAD_TITLES = {
    "deadline": "投标截止时间、开标时间",
    "documents_until": "招标文件提供期限",
    "clarification_until": "提问截止时间",
    "opening_place": "开标地点",
    "contact_name": "联系人",
    "contact_telephone": "联系电话",
    "purchaser_address": "采购人地址",
}
_FIELD = "field-"


@dataclass(frozen=True)
class Correction:
    """What shall stand after the correction; None and absent fields stay. affects_bids: see `tender.rules.correction`.

    A changed mandatory field always counts as affecting the bids, because bidders answer to it.
    """

    reason: str
    affects_bids: bool = True
    deadline: datetime | None = None
    documents_until: date | None = None
    clarification_until: datetime | None = None
    opening_place: str | None = None
    contact_name: str | None = None
    contact_telephone: str | None = None
    purchaser_address: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def request_correction(
    session: Session, actor: Actor, clock: Clock, tender_id: int, correction: Correction
) -> Approval:
    """Ask a second person to correct notice and tender document before the deadline (87号令第27条).

    Raises Invalid without a reason or a difference, and where a date breaks a limit: the deadline moves only forward,
    and a change that may affect the bids leaves at least 15 days (T05).
    """
    require(actor, "tender:correct")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    if not correction.reason.strip():
        raise Invalid(N_("Say why: the reason stands in the corrigendum"), field="reason")
    standing, wanted = _standing(session, tender), _wanted(correction)
    unknown = set(wanted) - set(standing)
    if unknown:
        raise NotFound(N_("There is no such field"))
    changes = {key: [standing[key], text] for key, text in wanted.items() if text != standing[key]}
    if not changes:
        raise Invalid(N_("Nothing is changed"), field="deadline")
    affects = correction.affects_bids or any(key.startswith(_FIELD) for key in changes)
    _lawful(tender, now, changes, affects)
    return request(
        session,
        actor,
        clock,
        "tender.correct",
        tender,
        message=N_("Publish a corrigendum to tender %(number)s: %(reason)s"),
        params={"number": tender.number, "reason": correction.reason.strip()},
        payload={"changes": changes, "reason": correction.reason.strip(), "affects_bids": affects},
    )


def _standing(session: Session, tender: Tender) -> dict[str, str]:
    """What stands now, as text that can be compared: instants and days in ISO form."""
    found = {key: _text(getattr(tender, key)) for key in HEAD_TITLES}
    return found | {f"{_FIELD}{row.key}": row.text for row in mandatory_fields(session, tender.id or 0)}


def _wanted(correction: Correction) -> dict[str, str]:
    head = {key: value for key in HEAD_TITLES if (value := getattr(correction, key)) not in (None, "")}
    texts = {f"{_FIELD}{key}": text.strip() for key, text in correction.fields.items()}
    return {key: _text(value) for key, value in head.items()} | texts


def _text(value: datetime | date | str | None) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return (value or "").strip()


def _lawful(tender: Tender, now: datetime, changes: Mapping[str, list[str]], affects: bool) -> None:
    """Raise Invalid for the first limit that the changes break, at the field that breaks it."""
    deadline, documents = changes.get("deadline"), changes.get("documents_until")
    if tender.deadline is None:
        raise Refused(N_("The tender is still in preparation and not published"))
    facts = CorrectionFacts(
        today=local_date(now),
        deadline_before=tender.deadline,
        deadline_after=datetime.fromisoformat(deadline[1]) if deadline else tender.deadline,
        documents_before=tender.documents_until,
        documents_after=date.fromisoformat(documents[1]) if documents else tender.documents_until,
        affects_bids=affects,
    )
    for fault in correction_faults(facts, limits(facts.today), china()):
        raise Invalid(fault.message, field=fault.field, clause=fault.clause, **fault.params)
    questions = changes.get("clarification_until")
    if questions and datetime.fromisoformat(questions[1]) >= facts.deadline_after:
        raise Invalid(N_("Questions end before the deadline"), field="clarification_until")


@executor("tender.correct", permission="tender:correct", page=("tender.show", "tender_id"))
def correct(session: Session, actor: Actor, clock: Clock, approval: Approval) -> Notice:
    """Write the changes, plan the dates again, issue the corrigendum and the next version of the tender document.

    Submitted bids stay; who took the documents is asked to confirm. Raises Refused when the deadline passed meanwhile
    or what stands now is not what the request was compared with.
    """
    tender = locked_tender(session, int(approval.subject_id))
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    changes: dict[str, list[str]] = approval.payload["changes"]
    standing = _standing(session, tender)
    if any(standing.get(key) != before for key, (before, _after) in changes.items()):
        raise Refused(N_("The tender has changed since the request: ask again"))
    _lawful(tender, now, changes, approval.payload["affects_bids"])
    shown = differences(tender, changes)
    moved = tender.deadline
    _write(session, tender, changes)
    if moved != tender.deadline:
        tender.planned = {}  # the later days were chosen from the old deadline; they follow again
    timetable = timetable_of(tender)
    if timetable is not None:
        keep_entries(session, tender, timetable)
    notice = issue_corrigendum(
        session, actor, clock, tender, reason=approval.payload["reason"], changes=shown,
        deadline_before=moved if moved != tender.deadline else None,
    )  # fmt: skip
    audit.record(
        session, now, actor, "tender:notice:correct", tender, notice=notice.id, fields=sorted(changes),
        deadline=_text(tender.deadline),
    )  # fmt: skip
    tell_takers(session, now, tender, CORRECTED, anchor="corrigenda", key=f"notice:{notice.id}")
    return notice


def _write(session: Session, tender: Tender, changes: Mapping[str, list[str]]) -> None:
    texts = {row.key: row for row in mandatory_fields(session, tender.id or 0)}
    for key, (_before, after) in changes.items():
        if key.startswith(_FIELD):
            texts[key.removeprefix(_FIELD)].text = after
        elif key == "documents_until":
            tender.documents_until = date.fromisoformat(after)
        elif key in ("deadline", "clarification_until"):
            setattr(tender, key, datetime.fromisoformat(after))
        else:
            setattr(tender, key, after)
    session.flush()


def differences(tender: Tender, changes: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """The changes side by side, as the corrigendum prints them: field, before, after."""
    titles = HEAD_TITLES | {f"{_FIELD}{key}": title for key, title in field_titles(tender).items()}
    return [
        {"field": titles.get(key, key), "before": _printed(key, before), "after": _printed(key, after)}
        for key, (before, after) in changes.items()
    ]


def _printed(key: str, text: str) -> str:
    if not text:
        return "—"
    if key in ("deadline", "clarification_until"):
        return cn_time(datetime.fromisoformat(text))
    return cn_date(date.fromisoformat(text)) if key == "documents_until" else text


def corrigenda(session: Session, tender_id: int) -> list[Notice]:
    """The corrigenda of a tender, oldest first: the first is No. 1."""
    rows = select(Notice).where(Notice.tender_id == tender_id, Notice.kind == NoticeKind.CORRIGENDUM)
    return list(session.exec(rows.order_by(col(Notice.id))))


def confirm_corrigendum(session: Session, actor: Actor, clock: Clock, notice_id: int) -> CorrigendumReceipt:
    """A taker of the documents confirms having read a corrigendum; again changes nothing. It tells nobody before the
    opening who confirmed. Raises Refused after the deadline or without the documents.
    """
    organisation = insurer_of(actor, "tender:take_documents")
    notice = session.get(Notice, notice_id)
    if notice is None or notice.kind is not NoticeKind.CORRIGENDUM:
        raise NotFound(N_("There is no such corrigendum"))
    tender = locked_tender(session, notice.tender_id)
    now = clock.now()
    at_stage(tender, now, Stage.BIDDING)
    must_have_taken(session, tender, organisation)
    known = _receipt(session, notice, organisation)
    if known is not None:
        return known
    row = CorrigendumReceipt(
        notice_id=notice.id, organisation_id=organisation, confirmed_by=actor.user_id, confirmed_at=now
    )
    session.add(row)
    record_sealed(session, now, actor, tender, "tender:corrigendum:confirm", notice=notice.id)
    return row


def _receipt(session: Session, notice: Notice, organisation: int) -> CorrigendumReceipt | None:
    found: CorrigendumReceipt | None = session.exec(
        select(CorrigendumReceipt).where(
            CorrigendumReceipt.notice_id == notice.id, CorrigendumReceipt.organisation_id == organisation
        )
    ).one_or_none()
    return found


def confirmed(session: Session, notice: Notice, organisation: int) -> bool:
    """Whether this organisation confirmed the corrigendum; callers ask only for their own."""
    return _receipt(session, notice, organisation) is not None


def submitted_before(session: Session, bid: Bid) -> list[int]:
    """The numbers of the corrigenda that came after the submission that counts: the bid stays, and is marked."""
    last = last_submission(session, bid)
    if last is None:
        return []
    return [
        number
        for number, notice in enumerate(corrigenda(session, bid.tender_id), 1)
        if notice.published_at > last.submitted_at
    ]

