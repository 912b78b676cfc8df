"""Disclosures and filings brought as far as a test needs them, on a contract year of the settlement factory."""

from typing import cast

from sqlmodel import Session

from contracts import services as contract_services
from core.clock import FixedClock, beijing
from core.db import transaction
from core.identity import approvals
from disclosure import services
from disclosure.models import Disclosure, DisclosureKind, Filing, FilingKind
from tests.factories import contracts, settlement
from tests.factories.settlement import Season

#: Two working days after the sheet of the settlement factory is issued.
LATER = beijing(2018, 4, 12, 9)


def announced(session: Session, clock: FixedClock, season: Season) -> None:
    """The contract notice published: from now on the contract year is public."""
    contracts.approve(session, clock, season.case, contract_services.request_contract_notice, season.contract_id)


def settled(session: Session, clock: FixedClock, balance: str = "1200000.00") -> Season:
    """A public contract year with an issued settlement sheet: by default a surplus of four per cent."""
    season = settlement.ready(session, clock, balance)
    settlement.issued(session, clock, season)
    announced(session, clock, season)
    clock.move_to(LATER)
    return season


def prepared(
    session: Session, clock: FixedClock, season: Season, kind: DisclosureKind, reason: str | None = None
) -> int:
    """A disclosure drawn up by the insurer; returns its key."""
    with transaction(session):
        row = services.prepare_disclosure(
            session, season.case.preparer, clock, season.contract_id, kind, correction_reason=reason
        )
        session.flush()
        return cast(int, row.id)


def published(
    session: Session, clock: FixedClock, season: Season, kind: DisclosureKind, reason: str | None = None
) -> Disclosure:
    """A disclosure drawn up by one person of the insurer and published by another."""
    key = prepared(session, clock, season, kind, reason)
    with transaction(session):
        asked = services.request_publication(session, season.case.preparer, clock, key)
        session.flush()
        request_id = cast(int, asked.id)
    with transaction(session):
        return cast(Disclosure, approvals.approve(session, season.case.signer, clock, request_id))


def drafted_filing(
    session: Session, clock: FixedClock, season: Season, kind: FilingKind = FilingKind.CONTRACT_COPY
) -> int:
    """A filing about the season's contract, addressed to an invented office."""
    with transaction(session):
        row = services.prepare_filing(
            session, season.case.handler, clock, kind, season.contract_id, addressee="演示省财政厅"
        )
        session.flush()
        return cast(int, row.id)


def sent_filing(session: Session, clock: FixedClock, season: Season, filing_id: int) -> Filing:
    """A drafted filing signed and sent by a second person."""
    with transaction(session):
        asked = services.request_submission(session, season.case.handler, clock, filing_id)
        session.flush()
        request_id = cast(int, asked.id)
    with transaction(session):
        return cast(Filing, approvals.approve(session, season.case.approver, clock, request_id))
