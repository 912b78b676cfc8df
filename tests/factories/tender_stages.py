"""One tender brought to each stage of its life and kept there as a copied database file, for tables of steps."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core import house as houses
from core import sqlite
from core.clock import FixedClock, beijing
from core.config import Settings
from core.db import transaction
from core.identity.actor import Actor
from core.money import rmb_upper
from tender import seal, services
from tender.models import Criterion, Envelope, EnvelopeKind, QueryAbout, QueryOutcome, Tender
from tender.rules.stages import Stage
from tender.seal.container import as_json
from tender.services import letters
from tender.services.drawing import draws_of
from tender.services.joint_check import checks_of
from tender.services.review import conditions_of
from tests.factories import tender as make

LETTER = services.QueryLetter(
    address="演示市", postcode="130000", contact="联系人", telephone="0400", matters="评分标准", facts="事实",
    basis="依据",
)


@dataclass
class World:
    """The tender at one stage: a session on its own copy, the clock there, the people, the rows by name."""

    session: Session
    clock: FixedClock
    people: make.Cast
    stage: Stage
    ids: dict[str, Any]
    store: Path

    @property
    def number(self) -> int:
        return self.ids["tender"]

    @property
    def tender(self) -> Tender:
        return self.session.get_one(Tender, self.number)

    @property
    def lot(self) -> int:
        return services.lots_of(self.session, self.number)[0].id or 0

    @property
    def members(self) -> list[Actor]:
        """The sitting committee, the chair first."""
        return make.committee(self.session, self.people, self.tender)

    @property
    def chair(self) -> Actor:
        """The chair of the committee; before there is one, an expert who does not sit."""
        return self.members[0] if self.members else self.people.experts[0]

    def at(self, *stages: Stage) -> bool:
        """Whether the tender stands at one of these; what a step needs beforehand is done only there."""
        return self.stage in stages


@dataclass
class Life:
    """Where the copies lie: stage → database file, the clock's time and the rows known by name."""

    folder: Path
    settings: Settings
    people: make.Cast
    ids: dict[str, Any] = field(default_factory=dict)
    known: dict[Stage, tuple[datetime, dict[str, Any]]] = field(default_factory=dict)

    def keep(self, session: Session, clock: FixedClock, stage: Stage) -> None:
        """Copy the database as it is now."""
        assert services.stage_of(session.get_one(Tender, self.ids["tender"]), clock.now()) is stage
        session.rollback()
        raw = sqlite.connect(Path(session.get_bind().engine.url.database))
        raw.execute("VACUUM INTO ?", (str(self.folder / f"{stage.value}.sqlite3"),))
        raw.close()
        self.known[stage] = clock.now(), dict(self.ids)

    @contextmanager
    def world(self, stage: Stage, folder: Path) -> Iterator[World]:
        """The tender at a stage, on a copy of its own; the files of the house are shared."""
        path = folder / f"at-{stage.value}.sqlite3"
        shutil.copyfile(self.folder / f"{stage.value}.sqlite3", path)
        settings = replace(self.settings, database_url=f"sqlite:///{path}")
        now, ids = self.known[stage]
        clock = FixedClock(now)
        house = houses.build(settings, clock)
        with house.db.factory() as session:
            yield World(session, clock, self.people, stage, ids, settings.data)
        house.db.remove()
        house.db.engine.dispose()


def live(settings: Settings, folder: Path) -> Life:
    """Play one tender with two lots (the second has too few bids) to every stage and keep a copy at each."""
    clock = FixedClock(beijing(2016, 8, 1, 9))
    house = houses.build(settings, clock)
    with house.db.factory() as session:
        life = Life(folder, settings, make.cast(session, clock, experts=8))
        for act in (_prepared, _bidding, _sealed, _opened, _conforming, _scored, _priced):
            act(session, clock, life)
        session.refresh(life.people.department)
        session.expunge(life.people.department)  # its number is read at every stage
    house.db.remove()
    house.db.engine.dispose()
    for branch, at in ((_cancelled, Stage.SEALED), (_failed, Stage.DECISION)):
        with life.world(at, folder) as world:
            branch(world.session, world.clock, life)
    return life


def _prepared(session: Session, clock: FixedClock, life: Life) -> None:
    lots = [make.lot(n, insured_count=1_000_000, budget=Decimal("120000000.00")) for n in (1, 2)]
    life.ids["tender"] = make.prepared(session, clock, life.people, lots=lots).id
    with transaction(session):  # one expert is away while the committee is drawn
        services.keep_expert(
            session, life.people.handler, clock, life.people.experts[-1].user_id, specialty="保险", employer="演示大学",
            absent_until=make.DEADLINE.date(),
        )  # fmt: skip
    clock.move_to(beijing(2016, 8, 8, 9))
    life.keep(session, clock, Stage.PREPARATION)


