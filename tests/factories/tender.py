"""A tender for tests, played stage by stage with the room's own verbs: each step commits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from core.clock import FixedClock, beijing
from core.db import transaction
from core.identity import approvals
from core.identity.actor import SYSTEM, Actor
from core.identity.models import Organisation
from core.identity.services import create_organisation
from core.money import rmb_upper
from tender import seal, services
from tender.models import Bid, BidSubmission, CommitteeDraw, EnvelopeKind, RefusedBid, Tender
from tender.rules.committee import commitment_of
from tender.rules.words import PriceObject, Scheme, SplitMethod
from tender.seal.container import as_json
from tender.services.review import conditions_of
from tests.factories import identity

#: The notice day and the deadline of the ordinary test tender.
NOTICE_DAY, DEADLINE = date(2016, 8, 8), beijing(2016, 9, 6, 9, 30)
OPENING = beijing(2016, 9, 6, 10, 30)


@dataclass
class Cast:
    """The people of a tender; officers come with their private age identities."""

    department: Organisation
    handler: Actor
    approver: Actor
    finance: Actor
    officers: list[Actor]
    experts: list[Actor]
    insurers: list[Actor]
    supervisors: list[Actor]
    identities: dict[int, str] = field(default_factory=dict)


def cast(
    session: Session, clock: FixedClock, insurers: int = 3, experts: int = 6, name: str = "演示省医疗保险主管部门"
) -> Cast:
    """A department with handler, approver, finance and three opening officers; experts; insurers, one signer each.

    The department's name is fixed, so that tests that issue the same notice share the rendered paper.
    """
    with transaction(session):
        department = create_organisation(
            session, SYSTEM, clock, kind="department", name=name, demonstration=True
        )
    pool = identity.organisation(session, clock, "expert_pool")
    people = Cast(
        department=department,
        handler=identity.actor(session, clock, "handler", of=department),
        approver=identity.actor(session, clock, "approver", of=department),
        finance=identity.actor(session, clock, "finance", of=department),
        officers=[identity.actor(session, clock, "opening_officer", of=department) for _ in range(3)],
        experts=[identity.actor(session, clock, "expert", of=pool) for _ in range(experts)],
        insurers=[
            identity.actor(session, clock, "insurer_signer", of=identity.organisation(session, clock, "insurer"))
            for _ in range(insurers)
        ],
        supervisors=[identity.actor(session, clock, "supervisor", of=department) for _ in range(2)],
    )
    for officer in people.officers:
        private = seal.new_identity()
        people.identities[officer.user_id] = private
        with transaction(session):
            services.add_officer_key(session, officer, clock, recipient=seal.recipient_of(private))
    return people


def basics(number: str, policyholder: int, **changes: object) -> services.BasicsDraft:
    """The head of the test tender: 240 million yuan for three years."""
    values: dict[str, object] = {
        "number": number,
        "title": "演示省城乡居民大病保险承办服务项目",
        "policyholder_id": policyholder,
        "budget": Decimal("240000000.00"),
        "term_from": date(2017, 1, 1),
        "term_until": date(2019, 12, 31),
        "bid_security": Decimal("1000000.00"),
        "performance_security_rate": Decimal("0.05"),
        "bid_valid_days": 90,
        "contact_name": "演示经办人",
        "contact_telephone": "0400—80000000",
        "purchaser_address": "演示市人民大街××号",
        "opening_place": "演示省公共资源交易中心",
    }
    return services.BasicsDraft(**{**values, **changes})  # type: ignore[arg-type]


def lot(number: int = 1, **changes: object) -> services.LotDraft:
    """A lot of two million insured, two winners by share 60 : 40, ceiling 40 yuan a head."""
    values: dict[str, object] = {
        "name": ("新农合大病保险", "城镇居民大病保险")[number - 1],
        "scheme": (Scheme.NRCMS, Scheme.URBAN)[number - 1],
        "area": "全省",
        "insured_count": 2_000_000,
        "price_object": PriceObject.PREMIUM_PER_HEAD,
        "ceiling": Decimal("40.00"),
        "budget": Decimal("240000000.00"),
        "winners": 2,
        "split_method": SplitMethod.SHARE,
        "split": ({"share": "0.60"}, {"share": "0.40"}),
    }
    return services.LotDraft(**{**values, **changes})  # type: ignore[arg-type]


def terms(**changes: object) -> services.TermsDraft:
    """Literal reading, expense within a cap of 4 %, two instalments."""
    values: dict[str, object] = {
        "sharing_reading": "whole",
        "rate_definition": "claims_and_expense",
        "expense_cap_rate": Decimal("0.04"),
        "claims_basis": "incurred",
        "instalments": ({"share": "0.60", "by": "03-31"}, {"share": "0.40", "by": "09-30"}),
    }
    return services.TermsDraft(**{**values, **changes})  # type: ignore[arg-type]


def history() -> list[services.YearDraft]:
    """Two past years."""
    return [
        services.YearDraft(
            year=year,
            insured_count=1_950_000,
            premium=Decimal("68250000.00"),
            claims_paid=Decimal("67100000.00"),
            beneficiaries=9_800,
            cases=21_400,
            compliant_cost=Decimal("240000000.00"),
        )
        for year in (2014, 2015)
    ]


def prepared(
    session: Session, clock: FixedClock, people: Cast, *, number: str = "YSDB-2016-ZB-01",
    lots: Sequence[services.LotDraft] | None = None, **changes: object,
) -> Tender:  # fmt: skip
    """A tender that is ready to publish: everything filled in, keys made and confirmed by every officer."""
    lots = lots or [lot()]
    budget = sum((row.budget for row in lots), Decimal(0))
    with transaction(session):
        head = basics(number, people.department.id or 0, **{"budget": budget, **changes})
        tender = services.create_tender(session, people.handler, clock, pack="jilin-2016", basics=head)
        number_of = tender.id or 0
        for row in services.set_lots(session, people.handler, clock, number_of, lots):
            services.set_contract_terms(session, people.handler, clock, row.id or 0, terms())
            services.set_historical_years(session, people.handler, clock, row.id or 0, history())
        texts = {
            "service_requirements": "每县设服务网点。\n按月报送数据。",
            "insured_amount": "以年度最高支付限额为准。",
            "liability_scope": "合规医疗费用。",
            "exclusions": "不属于合规医疗费用范围的费用。",
            "settlement_method": "出院时在定点医疗机构即时结算。",
        }
        services.set_mandatory_fields(session, people.handler, clock, number_of, texts)
        services.set_timetable(session, people.handler, clock, number_of, notice_on=NOTICE_DAY, deadline=DEADLINE)
        officers = [officer.user_id for officer in people.officers]
        services.make_tender_keys(session, people.handler, clock, number_of, officers)
        for officer in people.officers:
            services.confirm_key(session, officer, clock, number_of, people.identities[officer.user_id])
    return tender


def approve(session: Session, clock: FixedClock, people: Cast, approval_id: int | None) -> object:
    """The second person approves."""
    with transaction(session):
        return approvals.approve(session, people.approver, clock, approval_id or 0)


def published(session: Session, clock: FixedClock, people: Cast, **changes: object) -> Tender:
    """A tender open for bids, on its notice day at 9."""
    tender = prepared(session, clock, people, **changes)  # type: ignore[arg-type]
    clock.move_to(beijing(2016, 8, 8, 9))
    with transaction(session):
        approval = services.request_publication(session, people.handler, clock, tender.id or 0)
    approve(session, clock, people, approval.id)
    return tender


def sealed(
    session: Session, tender: Tender, lot_position: int, kind: EnvelopeKind, price: str = ""
) -> tuple[bytes, str]:
    """A sealed envelope of a bid and its commitment; the price envelope holds the price sheet."""
    if kind is EnvelopeKind.PRICE:
        sheet = {"price": price, "price_in_words": rmb_upper(Decimal(price))}
        files = [seal.File("price-sheet.json", as_json(sheet))]
    else:
        files = [seal.File("承办服务方案.pdf", b"%PDF-1.7 " + price.encode())]
    container = seal.build(tender.number, lot_position, kind.value, files)
    key = services.tender_keys(session, tender.id or 0)[kind]
    return seal.seal_envelope(container, key.recipient), seal.commitment_of(container)


def uploaded(
    session: Session, clock: FixedClock, insurer: Actor, tender: Tender, price: str, lot_id: int | None = None
) -> tuple[int, int, int]:
    """Documents taken, security paid and both envelopes uploaded, not submitted: lot id, technical id, price id."""
    lots = services.lots_of(session, tender.id or 0)
    chosen = next(row for row in lots if lot_id in (None, row.id))
    with transaction(session):
        services.take_documents(session, insurer, clock, tender.id or 0)
        services.pay_security(session, insurer, clock, chosen.id or 0, payer_account="演示账户")
        numbers = []
        for kind in EnvelopeKind:
            ciphertext, commitment = sealed(session, tender, chosen.position, kind, price)
            envelope = services.upload_envelope(session, insurer, clock, chosen.id or 0, kind, ciphertext, commitment)
            numbers.append(envelope.id or 0)
    return chosen.id or 0, numbers[0], numbers[1]


def submitted(
    session: Session, clock: FixedClock, insurer: Actor, tender: Tender, price: str, lot_id: int | None = None,
    key: str | None = None,
) -> BidSubmission | RefusedBid:  # fmt: skip
    """A bid submitted for the first (or the named) lot."""
    number, technical, priced = uploaded(session, clock, insurer, tender, price, lot_id)
    return submit(session, clock, insurer, number, technical, priced, key or f"key-{insurer.user_id}-{technical}")


def submit(
    session: Session, clock: FixedClock, insurer: Actor, lot_id: int, technical: int, priced: int, key: str
) -> BidSubmission | RefusedBid:
    """The small submit by itself."""
    with transaction(session):
        return services.submit_bid(
            session, insurer, clock, lot_id, technical_id=technical, price_id=priced, idempotency_key=key
        )


def opened(session: Session, clock: FixedClock, people: Cast, tender: Tender, kind: EnvelopeKind) -> None:
    """Two officers post their shares and the envelopes of the kind are opened."""
    if kind is EnvelopeKind.TECHNICAL:
        clock.move_to(max(clock.now(), OPENING))
    for officer in people.officers[:2]:
        with transaction(session):
            shares = services.decrypt_shares(
                session, officer, tender.id or 0, kind, people.identities[officer.user_id]
            )
            services.post_opening_shares(session, officer, clock, tender.id or 0, kind, shares)
    with transaction(session):
        services.open_envelopes(session, people.officers[0], clock, tender.id or 0, kind)


def reviewed(
    session: Session, clock: FixedClock, people: Cast, tender: Tender, *,
    unqualified: Sequence[int] = (), nonconforming: Sequence[int] = (),
) -> None:  # fmt: skip
    """Qualification and conformity reviewed: everybody passes but the bidders (organisation ids) named."""
    number = tender.id or 0
    with transaction(session):
        conditions = conditions_of(session, number)
        for bid in services.opened_bids(session, tender):
            good = bid.bidder_id not in unqualified
            findings = {row.id or 0: services.Finding(good, "" if good else "未提供证明") for row in conditions}
            services.review_qualification(session, people.handler, clock, bid.id or 0, findings)
        services.finish_qualification(session, people.handler, clock, number)
    if tender.failed_at:
        return
    drawn(session, clock, people, tender)
    for member in committee(session, people, tender):
        with transaction(session):
            services.declare_conflict(session, member, clock, number)
    with transaction(session):
        chair = committee(session, people, tender)[0]
        for bid in [bid for bid in services.opened_bids(session, tender) if bid.bidder_id not in unqualified]:
            good = bid.bidder_id not in nonconforming
            finding = services.Finding(good, "" if good else "未承诺赔付截止日")
            services.review_conformity(session, chair, clock, bid.id or 0, finding)
        services.finish_conformity(session, chair, clock, number)


def drawn(session: Session, clock: FixedClock, people: Cast, tender: Tender) -> CommitteeDraw:
    """The committee drawn with two supervisors' secret numbers; the handler sits for the purchaser."""
    with transaction(session):
        draw = services.fix_candidates(
            session, people.handler, clock, tender.id or 0, purchasers=[people.handler.user_id]
        )
    number = draw.id or 0
    for supervisor in people.supervisors:
        with transaction(session):
            services.commit_number(session, supervisor, clock, number, commitment_of(secret(supervisor)))
    for supervisor in people.supervisors:
        with transaction(session):
            services.reveal_number(session, supervisor, clock, number, secret(supervisor))
    return draw


