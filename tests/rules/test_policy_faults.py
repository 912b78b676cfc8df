"""What a pack or rule file is refused for: file, key and reason, all faults at once."""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from core.errors import FileInvalid
from core.policy import library, load, load_sharing_rule
from core.policy.cli import cli
from core.policy.library import POLICIES, parse

JILIN = POLICIES / "jilin" / "2016.toml"
SHARING_BANDS = "sharing[2016-01-01].bands"

BAND_SURPLUS_3_5 = """lower = 0.03
lower_closed = false
upper = 0.05
upper_closed = true
basis = "whole"
share = 0.30"""


def changed(folder: Path, old: str, new: str) -> Path:
    """The Jilin pack with one passage written otherwise."""
    text = JILIN.read_text(encoding="utf-8")
    assert old in text, old
    path = folder / "jilin.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "old, new, place, reason",
    [
        # unknown keys
        ("winners = 2", "winnners = 2", "tender[2016-01-01].winnners", "unknown key; did you mean “winners”?"),
        ("[[assessment]]", "[[assesment]]", "assesment", "unknown key; did you mean “assessment”?"),
        # numbers
        ("share = 0.30", "share = 30", f"{SHARING_BANDS}[surplus_3_5].share", "write 0.3 for 30 %"),
        ("share = 0.30", 'share = "0.30"', f"{SHARING_BANDS}[surplus_3_5].share", "must be a number"),
        ("start = 0.50", "start = 50", "benefits[2016-01-01].ratios.start", "50 is not a rate between 0 and 1"),
        ("start = 0.55", "start = 0.85", "benefits[2017-01-01].ratios", "0.85 is above the highest ratio 0.80"),
        ("deductible_cut = 0.40", "deductible_cut = -0.4", "benefits[2016-01-01].tilts[1].deductible_cut", "between"),
        ("winners = 2", "winners = 2.0", "tender[2016-01-01].winners", "must be a whole number"),
        ("winners = 2", "winners = 0", "tender[2016-01-01].winners", "0 is not a count"),
        ("at_once = true", "at_once = 1", "tender[2016-01-01].termination.at_once", "must be true or false"),
        # sources
        ('source = { article = "一(二)"', '# { article = "一(二)"', "pack.source", "no source: give the article"),
        ('row = "J16" }\n', 'row = "J16", page = 3 }\n', "accounts[2016-01-01].source.page", "unknown key"),
        (
            'article = "六(一)", quote = "要加',
            'article = "", quote = "要加',
            "accounts[2016-01-01].source.article",
            "empty",
        ),
        # dates
        ("from = 2019-01-01", "from = 2016-01-01", "levies[2016-01-01]", "duplicate date"),
        ("from = 2019-01-01", 'from = "2019-01-01"', "levies[2019-01-01].from", "missing: the first day"),
        ("from = 2019-01-01", "from = 2015-01-01", "levies[2015-01-01]", "begins before the pack is in force"),
        (
            "[[levies]]\nfrom = 2016-01-01",
            "[[levies]]\nfrom = 2016-01-01\nuntil = 2018-11-30",
            "levies[2019-01-01]",
            "gap",
        ),
        (
            "[[levies]]\nfrom = 2016-01-01",
            "[[levies]]\nfrom = 2016-01-01\nuntil = 2019-01-01",
            "levies[2019-01-01]",
            "overlap",
        ),
        ("in_force_from = 2016-01-01", "in_force_from = 2016-01-01T00:00:00", "pack.in_force_from", "must be a date"),
        # bands
        (
            BAND_SURPLUS_3_5,
            BAND_SURPLUS_3_5.replace("upper = 0.05", "upper = 0.04"),
            f"{SHARING_BANDS} (surplus, operating)",
            "gap between bands: nothing from 0.04 to 0.05 (between surplus_3_5 and surplus_over_5)",
        ),
        (
            BAND_SURPLUS_3_5,
            BAND_SURPLUS_3_5.replace("upper = 0.05", "upper = 0.06"),
            f"{SHARING_BANDS} (surplus, policy)",
            "bands overlap: surplus_3_5 and surplus_over_5 both cover rates above 0.05",
        ),
        (
            BAND_SURPLUS_3_5,
            BAND_SURPLUS_3_5.replace("lower_closed = false", "lower_closed = true"),
            f"{SHARING_BANDS} (surplus, operating)",
            "both include 0.03",
        ),
        (
            BAND_SURPLUS_3_5,
            BAND_SURPLUS_3_5.replace("upper_closed = true", "upper_closed = false"),
            f"{SHARING_BANDS} (surplus, operating)",
            "neither surplus_3_5 and surplus_over_5 includes 0.05",
        ),
        (
            BAND_SURPLUS_3_5,
            BAND_SURPLUS_3_5.replace("upper = 0.05", "upper = 0.02"),
            f"{SHARING_BANDS}[surplus_3_5]",
            "the edges do not increase: 0.03 to 0.02",
        ),
        ("share = 0.30\n", "", f"{SHARING_BANDS}[surplus_3_5].share", "missing: basis “whole” needs"),
        ('basis = "negotiated"', 'basis = "agreed"', f"{SHARING_BANDS}[policy_loss_from_5].basis", "is not one of"),
        ("provisional = true\nhouse", "provisional = true\n# house", f"{SHARING_BANDS}[loss_over_5].house", "why"),
        # readings
        (
            "default = true",
            "default = false",
            "sharing[2016-01-01].readings",
            "exactly one reading must be the default",
        ),
        (
            '{ band = "surplus_3_5", basis = "slice" }',
            '{ band = "surplus_4_5", basis = "slice" }',
            "sharing[2016-01-01].readings[slice].treatments[surplus_4_5]",
            "there is no such band",
        ),
        # lists
        (
            '{ key = "exclusions", title = "除外责任" }',
            '{ key = "deductible", title = "除外责任" }',
            "tender[2016-01-01].document.fields[deductible]",
            "the key appears twice",
        ),
        (
            'key = "audit"\ntitle = "定期',
            'key = "identity_data"\ntitle = "定期',
            "duties[identity_data]",
            "the key appears",
        ),
        # no table, no TOML
        ("[[disclosure]]", "[disclosure]", "disclosure", "must be written as [[disclosure]]"),
        ("winners = 2", "winners = ", "jilin.toml", "is not TOML"),
    ],
)
def test_a_bad_pack_is_refused_with_key_and_reason(tmp_path: Path, old: str, new: str, place: str, reason: str) -> None:
    with pytest.raises(FileInvalid) as refused:
        load(changed(tmp_path, old, new))
    assert any(where == place and reason in why for where, why in refused.value.faults), refused.value.faults
    assert "jilin.toml" in refused.value.in_english()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, "winners = 2", "winners = 0")
    path.write_text(path.read_text(encoding="utf-8").replace("share = 0.30", "share = 30"), encoding="utf-8")
    with pytest.raises(FileInvalid) as refused:
        load(path)
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize(
    "old, new",
    [
        ("winners = 2", "# 两家\nwinners   =   2  # J9"),
        (
            'key = "audit"\ntitle = "定期对大病保险资金使用进行审计"',
            'title = "定期对大病保险资金使用进行审计"\nkey = "audit"',
        ),
        ("share = 0.30", "share = 0.3"),
    ],
    ids=["comment and spaces", "order of keys", "trailing zero"],
)
def test_the_hash_is_unmoved_by_how_the_file_is_written(tmp_path: Path, old: str, new: str) -> None:
    assert load(changed(tmp_path, old, new)).hash == load(JILIN).hash


