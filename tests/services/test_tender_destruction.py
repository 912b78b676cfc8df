"""Superseded ciphertext is destroyed on the day after the last objection, and nothing else ever is."""

import json
import zipfile
from datetime import datetime
from io import BytesIO

import pytest
from sqlmodel import Session, col, select

from core import audit
from core.audit import AuditEvent
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Invalid, NotFound
from core.files import MissingFile
from core.house import House
from core.identity.actor import SYSTEM
from tender import jobs, services
from tender.models import Award, Bid, Envelope, EnvelopeKind, QueryAbout, QueryOutcome, SealedEvent, Tender, UploadDraft
from tender.services import bidding as bidding_services
from tender.services.archiving import build
from tender.services.bidding import counted_envelope, last_submission, uploaded
from tender.services.destroying import destroy_superseded, superseded_of
from tests.factories import tender as make

LETTER = services.QueryLetter("演示市", "130000", "演示联系人", "0400", "请求复核。", "价格分有误。", "87号令第55条")
#: The winners are fixed and published on 6 September 2016; the award is public until the 7th, queries come until
#: the 19th (Mid-Autumn lies between, Sunday the 18th is worked), letters on their way are waited for until the 29th.
LAST_DAY, DAY_AFTER = beijing(2016, 9, 29, 23, 59), beijing(2016, 9, 30, 0, 0)


@pytest.fixture
def people(session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock, insurers=5)


