"""The assessment a tender fixes for a lot: its weights add up, and the draft papers print them."""

from decimal import Decimal

import pytest
from sqlmodel import Session

from core.clock import FixedClock
from core.db import transaction
from core.errors import Invalid
from tender import services
from tender.services.papers_document import tender_document_context
from tests.factories import tender as make

WEIGHTS = (("保障能力", "0.40"), ("服务水平", "0.35"), ("参保人满意度", "0.25"))


def test_weights_of_the_assessment_stand_in_the_draft_contract(session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock)
    tender = make.prepared(session, clock, people)
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    assessment = tuple({"name": name, "weight": weight} for name, weight in WEIGHTS)
    with transaction(session):
        services.set_contract_terms(session, people.handler, clock, lot, make.terms(assessment=assessment))
    printed = tender_document_context(session, tender, make.NOTICE_DAY)["terms"]["assessment"]
    assert [(part["name"], part["weight"]) for part in printed] == [(name, Decimal(w)) for name, w in WEIGHTS]


@pytest.mark.parametrize("weights", [("0.40", "0.50"), ("1.10", "-0.10")])
def test_weights_that_do_not_add_up_are_refused(
    session: Session, clock: FixedClock, weights: tuple[str, ...]
) -> None:
    people = make.cast(session, clock)
    tender = make.prepared(session, clock, people)
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    assessment = tuple({"name": f"指标{number}", "weight": weight} for number, weight in enumerate(weights))
    with pytest.raises(Invalid, match="add up"), transaction(session):
        services.set_contract_terms(session, people.handler, clock, lot, make.terms(assessment=assessment))