def secret(supervisor: Actor) -> str:
    """The secret number of a supervisor in tests."""
    return f"supervisor-{supervisor.user_id}-secret-number"


def committee(session: Session, people: Cast, tender: Tender) -> list[Actor]:
    """The sitting members as actors, the chair first."""
    everyone = {actor.user_id: actor for actor in [*people.experts, people.handler]}
    seats = sorted(services.committee_of(session, tender.id or 0), key=lambda member: not member.is_chair)
    return [everyone[member.user_id] for member in seats]


def scored(
    session: Session, clock: FixedClock, people: Cast, tender: Tender, levels: dict[int, int] | None = None
) -> None:
    """Every member scores every bid; levels: bidder → index of the level chosen under every criterion (0 the best)."""
    levels = levels or {}
    criteria = services.scored_criteria(session, tender.id or 0)
    for member in committee(session, people, tender):
        for row in [row for row in services.lots_of(session, tender.id or 0) if row.failed_at is None]:
            points = [
                services.Points(bid.id or 0, line.id or 0, _points(line, levels.get(bid.bidder_id, 0)))
                for bid in services.scored_bids(session, tender, row.id)
                for line in criteria
            ]
            with transaction(session):
                services.enter_scores(session, member, clock, row.id or 0, points)
                services.lock_scores(session, member, clock, row.id or 0)


