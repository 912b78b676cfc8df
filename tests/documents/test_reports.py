"""The settlement sheet and the two disclosures: what is printed, that it adds up, and that it is a sound PDF/A-3a."""

import io
import re
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import pikepdf
import pytest

from core.clock import beijing
from core.documents import Attachment, RenderedDocument, render
from core.documents.samples import sample
from core.money import rmb_upper, show_yuan
from disclosure.rules.open_tables import as_csv, as_json, final_accounts_tables

REPORTS = ["settlement-sheet", "disclosure-signing", "disclosure-final"]
ISSUED_AT = beijing(2018, 6, 12, 10)


def data_files(context: Mapping[str, Any]) -> tuple[Attachment, ...]:
    tables, document = final_accounts_tables(context), context["document"]
    return (
        Attachment("年度数据.csv", as_csv(tables), "表1至表8全部公开数据"),
        Attachment("年度数据.json", as_json(document["number"], document["version"], tables), "同一数据的JSON格式"),
    )


def issued(name: str, context: Mapping[str, Any], *, demonstration: bool = True) -> RenderedDocument:
    values = {key: value for key, value in context.items() if key != "issued_at"}
    files = data_files(context) if name == "disclosure-final" else ()
    return render(name, values, issued_at=ISSUED_AT, attachments=files, demonstration=demonstration)


@cache
def report(name: str) -> RenderedDocument:
    return issued(name, sample(name))


def pages(document: RenderedDocument) -> list[str]:
    """The text of each page without white space, so that a line break in a cell does not matter."""
    return pages_of(document.pdf)


@cache
def pages_of(pdf: bytes) -> list[str]:
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, check=True, capture_output=True)
    return [re.sub(r"\s", "", page) for page in read.stdout.decode().split("\f")[:-1]]


def text(document: RenderedDocument) -> str:
    return "".join(pages(document))


def amounts_in(value: Any) -> list[Decimal]:
    """Every amount in yuan of a context: the decimals with two places."""
    if isinstance(value, dict):
        return [amount for item in value.values() for amount in amounts_in(item)]
    if isinstance(value, list):
        return [amount for item in value for amount in amounts_in(item)]
    return [value] if isinstance(value, Decimal) and value.as_tuple().exponent == -2 and abs(value) >= 1 else []


@pytest.mark.parametrize(
    ("name", "count"), [("settlement-sheet", 2), ("disclosure-signing", 4), ("disclosure-final", 5)]
)
def test_a_report_keeps_to_its_pages(name: str, count: int) -> None:
    assert len(pages(report(name))) == count


@pytest.mark.parametrize("name", REPORTS)
def test_every_page_of_a_demonstration_says_so_in_head_and_foot(name: str) -> None:
    for page in pages(report(name)):
        assert page.count("演示文件") >= 2
        assert "不具法律效力" in page


@pytest.mark.parametrize("name", REPORTS)
def test_a_real_report_says_nothing_of_a_demonstration(name: str) -> None:
    assert "演示文件" not in text(issued(name, sample(name), demonstration=False))


@pytest.mark.parametrize("name", REPORTS)
def test_every_page_carries_number_version_and_check_code(name: str) -> None:
    document = report(name)
    for page in pages(document):
        assert sample(name)["document"]["number"] in page
        assert document.check_code in page


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_a_tagged_archive_pdf_in_chinese_with_its_fonts(name: str) -> None:
    document = report(name)
    with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "zh-CN"
        assert str(pdf.docinfo["/Title"]) == sample(name)["document"]["title"]
    listed = subprocess.run(["pdffonts", "-"], input=document.pdf, check=True, capture_output=True).stdout.decode()
    fonts = [line.split() for line in listed.splitlines()[2:]]
    assert fonts
    assert all(font[0].split("+")[-1].startswith("Noto-S") for font in fonts), "no silent fallback"
    assert {font[-5] for font in fonts} == {"yes"}, "every font embedded"


@pytest.mark.parametrize("name", REPORTS)
def test_two_renders_are_the_same_bytes(name: str) -> None:
    assert issued(name, sample(name)).sha256 == report(name).sha256


