"""The regulator's list as a file: whole rows are taken, faulty ones are named by row."""

import pytest

from core.errors import FileInvalid
from tender.rules.qualified import Entry, plain, read_entries

HEAD = {"名称": "演示人寿保险股份有限公司", "级别": "总公司", "地区": "", "总公司": ""}
BRANCH = {
    "名称": "演示人寿保险股份有限公司演示省分公司", "级别": "省级分公司", "地区": "演示省",
    "总公司": "演示人寿保险股份有限公司",
}  # fmt: skip


def test_head_offices_and_branches_are_read() -> None:
    entries = read_entries([HEAD, {}, BRANCH], "名单.csv")
    assert entries == (
        Entry("演示人寿保险股份有限公司", False),
        Entry("演示人寿保险股份有限公司演示省分公司", True, "演示省", "演示人寿保险股份有限公司"),
    )


FAULTS = [
    ("no name", [{**HEAD, "名称": ""}], "第2行"),
    ("another level", [HEAD, {**BRANCH, "级别": "支公司"}], "第3行"),
    ("a branch without its head office", [{**BRANCH, "总公司": ""}], "第2行"),
    ("the same name twice", [HEAD, HEAD], "第3行"),
    ("nothing", [], "文件"),
]


@pytest.mark.parametrize("rows, place", [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_a_faulty_row_is_named(rows: list[dict[str, str]], place: str) -> None:
    with pytest.raises(FileInvalid) as refused:
        read_entries(rows, "名单.csv")
    assert refused.value.faults[0][0] == place


def test_names_are_compared_without_spaces_and_with_one_width_of_brackets() -> None:
    assert plain("演示 健康(集团)公司") == plain("演示健康（集团）公司")
