"""The open data hold by checksum, shape, sense and OCDS schema, and each planted fault is found."""

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from core.clock import FixedClock
from disclosure.models import DisclosureKind
from disclosure.opendata import check, open_files, write
from disclosure.opendata.exact import dumps, loads
from disclosure.opendata.schema import merged_schema
from tests.factories import disclosure as make

#: OCDS 1.1.5 and the extensions we use, as published (Apache-2.0; pins and licence beside it).
SCHEMA = Path(__file__).parents[1] / "data" / "ocds"


@pytest.fixture
def folder(session: Session, clock: FixedClock, tmp_path: Path) -> Path:
    """The export of one settled and disclosed contract year."""
    season = make.settled(session, clock)
    make.published(session, clock, season, DisclosureKind.SIGNING)
    make.published(session, clock, season, DisclosureKind.FINAL_ACCOUNTS)
    files = open_files(session, clock.now())
    assert [file.content for file in open_files(session, clock.now())] == [file.content for file in files]
    write(tmp_path / "out", files)
    return tmp_path / "out"


def planted(folder: Path, change: Callable[[Any], None], name: str = "releases.json") -> list[str]:
    """What the check says, with the schema, of an export in which one JSON file was changed."""
    other = folder.parent / "changed"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(folder, other)
    document = loads((other / name).read_bytes())
    change(document)
    (other / name).write_bytes(dumps(document))
    return [f"{fault.file}{fault.place}: {fault.reason}" for fault in check(other, SCHEMA)]


def test_an_export_holds_and_every_planted_fault_is_found(folder: Path) -> None:
    assert check(folder) == []
    assert check(folder, SCHEMA) == []

    faults: dict[str, tuple[Callable[[Any], Any], str]] = {
        "altered": (lambda d: d["releases"][0]["tender"].update(title="另一个"), "differs from its checksum"),
        "unknown field": (lambda d: d["releases"][0]["tender"].update(secret="x"), "the schema does not know"),
        "unpublished field": (lambda d: d["releases"][0]["tender"].update(submissionMethod=["x"]), "do not publish"),
        "wrong type": (lambda d: d["releases"][0]["tender"]["value"].update(amount="many"), "is a text"),
        "wrong date": (lambda d: d["releases"][0].update(date="2018-04-12"), "date-time"),
        "missing": (lambda d: d["releases"][0].pop("ocid"), "ocid"),
        "closed list": (lambda d: d["releases"][0].update(tag=["party"]), "is not one of"),
        "dangling award": (lambda d: d["releases"][-1]["contracts"][0].update(awardID="A-9"), "no such award"),
        "dangling lot": (lambda d: d["releases"][0]["tender"]["items"][0].update(relatedLot="9"), "no such lot"),
        "currency": (lambda d: d["releases"][0]["tender"]["value"].update(currency="EUR"), "CNY"),
    }
    for name, (change, reason) in faults.items():
        found = planted(folder, change)
        assert any(reason in line for line in found), f"{name}: {found}"


def test_without_the_schema_shape_and_sums_are_still_held(folder: Path) -> None:
    (folder / "settlements.csv").write_bytes(b"x")
    (folder / "stray.txt").write_bytes(b"x")
    (folder / "README.md").unlink()
    said = {(fault.file, fault.reason) for fault in check(folder)}
    assert said == {
        ("settlements.csv", "differs from its checksum"),
        ("stray.txt", "is not in SHA256SUMS"),
        ("README.md", "the file is missing"),
    }


def test_amounts_are_written_digit_by_digit(folder: Path) -> None:
    assert b'"amount": 30000000.00' in (folder / "releases.json").read_bytes()
    assert '"1200000.00"' in (folder / "settlements.json").read_text("utf-8")
    (row,) = loads((folder / "settlements.json").read_bytes())
    assert Decimal(row["rate"]) * Decimal(row["premium"]) == Decimal(row["balance"])


@pytest.mark.parametrize("value", [Decimal("0.10"), Decimal("263252000.00"), [1, "二", None, True, {"a": []}]])
def test_exact_json_is_read_as_written(value: Any) -> None:
    assert loads(dumps(value)) == value
    assert str(loads(dumps(value))) == str(value)


def test_the_merged_schema_knows_the_fields_of_its_extensions() -> None:
    schema = merged_schema(SCHEMA)
    assert "lots" in schema["definitions"]["Tender"]["properties"]
    assert "bids" in schema["properties"]
    assert "metrics" in schema["definitions"]["Implementation"]["properties"]
