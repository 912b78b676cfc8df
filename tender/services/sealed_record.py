"""Records what happens to a bid without telling anybody that it happened to a bid, until the opening discloses it.

Before the opening the names and the number of bidders are secret even from supervisors and administrators who read
the audit log. So an entry of a bid names no person, no organisation, no tender and no act: only a random reference and
the salted hash of what happened. Taking the documents, uploading, submitting, replacing and withdrawing all look
alike. The opening appends an entry with every reference, body and salt, and anybody can check them against the log.
"""

from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

import rfc8785
from sqlmodel import Session, col, select

from core import audit
from core.identity.actor import SYSTEM, Actor
from tender.models import SealedEvent, Tender

ACTION = "tender:sealed:event"


def record_sealed(
    session: Session, now: datetime, actor: Actor, tender: Tender, action: str, **facts: Any
) -> SealedEvent:
    """Keep what happened in secret and append its salted hash to the audit log, in the caller's transaction."""
    body = {
        "action": action,
        "at": now.isoformat(),
        "actor": actor.user_id,
        "organisation": actor.organisation_id,
        "tender": tender.number,
        "facts": facts,
    }
    event = SealedEvent(tender_id=tender.id, reference=token_hex(16), body=body, salt=token_hex(16))
    session.add(event)
    audit.record(session, now, SYSTEM, ACTION, ("sealed", event.reference), hash=hash_of(event.body, event.salt))
    return event


def hash_of(body: dict[str, Any], salt: str) -> str:
    """SHA-256(salt ‖ canonical body), hex: what the log holds instead of the body."""
    return sha256(salt.encode() + rfc8785.dumps(body)).hexdigest()


def disclose(session: Session, now: datetime, actor: Actor, tender: Tender) -> int:
    """Append the true content of every sealed entry of the tender to the log; returns how many there were."""
    hidden = select(SealedEvent).where(SealedEvent.tender_id == tender.id, col(SealedEvent.disclosed_at).is_(None))
    events = session.exec(hidden.order_by(col(SealedEvent.id))).all()
    for event in events:
        event.disclosed_at = now
    content = [{"reference": event.reference, "salt": event.salt, "body": event.body} for event in events]
    audit.record(session, now, actor, "tender:sealed:disclose", tender, events=content)
    return len(events)