def bidding(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Three bids of which the first was replaced once, a fourth withdrawn, a fifth only uploaded."""
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers[:4], ("39.00", "37.00", "38.00", "35.00"), strict=True):
        make.submitted(session, clock, insurer, tender, price)
    make.submitted(session, clock, people.insurers[0], tender, "36.50")
    lot = services.lots_of(session, tender.id or 0)[0]
    with transaction(session):
        services.withdraw_bid(session, people.insurers[3], clock, lot.id or 0)
    make.uploaded(session, clock, people.insurers[4], tender, "34.00")
    return tender


def awarded(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    return make.decided(session, clock, people, bidding(session, clock, people))


def held(house: House, session: Session) -> dict[str, bool]:
    """Every ciphertext by hash: whether its bytes are there."""
    found = {}
    for row in session.exec(select(Envelope)).all():
        found[row.ciphertext_sha256] = house.files.path(row.ciphertext_sha256).exists()
    return found


def swept(house: House, session: Session, clock: FixedClock, at: datetime) -> None:
    clock.move_to(at)
    session.rollback()
    assert jobs.destroy_due(house, session) == 0


def never_bid(session: Session, tender: Tender, people: make.Cast) -> set[str]:
    """The ciphertexts of the fifth insurer, which uploaded and never submitted."""
    bid = make.bid_of(session, tender, people.insurers[4])
    return {row.ciphertext_sha256 for row in session.exec(select(Envelope).where(Envelope.bid_id == bid.id)).all()}


def test_only_what_counts_for_nothing_goes_and_only_after_the_last_day(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    listed = {row.ciphertext_sha256 for _bid, row, _why in superseded_of(session, tender)}
    before = set(house.files.folder.glob("??/*"))
    assert len(listed) == 4, "two envelopes replaced, two withdrawn; who never bid is on no list"
    going = listed | never_bid(session, tender, people)
    assert len(going) == 6, "and two uploaded and never submitted"
    swept(house, session, clock, LAST_DAY)
    assert all(held(house, session).values())
    swept(house, session, clock, DAY_AFTER)
    assert {sha256 for sha256, there in held(house, session).items() if not there} == going
    assert before - set(house.files.folder.glob("??/*")) == {house.files.path(sha256) for sha256 in going}
    with pytest.raises(MissingFile):
        house.files.get(next(iter(going)))
    gone = [row for row in session.exec(select(Envelope)).all() if row.destroyed_at is not None]
    assert {row.ciphertext_sha256 for row in gone} == going
    assert all(row.destroyed_at == DAY_AFTER for row in gone)
    assert list(audit.verify(session)) == []
    entry = session.exec(select(AuditEvent).where(AuditEvent.action == "tender:envelope:destroy")).one()
    assert {line["ciphertext"] for line in entry.detail["destroyed"]} == going
    why = [line["why"] for line in entry.detail["destroyed"]]
    assert why == ["replaced", "replaced", "withdrawn", "withdrawn", "unsubmitted", "unsubmitted"]
    swept(house, session, clock, beijing(2016, 10, 8, 9))
    assert len(session.exec(select(AuditEvent).where(AuditEvent.action == "tender:envelope:destroy")).all()) == 1


def test_receipts_and_hashes_stay_and_the_archive_still_verifies(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    swept(house, session, clock, DAY_AFTER)
    for award in session.exec(select(Award)).all():
        award.signed_at = clock.now()
    session.commit()
    content, _files = build(session, tender)
    with zipfile.ZipFile(BytesIO(content)) as package:
        lines = json.loads(package.read("04-bids/replaced-and-withdrawn.json"))
        names = package.namelist()
    withdrawn = make.bid_of(session, tender, people.insurers[3])
    assert [line["why"] for line in lines] == ["replaced", "replaced", "withdrawn", "withdrawn"]
    assert all(line["destroyed_at"] and len(line["ciphertext_sha256"]) == 64 for line in lines)
    assert f"04-bids/receipts/bid-{withdrawn.id}-v1.json" in names
    assert not any(name.startswith(f"04-bids/bid-{withdrawn.id}-") for name in names)


def test_a_query_holds_the_destruction_up_until_its_complaint_could_come_no_more(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    with transaction(session):
        query = services.lodge_query(session, people.insurers[2], clock, tender.id or 0, QueryAbout.RESULT, LETTER)
    swept(house, session, clock, beijing(2016, 12, 1, 9))
    assert all(held(house, session).values()), "an unanswered query: nothing goes, however late it is"
    with transaction(session):
        asked = services.request_reply(
            session, people.handler, clock, query.id or 0, outcome=QueryOutcome.UNFOUNDED, reply="经复核…"
        )
    make.approve(session, clock, people, asked.id)
    swept(house, session, clock, beijing(2016, 12, 2, 9))
    assert not all(held(house, session).values())


def test_bytes_that_another_row_names_stay(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    replaced = superseded_of(session, tender)[0][1]
    counts = make.bid_of(session, tender, people.insurers[1])
    other = session.exec(select(Envelope).where(Envelope.bid_id == counts.id)).first()
    assert other is not None
    other.ciphertext_sha256 = replaced.ciphertext_sha256
    session.commit()
    swept(house, session, clock, DAY_AFTER)
    assert house.files.get(replaced.ciphertext_sha256)
    session.refresh(replaced)
    assert replaced.destroyed_at is None


def test_a_kill_between_the_deed_and_its_record_leaves_the_record_to_the_next_sweep(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    for _bid, row, _why in superseded_of(session, tender):
        house.files.destroy(row.ciphertext_sha256)
    swept(house, session, clock, DAY_AFTER)
    assert all(row.destroyed_at == DAY_AFTER for _bid, row, _why in superseded_of(session, tender))


@pytest.mark.databases("sqlite")
def test_a_cancelled_tenders_bids_stay_sealed_and_the_log_tells_no_number(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = bidding(session, clock, people)
    with transaction(session):
        asked = services.request_cancellation(session, people.handler, clock, tender.id or 0, reason="采购任务取消")
    make.approve(session, clock, people, asked.id)
    before = len(session.exec(select(AuditEvent)).all())
    swept(house, session, clock, beijing(2016, 12, 1, 9))
    gone = [sha256 for sha256, there in held(house, session).items() if not there]
    assert len(gone) == 6
    bids = session.exec(select(Bid).where(col(Bid.withdrawn_at).is_(None))).all()
    counted = [bid for bid in bids if last_submission(session, bid)]
    kept = {counted_envelope(session, bid, kind).ciphertext_sha256 for bid in counted for kind in EnvelopeKind}
    assert len(kept) == 6, "three bids that count: their bytes are there, sealed"
    assert not kept & set(gone)
    entries = session.exec(select(AuditEvent).where(AuditEvent.position > before)).all()
    assert [entry.action for entry in entries] == ["tender:sealed:event"]
    hidden = session.exec(select(SealedEvent).order_by(SealedEvent.id.desc())).first()  # type: ignore[union-attr]
    assert hidden is not None
    assert len(hidden.body["facts"]["destroyed"]) == 6


def test_an_insurer_discards_what_it_never_submitted_and_nothing_else(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = bidding(session, clock, people)
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    make.uploaded(session, clock, people.insurers[0], tender, "30.00")  # newer than what stands, not submitted
    first = make.bid_of(session, tender, people.insurers[0])
    stands = {counted_envelope(session, first, kind).ciphertext_sha256 for kind in EnvelopeKind}
    before = len(session.exec(select(AuditEvent)).all())
    for insurer in (people.insurers[0], people.insurers[4]):
        with transaction(session):
            assert services.discard_uploads(session, insurer, clock, lot) == 2
        with pytest.raises(NotFound), transaction(session):
            services.discard_uploads(session, insurer, clock, lot)
    there = held(house, session)
    assert not any(there[sha256] for sha256 in never_bid(session, tender, people))
    assert sum(not here for here in there.values()) == 4, "not what was replaced, withdrawn or stands"
    assert {row.ciphertext_sha256 for row in uploaded(session, first).values()} == stands
    entries = session.exec(select(AuditEvent).where(AuditEvent.position > before)).all()
    assert {entry.action for entry in entries} == {"tender:sealed:event"}, "the log tells nobody who or how many"
    with pytest.raises(Invalid), transaction(session):  # what is destroyed cannot be submitted any more
        destroyed = (Envelope.bid_id == first.id, col(Envelope.destroyed_at).is_not(None))
        numbers = {row.kind: row.id or 0 for row in session.exec(select(Envelope).where(*destroyed)).all()}
        services.submit_bid(
            session, people.insurers[0], clock, lot, technical_id=numbers[EnvelopeKind.TECHNICAL],
            price_id=numbers[EnvelopeKind.PRICE], idempotency_key="after-discarding",
        )  # fmt: skip


def test_discarded_files_make_room_and_a_half_arrived_one_goes_too(
    house: House, session: Session, clock: FixedClock, people: make.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tender = bidding(session, clock, people)
    lot, insurer = services.lots_of(session, tender.id or 0)[0].id or 0, people.insurers[4]
    announced = {"size": 9, "sha256": "0" * 64, "commitment": "0" * 64}
    with transaction(session):
        services.begin_upload(session, insurer, clock, lot, EnvelopeKind.PRICE, **announced)
    session.rollback()
    with transaction(session):
        assert services.discard_uploads(session, insurer, clock, lot) == 3
    assert session.exec(select(UploadDraft)).all() == []
    monkeypatch.setattr(bidding_services, "QUOTA", 9)
    with transaction(session):
        services.begin_upload(session, insurer, clock, lot, EnvelopeKind.PRICE, **announced)


def test_the_verb_itself_does_nothing_before_its_time(
    house: House, session: Session, clock: FixedClock, people: make.Cast
) -> None:
    tender = awarded(session, clock, people)
    with transaction(session):
        assert destroy_superseded(session, SYSTEM, clock, tender.id or 0) == 0
    assert all(held(house, session).values())
