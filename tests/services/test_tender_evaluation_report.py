"""The evaluation report holds every review, score and place as tables, with files from which they are counted again."""

import csv
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock
from core.documents.models import IssuedDocument
from core.house import files_of
from tender.models import CommitteeDraw, DrawNumber, EnvelopeKind, Tender
from tests.factories import tender as make

PRICES = ("36.50", "37.00", "38.00", "37.50", "36.80")


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=5)


@pytest.fixture
def report(session: Session, clock: FixedClock, people: make.Cast) -> IssuedDocument:
    """Five bidders: the fourth is not qualified, the fifth does not respond in substance."""
    tender: Tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, PRICES, strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    names = [insurer.organisation_id or 0 for insurer in people.insurers]
    make.reviewed(session, clock, people, tender, unqualified=[names[3]], nonconforming=[names[4]])
    make.scored(session, clock, people, tender, {names[2]: 1})
    make.evaluated(session, clock, people, tender)
    return session.exec(select(IssuedDocument).where(IssuedDocument.kind == "evaluation_report")).one()


def test_each_bidder_and_each_condition_has_its_finding_and_reason(report: IssuedDocument) -> None:
    (lot,) = report.inputs["context"]["lots"]
    assert [bidder["number"] for bidder in lot["bidders"]] == [1, 2, 3, 4, 5]
    for line in lot["qualification"]:
        assert [finding["passed"] for finding in line["findings"]] == [True, True, True, False, True]
        assert line["findings"][3]["reason"] == "未提供证明"
    conforming = [(row["number"], row["passed"]) for row in lot["conformity"]]
    assert conforming == [(1, True), (2, True), (3, True), (5, False)]
    assert lot["conformity"][3]["reason"] == "未承诺赔付截止日"
    invalid = {bid["number"]: bid["invalid"]["ground"] for bid in lot["bids"] if bid["invalid"]}
    assert invalid == {4: "资格审查不合格", 5: "符合性审查不通过"}
    assert [bid["rank"] for bid in lot["bids"]] == [1, 2, 3, None, None]


def test_the_scores_of_every_member_are_counted_again_from_the_enclosed_file(
    session: Session, report: IssuedDocument
) -> None:
    kept = {one["name"]: one["sha256"] for one in report.inputs["attachments"]}
    assert list(kept) == ["scores.csv", "ranking.json", "draw.json"]
    given: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in csv.DictReader(files_of(session).get(kept["scores.csv"]).decode("utf-8-sig").splitlines()):
        given[row["投标人"], row["评审因素"]].append(Decimal(row["评分"]))
    (lot,) = report.inputs["context"]["lots"]
    assert len(lot["sheets"]) == 3
    for sheet in lot["sheets"]:
        assert len(sheet["members"]) == len(report.inputs["context"]["committee"])
        for line in sheet["lines"]:
            points = given[sheet["insurer"], line["name"]]
            assert sorted(points) == sorted(Decimal(one) for one in line["given"])
            assert abs(Fraction(line["mean"]) - sum(map(Fraction, points)) / len(points)) <= Fraction(1, 20_000)


def test_the_draw_of_the_committee_is_printed_where_its_members_are_named(
    session: Session, report: IssuedDocument
) -> None:
    (told,) = report.inputs["context"]["draws"]
    draw = session.exec(select(CommitteeDraw)).one()
    numbers = [row.commitment for row in session.exec(select(DrawNumber).order_by(DrawNumber.id))]  # type: ignore[arg-type]
    assert (told["list_sha256"], told["root"], told["commitments"]) == (draw.list_sha256, draw.root, numbers)
