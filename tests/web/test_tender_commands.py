"""`flask tender rank`: a published ranking computed again from its file alone."""

import json
from pathlib import Path

import pytest
from flask import Flask

from tests.rules.test_published_ranking import by_hand, document


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A published ranking whose stated results are right."""
    content = document([(3700, [150] * 21), (3800, [140] * 21), (3900, [130] * 21)])
    lot = content["lots"][0]
    for rank, (number, total) in enumerate(by_hand(lot), 1):
        lot["bids"][number - 1]["result"] = {"rank": rank, "total": f"{total / 100:.2f}"}
    path = tmp_path / "ranking.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def test_a_ranking_that_agrees_is_shown_with_its_sums(app: Flask, file: Path) -> None:
    answer = app.test_cli_runner().invoke(args=["tender", "rank", str(file), "--json"])
    data = json.loads(answer.output)
    assert (answer.exit_code, data["agrees"], data["differences"]) == (0, True, [])
    assert [row["rank"] for row in data["lots"][0]["ranking"]] == [1, 2, 3]
    words = app.test_cli_runner().invoke(args=["tender", "rank", str(file)]).output
    assert "  1    65.00  = 30.0000 + 15.0000 + 20.0000  演示保险公司1" in words


def test_a_ranking_that_was_tampered_with_exits_with_1_and_names_the_bid(app: Flask, file: Path) -> None:
    content = json.loads(file.read_text("utf-8"))
    content["lots"][0]["bids"][2]["result"]["rank"] = 1
    file.write_text(json.dumps(content), "utf-8")
    answer = app.test_cli_runner().invoke(args=["tender", "rank", str(file)])
    assert answer.exit_code == 1
    assert "lot 1, bid 3: rank is stated as 1, computed 3" in answer.output


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json"], ids=["empty", "a list", "an empty object", "words"])
def test_a_file_that_is_no_ranking_is_refused_in_words(app: Flask, tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, "utf-8")
    answer = app.test_cli_runner().invoke(args=["tender", "rank", str(path)])
    assert answer.exit_code == 1
    assert "other.json is no published ranking" in answer.output