@pytest.mark.parametrize("name", REPORTS)
def test_a_hostile_text_is_printed_and_nothing_else(name: str) -> None:
    context = sample(name)
    context["document"] = context["document"] | {"title": "<script>alert(1)</script>&{{ 7*7 }}"}
    document = issued(name, context)
    assert "<script" not in document.html
    with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
        assert str(pdf.docinfo["/Title"]) == "<script>alert(1)</script>&{{ 7*7 }}"


class TestSettlementSheet:
    def test_every_row_is_printed_with_its_source(self) -> None:
        printed = text(report("settlement-sheet"))
        for group in sample("settlement-sheet")["groups"]:
            for row in group["rows"]:
                assert re.sub(r"\s", "", row["item"]) in printed
                assert row["source"] in printed

    def test_every_amount_is_printed(self) -> None:
        context = sample("settlement-sheet")
        printed = text(report("settlement-sheet"))
        shown = {key: context[key] for key in ("groups", "steps", "readings", "results")}
        assert [amount for amount in amounts_in(shown) if show_yuan(amount) not in printed] == []

    def test_what_moves_is_also_written_in_words(self) -> None:
        printed = text(report("settlement-sheet"))
        for result in sample("settlement-sheet")["results"]:
            assert f"大写：人民币{rmb_upper(result['amount'])}" in printed

    def test_readings_stand_side_by_side_and_the_contracts_own_is_named(self) -> None:
        printed = text(report("settlement-sheet"))
        assert "整额法（本合同）" in printed
        assert "分段法" in printed
        assert "整额保底法" in printed

    def test_rows_1_to_25_are_there(self) -> None:
        context = sample("settlement-sheet")
        words = text(report("settlement-sheet"))
        numbers = {row["no"].split(".")[0].rstrip("abc") for group in context["groups"] for row in group["rows"]}
        numbers |= set(re.findall(r"（行(\d+)）", words))
        assert {str(number) for number in range(1, 26)} <= numbers

    def test_a_negotiated_loss_prints_words_instead_of_an_amount(self) -> None:
        context = sample("settlement-sheet")
        words = "由四部门商承保人提出解决方案，本表不计算份额"
        context["results"] = [{"name": "基金份额（行21）", "amount": None, "words": words}]
        context["readings"] = [row | {"insurer": None, "fund": None, "difference": None} for row in context["readings"]]
        assert words in text(issued("settlement-sheet", context))


class TestFinalAccounts:
    def test_every_amount_of_its_tables_is_printed(self) -> None:
        context = sample("disclosure-final")
        printed = text(report("disclosure-final"))
        shown = {
            key: context[key] for key in ("funding", "benefits", "beneficiaries", "timeliness", "accounts", "monthly")
        }
        assert [amount for amount in amounts_in(shown) if show_yuan(amount) not in printed] == []

    def test_small_cells_are_marked_and_explained(self) -> None:
        printed = text(report("disclosure-final"))
        assert "※※274" in printed
        assert "※＜1044" in printed
        assert "人数不足10人，为保护个人隐私不公开" in printed

    def test_charts_are_figures_with_words(self) -> None:
        alternatives = alternative_texts(report("disclosure-final"))
        assert any("返还基金2.73元" in words for words in alternatives)
        assert any("12月最多，为1,998.02万元" in words for words in alternatives)
        assert any("+3.8959%，处于3%—5%（含）档" in words for words in alternatives)

    def test_its_data_are_attached_once_as_printed(self) -> None:
        document = report("disclosure-final")
        with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
            enclosed = [(file.filename, file.get_file().read_bytes()) for file in pdf.attachments.values()]
        assert enclosed == [(file.name, file.content) for file in data_files(sample("disclosure-final"))]
        assert "年度数据.csv" in text(document)

    def test_a_loss_still_under_negotiation_has_no_shares(self) -> None:
        context = sample("disclosure-final")
        solution = "由政策调整造成，正由主管部门会同有关部门商承办机构提出解决方案，结果另行公开。"
        context["result"] = context["result"] | {
            "word": "亏损",
            "rate": Decimal("-0.062"),
            "band": "亏损5%以上",
            "rows": [],
            "total": None,
            "negotiation": solution,
            "card": {"label": "亏损分担", "amount": None, "words": "另行商定"},
        }
        printed = text(issued("disclosure-final", context))
        assert solution in printed
        assert "亏损率6.2000%" in printed
        assert "表7" not in printed


