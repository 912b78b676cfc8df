"""Public processes: a published tender with what followed from it; bids stay unseen until prices are opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contracts.models import ServiceAgreement
from core.errors import N_, NotFound
from core.identity.models import Organisation
from disclosure.record.years import PublicYear, public_years
from tender.models import Award, Bid, BidResult, BidSubmission, Lot, Opening, PriceSheet, Tender
from tender.rules.stages import Stage
from tender.services.stage import stage_of


@dataclass(frozen=True)
class PublicBid:
    """A bid after the prices were opened: who, for which lot, at what price in the lot's unit, with what rank."""

    bid: Bid
    lot: Lot
    bidder: Organisation
    price: PriceSheet | None
    result: BidResult | None


@dataclass(frozen=True)
class PublicAward:
    """A winner of a lot, from the award notice on."""

    award: Award
    lot: Lot
    insurer: Organisation
    agreement: ServiceAgreement | None


@dataclass(frozen=True)
class Process:
    """A published tender with all of its public life. bidders: how many, None before anything was opened."""

    tender: Tender
    stage: Stage
    purchaser: Organisation
    policyholder: Organisation
    lots: tuple[Lot, ...]
    openings: tuple[Opening, ...]
    bidders: int | None
    bids: tuple[PublicBid, ...]
    awards: tuple[PublicAward, ...]
    years: tuple[PublicYear, ...]

    @property
    def is_open(self) -> bool:
        """Whether bids can still be handed in."""
        return self.stage is Stage.BIDDING


def public_processes(session: Session, now: datetime) -> list[Process]:
    """Every published tender, newest first."""
    query = select(Tender).where(col(Tender.published_at).is_not(None), col(Tender.published_at) <= now)
    tenders = session.exec(query.order_by(col(Tender.published_at).desc(), col(Tender.id).desc())).all()
    return _processes(session, tenders, now)


def process_by_number(session: Session, number: str, now: datetime) -> Process:
    """A published tender by its project number. Raises NotFound, also for one that is not published yet."""
    query = select(Tender).where(Tender.number == number, col(Tender.published_at) <= now)
    tender = session.exec(query).first()
    if tender is None:
        raise NotFound(N_("There is no published tender with this number"))
    return _processes(session, [tender], now)[0]


def linked_processes(session: Session, process: Process, now: datetime) -> tuple[Tender | None, Tender | None]:
    """The failed tender that this one takes up, and the published one that takes it up; None where there is none."""
    tender = process.tender
    first = session.get(Tender, tender.retender_of_id) if tender.retender_of_id else None
    again = session.exec(
        select(Tender).where(Tender.retender_of_id == tender.id, col(Tender.published_at) <= now)
    ).first()
    return first, again


def _processes(session: Session, tenders: Sequence[Tender], now: datetime) -> list[Process]:
    offices = {row.id: row for row in session.exec(select(Organisation))}
    years = public_years(session)
    return [_process(session, tender, offices, years, now) for tender in tenders]


def _process(
    session: Session,
    tender: Tender,
    offices: dict[int | None, Organisation],
    years: list[PublicYear],
    now: datetime,
) -> Process:
    lots = {
        lot.id: lot for lot in session.exec(select(Lot).where(Lot.tender_id == tender.id).order_by(col(Lot.position)))
    }
    openings = session.exec(select(Opening).where(Opening.tender_id == tender.id).order_by(col(Opening.id))).all()
    bids = _bids(session, tender, lots, offices) if openings else []
    return Process(
        tender=tender,
        stage=stage_of(tender, now),
        purchaser=offices[tender.purchaser_id],
        policyholder=offices[tender.policyholder_id],
        lots=tuple(lots.values()),
        openings=tuple(openings),
        bidders=len({one.bid.bidder_id for one in bids}) if openings else None,
        bids=tuple(bids) if tender.price_opened_at is not None else (),
        awards=tuple(_awards(session, tender, lots, offices)),
        years=tuple(year for year in years if year.tender.id == tender.id),
    )


def _bids(
    session: Session, tender: Tender, lots: dict[int | None, Lot], offices: dict[int | None, Organisation]
) -> list[PublicBid]:
    rows = session.exec(
        select(Bid, PriceSheet, BidResult)
        .join(PriceSheet, col(PriceSheet.bid_id) == col(Bid.id), isouter=True)
        .join(BidResult, col(BidResult.bid_id) == col(Bid.id), isouter=True)
        .where(
            Bid.tender_id == tender.id,
            col(Bid.withdrawn_at).is_(None),
            col(Bid.id).in_(select(BidSubmission.bid_id)),
        )
        .order_by(col(Bid.id))
    ).all()
    return [
        PublicBid(bid, lots[bid.lot_id], offices[bid.bidder_id], price, result if tender.awarded_at else None)
        for bid, price, result in rows
    ]


def _awards(
    session: Session, tender: Tender, lots: dict[int | None, Lot], offices: dict[int | None, Organisation]
) -> list[PublicAward]:
    rows = session.exec(
        select(Award, ServiceAgreement)
        .join(ServiceAgreement, col(ServiceAgreement.award_id) == col(Award.id), isouter=True)
        .where(Award.tender_id == tender.id, col(Award.declined_at).is_(None))
        .order_by(col(Award.lot_id), col(Award.place))
    ).all()
    return [
        PublicAward(award, lots[award.lot_id], offices[award.insurer_id], _signed(agreement))
        for award, agreement in rows
    ]


def _signed(agreement: ServiceAgreement | None) -> ServiceAgreement | None:
    """An agreement is public once both sides have signed it."""
    return agreement if agreement is not None and agreement.agency_signed_at else None
