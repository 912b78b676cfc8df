"""`flask settlement simulate`: its fixed JSON, a rule file from outside the project, and its refusals."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from core.policy.cli import cli as policy
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
        "inputs": {"balance": "3010000.00", "base": "100000000.00"},
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


SHAPE = ["--rule", str(Path(__file__).parents[1] / "data" / "sharing" / "e-jilin-2016-every-reading.toml")]
HUNDRED = ["--premium", "100000000"]


def test_every_reading_side_by_side() -> None:
    output = simulate(*JILIN, "--claims", "96990000", "--all-readings", "--json").output
    assert json.loads(output)["readings"] == {
        "whole": {"insurer": "903000.00", "fund": "2107000.00", "outcome": "shared"},
        "slice": {"insurer": "3003000.00", "fund": "7000.00", "outcome": "shared"},
        "floor": {"insurer": "3000000.00", "fund": "10000.00", "outcome": "shared"},
    }


def test_a_table_over_claims_without_a_year() -> None:
    output = simulate(*SHAPE, *HUNDRED, "--table", "95000000", "97000000", "1000000", "--reading", "slice").output
    assert [line.split() for line in output.splitlines()] == [
        ["claims", "rate", "slice:", "insurer", "fund"],
        ["95,000,000.00", "+5.0000%", "3,600,000.00", "1,400,000.00"],
        ["96,000,000.00", "+4.0000%", "3,300,000.00", "700,000.00"],
        ["97,000,000.00", "+3.0000%", "3,000,000.00", "0.00"],
    ]


def test_the_rule_is_looked_at_before_there_is_a_year() -> None:
    data = json.loads(simulate(*SHAPE, *HUNDRED, "--lint", "--json").output)
    assert data["incentives"]["sound"] is False
    assert data["incentives"]["jumps"][1] == {
        "rate": "0.03", "claims": "97000000.00", "inner": "3000000.00", "outer": "900000.00",
    }  # fmt: skip
    assert data["incentives"]["temptations"][1] == {
        "from_rate": "0.03", "to_rate": None, "claims_from": None, "claims_to": "97000000.00",
        "best_rate": "0.03", "best": "3000000.00", "gain": "2100000.00",
    }  # fmt: skip
    file = str(Path(__file__).parents[1] / "data" / "sharing" / "d1-10-premium-at-own-risk.toml")
    assert "No jumps" in simulate("--rule", file, *HUNDRED, "--lint").output


def test_the_words_are_there_in_chinese() -> None:
    output = simulate(*SHAPE, *HUNDRED, "--claims", "96990000", "--explain", "--lint", "--language", "zh").output
    assert "收支相抵，盈余3,010,000.00元。" in output
    assert "落在“盈余3%（不含）至5%（含）”档。" in output
    assert "赔款低于97,000,000.00元（比率高于3%）时，承办机构多赔反而多得" in output


def test_the_rule_is_drawn_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rule.svg"
    output = simulate(*SHAPE, *HUNDRED, "--claims", "96990000", "--chart", str(file)).output
    assert str(file) in output
    assert file.read_text("utf-8").startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    refused = simulate(*SHAPE, *HUNDRED, "--claims", "1", "--chart", str(tmp_path / "nowhere" / "rule.svg"))
    assert (refused.exit_code, "cannot be written" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("shape", "arguments", "insurer"),
    [
        ("us-aca-mlr-rebate", "--premium 200000 --claims 130000 --taxes 15000 --quality-expense 8750", "37000.00"),
        ("us-part-d-risk-corridor", "--premium 1 --claims 92000000 --target 100000000", "6500000.00"),
        ("us-mssp-track-2", "--premium 1 --claims 90000000 --target 100000000 --score 0.8", "4800000.00"),
        ("d2-08-risk-reserve", "--premium 100000000 --claims 104000000 --reserve-opening 3000000", "-1000000.00"),
        ("d2-05-policy-and-operating-loss", "--premium 100 --claims 110 --attributable 3", "-8.20"),
        ("d2-11-carried-two-years", "--premium 100000000 --claims 92000000 --carried -3000000", "2500000.00"),
        ("e-jilin-2016-every-reading", "--premium 100 --claims 90 --expense 9 --expense-cap 0.07", "3.00"),
    ],
)
def test_every_figure_a_rule_may_count_can_be_given(shape: str, arguments: str, insurer: str) -> None:
    file = Path(__file__).parents[1] / "data" / "sharing" / f"{shape}.toml"
    assert json.loads(simulate("--rule", str(file), *arguments.split(), "--json").output)["insurer"] == insurer


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--table", "2", "1", "1"], "FROM ≤ TO"),
        (["--table", "1", "2", "0"], "STEP above 0"),
        (["--table", "0", "100000000", "1"], "at most 10000 rows"),
        ([], "Give --claims"),
        (["--claims", "1", "--score", "92"], "not a fraction from 0 to 1"),
        (["--claims", "1", "--score", "good"], "not a fraction from 0 to 1"),
        (["--claims", "1", "--taxes", "-1"], "taxes is negative"),
    ],
)
def test_what_cannot_be_looked_at_is_said(arguments: list[str], reason: str) -> None:
    result = simulate(*SHAPE, *HUNDRED, *arguments)
    assert result.exit_code != 0
    assert reason in result.output


def test_policy_check_says_what_a_rule_leads_to() -> None:
    output = Flask("bare").test_cli_runner().invoke(policy, ["check", SHAPE[1]]).output
    assert "sharing rule is in order" in output
    assert "Reading whole, premium 100,000,000.00 yuan:" in output
    assert "better off by paying more claims wherever they are below 97,000,000.00 yuan" in output
