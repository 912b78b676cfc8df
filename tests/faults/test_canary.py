"""Before the opening nothing that the house keeps or shows holds a bid's content or tells who or how many bid.

The canary is a word put into every readable part of a bid; it is looked for in every byte of the data folder, of the
database, of the logs, of a backup, of the open data, and in every page that each role can fetch. For the count, the
same pages are compared byte by byte with no bidder and with three.
"""

import base64
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyrage
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from sqlmodel import Session, select

from core import backup
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Refused
from core.house import House
from core.identity.models import Organisation
from core.web.logs import UNSEEN
from tender import seal, services
from tender.models import EnvelopeKind, Tender
from tender.seal.container import as_json
from tests.conftest import visitor
from tests.factories import tender as make
from tests.support.clients import CheckingClient

WORD = "金丝雀CANARY7f3e9d"
PRICE = "31.41"
Login = Callable[..., CheckingClient]

#: Who looks: every role that is no bidder, and a visitor.
ROLES = ("handler", "approver", "opening_officer", "finance", "supervisor", "system_admin", "security_admin",
         "audit_admin")  # fmt: skip


# Looking ------------------------------------------------------------------------------------------------------------


def spellings(word: str) -> list[bytes]:
    """The word as bytes that a store could hold: plain, UTF-16, hex, JSON escapes, and the three ways of base64."""
    plain = word.encode()
    shifted = [base64.b64encode(bytes(shift) + plain)[4:-4] for shift in range(3)]
    escaped = json.dumps(word)[1:-1].encode()
    return [plain, word.encode("utf-16-le"), plain.hex().encode(), escaped, *shifted]


def places_of(word: str, stores: dict[str, bytes]) -> list[str]:
    """The names of the stores that hold the word in any spelling."""
    wanted = spellings(word)
    return [name for name, content in stores.items() if any(one in content for one in wanted)]


