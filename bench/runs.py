"""The pages of a run over a thousand contract years against a bare Flask page: lists, comparison, choosing, export.

Run it with `make bench B=runs`; its contract years are those of the season.
"""

import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from flask.testing import FlaskClient
from sqlmodel import Session, SQLModel, select

from bench import Ratio, compare
from bench.pages import bare_page, signed_in
from bench.season import AFTER, CONTRACTS, YEAR, build, settings_in
from core.clock import Clock, FixedClock
from core.db import transaction
from core.identity.actor import SYSTEM, Actor
from core.identity.models import Organisation
from core.identity.services import create_organisation, create_user
from settlement.jobs.runs import carry_out
from settlement.models import AnnualFigures, RunItem
from settlement.services import runs
from wsgi import create_app

#: Requests of each page; those that read every contract year take long enough to be steady.
ROUNDS = 7
#: Contract years whose figures change between the two runs: every tenth.
CHANGED = 10


#: Each page of a run by what it shows.
PAGES = {
    "all contract years": "/settlement/",
    "all runs": "/settlement/runs",
    "a run, not compared": "/settlement/runs/{first}",
    "a run, compared": "/settlement/runs/{second}",
    "a run, only what differs": "/settlement/runs/{second}?differs=yes",
    "one contract year of a run": "/settlement/runs/{second}/contracts/{item}",
    "choosing what is drafted": "/settlement/runs/{second}/draft",
    "choosing what is issued": "/settlement/runs/{second}/issue",
    "export of a run, CSV": "/settlement/runs/{second}?as=csv",
    "export of a run, XLSX": "/settlement/runs/{second}?as=xlsx",
    "reconciliation": "/settlement/reconciliation",
}


def ratios() -> Iterator[Ratio]:
    """Two dry runs of the season, the second with other figures for every tenth; then each page of the second."""
    bare = bare_page()
    with tempfile.TemporaryDirectory(prefix="chengban-bench-") as folder:
        clock = FixedClock(AFTER)
        app = create_app(settings_in(Path(folder)), clock)
        house = app.extensions["house"]
        SQLModel.metadata.create_all(house.db.engine)
        with house.db.factory() as session:
            people(session, clock)
            known = prepared(session, clock, CONTRACTS)
        client = signed_in(app, "handler")
        for what, path in PAGES.items():
            yield _against(bare, f"{what} ({CONTRACTS:,})", client, path.format(**known))
        house.db.engine.dispose()


def prepared(session: Session, clock: Clock, count: int) -> dict[str, int]:
    """So many contract years with two dry runs, and the numbers that the addresses of the pages name."""
    build(session, count)
    first = _run(session, clock)
    _change(session)
    second = _run(session, clock)
    item = session.exec(select(RunItem.id).where(RunItem.run_id == second).limit(1)).one() or 0
    session.rollback()
    return {"first": first, "second": second, "item": item}


def _against(bare: FlaskClient, what: str, client: FlaskClient, path: str) -> Ratio:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answers {answer.status_code}")
    return compare(what, lambda: client.get(path), "bare Flask page", lambda: bare.get("/"), rounds=ROUNDS, warm=1)


def people(session: Session, clock: Clock) -> Actor:
    """The department, eight insurers numbered as the season's agreements name them, and a handler, who is returned."""
    with transaction(session):
        for number in range(1, 10):
            kind = "department" if number == 1 else "insurer"
            create_organisation(session, SYSTEM, clock, kind=kind, name=f"bench {number}", demonstration=True)
    department = session.exec(select(Organisation).order_by("id")).first()
    with transaction(session):
        return create_user(
            session, SYSTEM, clock, login="bench", name="bench", password="tulip-orbit-velvet-19",
            organisation_id=(department.id if department else 0) or 0, roles=("handler",),
        ).as_actor()  # fmt: skip


def _run(session: Session, clock: Clock) -> int:
    with transaction(session):
        run_id = runs.ask_dry_run(session, SYSTEM, clock, year=YEAR, queue=False).id or 0
    carry_out(session, SYSTEM, clock, run_id)
    return run_id


def _change(session: Session) -> None:
    """Newer confirmed figures of every tenth contract year."""
    with transaction(session):
        for row in session.exec(select(AnnualFigures).where(AnnualFigures.id % CHANGED == 0)).all():  # type: ignore[operator]
            values = row.model_dump(exclude={"id"})
            values |= {"version": 2, "reserve_close": row.reserve_close + Decimal("1000.00")}
            session.add(AnnualFigures(**values))
