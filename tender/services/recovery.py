"""The recovery ladder (security 1.3): which shares suffice, two recovery holders together, and re-revealing by bidders.

A quorum of officers has no loss. Without it, two recovery holders open together and say publicly why. Without them,
every bidder shows its own recovery file within a day; one that has not the submitted commitment is refused, so nothing
can be altered.
"""

import json
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core import audit, messages
from core.clock import Clock
from core.errors import Invalid, N_, NotFound, Refused
from core.house import files_of
from core.identity.actor import Actor, require
from core.identity.approvals import executor, request
from core.identity.models import Approval
from tender import seal
from tender.models import (
    DocumentTaker,
    EnvelopeKind,
    KeyShare,
    OpeningShare,
    RevealedEnvelope,
    RevealWindow,
    Tender,
    TenderKey,
)
from tender.rules.stages import Stage, may_open_from
from tender.services.bidding import counted_envelope, last_submission, own_bid
from tender.services.clarification import insurer_of
from tender.services.sealed_record import record_sealed
from tender.services.stage import at_stage, cite, locked_tender, lot_and_tender, purchasers_own

#: How long bidders may re-reveal; the tender document prints it.
REVEAL = timedelta(hours=24)


def is_recovery(subset: str) -> bool:
    """Whether the subset is that of the recovery holders."""
    return subset.startswith("R")


def holders_of(subset: str) -> list[int]:
    """The officer keys of a subset, in its order."""
    return [int(number) for number in subset.removeprefix("R").split("-")]


def posted_shares(session: Session, key: TenderKey) -> list[OpeningShare]:
    """Who has posted shares for this key, in order of time."""
    rows = select(OpeningShare).where(OpeningShare.tender_key_id == key.id)
    return list(session.exec(rows.order_by(col(OpeningShare.posted_at), col(OpeningShare.id))))


def ready_subset(session: Session, key: TenderKey) -> tuple[str | None, list[OpeningShare]]:
    """The subset whose holders have all posted (officers before recovery holders), or None; and all that is posted."""
    posted = posted_shares(session, key)
    given = {row.officer_key_id: row.shares for row in posted}
    subsets = set(session.exec(select(KeyShare.subset).where(KeyShare.tender_key_id == key.id)))
    for subset in sorted(subsets, key=lambda name: (is_recovery(name), name)):
        if all(given.get(holder, {}).get(subset) for holder in holders_of(subset)):
            return subset, posted
    return None, posted


def window_of(session: Session, tender_id: int, envelope: EnvelopeKind) -> RevealWindow | None:
    """The time in which bidders re-reveal envelopes of this kind, or None."""
    found: RevealWindow | None = session.exec(
        select(RevealWindow).where(RevealWindow.tender_id == tender_id, RevealWindow.envelope == envelope)
    ).one_or_none()
    return found


def ended_window(session: Session, now: datetime, tender: Tender, envelope: EnvelopeKind) -> RevealWindow | None:
    """The window once it has ended; None where there is none. Raises Refused while it runs."""
    window = window_of(session, tender.id or 0, envelope)
    if window is not None and now < window.closes_at:
        raise Refused(N_("The bidders may re-reveal until %(time)s; only then can be opened"), time=window.closes_at)
    return window


def _envelope_due(tender: Tender, now: datetime) -> EnvelopeKind:
    standing = at_stage(tender, now, Stage.SEALED, Stage.PRICE_OPENING)
    if standing is Stage.PRICE_OPENING:
        return EnvelopeKind.PRICE
    if tender.deadline and now < may_open_from(tender.deadline, tender.grace_minutes):
        raise Refused(
            N_("The envelopes can be opened %(minutes)s minutes after the deadline at the earliest"),
            minutes=tender.grace_minutes, clause=cite(tender, "opening"),
        )  # fmt: skip
    return EnvelopeKind.TECHNICAL