def files_under(folder: Path) -> dict[str, bytes]:
    return {f"file {path.name}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(house: House) -> dict[str, bytes]:
    """Every table of the database as the words of its rows; what a dump would hold."""
    with house.db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {
            f"table {name}": "\n".join(repr(tuple(_bare(cell) for cell in row)) for row in
                                      connection.execute(text(f'SELECT * FROM "{name}"'))).encode()
            for name in names
        }  # fmt: skip


def _bare(cell: object) -> object:
    """Bytes as hex, so that they are found as a dump writes them; JSON columns as text."""
    return bytes(cell).hex() if isinstance(cell, bytes | memoryview) else cell


def fetched(client: FlaskClient, path: str) -> bytes:
    """A page as it comes, without the checks of markup: this test asks another question."""
    if isinstance(client, CheckingClient):
        if client.release is not None:
            client.release()
        return FlaskClient.open(client, path).get_data()
    return client.get(path).get_data()


LINK = re.compile(r'href="(/[^"#]*)')
#: Not followed: leaving, switching the language, and what is no page of ours.
OUT = ("/logout", "/language", "/static", "/bootstrap")


def seen_by(client: FlaskClient, start: tuple[str, ...]) -> dict[str, bytes]:
    """Every page and file the person reaches from these by links, with the exports of lists."""
    found: dict[str, bytes] = {}
    waiting = list(start)
    while waiting and len(found) < 250:
        path = waiting.pop(0)
        if path in found:
            continue
        found[path] = fetched(client, path)
        for link in LINK.findall(found[path].decode("utf-8", "replace")):
            target = link.replace("&amp;", "&")
            exports = "as=csv" in target and target.count("=") == 1
            if not target.startswith(OUT) and ("?" not in target or exports):
                waiting.append(target)
    return found


def directly(tender: Tender) -> tuple[str, ...]:
    """Addresses of the tender that somebody might type, linked or not."""
    pages = ("", "/opening", "/opening/shares", "/keys", "/confirm", "/qualification", "/conformity", "/scoring",
             "/prices", "/result", "/winners", "/committee", "/timetable", "/papers/1", "/bids/1/technical",
             "/bids/1/price")  # fmt: skip
    return tuple(f"/tenders/{tender.id}{page}" for page in pages)


MACHINES = ("/healthz", "/feed.atom", "/api/v1/openapi.json", "/opendata/", "/api/v1/processes", "/")
#: What differs from one fetch of a page to the next whatever happens.
CHANGING = (
    re.compile(rb'name="(?:csrf_token|once)" value="[^"]*"|value="[^"]*" name="(?:csrf_token|once)"'),
    re.compile(rb'<input id="(?:csrf_token|once)"[^>]*>|<input [^>]*(?:csrf_token|-once|"once")[^>]*>'),
    re.compile(rb"[0-9a-f]{32}|nonce-[A-Za-z0-9_-]+"),
)


def steady(page: bytes) -> bytes:
    for pattern in CHANGING:
        page = pattern.sub(b"", page)
    return page


# Bidding ------------------------------------------------------------------------------------------------------------


def canary(session: Session, tender: Tender, kind: EnvelopeKind) -> tuple[bytes, str]:
    """An envelope whose files' names and contents hold the word."""
    if kind is EnvelopeKind.PRICE:
        files = [
            seal.File("price-sheet.json", as_json({"price": PRICE, "price_in_words": "叁拾壹元肆角壹分"})),
            seal.File(f"{WORD}报价说明.txt", WORD.encode() * 20),
        ]
    else:
        files = [seal.File(f"{WORD}服务方案.pdf", b"%PDF-1.7 " + WORD.encode() * 20)]
    container = seal.build(tender.number, 1, kind.value, files)
    key = services.tender_keys(session, tender.id or 0)[kind]
    return seal.seal_envelope(container, key.recipient), seal.commitment_of(container)


def bids_on_the_page(client: CheckingClient, session: Session, tender: Tender) -> None:
    """A whole bid through the pages: documents, security, both envelopes with the word as the upload's name, submit."""
    base = f"/tenders/opportunities/{tender.id}"
    client.submit(client.get(base), action="/documents")
    page = client.get(f"{base}/bid")
    client.submit(page, {"1-security-payer_account": "演示账户"}, action="/security")
    for kind in EnvelopeKind:
        ciphertext, commitment = canary(session, tender, kind)
        typed = {
            f"1-{kind.value}-sealed": (BytesIO(ciphertext), f"{WORD}.age"),
            f"1-{kind.value}-commitment": commitment,
        }
        page = client.get(f"{base}/bid")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token is not None
        answer = client.post(
            f"{base}/bid/1/envelopes/{kind.value}", data={**typed, "csrf_token": token.group(1)},
            content_type="multipart/form-data", headers={"Referer": f"http://localhost{base}/bid"},
        )  # fmt: skip
        assert answer.status_code == 303, answer.text
    page = client.get(f"{base}/bid")
    done = client.submit(page, {"1-submit-entitled": "y"}, action="/submit")
    assert "投标回执" in done.text, done.text


def submits(session: Session, clock: FixedClock, people: make.Cast, tender: Tender, who: int) -> None:
    """A whole bid with the word, by the verbs."""
    insurer = people.insurers[who]
    lot = services.lots_of(session, tender.id or 0)[0].id or 0
    with transaction(session):
        services.take_documents(session, insurer, clock, tender.id or 0)
        services.pay_security(session, insurer, clock, lot, payer_account="演示账户")
        numbers = [
            services.upload_envelope(session, insurer, clock, lot, kind, *canary(session, tender, kind)).id or 0
            for kind in EnvelopeKind
        ]
    make.submit(session, clock, insurer, lot, numbers[0], numbers[1], f"canary-key-{who}")


def exported(app: Flask, house: House, session: Session, folder: Path) -> dict[str, bytes]:
    """The open data as files, and what the commands say of the tender; sweeps that are due run."""
    session.rollback()  # the test's own reading must not hold the sweeps up
    house.db.session.rollback()
    runner = app.test_cli_runner()
    answers = {
        " ".join(words[:2]): runner.invoke(args=words).output.encode()
        for words in (
            ["opendata", "export", "--out", str(folder)],
            ["tender", "list", "--json"],
            ["tender", "show", "YSDB-2016-ZB-01", "--json"],
            ["jobs", "due", "--json"],
        )
    }
    return {**{name: content.replace(str(folder).encode(), b"") for name, content in answers.items()},
            **files_under(folder)}  # fmt: skip


def test_the_canary_is_found_nowhere_before_the_opening(
    app: Flask, house: House, login: Login, session: Session, clock: FixedClock, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    signer = login("insurer_signer")
    bids_on_the_page(signer, session, tender)
    for who in (0, 1):
        submits(session, clock, people, tender, who)
    session.rollback()
    (tmp_path / "backup").mkdir()
    with pytest.raises(Refused, match="would tell who bids"):
        backup.backup(house, tmp_path / "plain")
    backup.backup_sealed(house, tmp_path / "backup" / "b.age", [str(pyrage.x25519.Identity.generate().to_public())])
    kept = files_under(tmp_path / "backup")
    names = session.exec(select(Organisation.name).where(Organisation.kind == "insurer")).all()
    session.rollback()
    assert [name for name in names if places_of(name, kept)] == [], "the backup names a bidder"
    stores = {
        **files_under(house.settings.data), **rows(house), **files_under(tmp_path / "backup"),
        **exported(app, house, session, tmp_path / "open"),
        "the logs": "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records).encode(),
    }  # fmt: skip
    clients: dict[str, FlaskClient] = {role: login(role, of=people.department) for role in ROLES}
    clients["another insurer"], clients["a visitor"] = login("insurer_signer"), visitor(app, session)
    clients["the bidder"] = signer
    for who, client in clients.items():
        pages = seen_by(client, (*MACHINES, "/desk", "/audit/", *directly(tender)))
        stores |= {f"{who} at {path}": content for path, content in pages.items()}
    assert len(stores) > 200
    assert places_of(WORD, stores) == []
    assert places_of("叁拾壹元肆角壹分", stores) == []

    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    session.rollback()
    assert places_of(WORD, files_under(house.settings.data)), "the search would not find the word where it is"
    backup.backup(house, tmp_path / "plain")  # the bids are open: a readable one is allowed, and the search finds them
    assert places_of(people.insurers[0].name, files_under(tmp_path / "plain")) or house.db.engine.name == "postgresql"


@pytest.mark.databases("sqlite")
def test_an_encrypted_backup_has_the_same_size_with_no_bidder_and_with_three(
    app: Flask, house: House, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    key = str(pyrage.x25519.Identity.generate().to_public())
    nobody = backup.backup_sealed(house, tmp_path / "nobody.age", [key])
    for who in range(3):
        submits(session, clock, people, tender, who)
    three = backup.backup_sealed(house, tmp_path / "three.age", [key])
    assert three.size == (tmp_path / "three.age").stat().st_size
    assert abs(nobody.size - three.size) < 1000, "age's own stanza of random length, and nothing else"


@pytest.mark.databases("sqlite")
def test_no_page_export_or_answer_differs_between_no_bidder_and_three(
    app: Flask, house: House, login: Login, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    clients: dict[str, FlaskClient] = {role: login(role, of=people.department) for role in ROLES[:-1]}
    clients["another insurer"], clients["a visitor"] = login("insurer_signer"), visitor(app, session)
    start = (*MACHINES, "/desk", *directly(tender))

    def everything(folder: Path) -> dict[str, bytes]:
        shown = {
            f"{who} at {path}": steady(content)
            for who, client in clients.items()
            for path, content in seen_by(client, start).items()
            if not path.startswith("/audit")  # the log grows by opaque entries: see the next test
        }
        return shown | exported(app, house, session, folder)

    exported(app, house, session, tmp_path / "warm")  # what is due has run
    nobody = everything(tmp_path / "nobody")
    for who in range(3):
        submits(session, clock, people, tender, who)
    three = everything(tmp_path / "three")
    assert sorted(nobody) == sorted(three)
    differing = {name: (content, three[name]) for name, content in nobody.items() if three[name] != content}
    assert differing == {}


@pytest.mark.databases("sqlite")
def test_a_withdrawal_shows_on_finances_pages_alone_and_names_nobody_on_the_desk(
    app: Flask, house: House, login: Login, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    """Under a law with T08 finance pays the security back at once (docs/decisions/0008); nobody else sees a thing."""
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    for who in range(3):
        submits(session, clock, people, tender, who)
    tender.deadline = beijing(2022, 9, 20, 9)
    session.commit()
    clock.move_to(beijing(2022, 9, 6, 10))
    clients: dict[str, FlaskClient] = {role: login(role, of=people.department) for role in ROLES[:-1]}
    clients["another insurer"], clients["a visitor"] = login("insurer_signer"), visitor(app, session)
    start = (*MACHINES, "/desk", *directly(tender))

    def everything() -> dict[str, bytes]:
        return {
            f"{who} at {path}": steady(content)
            for who, client in clients.items()
            for path, content in seen_by(client, start).items()
            if not path.startswith("/audit")
        }

    exported(app, house, session, tmp_path / "warm")
    before = everything()
    with transaction(session):
        services.withdraw_bid(session, people.insurers[0], clock, services.lots_of(session, tender.id or 0)[0].id or 0)
    session.rollback()
    after = everything()
    differing = {name for name in after if before.get(name) != after[name]} | (before.keys() - after.keys())
    (page,) = {name for name in differing if "/securities/released/" in name}
    assert differing == {"finance at /desk", page}
    name = session.get_one(Organisation, people.insurers[0].organisation_id).name.encode()
    assert name in after[page]
    assert name not in after["finance at /desk"]


@pytest.mark.databases("sqlite")
def test_the_audit_page_and_the_logs_name_no_bidder(
    login: Login, session: Session, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    auditor, signer = login("audit_admin", of=people.department), login("insurer_signer")
    preparer = login("insurer_preparer")
    caplog.set_level(logging.INFO)
    caplog.clear()
    bids_on_the_page(signer, session, tender)
    base = f"/tenders/opportunities/{tender.id}"
    assert preparer.post(f"{base}/bid/1/withdraw", data={}).status_code in (400, 403)
    lines = [record.facts for record in caplog.records if hasattr(record, "facts")]
    bidding = [line for line in lines if line["route"] == UNSEEN]
    assert len(bidding) > 8
    assert all(not {"user", "method", "denied"} & set(line) for line in bidding)
    assert not any("opportunities/<int:tender_id>" in str(line["route"]) for line in lines)
    log = auditor.get("/audit/?size=200").text
    assert "tender:sealed:event" in log
    since = log.rsplit("tender:sealed:event", 1)[0]  # the newest stand first
    assert signer.actor.name not in since
    assert preparer.actor.name not in since


def test_the_command_line_verifies_the_chain_without_a_word_of_bids(house: House) -> None:
    """`flask` runs as a process of its own: nothing of it may print rows."""
    done = subprocess.run(
        [Path(sys.executable).with_name("flask"), "audit", "verify"], capture_output=True, text=True,
        env={"CHENGBAN_DATA": str(house.settings.data), "DATABASE_URL": house.settings.database_url,
             "CHENGBAN_MODE": "test", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "bid" not in done.stdout
