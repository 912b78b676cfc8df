"""`flask settlement simulate`: its fixed JSON, a rule file from outside the project, and its refusals."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from settlement.cli import cli

JILIN = ["--pack", "jilin", "--on", "2017-03-01", "--premium", "100000000"]

HALVES = """
document = "某市〔2020〕1号"

[sharing]
metric = "surplus_rate"
income = ["premium"]
cost = ["claims"]
expense = "excluded"
source = { article = "三", quote = "盈亏各半分担。" }

[[sharing.bands]]
key = "surplus"
side = "surplus"
lower = 0
lower_closed = true
upper_closed = false
basis = "whole"
share = 0.5
source = { article = "三", quote = "盈亏各半分担。" }

[[sharing.bands]]
key = "loss"
side = "loss"
lower = 0
lower_closed = false
upper_closed = false
basis = "whole"
share = 0.5
source = { article = "三", quote = "盈亏各半分担。" }

[[sharing.readings]]
name = "whole"
title = "按文"
explanation = "只有一种读法"
default = true
"""


def simulate(*arguments: str) -> Result:
    return Flask("bare").test_cli_runner().invoke(cli, ["simulate", *arguments])


def test_the_json_is_fixed_in_form() -> None:
    result = simulate(*JILIN, "--claims", "96990000", "--json")
    data = json.loads(result.output)
    assert {key: value for key, value in data.items() if key != "lines"} == {
        "rate": "0.0301",
        "balance": "3010000.00",
        "insurer": "903000.00",
        "fund": "2107000.00",
        "outcome": "shared",
        "reading": "whole",
    }
    assert data["lines"][-2] == {
        "step": "insurer",
        "clause": "吉政办发〔2016〕57号 五(三)",
        "formula": "30% × 3,010,000.00",
        "amount": "903000.00",
        "rounding": "half_up",
    }


@pytest.mark.parametrize(
    ("arguments", "rate", "insurer", "outcome"),
    [
        (["--claims", "97000000"], "0.03", "3000000.00", "shared"),
        (["--claims", "96999999"], "0.03000001", "900000.30", "shared"),
        (["--claims", "96999999", "--reading", "slice"], "0.03000001", "3000000.30", "shared"),
        (["--claims", "96999999", "--reading", "floor"], "0.03000001", "3000000.00", "shared"),
        (["--claims", "94000000", "--expense", "3000000"], "0.03", "3000000.00", "shared"),
        (["--claims", "104000000"], "-0.04", "-2000000.00", "shared"),
        (["--claims", "105010000"], "-0.0501", "-2510000.00", "provisional"),
        (["--claims", "105000000", "--cause", "policy"], "-0.05", None, "negotiated"),
    ],
)
def test_the_pack_of_jilin_gives_the_worked_tables(
    arguments: list[str], rate: str, insurer: str | None, outcome: str
) -> None:
    data = json.loads(simulate(*JILIN, *arguments, "--json").output)
    assert (data["rate"], data["insurer"], data["outcome"]) == (rate, insurer, outcome)


def test_people_get_an_aligned_text() -> None:
    lines = simulate(*JILIN, "--claims", "96990000").output.splitlines()
    assert "insurer            903,000.00  30% × 3,010,000.00  [吉政办发〔2016〕57号 五(三)]" in lines
    assert "rate                 +3.0100%  exactly 0.0301" in lines


def test_a_rule_file_from_outside_the_project(tmp_path: Path) -> None:
    file = tmp_path / "halves.toml"
    file.write_text(HALVES, "utf-8")
    data = json.loads(simulate("--rule", str(file), "--premium", "3", "--claims", "2", "--json").output)
    assert (data["rate"], data["insurer"], data["fund"]) == ("0.33333333333333333333", "0.50", "0.50")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--premium", "1", "--claims", "1"], "Give either --pack with --on, or --rule"),
        ([*JILIN[:2], "--premium", "1", "--claims", "1"], "Give either --pack with --on, or --rule"),
        ([*JILIN, "--claims", "1", "--reading", "half"], "the rule knows: whole, slice, floor"),
        ([*JILIN, "--claims", "-1"], "claims is negative"),
        ([*JILIN, "--claims", "0.001"], "fraction of a fen"),
        ([*JILIN, "--claims", "a lot"], "not an amount in yuan"),
        (["--pack", "guangdong", *JILIN[2:], "--claims", "1"], "has no sharing formula"),
        (["--pack", "nowhere", *JILIN[2:], "--claims", "1"], "There is no policy pack"),
        (["--pack", "jilin", "--on", "2015-01-01", *JILIN[4:], "--claims", "1"], "not in force"),
    ],
)
def test_refusals_say_why_and_exit_non_zero(arguments: list[str], reason: str) -> None:
    result = simulate(*arguments)
    assert result.exit_code != 0
    assert reason in result.output
    assert "Traceback" not in result.output
