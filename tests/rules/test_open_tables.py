"""The data files of a disclosure: the printed tables, value by value, withheld cells withheld here too."""

import csv
import io
import json
from decimal import Decimal
from fractions import Fraction

import pytest

from core.documents.samples import sample
from disclosure.rules.open_tables import OpenTable, as_csv, as_json, final_accounts_tables, signing_tables


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_final_accounts_are_one_value_a_line() -> None:
    rows = lines(as_csv(final_accounts_tables(sample("disclosure-final"))))
    assert rows[0] == ["表号", "表名", "项目", "栏目", "数值"]
    assert ["表1", "保费筹集情况", "应收保费", "金额（元）", "129080448.00"] in rows
    assert ["表3", "受益人数和赔付金额", "200,000元以上", "贫困人口（人）", "＜10"] in rows
    assert ["表3", "受益人数和赔付金额", "200,000元以上", "一般参保人员（人）", "※"] in rows
    assert ["表7", "盈余分担", "返还基金", "金额（元）", "3520181.42"] in rows
    assert {row[0] for row in rows[1:]} == {f"表{number}" for number in range(1, 9)}


def test_the_signing_disclosure_lists_the_instalments() -> None:
    rows = lines(as_csv(signing_tables(sample("disclosure-signing"))))
    assert ["表2", "合同保费和拨付安排", "第一期", "拨付期限", "2017-03-31"] in rows
    assert ["表2", "合同保费和拨付安排", "合同保费", "金额（元）", "128728320.00"] in rows


def test_json_holds_the_same_tables() -> None:
    read = json.loads(as_json("YSDB-2017-GS-D2-1", 2, final_accounts_tables(sample("disclosure-final"))))
    assert (read["number"], read["version"], len(read["tables"])) == ("YSDB-2017-GS-D2-1", 2, 8)
    assert read["tables"][0]["rows"][2] == ["应收保费", 2_881_260, "44.80", "129080448.00"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("=HYPERLINK(1)", "'=HYPERLINK(1)", id="no formula"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="no macro"),
        pytest.param(Decimal("-5028830.60"), "-5028830.60", id="a loss stays a number"),
        pytest.param(Fraction(1, 3), "0.333333333333", id="an exact rate to twelve digits"),
    ],
)
def test_cells_are_data_for_a_spreadsheet(value: object, text: str) -> None:
    table = OpenTable("表1", "甲", ("项目", "栏目"), (("行", value),))  # type: ignore[arg-type]
    assert lines(as_csv([table]))[1][-1] == text
