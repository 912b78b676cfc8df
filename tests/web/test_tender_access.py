"""Who is served which page of a tender at which stage, route by route, against policies/tender-pages.csv.

The table is read by people: one line a route, one column a role, and in each cell the stages at which the page is
served: P preparation, B bidding, S sealed (deadline passed), O opened and under review, A awarded; '-' never. Whatever
is not served answers 403 (no such permission) or 404 (as if it were not there); an insurer finds another's bid,
receipt, letter or query exactly as missing as one that never was.
"""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlmodel import Session, select

from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.models import IssuedDocument
from core.identity.actor import Actor
from core.identity.models import Organisation
from core.web.access import access_of
from tender import services
from tender.models import Award, BidSubmission, EnvelopeKind, QueryAbout, Tender
from tender.services.bidding import receipt_number
from tender.services.collusion import hints_of
from tender.services.review import conditions_of
from tests.conftest import visitor
from tests.factories import identity
from tests.factories import tender as make
from tests.support.pages import signed_in

TABLE = Path(__file__).parents[2] / "policies" / "tender-pages.csv"
STAGES = "PBSOA"
LETTER = services.QueryLetter("演示市", "130000", "演示联系人", "0400", "请求复核。", "条件过严。", "实施条例第20条")


class World:
    """One tender with somebody of every role, moved from stage to stage."""

    def __init__(self, app: Flask, session: Session, clock: FixedClock) -> None:
        self.app, self.session, self.clock = app, session, clock
        self.people = make.cast(session, clock, experts=9)
        self.tender: Tender = make.prepared(session, clock, self.people)
        self.finding = self.query = 0
        department = session.get_one(Organisation, self.people.department.id)
        bidder = session.get_one(Organisation, self.people.insurers[0].organisation_id)
        outsider = identity.organisation(session, clock, "insurer")
        self.roles: dict[str, Actor | None] = {
            "handler": identity.actor(session, clock, "handler", of=department),
            "approver": self.people.approver,
            "opening_officer": self.people.officers[0],
            "finance": self.people.finance,
            "supervisor": identity.actor(session, clock, "supervisor", of=department),
            "member": None,
            "recused_member": None,
            "other_expert": None,
            "bidder_preparer": identity.actor(session, clock, "insurer_preparer", of=bidder),
            "bidder_signer": self.people.insurers[0],
            "other_bidder": self.people.insurers[1],
            "other_insurer": identity.actor(session, clock, "insurer_signer", of=outsider),
            "public": None,
        }

    def move(self, stage: str) -> None:
        """Bring the tender to the stage."""
        {"P": self.prepare, "B": self.publish, "S": self.close, "O": self.open, "A": self.award}[stage]()

    def prepare(self) -> None:
        """Nobody sits on a committee yet: any experts stand for the three kinds."""
        self.roles |= dict(zip(("member", "recused_member", "other_expert"), self.people.experts, strict=False))

    def publish(self) -> None:
        session, clock, number = self.session, self.clock, self.tender.id or 0
        clock.move_to(beijing(2016, 8, 8, 9))
        with transaction(session):
            asked = services.request_publication(session, self.people.handler, clock, number)
        make.approve(session, clock, self.people, asked.id)
        for insurer, price in zip(self.people.insurers, ("36.50", "37.00", "38.00"), strict=True):
            make.submitted(session, clock, insurer, self.tender, price)
        first = self.people.insurers[0]
        with transaction(session):
            services.ask(session, first, clock, number, "服务网点如何计算？")
            self.query = services.lodge_query(session, first, clock, number, QueryAbout.DOCUMENT, LETTER).id or 0
            supervisor = self.roles["supervisor"]
            assert supervisor is not None
            row = services.record_finding(session, supervisor, clock, number, text="公告缺项。", clause="87号令第13条")
            self.finding = row.id or 0

    def close(self) -> None:
        self.clock.move_to(make.DEADLINE)

    def open(self) -> None:
        """Opened and qualified; the committee is drawn: the chair declared no interest, the second expert one."""
        session, clock, tender = self.session, self.clock, self.tender
        make.opened(session, clock, self.people, tender, EnvelopeKind.TECHNICAL)
        with transaction(session):
            for bid in services.opened_bids(session, tender):
                findings = {row.id or 0: services.Finding(True, "") for row in conditions_of(session, tender.id or 0)}
                services.review_qualification(session, self.people.handler, clock, bid.id or 0, findings)
            services.finish_qualification(session, self.people.handler, clock, tender.id or 0)
        make.drawn(session, clock, self.people, tender)
        seated = [member for member in make.committee(session, self.people, tender) if "expert" in member.roles]
        with transaction(session):
            services.declare_conflict(session, seated[0], clock, tender.id or 0)
            services.declare_conflict(session, seated[1], clock, tender.id or 0, "亲属任职于投标人")
        known = {*seated, *make.committee(session, self.people, tender)}  # the next in order took the free seat
        idle = [expert for expert in self.people.experts if expert not in known]
        self.roles |= {"member": seated[0], "recused_member": seated[1], "other_expert": idle[0]}

    def award(self) -> None:
        """The facts of an award, written at once: who wins is not what this test is about."""
        session, clock, tender = self.session, self.clock, self.tender
        with transaction(session):
            row = session.get_one(Tender, tender.id)
            now = clock.now()
            row.conformity_reviewed_at = row.technical_locked_at = row.price_opened_at = now
            row.evaluated_at = row.report_received_at = row.awarded_at = now
            bid = make.bid_of(session, row, self.people.insurers[0])
            session.add(
                Award(
                    tender_id=row.id, lot_id=bid.lot_id, bid_id=bid.id, insurer_id=bid.bidder_id, place=1,
                    price=Decimal("36.50"), share=Decimal("1"), insured_count=2_000_000, area="全省",
                    term_total=Decimal("219000000.00"), decided_at=now, signed_at=now,
                )
            )  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        """What stands in the addresses: rows of this tender where there are any, else numbers that are not there."""
        session, tender = self.session, self.tender
        submission = session.exec(select(BidSubmission).order_by(BidSubmission.id)).first()  # type: ignore[arg-type]
        bid = make.bid_of(session, tender, self.people.insurers[0])
        private = select(IssuedDocument).where(IssuedDocument.published_at.is_(None))  # type: ignore[union-attr]
        paper = session.exec(private.where(IssuedDocument.kind == "opening_record")).first()
        award = session.exec(select(Award)).first()
        hints = hints_of(session, tender)
        seats = services.committee_of(session, tender.id or 0)
        found = {
            "tender_id": tender.id, "bid_id": bid.id if bid else 999, "number": 1, "position": 1, "kind": "technical",
            "paper_id": paper.id if paper else 999, "award_id": award.id if award else 999, "round": 1,
            "query_id": self.query or 999, "finding_id": self.finding or 999, "question_id": 1, "notice_id": 999,
            "key": hints[0].hint.key if hints else "0" * 64, "member_id": seats[0].id if seats else 999,
            "user_id": self.people.experts[0].user_id,
            "receipt": receipt_number(submission) if submission else "none",
        }  # fmt: skip
        session.rollback()
        return found