class TestSigning:
    def test_the_five_subjects_of_the_clause_are_there(self) -> None:
        """57号文七(三): funding standard, benefits, payment process, settlement time; 85号文五: the contract signed."""
        printed = text(report("disclosure-signing"))
        for heading in ("合同签订情况", "筹资标准", "待遇水平", "支付流程", "结算时效承诺", "盈亏分担办法"):
            assert heading in printed

    def test_examples_follow_from_the_printed_benefits_and_are_drawn(self) -> None:
        context = sample("disclosure-signing")
        deductible = context["benefits"]["rows"][0]["values"]
        for row in context["examples"]["rows"]:
            above = row["cost"] - deductible[0 if row["label"] == "一般参保人员" else 1]
            assert row["pays"] + row["left"] == row["cost"]
            assert above * Decimal("0.55") <= row["pays"] <= above * Decimal("0.75")
        assert any(
            "一般，负担5万元的，支付1.38万元" in words for words in alternative_texts(report("disclosure-signing"))
        )

    def test_instalments_add_up_to_the_premium(self) -> None:
        rows = sample("disclosure-signing")["funding"]["rows"]
        assert sum(row["amount"] for row in rows if not row["total"]) == rows[-1]["amount"]


class TestTheSamplesAddUp:
    def test_sheet(self) -> None:
        rows = {row["no"]: row["value"] for group in sample("settlement-sheet")["groups"] for row in group["rows"]}
        assert rows["3"] == rows["1.2"] * rows["2"] == rows["3.1"] + rows["6"]
        assert rows["4"] == rows["4.1"] + rows["4.2"] + rows["4.3"] + rows["4.4"] == rows["3"] - rows["5"]
        for parts in (("7a.1", "7a.2", "7a.3"), ("7b.1", "7b.2"), ("7c.1", "7c.2", "7c.3", "7c.4")):
            assert sum(rows[part] for part in parts) == rows["7"]
        incurred = rows["7"] - rows["8"] + rows["9.2"] - rows["9.1"]
        steps = {step["name"]: step["result"] for step in sample("settlement-sheet")["steps"]}
        assert steps["已发生赔款"] == incurred
        assert steps["盈亏额（行17）"] == rows["3"] - incurred - rows["12"]
        for reading in sample("settlement-sheet")["readings"]:
            assert reading["insurer"] + reading["fund"] == steps["盈亏额（行17）"]

    def test_final_accounts(self) -> None:
        context = sample("disclosure-final")
        for key, amount in (("funding", "amount"), ("timeliness", "amount"), ("beneficiaries", "amount")):
            rows = context[key]["rows"]
            assert sum(row[amount] for row in rows if not row["total"]) == rows[-1][amount]
        months = context["monthly"]
        assert sum(row["amount"] for row in months["rows"]) == months["amount"]
        assert sum(row["cases"] for row in months["rows"]) == months["cases"]
        assert sum(part["amount"] for part in context["split"]) == context["figures"]["premium"]
        assert sum(row["amount"] for row in context["result"]["rows"]) == context["result"]["total"]


def alternative_texts(document: RenderedDocument) -> list[str]:
    """What the figures of the PDF's structure tree say to a reader who does not see them."""
    found = []
    with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
        waiting: list[Any] = [pdf.Root.StructTreeRoot]
        while waiting:
            tag = waiting.pop()
            if isinstance(tag, pikepdf.Array):
                waiting.extend(tag)
            elif isinstance(tag, pikepdf.Dictionary):
                if tag.get("/S") == "/Figure":
                    found.append(str(tag.Alt))
                waiting.extend([tag.K] if "/K" in tag else [])
    return found
