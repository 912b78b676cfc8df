"""What the reviews, the evaluation and the award do to bids, lots and securities."""

import json
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Invalid, Refused
from core.house import files_of
from core.identity import approvals
from core.identity.models import User
from tender import services
from tender.models import Award, BidResult, BidSecurity, EnvelopeKind, Notice, NoticeKind, Tender
from tender.rules.published_ranking import differences, recompute
from tender.rules.stages import Stage
from tender.rules.words import AwardRule
from tender.services.papers_review import price_sheet
from tests.factories import tender as make

PRICES = ("36.50", "37.00", "38.00", "39.00")


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=4)


def opened_with(
    session: Session, clock: FixedClock, people: make.Cast, prices: tuple[str, ...] = PRICES, **changes: object
) -> Tender:
    """A tender whose technical envelopes are open; one bid a price."""
    tender = make.published(session, clock, people, **changes)
    for insurer, price in zip(people.insurers, prices, strict=False):
        for lot in services.lots_of(session, tender.id or 0):
            make.submitted(session, clock, insurer, tender, price, lot.id)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    return tender


def results(session: Session, people: make.Cast, tender: Tender) -> dict[int, BidResult]:
    """Results by position of the insurer in the cast."""
    found = {}
    for number, insurer in enumerate(people.insurers):
        bid = make.bid_of(session, tender, insurer)
        found[number] = session.exec(select(BidResult).where(BidResult.bid_id == bid.id)).one()
    return found