@pytest.mark.parametrize(
    "old, new", [("share = 0.30", "share = 0.31"), ("至２０１８年", "至２０１９年"), ("winners = 2", "winners = 3")]
)
def test_the_hash_moves_with_what_the_file_says(tmp_path: Path, old: str, new: str) -> None:
    assert load(changed(tmp_path, old, new)).hash != load(JILIN).hash


RULE = """
document = "示例市大病保险承办合同范本（演示）"

[sharing]
metric = "profit_on_cost"
income = ["premium", "interest"]
cost = ["claims", "expense"]
expense = "fixed"
expense_cap_rate = 0.02
period = "term"
scope = "scheme"
source = { article = "第八条", quote = "协议期内利润不超过成本的4%，超出部分返还基金；亏损由承办机构承担。" }

[[sharing.bands]]
key = "kept"
side = "surplus"
lower = 0
lower_closed = true
upper = 0.04
upper_closed = true
basis = "whole"
share = 1
source = { article = "第八条", quote = "协议期内利润不超过成本的4%" }

[[sharing.bands]]
key = "returned"
side = "surplus"
lower = 0.04
lower_closed = false
upper_closed = false
basis = "slice"
share = 0
source = { article = "第八条", quote = "超出部分返还基金" }

[[sharing.bands]]
key = "borne"
side = "loss"
lower = 0
lower_closed = false
upper_closed = false
basis = "whole"
share = 1
source = { article = "第八条", quote = "亏损由承办机构承担。" }

[[sharing.readings]]
name = "text"
title = "原文口径"
explanation = "按合同原文"
default = true
"""


