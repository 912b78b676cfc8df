"""The way on after a failed tender: tendered again, or the government decides how the insurers are found (J11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from core import audit, policy
from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.show import cn_number
from core.errors import Invalid, N_, Refused
from core.house import files_of
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval, Organisation, OrganisationKind
from core.messages.services import People, send
from core.money import round_fen
from tender.models import Award, ContractTerms, GovernmentDecision, HistoricalYear, Lot, Tender
from tender.rules.splitting import Part, parts_of, term_total
from tender.rules.stages import Stage
from tender.services.drafts import BasicsDraft
from tender.services.papers import years_of
from tender.services.papers_fallback import issue_fallback_notice
from tender.services.preparation import clone_tender, lots_of
from tender.services.stage import at_stage, locked_tender, purchasers_own

#: What an uploaded decision may be.
SUFFIXES = ("pdf",)
MEGABYTES = 20


@dataclass(frozen=True)
class Choice:
    """An insurer that the government chose for a lot, in order, and its price in the lot's unit."""

    lot: int
    insurer: int
    price: Decimal


def clause_of(tender: Tender, on: date) -> str | None:
    """Where the policy paper gives the decision to the government, or None where it does not."""
    rule = policy.view(tender.pack, on).tender
    if rule is None or rule.fallback is None:
        return None
    return f"{rule.fallback.clause.document}{rule.fallback.clause.article}"


def open_lots(session: Session, tender: Tender) -> list[Lot]:
    """The failed lots of a tender for which nobody was found: what a decision or a new tender can be about."""
    if tender.failed_at is None and tender.awarded_at is None:
        return []
    held = set(session.exec(_standing(tender)).all())
    return [lot for lot in lots_of(session, tender.id or 0) if lot.failed_at is not None and lot.id not in held]


def _standing(tender: Tender) -> Any:
    return select(Award.lot_id).where(Award.tender_id == tender.id, col(Award.declined_at).is_(None))


def request_decision(
    session: Session, actor: Actor, clock: Clock, tender_id: int, *, number: str, issuer: str, decided_on: date,
    method: str, content: bytes, file_name: str, choices: Sequence[Choice],
) -> Approval:  # fmt: skip
    """Ask a second person to record the government's decision on failed lots, with its document and the insurers.

    Raises Invalid for a decision without document, a day in the future, a lot that did not fail or a number of
    insurers that the lot's division does not know; Refused where no lot has failed.
    """
    require(actor, "tender:record_decision")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.FAILED, Stage.AWARDED)
    clause = clause_of(tender, local_date(now))
    for value, field, text in (
        (number, "number", N_("Name the number of the document")),
        (issuer, "issuer", N_("Name who decided")),
        (method, "method", N_("Say how the insurers are found, in the decision's words")),
    ):
        if not value.strip():
            raise Invalid(text, field=field, clause=clause)
    if decided_on > local_date(now):
        raise Invalid(N_("The decision cannot be of a day to come"), field="decided_on")
    if not content.startswith(b"%PDF-"):
        raise Invalid(N_("The decision's document must be a PDF"), field="file")
    _parts(session, tender, choices)
    return request(
        session,
        actor,
        clock,
        "tender.decision",
        tender,
        message=N_("Record the government's decision %(document)s on tender %(number)s and who takes over the cover"),
        params={"number": tender.number, "document": number.strip()},
        payload={
            "number": number.strip(), "issuer": issuer.strip(), "decided_on": decided_on.isoformat(),
            "method": method.strip(), "file": files_of(session).put(content), "file_name": file_name[:120],
            "choices": [{"lot": one.lot, "insurer": one.insurer, "price": format(one.price, "f")} for one in choices],
        },
    )  # fmt: skip


def _parts(session: Session, tender: Tender, choices: Sequence[Choice]) -> list[tuple[Lot, int, Choice, Part]]:
    """Each choice with its place and part of the insured: the lot's own division, or the whole for one insurer."""
    lots = {lot.id or 0: lot for lot in open_lots(session, tender)}
    if not lots:
        raise Refused(N_("No lot of this tender waits for a decision"))
    if not choices:
        raise Invalid(N_("Name the insurer of at least one lot"), field="choices")
    chosen: dict[int, list[Choice]] = {}
    for one in choices:
        company = session.get(Organisation, one.insurer)
        if one.lot not in lots:
            raise Invalid(N_("This lot did not fail, or somebody was found for it"), field="choices")
        if company is None or company.kind is not OrganisationKind.INSURER:
            raise Invalid(N_("Only an insurer can take over the cover"), field="choices")
        if one.price <= 0 or one.price > lots[one.lot].ceiling:
            raise Invalid(N_("The price must be above zero and within the ceiling"), field="choices")
        chosen.setdefault(one.lot, []).append(one)
    found = []
    for number, named in chosen.items():
        lot = lots[number]
        if len({one.insurer for one in named}) < len(named) or len(named) not in (1, lot.winners):
            raise Invalid(N_("Name one insurer for the whole lot, or as many as the lot has winners"), field="choices")
        whole = [Part(Decimal(1), lot.insured_count, lot.area)]
        parts = whole if len(named) == 1 else parts_of(lot.split_method, lot.split, lot.insured_count, lot.area)
        found += [(lot, place, one, part) for place, (one, part) in enumerate(zip(named, parts, strict=True), 1)]
    return found


