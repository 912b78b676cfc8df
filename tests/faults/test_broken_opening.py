"""An opening that breaks after two of five bids leaves nothing behind and, begun again, is done once and whole."""


import pytest
from sqlmodel import Session, col, select

from core.audit import AuditEvent
from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from tender import services
from tender.models import Bid, Envelope, EnvelopeKind, Opening, OpeningShare, SealedEvent, Tender
from tender.services import opening
from tests.factories import tender as make

PRICES = ("36.00", "36.50", "37.00", "37.50", "38.00")


class PowerCut(BaseException):
    """Nothing that any code of ours handles: the process ends here."""


def breaks_after(monkeypatch: pytest.MonkeyPatch, step: str, bids: int) -> None:
    """Let this step of opening one envelope work for so many bids, and end everything at the next."""
    real, done = getattr(opening, step), []

    def broken(*given: object) -> object:
        if len(done) == bids:
            raise PowerCut
        done.append(given)
        return real(*given)

    monkeypatch.setattr(opening, step, broken)


def traces(session: Session, tender: Tender) -> dict[str, object]:
    """All that an opening leaves in the database."""
    session.expire_all()
    opened = select(Envelope).where(col(Envelope.opened_at).is_not(None) | col(Envelope.failure).is_not(None))
    acts = select(AuditEvent).where(AuditEvent.action == "tender:envelope:open")
    told = select(SealedEvent).where(col(SealedEvent.disclosed_at).is_not(None))
    return {
        "opened": len(session.exec(opened).all()),
        "openings": len(session.exec(select(Opening)).all()),
        "papers": len(session.exec(select(IssuedDocument)).all()),
        "acts": len(session.exec(acts).all()),
        "told": len(session.exec(told).all()),
        "at": tender.technical_opened_at,
        "closed": tender.closing_hash,
    }


@pytest.mark.parametrize("step", ["_checked", "_opened_facts", "issue_opening_record"])
def test_an_opening_that_breaks_is_done_once_when_begun_again(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    people = make.cast(session, clock, insurers=5)
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, PRICES, strict=True):
        make.submitted(session, clock, insurer, tender, price)
    before = traces(session, tender)

    with monkeypatch.context() as patched:
        breaks_after(patched, step, 2 if step == "_checked" else 0)
        with pytest.raises(PowerCut):
            make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    assert traces(session, tender) == before
    held = session.exec(select(OpeningShare)).all()
    assert len(held) == 2
    assert all(row.shares for row in held), "the officers need not come again"
    session.rollback()

    with transaction(session):
        services.open_envelopes(session, people.officers[0], clock, tender.id or 0, EnvelopeKind.TECHNICAL)
    after = traces(session, tender)
    assert (after["opened"], after["openings"], after["acts"]) == (5, 1, 1)
    assert after["papers"] == before["papers"] + 1  # type: ignore[operator]
    assert {bid.id for bid in services.opened_bids(session, tender)} == set(session.exec(select(Bid.id)).all())
    assert not any(row.shares for row in session.exec(select(OpeningShare)).all())
