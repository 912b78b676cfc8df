"""Portal and role pages of the demonstration against a bare Flask page, in process: no network, no server between."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from bench import Ratio, compare
from core import config, sqlite
from core.clock import Clock
from core.config import Settings
from core.db import transaction
from core.identity import services
from core.identity.login import TOKEN, place_of
from core.identity.models import RoleGrant, User
from wsgi import create_app

#: The front page, the list of notices, the whole life of the case on one page, the list of reports, the rules.
PUBLIC = ("/", "/notices", "/processes/YSDB-2016-ZB-01", "/disclosures", "/policies")
ROLES = ("handler", "approver", "finance", "supervisor", "insurer_preparer")
DESK = "/desk"
#: Requests of each page; the median of so many is steady while the machine does other things.
ROUNDS = 100


def ratios() -> Iterator[Ratio]:
    """Each public page, then the desk of each role that somebody in the demonstration holds."""
    bare = bare_page()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(copied(config.read(), Path(folder)))
        for path in PUBLIC:
            yield against(bare, f"public page {path}", app.test_client(), path)
        for role in ROLES:
            yield against(bare, f"desk of {role}", signed_in(app, role), DESK)
        app.extensions["house"].db.engine.dispose()


def against(bare: FlaskClient, what: str, client: FlaskClient, path: str) -> Ratio:
    """The page's time against the bare page's. Raises RuntimeError for a page that is not served."""
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answers {answer.status_code} to {what}; `make run` loads the demonstration first")
    return compare(what, lambda: client.get(path), "bare Flask page", lambda: bare.get("/"), rounds=ROUNDS, warm=5)


def bare_page() -> FlaskClient:
    """The least that Flask can do: one route, one text."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "<!doctype html><title>bare</title>")
    return app.test_client()


def copied(settings: Settings, folder: Path) -> Settings:
    """The same house on a copy of its database, so that measuring leaves no trace in it."""
    if not settings.database_url.startswith("sqlite"):
        return settings
    path = folder / "chengban.sqlite3"
    with closing(sqlite.connect(settings.data / path.name)) as live, closing(sqlite.connect(path)) as copy:
        live.backup(copy)
    return replace(settings, data=folder, database_url=f"sqlite:///{path}")


def signed_in(app: Flask, role: str) -> FlaskClient:
    """A client with the session of somebody who holds the role."""
    house = app.extensions["house"]
    with house.db.factory() as session, app.test_request_context():
        token = _session_of(session, house.clock, role)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    return client


def _session_of(session: Session, clock: Clock, role: str) -> str:
    grant = session.exec(select(RoleGrant).where(RoleGrant.role == role).limit(1)).first()
    if grant is None:
        raise RuntimeError(f"nobody is {role}; `make run` loads the demonstration first")
    person = session.get_one(User, grant.user_id)
    actor, place = person.as_actor(), place_of(person.login)
    with transaction(session):
        return services.start_session(session, actor, clock, address="127.0.0.1", agent="bench", place=place)