def _bidding(session: Session, clock: FixedClock, life: Life) -> None:
    people, number = life.people, life.ids["tender"]
    with transaction(session):
        asked = services.request_publication(session, people.handler, clock, number)
    make.approve(session, clock, people, asked.id)
    tender = session.get_one(Tender, number)
    first, second = [lot.id or 0 for lot in services.lots_of(session, number)]
    for insurer, price in zip(people.insurers[:2], ("36.50", "37.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price, first)
    _odd_bid(session, clock, life, tender, first)
    make.submitted(session, clock, people.insurers[0], tender, "37.10", second)
    clock.move_to(beijing(2016, 8, 10, 9))
    _queries(session, clock, life)
    with transaction(session):
        question = services.ask(session, people.insurers[0], clock, number, "人数如何核定？")
        session.flush()
        life.ids["question"] = question.id
    life.ids["corrigendum"] = _corrected(session, clock, life)
    life.keep(session, clock, Stage.BIDDING)


def _odd_bid(session: Session, clock: FixedClock, life: Life, tender: Tender, lot: int) -> None:
    """The third bid: words and figures of its price differ; its containers are kept, and an upload is left unfinished.

    The containers serve to re-reveal; the unfinished upload is a newer price envelope that was never submitted.
    """
    insurer, numbers = life.people.insurers[2], []
    with transaction(session):
        services.take_documents(session, insurer, clock, tender.id or 0)
        services.pay_security(session, insurer, clock, lot, payer_account="演示账户")
        for kind in EnvelopeKind:
            sheet = as_json({"price": "38.00", "price_in_words": rmb_upper(Decimal("37.50"))})
            name, content = ("price-sheet.json", sheet) if kind is EnvelopeKind.PRICE else ("方案.pdf", b"%PDF")
            container = seal.build(tender.number, 1, kind.value, [seal.File(name, content)])
            key = services.tender_keys(session, tender.id or 0)[kind]
            ciphertext, commitment = seal.seal_envelope(container, key.recipient), seal.commitment_of(container)
            row = services.upload_envelope(session, insurer, clock, lot, kind, ciphertext, commitment)
            session.flush()
            numbers.append(row.id or 0)
            life.ids[kind.value], life.ids[f"{kind.value} container"] = row.id, container
    make.submit(session, clock, insurer, lot, numbers[0], numbers[1], key="key-of-the-odd-bid")
    life.ids["bid"] = session.get_one(Envelope, numbers[0]).bid_id
    life.ids["ciphertext"], life.ids["commitment"] = ciphertext, commitment
    with transaction(session):
        draft = services.begin_upload(session, insurer, clock, lot, EnvelopeKind.PRICE, **announced(life.ids))
        life.ids["draft"] = draft.reference


def announced(ids: dict[str, Any]) -> dict[str, Any]:
    """What is announced of the third bidder's price envelope."""
    ciphertext = ids["ciphertext"]
    return {"size": len(ciphertext), "sha256": sha256(ciphertext).hexdigest(), "commitment": ids["commitment"]}


def _queries(session: Session, clock: FixedClock, life: Life) -> None:
    """One query waits for its reply; another was founded and affects the tender."""
    people, number = life.people, life.ids["tender"]
    with transaction(session):
        waits, founded = (
            services.lodge_query(session, insurer, clock, number, QueryAbout.DOCUMENT, LETTER)
            for insurer in people.insurers[:2]
        )
        session.flush()
        life.ids["query"], life.ids["founded"] = waits.id, founded.id
        asked = services.request_reply(
            session, people.handler, clock, life.ids["founded"], outcome=QueryOutcome.AFFECTS, reply="成立。"
        )
    make.approve(session, clock, people, asked.id)


def _corrected(session: Session, clock: FixedClock, life: Life) -> int:
    """A corrigendum that does not move the deadline."""
    correction = services.Correction(reason="联系人变动", affects_bids=False, contact_name="另一人")
    with transaction(session):
        asked = services.request_correction(session, life.people.handler, clock, life.ids["tender"], correction)
    notice = make.approve(session, clock, life.people, asked.id)
    return notice.id  # type: ignore[attr-defined, no-any-return]


def _sealed(session: Session, clock: FixedClock, life: Life) -> None:
    clock.move_to(make.OPENING)
    life.keep(session, clock, Stage.SEALED)
    make.drawn(session, clock, life.people, session.get_one(Tender, life.ids["tender"]))


def _opened(session: Session, clock: FixedClock, life: Life) -> None:
    tender = session.get_one(Tender, life.ids["tender"])
    make.opened(session, clock, life.people, tender, EnvelopeKind.TECHNICAL)
    life.ids["draw"] = draws_of(session, tender.id or 0)[0].id
    life.ids["member"] = services.committee_of(session, tender.id or 0)[1].id
    life.keep(session, clock, Stage.QUALIFICATION)


def _conforming(session: Session, clock: FixedClock, life: Life) -> None:
    """Everybody is qualified; every member but the last has declared; a letter is asked and answered."""
    people, tender = life.people, session.get_one(Tender, life.ids["tender"])
    with transaction(session):
        good = {row.id or 0: services.Finding(True) for row in conditions_of(session, tender.id or 0)}
        for bid in services.opened_bids(session, tender):
            services.review_qualification(session, people.handler, clock, bid.id or 0, good)
        services.finish_qualification(session, people.handler, clock, tender.id or 0)
        members = make.committee(session, people, tender)
        for member in members[:-1]:
            services.declare_conflict(session, member, clock, tender.id or 0)
        letter = letters.ask_clarification(session, members[0], clock, life.ids["bid"], matter="网点数", minutes=30)
        letters.answer_letter(session, people.insurers[2], clock, letter.id or 0, answer="80个")
        life.ids["letter"] = letter.id
    life.keep(session, clock, Stage.CONFORMITY)


def _scored(session: Session, clock: FixedClock, life: Life) -> None:
    """Conformity ends; a copy is kept before the scores; then everybody scores, one member out of line, and answers."""
    people, tender = life.people, session.get_one(Tender, life.ids["tender"])
    with transaction(session):
        members = make.committee(session, people, tender)
        services.declare_conflict(session, members[-1], clock, tender.id or 0)
        for bid in services.opened_bids(session, tender):
            services.review_conformity(session, members[0], clock, bid.id or 0, services.Finding(True))
        services.finish_conformity(session, members[0], clock, tender.id or 0)
    life.keep(session, clock, Stage.SCORING)
    with transaction(session):
        all_sheets(session, clock, people, tender)
        checks = checks_of(session, tender)
        life.ids["check"] = checks[0].id
        services.end_check(session, make.committee(session, people, tender)[0], clock, tender.id or 0)
    life.keep(session, clock, Stage.PRICE_OPENING)


def all_sheets(session: Session, clock: FixedClock, people: make.Cast, tender: Tender) -> None:
    """Every member enters and locks; the last one departs from the others, so that a joint check begins."""
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    members = make.committee(session, people, tender)
    for member in members:
        enter(session, clock, tender, member, lot, worst=member is members[-1])
        services.lock_scores(session, member, clock, lot)


def enter(
    session: Session, clock: FixedClock, tender: Tender, member: Actor, lot: int, worst: bool = False
) -> None:
    """One member's points: the best of each line, or the least where the line is no objective one."""
    points = [
        services.Points(bid.id or 0, line.id or 0, Decimal(line.options[_level(line, worst)]["points"]))
        for bid in services.scored_bids(session, tender, lot)
        for line in services.scored_criteria(session, tender.id or 0)
    ]
    services.enter_scores(session, member, clock, lot, points)


def _level(line: Criterion, worst: bool) -> int:
    return -1 if worst and not line.objective else 0


def _priced(session: Session, clock: FixedClock, life: Life) -> None:
    """Prices open; the odd price is confirmed; evaluated; awarded."""
    people, tender = life.people, session.get_one(Tender, life.ids["tender"])
    make.opened(session, clock, people, tender, EnvelopeKind.PRICE)
    life.keep(session, clock, Stage.EVALUATION)
    with transaction(session):
        confirmed(session, clock, life.people, tender, life.ids["bid"])
        services.evaluate(session, people.handler, clock, tender.id or 0)
    life.keep(session, clock, Stage.DECISION)
    make.awarded(session, clock, people, tender)
    life.ids["award"] = services.awards_by_tender(session, tender.id or 0)[0].id
    life.keep(session, clock, Stage.AWARDED)
    del life.ids["award"]


def confirmed(session: Session, clock: FixedClock, people: make.Cast, tender: Tender, bid: int) -> None:
    """The chair asks the odd bidder to confirm its corrected price, and it does."""
    chair = make.committee(session, people, tender)[0]
    letter = letters.ask_confirmation(session, chair, clock, bid, minutes=30)
    letters.answer_letter(session, people.insurers[2], clock, letter.id or 0, answer="", confirmed=True)


def _cancelled(session: Session, clock: FixedClock, life: Life) -> None:
    with transaction(session):
        asked = services.request_cancellation(session, life.people.handler, clock, life.ids["tender"], "任务取消")
    make.approve(session, clock, life.people, asked.id)
    life.keep(session, clock, Stage.CANCELLED)
    life.known[Stage.CANCELLED] = clock.now(), life.known[Stage.SEALED][1]


def _failed(session: Session, clock: FixedClock, life: Life) -> None:
    with transaction(session):
        asked = services.request_failure(
            session, life.people.handler, clock, life.ids["tender"], ground="irregular", reason="事实"
        )
    make.approve(session, clock, life.people, asked.id)
    life.keep(session, clock, Stage.FAILED)
