"""Every writing verb of the tender room at every stage: allowed, or refused with its reason and nothing written.

The table is `tests/data/tender-steps.csv`, one line a verb, one column a stage:
可 it goes through; 否 refused, saying where the tender stands and when the step is possible; 另 refused with the line's
own reason (理由); 无 there is nothing to act on yet, or nobody may know that there is; 空 nothing happens (a sweep);
证 a late bid is refused by a signed certificate, which is kept.
"""

import csv
import inspect
import pkgutil
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import tender.services
from core import audit
from core.config import DEMONSTRATION_SECRET, Settings
from core.db import transaction
from core.documents import use_cache
from core.errors import NotFound, Refused
from tender.models import RefusedBid, Tender
from tender.rules.stages import Stage
from tender.services.stage import NAMES, STANDS_AT
from tests.factories.tender_stages import Life, World, live
from tests.factories.tender_steps_remedies import STEPS

pytestmark = pytest.mark.databases("sqlite")
TABLE = Path(__file__).parents[1] / "data" / "tender-steps.csv"
CATALOGUE = Path(__file__).parents[2] / "translations" / "tender" / "zh_CN" / "LC_MESSAGES" / "messages.po"
STANDS = "%(stands)s. This step is possible only at: %(stages)s"


class Undone(Exception):
    """Takes back what an allowed step wrote, so that the next one finds the stage as it was."""


@pytest.fixture(scope="module")
def life(sqlite_template: Path, papers: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """One tender played once, with a copy of the database at each stage."""
    folder = tmp_path_factory.mktemp("life")
    path = folder / "played.sqlite3"
    shutil.copyfile(sqlite_template, path)
    use_cache(papers)
    settings = Settings(
        data=folder / "data", database_url=f"sqlite:///{path}", mode="test", secret=DEMONSTRATION_SECRET, port=8000,
        trusted_hosts=("localhost",), public_url="http://127.0.0.1:8000",
    )  # fmt: skip
    return live(settings, folder)


def rows() -> list[dict[str, str]]:
    """The table, a line a step."""
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def chinese() -> dict[str, str]:
    """The room's message ids in Chinese."""
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="zh_CN")}


def tried(world: World, name: str, words: dict[str, str]) -> tuple[str, str]:
    """What a step comes to at the stage: the mark of its cell and the reason, as far as it is the step's own."""
    session, mark, reason = world.session, "可", ""
    written = stored = None
    try:
        with transaction(session):
            act = STEPS[name](world)
            session.flush()
            raw = session.connection().connection.dbapi_connection
            written, stored = raw.total_changes, files(world)
            result = act()
            session.flush()
            if isinstance(result, RefusedBid):
                mark = "证"
            elif not result and raw.total_changes == written:
                mark = "空"
            raise Undone
    except Undone:
        return mark, ""
    except NotFound:
        mark = "无"
    except Refused as refused:
        mark, reason = _reason(world, refused, words)
    assert raw.total_changes == written, f"{name} wrote before it was refused"
    assert files(world) == stored, f"{name} left a file behind"
    return mark, reason


def _reason(world: World, refused: Refused, words: dict[str, str]) -> tuple[str, str]:
    if refused.message == STANDS:
        assert refused.params["stands"].ids == (STANDS_AT[world.stage],)
        assert NAMES[world.stage] not in refused.params["stages"].ids
        return "否", ""
    return "另", words[refused.message]


def files(world: World) -> set[str]:
    """The names of everything in the house's store."""
    return {str(path) for path in world.store.rglob("*") if path.is_file()}


@pytest.mark.parametrize("stage", list(Stage), ids=lambda stage: stage.value)
def test_each_step_is_allowed_or_refused_as_the_table_says(life: Life, tmp_path: Path, stage: Stage) -> None:
    words = chinese()
    column = words[NAMES[stage]]
    wrong = []
    with life.world(stage, tmp_path) as world:
        for row in rows():
            mark, reason = tried(world, row["步骤"], words)
            if mark != row[column] or reason and reason not in row["另有理由"].split("｜"):
                wrong.append(f"{row['步骤']}: {row[column]} in the table, {mark} {reason} in fact")
        assert list(audit.verify(world.session)) == []
    assert wrong == []


def verbs() -> Iterator[str]:
    """Every public verb of the room: a service that takes session and clock and no row that another verb has locked."""
    for module in pkgutil.walk_packages(tender.services.__path__, "tender.services."):
        found = import_module(module.name)
        for name, function in inspect.getmembers(found, inspect.isfunction):
            if function.__module__ != module.name or name.startswith(("_", "locked_")):
                continue
            takes = inspect.signature(function).parameters
            handed = any(one.annotation is Tender for one in takes.values())
            if {"session", "clock"} <= set(takes) and not handed:
                yield f"{module.name.removeprefix('tender.services.')}.{name}"


def test_the_table_misses_no_verb_and_no_stage() -> None:
    words = chinese()
    listed = {row["步骤"].split("/")[0] for row in rows()}
    assert listed == set(verbs())
    assert {row["步骤"] for row in rows()} == set(STEPS)
    assert list(rows()[0]) == ["步骤", "事项", *(words[NAMES[stage]] for stage in Stage), "另有理由"]
    assert all(row["事项"] for row in rows())
