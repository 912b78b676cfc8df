"""A sealed bid made to hurt spoils itself alone: the others are opened, and no name of a file is ever a path."""

import hashlib
import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from core import audit
from core.clock import FixedClock
from core.db import transaction
from core.house import House, files_of
from core.identity.actor import Actor
from tender import seal, services
from tender.models import Envelope, EnvelopeKind, PriceSheet, Tender
from tests.factories import tender as make
from tests.support.clients import CheckingClient

HEAD = b'{"tender":"T","lot":1,"envelope":"technical","salt":"' + b"00" * 32 + b'","files":'
EMPTY = hashlib.sha256(b"").hexdigest()


def container(files: str, head: bytes = HEAD) -> bytes:
    """A container without content, whose manifest lists these files."""
    return b"seal/v1\n" + head + files.encode("utf-8", "surrogatepass") + b"}\n"


def listed(name: str, size: str = "0") -> str:
    """The list of one empty file; the name as JSON writes it."""
    return f'[{{"name":"{name}","size":{size},"sha256":"{EMPTY}"}}]'


@pytest.mark.parametrize(
    "content",
    [
        b"seal/v1\n" + b"[" * 200_000 + b"\n",
        container(listed("a", "1e999")),
        container(listed("a", "-1")),
        container("[]", HEAD.replace(b'"lot":1', b'"lot":1e999')),
        container("5"),
        container(listed("a\\u0000b")),
        container(listed("a\\r\\nSet-Cookie: x")),
        container(listed("\\ud800")),
        container(listed("\\u202efdp.exe")),
        b"seal/v1\n" + b"{" * 2_000_000,
    ],
    ids=[
        "brackets without end", "an infinite size", "a negative size", "an infinite lot", "no list",
        "NUL in a name", "a header in a name", "half a character", "a name that reads backwards", "no end",
    ],
)  # fmt: skip
def test_a_hostile_manifest_is_a_fault_of_its_container(content: bytes) -> None:
    with pytest.raises(seal.ContainerFault):
        seal.read(content)


@pytest.mark.parametrize("name", ["方" * 255, "承办 服务　方案.pdf", "../../etc/passwd", "CON", "a" * 5000])
def test_any_readable_name_comes_through(name: str) -> None:
    packed = seal.build("T", 1, "technical", [seal.File(name, b"1"), seal.File(name, b"2")])
    assert [file.name for file in seal.read(packed).files] == [name, name]


HOSTILE_SHEETS = (
    b"[" * 200_000,
    b'{"price":"NaN","price_in_words":""}',
    json.dumps({"price": "36." + "5" * 5000, "price_in_words": "叁拾陆元伍角"}).encode(),
    json.dumps({"price": "1e999999", "price_in_words": "壹元整"}).encode(),
    json.dumps({"price": "36.50", "price_in_words": "叁拾陆元\u0000伍角"}).encode(),
    json.dumps({"price": "36.50", "price_in_words": "叁拾陆元伍角整", "total": "Infinity"}).encode(),
    json.dumps({"price": "36.50", "price_in_words": "叁拾陆元伍角整", "total": {"of": 1}}).encode(),
    json.dumps({"price": "36.50", "price_in_words": "叁拾陆元伍角整", "total_in_words": "\u202e"}).encode(),
    json.dumps({"price": "36.50", "price_in_words": "叁拾陆元伍角整", "quantity": "-1e99"}).encode(),
    json.dumps({"price": "36.505", "price_in_words": "叁拾陆元伍角整"}).encode(),
    json.dumps({"price": "36.50", "price_in_words": "叁拾陆元伍角整", "total": "219000000.005"}).encode(),
    b'["price"]',
)


def test_hostile_price_sheets_leave_the_other_bids_open(session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock, insurers=3 + len(HOSTILE_SHEETS))
    tender = make.published(session, clock, people)
    for insurer, price in zip(people.insurers, ("36.50", "37.00", "38.00"), strict=False):
        make.submitted(session, clock, insurer, tender, price)
    for insurer, sheet in zip(people.insurers[3:], HOSTILE_SHEETS, strict=True):
        submit_with_sheet(session, clock, insurer, tender, sheet)
    make.opened(session, clock, people, tender, EnvelopeKind.TECHNICAL)
    make.reviewed(session, clock, people, tender)
    make.scored(session, clock, people, tender)
    make.opened(session, clock, people, tender, EnvelopeKind.PRICE)

    failures = session.exec(select(Envelope.failure).where(col(Envelope.failure).is_not(None))).all()
    assert failures == ["没有可读的开标一览表"] * len(HOSTILE_SHEETS)
    assert [row.price_in_words for row in session.exec(select(PriceSheet).order_by(col(PriceSheet.price)))] == [
        "叁拾陆元伍角整", "叁拾柒元整", "叁拾捌元整",
    ]  # fmt: skip
    assert list(audit.verify(session)) == []


def submit_with_sheet(session: Session, clock: FixedClock, insurer: Actor, tender: Tender, sheet: bytes) -> None:
    """A bid whose price envelope holds these bytes as its price sheet, sealed as it should be."""
    lot, technical, _price = make.uploaded(session, clock, insurer, tender, "36.00")
    packed = seal.build(tender.number, 1, EnvelopeKind.PRICE.value, [seal.File("price-sheet.json", sheet)])
    key = services.tender_keys(session, tender.id or 0)[EnvelopeKind.PRICE]
    with transaction(session):
        envelope = services.upload_envelope(
            session, insurer, clock, lot, EnvelopeKind.PRICE,
            seal.seal_envelope(packed, key.recipient), seal.commitment_of(packed),
        )  # fmt: skip
        number = envelope.id or 0
    make.submit(session, clock, insurer, lot, technical, number, f"hostile-{number:04}")


@pytest.mark.databases("sqlite")
def test_the_name_of_an_upload_is_never_used(
    house: House, login: Callable[..., CheckingClient], session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    people = make.cast(session, clock, insurers=0)
    tender = make.published(session, clock, people)
    client = login("insurer_preparer")
    with transaction(session):
        services.take_documents(session, client.actor, clock, tender.id or 0)
    ciphertext, commitment = make.sealed(session, tender, 1, EnvelopeKind.TECHNICAL)
    for number, name in enumerate(("方" * 255, "../../x", "\u202efdp", "x" * 5000, "a\x00b", "<script>", "CON")):
        typed = {
            "1-technical-sealed": (BytesIO(ciphertext), f"{name}.age"),
            "1-technical-commitment": commitment,
        }
        page = client.get(f"/tenders/opportunities/{tender.id}/bid")
        answer = send(client, page, f"/tenders/opportunities/{tender.id}/bid/1/envelopes/technical", typed)
        assert answer.status_code == 200, name
        assert len(session.exec(select(Envelope)).all()) == number + 1
    kept = files_of(session).folder
    assert all(len(path.parent.name + path.name) == 64 for path in kept.rglob("*") if path.is_file())
    assert not list(tmp_path.rglob("x.age"))


def send(client: CheckingClient, page: TestResponse, address: str, typed: dict[str, Any]) -> TestResponse:
    """Send the form that works without a script, with the tokens of the page it stands on."""
    tokens = dict(re.findall('name="(csrf_token|once)" value="([^"]+)"', page.get_data(as_text=True)))
    return client.post(address, data={**tokens, **typed}, headers={"Referer": page.request.url}, follow_redirects=True)