def request_reveal(session: Session, actor: Actor, clock: Clock, tender_id: int, reason: str) -> Approval:
    """Ask a second person to let the bidders re-reveal, because neither officers nor recovery holders can open."""
    require(actor, "tender:publish")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    envelope = _envelope_due(tender, clock.now())
    if not reason.strip():
        raise Invalid(N_("Say what was lost; bidders and the opening record read it"), field="reason")
    if window_of(session, tender_id, envelope) is not None:
        raise Refused(N_("The bidders have been asked to re-reveal already"))
    return request(
        session, actor, clock, "tender.reveal", tender,
        message=N_("Tender %(number)s: the keys are lost; bidders re-reveal within a day (%(reason)s)"),
        params={"number": tender.number, "reason": reason.strip()},
        payload={"reason": reason.strip(), "envelope": envelope.value},
    )  # fmt: skip


@executor("tender.reveal", permission="tender:publish", page=("tender.opening", "tender_id"))
def open_window(session: Session, actor: Actor, clock: Clock, approval: Approval) -> RevealWindow:
    """Begin the day of re-revealing and tell everybody who took the documents; nobody learns who of them bid."""
    tender = locked_tender(session, int(approval.subject_id))
    now = clock.now()
    envelope = _envelope_due(tender, now)
    window = RevealWindow(
        tender_id=tender.id, envelope=envelope, reason=approval.payload["reason"], opened_at=now, closes_at=now + REVEAL
    )
    session.add(window)
    audit.record(session, now, actor, "tender:reveal:open", tender, envelope=envelope.value, reason=window.reason)
    takers = session.exec(select(DocumentTaker.organisation_id).where(DocumentTaker.tender_id == tender.id)).all()
    messages.send(
        session, now, to=[messages.People(number, "tender:bid") for number in takers],
        subject=N_("%(tender)s: the opening keys are lost; who has bid gives the recovery file by %(until)s"),
        tender=tender.number, until=window.closes_at, link=f"/tenders/opportunities/{tender.id}/bid",
        clause=cite(tender, "opening"), key=f"reveal:{tender.id}:{envelope.value}",
    )  # fmt: skip
    return window


def reveal(
    session: Session, actor: Actor, clock: Clock, lot_id: int, envelope: EnvelopeKind, recovery_file: bytes
) -> RevealedEnvelope:
    """A bidder gives the recovery file of its submitted envelope; kept only if the commitment is the submitted one.

    Raises Refused outside the time, NotFound without a standing bid, Invalid for a file that is none or is altered.
    """
    insurer_of(actor, "tender:submit_bid")
    _lot, tender = lot_and_tender(session, lot_id)
    now = clock.now()
    window = window_of(session, tender.id or 0, envelope)
    if window is None or now >= window.closes_at:
        raise Refused(N_("The bidders are not asked to re-reveal now"))
    bid = own_bid(session, actor, lot_id)
    if bid is None or bid.withdrawn_at is not None or last_submission(session, bid) is None:
        raise NotFound(N_("You have no standing bid in this lot"))
    row = counted_envelope(session, bid, envelope)
    container = _container(recovery_file)
    try:
        fits = seal.commitment_of(container) == row.commitment
    except seal.ContainerFault:
        fits = False
    if not fits:
        message = N_("This is not what was submitted: its commitment is another, so nothing was taken")
        raise Invalid(message, field="recovery", clause=cite(tender, "opening"))
    shown = session.get(RevealedEnvelope, row.id)
    if shown is None:
        shown = RevealedEnvelope(
            envelope_id=row.id, content_sha256=files_of(session).put(container), revealed_by=actor.user_id,
            revealed_at=now,
        )  # fmt: skip
        session.add(shown)
        record_sealed(session, now, actor, tender, "tender:envelope:reveal", envelope=envelope.value)
    return shown


def _container(recovery_file: bytes) -> bytes:
    try:
        return bytes.fromhex(json.loads(recovery_file)["container"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid(N_("This is not a recovery file"), field="recovery") from None
