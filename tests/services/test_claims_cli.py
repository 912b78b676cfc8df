"""`flask claims`: recompute a file under a year's terms, and the refusals that say what to give."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from flask import Flask
from sqlmodel import Session

from core.clock import FixedClock
from settlement.claims.cli import cli
from settlement.claims.landing import land
from settlement.claims.terms import as_toml, read_terms, terms_hash
from tests.factories.claims import csv_file, row, year_terms
from tests.factories.contracts import contracted

TERMS = """
year = 2017

[[terms]]
laid_down_in = "年度合同（演示）第三条"
deductible = 20000
maximum = 300000
bands = [
    { lower = 0, upper = 50000, ratio = 0.55 },
    { lower = 50000, upper = 100000, ratio = 0.65 },
    { lower = 100000, ratio = 0.75 },
]
tilts = [
    { group = "registered_poor", deductible_cut = 0.40, ratio_points = 0.05 },
    { group = "destitute", deductible_cut = 0.40, ratio_points = 0.05 },
    { group = "low_income", deductible_cut = 0.40, ratio_points = 0.05 },
]
"""


def claims(*arguments: object) -> Result:
    return Flask("bare").test_cli_runner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a claim file of one wrong claim in two, and the terms of its year."""
    (tmp_path / "terms.toml").write_text(TERMS, "utf-8")
    (tmp_path / "claims.csv").write_bytes(csv_file(row(1), row(2, group="low_income")))
    return tmp_path


def recompute(folder: Path, *more: object, file: str = "claims.csv", terms: bool = True) -> Result:
    given = ["--terms", folder / "terms.toml"] if terms else []
    pack = ["--pack", "jilin", "--year", 2017, "--out", folder / "out.parquet"]
    return claims("recompute", folder / file, *pack, *given, *more)


def test_the_json_has_totals_findings_and_fingerprints(folder: Path) -> None:
    data = json.loads(recompute(folder, "--json").output)
    assert (data["whole"]["claims"], data["whole"]["benefit"], data["whole"]["reported_benefit"]) == (
        2,
        "16300.00",
        "11000.00",
    )
    (finding,) = data["findings"]
    assert (finding["row"], finding["kind"], finding["recomputed"]) == (3, "without_tilt", "10800.00")
    assert data["terms_hash"] == terms_hash(year_terms())
    assert len(data["pack_hash"]) == 64
    assert data["engine"].startswith("duckdb ")


def test_every_claims_result_is_kept(folder: Path) -> None:
    recompute(folder)
    kept = pq.read_table(folder / "out.parquet")
    assert kept.select(["claim_id", "burden_after", "benefit"]).to_pylist() == [
        {"claim_id": "C0001", "burden_after": 30_000_00, "benefit": 5_500_00},
        {"claim_id": "C0002", "burden_after": 30_000_00, "benefit": 10_800_00},
    ]


def test_people_get_a_short_text(folder: Path) -> None:
    text = recompute(folder).output
    assert "recomputed           16,300.00" in text
    assert "  row 3  C0002  5,500.00 ≠ 10,800.00  without_tilt  B(30,000.00) − B(0.00)" in text


def test_a_landed_file_that_carries_its_terms_needs_no_others(folder: Path) -> None:
    carrying = land((folder / "claims.csv").read_bytes(), "claims.csv", 2017, terms=year_terms())
    (folder / "claims.parquet").write_bytes(carrying.parquet)
    data = json.loads(recompute(folder, "--json", file="claims.parquet", terms=False).output)
    assert data["whole"]["benefit"] == "16300.00"


def test_an_invented_file_comes_to_the_sum_asked_for(folder: Path) -> None:
    made = claims(
        "generate", "--contract", "演示-2017-01", "--year", 2017, "--insured", 1_600_000, "--benefit", "97000000",
        "--terms", folder / "terms.toml", "--out", folder / "invented.csv",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    data = json.loads(recompute(folder, "--json", "--contract", "演示-2017-01", file="invented.csv").output)
    assert abs(Decimal(data["whole"]["benefit"]) - 97_000_000) < 10
    assert f"{data['whole']['findings']} reported wrong" in made.output


@pytest.mark.parametrize(
    ("arguments", "terms", "reason"),
    [
        ([], None, "give them with --terms FILE"),
        (
            ["--contract", "JLDB-2017-02"],
            TERMS,
            "row 2, contract_number “JLDB-2017-01”: is not the number of this contract",
        ),
        (["--engine", "spark"], TERMS, "Spark is not installed"),
        (["--out", "nowhere/out.parquet"], TERMS, "There is no folder nowhere for the result"),
        (["--out", "/proc/out.parquet"], TERMS, "Error: /proc/out.parquet: No such file or directory"),
        (["--pack", "nowhere"], TERMS, "There is no policy pack"),
        (["--year", "2018"], TERMS, "gives terms of 2017, not of 2018"),
        ([], TERMS.replace("0.55", "0.50"), "the paper sets the start ratio 0.55"),
        ([], TERMS.replace("0.55", "55"), "write 0.55 for 55 %"),
        ([], TERMS.replace("deductible = 20000", "deductable = 20000"), "did you mean “deductible”"),
        ([], TERMS.replace("upper = 50000", "upper = 40000"), "gap or overlap between bands: 40000 and 50000"),
        ([], TERMS.replace("year = 2017", ""), "year: missing"),
        ([], TERMS.replace('"destitute"', '"rich"'), "unknown group: rich"),
    ],
)
def test_refusals_say_where_and_write_nothing(
    folder: Path, arguments: list[str], terms: str | None, reason: str
) -> None:
    if terms is not None:
        (folder / "terms.toml").write_text(terms, "utf-8")
    result = recompute(folder, *arguments, terms=terms is not None)
    assert result.exit_code != 0
    assert reason in result.output
    assert not (folder / "out.parquet").exists()


@pytest.mark.databases("sqlite")
def test_without_terms_those_of_the_contract_that_the_file_names_apply(
    app: Flask, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    contract = contracted(session, clock)
    (tmp_path / "claims.csv").write_bytes(csv_file(row(1, contract_number=contract.number)))
    (tmp_path / "stranger.csv").write_bytes(csv_file(row(1, contract_number="JLDB-2017-99")))

    def recomputed(name: str) -> Result:
        out = tmp_path / f"{name}.parquet"
        given = ["--pack", "jilin-2016", "--year", "2017", "--out", str(out), "--json"]
        return app.test_cli_runner().invoke(cli, ["recompute", str(tmp_path / name), *given])

    answer = recomputed("claims.csv")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["findings"][0]["explanation"]["clause"] == f"{contract.number} 年度合同"
    refused = recomputed("stranger.csv")
    assert refused.exit_code == 1
    assert "JLDB-2017-99 is no contract of this house: give them with --terms FILE" in refused.output
    assert not (tmp_path / "stranger.csv.parquet").exists()


def test_terms_written_down_are_read_again(tmp_path: Path) -> None:
    (tmp_path / "terms.toml").write_text(as_toml(year_terms()), "utf-8")
    assert terms_hash(read_terms(tmp_path / "terms.toml")) == terms_hash(year_terms())


def test_terms_may_change_within_the_year(tmp_path: Path) -> None:
    file = tmp_path / "terms.toml"
    later = TERMS.split("[[terms]]")[1].replace("laid_down_in", "in_force_from = 2017-07-01\nlaid_down_in")
    file.write_text(f"{TERMS}\n[[terms]]{later}", "utf-8")
    assert [str(day) for day in read_terms(file).days()] == ["2017-01-01", "2017-07-01"]