def test_an_unqualified_bid_is_invalid_its_price_stays_sealed_and_the_base_price_ignores_it(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = opened_with(session, clock, people)
    cheapest = people.insurers[0]
    make.reviewed(session, clock, people, tender, unqualified=[cheapest.organisation_id or 0])
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    found = results(session, people, tender)
    assert found[0].invalid_ground == "qualification"
    assert price_sheet(session, make.bid_of(session, tender, cheapest)) is None
    assert found[1].price_score == Decimal("20.0000")  # 37.00 is the lowest valid price
    assert [found[number].rank for number in (1, 2, 3)] == [1, 2, 3]


def test_a_price_above_the_ceiling_is_invalid_and_the_ceiling_itself_is_not(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = opened_with(session, clock, people, ("40.00", "37.00", "38.00", "40.01"))
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    found = results(session, people, tender)
    assert found[0].invalid_ground is None
    assert found[3].invalid_ground == "price"


@pytest.mark.parametrize("failing", ["unqualified", "nonconforming"])
def test_a_lot_with_fewer_than_three_left_fails_and_says_why(
    session: Session, clock: FixedClock, people: make.Cast, failing: str
) -> None:
    tender = opened_with(session, clock, people)
    out = [insurer.organisation_id or 0 for insurer in people.insurers[:2]]
    make.reviewed(session, clock, people, tender, **{failing: out})
    assert services.stage_of(tender, clock.now()) is Stage.FAILED
    assert session.exec(select(Notice).where(Notice.kind == NoticeKind.FAILURE)).one().reason
    with transaction(session):
        row = session.exec(select(BidSecurity.bid_id)).first()
        assert services.refund_security(session, people.finance, clock, row or 0).refunded_at == clock.now()
    with pytest.raises(Refused), transaction(session):
        services.refund_security(session, people.finance, clock, row or 0)


def test_fewer_than_three_bids_are_not_opened(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = opened_with(session, clock, people, PRICES[:2])
    assert services.stage_of(tender, clock.now()) is Stage.FAILED
    assert services.opened_bids(session, tender) == []


def test_an_insurer_that_may_win_one_lot_is_passed_over_in_the_next(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    lots = [make.lot(number) for number in (1, 2)]
    tender = opened_with(session, clock, people, lots=lots, award_rule=AwardRule.WIN_ONE)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    winners = [row.insurer_id for row in services.awards_by_tender(session, tender.id or 0)]
    assert winners == [insurer.organisation_id for insurer in people.insurers]


def test_the_asker_cannot_approve_the_award_and_losers_learn_their_own_rank(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = opened_with(session, clock, people)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    with transaction(session):
        asked = services.request_award(session, people.handler, clock, tender.id or 0)
    with pytest.raises(Refused, match="Two people"), transaction(session):
        approvals.approve(session, people.handler, clock, asked.id or 0)
    make.approve(session, clock, people, asked.id)
    letters = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "result_letter")).all()
    assert [row.inputs["context"]["result"]["rank"] for row in letters] == [3, 4]
    assert len(session.exec(select(Award)).all()) == 2


def test_points_come_from_the_closed_list_and_objective_ones_are_alike(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = opened_with(session, clock, people)
    make.reviewed(session, clock, people, tender)
    first, second = make.committee(session, people, tender)[:2]
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    bids = services.scored_bids(session, tender)
    lines = services.scored_criteria(session, tender.id or 0)
    with pytest.raises(Invalid), transaction(session):
        points = services.Points(bids[0].id or 0, lines[0].id or 0, Decimal("7.5"))
        services.enter_scores(session, first, clock, lot, [points])

    def every(level: int) -> list[services.Points]:
        return [
            services.Points(bid.id or 0, line.id or 0, Decimal(line.options[level]["points"]))
            for bid in bids
            for line in lines
        ]

    with transaction(session):
        services.enter_scores(session, first, clock, lot, every(0))
        services.lock_scores(session, first, clock, lot)
    with pytest.raises(Refused, match="objective"), transaction(session):
        services.enter_scores(session, second, clock, lot, every(1))
        services.lock_scores(session, second, clock, lot)


def test_two_people_declare_a_tender_failed(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = make.published(session, clock, people)
    with transaction(session):
        asked = services.request_failure(
            session, people.handler, clock, tender.id or 0, ground="task_cancelled", reason="政策调整"
        )
    make.approve(session, clock, people, asked.id)
    assert services.stage_of(tender, clock.now()) is Stage.FAILED
    assert "因重大变故" in (tender.end_reason or "")


def test_a_clone_keeps_lots_fields_and_scoring_table_under_a_number_of_its_own(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = make.prepared(session, clock, people)
    with transaction(session):
        head = make.basics("YSDB-2016-ZB-02", people.department.id or 0)
        copy = services.clone_tender(session, people.handler, clock, tender.id or 0, basics=head)
    assert copy.cloned_from_id == tender.id
    assert [row.name for row in services.lots_of(session, copy.id or 0)] == ["新农合大病保险"]
    blocking = {check.field for check in services.publication_checks(session, copy) if check.level.value == "block"}
    assert blocking == {"timetable", "keys"}


def decided(session: Session, clock: FixedClock, people: make.Cast, **changes: object) -> Tender:
    """A tender with two winners a lot: the cheapest and the second of four bidders."""
    tender = opened_with(session, clock, people, **changes)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    return tender


def declines(session: Session, clock: FixedClock, people: make.Cast, award: Award, route: services.Route) -> object:
    """The refusal of a winner, recorded by two people."""
    with transaction(session):
        asked = services.request_replacement(
            session, people.handler, clock, award.id or 0, route=route, reason="中标人书面放弃中标资格。"
        )
    return make.approve(session, clock, people, asked.id)


def test_a_winner_that_declines_is_followed_by_the_next_candidate_at_its_own_price(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = decided(session, clock, people)
    first, second = services.awards_by_tender(session, tender.id or 0)
    declines(session, clock, people, first, services.Route.NEXT)
    standing = services.awards_by_tender(session, tender.id or 0)
    third = people.insurers[2].organisation_id
    assert [(row.insurer_id, row.place) for row in standing] == [(third, 1), (second.insurer_id, 2)]
    assert standing[0].price == Decimal("38.00")
    assert standing[0].share == first.share
    assert standing[0].letter_id is not None
    notice = session.exec(select(Notice).where(Notice.kind == NoticeKind.RESULT_CHANGE)).one()
    assert notice.reason == "中标人书面放弃中标资格。"
    with pytest.raises(Refused, match="already declined"):
        declines(session, clock, people, first, services.Route.AGAIN)


def test_when_no_candidate_is_left_or_wanted_a_new_procurement_follows(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = decided(session, clock, people)
    for _candidate in (3, 4):
        award = services.awards_by_tender(session, tender.id or 0)[0]
        declines(session, clock, people, award, services.Route.NEXT)
    last = services.awards_by_tender(session, tender.id or 0)[0]
    with pytest.raises(Refused, match="No candidate is left"):
        declines(session, clock, people, last, services.Route.NEXT)
    declines(session, clock, people, last, services.Route.AGAIN)
    assert [row.place for row in services.awards_by_tender(session, tender.id or 0)] == [2]


def test_who_has_signed_cannot_decline(session: Session, clock: FixedClock, people: make.Cast) -> None:
    tender = decided(session, clock, people)
    award = services.awards_by_tender(session, tender.id or 0)[0]
    with transaction(session):
        award.signed_at = clock.now()  # as the contracts room writes it with the insurer's signature
    with pytest.raises(Refused, match="has signed"):
        declines(session, clock, people, award, services.Route.NEXT)


def test_the_award_notice_encloses_what_anybody_needs_to_rank_again(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = opened_with(session, clock, people)
    make.reviewed(session, clock, people, tender, unqualified=[people.insurers[3].organisation_id or 0])
    make.scored(session, clock, people, tender, {people.insurers[0].organisation_id or 0: 1})
    make.evaluated(session, clock, people, tender)
    make.awarded(session, clock, people, tender)
    notice = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "award_notice")).one()
    enclosed = {entry["name"]: files_of(session).get(entry["sha256"]) for entry in notice.attachments}
    assert set(enclosed) == {"ranking.json", "draw.json"}
    content = enclosed["ranking.json"]
    file = json.loads(content)
    outcomes = recompute(file)
    assert differences(file, outcomes) == []
    winners = {row.bid_id for row in services.awards_by_tender(session, tender.id or 0)}
    assert {number for outcome in outcomes for number in outcome.winners} == winners
    experts = [session.get_one(User, member.user_id).name for member in services.committee_of(session, tender.id or 0)]
    assert not any(name.encode() in content for name in experts)
    assert [row["ground"] for row in file["lots"][0]["invalid"]] == ["资格审查不合格"]