def _points(line: object, level: int) -> Decimal:
    options = line.options  # type: ignore[attr-defined]
    return Decimal(options[min(level, len(options) - 1)]["points"])


def evaluated(session: Session, clock: FixedClock, people: Cast, tender: Tender) -> None:
    """Price envelopes opened and the evaluation computed."""
    opened(session, clock, people, tender, EnvelopeKind.PRICE)
    with transaction(session):
        services.evaluate(session, people.handler, clock, tender.id or 0)


def awarded(session: Session, clock: FixedClock, people: Cast, tender: Tender) -> None:
    """The winners fixed by two people."""
    with transaction(session):
        approval = services.request_award(session, people.handler, clock, tender.id or 0)
    approve(session, clock, people, approval.id)


def won(session: Session, clock: FixedClock, people: Cast) -> Tender:
    """A tender with three bids, carried on until its winners are fixed."""
    tender = published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        submitted(session, clock, insurer, tender, price)
    return decided(session, clock, people, tender)


def decided(session: Session, clock: FixedClock, people: Cast, tender: Tender) -> Tender:
    """A tender with its bids in, carried on from the opening until its winners are fixed."""
    opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    reviewed(session, clock, people, tender)
    scored(session, clock, people, tender)
    evaluated(session, clock, people, tender)
    awarded(session, clock, people, tender)
    return tender


def bid_of(session: Session, tender: Tender, insurer: Actor) -> Bid:
    """An insurer's bid in the first lot; tests may look where the house may not."""
    return session.exec(
        select(Bid).where(Bid.tender_id == tender.id, Bid.bidder_id == insurer.organisation_id)
    ).first()  # type: ignore[return-value]
