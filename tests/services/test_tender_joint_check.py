"""The joint check: a score that departs from the others' needs its member's reason before prices can be opened."""

import re
from decimal import Decimal

import pytest
from flask import Flask
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.identity.actor import Actor
from tender import services
from tender.models import EnvelopeKind, Tender
from tender.rules.stages import Stage
from tender.services.joint_check import checks_of, own_checks, unanswered
from tender.services.review import member_of
from tests.factories import tender as make
from tests.support.pages import signed_in


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Ready to be scored."""
    found = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, found, price)
    make.opened(session, clock, people, found, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, found)
    return found


def score(session: Session, clock: FixedClock, member: Actor, tender: Tender, level: int = 0) -> None:
    """Everything the best level; the first judged criterion of the first bid the given one."""
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    lines = services.scored_criteria(session, tender.id or 0)
    judged = next(line for line in lines if not line.objective)
    bids = services.scored_bids(session, tender)
    points = []
    for bid in bids:
        for line in lines:
            chosen = level if (bid, line) == (bids[0], judged) else 0
            points.append(services.Points(bid.id or 0, line.id or 0, Decimal(line.options[chosen]["points"])))
    with transaction(session):
        services.enter_scores(session, member, clock, lot, points)
        services.lock_scores(session, member, clock, lot)


def departed(session: Session, clock: FixedClock, people: make.Cast, tender: Tender) -> tuple[Actor, list[Actor]]:
    """All have locked; the first member (not the chair) gave the lowest level once. Returns it and the others."""
    chair, strict, *rest = make.committee(session, people, tender)
    score(session, clock, strict, tender, level=-1)
    for member in (chair, *rest):
        score(session, clock, member, tender)
    return strict, [chair, *rest]


def test_nothing_is_shown_before_all_are_locked_and_then_only_ones_own(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    chair, strict, *rest = make.committee(session, people, tender)
    score(session, clock, strict, tender, level=-1)
    assert checks_of(session, tender) == []
    for member in (chair, *rest):
        score(session, clock, member, tender)
    assert services.stage_of(tender, clock.now()) is Stage.SCORING  # not fixed yet
    number = tender.id or 0
    assert len(own_checks(session, member_of(session, strict, number), tender)) == 1
    assert all(own_checks(session, member_of(session, one, number), tender) == [] for one in (chair, *rest))


def test_a_reason_keeps_the_score_and_fixes_everything(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    strict, others = departed(session, clock, people, tender)
    (check,) = unanswered(session, tender)
    with pytest.raises(NotFound), transaction(session):
        services.answer_check(session, others[0], clock, check.id or 0, reason="不是我的")
    with pytest.raises(Invalid), transaction(session):
        services.answer_check(session, strict, clock, check.id or 0, reason=" ")
    with transaction(session):
        services.answer_check(session, strict, clock, check.id or 0, reason="方案未覆盖边远县")
    assert services.stage_of(tender, clock.now()) is Stage.PRICE_OPENING
    with pytest.raises(Refused), transaction(session):
        services.answer_check(session, strict, clock, check.id or 0, reason="再说一次")
    make.evaluated(session, clock, people, tender)
    report = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "evaluation_report")).one()
    (row,) = report.inputs["context"]["outliers"]
    assert (row["reason"], row["corrected"]) == ("方案未覆盖边远县", None)


def test_a_correction_comes_from_the_closed_list_and_the_ranking_uses_it(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    strict, _others = departed(session, clock, people, tender)
    (check,) = unanswered(session, tender)
    with pytest.raises(Invalid, match="not on the list"), transaction(session):
        services.answer_check(session, strict, clock, check.id or 0, reason="看错", points=Decimal("0.7"))
    judged = next(line for line in services.scored_criteria(session, tender.id or 0) if not line.objective)
    best = Decimal(judged.options[0]["points"])
    with transaction(session):
        services.answer_check(session, strict, clock, check.id or 0, reason="看错一行", points=best)
    make.evaluated(session, clock, people, tender)
    ranked = services.ranking(session, tender, services.lots_of(session, tender.id or 0)[0])
    assert max(row.total or 0 for _bid, row in ranked) == Decimal("100.00")
    report = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "evaluation_report")).one()
    assert report.inputs["context"]["outliers"][0]["corrected"] is not None


def test_the_chair_ends_the_check_and_the_report_says_that_no_reason_was_given(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    strict, (chair, *_rest) = departed(session, clock, people, tender)
    with pytest.raises(Forbidden), transaction(session):
        services.end_check(session, strict, clock, tender.id or 0)
    with transaction(session):
        services.end_check(session, chair, clock, tender.id or 0)
    make.evaluated(session, clock, people, tender)
    report = session.exec(select(IssuedDocument).where(IssuedDocument.kind == "evaluation_report")).one()
    assert report.inputs["context"]["outliers"][0]["reason"] == ""


def test_the_threshold_is_chosen_before_scoring_only(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    with pytest.raises(Refused), transaction(session):
        services.set_threshold(session, people.handler, clock, tender.id or 0, Decimal("0.9"))
    early = make.prepared(session, clock, people, number="YSDB-2016-ZB-02")
    for part in ("0", "1.01"):
        with pytest.raises(Invalid), transaction(session):
            services.set_threshold(session, people.handler, clock, early.id or 0, Decimal(part))
    with transaction(session):
        services.set_threshold(session, people.handler, clock, early.id or 0, Decimal("0.25"))
    assert early.outlier_threshold == Decimal("0.25")


def test_a_member_reopens_the_own_sheet_while_others_are_open_and_never_after(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    first, *rest = make.committee(session, people, tender)
    with pytest.raises(Refused), transaction(session):
        services.reopen_sheet(session, first, clock, lot, "没有锁定")
    score(session, clock, first, tender)
    with transaction(session):
        services.reopen_sheet(session, first, clock, lot, "客观分看错证明材料")
    score(session, clock, first, tender, level=-1)
    for member in rest:
        score(session, clock, member, tender)
    with pytest.raises(Refused, match="only the joint check"), transaction(session):
        services.reopen_sheet(session, first, clock, lot, "晚了")


@pytest.mark.databases("sqlite")
def test_the_member_answers_on_the_page_and_the_chair_sees_no_score_of_another(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    strict, (chair, *_rest) = departed(session, clock, people, tender)
    number = tender.id
    session.rollback()
    own, other = signed_in(app, session, strict), signed_in(app, session, chair)
    assert "本人没有偏离的评分" in other.get(f"/tenders/{number}/scoring").text
    assert "结束评分复核" in other.get(f"/tenders/{number}/scoring").text
    assert "说明偏离评分的理由" in own.get("/desk").text
    page = own.get(f"/tenders/{number}/scoring")
    link = re.search(rf"/tenders/{number}/scoring/checks/\d+", page.text)
    assert link is not None
    answered = own.submit(own.get(link.group()), {"reason": "方案未覆盖边远县"}, button="提交说明")
    assert "方案未覆盖边远县" in answered.text
    assert other.get(link.group()).status_code == 404
    handler = signed_in(app, session, people.handler)
    assert handler.get(f"/tenders/{number}/committee").status_code == 200
