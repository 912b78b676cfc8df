"""A whole tender through its verbs: three insurers, one lot, from the pack to the award letters."""

from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core import audit
from core.clock import FixedClock
from core.documents.models import IssuedDocument
from tender import services
from tender.models import Award, BidResult, EnvelopeKind, Notice, NoticeKind
from tender.rules.stages import Stage
from tests.factories import tender as make


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


def test_a_tender_runs_from_the_pack_to_the_award(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    assert services.stage_of(tender, clock.now()) is Stage.BIDDING
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)

    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender, {people.insurers[2].organisation_id or 0: 1})
    assert services.stage_of(tender, clock.now()) is Stage.PRICE_OPENING
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)

    assert services.stage_of(tender, clock.now()) is Stage.AWARDED
    awards = services.awards_by_tender(session, tender.id or 0)
    assert [(row.insurer_id, row.place, row.price, row.insured_count, row.share, row.term_total) for row in awards] == [
        (people.insurers[0].organisation_id, 1, Decimal("36.50"), 1_200_000, Decimal("0.60"), Decimal("131400000.00")),
        (people.insurers[1].organisation_id, 2, Decimal("37.00"), 800_000, Decimal("0.40"), Decimal("88800000.00")),
    ]
    first = session.exec(select(BidResult).where(BidResult.rank == 1)).one()
    assert (first.total, first.price_score) == (Decimal("100.00"), Decimal("20.0000"))
    kinds = sorted(session.exec(select(IssuedDocument.kind)))
    assert kinds == sorted(
        ["tender_notice", "tender_document", "opening_record", "opening_record", "evaluation_report", "award_notice"]
        + ["award_letter"] * 2
        + ["draw_record", "result_letter"]
    )
    assert [row.kind for row in session.exec(select(Notice))] == [NoticeKind.TENDER, NoticeKind.AWARD]
    assert all(row.letter_id for row in session.exec(select(Award)))
    assert list(audit.verify(session)) == []
