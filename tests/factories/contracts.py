"""An awarded tender put straight into the tables, and agreement and contract brought as far as a test needs them."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count

from sqlmodel import Session, select

from contracts import services
from contracts.models import AnnualContract, ServiceAgreement
from core.clock import FixedClock, beijing
from core.db import transaction
from core.identity import approvals
from core.identity.actor import Actor
from core.identity.models import Approval, Organisation
from core.policy import get, view
from core.policy.model import BenefitBand, BenefitTerms, TiltTerms
from core.policy.procurement import rule_set_on
from tender.models import Award, Bid, ContractTerms, Lot, MandatoryField, Tender
from tender.rules.words import AwardRule, PriceObject, Scheme, SplitMethod
from tests.factories import identity

#: The award letters leave on Tuesday, 18 October 2016.
AWARDED = beijing(2016, 10, 18, 15)
#: Signing day of the contracts of 2017: Tuesday, 27 December 2016.
SIGNED = beijing(2016, 12, 27, 9)
PACK = "jilin-2016"

_numbers = count(1)


def begin_again() -> None:
    """The next one invented is number one: every test's own database is empty."""
    global _numbers
    _numbers = count(1)


@dataclass
class Case:
    """An awarded tender with its people; two insurers have won one half each of its one lot."""

    tender_id: int
    award_ids: list[int]
    department: Organisation
    insurer: Organisation
    other: Organisation
    handler: Actor
    approver: Actor
    finance: Actor
    signer: Actor
    preparer: Actor
    other_signer: Actor
    agreements: list[ServiceAgreement] = field(default_factory=list)

    @property
    def agreement_id(self) -> int:
        """The agreement of the first insurer."""
        return self.agreements[0].id or 0


def awarded(session: Session, clock: FixedClock) -> Case:
    """A tender awarded and its letters sent, without playing it."""
    clock.move_to(max(clock.now(), AWARDED))
    department = identity.organisation(session, clock, "department")
    agency = identity.organisation(session, clock, "agency")
    insurers = [identity.organisation(session, clock, "insurer") for _ in range(2)]
    handler = identity.actor(session, clock, "handler", of=department)
    with transaction(session):
        tender = _tender(clock, department.id or 0, agency.id or 0, handler.user_id)
        session.add(tender)
        session.flush()
        lot = _lot(tender.id or 0)
        session.add(lot)
        session.flush()
        session.add(_terms(lot.id or 0))
        for key, text in (("service_requirements", "每县设服务窗口。"), ("exclusions", "境外就医的费用；工伤费用")):
            session.add(MandatoryField(tender_id=tender.id, key=key, text=text))
        bids = [Bid(tender_id=tender.id, lot_id=lot.id, bidder_id=org.id, started_at=AWARDED) for org in insurers]
        session.add_all(bids)
        session.flush()
        awards = [_award(tender, lot, bid, place) for place, bid in enumerate(bids, start=1)]
        session.add_all(awards)
        session.flush()
        ids = [award.id or 0 for award in awards]
        number = tender.id or 0
    return Case(
        tender_id=number,
        award_ids=ids,
        department=department,
        insurer=insurers[0],
        other=insurers[1],
        handler=handler,
        approver=identity.actor(session, clock, "approver", of=department),
        finance=identity.actor(session, clock, "finance", of=department),
        signer=identity.actor(session, clock, "insurer_signer", of=insurers[0]),
        preparer=identity.actor(session, clock, "insurer_preparer", of=insurers[0]),
        other_signer=identity.actor(session, clock, "insurer_signer", of=insurers[1]),
    )


def drafted(session: Session, clock: FixedClock) -> Case:
    """Both agreements drafted on 4 November 2016."""
    case = awarded(session, clock)
    clock.move_to(max(clock.now(), beijing(2016, 11, 4, 10)))
    with transaction(session):
        case.agreements = services.draft_agreements(session, case.handler, clock, case.tender_id)
    return case


def agreed(session: Session, clock: FixedClock) -> Case:
    """The first agreement signed by both sides on 11 November 2016."""
    case = drafted(session, clock)
    clock.move_to(max(clock.now(), beijing(2016, 11, 11, 14)))
    with transaction(session):
        services.sign_agreement(session, case.signer, clock, case.agreement_id)
    approve(session, clock, case, services.request_agency_signature, case.agreement_id)
    return case


def others(session: Session, clock: FixedClock, case: Case) -> Case:
    """The same tender from the side of the second insurer, whose agreement is signed by both."""
    side = replace(
        case, insurer=case.other, other=case.insurer, signer=case.other_signer, other_signer=case.signer,
        preparer=identity.actor(session, clock, "insurer_preparer", of=case.other),
        agreements=case.agreements[::-1],
    )  # fmt: skip
    with transaction(session):
        services.sign_agreement(session, side.signer, clock, side.agreement_id)
    approve(session, clock, side, services.request_agency_signature, side.agreement_id)
    return side


def prepared(
    session: Session,
    clock: FixedClock,
    case: Case,
    year: int = 2017,
    target: services.AgreedCost | None = None,
) -> AnnualContract:
    """The contract of a year drafted the day before it is signed: a million insured at 30 yuan."""
    clock.move_to(max(clock.now(), beijing(year - 1, 12, 26, 9)))
    with transaction(session):
        return services.prepare_contract(
            session,
            case.handler,
            clock,
            case.agreement_id,
            year=year,
            insured_count=1_000_000,
            funding_standard=Decimal("30.00"),
            benefits=[benefits(year)],
            service=service(year),
            target=target,
        )


