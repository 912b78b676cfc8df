"""The draw of the committee: nobody steers it alone, everybody can repeat it, and a free seat is filled in order."""

import json
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from flask import Flask
from sqlmodel import Session

from core import audit
from core.clock import FixedClock, local_date
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import FileInvalid, Forbidden, Invalid, NotFound, Refused
from core.identity.models import User
from tender import services
from tender.models import CommitteeDraw, CommitteeMember, CommitteeSeat, EnvelopeKind, Tender
from tender.rules.committee import check, commitment_of
from tender.services.drawing import draws_of, members_ever, record_of, sorted_pool, vacant
from tests.factories import identity
from tests.factories import tender as make
from tests.support.sources import ROOT


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, experts=9)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Opened, not reviewed, no committee yet."""
    found = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=True):
        make.submitted(session, clock, insurer, found, price)
    make.opened(session, clock, people, found, EnvelopeKind.TECHNICAL)
    return found


def fixed(session: Session, clock: FixedClock, people: make.Cast, tender: Tender) -> CommitteeDraw:
    with transaction(session):
        return services.fix_candidates(
            session, people.handler, clock, tender.id or 0, purchasers=[people.handler.user_id]
        )


def test_a_drawn_committee_is_lawful_and_its_record_draws_the_same_order_again(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    draw = make.drawn(session, clock, people, tender)
    seats = services.committee_of(session, tender.id or 0)
    experts = [row for row in seats if row.seat is CommitteeSeat.EXPERT]
    assert (len(seats), len(experts)) == (7, 6) or (len(seats), len(experts)) == (5, 4)
    assert [row.user_id for row in experts] == draw.order[: len(experts)]
    assert [row.user_id for row in seats if row.is_chair] == [draw.order[0]]
    found = check(record_of(session, tender, draw))
    assert (list(found.order), found.differences) == (draw.order, ())
    assert list(audit.verify(session)) == []


def test_the_record_names_no_expert(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    draw = make.drawn(session, clock, people, tender)
    paper = session.get_one(IssuedDocument, draw.document_id)
    assert paper.published_at is None
    words = json.dumps(paper.inputs, ensure_ascii=False) + json.dumps(record_of(session, tender, draw))
    names = [session.get_one(User, expert.user_id).name for expert in people.experts]
    assert [name for name in names if name in words] == []


SPOILED = [
    ("a candidate was put in later", lambda record: record["candidates"].append(999), "hash"),
    ("another number than committed", lambda record: record["supervisors"][0].update(nonce="x" * 30), "supervisor 1"),
    ("another order", lambda record: record["order"].reverse(), "order"),
    ("another root", lambda record: record.update(root="0" * 64), "order"),
    ("one supervisor only", lambda record: record["supervisors"].pop(), "two supervisors"),
]


@pytest.mark.parametrize("spoil, words", [case[1:] for case in SPOILED], ids=[case[0] for case in SPOILED])
def test_a_record_that_was_changed_is_found_out(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, spoil: object, words: str
) -> None:
    record = record_of(session, tender, make.drawn(session, clock, people, tender))
    spoil(record)  # type: ignore[operator]
    assert any(words in line for line in check(record).differences)


def test_the_script_of_the_documentation_draws_the_same(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender, tmp_path: Path
) -> None:
    record = record_of(session, tender, make.drawn(session, clock, people, tender))
    script = (ROOT / "docs" / "draw.md").read_text("utf-8").split("```python")[1].split("```")[0]
    (tmp_path / "draw.py").write_text(script, "utf-8")
    (tmp_path / "draw.json").write_text(json.dumps(record), "utf-8")
    ran = run([executable, "-I", "draw.py", "draw.json"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("agrees")


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    for record in ({}, {"format": "other"}, {"format": "chengban-draw/1", "candidates": "many"}):
        with pytest.raises(FileInvalid):
            check(record)


def test_the_list_and_both_commitments_come_before_any_number(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    draw = fixed(session, clock, people, tender)
    number, (first, second) = draw.id or 0, people.supervisors
    with transaction(session):
        services.commit_number(session, first, clock, number, commitment_of(make.secret(first)))
    with pytest.raises(Refused, match="commit first"), transaction(session):
        services.reveal_number(session, first, clock, number, make.secret(first))
    with pytest.raises(Refused, match="another supervisor"), transaction(session):
        services.commit_number(session, first, clock, number, commitment_of("another number of mine"))
    with pytest.raises(Invalid, match="other supervisor's"), transaction(session):
        services.commit_number(session, second, clock, number, commitment_of(make.secret(first)))
    with pytest.raises(Invalid, match="64"), transaction(session):
        services.commit_number(session, second, clock, number, "abc")
    with transaction(session):
        services.commit_number(session, second, clock, number, commitment_of(make.secret(second)))
    with pytest.raises(Invalid, match="not the number"), transaction(session):
        services.reveal_number(session, second, clock, number, "some other number that is long")
    with transaction(session):
        services.reveal_number(session, second, clock, number, make.secret(second))
    session.refresh(draw)
    assert (draw.drawn_at, services.committee_of(session, tender.id or 0)) == (None, [])
    with pytest.raises(Refused, match="already revealed"), transaction(session):
        services.reveal_number(session, second, clock, number, make.secret(second))
    with transaction(session):
        services.reveal_number(session, first, clock, number, make.secret(first))
    session.refresh(draw)
    assert draw.drawn_at == clock.now()
    with pytest.raises(Refused, match="over"), transaction(session):
        services.reveal_number(session, first, clock, number, make.secret(first))


def test_neither_handler_nor_expert_gives_a_number(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    draw = fixed(session, clock, people, tender)
    for person in (people.handler, people.experts[0], people.insurers[0]):
        with pytest.raises(Forbidden), transaction(session):
            services.commit_number(session, person, clock, draw.id or 0, commitment_of("n" * 30))
    third = identity.actor(session, clock, "supervisor", of=people.department)
    for supervisor in people.supervisors:
        with transaction(session):
            services.commit_number(session, supervisor, clock, draw.id or 0, commitment_of(make.secret(supervisor)))
    with pytest.raises(Refused, match="already committed"), transaction(session):
        services.commit_number(session, third, clock, draw.id or 0, commitment_of("t" * 30))


def test_a_draw_that_stands_still_is_given_up_with_its_reason_and_stays_in_the_record(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    first = fixed(session, clock, people, tender)
    with pytest.raises(Refused, match="under way"):
        fixed(session, clock, people, tender)
    session.rollback()
    with pytest.raises(Invalid), transaction(session):
        services.abandon_draw(session, people.handler, clock, first.id or 0, " ")
    with transaction(session):
        services.abandon_draw(session, people.handler, clock, first.id or 0, "一名监督人员未公开保密数")
    second = make.drawn(session, clock, people, tender)
    assert [row.round for row in draws_of(session, tender.id or 0)] == [1, 2]
    assert second.list_sha256 != first.list_sha256  # the round is part of what is hashed


def test_who_cannot_be_drawn_is_left_out_with_the_reason(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    own, absent, related, back = people.experts[:4]
    today = local_date(clock.now())
    bidder = people.insurers[0].organisation_id or 0

    def keep(expert: object, **entry: object) -> None:
        values = {"specialty": "医疗保险", "employer": "演示大学", **entry}
        services.keep_expert(session, people.handler, clock, expert.user_id, **values)  # type: ignore[attr-defined, arg-type]

    with transaction(session):
        keep(own, employer=people.department.name)
        keep(absent, absent_until=today)
        keep(related, recusals=[(bidder, "三年内任职")])
        keep(back, absent_until=today.replace(year=today.year - 1))
    free, left_out = sorted_pool(session, tender, clock.now())
    assert {row["number"]: row["reason"] for row in left_out} == {
        own.user_id: "employer", absent.user_id: "absent", related.user_id: "interest",
    }  # fmt: skip
    assert back.user_id in free
    with pytest.raises(NotFound), transaction(session):
        keep(people.handler)


def test_before_the_opening_an_interest_in_a_bidder_tells_nothing(
    session: Session, clock: FixedClock, people: make.Cast
) -> None:
    sealed = make.published(session, clock, people)
    make.submitted(session, clock, people.insurers[0], sealed, "36.50")
    related = people.experts[0].user_id
    with transaction(session):
        services.keep_expert(
            session, people.handler, clock, related, specialty="精算", employer="演示大学",
            recusals=[(people.insurers[0].organisation_id or 0, "三年内任职")],
        )  # fmt: skip
    assert related in sorted_pool(session, sealed, clock.now())[0]


def test_a_pool_that_is_too_small_is_refused_with_the_numbers(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    with transaction(session):
        for expert in people.experts[:6]:
            services.keep_expert(
                session, people.handler, clock, expert.user_id, specialty="财务", employer=people.department.name
            )
    with pytest.raises(Refused, match="the pool has only 3"):
        fixed(session, clock, people, tender)


def test_a_conflict_and_a_refusal_are_recorded_and_the_next_in_order_is_seated(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    draw = make.drawn(session, clock, people, tender)
    size = len(services.committee_of(session, tender.id or 0))
    standby = draw.order[size - 1 :]
    chair, other = [one for one in make.committee(session, people, tender) if one in people.experts][:2]
    with transaction(session):
        services.declare_conflict(session, chair, clock, tender.id or 0, "曾在投标人任职")
    with pytest.raises(NotFound), transaction(session):  # no seat any more
        services.declare_conflict(session, chair, clock, tender.id or 0)
    seats = services.committee_of(session, tender.id or 0)
    assert len(seats) == size
    assert seats[-1].user_id == standby[0]
    assert sum(row.is_chair for row in seats) == 1
    leaving = next(row for row in seats if row.user_id == other.user_id)
    with pytest.raises(Invalid), transaction(session):
        services.record_refusal(session, people.handler, clock, leaving.id or 0, "")
    with transaction(session):
        services.record_refusal(session, people.handler, clock, leaving.id or 0, "出差，不能参加")
    assert [row.user_id for row in services.committee_of(session, tender.id or 0)][-1] == standby[1]
    gone = [row for row in members_ever(session, tender.id or 0) if row.left_at]
    assert [(row.conflict, row.left_reason) for row in gone] == [("曾在投标人任职", None), (None, "出差，不能参加")]
    purchaser = next(row for row in seats if row.seat is CommitteeSeat.PURCHASER)
    with pytest.raises(Refused, match="no drawn expert"), transaction(session):
        services.record_refusal(session, people.handler, clock, purchaser.id or 0, "出差")


def test_when_nobody_is_left_in_order_the_missing_seats_are_drawn_again(
    session: Session, clock: FixedClock, people: make.Cast, tender: Tender
) -> None:
    make.drawn(session, clock, people, tender)
    number = tender.id or 0
    size = len(services.committee_of(session, number))
    while not vacant(session, number):
        leaving = next(row for row in services.committee_of(session, number) if row.seat is CommitteeSeat.EXPERT)
        with transaction(session):
            services.record_refusal(session, people.handler, clock, leaving.id or 0, "出差")
    pool = identity.organisation(session, clock, "expert_pool")
    late = identity.actor(session, clock, "expert", of=pool)
    with transaction(session):
        draw = services.fix_candidates(session, people.handler, clock, number)
    assert (draw.round, draw.experts, draw.candidates) == (2, 1, [late.user_id])
    for supervisor in people.supervisors:
        with transaction(session):
            services.commit_number(session, supervisor, clock, draw.id or 0, commitment_of(make.secret(supervisor)))
    for supervisor in people.supervisors:
        with transaction(session):
            services.reveal_number(session, supervisor, clock, draw.id or 0, make.secret(supervisor))
    seats: list[CommitteeMember] = services.committee_of(session, number)
    assert (len(seats), seats[-1].user_id) == (size, late.user_id)
    with pytest.raises(Refused, match="already appointed"), transaction(session):
        services.fix_candidates(session, people.handler, clock, number)


@pytest.mark.databases("sqlite")
def test_the_command_draws_again_and_exits_with_1_where_the_record_was_changed(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender, tmp_path: Path
) -> None:
    record = record_of(session, tender, make.drawn(session, clock, people, tender))
    session.rollback()
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(record), "utf-8")
    answer = app.test_cli_runner().invoke(args=["tender", "draw", "--verify", str(path), "--json"])
    assert (answer.exit_code, json.loads(answer.output)["order"]) == (0, record["order"])
    path.write_text(json.dumps(record | {"order": record["order"][::-1]}), "utf-8")
    answer = app.test_cli_runner().invoke(args=["tender", "draw", "--verify", str(path)])
    assert answer.exit_code == 1
    assert "the order is another one" in answer.output
