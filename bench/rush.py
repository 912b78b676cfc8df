"""The last half minute before a deadline: 300 insurers submit to the server that `make run` starts, on this machine.

The house is made anew in a temporary folder (SQLite, then PostgreSQL where its programs are): one tender, 300 insurers
with both envelopes uploaded and the bid page open. Each presses "Submit the bid" once, at an even spacing over thirty
seconds, and then loads the page with the receipt. A probe asks the same server for its barest page all the while; that
is the baseline. Raises RuntimeError for an answer of 500 and more, a receipt that is missing, or one at or after the
deadline.
"""

import ctypes
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlmodel import Session, select

from bench import Ratio
from core import config
from core.clock import FixedClock, SystemClock, beijing
from core.db import transaction
from core.identity import services as identity
from core.identity.login import TOKEN
from core.identity.models import Organisation, OrganisationKind, RoleGrant, User
from core.identity.services import Place
from setup.data import BIN, ROOT
from tender.models import BidSubmission, RefusedBid, Tender
from tender.services.bidding import standing_bids
from tests.factories import tender as make
from tests.support.databases import PostgresServer, make_schema
from wsgi import create_app

INSURERS, SECONDS, START = 300, 30, 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


PORT = _free_port()


def ratios() -> Iterator[Ratio]:
    """The median and the slowest hundredth of submitting and of the receipt's page, on each database there is."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))  # so that both servers are stopped
    with tempfile.TemporaryDirectory() as folder:
        yield from _rush(Path(folder), f"sqlite:///{folder}/chengban.sqlite3", "SQLite")
    if not any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")):
        return
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from _rush(Path(folder), server.url(server.create()), "PostgreSQL")
    finally:
        server.stop()


@dataclass
class Bidder:
    """An insurer's browser: its cookie, and the form it has open."""

    cookie: str
    form: dict[str, str] = field(default_factory=dict)


@dataclass
class Times:
    """What the clients saw, in seconds, and every answer that was none of ours."""

    submit: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def _rush(folder: Path, url: str, name: str) -> Iterator[Ratio]:
    environment = {
        "CHENGBAN_DATA": str(folder), "DATABASE_URL": url, "PORT": str(PORT), "CHENGBAN_MODE": "demonstration",
    }  # fmt: skip
    settings = config.read({**os.environ, **environment})
    make_schema(url)
    app = create_app(settings, FixedClock(beijing(2016, 8, 1, 9)))
    tender_id, cookies = _prepared(app)
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [BIN / "gunicorn", "--no-control-socket", "wsgi:create_app()"], cwd=ROOT, env={**os.environ, **environment},
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_die_with_us,
        )  # fmt: skip
        try:
            _wait_for_server()
            path = f"/tenders/opportunities/{tender_id}/bid"
            bidders = [Bidder(cookie) for cookie in cookies]
            for bidder in bidders:
                _open_page(bidder, path)
            times = _press(app, tender_id, bidders, path)
        finally:
            server.terminate()
            server.wait(timeout=20)
    _check(app, tender_id, times)
    app.extensions["house"].db.engine.dispose()
    for what, taken in (("submit", times.submit), ("page of the receipt", times.page)):
        for part, share in (("p50", 50), ("p99", 99)):
            ours, bare = _percentile(taken, share), _percentile(times.bare, share)
            yield Ratio(f"{name}: {what}, {part}", ours, f"/time in the same rush, {part}", bare)