def rule_file(folder: Path, text: str = RULE) -> Path:
    path = folder / "rule.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sharing_rule_outside_the_project_is_data_too(tmp_path: Path) -> None:
    rule = load_sharing_rule(rule_file(tmp_path))
    assert (rule.metric, rule.period, rule.scope) == ("profit_on_cost", "term", "scheme")
    assert rule.clause.document == "示例市大病保险承办合同范本（演示）"


def test_the_newest_rule_of_a_pack_can_be_taken_as_a_rule_file() -> None:
    assert load_sharing_rule(JILIN).default_reading.name == "whole"


@pytest.mark.parametrize(
    "old, new, place, reason",
    [
        ('document = "示例市大病保险承办合同范本（演示）"\n', "", "document", "missing"),
        ("expense_cap_rate = 0.02\n", "", "sharing.expense_cap_rate", "missing: a fixed expense"),
        ('expense = "fixed"', 'expense = "actual"', "sharing.expense_cap_rate", "contradicts"),
        ("upper = 0.04", "upper = 4", "sharing.bands[kept].upper", "write 0.04 for 4 %"),
        ("lower = 0.04", "lower = 0.05", "sharing.bands (surplus, operating)", "gap between bands"),
        ('period = "term"', 'period = "year"\ncarry_over = true', "sharing.carry", "missing: which balances"),
        ('period = "term"', 'period = "term"\ncarry_over = true', "sharing.carry_over", "the whole term counts as one"),
    ],
)
def test_a_bad_rule_file_is_refused_with_key_and_reason(
    tmp_path: Path, old: str, new: str, place: str, reason: str
) -> None:
    with pytest.raises(FileInvalid) as refused:
        load_sharing_rule(rule_file(tmp_path, RULE.replace(old, new, 1)))
    assert any(where == place and reason in why for where, why in refused.value.faults), refused.value.faults


def test_flask_policy_check_says_what_is_wrong_and_exits_with_1(tmp_path: Path) -> None:
    runner = CliRunner()
    good = runner.invoke(cli, ["check", str(JILIN)])
    assert (good.exit_code, "jilin-2016 is in order" in good.output) == (0, True)
    assert runner.invoke(cli, ["check", str(rule_file(tmp_path))]).exit_code == 0
    bad = runner.invoke(cli, ["check", str(changed(tmp_path, "share = 0.30", "share = 30"))])
    assert bad.exit_code == 1
    for word in ("jilin.toml", "bands[surplus_3_5].share", "30 is not a rate between 0 and 1"):
        assert word in bad.output
    missing = runner.invoke(cli, ["check", str(tmp_path / "nowhere.toml")])
    assert (missing.exit_code, "No such file" in missing.output) == (1, True)
    empty = runner.invoke(cli, ["check", str(rule_file(tmp_path, ""))])
    assert (empty.exit_code, "pack.name: missing" in empty.output) == (1, True)


def leaves(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The path of every key and entry of parsed TOML."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield (*path, key)
        yield from leaves(entry, (*path, key))


@pytest.mark.parametrize("junk", [[], {}, -1, Decimal("NaN"), [{"key": []}], True], ids=str)
def test_whatever_stands_in_a_pack_it_is_refused_or_read_but_never_breaks(
    junk: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = parse(POLICIES / "yunnan" / "2022.toml")
    for path in leaves(good):
        bad = deepcopy(good)
        table: Any = bad
        for key in path[:-1]:
            table = table[key]
        table[path[-1]] = junk
        monkeypatch.setattr(library, "parse", lambda _, bad=bad: bad)
        with suppress(FileInvalid):
            load("yunnan.toml")
