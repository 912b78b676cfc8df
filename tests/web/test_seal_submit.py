"""`flask seal submit` against the served application: pieces, submission, receipt; resumed, late, not signed in."""

import json
from http.cookiejar import MozillaCookieJar
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlmodel import Session, col, select

from core.clock import FixedClock
from core.db import transaction
from core.identity.models import User
from tender import seal, services
from tender.models import BidSubmission, Envelope, EnvelopeKind, RefusedBid, Tender
from tender.services.bidding import signer
from tests.factories import identity
from tests.factories import tender as make
from tests.support.pages import signed_in
from tests.support.second_factor import code_at, set_up


@pytest.fixture
def people(app: Flask, session: Session, clock: FixedClock) -> make.Cast:
    return make.cast(session, clock)


@pytest.fixture
def tender(session: Session, clock: FixedClock, people: make.Cast) -> Tender:
    """Open for bids; the first insurer has the documents and has paid."""
    tender = make.published(session, clock, people)
    lot = services.lots_of(session, tender.id or 0)[0]
    with transaction(session):
        services.take_documents(session, people.insurers[0], clock, tender.id or 0)
        services.pay_security(session, people.insurers[0], clock, lot.id or 0, payer_account="演示账户")
    return tender


def packed(app: Flask, session: Session, tender: Tender, folder: Path, size: int = 9_000_000) -> list[str]:
    """Two sealed files with their recovery files, as `flask seal pack` writes them."""
    offer = folder / "方案.pdf"
    offer.write_bytes(b"%PDF-1.7 " + bytes(size))
    found = []
    for kind, rest in ((EnvelopeKind.TECHNICAL, [str(offer)]), (EnvelopeKind.PRICE, ["--price", "37.00"])):
        key = services.tender_keys(session, tender.id or 0)[kind]
        words = ["seal", "pack", *rest, "--tender", tender.number, "--lot", "1", "--envelope", kind.value,
                 "--recipient", key.recipient, "--out", str(folder / kind.value)]  # fmt: skip
        session.rollback()
        done = app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 0, done.output
        found.append(str(folder / f"{kind.value}.age"))
    return found


def submits(app: Flask, session: Session, address: str, tender: Tender, files: list[str], *more: str) -> Result:
    page = f"{address}/tenders/opportunities/{tender.id}/bid"
    session.rollback()
    return app.test_cli_runner().invoke(
        args=["seal", "submit", *files, "--page", page, "--lot", "1", *more, "--json"], input=identity.PASSWORD + "\n"
    )


def login_of(session: Session, people: make.Cast, who: int = 0) -> str:
    return session.get_one(User, people.insurers[who].user_id).login


def test_a_bid_is_sent_and_its_receipt_kept(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender, address: str, tmp_path: Path
) -> None:
    files = packed(app, session, tender, tmp_path)
    key = signer(session).public
    done = submits(app, session, address, tender, files, "--login", login_of(session, people), "--key", key,
                   "--receipt", str(tmp_path / "receipt.json"))  # fmt: skip
    assert done.exit_code == 0, done.output
    kept = session.exec(select(BidSubmission)).one()
    assert seal.verify_receipt((tmp_path / "receipt.json").read_bytes(), key)["version"] == kept.version == 1
    assert json.loads(done.output[done.output.index("{"):])["received_at"] == clock.now().isoformat()
    hashes = {row.ciphertext_sha256 for row in session.exec(select(Envelope)).all()}
    assert len(hashes) == 2


def test_a_broken_upload_goes_on_where_it_was(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender, address: str, tmp_path: Path
) -> None:
    files = packed(app, session, tender, tmp_path)
    sealed = Path(files[0]).read_bytes()
    recovery = json.loads((tmp_path / "technical.recovery.json").read_text("utf-8"))
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    insurer = people.insurers[0]
    with transaction(session):
        draft = services.begin_upload(
            session, insurer, clock, lot, EnvelopeKind.TECHNICAL, size=len(sealed),
            sha256=recovery["ciphertext_sha256"], commitment=recovery["commitment"],
        )  # fmt: skip
    services.add_piece(session, insurer, clock, draft.reference, 0, sealed[: 4 * 1024 * 1024])
    done = submits(app, session, address, tender, files, "--login", login_of(session, people),
                   "--receipt", str(tmp_path / "receipt.json"))  # fmt: skip
    assert done.exit_code == 0, done.output
    newest = session.exec(select(Envelope).order_by(col(Envelope.id))).first()
    assert newest is not None
    assert newest.ciphertext_sha256 == recovery["ciphertext_sha256"]


def test_at_the_deadline_it_is_refused_and_says_so(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender, address: str, tmp_path: Path
) -> None:
    files = packed(app, session, tender, tmp_path, size=10)
    clock.move_to(make.DEADLINE)
    done = submits(app, session, address, tender, files, "--login", login_of(session, people),
                   "--receipt", str(tmp_path / "receipt.json"))  # fmt: skip
    assert done.exit_code == 1
    assert "The house refuses" in done.output
    assert session.exec(select(BidSubmission)).all() == session.exec(select(RefusedBid)).all() == []
    assert not (tmp_path / "receipt.json").exists()


def test_without_a_session_nothing_is_sent(
    app: Flask, session: Session, people: make.Cast, tender: Tender, address: str, tmp_path: Path
) -> None:
    files = packed(app, session, tender, tmp_path, size=10)
    jar = MozillaCookieJar(str(tmp_path / "jar"))
    jar.save()
    done = submits(app, session, address, tender, files, "--cookies", str(tmp_path / "jar"),
                   "--receipt", str(tmp_path / "receipt.json"))  # fmt: skip
    assert done.exit_code == 1
    assert "not signed in" in done.output or "The house refuses" in done.output
    assert session.exec(select(Envelope)).all() == []


def test_a_second_factor_is_given_as_a_code(
    app: Flask, session: Session, clock: FixedClock, people: make.Cast, tender: Tender, address: str, tmp_path: Path
) -> None:
    signer_of_bid = signed_in(app, session, people.insurers[0])
    key, _page = set_up(signer_of_bid, clock.now(), signer_of_bid.get("/account/second-factor"))
    clock.advance(minutes=1)
    files, receipt = packed(app, session, tender, tmp_path), str(tmp_path / "receipt.json")
    login = ("--login", login_of(session, people), "--receipt", receipt)
    for wrong in ((), ("--code", "000000")):
        done = submits(app, session, address, tender, files, *login, *wrong)
        assert done.exit_code == 1, done.output
    assert session.exec(select(BidSubmission)).all() == []
    session.rollback()
    done = submits(app, session, address, tender, files, *login, "--code", code_at(key, clock.now()))
    assert done.exit_code == 0, done.output
    assert session.exec(select(BidSubmission)).one().version == 1
