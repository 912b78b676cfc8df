"""docs/sharing-rules.md against the program: every file in it loads, every result printed in it is recomputed."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask

from core.policy.cli import cli as policy
from settlement.cli import cli

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sharing-rules.md").read_text("utf-8")
#: Each section with a rule: its title, the rule, and the rest of the section.
SECTIONS = re.findall(r"^## (\d) · .*?```toml\n(.*?)```(.*?)(?=^## |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)
ROWS = re.compile(r"^\| `(--[^`]+)` \| (\S+) \| (\S+) \|$", re.MULTILINE)


@pytest.mark.parametrize(("rule", "rest"), [one[1:] for one in SECTIONS], ids=[one[0] for one in SECTIONS])
def test_every_example_gives_what_is_printed(rule: str, rest: str, tmp_path: Path) -> None:
    file = tmp_path / "my-rule.toml"
    file.write_text(rule, "utf-8")
    runner = Flask("bare").test_cli_runner()
    checked = runner.invoke(policy, ["check", str(file)])
    assert checked.exit_code == 0, checked.output
    printed = ROWS.findall(rest)
    assert printed
    for arguments, insurer, fund in printed:
        result = runner.invoke(cli, ["simulate", "--rule", str(file), *arguments.split(), "--json"])
        data = json.loads(result.output)
        given = ("negotiated",) * 2 if data["outcome"] == "negotiated" else (data["insurer"], data["fund"])
        assert given == (insurer, fund), arguments


def test_the_dangers_are_printed_as_they_are_told(tmp_path: Path) -> None:
    file = tmp_path / "my-rule.toml"
    file.write_text(SECTIONS[1][1], "utf-8")
    told = re.search(r"```text\n(Jump.*?)```", DOCUMENT, re.DOTALL)
    assert told is not None
    runner = Flask("bare").test_cli_runner()
    result = runner.invoke(cli, ["simulate", "--rule", str(file), "--premium", "100000000", "--lint"])
    assert result.output.strip() == told[1].strip()


def test_the_refusal_is_printed_as_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "my-rule.toml"
    file.write_text(SECTIONS[1][1].replace("fund_share = 0.70", "fund_share = 0.60"), "utf-8")
    result = Flask("bare").test_cli_runner().invoke(policy, ["check", str(file)])
    told = re.search(r"```text\n(The policy file.*?)```", DOCUMENT, re.DOTALL)
    assert told is not None
    assert result.exit_code == 1
    assert told[1].strip() in result.output.replace(f"{tmp_path}/", "")


def test_every_section_with_a_rule_is_tried() -> None:
    assert [number for number, _, _ in SECTIONS] == ["1", "2", "3", "4", "5", "6"]
    assert DOCUMENT.count("```toml") == len(SECTIONS)