@executor("tender.decision", permission="tender:record_decision", page=("tender.fallback", "tender_id"))
def record_decision(session: Session, actor: Actor, clock: Clock, approval: Approval) -> GovernmentDecision:
    """Record the decision and its awards, publish the notice with the document, and tell the insurers."""
    tender = locked_tender(session, int(approval.subject_id))
    now = clock.now()
    at_stage(tender, now, Stage.FAILED, Stage.AWARDED)
    said: Mapping[str, Any] = approval.payload
    choices = [Choice(one["lot"], one["insurer"], Decimal(one["price"])) for one in said["choices"]]
    parts = _parts(session, tender, choices)
    row = GovernmentDecision(
        tender_id=tender.id, number=said["number"], issuer=said["issuer"],
        decided_on=date.fromisoformat(said["decided_on"]), method=said["method"], file_sha256=said["file"],
        file_name=said["file_name"], requested_by=approval.requested_by, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    awards = [_award(session, now, tender, row, *one) for one in parts]
    session.flush()
    row.document_id = issue_fallback_notice(session, actor, clock, tender, row, awards).id
    for award in awards:
        send(
            session, now, to=People(award.insurer_id, "contracts:view"),
            subject=N_("The government's decision on tender %(number)s names your company"),
            link=f"/notices/{row_number(session, row)}", key=f"tender:{tender.id}:decision:{award.id}",
            number=tender.number, clause=clause_of(tender, local_date(now)) or "",
        )  # fmt: skip
    audit.record(
        session, now, actor, "tender:decision:record", tender, decision=row.id, awards=[award.id for award in awards]
    )
    return row


def row_number(session: Session, row: GovernmentDecision) -> str:
    """The number of the notice of a decision."""
    return session.get_one(IssuedDocument, row.document_id).number


def _award(
    session: Session, now: datetime, tender: Tender, decision: GovernmentDecision, lot: Lot, place: int, one: Choice,
    part: Part,
) -> Award:  # fmt: skip
    whole = term_total(lot.price_object, one.price, part.insured, years_of(tender), lot.budget)
    row = Award(
        tender_id=tender.id, lot_id=lot.id, bid_id=None, decision_id=decision.id, insurer_id=one.insurer, place=place,
        price=one.price, share=part.share, insured_count=part.insured, area=part.area, term_total=round_fen(whole),
        decided_at=now,
    )  # fmt: skip
    session.add(row)
    return row


def decisions_of(session: Session, tender_id: int) -> list[GovernmentDecision]:
    """The government's decisions on a tender, oldest first."""
    rows = select(GovernmentDecision).where(GovernmentDecision.tender_id == tender_id)
    return list(session.exec(rows.order_by(col(GovernmentDecision.id))))


def retender(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Tender:
    """Begin the tender again for its failed lots, linked to the first one; everything in it can still be edited.

    Raises Refused where no lot has failed or the tender was already begun again.
    """
    require(actor, "tender:prepare")
    first = locked_tender(session, tender_id)
    purchasers_own(actor, first)
    at_stage(first, clock.now(), Stage.FAILED, Stage.AWARDED)
    lots = open_lots(session, first)
    if not lots:
        raise Refused(N_("No lot of this tender waits for a new one"))
    if following(session, first):
        raise Refused(N_("This tender was already begun again"))
    values = {part.name: getattr(first, part.name) for part in fields(BasicsDraft)}
    budget = sum((lot.budget for lot in lots), Decimal(0))
    basics = BasicsDraft(
        **{
            **values, "media": tuple(first.media), "budget": budget,
            **_named_again(session, first),
            "bid_security": min(first.bid_security, round_fen(budget / 50)),
        }
    )  # fmt: skip
    again = clone_tender(session, actor, clock, tender_id, basics=basics)
    again.retender_of_id = first.id
    kept = {lot.position for lot in lots}
    _only(session, again, kept)
    return again


def _named_again(session: Session, failed: Tender) -> dict[str, str]:
    """Number and title of the next attempt, from those of the first: '…-2' and （第二次）, then '…-3', （第三次）."""
    first, attempt = failed, 2
    while first.retender_of_id is not None:
        first, attempt = session.get_one(Tender, first.retender_of_id), attempt + 1
    suffix = f"-{attempt}"
    return {
        "number": f"{first.number[: 40 - len(suffix)]}{suffix}",
        "title": f"{first.title[:190]}（第{cn_number(attempt)}次）",
    }


def _only(session: Session, again: Tender, kept: set[int]) -> None:
    """Leave out the lots that did not fail, and number the rest from 1."""
    rest = []
    for lot in lots_of(session, again.id or 0):
        if lot.position in kept:
            rest.append(lot)
            continue
        for model in (ContractTerms, HistoricalYear):
            for row in session.exec(select(model).where(model.lot_id == lot.id)).all():  # type: ignore[attr-defined]
                session.delete(row)
        session.flush()
        session.delete(lot)
    session.flush()
    for position, lot in enumerate(rest, 1):
        lot.position = position
        session.flush()


def following(session: Session, tender: Tender) -> Tender | None:
    """The tender that took up a failed one, or None."""
    found: Tender | None = session.exec(select(Tender).where(Tender.retender_of_id == tender.id)).first()
    return found
