"""Corrigenda: what changes between notice and deadline, with reason and difference, decided by two people."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from core import audit
from core.calendar import china
from core.clock import Clock, local_date
from core.errors import Invalid, N_, NotFound, Refused
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from core.policy.procurement import limits
from tender.models import Bid, CorrigendumReceipt, Notice, NoticeKind, Tender
from tender.rules import clauses
from tender.rules.checking import Check
from tender.rules.correction import CorrectionFacts, correction_faults
from tender.rules.publication import blocking
from tender.rules.splitting import unit_of
from tender.rules.stages import Stage
from tender.rules.words import PriceObject
from tender.services.bidding import last_submission
from tender.services.clarification import insurer_of, must_have_taken
from tender.services.correctable import (
    BUDGET,
    CRITERIA,
    FEW_VALID,
    HEAD_TITLES,
    LOW_PRICE,
    Matter,
    as_json,
    as_text,
    ceiling_text,
    division,
    matters,
    shares,
    table_changes,
    table_text,
)
from tender.services.drafts import LotDraft, TermsDraft
from tender.services.papers_notices import issue_corrigendum
from tender.services.publication import keep_entries, publication_checks, timetable_of
from tender.services.sealed_record import record_sealed
from tender.services.stage import at_stage, locked_tender, purchasers_own
from tender.services.telling import CORRECTED, tell_takers
from tender.starting import CriterionDraft

#: A changed text of the document, lot, condition of the contract or scoring line always counts as affecting the bids.
_FIELD = "field-"
#: Checks of the timetable: a correction has its own limits for its dates.
_DATES = frozenset({"timetable", "notice_on", "deadline", "documents_until", "clarification_until"})


@dataclass(frozen=True)
class Correction:
    """What shall stand after the correction; None and absent fields stay. affects_bids: see `tender.rules.correction`.

    A changed mandatory field, budget, lot, contract parameter or scoring table always counts as affecting the bids,
    because bidders answer to it. lots and terms: by position, whole; conditions: the texts, which must be as published.
    low_price_ratio: zero takes a raised ratio back to the rule set's own.
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
    budget: Decimal | None = None
    lots: Mapping[int, LotDraft] = field(default_factory=dict)
    terms: Mapping[int, TermsDraft] = field(default_factory=dict)
    criteria: Sequence[CriterionDraft] | None = None
    conditions: Sequence[str] | None = None
    few_valid_go_on: bool | None = None
    low_price_ratio: Decimal | None = None


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
    known, wanted = matters(session, tender), _wanted(correction)
    for key in wanted:
        _changeable(tender, known, key, wanted[key])
    changes = {key: [known[key].standing, text] for key, text in wanted.items() if text != known[key].standing}
    if not changes:
        raise Invalid(N_("Nothing is changed"), field="deadline")
    affects = correction.affects_bids or any(key not in HEAD_TITLES for key in changes)
    _lawful(tender, now, changes, affects)
    _in_new_units(changes)
    _still_publishable(session, tender, changes)
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


def _wanted(correction: Correction) -> dict[str, str]:
    """What shall stand, as text, by the keys of `tender.services.correctable.matters`."""
    found = {key: as_text(value) for key in HEAD_TITLES if (value := getattr(correction, key)) not in (None, "")}
    found |= {f"{_FIELD}{key}": text.strip() for key, text in correction.fields.items()}
    if correction.budget is not None:
        found[BUDGET] = as_text(correction.budget)
    for position, lot in correction.lots.items():
        plain = {name: getattr(lot, name) for name in ("insured_count", "budget", "winners", "name", "area")}
        plain |= {"scheme": lot.scheme.value, "price_object": lot.price_object.value}
        plain |= {"ceiling": ceiling_text(lot.price_object, lot.ceiling)}
        plain |= {"split": division(lot.split_method, lot.split)}
        found |= {f"lot-{position}-{name}": as_text(value) for name, value in plain.items()}
    for position, terms in correction.terms.items():
        names = ("sharing_reading", "rate_definition", "expense_cap_rate", "claims_basis", "manual_settlement_days",
                 "disclosure_working_days", "dispute_working_days")  # fmt: skip
        plain = {name: getattr(terms, name) for name in names}
        plain |= {"cutoff": f"{terms.cutoff_month}-{terms.cutoff_day}"}
        plain |= {"instalments": shares(terms.instalments, "share"), "assessment": shares(terms.assessment, "weight")}
        found |= {f"terms-{position}-{name}": as_text(value) for name, value in plain.items()}
    if correction.few_valid_go_on is not None:
        found[FEW_VALID] = as_text(correction.few_valid_go_on)
    if correction.low_price_ratio is not None:
        found[LOW_PRICE] = as_text(correction.low_price_ratio or None)
    if correction.criteria is not None:
        found[CRITERIA] = table_text(correction.criteria)
    if correction.conditions is not None:
        found["conditions"] = as_json(list(correction.conditions))
    return found