def contracted(
    session: Session,
    clock: FixedClock,
    case: Case | None = None,
    year: int = 2017,
    target: services.AgreedCost | None = None,
) -> AnnualContract:
    """The contract of a year signed by both sides on 27 December of the year before."""
    case = case or agreed(session, clock)
    contract = prepared(session, clock, case, year, target)
    clock.move_to(max(clock.now(), beijing(year - 1, 12, 27, 9)))
    with transaction(session):
        services.sign_contract(session, case.signer, clock, contract.id or 0)
    approve(session, clock, case, services.request_contract_signature, contract.id or 0)
    return contract


def approve(session: Session, clock: FixedClock, case: Case, ask: object, key: int, *more: object) -> object:
    """The handler asks, the approver approves."""
    with transaction(session):
        asked = ask(session, case.handler, clock, key, *more)  # type: ignore[operator]
    with transaction(session):
        return approvals.approve(session, case.approver, clock, asked.id)


def decide(session: Session, clock: FixedClock, person: Actor) -> None:
    """The second person approves what waits."""
    with transaction(session):
        waiting = session.exec(select(Approval).where(Approval.decided_at.is_(None))).one()  # type: ignore[union-attr]
        approvals.approve(session, person, clock, waiting.id or 0)


def benefits(year: int = 2017, **changes: object) -> services.BenefitInput:
    """Benefit terms that the Jilin paper allows from 2017 on; changes: fields of BenefitTerms."""
    values: dict[str, object] = {
        "year": year,
        "deductible": Decimal("11300.00"),
        "bands": (
            BenefitBand(Decimal(0), Decimal(50_000), Decimal("0.55")),
            BenefitBand(Decimal(50_000), Decimal(100_000), Decimal("0.60")),
            BenefitBand(Decimal(100_000), None, Decimal("0.70")),
        ),
        "cap": Decimal("300000.00"),
        "tilts": {
            group: TiltTerms(Decimal("0.40"), Decimal("0.05"))
            for tilt in view(PACK, date(year, 1, 1)).benefits.tilts  # type: ignore[union-attr]
            for group in tilt.groups
        },
        "in_force_from": date(year, 1, 1),
    }
    terms = BenefitTerms(**{**values, **changes})  # type: ignore[arg-type]
    return services.BenefitInput(terms, terms.in_force_from or date(year, 1, 1))


def service(year: int = 2017) -> dict[str, object]:
    """What the papers print beside the numbers."""
    sources = ("funding_standard", "insured_count", "deductible", "bands", "maximum", "tilt", "sharing")
    return {
        "payment_process": "出院时即时结算。",
        "service_points": "各县设服务窗口（演示）。",
        "telephone": "0400-0000-0000",
        "exclusions": ["境外就医的费用"],
        "assessment": [
            {"name": "保障能力", "weight": "0.40"},
            {"name": "服务水平", "weight": "0.35"},
            {"name": "参保人满意度", "weight": "0.25"},
        ],
        "sources": dict.fromkeys(sources, "招标文件"),
        "headcount_on": f"{year}-06-30",
    }


def _tender(clock: FixedClock, purchaser: int, policyholder: int, handler: int) -> Tender:
    number = next(_numbers)
    return Tender(
        number=f"YSHT{number}-2016-ZB-01",
        title="演示省新农合大病保险承办服务项目",
        purchaser_id=purchaser,
        policyholder_id=policyholder,
        pack=PACK,
        pack_hash=get(PACK).hash,
        rule_set=rule_set_on(date(2016, 8, 1)).name,
        budget=Decimal("180000000.00"),
        term_from=date(2017, 1, 1),
        term_until=date(2019, 12, 31),
        award_rule=AwardRule.WIN_ALL,
        bid_security=Decimal("1000000.00"),
        performance_security_rate=Decimal("0.05"),
        bid_valid_days=90,
        contact_name="演示经办人",
        contact_telephone="0400-0000-0000",
        purchaser_address="演示市人民大街1号",
        opening_place="演示省公共资源交易中心",
        media=["中国政府采购网"],
        created_by=handler,
        created_at=clock.now(),
        published_at=clock.now(),
        awarded_at=clock.now(),
        demonstration=True,
    )


def _lot(tender_id: int) -> Lot:
    return Lot(
        tender_id=tender_id,
        position=1,
        name="新农合大病保险",
        scheme=Scheme.NRCMS,
        area="全省",
        insured_count=2_000_000,
        price_object=PriceObject.PREMIUM_PER_HEAD,
        ceiling=Decimal("40.00"),
        budget=Decimal("180000000.00"),
        winners=2,
        split_method=SplitMethod.SHARE,
        split=[{"share": "0.50"}, {"share": "0.50"}],
    )


def _terms(lot_id: int) -> ContractTerms:
    return ContractTerms(
        lot_id=lot_id,
        sharing_reading="whole",
        rate_definition="claims",
        expense_cap_rate=Decimal("0.04"),
        claims_basis="incurred",
        instalments=[{"share": "0.60", "by": "03-31"}, {"share": "0.40", "by": "09-30"}],
    )


def _award(tender: Tender, lot: Lot, bid: Bid, place: int) -> Award:
    return Award(
        tender_id=tender.id,
        lot_id=lot.id,
        bid_id=bid.id,
        insurer_id=bid.bidder_id,
        place=place,
        price=Decimal("30.00"),
        share=Decimal("0.50"),
        insured_count=1_000_000,
        area="全省",
        term_total=Decimal("90000000.00"),
        decided_at=AWARDED,
        letter_sent_at=AWARDED,
    )