def routes(app: Flask) -> list[tuple[str, str]]:
    """Every route of the room: its name and the method it is tried with, GET where it has one."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("tender.")]
    return sorted((rule.endpoint, min((rule.methods or set()) - {"HEAD", "OPTIONS"})) for rule in rules)


def address(app: Flask, endpoint: str, arguments: dict[str, Any]) -> str:
    """The address of a route; a receipt is named by its number, and what the test does not have is not there."""
    (rule,) = app.url_map.iter_rules(endpoint)
    wanted = {name: arguments.get(name, 999 if name.endswith("_id") else "none") for name in rule.arguments}
    if endpoint == "tender.receipt":
        wanted["number"] = arguments["receipt"]
    with app.test_request_context():
        return url_for(endpoint, **wanted)


def served(client: FlaskClient, method: str, path: str) -> bool:
    """Whether the route answers this person; only what must be refused is posted."""
    answer = FlaskClient.open(client, path, method=method)
    answer.close()
    login = answer.status_code == 302 and "/login" in answer.headers["Location"]
    assert answer.status_code < 500, f"{path}: {answer.status_code}"
    return answer.status_code not in (403, 404) and not login


def test_every_route_of_a_tender_serves_whom_the_table_names_at_the_stages_it_names(
    app: Flask, session: Session, clock: FixedClock
) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # the access check alone must refuse what is posted here
    world = World(app, session, clock)
    found: dict[tuple[str, str, str], str] = {}
    for stage in STAGES:
        world.move(stage)
        arguments = world.arguments()
        for role, person in world.roles.items():
            client = signed_in(app, session, person) if person else visitor(app, session)
            for endpoint, method in routes(app):
                access = access_of(app, endpoint)
                assert access is not None
                allowed = access.permission is None or (person is not None and person.may(access.permission))
                if not allowed and stage != "B":
                    continue  # a missing permission is asked before anything of the tender is read: once is enough
                # An act that is allowed is not done here: its service asks for the stage and has tests of its own.
                act = allowed and method != "GET"
                if act or served(client, method, address(app, endpoint, arguments)):
                    key = (endpoint, method, role)
                    found[key] = found.get(key, "") + stage
    roles = list(world.roles)
    lines = [
        [endpoint.removeprefix("tender."), method, *(found.get((endpoint, method, role), "-") for role in roles)]
        for endpoint, method in routes(app)
    ]
    expected = [[row["page"], row["method"], *(row[role] for role in roles)] for row in rows()]
    differing = [line for line in lines if line not in expected] + [line for line in expected if line not in lines]
    what = {row["page"]: row["what"] for row in rows()}
    full = [[line[0], line[1], what.get(line[0], "…"), *line[2:]] for line in lines]
    assert not differing, "the whole table as it is now:\n" + "\n".join(",".join(line) for line in full)


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("nobody of the department is served an opened bid before the opening",
         lambda row: row["page"] not in ("bid_document", "qualify", "conform", "hints", "note_hint")
         or all(set(row[role]) <= set("OA-") for role in row if role not in ("page", "method", "what"))),
        ("a member who declared a conflict is served no bid, no score and no hint",
         lambda row: row["page"] not in ("bid_document", "conform", "hints", "note_hint", "score", "scoring", "paper")
         or not set(row["recused_member"]) & set("OA")),
        ("an expert who does not sit is served no page of the tender after the draw",
         lambda row: row["page"] not in ("show", "result", "winners", "opening", "bid_document", "hints")
         or not set(row["other_expert"]) & set("OA")),
        ("an insurer is never served another's receipt or query",
         lambda row: row["page"] not in ("receipt", "my_query", "explain", "opportunity_paper")
         or row["other_bidder"] == row["other_insurer"] == "-"),
        ("an insurer is served none of the department's pages",
         lambda row: row["page"] not in ("show", "qualification", "result", "winners", "committee", "findings")
         or all(row[role] == "-" for role in ("bidder_preparer", "bidder_signer", "other_bidder", "other_insurer"))),
        ("the public is served the register alone",
         lambda row: row["public"] == "-" or row["page"] in ("register", "registers")),
    ],
)  # fmt: skip
def test_the_table_keeps_what_the_law_asks(sentence: str, holds: Callable[[dict[str, str]], bool]) -> None:
    broken = [json.dumps(row, ensure_ascii=False) for row in rows() if not holds(row)]
    assert not broken, sentence + "\n" + "\n".join(broken)