def _changeable(tender: Tender, known: Mapping[str, Matter], key: str, text: str) -> None:
    """Refuse another subject or other conditions, with the article; NotFound for what a tender does not have."""
    matter = known.get(key) or (known["lots"] if key.startswith(("lot-", "terms-")) else None)
    if matter is None:
        raise NotFound(N_("There is no such field"))
    if matter.subject and (key not in known or text != matter.standing):
        message = N_("“%(matter)s” stands as published: another one is a new procurement, so cancel and begin again")
        clause = clauses.unchangeable(tender.rule_set)
        raise Refused(message, matter=matter.title, clause=clause, field=key.rpartition("-")[0] or key)


def _in_new_units(changes: Mapping[str, list[str]]) -> None:
    """Refuse another price object without a ceiling in its unit: an old figure says nothing in a new one."""
    for key, (before, after) in changes.items():
        if not key.endswith("-price_object"):
            continue
        left, right = (PriceObject(text) for text in (before, after))
        lot = key.removesuffix("price_object")
        figures = {text.partition(" ")[2] for text in changes[f"{lot}ceiling"]}
        if unit_of(left) != unit_of(right) and len(figures) == 1:
            raise Invalid(N_("Another price is bid: give the ceiling in its unit"), field=f"{lot}ceiling")


class _Tried(Exception):
    """Takes back what was written for a trial: the savepoint ends with it."""


def _still_publishable(session: Session, tender: Tender, changes: Mapping[str, list[str]]) -> None:
    """Refuse a change after which a check of the publication fails that holds now; nothing stays written."""
    before, after = _faults(session, tender), list[Check]()
    with suppress(_Tried), session.begin_nested():
        _write(session, tender, changes)
        after += _faults(session, tender)
        raise _Tried
    _refuse_first(after, before)


def _faults(session: Session, tender: Tender) -> list[Check]:
    """What would forbid to publish what stands now; the dates have limits of their own here."""
    return [check for check in blocking(publication_checks(session, tender)) if check.field not in _DATES]


def _refuse_first(after: Sequence[Check], before: Sequence[Check]) -> None:
    known = {(check.what, check.field) for check in before}
    for check in after:
        if (check.what, check.field) not in known:
            raise Refused(check.why, clause=check.clause or None, field=check.field, **check.params)


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
    known = matters(session, tender)
    if any(key not in known or known[key].standing != before for key, (before, _after) in changes.items()):
        raise Refused(N_("The tender has changed since the request: ask again"))
    _lawful(tender, now, changes, approval.payload["affects_bids"])
    shown, faults, moved = differences(session, tender, changes), _faults(session, tender), tender.deadline
    _write(session, tender, changes)
    _refuse_first(_faults(session, tender), faults)
    if moved != tender.deadline:
        tender.planned = {}  # the later days were chosen from the old deadline; they follow again
    timetable = timetable_of(tender)
    if timetable is not None:
        keep_entries(session, tender, timetable)
    told = _touching(shown, approval.payload["affects_bids"])
    notice = issue_corrigendum(
        session, actor, clock, tender, reason=approval.payload["reason"], changes=told,
        deadline_before=moved if moved != tender.deadline else None,
    )  # fmt: skip
    audit.record(
        session, now, actor, "tender:notice:correct", tender, notice=notice.id, fields=sorted(changes),
        deadline=as_text(tender.deadline),
    )  # fmt: skip
    tell_takers(session, now, tender, CORRECTED, anchor="corrigenda", key=f"notice:{notice.id}")
    return notice


def _write(session: Session, tender: Tender, changes: Mapping[str, list[str]]) -> None:
    known = matters(session, tender)
    for key, (_before, after) in changes.items():
        write = known[key].write
        if write is not None:
            write(after)
    session.flush()


def differences(session: Session, tender: Tender, changes: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """The changes side by side, as the corrigendum prints them: field, before, after; and the key of the matter."""
    known, found = matters(session, tender), []
    for key, (before, after) in changes.items():
        if key == CRITERIA:
            found += [
                {"field": known[key].title, "before": left, "after": right, "key": key}
                for left, right in table_changes(before, after)
            ]
            continue
        sides = (known[key].printed(text) if text else "—" for text in (before, after))
        found.append({"field": known[key].title, **dict(zip(("before", "after"), sides, strict=True)), "key": key})
    return found


def _touching(changes: list[dict[str, str]], affects: bool) -> list[dict[str, Any]]:
    """The changes with the lot whose bids each touches: its position, 0 for every lot, None for no bid.

    Dates, place and contact touch a bid only where the whole correction is said to affect bids and changes no more.
    """
    heads = all(change["key"] in HEAD_TITLES for change in changes)
    found = []
    for change in changes:
        part, _, rest = change["key"].partition("-")
        lot = int(rest.partition("-")[0]) if part in ("lot", "terms") else 0
        nothing = change["key"] in HEAD_TITLES and not (heads and affects)
        found.append({**change, "touches": None if nothing else lot})
    return found


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