def _die_with_us() -> None:
    """The server ends when this process does, however it ends (Linux: PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _prepared(app: Flask) -> tuple[int, list[str]]:
    """A tender that closes in an hour, insurers with uploaded envelopes, and the cookies of their signed-in people."""
    house = app.extensions["house"]
    with house.db.factory() as session:
        people = make.cast(session, house.clock, insurers=0)
        tender = make.published(session, house.clock, people)
        number = tender.id or 0
        signers = _insurers(session, house.clock)
        for signer in signers:
            make.uploaded(session, house.clock, signer.as_actor(), tender, "37.00")
        _move_deadline(session, number, 3600)
        cookies = [_cookie(app, session, signer) for signer in signers]
    return number, cookies


def _insurers(session: Session, clock: FixedClock) -> list[User]:
    """Three hundred companies with one signer each; nobody signs in by password, so none is hashed."""
    signers = []
    with transaction(session):
        for turn in range(INSURERS):
            company = Organisation(
                kind=OrganisationKind.INSURER, name=f"演示保险公司{turn}", short_name=f"演示{turn}", demonstration=True,
                created_at=clock.now(),
            )  # fmt: skip
            session.add(company)
            session.flush()
            user = User(
                login=f"signer{turn}", name=f"签署人{turn}", organisation_id=company.id or 0, password="*",
                fs_uniquifier=f"bench-{turn}", created_at=clock.now(),
            )  # fmt: skip
            session.add(user)
            session.flush()
            session.add(RoleGrant(user_id=user.id or 0, role="insurer_signer", granted_at=clock.now()))
            signers.append(user)
    return signers


def _cookie(app: Flask, session: Session, signer: User) -> str:
    with transaction(session):
        token = identity.start_session(
            session, signer.as_actor(), SystemClock(), address="127.0.0.1", agent="bench", place=Place("bench", "bench")
        )
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    held = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    if held is None:
        raise RuntimeError("the session cookie has another name")
    return f"{held.key}={held.value}"


def _move_deadline(session: Session, tender_id: int, seconds: float) -> None:
    """Only a benchmark may: the house itself moves a deadline by two people, forward, with a notice."""
    with transaction(session):
        session.get_one(Tender, tender_id).deadline = SystemClock().now() + timedelta(seconds=seconds)


def _open_page(bidder: Bidder, path: str) -> None:
    """Load the bid page and keep what a browser keeps: the form, and the cookie with the secret of its token."""
    connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request("GET", path, headers={"Cookie": bidder.cookie})
    answer = connection.getresponse()
    bidder.form = _form(answer.read().decode())
    set_cookie = answer.headers.get("Set-Cookie")
    bidder.cookie = set_cookie.split(";", 1)[0] if set_cookie else bidder.cookie
    connection.close()


def _ask(method: str, path: str, cookie: str = "", body: dict[str, str] | None = None) -> tuple[int, str, str, float]:
    """One request on a connection of its own: status, text, location, seconds."""
    begun = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Cookie": cookie, "Referer": f"http://127.0.0.1:{PORT}{path}"}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(body) if body is not None else None, headers)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, text, answer.headers.get("Location") or "", time.perf_counter() - begun


_INPUT, _NAME, _VALUE = re.compile(r"<input[^>]*>"), re.compile(r'\bname="([^"]+)"'), re.compile(r'\bvalue="([^"]*)"')


def _form(page: str) -> dict[str, str]:
    """The fields of the form that submits the bid, the box ticked."""
    found = re.search(r'<form[^>]*action="[^"]*/bid/1/submit".*?</form>', page, re.DOTALL)
    if found is None:
        raise RuntimeError("the bid page offers no submission")
    fields = {}
    for control in _INPUT.findall(found.group(0)):
        name, value = _NAME.search(control), _VALUE.search(control)
        if name and value:
            fields[name.group(1)] = value.group(1)
    return {**fields, "1-submit-entitled": "y"}


def _press(app: Flask, tender_id: int, bidders: list[Bidder], path: str) -> Times:
    times, stop = Times(), threading.Event()
    house = app.extensions["house"]
    with house.db.factory() as session:
        _move_deadline(session, tender_id, SECONDS + 3)  # the slowest answer may take three seconds and be in time
    begun = time.monotonic()

    def press(turn: int, bidder: Bidder) -> None:
        time.sleep(max(0.0, begun + turn * SECONDS / INSURERS - time.monotonic()))
        try:
            status, text, location, taken = _ask("POST", f"{path}/1/submit", bidder.cookie, bidder.form)
            times.submit.append(taken)
            if status != 303:
                times.faults.append(f"submit answered {status}: {text[:200]}")
                return
            status, _text, _location, taken = _ask("GET", location.split("#")[0], bidder.cookie)
            times.page.append(taken)
            if status != 200:
                times.faults.append(f"the receipt's page answered {status}")
        except OSError as fault:
            times.faults.append(repr(fault))

    def probe() -> None:
        while not stop.wait(0.1):
            times.bare.append(_ask("GET", "/time")[3])

    order = random.Random(820_271).sample(bidders, len(bidders))
    threads = [threading.Thread(target=press, args=(turn, bidder)) for turn, bidder in enumerate(order)]
    watch = threading.Thread(target=probe)
    for thread in (watch, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    watch.join()
    return times


def _check(app: Flask, tender_id: int, times: Times) -> None:
    if times.faults:
        raise RuntimeError(f"{len(times.faults)} answers failed, the first: {times.faults[0]}")
    with app.extensions["house"].db.factory() as session:
        deadline = session.get_one(Tender, tender_id).deadline
        taken = session.exec(select(BidSubmission)).all()
        late = session.exec(select(RefusedBid)).all()
        bids = {bid.id for bid in standing_bids(session, tender_id)}
    if len(taken) + len(late) != INSURERS or {row.bid_id for row in taken} != bids:
        raise RuntimeError(f"{len(taken)} receipts and {len(late)} refusals for {INSURERS} submissions")
    if any(row.submitted_at >= deadline.astimezone(UTC) for row in taken):
        raise RuntimeError("a receipt is at or after the deadline")


def _wait_for_server() -> None:
    for _ in range(START * 5):
        try:
            if _ask("GET", "/healthz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError("the server did not start")


def _percentile(times: list[float], share: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]
